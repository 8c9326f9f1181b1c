"""Messages: octets to values and back (RFC 1035 section 4).

Decoding walks the octets once, with one dict of names for the whole message (L{readName}): its work is bounded by
the message's size.  Encoding appends to one C{bytearray}.  Where the result is over the size that the message may
have, whole RRsets are taken from its end, as a part of an RRset would be taken for all of it (RFC 2181 section 9).
"""

from __future__ import annotations

from collections.abc import Callable
from inspect import signature
from io import BytesIO
from itertools import groupby
from struct import Struct
from struct import error as StructError
from typing import Any, BinaryIO, ClassVar

from txnames.error import TruncatedError
from txnames.wire.buffer import restOf
from txnames.wire.header import Query, RRHeader, streamed, writeItem
from txnames.wire.name import HEADER_SIZE, ROOT, Name, readName, registerName, writeName
from txnames.wire.numbers import AAAA, ALL_RECORDS, IN, NS, OK, OP_QUERY, OPT, TSIG, A, typeName
from txnames.wire.record import Record, UnknownRecord

__all__ = ["Message", "compactRepr", "readRecords", "responseFromMessage"]

_header = Struct("!H2B4H")
_packHeader = _header.pack_into
_unpackHeader = _header.unpack_from
_unpackQuestion = Struct("!HH").unpack_from
_packQuestion = Struct("!HH").pack
_fixed = Struct("!HHIH")
_packFixed = _fixed.pack
_unpackFixed = _fixed.unpack_from
_unpackOwned = Struct("!HHHIH").unpack_from
_packOwned = Struct("!2sHHIH").pack
_packLength = Struct("!H").pack_into

_QUESTION = b"\xc0\x0c"
"""The pointer to the first question."""

# What each value of the third and of the fourth octet says (RFC 1035 section 4.1.1, RFC 4035 section 3).
_high = [(octet >> 7, octet >> 3 & 15, octet >> 2 & 1, octet >> 1 & 1, octet & 1) for octet in range(256)]
_low = [(octet >> 7, octet >> 5 & 1, octet >> 4 & 1, octet & 15) for octet in range(256)]


