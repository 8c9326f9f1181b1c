"""Answers, and their two ways out: as lists of records, and as the octets of a message.

An answer holds packed RRsets (L{txnames.zone.rrset}) with their owners, section by section.  For programs it becomes
records (L{Answer.headers}), for a peer a message (L{Answer.toWire}) without a record being made.  Both have the same
content.
"""

from __future__ import annotations

from struct import Struct
from typing import Any, Final, Self, TypeAlias

import txnames.records  # noqa: F401  # reason: makes the record types known
from txnames.wire.header import RRHeader
from txnames.wire.name import Name, writeName
from txnames.wire.numbers import CNAME, MB, MD, MF, MG, MINFO, MR, MX, NS, OK, PTR, SOA
from txnames.wire.options import ExtendedErrorOption
from txnames.wire.record import Record, recordClass
from txnames.zone.rrset import HEADER, OWNER, classOf, countOf, nameEnd, recordsOf, typeOf

__all__ = ["Answer", "Section", "Sections", "headersOf", "payloadsOf"]

Section: TypeAlias = list[tuple[bytes, bytes]]
"""RRsets: the owner in wire form, and the packed RRset."""

_pack = Struct(">6H").pack
_MAX_MESSAGE: Final = 0xFFFF

_RESPONSE: Final = 0x8000
_AUTHORITATIVE: Final = 0x0400
_TRUNCATED: Final = 0x0200

# Types whose data has names that may be compressed (RFC 3597 section 4: those of RFC 1035), each with the octets
# before the first name and the number of names.
_compressible: Final = {
    type.to_bytes(2, "big"): shape
    for type, shape in {
        NS: (0, 1),
        MD: (0, 1),
        MF: (0, 1),
        CNAME: (0, 1),
        SOA: (0, 2),
        MB: (0, 1),
        MG: (0, 1),
        MR: (0, 1),
        PTR: (0, 1),
        MINFO: (0, 2),
        MX: (2, 1),
    }.items()
}


class Sections(tuple[list[RRHeader], list[RRHeader], list[RRHeader]]):
    """The answer, authority and additional sections: a tuple of three lists, and what else an answer says.

    @ivar rcode: the response code, 12 bits.
    @ivar authoritative: whether the answer speaks for a zone (AA).
    @ivar authenticData: whether who gave the answer says that all of it was validated (AD).
    @ivar errors: why the answer is what it is (RFC 8914).
    @ivar cached: whether a cache has the answer already, so that it is not stored there again.
    @ivar variant: how it was asked for, which a cache has to tell apart: 1 with DO, 2 with CD, 3 with both.
    """

    rcode = OK
    authoritative = False
    authenticData = False
    errors: tuple[ExtendedErrorOption, ...] = ()
    cached = False
    variant = 0

    def __new__(
        cls,
        answers: list[RRHeader],
        authority: list[RRHeader],
        additional: list[RRHeader],
        rcode: int = OK,
        authoritative: bool = False,
        authenticData: bool = False,
        errors: tuple[ExtendedErrorOption, ...] = (),
        cached: bool = False,
        variant: int = 0,
    ) -> Self:
        """Make the triple."""
        self = super().__new__(cls, (answers, authority, additional))
        self.rcode = rcode
        self.authoritative = authoritative
        self.authenticData = authenticData
        self.errors = errors
        self.cached = cached
        self.variant = variant
        return self


