"""Zones and differences as octets, for files.

An image of a zone is a first line, blocks, and the BLAKE2 digest of all that.  A block is its size and what zlib made
of some hundred kilobytes of the zone; the first names the zone, most hold nodes, the last ones the names that are not
written in lower case.  Within a block all numbers come first, then the owners, then the RRsets, so that a block is
cut up without a look at what is in it.  Nodes keep their order.

The digest is looked at before anything else.  So damage is found wherever it is, and what is read after that was
written by this module.
"""

from __future__ import annotations

import zlib
from collections.abc import Callable, Iterable, Iterator, Sequence
from hashlib import blake2b
from itertools import accumulate, islice, pairwise
from struct import Struct, pack, unpack_from
from struct import error as StructError
from typing import Final, TypeAlias, TypeVar

from txnames.wire.name import Name
from txnames.wire.numbers import SOA
from txnames.zone.difference import Difference
from txnames.zone.rrset import typeOf
from txnames.zone.tree import Node, Zone

__all__ = ["CHECK", "ImageError", "Octets", "readDifference", "readImage", "writeDifference", "writeImage"]

Octets: TypeAlias = bytes | bytearray | memoryview

CHECK: Final = 16
"""How many octets of digest end an image; they are different for each content."""

_ZONE: Final = b"txnames zone 1\n"
_DIFFERENCE: Final = b"txnames difference 1\n"
_BLOCK_OCTETS: Final = 1 << 18
_LEVEL: Final = 1

_APEX, _NODES, _SPELLING = range(3)

_size = Struct(">I")
_zoneHead = Struct(">BH")
_nodesHead = Struct(">BII")
_spellingHead = Struct(">BI")
_differenceHead = Struct(">4I")

_Read = TypeVar("_Read")


class ImageError(ValueError):
    """Octets are not an image, or are damaged."""


def writeImage(zone: Zone) -> Iterator[bytes]:
    """A zone as octets, in pieces of some 64 kilobytes."""
    digest = blake2b(_ZONE, digest_size=CHECK)
    yield _ZONE
    for block in _blocks(zone):
        octets = zlib.compress(block, _LEVEL)
        octets = _size.pack(len(octets)) + octets
        digest.update(octets)
        yield octets
    yield digest.digest()


def _blocks(zone: Zone) -> Iterator[bytes]:
    """A zone in blocks."""
    yield _zoneHead.pack(_APEX, zone.cls) + zone.origin.wire
    owners: list[bytes] = []
    counts: list[int] = []
    sets: list[bytes] = []
    size = 0
    rest = -len(zone.apex)
    for folded, node in zone.nodes.items():
        owners.append(folded[:rest])
        size += len(folded)
        if isinstance(node, bytes):
            counts.append(1)
            sets.append(node)
            size += len(node)
        else:
            counts.append(len(node))
            sets += node
            size += sum(map(len, node))
        if size > _BLOCK_OCTETS:
            yield _nodesBlock(owners, counts, sets)
            owners, counts, sets = [], [], []
            size = 0
    yield _nodesBlock(owners, counts, sets)
    spelled = iter(zone.spelling.values())
    while some := list(islice(spelled, _BLOCK_OCTETS >> 5)):
        yield _spellingHead.pack(_SPELLING, len(some)) + bytes(map(len, some)) + b"".join(some)


def _nodesBlock(owners: list[bytes], counts: list[int], sets: list[bytes]) -> bytes:
    """A block of nodes.

    @param owners: the names, folded, without the apex.
    @param counts: how many RRsets each has.
    @param sets: all their packed RRsets.
    """
    parts = [_nodesHead.pack(_NODES, len(owners), len(sets)), bytes(map(len, owners)), _numbers(counts)]
    return b"".join([*parts, _numbers(list(map(len, sets))), *owners, *sets])


def _numbers(values: Sequence[int]) -> bytes:
    """Numbers of 32 bits each."""
    return pack(f">{len(values)}I", *values)


def readImage(octets: Octets) -> Zone:
    """The zone of an image.

    @raise ImageError: this is no image of a zone, or a damaged one.
    """
    return _guarded(_readZone, _whole(octets, _ZONE))


def _whole(octets: Octets, kind: bytes) -> memoryview:
    """What stands between the first line of an image and its digest, if these are right."""
    view = memoryview(octets)
    body, check = view[:-CHECK], view[-CHECK:]
    if body[: len(kind)] != kind:
        raise ImageError(f"this does not begin with {kind.decode().rstrip()!r}")
    if blake2b(body, digest_size=CHECK).digest() != check:
        raise ImageError("the digest is not that of the octets")
    return body[len(kind) :]


