"""Zone transfers on their way in: messages become a zone, or differences between two versions (RFC 5936, RFC 1995).

Nothing is believed before the end: a L{TransferReader} gathers what comes, and gives a zone only after the SOA record
came that ends it.  Whatever is wrong is a L{TransferError}; the version that is at hand stays as it is.
"""

from __future__ import annotations

import gc
from struct import Struct
from struct import error as StructError
from typing import Final

from txnames.error import DNSDecodeError
from txnames.wire.name import Name, readName, textFromWire
from txnames.wire.numbers import (
    AAAA,
    AXFR,
    CNAME,
    DS,
    IN,
    IXFR,
    MX,
    NS,
    OPT,
    PTR,
    SOA,
    TXT,
    A,
    rcodeName,
    typeName,
)
from txnames.wire.record import recordClass
from txnames.zone.builder import ZoneBuilder
from txnames.zone.difference import Difference, DifferenceError, RepeatedError, applied, difference
from txnames.zone.problem import Problems
from txnames.zone.rrset import foldRdata, packRecord
from txnames.zone.serial import isNewer
from txnames.zone.tree import Zone, inZone

__all__ = ["TransferError", "TransferReader"]

_header = Struct(">6H").unpack_from
_fixed = Struct(">HHIH").unpack_from
_START: Final = 12
_SERIAL: Final = slice(-20, -16)

_oneName = frozenset({NS, CNAME, PTR})
_sizes = {A: 4, AAAA: 16}

MAXIMUM_RECORDS: Final = 20_000_000
MAXIMUM_OCTETS: Final = 2_000_000_000


class TransferError(Exception):
    """A transfer is of no use.

    @ivar rcode: the response code of the server that refused it; 0 where that is not what happened.
    """

    def __init__(self, reason: str, rcode: int = 0) -> None:
        super().__init__(reason)
        self.rcode = rcode


