"""Tests of L{txnames.zone.frames}."""

import pytest

from txnames.wire.name import Name
from txnames.zone.difference import Difference
from txnames.zone.frames import (
    JOURNAL_HEAD,
    SNAPSHOT_HEAD,
    checkChain,
    readFrames,
    readJournalHead,
    readSnapshotHead,
    writeFrame,
    writeJournalHead,
    writeSnapshotHead,
)
from txnames.zone.image import CHECK, ImageError

from .versions import ORIGIN, chain

EPOCH = bytes(range(16))
OTHER = bytes(16)
STEPS = chain(1, 6)
HISTORY = 2
AT = 3


def framesOf(steps: list[Difference], check: bytes = EPOCH) -> list[bytes]:
    """Frames that follow one upon the other."""
    frames = []
    for step in steps:
        frames.append(writeFrame(step, check))
        check = frames[-1][-CHECK:]
    return frames


FRAMES = framesOf(STEPS)
HEAD = writeJournalHead(EPOCH, len(b"".join(FRAMES[:HISTORY])))
JOURNAL = b"".join([HEAD, *FRAMES])
BOUNDS = [len(b"".join([HEAD, *FRAMES[:count]])) for count in range(len(FRAMES) + 1)]


# A history that leads to another serial.
LATER = b"".join(framesOf(STEPS[1:3]))
LATER = writeJournalHead(EPOCH, len(LATER)) + LATER


def test_whole() -> None:
    """A journal is read as it was written: its history, what follows, and where it ends."""
    found = readFrames(JOURNAL, EPOCH, AT)
    assert (found.differences, found.history, found.end) == (STEPS, HISTORY, len(JOURNAL))
    assert (found.check, found.torn, found.complete) == (JOURNAL[-CHECK:], None, False)
    assert writeFrame(STEPS[0], found.check) != FRAMES[0]


def test_empty() -> None:
    """A journal may have no frames, and so no end but that of its head."""
    found = readFrames(writeJournalHead(EPOCH, 0), EPOCH, AT)
    assert (found.differences, found.history, found.end, found.check) == ([], 0, JOURNAL_HEAD, EPOCH)
    assert found.torn is None


def test_everyPrefix() -> None:
    """What is missing at the end costs the last frame alone, but for the head and the history."""
    for size in range(len(JOURNAL)):
        if size < BOUNDS[HISTORY]:
            with pytest.raises(ImageError):
                readFrames(JOURNAL[:size], EPOCH, AT)
            continue
        whole = sum(bound <= size for bound in BOUNDS) - 1
        found = readFrames(JOURNAL[:size], EPOCH, AT)
        assert (found.differences, found.history, found.end) == (STEPS[:whole], HISTORY, BOUNDS[whole])
        assert ((found.torn is None), found.complete) == (size == BOUNDS[whole], False)


def test_zeros() -> None:
    """So do zeros in the place of what is missing."""
    for size in range(BOUNDS[HISTORY], len(JOURNAL)):
        whole = sum(bound <= size for bound in BOUNDS) - 1
        octets = JOURNAL[:size].ljust(BOUNDS[whole + 1], b"\0")
        if octets != JOURNAL[: BOUNDS[whole + 1]]:
            found = readFrames(octets, EPOCH, AT)
            assert (found.differences, found.history, found.end) == (STEPS[:whole], HISTORY, BOUNDS[whole])
            assert found.torn is not None
    found = readFrames(JOURNAL + bytes(5000), EPOCH, AT)
    assert (found.differences, found.end, found.complete) == (STEPS, len(JOURNAL), False)


def test_everyOctet() -> None:
    """No octet changes without notice; if it is one of the last frame's difference, the frames before it are read."""
    for position in range(len(JOURNAL)):
        damaged = bytearray(JOURNAL)
        damaged[position] ^= 0x40
        if position < BOUNDS[-2] + 8:
            with pytest.raises(ImageError):
                readFrames(bytes(damaged), EPOCH, AT)
        else:
            found = readFrames(bytes(damaged), EPOCH, AT)
            assert (found.differences, found.end, found.complete) == (STEPS[:-1], BOUNDS[-2], True)
            assert found.torn == "the digest is not that of the octets" or "does not begin with" in str(found.torn)


@pytest.mark.parametrize(
    ("octets", "reason"),
    [
        (b"", "not a journal"),
        (writeSnapshotHead(ORIGIN, EPOCH), "not a journal"),
        (HEAD[:7] + b"\2" + HEAD[8:], "another version of the format"),
        (HEAD[:-1], "its head is not"),
        (writeJournalHead(OTHER, 0) + b"".join(framesOf(STEPS, OTHER)), "of another snapshot"),
        (HEAD + b"".join(framesOf(STEPS, OTHER)), "the length of a version, at octet 48, is not"),
        (HEAD + FRAMES[1] + FRAMES[0], "the length of a version"),
        (HEAD + FRAMES[0] + b"".join(FRAMES[2:]), "the length of a version"),
        (LATER, "to serial 4, where one to 3 should be"),
        (HEAD + FRAMES[0], "its history is not whole"),
    ],
)
def test_damaged(octets: bytes, reason: str) -> None:
    """Heads, epochs, the order of frames and their serials have to be right."""
    with pytest.raises(ImageError, match=reason):
        readFrames(octets, EPOCH, AT)


def test_chain() -> None:
    """Differences in a row lead from each serial to the next, and at last to that which is expected."""
    checkChain([], 1)
    checkChain(STEPS, 6)
    for steps, serial in ((STEPS, 5), (STEPS[::2], 6), (STEPS[::-1], 2)):
        with pytest.raises(ValueError, match="should be"):
            checkChain(steps, serial)


def test_journalHead() -> None:
    """The head of a journal says how long its history is."""
    assert readJournalHead(HEAD) == (EPOCH, BOUNDS[HISTORY] - JOURNAL_HEAD)
    assert len(HEAD) == JOURNAL_HEAD


@pytest.mark.parametrize("name", ["", "Example.org", ".".join(["x" * 63] * 3 + ["y" * 61])])
def test_snapshotHead(name: str) -> None:
    """The head of a snapshot names the zone, and every octet of it counts."""
    head = writeSnapshotHead(Name(name), EPOCH)
    origin, epoch, start = readSnapshotHead(head + b"image")
    assert (origin.wire, epoch, start) == (Name(name).wire, EPOCH, len(head))
    assert len(head) <= SNAPSHOT_HEAD
    for position in range(len(head)):
        damaged = bytearray(head + b"image")
        damaged[position] ^= 1
        with pytest.raises(ImageError):
            readSnapshotHead(bytes(damaged))
        with pytest.raises(ImageError):
            readSnapshotHead(head[:position])