class Answer:
    """The answer to a question.

    @ivar rcode: the response code.
    @ivar authoritative: whether it speaks for a zone (AA); no for referrals.
    @ivar answer: the RRsets of the answer section.
    @ivar authority: those of the authority section: the SOA with what does not exist, NS for a referral.
    @ivar glue: the addresses without which a referral is of no use (RFC 9471): they are sent, or the message is
        truncated.
    @ivar additional: further RRsets of the additional section, left out where there is no room.
    @ivar encoded: for an answer that is nothing but the SOA of a zone: what that was encoded to before, which the zone
        keeps by the length of the name before the apex.
    """

    __slots__ = ("additional", "answer", "authoritative", "authority", "encoded", "glue", "rcode")

    def __init__(self, rcode: int = OK, authoritative: bool = True) -> None:
        """Begin an answer without records."""
        self.rcode = rcode
        self.authoritative = authoritative
        self.answer: Section = []
        self.authority: Section = []
        self.glue: Section = []
        self.additional: Section = []
        self.encoded: dict[int, bytes] | None = None

    def headers(self) -> Sections:
        """The answer as records."""
        authoritative = self.authoritative
        answers, authority, additional = [
            [header for owner, packed in rrsets for header in headersOf(owner, packed, authoritative)]
            for rrsets in (self.answer, self.authority, self.glue + self.additional)
        ]
        return Sections(answers, authority, additional, self.rcode, authoritative)

    def toWire(self, ident: int, flags: int, question: bytes, limit: int, opt: bytes | None = None) -> bytes:
        """The answer as a message (RFC 1035 section 4.1).

        RRsets are left out as wholes where the limit leaves no room.  For those of the answer and authority sections
        and for glue TC is set (RFC 2181 section 9, RFC 9471), and what would have come behind them is left out too.

        @param ident: the message ID of the request.
        @param flags: the second 16 bits of the header as far as the answer does not decide them: opcode, RD, RA, AD,
            CD.
        @param question: the question in wire form as it was asked: name, type and class.
        @param limit: the most octets that the message may have; at least room for question and OPT.
        @param opt: the OPT record to end with, in wire form.
        """
        flags |= self.rcode & 15 | _RESPONSE
        if self.authoritative:
            flags |= _AUTHORITATIVE
        if opt is None:
            opt = b""
        limit -= len(opt)
        ready = self._ready(question)
        if ready is not None:
            body, answers, authority = ready
            if HEADER + len(question) + len(body) <= limit:
                return _pack(ident, flags, 1, answers, authority, 1 if opt else 0) + question + body + opt
        out, counts, fits = self._encoded(question, limit, {})
        if not fits:
            # Before anything needed is left out, names share octets with those that differ from them in case.
            shorter = self._encoded(question, limit, _CaselessNames())
            if shorter[2]:
                out, counts, fits = shorter
        if not fits:
            flags |= _TRUNCATED
        if opt:
            out += opt
            counts[2] += 1
        out[:HEADER] = _pack(ident, flags, 1, *counts)
        return bytes(out)

    def _encoded(self, question: bytes, limit: int, names: dict[bytes, bytes]) -> tuple[bytearray, list[int], bool]:
        """The message without its header and OPT, whole RRsets as far as there is room.

        @param names: where the names that are written and the pointers to them are kept.
        @return: the octets, behind room for the header; how many records each section has; whether all that is needed
            is there.
        """
        out = bytearray(HEADER)
        writeName(out, question[:-4], names)
        out += question[-4:]
        counts = [0, 0, 0]
        for section, rrsets, needed in (
            (0, self.answer, True),
            (1, self.authority, True),
            (2, self.glue, True),
            (2, self.additional, False),
        ):
            for owner, packed in rrsets:
                mark = len(out)
                count = _put(out, names, owner, packed, limit)
                if not count:
                    del out[mark:]
                    return out, counts, not needed
                counts[section] += count
        return out, counts, True

    def _ready(self, question: bytes) -> tuple[bytes, int, int] | None:
        """What follows the question, for the most frequent answers: it is ready, or was encoded before.

        @return: the octets, and how many records are in the answer and authority sections; C{None} for other answers.
        """
        if self.encoded is not None:
            ((owner, packed),) = self.authority
            start = len(question) - 4 - len(owner)
            if question[start:-4] != owner:
                return None
            body = self.encoded.get(start)
            if body is None:
                out = bytearray(HEADER + start)
                names: dict[bytes, bytes] = {}
                writeName(out, owner, names)
                out += question[-4:]
                mark = len(out)
                _put(out, names, owner, packed, _MAX_MESSAGE)
                body = self.encoded[start] = bytes(out[mark:])
            return body, 0, 1
        if len(self.answer) == 1 and not (self.authority or self.glue or self.additional):
            owner, packed = self.answer[0]
            if packed[2:4] not in _compressible and question[:-4] == owner:
                return packed, countOf(packed), 0
        return None


class _CaselessNames(dict[bytes, bytes]):
    """Names in a message and the pointers to them, whatever the case of their letters."""

    def get(self, name: bytes, default: Any = None) -> Any:
        """The pointer to a name."""
        return super().get(name.lower(), default)

    def __setitem__(self, name: bytes, pointer: bytes) -> None:
        super().__setitem__(name.lower(), pointer)


def payloadsOf(packed: bytes) -> list[Record]:
    """The data of an RRset as records."""
    read = recordClass(typeOf(packed)).read
    return [read(rdata, 0, len(rdata), {}, ttl) for ttl, rdata in recordsOf(packed)]


def headersOf(owner: bytes, packed: bytes, auth: bool = False) -> list[RRHeader]:
    """An RRset as records with their owner, which is in wire form.

    @param auth: whether they come from who is responsible for them.
    """
    name = Name.fromWire(owner)
    type = typeOf(packed)
    cls = classOf(packed)
    read = recordClass(type).read
    return [
        RRHeader(name, type, cls, ttl, read(rdata, 0, len(rdata), {}, ttl), auth) for ttl, rdata in recordsOf(packed)
    ]


def _put(out: bytearray, names: dict[bytes, bytes], owner: bytes, packed: bytes, limit: int) -> int:
    """Append an RRset to a message.

    @param names: the names that stand in the message, and the pointers to them; grows.
    @param limit: how many octets the message may have.
    @return: how many records it has; 0 when there was no room, though octets may have been appended.
    """
    shape = _compressible.get(packed[2:4])
    size = len(packed)
    if shape is None and names.get(owner) == OWNER:
        if len(out) + size > limit:
            return 0
        out += packed
        return countOf(packed)
    count = position = 0
    while position < size:
        start = position + HEADER
        end = start + (packed[start - 2] << 8 | packed[start - 1])
        writeName(out, owner, names)
        if shape is None:
            out += packed[position + 2 : end]
        else:
            out += packed[position + 2 : start]
            mark = len(out)
            _putNames(out, names, packed[start:end], shape)
            out[mark - 2 : mark] = (len(out) - mark).to_bytes(2, "big")
        if len(out) > limit:
            return 0
        count += 1
        position = end
    return count


def _putNames(out: bytearray, names: dict[bytes, bytes], rdata: bytes, shape: tuple[int, int]) -> None:
    """Append data with names that are compressed."""
    position, number = shape
    out += rdata[:position]
    for _ in range(number):
        end = nameEnd(rdata, position)
        writeName(out, rdata[position:end], names)
        position = end
    out += rdata[position:]
