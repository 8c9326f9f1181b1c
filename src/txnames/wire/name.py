r"""Domain names, as the octets that stand on the wire.

A name is held in its uncompressed wire form: length, label, length, label, … and the root's zero (RFC 1035 section
3.1).  Much follows from that choice.  A label may hold any octet, a dot too, and nothing has to be escaped or split to
be compared, counted or sent.  A length octet is at most 63 and so never an ASCII letter: lower-casing the octets of
the whole name folds its labels' case and touches nothing else, and the folded octets serve as key wherever names are
looked up (RFC 4343).  An ancestor's wire form is a suffix of the name's.

Text comes in at the edges only: L{nameFromText} reads a token of a zone file, L{textFromWire} writes one, and
L{Name.name} gives the dotted octets that callers of Twisted expect.
"""

from __future__ import annotations

from struct import Struct
from typing import Any, BinaryIO, Final

import idna

from txnames.error import DNSDecodeError, TruncatedError
from txnames.wire.buffer import restOf
from txnames.wire.text import unescape

__all__ = [
    "HEADER_SIZE",
    "MAX_LABEL",
    "MAX_NAME",
    "ROOT",
    "Name",
    "StreamNames",
    "domainString",
    "nameFromText",
    "readName",
    "registerName",
    "suffixes",
    "textFromWire",
    "writeName",
]

HEADER_SIZE: Final = 12
"""The octets of a message's header (RFC 1035 section 4.1.1)."""

MAX_LABEL: Final = 63
"""The longest label, in octets (RFC 1035 section 2.3.4)."""

MAX_NAME: Final = 255
"""The longest name, in octets of its wire form (RFC 1035 section 2.3.4)."""

ROOT: Final = b"\0"
"""The wire form of the root."""

_LAST_POINTER: Final = 0xFFFF - MAX_NAME
"""The last pointer, of those that reach to octet 16383 (RFC 1035 section 4.1.4), where the longest name has room."""


def _labelTable() -> list[str]:
    """How each octet of a label is written."""
    written = [f"\\{octet:03d}" for octet in range(256)]
    for octet in range(33, 127):
        written[octet] = chr(octet)
    for octet in b'.\\"();@$':
        written[octet] = "\\" + chr(octet)
    return written


_octetText = _labelTable()
# A label of these octets alone is its own text.
_plain = bytes(octet for octet in range(256) if len(_octetText[octet]) == 1)


# The name of one label that is the sign of the origin, which has that meaning in zone files alone.
_AT: Final = b"\1@\0"

# The octet before a label, by the label's size.
_sizes = {size: bytes((size,)) for size in range(1, MAX_LABEL + 1)}


