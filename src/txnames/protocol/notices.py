"""NOTIFY messages on their way: a few at a time, and again and again until there is a reply (RFC 1996).

Each server that is told of a version of a zone gets a notice: one message, which is the same each time that it is
sent, ID and signature included, so that a late reply counts too.

Notices wait in lanes, one for each server; the lanes take turns, and no lane has more than its share of the notices
that are under way.  So a server that is gone, and has notices of a thousand zones, does not keep others from theirs.
"""

from __future__ import annotations

import ipaddress
import sys
from collections import OrderedDict
from collections.abc import Callable
from random import Random
from typing import Any, Final, TypeAlias

import attrs
from twisted.internet import defer
from twisted.internet.error import CannotListenError
from twisted.python import log

from txnames import tsig
from txnames.error import DNSDecodeError
from txnames.protocol.deadlines import Deadline, Deadlines
from txnames.protocol.peer import Peer
from txnames.protocol.randomness import RandomOctets
from txnames.protocol.request import UDP_SIZE
from txnames.protocol.sockets import SocketPool
from txnames.wire.name import textFromWire
from txnames.wire.numbers import OK, PORT, SOA, rcodeName
from txnames.zone.tree import Zone

__all__ = ["Notice", "Outbox", "Place", "Target", "Version", "ZoneKey"]

_WAITS: Final = (2.0, 4.0, 8.0, 16.0, 32.0, 8.0)
"""The seconds from each time that a message is sent to the next; after the last it is given up."""

_FLAGS: Final = b"\x24\0"
"""Opcode 4 and AA (RFC 1996 section 3.7)."""

_REPLY: Final = 0xA0
"""QR and opcode 4, in the third octet."""

_HEADER: Final = 12
_ONE: Final = b"\0\1"
_NONE: Final = b"\0\0"

_LARGEST: Final = 512
"""The octets of a message that any server takes by UDP (RFC 1035 section 4.2.1)."""

Place: TypeAlias = tuple[str, int]
"""An IP address and a port."""

ZoneKey: TypeAlias = tuple[bytes, int]
"""A zone's apex, folded and in wire form, and its class."""


def _literal(address: str) -> str:
    """An IP address in its usual spelling.

    @raise ValueError: it is none.
    """
    return str(ipaddress.ip_address(address))


@attrs.frozen
class Target:
    """A server that is told of new versions.

    @ivar address: its IP address; with a scope where it needs one.
    @ivar port: the UDP port on which it listens.
    @ivar key: the key that messages to it are signed by; C{None} for unsigned ones.
    """

    address: str = attrs.field(converter=_literal)
    port: int = attrs.field(default=PORT, validator=[attrs.validators.ge(1), attrs.validators.le(0xFFFF)])
    key: tsig.Key | None = None

    @property
    def place(self) -> Place:
        """Address and port."""
        return self.address, self.port

    def __str__(self) -> str:
        return f"{self.address} port {self.port}"


class Version:
    """A version of a zone, and the messages that tell of it.

    @ivar key: the zone.
    @ivar question: the question of the messages, in wire form.
    """

    __slots__ = ("_answer", "_origin", "_serial", "key", "question")

    def __init__(self, zone: Zone) -> None:
        """Take what is to be told.

        @raise LookupError: the zone has no SOA record.
        """
        self.key: ZoneKey = zone.apex, zone.cls
        self.question = zone.origin.wire + SOA.to_bytes(2, "big") + zone.cls.to_bytes(2, "big")
        # Its owner is a pointer to the question already.
        self._answer = zone.soa
        self._origin = zone.origin.wire
        self._serial = zone.serial

    def message(self, ident: bytes, key: tsig.Key | None, now: float) -> tuple[bytes, bytes]:
        """The message, and the MAC of its signature, which is empty without a key.

        The new SOA record is a hint (RFC 1996 section 3.7): where it makes the message too long, it is left out.

        @param now: the time, in seconds since 1970.
        """
        octets = mac = b""
        for count, answer in ((_ONE, self._answer), (_NONE, b"")):
            octets = b"".join((ident, _FLAGS, _ONE, count, _NONE, _NONE, self.question, answer))
            if key is not None:
                octets, mac = tsig.sign(octets, key, now)
            if len(octets) <= _LARGEST:
                break
        return octets, mac

    def isReply(self, octets: bytes) -> bool:
        """Whether octets are a reply to such a message; who sent them, and their ID, is known to be right."""
        end = _HEADER + len(self.question)
        return (
            len(octets) >= end
            and octets[2] & 0xF8 == _REPLY
            and octets[4:6] == _ONE
            and octets[_HEADER : end - 4].lower() == self.key[0]
            and octets[end - 4 : end] == self.question[-4:]
        )

    def __str__(self) -> str:
        """The zone and the serial number."""
        return f"{textFromWire(self._origin)} {self._serial}"


