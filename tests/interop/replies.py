"""Reads a reply into what the comparison looks at, independently of txnames' own decoder."""

import struct
from dataclasses import dataclass
from functools import lru_cache

import dns.rdatatype

#: Where names stand in the rdata of the types whose names may be compressed or differ in case:
#: octets before the first name, number of names.
_NAMES = {
    2: (0, 1), 3: (0, 1), 4: (0, 1), 5: (0, 1), 6: (0, 2), 7: (0, 1), 8: (0, 1), 9: (0, 1),
    12: (0, 1), 14: (0, 2), 15: (2, 1), 17: (0, 2), 18: (2, 1), 21: (2, 1), 26: (2, 2),
    33: (6, 1), 36: (2, 1), 39: (0, 1), 47: (0, 1), 107: (2, 1), 46: (18, 1),
}  # fmt: skip
_RCODES = {0: "NOERROR", 1: "FORMERR", 2: "SERVFAIL", 3: "NXDOMAIN", 4: "NOTIMP", 5: "REFUSED",
           6: "YXDOMAIN", 16: "BADVERS"}  # fmt: skip

#: How many records of a section are printed.
_SHOWN = 6

#: owner (folded wire), type, class, TTL, rdata (names uncompressed and folded)
Row = tuple[bytes, int, int, int, bytes]


class BadReply(Exception):
    """Octets that aren't a message."""


@dataclass(frozen=True)
class Reply:
    """What is compared, and what is asked of every reply beside that."""

    rcode: int
    authoritative: bool
    truncated: bool
    answer: tuple[Row, ...]
    authority: tuple[Row, ...]
    additional: tuple[Row, ...]
    edns: int | None
    flags: int
    question: bytes

    @property
    def compared(self) -> tuple[object, ...]:
        """The parts on which the three must agree with each other, and we with them."""
        return (self.rcode, self.authoritative, self.truncated, self.answer, self.authority)

    def text(self) -> str:
        """The reply on a few lines."""
        flags = ("AA" if self.authoritative else "") + (" TC" if self.truncated else "")
        lines = [f"{_RCODES.get(self.rcode, self.rcode)} {flags}"]
        for name, rows in (
            ("answer", self.answer),
            ("authority", self.authority),
            ("additional", self.additional),
        ):
            lines += [f"  {name}: {rowText(row)}" for row in rows[:_SHOWN]]
            if len(rows) > _SHOWN:
                lines.append(f"  {name}: and {len(rows) - _SHOWN} more")
        return "\n".join(lines)


def nameText(wire: bytes) -> str:
    """A readable form of an uncompressed name."""
    labels, offset = [], 0
    while wire[offset]:
        end = offset + 1 + wire[offset]
        label = wire[offset + 1 : end]
        labels.append("".join(chr(c) if 33 <= c < 127 and c not in b'.\\"' else f"\\{c:03d}" for c in label))
        offset = end
    return ".".join(labels) + "."


def rowText(row: Row) -> str:
    """A record on one line, the rdata readable as far as it holds names or addresses."""
    owner, rrtype, rrclass, ttl, rdata = row
    shown = rdata.hex()
    if rrtype in _NAMES:
        before, count = _NAMES[rrtype]
        texts, offset = [rdata[:before].hex()] if before else [], before
        for _ in range(count):
            end = _skip(rdata, offset)
            texts.append(nameText(rdata[offset:end]))
            offset = end
        shown = " ".join([*texts, rdata[offset:].hex()])
    elif rrtype == 1 and len(rdata) == 4:
        shown = ".".join(str(b) for b in rdata)
    elif len(shown) > 80:
        shown = f"{shown[:60]}... ({len(rdata)} octets)"
    kind = dns.rdatatype.to_text(dns.rdatatype.RdataType.make(rrtype))
    return f"{nameText(owner)} {ttl} {'' if rrclass == 1 else f'CLASS{rrclass} '}{kind} {shown}"


def _skip(wire: bytes, offset: int) -> int:
    """The offset after an uncompressed name."""
    while wire[offset]:
        offset += wire[offset] + 1
    return offset + 1


def readName(wire: bytes, offset: int) -> tuple[bytes, int]:
    """The name at this offset, uncompressed and folded, and the offset after it."""
    parts = []
    after, jumps = None, 0
    while True:
        size = wire[offset]
        if size >= 0xC0:
            if after is None:
                after = offset + 2
            # pointers count from the ID, which these octets no longer hold
            offset = (((size & 0x3F) << 8) | wire[offset + 1]) - 2
            jumps += 1
            if jumps > 128 or offset < 10:
                raise BadReply("pointer loop")
            continue
        if size > 63:
            raise BadReply("label type")
        parts.append(wire[offset : offset + size + 1])
        offset += size + 1
        if not size:
            return b"".join(parts).lower(), offset if after is None else after


def readRow(wire: bytes, offset: int) -> tuple[Row, int]:
    """The record at this offset and the offset after it."""
    owner, offset = readName(wire, offset)
    rrtype, rrclass, ttl, size = struct.unpack_from("!HHIH", wire, offset)
    offset += 10
    end = offset + size
    if end > len(wire):
        raise BadReply("rdata past the end")
    rdata = wire[offset:end]
    if rrtype in _NAMES and size:
        before, count = _NAMES[rrtype]
        parts, position = [wire[offset : offset + before]], offset + before
        for _ in range(count):
            name, position = readName(wire, position)
            parts.append(name)
        parts.append(wire[position:end])
        rdata = b"".join(parts)
    return (owner, rrtype, rrclass, ttl, rdata), end


@lru_cache(maxsize=1 << 14)
def readReply(wire: bytes) -> Reply:
    """A reply without its ID; raises BadReply. Equal octets are read once."""
    try:
        flags, questions, *counts = struct.unpack_from("!HHHHH", wire)
        offset = 10
        for _ in range(questions):
            offset = _skip(wire, offset) + 4
        asked = wire[10:offset]
        sections: list[list[Row]] = []
        for count in counts:
            rows = []
            for _ in range(count):
                row, offset = readRow(wire, offset)
                rows.append(row)
            sections.append(rows)
    except (IndexError, struct.error) as error:
        raise BadReply(f"cut off: {error!r}") from None
    if offset != len(wire):
        raise BadReply(f"{len(wire) - offset} octets too many")
    opts = [row for row in sections[2] if row[1] == 41]
    rcode = flags & 15
    if opts:
        rcode |= opts[0][3] >> 24 << 4
    return Reply(
        rcode,
        bool(flags & 0x0400),
        bool(flags & 0x0200),
        tuple(sorted(sections[0])),
        tuple(sorted(sections[1])),
        tuple(sorted(row for row in sections[2] if row[1] != 41)),
        opts[0][2] if opts else None,
        flags,
        asked,
    )