class Name:
    """A domain name (RFC 1034 section 3.1): a value that cannot change.

    Two names are equal, and hash alike, when their labels are the same but for the case of ASCII letters (RFC 4343).

    @ivar wire: the uncompressed wire form, case kept.
    """

    __slots__ = ("__dict__", "wire")

    wire: bytes

    maxCompressionPointers = 1000
    """Kept for those who set it: pointers can only lead backward, so no bound on their number is needed."""

    def __init__(self, name: bytes | str | Name = b"") -> None:
        r"""Make a name of dotted text, absolute with or without the last dot; C{\.} and C{\DDD} are escapes.

        Nothing stands for an origin here: C{@} is a label.

        @raise ValueError: a label is empty or over 63 octets, the name is over 255, or an escape is wrong.
        @raise TypeError: neither bytes, str nor a name.
        """
        if isinstance(name, Name):
            self.wire = name.wire
        else:
            text = domainString(name)
            self.wire = (nameFromText(text, ROOT) if text != b"@" else _AT) if text else ROOT

    @classmethod
    def fromWire(cls, wire: bytes) -> Name:
        """Make a name of its uncompressed wire form, which is trusted."""
        name = object.__new__(cls)
        name.wire = wire
        return name

    @property
    def folded(self) -> bytes:
        """The wire form in lower case: the same for equal names."""
        return self.wire.lower()

    @property
    def labels(self) -> tuple[bytes, ...]:
        """The labels from left to right, the root's not among them."""
        return tuple(_labels(self.wire))

    @property
    def name(self) -> bytes:
        """The dotted text, escaped, without the last dot; empty for the root."""
        return textFromWire(self.wire)[:-1].encode("ascii")

    @property
    def key(self) -> tuple[bytes, ...]:
        """What sorts names in canonical order (RFC 4034 section 6.1)."""
        return tuple(_labels(self.wire.lower())[::-1])

    def parent(self) -> Name:
        """The name without its first label.

        @raise ValueError: the root has no parent.
        """
        wire = self.wire
        if wire == ROOT:
            raise ValueError("the root has no parent")
        return Name.fromWire(wire[wire[0] + 1 :])

    def isSubdomainOf(self, other: Name) -> bool:
        """Whether this name is the other or lies below it."""
        mine, theirs = self.wire.lower(), other.wire.lower()
        return mine.endswith(theirs) and (len(mine) == len(theirs) or theirs in suffixes(mine))

    def toUnicode(self) -> str:
        """The dotted text with A-labels in their Unicode form where they have one (RFC 5891)."""
        return ".".join(_unicodeLabel(label) for label in str(self).split(".")) if self else ""

    def encode(self, strio: BinaryIO, compDict: dict[bytes, int] | None = None) -> None:
        """Write the name to a stream that holds what follows a message's header.

        @param compDict: the dotted names that the message holds already, each with its offset; grows.
        """
        out = bytearray()
        if compDict is None:
            out += self.wire
        else:
            writeName(out, self.wire, StreamNames(compDict), strio.tell() + HEADER_SIZE)
        strio.write(out)

    def decode(self, strio: BinaryIO, length: int | None = None) -> None:
        """Read the name where the stream stands; pointers count from the start of the stream.

        @raise DNSDecodeError: not a name; an C{EOFError} too where the octets ended.
        """
        start = strio.tell()
        octets = restOf(strio)
        name, end = readName(octets, start, {})
        strio.seek(end)
        self.wire = name.wire

    def __bool__(self) -> bool:
        return self.wire != ROOT

    def __len__(self) -> int:
        return len(self.name)

    def __eq__(self, other: object) -> bool:
        if isinstance(other, Name):
            return self.wire == other.wire or self.wire.lower() == other.wire.lower()
        return NotImplemented

    def __lt__(self, other: Name) -> bool:
        return self.key < other.key

    def __hash__(self) -> int:
        return hash(self.wire.lower())

    def __str__(self) -> str:
        return textFromWire(self.wire)[:-1]

    def __repr__(self) -> str:
        return f"Name({self.name!r})"


class StreamNames(dict[bytes, bytes]):
    """The dotted names of a stream, as L{writeName} takes and adds them; only those are looked up that it asks for."""

    def __init__(self, offsets: dict[bytes, int]) -> None:
        """Stand for dotted names, each with its offset in the message."""
        self.offsets = offsets

    def get(self, wire: bytes, default: Any = None) -> Any:
        """The pointer to a name in wire form."""
        offset = self.offsets.get(Name.fromWire(wire).name)
        return default if offset is None else _packPointer(0xC000 | offset)

    def __setitem__(self, wire: bytes, pointer: bytes) -> None:
        """Enter a name in wire form, and the pointer to it."""
        self.offsets[Name.fromWire(wire).name] = int.from_bytes(pointer, "big") & 0x3FFF


_new = Name.__new__
_packPointer = Struct("!H").pack