class Notice:
    """What one server is told of one version of a zone.

    To a socket it is a question that waits for its reply, see L{txnames.protocol.pending.Pending}.

    @ivar version: the version.
    @ivar target: the server.
    @ivar via: the name, folded and in wire form, whose address it has; empty for a server that was configured.
    @ivar lane: where it waits for its turn.
    @ivar peer: the server, for the socket.
    @ivar address: where replies come from, for the socket.
    @ivar ident: the ID of the message.
    @ivar place: the socket, once it is sent.
    @ivar octets: the message.
    @ivar mac: the MAC of its signature.
    @ivar sends: how often it was sent.
    @ivar complaint: what went wrong last; for the log.
    @ivar deadline: when it is sent again, or given up; C{None} where it is not under way.
    """

    __slots__ = (
        "_outbox",
        "address",
        "complaint",
        "deadline",
        "ident",
        "lane",
        "mac",
        "octets",
        "peer",
        "place",
        "sends",
        "target",
        "version",
        "via",
    )

    def __init__(self, outbox: Outbox, lane: _Lane, version: Version, target: Target, via: bytes) -> None:
        self._outbox = outbox
        self.lane = lane
        self.version = version
        self.target = target
        self.via = via
        self.peer = lane.peer
        self.address = lane.peer.address
        self.ident = self.octets = self.mac = b""
        self.place: Any = None
        self.sends = 0
        self.complaint = ""
        self.deadline: Deadline | None = None

    def expired(self) -> None:
        """Take note that there was no reply in time."""
        self._outbox.unanswered(self)


class _Lane:
    """The notices for one server.

    @ivar place: its address and port.
    @ivar peer: the server.
    @ivar waiting: those that have not had their turn, by their zones.
    @ivar flying: how many are under way.
    """

    __slots__ = ("flying", "peer", "place", "waiting")

    def __init__(self, place: Place) -> None:
        self.place = place
        self.peer = Peer(place)
        self.waiting: OrderedDict[ZoneKey, Notice] = OrderedDict()
        self.flying = 0


