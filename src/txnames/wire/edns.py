"""EDNS(0): the OPT record as values, and messages that have one (RFC 6891)."""

from __future__ import annotations

from struct import Struct
from typing import Any, BinaryIO

from zope.interface import implementer

from txnames.error import TruncatedError
from txnames.interfaces import IEncodable
from txnames.wire.buffer import readSome
from txnames.wire.header import RRHeader
from txnames.wire.message import Message, compactRepr
from txnames.wire.name import Name
from txnames.wire.numbers import OK, OP_QUERY, OPT
from txnames.wire.options import OPTVariableOption, optionOf
from txnames.wire.record import UnknownRecord

__all__ = ["EDNSMessage", "OPTHeader", "readOptions"]

_fixed = Struct("!HHBBHH")
_DO = 0x8000


def readOptions(octets: bytes) -> list[OPTVariableOption]:
    """Read the options that an OPT record's data holds (RFC 6891 section 6.1.2).

    @raise TruncatedError: the octets end inside of one; this is an C{EOFError}.
    """
    found = []
    offset, end = 0, len(octets)
    while offset < end:
        if end - offset < 4:
            raise TruncatedError("the octets end inside of an option's header", "OPT")
        start = offset + 4
        code, size = octets[offset] << 8 | octets[offset + 1], octets[offset + 2] << 8 | octets[offset + 3]
        offset = start + size
        if offset > end:
            raise TruncatedError(f"{end - start} octets left, {size} announced", "OPT")
        found.append(optionOf(code, octets[start:offset]))
    return found


@implementer(IEncodable)
class OPTHeader:
    """The OPT record, whose header fields have meanings of their own (RFC 6891 section 6.1.3).

    @ivar udpPayloadSize: the octets that the sender can take in one datagram; stands in the class.
    @ivar extendedRCODE: the upper 8 bits of the response code.
    @ivar version: the version of EDNS, 0.
    @ivar dnssecOK: DO, whether the sender wants DNSSEC records (RFC 3225).
    @ivar options: a list of L{OPTVariableOption}.
    """

    _root = Name(b"")

    def __init__(
        self,
        udpPayloadSize: int = 4096,
        extendedRCODE: int = 0,
        version: int = 0,
        dnssecOK: bool = False,
        options: list[OPTVariableOption] | None = None,
    ) -> None:
        self.udpPayloadSize = udpPayloadSize
        self.extendedRCODE = extendedRCODE
        self.version = version
        self.dnssecOK = dnssecOK
        self.options: list[Any] = [] if options is None else options

    @property
    def name(self) -> Name:
        """The owner: always the root."""
        return self._root

    @property
    def type(self) -> int:
        """The type: always OPT."""
        return OPT

    def write(self, out: bytearray, compress: dict[bytes, bytes] | None = None) -> None:
        """Append the whole record to a message."""
        options = b"".join([option.wire for option in self.options])
        flags = _DO if self.dnssecOK else 0
        out.append(0)
        out += _fixed.pack(OPT, self.udpPayloadSize, self.extendedRCODE, self.version, flags, len(options))
        out += options

    def encode(self, strio: BinaryIO, compDict: Any = None) -> None:
        """Write the whole record, owner first."""
        out = bytearray()
        self.write(out)
        strio.write(out)

    def decode(self, strio: BinaryIO, length: int | None = None) -> None:
        """Read the whole record, owner first.

        @raise DNSDecodeError: not an OPT record; an C{EOFError} too where the octets ended.
        """
        header = RRHeader()
        header.decode(strio)
        header.payload = UnknownRecord(readSome(strio, header.rdlength or 0))
        read = self.fromRRHeader(header)
        self.udpPayloadSize, self.extendedRCODE = read.udpPayloadSize, read.extendedRCODE
        self.version, self.dnssecOK, self.options = read.version, read.dnssecOK, read.options

    @classmethod
    def fromRRHeader(cls, rrHeader: RRHeader) -> OPTHeader:
        """Make one of a record of type OPT as L{Message} reads it.

        @raise TruncatedError: its data ends inside of an option; this is an C{EOFError}.
        """
        return cls(
            udpPayloadSize=rrHeader.cls,
            extendedRCODE=rrHeader.ttl >> 24,
            version=rrHeader.ttl >> 16 & 0xFF,
            dnssecOK=bool(rrHeader.ttl & _DO),
            options=readOptions(rrHeader.payload.data) if rrHeader.payload is not None else None,
        )

    def _values(self) -> tuple[Any, ...]:
        """What the record says."""
        return self.udpPayloadSize, self.extendedRCODE, self.version, self.dnssecOK, self.options

    def __eq__(self, other: object) -> bool:
        if isinstance(other, OPTHeader):
            return self._values() == other._values()
        return NotImplemented

    def __hash__(self) -> int:
        return hash((*self._values()[:4], tuple(self.options)))

    def __repr__(self) -> str:
        return (
            f"<{type(self).__name__} name={self.name} type={self.type} udpPayloadSize={self.udpPayloadSize} "
            f"extendedRCODE={self.extendedRCODE} version={self.version} dnssecOK={self.dnssecOK} "
            f"options={self.options}>"
        )