def readName(wire: bytes, offset: int, names: dict[int, Name]) -> tuple[Name, int]:
    """Read a name of a message, and say where the octets after it begin (RFC 1035 section 4.1.4).

    @param names: the names of this message by their offset, which every reader of the message shares and adds to.
        So no octet is decompressed twice, and the work for a message grows with its size, however its pointers lie.
    @raise DNSDecodeError: a label type other than 00 and 11, a pointer that leads forward, a name over 255 octets.
    @raise TruncatedError: the octets end inside of the name.
    """
    start = offset
    try:
        length = wire[offset]
        if length >= 0xC0:
            target = (length & 0x3F) << 8 | wire[offset + 1]
            name = names.get(target)
            if name is None:
                name = _follow(wire, offset, target, names)
            return name, offset + 2
        while length:
            if length > MAX_LABEL:
                if length < 0xC0:
                    raise DNSDecodeError(f"label type {length >> 6:02b} at octet {offset}")
                target = (length & 0x3F) << 8 | wire[offset + 1]
                tail = names.get(target)
                if tail is None:
                    tail = _follow(wire, start, target, names)
                octets = wire[start:offset] + tail.wire
                offset += 1
                break
            offset += length + 1
            length = wire[offset]
        else:
            offset += 1
            if offset - start > MAX_NAME:
                raise DNSDecodeError(f"the name at octet {start} is longer than {MAX_NAME} octets")
            name = _new(Name)
            name.wire = wire[start:offset]
            names[start] = name
            return name, offset
    except IndexError:
        raise TruncatedError(f"the octets end inside of the name at octet {start}") from None
    if len(octets) > MAX_NAME:
        raise DNSDecodeError(f"the name at octet {start} is longer than {MAX_NAME} octets")
    name = _new(Name)
    name.wire = octets
    names[start] = name
    return name, offset + 1


_STRIDE: Final = range(16)
"""So many labels behind a pointer are read at a time, and the rest of the name is entered into the names."""


def _follow(wire: bytes, origin: int, target: int, names: dict[int, Name]) -> Name:
    """The name that a pointer leads to, through further pointers.

    Each pointer has to lead before the beginning of the labels that it ends: so there is no loop.  What follows each
    L{_STRIDE} of labels is entered as a name too: so thousands of pointers into one soup of labels are not dear.

    @param origin: where the labels before the pointer begin.
    """
    chain: list[tuple[int, bytes]] = []
    while True:
        if target >= origin:
            raise DNSDecodeError(f"a pointer at octet {origin} or behind it leads forward to {target}")
        origin = offset = target
        length = MAX_LABEL
        while 0 < length <= MAX_LABEL:
            known = names.get(offset)
            if known is not None:
                return _joined(chain, known, names)
            start = offset
            length = wire[offset]
            for _ in _STRIDE:
                if not 0 < length <= MAX_LABEL:
                    break
                offset += length + 1
                length = wire[offset]
            chain.append((start, wire[start:offset]))
        if not length:
            return _joined(chain, Name(), names)
        if length < 0xC0:
            raise DNSDecodeError(f"label type {length >> 6:02b} at octet {offset}")
        target = (length & 0x3F) << 8 | wire[offset + 1]


def _joined(chain: list[tuple[int, bytes]], name: Name, names: dict[int, Name]) -> Name:
    """Enter the names that pieces of labels make, each with those behind it and the name at the end."""
    for origin, labels in reversed(chain):
        tail = labels + name.wire
        if len(tail) > MAX_NAME:
            raise DNSDecodeError(f"the name at octet {origin} is longer than {MAX_NAME} octets")
        names[origin] = name = Name.fromWire(tail)
    return name


def writeName(out: bytearray, wire: bytes, compress: dict[bytes, bytes], offset: int | None = None) -> None:
    """Append a name to a message, as labels and a pointer to what stands there already (RFC 1035 section 4.1.4).

    Only names of the same case share octets, so that every name comes back as it was given.

    @param compress: the names written so far, each with the two octets of the pointer to it; grows.
    @param offset: where the name begins in the message, if that is not the length of C{out}.
    """
    pointer = compress.get(wire)
    if pointer is not None:
        out += pointer
        return
    at = 0xC000 + (len(out) if offset is None else offset)
    if at > _LAST_POINTER:
        # No pointer leads to all of this name: it may use pointers, but none will be made to it.
        at, known = 0, {}
    else:
        known = compress
    position = 0
    suffix = wire
    while length := wire[position]:
        known[suffix] = _packPointer(at)
        length += 1
        position += length
        at += length
        suffix = wire[position:]
        pointer = compress.get(suffix)
        if pointer is not None:
            out += wire[:position]
            out += pointer
            return
    out += wire


