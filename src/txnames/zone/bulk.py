r"""The fast path of zone reading: plain lines, a million of them in two seconds or so.

Nearly all lines of a large zone are plain: owner, TTL, class, type and data on one line, printable, without parentheses
or escapes.  One regular expression cuts a piece of the file into such lines, in C, and leaves any other line whole.  A
plain line has three parts:

 - the owner.  Its folded wire form comes from a memo, where its parent's is found too: so a name costs the work of one
   label.
 - the I{middle}: blanks, TTL, class, type, blanks.  A file has few different ones.  Each is read once, and kept as a
   function that makes a packed RR of the third part.
 - the data, as text.  The functions for the commonest types know short ways; all others ask the record's class.

Whatever is not plain, out of place or simply wrong raises an exception here, and the line goes to the L{Reader}, which
reads it with care and knows what to say of it.  So this module does not complain itself, and both ways give the same
zone; a test holds them to that.  Memos are emptied when they are full, which costs little and keeps their memory small.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from socket import AF_INET, AF_INET6, inet_pton
from struct import Struct
from struct import error as StructError
from typing import TYPE_CHECKING, Final, TypeAlias

from txnames.wire.name import MAX_LABEL, MAX_NAME, ROOT
from txnames.wire.numbers import AAAA, CNAME, DNAME, DS, IN, MX, NS, PTR, QUERY_TYPES, RRSIG, SOA, TXT, A, isMetaType
from txnames.wire.record import rdataFromText
from txnames.wire.text import Tokens
from txnames.zone.builder import ZoneBuilder
from txnames.zone.problem import Place
from txnames.zone.rrset import HEADER, OWNER, typeOf
from txnames.zone.tokens import cut, shown
from txnames.zone.tree import Node, inZone, rrsetsAt

if TYPE_CHECKING:
    from txnames.zone.reader import Reader

__all__ = ["Bulk", "Lines", "Names", "anyLine"]

Lines: TypeAlias = Iterator[tuple[bytes, bytes, bytes, bytes]]
"""Lines in their parts: owner, middle and data of a plain line, or else the whole line; together they are the line."""

_Convert: TypeAlias = Callable[[bytes], bytes]

# How much the memos keep: names are wanted again soon or never, data at any time.
_NAMES: Final = 512
_MEMO: Final = 16384
# Longer RRs are not kept.
_KEPT: Final = 256
# Beyond this an RRset grows in the builder, which doesn't copy it each time; so does a node with so many RRsets.
_GROWN: Final = 512
_MANY: Final = 8
_MAX_TTL: Final = 0x7FFFFFFF
_RRSIG_OCTET: Final = RRSIG & 0xFF

_lengths = {size: bytes((size,)) for size in range(1, MAX_LABEL + 1)}
_head = Struct(">2sHHI").pack
_size = Struct(">H").pack
_ds = Struct(">HBB").pack
# The length of data as two octets, where it is short.
_sizes = [_size(size) for size in range(_KEPT)]
_digestDigits = {b"1": 40, b"2": 64, b"4": 96}
_octets = {size: bytes((size,)) for size in range(256)}

# The commonest first, as they are tried in turn.
_common = (NS, A, AAAA, DS, TXT, CNAME, MX, PTR)
_types: dict[bytes, int] = {
    QUERY_TYPES[number].encode("ascii"): number for number in (*_common, *QUERY_TYPES) if not isMetaType(number)
}
_mnemonics = b"|".join([b"%b|%b" % (name, name.lower()) for name in _types])
# Printable octets but those that mean something; the `@` and `$` of names are looked for where names are.
_plain = rb'[^\x00-\x08\x0a-\x1f\x7f-\xff"();\\]'
_blanks = rb"[ \t]+"
_line = re.compile(
    rb"(@|[a-zA-Z0-9_.\-*/]*)"
    rb"(" + _blanks + rb"(?:(?:[0-9]+|IN|in)" + _blanks + rb"){0,2}(?:" + _mnemonics + rb")" + _blanks + rb")"
    rb"(" + _plain + rb'*(?:"[^\x00-\x1f\x7f-\xff"\\]*"[ \t]*)*\r?)\n'
    rb"|([^\n]*)\n"
)
_notInName = re.compile(rb"[^!#%-?A-Z\[\]-~]")
_nothing: Final = frozenset((b"", b"\r"))
_anyLine = re.compile(rb"()()()([^\n]*)\n")

anyLine: Final = _anyLine.findall
"""Cuts whole lines into lines of which none is taken for plain."""


class Names(dict[bytes, bytes]):
    """The wire form of names by their text, as it came from a file with one origin."""

    def __init__(self, origin: bytes) -> None:
        self.origin = origin

    def __missing__(self, text: bytes) -> bytes:
        label, dot, rest = text.partition(b".")
        if len(text) > MAX_NAME or not (label.isalnum() or _notInName.search(label) is None):
            raise ValueError
        wire = _lengths[len(label)] + label + (self[rest] if rest else ROOT if dot else self.origin)
        if len(wire) > MAX_NAME:
            raise ValueError
        if len(self) >= _NAMES:
            self.clear()
        self[text] = wire
        return wire

    def read(self, text: bytes) -> bytes:
        """The wire form of a name which stands alone, with blanks after it perhaps."""
        text = text.rstrip()
        return self[text] if text != b"@" else self.origin


class _Owners(dict[bytes, bytes]):
    """The folded wire form of owners that lie in the zone, by their text.

    @ivar wires: the wire form with its case.
    """

    def __init__(self, names: Names, builder: ZoneBuilder) -> None:
        self.names = names
        self.builder = builder
        self.wires: dict[bytes, bytes] = {}

    def __missing__(self, text: bytes) -> bytes:
        wires = self.wires
        label, _, rest = text.partition(b".")
        above = wires.get(rest)
        if above is not None:
            # The parent lies in the zone, and so does this name.
            wire = _lengths[len(label)] + label + above
            if len(wire) > MAX_NAME:
                raise ValueError
            folded = wire.lower()
        else:
            wire = self.names.read(text)
            folded = wire.lower()
            if not inZone(folded, self.builder.apex):
                raise ValueError
        if folded != wire and folded not in self.builder.nodes:
            self.builder.spelling[folded] = wire
        if len(self) >= _NAMES:
            self.clear()
            wires.clear()
        if text != b"@":
            # As a part of a name that sign has no meaning.
            wires[text] = wire
        self[text] = folded
        return folded


class _Memo(dict[bytes, bytes]):
    """The packed RRs of one type, class and TTL by the text of their data."""

    def __init__(self, head: bytes, convert: _Convert) -> None:
        self.head = head
        self.convert = convert

    def __missing__(self, text: bytes) -> bytes:
        rdata = self.convert(text)
        size = len(rdata)
        packed = self.head + (_sizes[size] if size < _KEPT else _size(size)) + rdata
        if size < _KEPT:
            if len(self) >= _MEMO:
                self.clear()
            self[text] = packed
        return packed


class _Middles(dict[bytes, _Convert]):
    """What makes packed RRs of the text of their data, by the middle of their lines."""

    def __init__(self, reader: Reader, names: Names, wires: dict[bytes, bytes]) -> None:
        self.cls = reader.cls
        self.ttl = reader.ttl
        self.names = names
        self.wires = wires
        self.given: dict[bytes, int] = {}
        """The TTLs of those that give one, in seconds."""

    def __missing__(self, middle: bytes) -> _Convert:
        *words, mnemonic = middle.split()
        type = _types[mnemonic.upper()]
        ttls = [word for word in words if word.isdigit()]
        if type == SOA or self.cls != IN or len(ttls) > 1 or len(words) - len(ttls) > 1:
            raise ValueError
        ttl = int(ttls[0][:20]) if ttls else self.ttl
        if ttl is None or ttl > _MAX_TTL:
            raise ValueError
        if len(self) >= _MEMO:
            self.clear()
            self.given.clear()
        if ttls:
            self.given[middle] = ttl
        self[middle] = convert = _converter(type, _head(OWNER, type, self.cls, ttl), self.names, self.wires)
        return convert


class _NameMemo(dict[bytes, bytes]):
    """The packed RRs of one type, class and TTL whose data is a name, by its text.

    @ivar wires: owners in wire form by their text.
    """

    def __init__(self, head: bytes, names: Names, wires: dict[bytes, bytes]) -> None:
        self.head = head
        self.names = names
        self.wires = wires

    def __missing__(self, text: bytes) -> bytes:
        label, _, rest = text.partition(b".")
        above = self.wires.get(rest)
        if above is not None and label.isalnum():
            # Most likely a name server of its own, and so not worth being kept.
            wire = _lengths[len(label)] + label + above
            if len(wire) <= MAX_NAME:
                return self.head + _sizes[len(wire)] + wire
        wire = self.names.read(text)
        packed = self.head + _sizes[len(wire)] + wire
        if len(self) >= _MEMO:
            self.clear()
        self[text] = packed
        return packed


def _converter(type: int, head: bytes, names: Names, wires: dict[bytes, bytes]) -> _Convert:
    """What makes packed RRs of the text of their data.

    @param head: what precedes the length of the data.
    @param wires: owners in wire form by their text.
    """
    if type == A:
        return _address(head + b"\0\4", AF_INET)
    if type == AAAA:
        return _address(head + b"\0\x10", AF_INET6)
    if type in (NS, CNAME, PTR, DNAME):
        return _NameMemo(head, names, wires).__getitem__

    def anyData(text: bytes) -> bytes:
        statement = cut(text)
        tokens = Tokens(statement.items)
        rdata = rdataFromText(type, tokens, names.origin)
        if statement.remarks or tokens.remarks:
            raise ValueError
        return rdata

    def exchange(text: bytes) -> bytes:
        preference, name = text.split()
        if name == b"." or not preference.isdigit():
            raise ValueError
        return _size(int(preference)) + names.read(name)

    def strings(text: bytes) -> bytes:
        if b'"' not in text:
            found = text.split()
        elif text[:1] == text[-1:] == b'"' and text.count(b'"') == 2:
            found = [text[1:-1]]
        else:
            return anyData(text)
        if not found:
            raise ValueError
        return b"".join([_octets[len(string)] + string for string in found])

    if type == DS:
        return _digest(head, anyData)
    converts: dict[int, _Convert] = {MX: exchange, TXT: strings}
    return _Memo(head, converts.get(type, anyData)).__getitem__


def _digest(head: bytes, anyData: _Convert) -> _Convert:
    """What makes packed RRs of the digests of keys; they are not kept.

    @param head: what precedes the length of the data.
    """

    def digest(text: bytes) -> bytes:
        fields = text.split()
        if len(fields) == 4 and len(fields[3]) == _digestDigits.get(fields[2]):
            tag, algorithm, kind, digits = fields
            if tag.isdigit() and algorithm.isdigit():
                octets = bytes.fromhex(digits.decode())
                return head + _sizes[4 + len(octets)] + _ds(int(tag), int(algorithm), int(kind)) + octets
        rdata = anyData(text)
        return head + _size(len(rdata)) + rdata

    return digest


def _address(head: bytes, family: int) -> _Convert:
    """What makes packed RRs of addresses; most have each its own, so they are not kept.

    @param head: what precedes the data.
    """

    def address(text: bytes) -> bytes:
        return head + inet_pton(family, text.rstrip().decode())

    return address


class Bulk:
    """Puts the records of plain lines into a zone.

    @ivar split: cuts whole lines into their parts.
    """

    split = _line.findall

    def __init__(self, builder: ZoneBuilder) -> None:
        """Be ready to put records into what is being built."""
        self.builder = builder

    def read(self, reader: Reader, lines: Lines) -> list[bytes]:
        """Read lines, with the reader's help where they are not plain; give back those that are to be read again.

        @param reader: what it knows is up to date when it is asked and at the end; its C{line} counts the lines.
        """
        builder = self.builder
        apex = builder.apex
        nodes = builder.nodes
        get = nodes.get
        line = reader.line
        names = Names(reader.origin)
        owners = _Owners(names, builder)
        middles = _Middles(reader, names, owners.wires)
        joins = _Joins()
        # The last owner in a plain line.
        previous = b""
        # The key of the owner if it lies in the zone, and its node as it is so far, not yet in its place.
        folded = _inside(reader.owner, apex)
        node = get(folded)
        # The last middle of a record.
        last = b""
        try:
            for owner, middle, text, other in lines:
                line += 1
                try:
                    if owner and owner != previous:
                        if node is not None:
                            nodes[folded] = node
                        folded = owners[owner]
                        previous = owner
                        node = get(folded)
                    elif not folded:
                        raise ValueError
                    packed = middles[middle](text)
                except (ValueError, LookupError, OSError, StructError):
                    if not middle and (other in _nothing or other.lstrip(b" \t")[:1] == b";"):
                        continue
                    # The reader knows better.
                    if node is not None:
                        nodes[folded] = node
                    reader.line = line
                    if previous:
                        reader.owner = owners.wires.get(previous, names.origin)
                    if last in middles.given:
                        reader.lastTtl = middles.given[last]
                    again = reader.statement(owner + middle + text + other)
                    line = reader.line
                    if again or reader.problems.full:
                        return again
                    if reader.origin != names.origin or reader.ttl != middles.ttl:
                        names = Names(reader.origin)
                        owners = _Owners(names, builder)
                        middles = _Middles(reader, names, owners.wires)
                    previous = last = b""
                    folded = _inside(reader.owner, apex)
                    node = get(folded)
                    continue
                if node is None:
                    node = packed
                    last = middle
                    continue
                if middle == last:
                    # Many names have the same few RRsets, such as the name servers of their registrar.
                    joined = joins[node, packed]
                else:
                    joined = _joined(node, packed)
                    last = middle
                if joined is None:
                    nodes[folded] = node
                    ttl = int.from_bytes(packed[6:10], "big")
                    where = Place(reader.file, line, 0, shown((owner + middle + text).strip()))
                    builder.add(folded, typeOf(packed), reader.cls, ttl, packed[HEADER:], where)
                    joined = nodes[folded]
                node = joined
        finally:
            # Whatever is raised has to do with the line that would have come next.
            reader.line = line
        if node is not None:
            nodes[folded] = node
        if last in middles.given:
            reader.lastTtl = middles.given[last]
        return []


class _Joins(dict[tuple[Node, bytes], "Node | None"]):
    """What L{_joined} gives, by its arguments."""

    def __missing__(self, key: tuple[Node, bytes]) -> Node | None:
        node, packed = key
        joined = _joined(node, packed)
        if len(node) + len(packed) < _KEPT:
            if len(self) >= _MEMO:
                self.clear()
            self[key] = joined
        return joined


def _inside(owner: bytes | None, apex: bytes) -> bytes:
    """The key of an owner in wire form, if it lies in the zone; otherwise nothing."""
    folded = (owner or b"").lower()
    return folded if folded and inZone(folded, apex) else b""


def _joined(node: Node, packed: bytes) -> Node | None:
    """A node with one more packed RR.

    @return: C{None} where there is more to it: a duplicate, perhaps, or another TTL, or so much data that the builder
        holds it.
    """
    if isinstance(node, bytes):
        if len(node) >= _GROWN:
            return None
        if node[3] == packed[3] and node[2] == packed[2]:
            if node[6:10] != packed[6:10] or packed.lower() in node.lower() or node[3] == _RRSIG_OCTET:
                return None
            return node + packed
        return (node, packed) if node[2:4] < packed[2:4] else (packed, node)
    if len(node) >= _MANY:
        return None
    mine = packed[2:4]
    position = 0
    for index, rrset in enumerate(node):
        if len(rrset) >= _GROWN:
            return None
        if rrset[2:4] <= mine:
            position = index + 1
    if position and node[position - 1][2:4] == mine:
        grown = _joined(node[position - 1], packed)
        return None if grown is None else (*node[: position - 1], *rrsetsAt(grown), *node[position:])
    return (*node[:position], packed, *node[position:])
