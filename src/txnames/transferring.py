"""Zone transfers to other servers (RFC 5936, RFC 1995)."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator
from struct import Struct
from typing import Any, Final

import attrs
from twisted.internet import defer
from twisted.python import log

from txnames.error import DNSDecodeError
from txnames.journal import Journal
from txnames.protocol.access import AccessList
from txnames.protocol.request import TCP, Request
from txnames.wire.message import Message
from txnames.wire.numbers import AXFR, EFORMAT, ENOTAUTH, EREFUSED, ESERVER, IXFR, SOA, typeName
from txnames.zone.closed import ClosedZone
from txnames.zone.lookup import ZoneTable
from txnames.zone.outgoing import MESSAGE_SIZE, axfrRecords, ixfrRecords, messages
from txnames.zone.serial import isNewer
from txnames.zone.tree import Zone

__all__ = ["Sender"]

_RESPONSE: Final = 0x8400
_TRANSFERS: Final = 20
_HEADER: Final = 12
_fixed = Struct(">HHIH").unpack_from


@attrs.frozen(eq=False)
class _Made:
    """The messages of a full transfer.

    @ivar key: the flags, the question, and the OPT record of the request.
    @ivar size: the octets of all of them.
    """

    zone: Zone
    key: tuple[int, bytes, bytes]
    messages: list[bytes]
    size: int


class Sender:
    """Sends zones, and the differences between their versions, to those who may have them.

    A transfer shows the version of the moment in which it was asked for, whatever comes after.

    @ivar allowed: who may have the zones; nobody unless it is said.
    @ivar maximum: how many transfers go on at a time; more wait for their turn.
    @ivar messageSize: the octets that a message has at most; with room left for a signature.
    @ivar remembered: how many octets of messages are kept, for others to fetch the same version.
    """

    messageSize = MESSAGE_SIZE
    remembered = 32_000_000

    def __init__(self, allowed: AccessList | None = None, *, maximum: int = _TRANSFERS) -> None:
        self.allowed = AccessList() if allowed is None else allowed
        self.maximum = maximum
        self._journals: dict[tuple[bytes, int], Journal] = {}
        self._running = 0
        self._waiting: deque[Any] = deque()
        self._made: deque[_Made] = deque()

    def remember(self, journal: Journal) -> None:
        """Have a zone's journal at hand for incremental transfers."""
        self._journals[journal.zone.apex, journal.zone.cls] = journal

    def changed(self, zone: Zone) -> None:
        """Forget what was made of other versions of a zone."""
        old = [made for made in self._made if made.zone.apex == zone.apex and made.zone is not zone]
        for made in old:
            self._made.remove(made)

    def forget(self, zone: Zone) -> None:
        """Have a zone's journal at hand no longer."""
        self._journals.pop((zone.apex, zone.cls), None)
        self._made = deque(made for made in self._made if made.zone.apex != zone.apex)

    def send(self, zones: ZoneTable, request: Request, protocol: Any, opt: bytes) -> int | bytes | None:
        """Begin a transfer.

        @param zones: the zones that there are.
        @param protocol: takes the messages, by C{stream}.
        @param opt: the OPT record of the reply, in wire form.
        @return: the response code where there is none; the reply where that is one message; C{None} otherwise.
        """
        zone = zones.find(request.name.lower(), request.cls)
        if zone is None or zone.apex != request.name.lower():
            return ENOTAUTH
        if not self.allowed.allows(request):
            self._log(request, "refused")
            return EREFUSED
        isStream = request.transport == TCP and getattr(protocol, "canStream", False)
        if isinstance(zone, ClosedZone):
            return ESERVER
        records = None
        if request.type == IXFR:
            serial = _serialOf(request.octets)
            if serial is None:
                return EFORMAT
            records = self._incremental(zone, serial)
            if not isStream:
                return self._datagram(request, zone, records, opt)
        elif not isStream:
            # RFC 5936 section 4.2: never in datagrams.
            return EREFUSED
        self._begin(request, protocol, zone, records, opt)
        return None

    def _incremental(self, zone: Zone, serial: int) -> list[tuple[bytes, bytes]] | None:
        """The records of an incremental transfer; C{None} where it has to be a full one."""
        if serial == zone.serial or isNewer(serial, zone.serial):
            return list(ixfrRecords(zone, ()))
        journal = self._journals.get((zone.apex, zone.cls))
        if journal is None or journal.zone is not zone:
            return None
        differences = journal.since(serial)
        return None if differences is None else list(ixfrRecords(zone, differences))

    def _datagram(
        self, request: Request, zone: Zone, records: Iterable[tuple[bytes, bytes]] | None, opt: bytes
    ) -> bytes:
        """The reply to a request in a datagram: all in one message, or the SOA record (RFC 1995 section 2)."""
        limit = request.edns.size if request.edns is not None else 512
        flags = request.flags | _RESPONSE
        for one in (records, ixfrRecords(zone, ())):
            if one is not None:
                try:
                    found = list(messages(zone, one, request.ident, flags, request.question, opt=opt, limit=limit))
                except ValueError:
                    continue
                if len(found) == 1:
                    return found[0]
        return request.emptyReply(EREFUSED, False, opt)

    def _begin(
        self, request: Request, protocol: Any, zone: Zone, records: Iterable[tuple[bytes, bytes]] | None, opt: bytes
    ) -> None:
        """Send messages, when it is this transfer's turn."""
        flags = request.flags | _RESPONSE
        if records is None:
            stream = self._whole(zone, request, flags, opt)
        else:
            stream = self._messages(zone, records, request, flags, opt)
        kind = AXFR if records is None else IXFR
        if self._running >= self.maximum:
            self._waiting.append((request, protocol, zone, kind, stream))
        else:
            self._start(request, protocol, zone, kind, stream)

    def _whole(self, zone: Zone, request: Request, flags: int, opt: bytes) -> Iterator[bytes]:
        """The messages of a full transfer: they are made once for all who fetch the same version."""
        key = flags, request.question, opt
        ident = request.ident.to_bytes(2, "big")
        for made in self._made:
            if made.zone is zone and made.key == key:
                for octets in made.messages:
                    yield ident + octets[2:]
                return
        found: list[bytes] = []
        left = self.remembered
        for octets in self._messages(zone, axfrRecords(zone), request, flags, opt):
            left -= len(octets)
            if left >= 0:
                found.append(octets)
            else:
                found.clear()
            yield octets
        if left >= 0:
            self._made.append(_Made(zone, key, found, self.remembered - left))
            while sum([made.size for made in self._made]) > self.remembered:
                self._made.popleft()

    def _messages(
        self, zone: Zone, records: Iterable[tuple[bytes, bytes]], request: Request, flags: int, opt: bytes
    ) -> Iterator[bytes]:
        """Make messages of records."""
        question = request.question
        return messages(zone, records, request.ident, flags, question, opt=opt, limit=self.messageSize)

    def _start(self, request: Request, protocol: Any, zone: Zone, kind: int, stream: Iterable[bytes]) -> None:
        """Send messages."""
        self._running += 1
        done: defer.Deferred[bool] = protocol.stream(stream)
        done.addCallback(lambda complete: self._log(request, f"{typeName(kind)} of serial {zone.serial}", complete))
        done.addBoth(lambda _: self._next())

    def _next(self) -> None:
        """Let the transfer begin that waits longest."""
        self._running -= 1
        while self._waiting:
            request, protocol, zone, kind, stream = self._waiting.popleft()
            if getattr(protocol.transport, "connected", True):
                self._start(request, protocol, zone, kind, stream)
                return

    def _log(self, request: Request, what: str, complete: bool = True) -> None:
        """Log what became of a transfer."""
        name = request.query.name
        key = "" if request.key is None else f" with the key {request.key}"
        host = "somebody" if request.address is None else request.address[0]
        end = "" if complete else ", broken off"
        log.msg(f"transfer of {name} to {host}{key}: {what}{end}")


def _serialOf(octets: bytes) -> int | None:
    """The serial that the client of an incremental transfer has (RFC 1995 section 3); C{None} if it doesn't say."""
    message = Message()
    try:
        message.fromStr(octets)
    except DNSDecodeError:
        return None
    for record in message.authority:
        if record.type == SOA and record.name == message.queries[0].name:
            return int(record.payload.serial)
    return None