class Message:
    """A message: a question, an answer, or something else by its opcode (RFC 1035 section 4.1).

    The constructor takes header fields; sections begin empty.

    @ivar id: what connects an answer with its question, 16 bits.
    @ivar answer: QR, whether this is a response.
    @ivar opCode: what is wanted, such as L{OP_QUERY}.
    @ivar auth: AA, whether the responder is responsible for the name.
    @ivar trunc: TC, whether something did not fit.
    @ivar recDes: RD, whether recursion is wanted.
    @ivar recAv: RA, whether recursion is to be had.
    @ivar authenticData: AD, whether all data was validated (RFC 4035 section 3.2.3).
    @ivar checkingDisabled: CD, whether the asker validates for itself (RFC 4035 section 3.2.2).
    @ivar rCode: how it went, such as L{OK}.
    @ivar maxSize: the octets that the encoded message may have; 0 for no bound.
    @ivar queries: the questions, L{Query}.
    @ivar answers: the answer section, L{RRHeader}.
    @ivar authority: the authority section, L{RRHeader}.
    @ivar additional: the additional section, L{RRHeader}, or anything with an C{encode} method.
    """

    maxCompressionPointers = 1000
    headerFmt = "!H2B4H"
    headerSize = HEADER_SIZE
    compareAttributes = (
        "id",
        "answer",
        "opCode",
        "recDes",
        "recAv",
        "auth",
        "rCode",
        "trunc",
        "maxSize",
        "authenticData",
        "checkingDisabled",
        "queries",
        "answers",
        "authority",
        "additional",
    )

    # The registry, unless a subclass says for itself what class a type has.
    _knownTypes: ClassVar[dict[int, type[Record]] | None] = Record.registry

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        if cls.lookupRecordType is not Message.lookupRecordType:
            cls._knownTypes = None

    def __init__(
        self,
        id: int = 0,
        answer: Any = 0,
        opCode: int = OP_QUERY,
        recDes: Any = 0,
        recAv: Any = 0,
        auth: Any = False,
        rCode: int = OK,
        trunc: Any = 0,
        maxSize: int = 512,
        authenticData: Any = 0,
        checkingDisabled: Any = 0,
    ) -> None:
        self.id = id
        self.answer = answer
        self.opCode = opCode
        self.recDes = recDes
        self.recAv = recAv
        self.auth = auth
        self.rCode = rCode
        self.trunc = trunc
        self.maxSize = maxSize
        self.authenticData = authenticData
        self.checkingDisabled = checkingDisabled
        self.queries: list[Any] = []
        self.answers: list[Any] = []
        self.authority: list[Any] = []
        self.additional: list[Any] = []

    def addQuery(self, name: bytes | str | Name, type: int = ALL_RECORDS, cls: int = IN) -> None:
        """Add a question."""
        self.queries.append(Query(name, type, cls))

    # --- encoding ---

    def toStr(self) -> bytes:
        """Encode the message, shortened to C{maxSize} octets where it has to be, with TC set then."""
        out = bytearray(HEADER_SIZE)
        compress: dict[bytes, bytes] = {}
        queries = self.queries
        question: bytes = b""
        if len(queries) == 1:
            # Most messages have one question, and no other name than that one: so its ancestors are entered among the
            # names to compress by only when another name comes along.
            query = queries[0]
            question = query.name.wire
            out += question + _packQuestion(query.type, query.cls)
            if len(question) > 1:
                compress[question] = _QUESTION
        else:
            for query in queries:
                query.write(out, compress)
        for section in (self.answers, self.authority, self.additional):
            for item in section:
                if item.__class__ is not RRHeader:
                    writeItem(item, out, compress)
                    continue
                # What RRHeader.write does, without a call for each record.
                payload = item.payload
                try:
                    rdata = None if payload.compresses else payload.rdata
                except AttributeError:
                    if isinstance(payload, Record):
                        raise
                    # No data, or data by somebody else, who knows streams only.
                    rdata = b"" if payload is None else streamed(payload)
                wire = item.name.wire
                pointer = compress.get(wire)
                if rdata is not None and pointer is not None:
                    out += _packOwned(pointer, item.type, item.cls, item.ttl, len(rdata))
                    out += rdata
                elif rdata is not None and wire == ROOT:
                    out += ROOT + _packFixed(item.type, item.cls, item.ttl, len(rdata)) + rdata
                else:
                    if question:
                        question = registerName(compress, question, HEADER_SIZE)
                    if pointer is None:
                        writeName(out, wire, compress)
                        out += _packFixed(item.type, item.cls, item.ttl, 0)
                    else:
                        out += _packOwned(pointer, item.type, item.cls, item.ttl, 0)
                    start = len(out)
                    if rdata is None:
                        payload.write(out, compress)
                    else:
                        out += rdata
                    _packLength(out, start - 2, len(out) - start)
        self._putHeader(out, self.trunc, len(self.answers), len(self.authority), len(self.additional))
        if self.maxSize and len(out) > self.maxSize:
            return self._shortened()
        return bytes(out)

    def encode(self, strio: BinaryIO) -> None:
        """Write what L{toStr} gives to a stream."""
        strio.write(self.toStr())

    def _putHeader(self, out: bytearray, trunc: Any, answers: int, authority: int, additional: int) -> None:
        """Fill in the header."""
        high = (self.opCode & 15) << 3
        low = self.rCode & 15
        if self.answer:
            high |= 0x80
        if self.auth:
            high |= 4
        if trunc:
            high |= 2
        if self.recDes:
            high |= 1
        if self.recAv:
            low |= 0x80
        if self.authenticData:
            low |= 0x20
        if self.checkingDisabled:
            low |= 0x10
        _packHeader(out, 0, self.id, high, low, len(self.queries), answers, authority, additional)

    def _shortened(self) -> bytes:
        """The message without the RRsets at its end that don't fit.

        OPT and TSIG stay whatever happens.  TC is set for answers and authority that had to go, and for the glue that
        a referral cannot do without (RFC 9471 section 3); other additional records go without a word.
        """
        lasting = [item for item in self.additional if getattr(item, "type", None) in (OPT, TSIG)]
        tail = bytearray()
        for item in lasting:
            writeItem(item, tail, {})
        out = bytearray(HEADER_SIZE)
        compress: dict[bytes, bytes] = {}
        for query in self.queries:
            query.write(out, compress)
        counts = [0, 0, len(lasting)]
        rrsets = [
            (section, list(records))
            for section, items in enumerate((self.answers, self.authority, self.additional))
            for _, records in groupby((item for item in items if item not in lasting), _rrsetOf)
        ]
        while rrsets:
            section, records = rrsets[0]
            end = len(out)
            for record in records:
                writeItem(record, out, compress)
            if len(out) > self.maxSize - len(tail):
                del out[end:]
                break
            counts[section] += len(records)
            del rrsets[0]
        trunc = self.trunc or any(section < 2 or self._needs(records[0]) for section, records in rrsets)
        self._putHeader(out, trunc, *counts)
        return bytes(out + tail)

    def _needs(self, record: Any) -> bool:
        """Whether this is the address of a server below the delegation that it serves, in a referral."""
        if self.answers or self.auth or getattr(record, "type", None) not in (A, AAAA):
            return False
        return any(
            getattr(other, "type", None) == NS
            and record.name == other.payload.name
            and record.name.isSubdomainOf(other.name)
            for other in self.authority
        )

    # --- decoding ---

    def fromStr(self, str: bytes) -> None:
        """Take the message that some octets are.

        @raise DNSDecodeError: they are none; an C{EOFError} too where they ended.
        """
        if len(str) < HEADER_SIZE:
            raise TruncatedError(f"a header of {len(str)} octets, {HEADER_SIZE} needed")
        wire = str if str.__class__ is bytes else bytes(str)
        self.maxSize = 0
        self.id, high, low, queries, answers, authority, additional = _unpackHeader(wire)
        self.answer, self.opCode, self.auth, self.trunc, self.recDes = _high[high]
        self.recAv, self.authenticData, self.checkingDisabled, self.rCode = _low[low]
        names: dict[int, Name] = {}
        offset = HEADER_SIZE
        self.queries = []
        while queries:
            query = _newQuery(Query)
            query.name, offset = readName(wire, offset, names)
            try:
                query.type, query.cls = _unpackQuestion(wire, offset)
            except StructError:
                raise TruncatedError("the octets end inside of a question") from None
            offset += 4
            self.queries.append(query)
            queries -= 1
        if not (answers or authority or additional):
            self.answers, self.authority, self.additional = [], [], []
            return
        records: list[Any] = []
        authority += answers
        self._records(records, wire, offset, authority + additional, names)
        self.answers = records[:answers]
        self.authority = records[answers:authority]
        self.additional = records[authority:]

    def decode(self, strio: BinaryIO, length: int | None = None) -> None:
        """Take the message that the rest of a stream is; its first octet is where the stream stands."""
        self.fromStr(strio.read() if length is None else strio.read(length))

    def _records(self, found: list[Any], wire: bytes, offset: int, count: int, names: dict[int, Name]) -> int:
        """Read records, add them to a list, and say where the octets behind them begin."""
        return _readRecords(found, wire, offset, count, names, bool(self.auth), self.lookupRecordType, self._knownTypes)

    def parseRecords(self, list: list[Any], num: int, strio: BinaryIO) -> None:
        """Read so many records of a stream that holds the whole message, and add them to a list."""
        strio.seek(self._records(list, restOf(strio), strio.tell(), num, {}))

    def lookupRecordType(self, type: int) -> Any:
        """The class for the data of a type; to be overridden by those who have classes of their own."""
        return Record.registry.get(type, UnknownRecord)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, type(self)) and not isinstance(self, type(other)):
            return NotImplemented
        return all(getattr(self, name) == getattr(other, name) for name in self.compareAttributes)

    __hash__ = None  # type: ignore[assignment]  # reason: a message changes, and so cannot be a key

    def __repr__(self) -> str:
        return compactRepr(
            self,
            alwaysShow=("id",),
            fieldNames=("id", "opCode", "rCode", "maxSize"),
            flagNames=("answer", "auth", "trunc", "recDes", "recAv", "authenticData", "checkingDisabled"),
            sectionNames=("queries", "answers", "authority", "additional"),
        )