class Outbox:
    """Sends notices.

    @ivar maximum: how many may be under way; more wait for their turn.
    @ivar ended: called with each notice that has ended, after a reply or without.
    """

    def __init__(self, reactor: Any, random: Random | None, maximum: int, ended: Callable[[Notice], None]) -> None:
        """Make one that has nothing to send yet.

        @param random: where ports and IDs come from; C{None} for the system.
        """
        self.maximum = maximum
        self.ended = ended
        self._reactor = reactor
        self._random = RandomOctets(random)
        self._deadlines = Deadlines(reactor)
        # One socket for each family of addresses, until nothing is left to send.
        self._sockets: Any = SocketPool(
            reactor,
            self._random,
            self._received,
            self._refused,
            maximum=2,
            uses=sys.maxsize,
            age=float("inf"),
            size=UDP_SIZE,
        )
        self._lanes: dict[Place, _Lane] = {}
        self._ready: OrderedDict[Place, _Lane] = OrderedDict()
        self._flying = 0

    def put(self, version: Version, target: Target, via: bytes) -> Notice:
        """Take in a notice; L{proceed} sends it.

        It has the turn of one for the same server that tells of the same zone, if that waits still.
        """
        lane = self._lanes.get(target.place)
        if lane is None:
            lane = self._lanes[target.place] = _Lane(target.place)
        notice = lane.waiting[version.key] = Notice(self, lane, version, target, via)
        self._ready.setdefault(target.place, lane)
        return notice

    def withdraw(self, notice: Notice, replaced: bool) -> None:
        """Have a notice end that has not ended, and tell nobody.

        @param replaced: whether another one will be put in its place; a turn that it waits for is kept then.
        """
        if notice.deadline is not None:
            self._land(notice)
        elif not replaced:
            del notice.lane.waiting[notice.version.key]
            self._leave(notice.lane)

    def proceed(self) -> None:
        """Send the notices whose turn it is; where nothing is left to send, close the sockets."""
        while self._flying < self.maximum and (lane := self._next()) is not None:
            _, notice = lane.waiting.popitem(last=False)
            if lane.waiting:
                self._ready.move_to_end(lane.place)
            else:
                del self._ready[lane.place]
            lane.flying += 1
            self._flying += 1
            self._send(notice)
        if not self._lanes and len(self._sockets):
            self._sockets.close()

    def close(self) -> defer.Deferred[None]:
        """Forget all notices.

        @return: a Deferred that fires when all sockets are closed.
        """
        self._deadlines.clear()
        self._lanes.clear()
        self._ready.clear()
        self._flying = 0
        closed: defer.Deferred[None] = self._sockets.close()
        return closed

    # --- whose turn it is ---

    def _next(self) -> _Lane | None:
        """The lane whose turn it is."""
        # One server alone doesn't have all either, for the sake of those that are yet to come.
        share = max(1, self.maximum // max(2, len(self._lanes)))
        # Lanes that have their share are few, as each has some notices under way.
        return next((lane for lane in self._ready.values() if lane.flying < share), None)

    def _land(self, notice: Notice) -> None:
        """Free what a notice took that is under way."""
        if notice.place is not None:
            notice.place.forget(notice)
            notice.place = None
        if notice.deadline is not None:
            self._deadlines.remove(notice.deadline)
            notice.deadline = None
        notice.lane.flying -= 1
        self._flying -= 1
        self._leave(notice.lane)

    def _leave(self, lane: _Lane) -> None:
        """Forget a lane in which there is nothing."""
        if not lane.waiting:
            self._ready.pop(lane.place, None)
            if not lane.flying:
                del self._lanes[lane.place]

    # --- to and fro ---

    def _send(self, notice: Notice) -> None:
        """Send a notice, once more or for the first time."""
        now = self._reactor.seconds()
        notice.deadline = self._deadlines.add(now + _WAITS[notice.sends], notice)
        notice.sends += 1
        try:
            socket = self._sockets.choose(notice.peer, 0, now)
            if socket is not notice.place:
                # For the first time; or its socket was lost.
                notice.place = socket
                notice.ident = self._random.take(2)
                while notice.ident in socket.waiting:
                    notice.ident = self._random.take(2)
                notice.octets, notice.mac = notice.version.message(notice.ident, notice.target.key, now)
            socket.send(notice, notice.octets)
        except (OSError, CannotListenError) as error:
            # That may pass, as it may that a server is not there just now.
            notice.complaint = (error.strerror if isinstance(error, OSError) else None) or str(error)

    def _refused(self, notice: Any, reason: str) -> None:
        """Let be what the network says: a socket for many servers does not know of which it speaks, and it may pass."""

    def _received(self, notice: Any, octets: bytes) -> None:
        """Take a datagram from who was told, with the ID of the notice."""
        if not notice.version.isReply(octets):
            return
        rcode = octets[3] & 15
        key = notice.target.key
        if key is not None:
            try:
                tsig.verify(octets, {key.name.folded: key}, self._reactor.seconds(), requestMAC=notice.mac)
            except (tsig.TSIGError, DNSDecodeError) as error:
                # A genuine one may follow.
                notice.complaint = f"{rcodeName(rcode)} came, but {error}"
                return
        self._end(notice, "" if rcode == OK else f"the reply is {rcodeName(rcode)}")

    def unanswered(self, notice: Notice) -> None:
        """Send a notice again, or give it up."""
        if notice.sends < len(_WAITS):
            self._send(notice)
        else:
            complaint = f"; {notice.complaint}" if notice.complaint else ""
            self._end(notice, f"no reply to {notice.sends} messages{complaint}")

    def _end(self, notice: Notice, reason: str) -> None:
        """Have a notice end.

        @param reason: what went wrong; empty if nothing did.
        """
        if reason:
            log.msg(f"NOTIFY of {notice.version} to {notice.target}: {reason}")
        self._land(notice)
        self.ended(notice)
        self.proceed()
