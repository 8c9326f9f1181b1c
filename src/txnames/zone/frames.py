"""Journals: differences one after the other, as octets that are added to at their end.

A journal begins with a head: the format, the I{epoch} (random octets) of the snapshot that it belongs to, and how long
its I{history} is, the differences that led up to that snapshot.  These come next, and then those that follow upon it:
each is a I{frame}, a length with a check of its own and a difference with its digest.  The check of a length covers
the digest of the frame before, or the epoch; so frames stay in their order, and in their journal.

What a crash leaves is told from damage.  A frame that was being written is the last one, and misses octets at its end,
or has zeros for them.  It may also have all, and be wrong; who knows whether it ever was right?
"""

from __future__ import annotations

import zlib
from collections.abc import Sequence
from hashlib import blake2b
from struct import Struct
from typing import Final

import attrs

from txnames.wire.name import Name
from txnames.zone.difference import Difference
from txnames.zone.image import CHECK, ImageError, readDifference, writeDifference

__all__ = [
    "EPOCH",
    "JOURNAL_HEAD",
    "SNAPSHOT_HEAD",
    "Frames",
    "checkChain",
    "readFrames",
    "readJournalHead",
    "readSnapshotHead",
    "writeFrame",
    "writeJournalHead",
    "writeSnapshotHead",
]

EPOCH: Final = 16
"""How many octets an epoch has."""

_SNAPSHOT: Final = b"txzone\0\1"
_JOURNAL: Final = b"txjour\0\1"
_MAGIC: Final = 7

# The format and, in the last octet, its version; the epoch; how many octets the name of the zone or the history has.
_head = Struct(f">8s{EPOCH}sQ")
_frameHead = Struct(">II")

JOURNAL_HEAD: Final = _head.size + CHECK
"""How many octets of a journal precede the first frame."""

SNAPSHOT_HEAD: Final = _head.size + 255 + CHECK
"""How many octets of a snapshot precede the image, at most."""


@attrs.frozen
class Frames:
    """What was found in a journal.

    @ivar differences: those of all whole frames.
    @ivar history: how many of them lead up to the snapshot.
    @ivar end: where the whole frames end.
    @ivar check: the digest of the last of them, or the epoch.
    @ivar torn: why there is a frame that does not count; C{None} if there is none.
    @ivar complete: whether all octets of such a frame may be there.
    """

    differences: list[Difference]
    history: int
    end: int
    check: bytes
    torn: str | None
    complete: bool


def writeSnapshotHead(origin: Name, epoch: bytes) -> bytes:
    """What precedes the image of a zone in a snapshot."""
    return _sealed(_head.pack(_SNAPSHOT, epoch, len(origin.wire)) + origin.wire)


def readSnapshotHead(octets: bytes) -> tuple[Name, bytes, int]:
    """The zone and epoch of a snapshot, and where its image begins.

    @raise ImageError: this is no snapshot, or it is damaged.
    """
    size = octets[_head.size - 1] if len(octets) >= _head.size else 0
    epoch, _ = _unsealed(octets, _SNAPSHOT, "snapshot", size)
    end = _head.size + size
    return Name.fromWire(octets[_head.size : end]), epoch, end + CHECK


def writeJournalHead(epoch: bytes, history: int) -> bytes:
    """What precedes the frames in a journal.

    @param history: how many octets the frames have that lead up to the snapshot.
    """
    return _sealed(_head.pack(_JOURNAL, epoch, history))


def readJournalHead(octets: bytes) -> tuple[bytes, int]:
    """The epoch of a journal, and how many octets its history has.

    @raise ImageError: this is no journal, or it is damaged.
    """
    return _unsealed(octets, _JOURNAL, "journal", 0)


def _sealed(octets: bytes) -> bytes:
    """Octets and their check."""
    return octets + blake2b(octets, digest_size=CHECK).digest()


def _unsealed(octets: bytes, magic: bytes, kind: str, size: int) -> tuple[bytes, int]:
    """The epoch and the number in a head, whose check has to be right.

    @param size: how many octets more the check covers.
    """
    if octets[:_MAGIC] != magic[:_MAGIC]:
        raise ImageError(f"it is not a {kind}")
    if octets[_MAGIC : len(magic)] != magic[_MAGIC:]:
        raise ImageError(f"it is a {kind} of another version of the format")
    end = _head.size + size
    if octets[: end + CHECK] != _sealed(octets[:end]):
        raise ImageError("its head is not as it was written")
    _, epoch, number = _head.unpack_from(octets)
    return epoch, number


def writeFrame(difference: Difference, check: bytes) -> bytes:
    """A difference as a frame of a journal; its last L{CHECK} octets are its digest.

    @param check: the digest of the frame before, or the epoch.
    """
    octets = writeDifference(difference)
    return _frameHead.pack(len(octets), _lengthCheck(len(octets), check)) + octets


def _lengthCheck(length: int, check: bytes) -> int:
    """The check of a frame's length."""
    return zlib.crc32(b"%d" % length, zlib.crc32(check))


def checkChain(differences: Sequence[Difference], serial: int) -> None:
    """Make sure that each difference is from what the one before leads to, and that the last leads to a serial.

    @raise ValueError: that is not so.
    """
    follow = [*[difference.oldSerial for difference in differences[1:]], serial]
    for difference, expected in zip(differences, follow, strict=False):
        if difference.newSerial != expected:
            raise ValueError(f"a difference to serial {difference.newSerial}, where one to {expected} should be")


def readFrames(octets: bytes, epoch: bytes, serial: int) -> Frames:
    """What is in the journal of a snapshot that has some epoch and serial.

    @raise ImageError: it is damaged, or that of another snapshot.
    """
    found, size = readJournalHead(octets)
    if found != epoch:
        raise ImageError("it is that of another snapshot")
    view = memoryview(octets)
    differences: list[Difference] = []
    history = 0
    torn = None
    complete = False
    check = epoch
    end = JOURNAL_HEAD
    while end < len(octets):
        start = end + _frameHead.size
        length, lengthCheck = _frameHead.unpack(octets[end:start].ljust(_frameHead.size, b"\0"))
        known = lengthCheck == _lengthCheck(length, check)
        if not known and any(view[start:]):
            raise ImageError(f"the length of a version, at octet {end}, is not as it was written")
        if not known or start + length > len(octets):
            torn = "it was not written to its end"
            break
        try:
            difference = readDifference(view[start : start + length])
        except ImageError as error:
            if start + length < len(octets):
                raise ImageError(f"a version, at octet {end}, is not as it was written: {error}") from None
            torn = str(error)
            complete = True
            break
        differences.append(difference)
        end = start + length
        check = octets[end - CHECK : end]
        if end == JOURNAL_HEAD + size:
            history = len(differences)
    if size and not history:
        raise ImageError("its history is not whole")
    try:
        checkChain(differences[:history], serial)
    except ValueError as error:
        raise ImageError(str(error)) from None
    return Frames(differences, history, end, check, torn, complete)