class EDNSMessage:
    """A message with EDNS: a L{Message} and its L{OPTHeader} in one.

    The attributes are those of L{Message}, and these:

    @ivar ednsVersion: the version of EDNS; C{None} for a message without an OPT record, or with several.
    @ivar dnssecOK: DO, whether DNSSEC records are wanted (RFC 3225).
    @ivar rCode: the response code with its upper 8 bits, which the OPT record holds.
    @ivar maxSize: the octets that the sender can take in one datagram, 512 without EDNS (RFC 1035 section 4.2.1).
    @ivar options: the options, L{OPTVariableOption}.
    """

    compareAttributes = (
        "id",
        "answer",
        "opCode",
        "auth",
        "trunc",
        "recDes",
        "recAv",
        "rCode",
        "ednsVersion",
        "dnssecOK",
        "authenticData",
        "checkingDisabled",
        "maxSize",
        "queries",
        "answers",
        "authority",
        "additional",
        "options",
    )

    _messageFactory = Message

    def __init__(
        self,
        id: int = 0,
        answer: Any = False,
        opCode: int = OP_QUERY,
        auth: Any = False,
        trunc: Any = False,
        recDes: Any = False,
        recAv: Any = False,
        rCode: int = OK,
        ednsVersion: int | None = 0,
        dnssecOK: Any = False,
        authenticData: Any = False,
        checkingDisabled: Any = False,
        maxSize: int = 512,
        queries: list[Any] | None = None,
        answers: list[Any] | None = None,
        authority: list[Any] | None = None,
        additional: list[Any] | None = None,
        options: list[OPTVariableOption] | None = None,
    ) -> None:
        self.id = id
        self.answer = answer
        self.opCode = opCode
        self.auth = auth
        self.trunc = trunc
        self.recDes = recDes
        self.recAv = recAv
        self.rCode = rCode
        self.ednsVersion = ednsVersion
        self.dnssecOK = dnssecOK
        self.authenticData = authenticData
        self.checkingDisabled = checkingDisabled
        self.maxSize = maxSize
        self.queries: list[Any] = [] if queries is None else queries
        self.answers: list[Any] = [] if answers is None else answers
        self.authority: list[Any] = [] if authority is None else authority
        self.additional: list[Any] = [] if additional is None else additional
        self.options: list[OPTVariableOption] = [] if options is None else options

    def toStr(self) -> bytes:
        """Encode the message."""
        return self._toMessage().toStr()

    def fromStr(self, bytes: bytes) -> None:
        """Take the message that some octets are.

        @raise DNSDecodeError: they are none; an C{EOFError} too where they ended.
        """
        message = self._messageFactory()
        message.fromStr(bytes)
        read = self._fromMessage(message)
        for name in self.compareAttributes:
            setattr(self, name, getattr(read, name))

    def _toMessage(self) -> Message:
        """The plain message, its OPT record last of the additional ones."""
        message = self._messageFactory(
            id=self.id,
            answer=self.answer,
            opCode=self.opCode,
            auth=self.auth,
            trunc=self.trunc,
            recDes=self.recDes,
            recAv=self.recAv,
            # The upper bits go to the OPT record, if there is one.
            rCode=self.rCode & 0xF,
            authenticData=self.authenticData,
            checkingDisabled=self.checkingDisabled,
            # The size is what we can take; what the peer can take is not known here.
            maxSize=0,
        )
        message.queries = list(self.queries)
        message.answers = list(self.answers)
        message.authority = list(self.authority)
        message.additional = list(self.additional)
        if self.ednsVersion is not None:
            message.additional.append(
                OPTHeader(
                    udpPayloadSize=self.maxSize,
                    extendedRCODE=self.rCode >> 4,
                    version=self.ednsVersion,
                    dnssecOK=self.dnssecOK,
                    options=list(self.options),
                )
            )
        return message

    @classmethod
    def _fromMessage(cls, message: Message) -> EDNSMessage:
        """Make one of a plain message, without the OPT records among its additional ones."""
        records = [record for record in message.additional if record.type == OPT]
        made = cls(
            id=message.id,
            answer=message.answer,
            opCode=message.opCode,
            auth=message.auth,
            trunc=message.trunc,
            recDes=message.recDes,
            recAv=message.recAv,
            rCode=message.rCode,
            ednsVersion=None,
            authenticData=message.authenticData,
            checkingDisabled=message.checkingDisabled,
            queries=list(message.queries),
            answers=list(message.answers),
            authority=list(message.authority),
            additional=[record for record in message.additional if record.type != OPT],
        )
        if len(records) == 1:
            header = OPTHeader.fromRRHeader(records[0])
            made.ednsVersion = header.version
            made.dnssecOK = header.dnssecOK
            made.options = header.options
            made.maxSize = header.udpPayloadSize
            made.rCode = header.extendedRCODE << 4 | message.rCode
        return made

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, EDNSMessage):
            return NotImplemented
        return all(getattr(self, name) == getattr(other, name) for name in self.compareAttributes)

    __hash__ = None  # type: ignore[assignment]  # reason: a message changes, and so cannot be a key

    def __repr__(self) -> str:
        return compactRepr(
            self,
            alwaysShow=("id",),
            fieldNames=("id", "opCode", "rCode", "maxSize", "ednsVersion"),
            flagNames=(
                "answer",
                "auth",
                "trunc",
                "recDes",
                "recAv",
                "authenticData",
                "checkingDisabled",
                "dnssecOK",
            ),
            sectionNames=("queries", "answers", "authority", "additional", "options"),
        )
