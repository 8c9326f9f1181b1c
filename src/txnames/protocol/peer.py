"""What is known of the servers that were asked."""

from __future__ import annotations

import ipaddress
import socket
from collections import OrderedDict
from struct import Struct
from typing import Any, Final

from txnames.wire.options import COOKIE

__all__ = ["Peer", "PeerTable"]

_INITIAL: Final = 0.4
"""Seconds that a server of which nothing is known gets for an answer before it is asked again."""

_SHORTEST: Final = 0.05
_LONGEST: Final = 10.0
_GRANULARITY: Final = 0.01

_MEMORY: Final = 900.0
"""Seconds for which it is remembered what a server cannot do."""

_opt = Struct(">xHHBBHH").pack
_option = Struct(">HH").pack
_OPT: Final = 41
_DO: Final = 0x8000


class Peer:
    """A server, and what is known of it; times are of the reactor's clock.

    @ivar server: its host and port as they were given.
    @ivar host: its IP address, spelled as sockets spell it, without a scope.
    @ivar address: host and port as replies bear them.
    @ivar target: host and port as sockets want them; with flow and scope where there is a scope.
    @ivar family: C{socket.AF_INET} or C{socket.AF_INET6}.
    @ivar srtt: the smoothed round trip time in seconds, C{None} before the first answer.
    @ivar rttvar: how far round trip times stray from it.
    @ivar rto: after how many seconds without an answer it makes sense to ask again (RFC 6298).
    @ivar failures: how often in a row it did not answer.
    @ivar until: the time until which it is taken for dead; it is for the one who chooses servers to set and to heed.
    @ivar cookie: our cookie for this server (RFC 7873 section 4.1), empty where cookies are off.
    @ivar serverCookie: the server's own cookie, empty if none is known.
    @ivar speaksEdns: whether it ever sent an OPT record, or took one without complaint.
    @ivar plainUntil: the time until which it is asked without EDNS.
    @ivar silent: whether it did not answer the last time, which was with EDNS, and never answered EDNS before.
    @ivar caselessUntil: the time until which names are sent to it in small letters, as it doesn't send the case back.
    """

    __slots__ = (
        "address",
        "caselessUntil",
        "cookie",
        "failures",
        "family",
        "host",
        "plainUntil",
        "rto",
        "rttvar",
        "server",
        "serverCookie",
        "silent",
        "speaksEdns",
        "srtt",
        "target",
        "until",
    )

    def __init__(self, server: tuple[str, int], cookie: bytes = b"") -> None:
        self.server = server
        host, port = server
        self.family = socket.AF_INET
        self.target: tuple[Any, ...] = server
        try:
            ip = ipaddress.ip_address(host)
        except ValueError:
            self.host = host
        else:
            self.host = str(ip)
            if ip.version == 6:
                self.family = socket.AF_INET6
                self.host, _, scope = self.host.partition("%")
                self.target = (self.host, port, 0, _scopeNumber(scope)) if scope else (self.host, port)
        self.address = (self.host, port)
        self.srtt: float | None = None
        self.rttvar = 0.0
        self.rto = _INITIAL
        self.failures = 0
        self.until = 0.0
        self.cookie = cookie
        self.serverCookie = b""
        self.speaksEdns = False
        self.plainUntil = 0.0
        self.silent = False
        self.caselessUntil = 0.0

    def answered(self, elapsed: float) -> None:
        """Take note of an answer that came after so many seconds."""
        self.failures = 0
        srtt = self.srtt
        if srtt is None:
            self.srtt = srtt = elapsed
            self.rttvar = elapsed / 2
        else:
            delta = elapsed - srtt
            self.srtt = srtt = srtt + delta / 8
            self.rttvar += ((delta if delta > 0 else -delta) - self.rttvar) / 4
        rto = srtt + (4 * self.rttvar or _GRANULARITY)
        self.rto = _SHORTEST if rto < _SHORTEST else min(rto, _LONGEST)

    def timedOut(self) -> None:
        """Take note that no answer came in time: the next time it gets longer (RFC 6298 section 5.5)."""
        self.failures += 1
        self.rto = min(self.rto * 2, _LONGEST)

    def plain(self, now: float) -> None:
        """Take note that this server is better asked without EDNS."""
        self.plainUntil = now + _MEMORY
        self.speaksEdns = False
        self.silent = False

    def caseless(self, now: float) -> None:
        """Take note that this server doesn't send the case of letters back."""
        self.caselessUntil = now + _MEMORY

    def opt(self, size: int, dnssecOK: bool, stream: bool) -> bytes:
        """The OPT record for a question to this server, in wire form.

        @param size: the octets that we take in one datagram.
        """
        options = b""
        if self.cookie:
            options = _option(COOKIE, 8 + len(self.serverCookie)) + self.cookie + self.serverCookie
        return _opt(_OPT, size, 0, 0, _DO if dnssecOK else 0, len(options)) + options


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
    try:
        return int(scope)
    except ValueError:
        pass
    try:
        return socket.if_nametoindex(scope)
    except OSError:
        return 0