def _guarded(read: Callable[[memoryview], _Read], body: memoryview) -> _Read:
    """What some octets hold.

    @raise ImageError: they were not written by this module, in spite of their digest.
    """
    try:
        return read(body)
    except ImageError:
        raise
    except (LookupError, StructError, ValueError, zlib.error) as error:
        raise ImageError(f"the octets make no sense: {error}") from None


def _readZone(body: memoryview) -> Zone:
    """The zone of blocks."""
    blocks = _uncompressed(body)
    first = next(blocks, b"")
    kind, cls = _zoneHead.unpack_from(first)
    if kind != _APEX:
        raise ImageError("the first block does not name the zone")
    origin = Name.fromWire(first[_zoneHead.size :])
    nodes: dict[bytes, Node] = {}
    spelling: dict[bytes, bytes] = {}
    apex = origin.folded
    for block in blocks:
        if block[0] == _NODES:
            _readNodes(block, apex, nodes)
        else:
            _, count = _spellingHead.unpack_from(block)
            start = _spellingHead.size + count
            (owners,) = _cut(block, start, block[_spellingHead.size : start])
            spelling.update([(owner.lower(), owner) for owner in owners])
    return Zone(origin, cls, nodes, spelling)


def _uncompressed(body: memoryview) -> Iterator[bytes]:
    """The blocks of an image."""
    position = 0
    while position < len(body):
        (size,) = _size.unpack_from(body, position)
        position += _size.size
        yield zlib.decompress(body[position : position + size])
        position += size


def _readNodes(block: bytes, apex: bytes, nodes: dict[bytes, Node]) -> None:
    """Take in a block of nodes."""
    _, count, total = _nodesHead.unpack_from(block)
    start = _nodesHead.size
    lengths = block[start : start + count]
    start += count
    counts = unpack_from(f">{count}I", block, start)
    sizes = unpack_from(f">{total}I", block, start + 4 * count)
    if sum(counts) != total:
        raise ImageError("a block has not as many RRsets as its names")
    owners, sets = _cut(block, start + 4 * (count + total), lengths, sizes)
    if count == total == counts.count(1):
        nodes.update(zip([owner + apex for owner in owners], sets, strict=True))
        return
    rest = iter(sets)
    for owner, number in zip(owners, counts, strict=True):
        nodes[owner + apex] = next(rest) if number == 1 else tuple(islice(rest, number))


def _cut(block: bytes, start: int, *parts: Iterable[int]) -> list[list[bytes]]:
    """Cut what a block has from some octet on into pieces of these sizes.

    @raise ImageError: the block has more or less than that.
    """
    found = []
    for sizes in parts:
        bounds = list(accumulate(sizes, initial=start))
        start = bounds[-1]
        found.append([block[begin:end] for begin, end in pairwise(bounds)])
    if start != len(block):
        raise ImageError("a block is not as long as what is in it")
    return found


def writeDifference(difference: Difference) -> bytes:
    """A difference as octets; their last L{CHECK} are their digest."""
    pairs = (*difference.removed, *difference.added)
    owners = [owner for owner, _ in pairs]
    sets = [packed for _, packed in pairs]
    soas = difference.oldSOA, difference.newSOA
    head = _differenceHead.pack(*map(len, soas), len(difference.removed), len(difference.added))
    block = b"".join([head, bytes(map(len, owners)), _numbers(list(map(len, sets))), *soas, *owners, *sets])
    body = _DIFFERENCE + zlib.compress(block, _LEVEL)
    return body + blake2b(body, digest_size=CHECK).digest()


def readDifference(octets: Octets) -> Difference:
    """The difference of an image.

    @raise ImageError: this is no image of a difference, or a damaged one.
    """
    return _guarded(_readDifference, _whole(octets, _DIFFERENCE))


def _readDifference(body: memoryview) -> Difference:
    """The difference of a block."""
    block = zlib.decompress(body)
    *soas, removed, added = _differenceHead.unpack_from(block)
    count = removed + added
    start = _differenceHead.size
    lengths = block[start : start + count]
    sizes = unpack_from(f">{count}I", block, start + count)
    (old, new), owners, sets = _cut(block, start + 5 * count, soas, lengths, sizes)
    if typeOf(old) != SOA or typeOf(new) != SOA:
        raise ImageError("a difference is not between two SOA records")
    pairs = list(zip(owners, sets, strict=True))
    return Difference(old, new, tuple(pairs[:removed]), tuple(pairs[removed:]))