class TransferReader:
    """Reads the messages of a transfer.

    @ivar apex: the zone's name, folded and in wire form.
    @ivar complete: whether the last record has come.
    @ivar incremental: whether differences came; C{None} while that is not known.
    @ivar current: whether the server says that the version at hand is its own.
    @ivar needsStream: whether the server says that it has more than fits into a datagram.
    @ivar serial: the serial of the version that the server offers; C{None} before its SOA record came.
    @ivar records: how many records came.
    @ivar octets: how many octets came.
    """

    def __init__(
        self,
        origin: Name,
        old: Zone | None = None,
        *,
        cls: int = IN,
        maximumRecords: int = MAXIMUM_RECORDS,
        maximumOctets: int = MAXIMUM_OCTETS,
    ) -> None:
        """Be ready for the first message.

        @param origin: the zone's name.
        @param old: the version at hand, where differences to it were asked for.
        @param maximumRecords: how many records may come.
        @param maximumOctets: how many octets may come.
        """
        self.origin = origin
        self.apex = origin.folded
        self.old = old
        self.cls = cls
        self.maximumRecords = maximumRecords
        self.maximumOctets = maximumOctets
        self.complete = False
        self.incremental: bool | None = None
        self.current = False
        self.needsStream = False
        self.serial: int | None = None
        self.records = 0
        self.octets = 0
        self._soa = b""
        self._soaOwner = origin.wire
        self._builder = ZoneBuilder(origin.wire, Problems(), cls)
        self._differences: list[Difference] = []
        # Of the difference that is being read: its SOA records, and what goes and comes.
        self._from: bytes | None = None
        self._to: bytes | None = None
        self._removed: list[tuple[bytes, bytes]] = []
        self._added: list[tuple[bytes, bytes]] = []
        # The records that came last, all of one owner, type and TTL.
        self._owner = b""
        self._kind = -1
        self._ttl = -1
        self._run: list[bytes] = []

    # --- messages ---

    def feed(self, octets: bytes, datagram: bool = False) -> bool:
        """Read the next message; its ID and signature are the caller's business.

        @param datagram: whether it came in a datagram, and so is the only one.
        @return: whether the transfer is complete.
        @raise TransferError: it is of no use.
        """
        if self.complete:
            raise TransferError("more messages after the end of the transfer")
        self.octets += len(octets)
        if self.octets > self.maximumOctets:
            raise TransferError(f"more than {self.maximumOctets} octets")
        collecting = gc.isenabled()
        # Thousands of small objects are made here, and no cycles.
        gc.disable()
        try:
            self._read(octets)
        except (DNSDecodeError, IndexError, StructError) as error:
            raise TransferError(f"a malformed message: {error}") from None
        finally:
            if collecting:
                gc.enable()
        if not self.complete and self.incremental is None and self.old is not None and self.serial is not None:
            self._single(datagram)
        elif datagram and not self.complete:
            raise TransferError("the transfer does not end in its datagram")
        return self.complete

    def _single(self, datagram: bool) -> None:
        """Understand a response with the SOA record alone (RFC 1995 section 2 and 4)."""
        assert self.old is not None
        assert self.serial is not None
        if not isNewer(self.serial, self.old.serial):
            self.complete = self.current = True
        elif datagram:
            self.complete = self.needsStream = True

    def _read(self, octets: bytes) -> None:
        """Read a message."""
        _, flags, questions, answers, _, _ = _header(octets)
        rcode = flags & 15
        if rcode:
            raise TransferError(f"the server says {rcodeName(rcode)}", rcode)
        if not flags & 0x8000 or flags & 0x7800:
            raise TransferError("no response to a query")
        if flags & 0x0200:
            raise TransferError("a truncated message")
        offset = _START
        names: dict[int, Name] = {}
        for _ in range(questions):
            name, offset = readName(octets, offset, names)
            kind = octets[offset] << 8 | octets[offset + 1]
            if name.folded != self.apex or kind not in (AXFR, IXFR):
                raise TransferError(f"a response to another question: {name} {typeName(kind)}")
            offset += 4
        size = len(octets)
        own, take, run = self.cls, self._take, self._run
        for _ in range(answers):
            # Most owners are a pointer to a name that was read before, or a label in front of such a name.
            length = octets[offset]
            if length >= 0xC0 and (known := names.get((length & 0x3F) << 8 | octets[offset + 1])) is not None:
                owner = known.wire
                offset += 2
            else:
                name, offset = readName(octets, offset, names)
                owner = name.wire
            kind, cls, ttl, length = _fixed(octets, offset)
            offset += 10
            end = offset + length
            if end > size:
                raise DNSDecodeError("the octets end inside of a record")
            if self.complete:
                raise TransferError("records after the end of the transfer")
            if kind == OPT or 249 <= kind <= 255:
                raise TransferError(f"a record of the type {typeName(kind)}")
            if cls != own:
                raise TransferError(f"a record of class {cls}")
            if kind in _oneName:
                name, stop = readName(octets, offset, names)
                if stop != end:
                    raise DNSDecodeError("the data is not what the type wants", typeName(kind))
                rdata = name.wire
            elif kind in _sizes and length == _sizes[kind]:
                rdata = octets[offset:end]
            else:
                rdata = _rdata(kind, octets, offset, end, names)
            offset = end
            if kind == self._kind and ttl == self._ttl and owner == self._owner and kind != SOA:
                run.append(rdata)
            else:
                take(owner, kind, ttl if ttl < 0x80000000 else 0, rdata)
                run = self._run
        self.records += answers
        if self.records > self.maximumRecords:
            raise TransferError(f"more than {self.maximumRecords} records")

    # --- records ---

    def _take(self, owner: bytes, kind: int, ttl: int, rdata: bytes) -> None:
        """Take a record that does not go on with those of one owner, type and TTL that came last."""
        self._flush()
        if kind == SOA:
            if owner.lower() != self.apex:
                raise TransferError(f"the SOA record of {textFromWire(owner)}")
            self._boundary(owner, packRecord(SOA, self.cls, ttl, rdata))
            return
        if self.serial is None:
            raise TransferError("the first record is not the SOA record")
        folded = owner.lower()
        if folded not in self._builder.nodes and not inZone(folded, self.apex):
            raise TransferError(f"{textFromWire(owner)} lies outside of the zone")
        if self.incremental is None:
            self._beginFull()
        self._owner, self._kind, self._ttl, self._run = owner, kind, ttl, [rdata]

    def _flush(self) -> None:
        """Put away the records that came last."""
        run = self._run
        if not run:
            return
        kind, ttl, cls = self._kind, self._ttl, self.cls
        self._run = []
        if len(run) == 1:
            packed = packRecord(kind, cls, ttl, run[0])
        else:
            if len({*run}) != len(run) or kind not in _sizes:
                run = list({foldRdata(kind, rdata): rdata for rdata in run}.values())
            packed = b"".join([packRecord(kind, cls, ttl, rdata) for rdata in run])
        if not self.incremental:
            builder = self._builder
            owner = self._owner
            folded = owner.lower()
            if folded in builder.nodes:
                builder.addRRset(owner, packed)
            else:
                # That it lies in the zone was seen when it came.
                builder.nodes[folded] = packed
                if folded != owner:
                    builder.spelling[folded] = owner
        elif self._to is None:
            self._removed.append((self._owner, packed))
        else:
            self._added.append((self._owner, packed))
        self._kind = -1

    def _beginFull(self) -> None:
        """Take note that this is a full transfer."""
        self.incremental = False
        self._builder.addRRset(self._soaOwner, self._soa)

    def _boundary(self, owner: bytes, soa: bytes) -> None:
        """Take an SOA record."""
        serial = int.from_bytes(soa[_SERIAL], "big")
        if self.serial is None:
            self.serial, self._soa, self._soaOwner = serial, soa, owner
            return
        if self.incremental is None:
            if self.old is None or serial == self.serial:
                # A zone with nothing but its SOA record.
                self._beginFull()
            else:
                self.incremental = True
                self._from = soa
                return
        if not self.incremental:
            if soa[_SERIAL] != self._soa[_SERIAL]:
                raise TransferError("the serial at the end is another than that at the beginning")
            self.complete = True
        elif self._to is None:
            self._to = soa
        else:
            self._difference()
            if serial == self.serial and self._differences[-1].newSerial == serial:
                self.complete = True
            else:
                self._from = soa

    def _difference(self) -> None:
        """Put away a difference that has all its records."""
        assert self._from is not None
        assert self._to is not None
        one = Difference(self._from, self._to, tuple(self._removed), tuple(self._added))
        self._differences.append(one)
        self._from = self._to = None
        self._removed, self._added = [], []

    # --- what came of it ---

    @property
    def differences(self) -> tuple[Difference, ...]:
        """The differences that came, in order; or one in their place, after L{zone} found that they say too much."""
        return tuple(self._differences)

    def zone(self) -> Zone:
        """The new version, after the transfer is complete; it is not judged.

        Where records are added that are there already they stay as they are: NSD 4.6 sends such differences.

        @raise TransferError: the transfer is not complete, or the differences are not from the version at hand.
        """
        if not self.complete or self.needsStream:
            raise TransferError("the transfer is not complete")
        if self.current:
            assert self.old is not None
            return self.old
        if not self.incremental:
            return self._builder.build()
        assert self.old is not None
        try:
            return self._applied(self.old)
        except DifferenceError as error:
            raise TransferError(str(error)) from None

    def _applied(self, old: Zone) -> Zone:
        """The version to which the differences lead.

        @raise DifferenceError: they lead nowhere.
        """
        try:
            return applied(old, self._differences)
        except RepeatedError:
            new = applied(old, self._differences, repeats=True)
            # What is kept, and sent to others, has no such records.
            self._differences = [difference(old, new)]
            return new


def _rdata(kind: int, octets: bytes, offset: int, end: int, names: dict[int, Name]) -> bytes:
    """The data of a record with its names uncompressed, after a look whether it is of its type.

    @raise DNSDecodeError: it isn't.
    """
    if kind == MX:
        name, stop = readName(octets, offset + 2, names)
        if stop == end:
            return octets[offset : offset + 2] + name.wire
    elif kind == DS:
        if end - offset > 4:
            return octets[offset:end]
    elif kind == TXT:
        position = offset
        while position < end:
            position += 1 + octets[position]
        if position == end > offset:
            return octets[offset:end]
    elif kind not in _sizes:
        return recordClass(kind).read(octets, offset, end, names).rdata
    raise DNSDecodeError("the data is not what the type wants", typeName(kind))
