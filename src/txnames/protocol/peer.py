"""What is known of the servers that were asked."""

from __future__ import annotations

import ipaddress
import socket
from collections import OrderedDict
from struct import Struct
from typing import Any, Final

from twisted.internet.error import InvalidAddressError

from txnames.wire.numbers import OPT
from txnames.wire.options import COOKIE, KEEPALIVE

__all__ = ["Peer", "PeerTable"]

_INITIAL: Final = 0.4
_SHORTEST: Final = 0.05
_LONGEST: Final = 10.0
_GRANULARITY: Final = 0.01

_MEMORY: Final = 900.0
_DEAF: Final = 3

_packOpt = Struct(">xHHBBHH").pack
_packOption = Struct(">HH").pack
_DO: Final = 0x8000
_OPT_SIZE: Final = 11
_EXTENDED: Final = 5
"""Where in an OPT record the upper bits of the response code are."""

_COOKIE_SIZE: Final = 8


class Peer:
    """A server, and what is known of it.

    Times are of the reactor's clock.  What a server cannot do is remembered for a quarter of an hour, as servers are
    replaced.

    @ivar server: its host and port as they were given.
    @ivar family: C{socket.AF_INET} or C{socket.AF_INET6}.
    @ivar address: host and port as replies bear them: spelled as sockets spell them, and without a scope.
    @ivar target: host and port as sockets want them: with flow and scope where there is a scope.
    @ivar scoped: whether there is one.
    @ivar srtt: the smoothed round trip time in seconds, C{None} before the first answer.
    @ivar rttvar: how far round trip times stray from it.
    @ivar rto: after how many seconds without an answer it makes sense to ask again (RFC 6298), from 0.05 to 10; 0.4
        where nothing is known.
    @ivar failures: how often in a row there was no answer.
    @ivar until: the time until which the server is taken for dead; for those who choose servers to set and to heed.
    @ivar cookie: our cookie for this server (RFC 7873 section 4.1), empty where cookies are off.
    @ivar serverCookie: the server's cookie, empty if none is known.
    @ivar speaksEdns: whether it answered questions with EDNS.
    @ivar silent: whether it did not answer a question with EDNS, and never did before.
    @ivar plainUntil: the time until which it is asked without EDNS.
    @ivar caselessUntil: the time until which names are sent to it as they are, since it doesn't send their case back.
    @ivar tail: the octets that its replies had at a place counted from the end, where its OPT record is: all of the
        record, or the part up to and including our cookie.  Empty if not known.
    @ivar tailSize: how many octets from the end that is.
    """

    __slots__ = (
        "_opts",
        "address",
        "caselessUntil",
        "cookie",
        "failures",
        "family",
        "plainUntil",
        "rto",
        "rttvar",
        "scoped",
        "server",
        "serverCookie",
        "silent",
        "speaksEdns",
        "srtt",
        "tail",
        "tailSize",
        "target",
        "until",
    )

    def __init__(self, server: tuple[str, int], cookie: bytes = b"") -> None:
        """Take note of a server that was never asked.

        @raise InvalidAddressError: it is not given by its address.
        """
        host, port = self.server = server
        try:
            ip = ipaddress.ip_address(host)
        except ValueError:
            raise InvalidAddressError(host, "a server is asked at its IP address") from None
        host, _, scope = str(ip).partition("%")
        self.family = socket.AF_INET if ip.version == 4 else socket.AF_INET6
        self.scoped = bool(scope)
        self.address = host, port
        self.target: tuple[Any, ...] = (host, port, 0, _scopeNumber(scope)) if scope else (host, port)
        self.srtt: float | None = None
        self.rttvar = 0.0
        self.rto = _INITIAL
        self.failures = 0
        self.until = 0.0
        self.cookie = cookie
        self.serverCookie = b""
        self.speaksEdns = False
        self.silent = False
        self.plainUntil = 0.0
        self.caselessUntil = 0.0
        self.tail = b""
        self.tailSize = 0
        self._opts: dict[tuple[int, bool, bool], bytes] = {}

    # --- how long it takes ---

    def answered(self, elapsed: float) -> None:
        """Take note of an answer that came after so many seconds (RFC 6298 section 2)."""
        self.failures = 0
        srtt = self.srtt
        if srtt is None:
            self.srtt = srtt = elapsed
            self.rttvar = variance = elapsed / 2
        else:
            delta = elapsed - srtt
            self.srtt = srtt = srtt + delta / 8
            self.rttvar = variance = self.rttvar + ((delta if delta > 0 else -delta) - self.rttvar) / 4
        rto = srtt + (4 * variance if variance > _GRANULARITY / 4 else _GRANULARITY)
        self.rto = _SHORTEST if rto < _SHORTEST else rto if rto < _LONGEST else _LONGEST

    def unanswered(self, edns: bool) -> None:
        """Take note that no answer came in time: the next time it gets longer (RFC 6298 section 5.5).

        A server that never answered EDNS may be one that cannot, so it is asked without; if that doesn't help either,
        it is asked with EDNS again.

        @param edns: whether the question had EDNS.
        """
        self.failures += 1
        self.rto = min(self.rto * 2, _LONGEST)
        if self.failures >= _DEAF:
            # Perhaps it is another server by now.
            self.speaksEdns = False
        self.silent = edns and not self.speaksEdns

    def unreachable(self) -> None:
        """Take note that the network says that there is no such server."""
        self.failures += 1

    # --- what it can ---

    def plain(self, now: float) -> None:
        """Take note that it answers without EDNS what it didn't answer with EDNS."""
        self.plainUntil = now + _MEMORY
        self.speaksEdns = self.silent = False

    def caseless(self, now: float) -> None:
        """Take note that it doesn't send the case of letters back."""
        self.caselessUntil = now + _MEMORY

    def learn(self, serverCookie: bytes, opt: bytes) -> None:
        """Take note of the cookie that the server sent, empty for none, and of the OPT record of its reply.

        @param opt: the octets with which the reply ended, empty if the record was not the last.
        """
        self.speaksEdns = True
        self.silent = False
        if serverCookie != self.serverCookie:
            self.serverCookie = serverCookie
            self._opts.clear()
        if opt[_EXTENDED : _EXTENDED + 1] != b"\0":
            # What is to be known again are good replies.
            self.tail = b""
        elif not serverCookie:
            # Only a record without options is the same each time.
            self.tail = opt if len(opt) == _OPT_SIZE else b""
            self.tailSize = _OPT_SIZE
        else:
            # The server's cookie changes, what stands before it doesn't; other options may.
            head = _OPT_SIZE + 4 + _COOKIE_SIZE
            alone = len(opt) == head + len(serverCookie) and opt[head - _COOKIE_SIZE : head] == self.cookie
            self.tail = opt[:head] if alone else b""
            self.tailSize = len(opt)

    def renew(self, serverCookie: bytes) -> None:
        """Take note of another cookie of the server, of the same size as the one before."""
        self.serverCookie = serverCookie
        self._opts.clear()

    def forgetCookie(self) -> None:
        """Take no note of the server's cookie any more: it may be a server without, and be asked over UDP only."""
        if self.serverCookie:
            self.renew(b"")
            self.tail = b""

    def opt(self, size: int, dnssecOK: bool, stream: bool) -> bytes:
        """The OPT record for a question to this server, in wire form.

        @param size: the octets that we take in one datagram.
        @param dnssecOK: DO.
        @param stream: whether the question goes over TCP; the server is asked then how long it keeps the connection.
        """
        key = size, dnssecOK, stream
        opt = self._opts.get(key)
        if opt is None:
            options = _packOption(KEEPALIVE, 0) if stream else b""
            if self.cookie:
                cookies = self.cookie + self.serverCookie
                options += _packOption(COOKIE, len(cookies)) + cookies
            opt = _packOpt(OPT, size, 0, 0, _DO if dnssecOK else 0, len(options)) + options
            self._opts[key] = opt
        return opt

    def __repr__(self) -> str:
        return f"<Peer {self.server[0]} port {self.server[1]} srtt={self.srtt} rto={self.rto} failures={self.failures}>"


class PeerTable:
    """The peers; the one that was asked longest ago is forgotten where they are too many."""

    __slots__ = ("_maximum", "_peers")

    def __init__(self, maximum: int) -> None:
        self._maximum = maximum
        self._peers: OrderedDict[tuple[str, int], Peer] = OrderedDict()

    def __len__(self) -> int:
        """How many there are."""
        return len(self._peers)

    def get(self, server: tuple[str, int]) -> Peer | None:
        """Find a peer."""
        peer = self._peers.get(server)
        if peer is not None:
            self._peers.move_to_end(server)
        return peer

    def add(self, peer: Peer) -> None:
        """Take a peer in."""
        if len(self._peers) >= self._maximum:
            self._peers.popitem(last=False)
        self._peers[peer.server] = peer


def _scopeNumber(scope: str) -> int:
    """The number of a scope given by its number or by the name of an interface; 0 if there is none of this name."""
    if scope.isdecimal():
        return int(scope)
    try:
        return socket.if_nametoindex(scope)
    except OSError:
        return 0