_newName = Name.__new__
_newQuery = Query.__new__
_newRR = RRHeader.__new__


def _readRecords(
    found: list[Any],
    wire: bytes,
    offset: int,
    count: int,
    names: dict[int, Name],
    auth: bool,
    lookupRecordType: Callable[[int], Any],
    known: dict[int, Any] | None,
) -> int:
    """Read records, add them to a list, and say where the octets behind them begin."""
    size = len(wire)
    room = size - 11
    last = -1
    for _ in range(count):
        header = _newRR(RRHeader)
        # Most owners are a pointer to a name that was read before: no call for these.
        if offset < room:
            pointer, number, header.cls, ttl, length = _unpackOwned(wire, offset)
        else:
            # At most 11 octets are left, which is what an OPT record without options takes.
            pointer = 0 if offset == room and not wire[offset] else 0x100
        if pointer >= 0xC000 and (name := names.get(pointer & 0x3FFF)) is not None:
            header.name = name
            offset += 12
        elif pointer < 0x100:
            # The first octet is 0: the root, as in OPT records.
            header.name = name = _newName(Name)
            name.wire = ROOT
            number, header.cls, ttl, length = _unpackFixed(wire, offset + 1)
            offset += 11
        else:
            header.name, offset = readName(wire, offset, names)
            if offset + 10 > size:
                raise TruncatedError("the octets end inside of a record's header")
            number, header.cls, ttl, length = _unpackFixed(wire, offset)
            offset += 10
        header.type = number
        header.ttl = ttl
        header.auth = auth
        end = offset + length
        if end > size:
            raise TruncatedError(f"{size - offset} octets left, {length} announced", typeName(number))
        if number != last:
            # Records of one type stand together, most often.
            last = number
            kind = lookupRecordType(number) if known is None else known.get(number, UnknownRecord)
            try:
                read = kind.read
            except AttributeError:
                read = _reader(kind)
        header.payload = read(wire, offset, end, names, ttl)
        offset = end
        found.append(header)
    return offset