def registerName(compress: dict[bytes, bytes], wire: bytes, at: int) -> bytes:
    """Enter a name, which stands in a message without a pointer, and its ancestors among the names to compress by.

    @param at: where it begins, in octets from the start of the message; not past the reach of pointers.
    @return: an empty name, for the caller who has none left to enter.
    """
    while length := wire[0]:
        compress[wire] = _packPointer(0xC000 | at)
        at += length + 1
        wire = wire[length + 1 :]
    return b""


def suffixes(wire: bytes) -> list[bytes]:
    """The name and its ancestors up to the root, each in wire form."""
    found = [wire]
    position = 0
    while length := wire[position]:
        position += length + 1
        found.append(wire[position:])
    return found


def _labels(wire: bytes) -> list[bytes]:
    """The labels of a name in wire form, without the root's."""
    found = []
    position = 0
    while length := wire[position]:
        found.append(wire[position + 1 : position + 1 + length])
        position += length + 1
    return found


def textFromWire(wire: bytes) -> str:
    """A name in wire form as absolute text, with the last dot and escapes (RFC 1035 section 5.1)."""
    parts = []
    for label in _labels(wire):
        if label.translate(None, _plain):
            parts.append("".join([_octetText[octet] for octet in label]))
        else:
            parts.append(label.decode("ascii"))
    return ".".join(parts) + "."


def nameFromText(text: bytes, origin: bytes) -> bytes:
    """A token of a zone file as a name in wire form (RFC 1035 section 5.1).

    @param text: the name, escapes not yet resolved; C{@} is the origin.
    @param origin: what a name without a last dot is relative to, in wire form.
    @raise ValueError: a label is empty or over 63 octets, the name is over 255, or an escape is wrong.
    """
    if text == b"@":
        return origin
    if text == b".":
        return ROOT
    if b"\\" in text:
        labels, absolute = _escapedLabels(text)
    else:
        labels = text.split(b".")
        absolute = not labels[-1]
        if absolute:
            labels.pop()
    try:
        octets = b"".join([_sizes[len(label)] + label for label in labels]) + (ROOT if absolute else origin)
    except KeyError as error:
        size = error.args[0]
        raise ValueError(f"a label of {size} octets" if size else "an empty label") from None
    if len(octets) > MAX_NAME:
        raise ValueError(f"a name of {len(octets)} octets, {MAX_NAME} are allowed")
    return octets


def _escapedLabels(text: bytes) -> tuple[list[bytes], bool]:
    """The labels of a name with escapes, and whether it is absolute."""
    labels = []
    start = position = 0
    size = len(text)
    while position < size:
        octet = text[position]
        if octet == 0x5C:
            position += 2
        else:
            if octet == 0x2E:
                labels.append(unescape(text[start:position]))
                start = position + 1
            position += 1
    if start < size:
        labels.append(unescape(text[start:]))
    return labels, start >= size


def domainString(domain: bytes | str) -> bytes:
    """A domain name as octets: text beyond ASCII becomes A-labels (RFC 5891), octets stay as they are.

    @raise TypeError: neither bytes nor str.
    @raise ValueError: text that is no internationalised name.
    """
    if isinstance(domain, bytes):
        return domain
    if isinstance(domain, str):
        if domain.isascii():
            return domain.encode("ascii")
        try:
            return idna.encode(domain, uts46=True)
        except idna.IDNAError:
            # What IDNA 2008 disallows may still be registered under its form of 2003.
            return domain.encode("idna")
    raise TypeError(f"a domain name is bytes or str, not {type(domain).__name__}")


def _unicodeLabel(label: str) -> str:
    """A label's Unicode form, or the label where it has none."""
    if label[:4].lower() != "xn--":
        return label
    try:
        return idna.decode(label)
    except idna.IDNAError:
        return label