def readRecords(wire: bytes, end: int, count: int) -> list[Any]:
    """Read the records of a message that has one question.

    @param end: where the question ends.
    @param count: how many records; what stands behind them is not looked at.
    @raise DNSDecodeError: they aren't that.
    """
    name = _newName(Name)
    name.wire = wire[HEADER_SIZE : end - 4]
    found: list[Any] = []
    auth = wire[2] & 4 != 0
    _readRecords(found, wire, end, count, {HEADER_SIZE: name}, auth, Record.registry.get, Record.registry)
    return found


def _reader(kind: Any) -> Any:
    """Make a C{read} for a class that can only read from streams."""

    def read(wire: bytes, offset: int, end: int, names: dict[int, Name], ttl: int) -> Any:
        payload = kind(ttl=ttl)
        stream = BytesIO(wire)
        stream.seek(offset)
        payload.decode(stream, end - offset)
        return payload

    return read


def _rrsetOf(item: Any) -> tuple[Any, ...]:
    """What the records of an RRset have in common; each thing that is no record stands alone."""
    if isinstance(item, RRHeader):
        return item.name, item.type, item.cls
    return (id(item),)


def responseFromMessage(responseConstructor: Any, message: Any, **kwargs: Any) -> Any:
    """Make a response to a message: its ID, opcode, RD, CD and questions come back (RFC 1035 section 4.1.1).

    @param responseConstructor: what makes the response, such as L{Message}; gets C{kwargs} too.
    """
    response = responseConstructor(id=message.id, answer=True, **kwargs)
    response.queries = list(message.queries)
    for echoed in ("opCode", "recDes", "checkingDisabled"):
        if echoed not in kwargs and hasattr(message, echoed):
            setattr(response, echoed, getattr(message, echoed))
    return response


def compactRepr(
    obj: Any,
    alwaysShow: Any = None,
    fieldNames: Any = None,
    flagNames: Any = None,
    sectionNames: Any = None,
) -> str:
    """Write what an object holds, but for what it holds by default.

    @param alwaysShow: attributes that are shown whatever they are.
    @param fieldNames: attributes that are shown where they differ from the constructor's defaults.
    @param flagNames: attributes whose names are shown where they are true.
    @param sectionNames: lists that are shown where they are not empty.
    """
    defaults = {name: parameter.default for name, parameter in signature(obj.__class__).parameters.items()}
    parts = [obj.__class__.__name__]
    shown = set(alwaysShow or ())
    for name in dict.fromkeys((*(fieldNames or ()), *(alwaysShow or ()))):
        value = getattr(obj, name)
        if name in shown or value != defaults.get(name):
            parts.append(f"{name}={value!r}")
    flags = [name for name in flagNames or () if getattr(obj, name)]
    if flags:
        parts.append(f"flags={','.join(flags)}")
    for name in sectionNames or ():
        section = getattr(obj, name, None)
        if section and section != defaults.get(name):
            parts.append(f"{name}={section!r}")
    return f"<{' '.join(parts)}>"
