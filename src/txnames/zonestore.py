"""Zones in a folder, from one run of a program to the next.

Each zone has three files.  C{NAME.zone} is the I{snapshot}, one version of the zone as a whole.  C{NAME.journal} holds
the differences that led up to it and those that follow upon it (L{txnames.zone.frames}), so that a new version costs
no more than what is new in it.  C{NAME.state} is what else is to be known of the zone, as JSON.

A crash at any time leaves the version that was stored last, or the one that was being stored.  A file is written under
another name (C{NAME.zone-new}) and gets its own when all of it is on the disc; a frame of the journal counts when all
of it is there.  But two files cannot get their names both at once.  So a snapshot has an I{epoch}, random octets, which
its journal repeats: a journal of another epoch is none.  L{ZoneStore.save} writes the new journal, writes the new
snapshot, and then names the snapshot, which is the moment when the new version counts, and the journal; whoever finds
a snapshot and the journal of another, and that of the snapshot still under the name C{NAME.journal-new}, ends that.

All that is read is checked.  What was cut short by a crash is cut off; what was damaged is set aside as
C{NAME.damaged-1} and so on, for someone to look at; and the log says so.
"""

from __future__ import annotations

import fcntl
import json
import os
import re
import secrets
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from hashlib import blake2b
from types import TracebackType
from typing import Any, Final

import attrs
from twisted.python import log

from txnames.wire.name import MAX_LABEL, MAX_NAME, Name
from txnames.zone.difference import Difference, applied
from txnames.zone.frames import (
    EPOCH,
    JOURNAL_HEAD,
    SNAPSHOT_HEAD,
    Frames,
    checkChain,
    readFrames,
    readJournalHead,
    readSnapshotHead,
    writeFrame,
    writeJournalHead,
    writeSnapshotHead,
)
from txnames.zone.image import CHECK, ImageError, readImage, writeImage
from txnames.zone.tree import Zone

__all__ = ["StoreLockedError", "Stored", "ZoneStore", "fileName"]

_SMALL: Final = 1 << 16
# The longest name that is a file's name too; there are file systems that take no more than 143 octets.
_LONGEST: Final = 120

_special = re.compile(rb"[^a-z0-9_-]")
_escaped = re.compile(rb"%([0-9a-f]{2})")


class StoreLockedError(Exception):
    """Another process, or another store of this one, uses the folder."""


@attrs.frozen
class Stored:
    """What a store has of a zone.

    @ivar zone: the latest version.
    @ivar journal: the differences that lead up to it, oldest first; those up to the snapshot, too.
    @ivar state: what L{ZoneStore.saveState} was given; empty where there is nothing.
    """

    zone: Zone
    journal: list[Difference]
    state: dict[str, Any]


@attrs.frozen
class _Tail:
    """Where a journal ends.

    @ivar end: the octets of its head and its frames.
    @ivar check: the digest of the last frame, or the epoch.
    @ivar serial: the serial of the version that it leads to.
    """

    end: int
    check: bytes
    serial: int


class ZoneStore:
    """The zones in a folder, which is made if need be; no other process can use it meanwhile.

    Zones go by their names, whatever their class.  The methods do not return before all is on the disc, so they may
    take a while for a large zone; they are to be called one after the other.

    @ivar folder: the path of the folder.
    """

    def __init__(self, folder: str | os.PathLike[str]) -> None:
        """Take possession of a folder.

        @raise StoreLockedError: another has it.
        @raise OSError: it cannot be used.
        """
        self.folder = os.fspath(folder)
        os.makedirs(self.folder, 0o700, exist_ok=True)
        self._tails: dict[str, _Tail] = {}
        self._lock: int | None = _locked(self._path(".lock"), self.folder)
        with suppress(OSError):
            # The folder may be new.
            _sync(os.path.dirname(os.path.abspath(self.folder)))
        try:
            self._sweep()
        except BaseException:
            self.close()
            raise

    def close(self) -> None:
        """Let others have the folder; the store must not be used any more."""
        if self._lock is not None:
            os.close(self._lock)
            self._lock = None

    def __enter__(self) -> ZoneStore:
        """The store itself."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Close the store."""
        self.close()

    def origins(self) -> list[Name]:
        """The names of all zones that have a snapshot, in the order of their files.

        @raise OSError: a file cannot be read.
        """
        found = []
        for name in sorted(self._names()):
            origin = _originOf(name)
            if origin is None:
                with suppress(ImageError), open(self._path(f"{name}.zone"), "rb") as file:
                    origin, _, _ = readSnapshotHead(file.read(SNAPSHOT_HEAD))
            if origin is not None and fileName(origin) == name:
                found.append(origin)
            else:
                log.msg(f"{self._path(name)}.zone is not the file of a zone")
        return found

    def load(self, origin: Name) -> Stored | None:
        """The latest version of a zone, and what is known of it; C{None} where there is none.

        Files that are damaged are set aside.  Without the snapshot there is no zone; without the journal there is the
        version of the snapshot.  A frame of the journal that was not written to its end does not count.

        @raise OSError: a file cannot be read.
        """
        name = fileName(origin)
        self._tails.pop(name, None)
        octets = self._read(f"{name}.zone")
        if octets is None:
            return None
        try:
            found, epoch, start = readSnapshotHead(octets)
            if found != origin:
                raise ImageError(f"it is of the zone {found}")
            zone = readImage(memoryview(octets)[start:])
            serial = zone.serial
        except (LookupError, ValueError) as error:
            with self._mending(name):
                self._setAside(name, f"{name}.zone", f"{error}; {origin} has to come from elsewhere")
                self._setAside(name, f"{name}.journal", "its snapshot is damaged")
            return None
        latest, journal = self._withJournal(name, epoch, zone, serial)
        return Stored(latest, journal, self._readState(name))

    def save(self, zone: Zone, journal: Iterable[Difference] = ()) -> None:
        """Keep a version of a zone as a whole, in the place of all that was there but its state.

        @param journal: differences that lead up to this version, oldest first.
        @raise OSError: that failed; the next L{load} gives this version, or still the one before.
        @raise ValueError: the differences do not lead up to this version.
        @raise LookupError: the zone has no SOA record.
        """
        name = fileName(zone.origin)
        serial = zone.serial
        history = list(journal)
        checkChain(history, serial)
        epoch = secrets.token_bytes(EPOCH)
        tail = self._writeJournal(name, epoch, serial, history)
        try:
            self._write(f"{name}.zone-new", _snapshot(zone, epoch))
        except BaseException:
            self._unlink(f"{name}.journal-new")
            raise
        # From here on it is for load to say which version there is, unless all goes well.
        self._tails.pop(name, None)
        try:
            self._rename(f"{name}.zone-new", f"{name}.zone")
        except BaseException:
            self._unlink(f"{name}.zone-new")
            raise
        self._rename(f"{name}.journal-new", f"{name}.journal")
        self._tails[name] = tail

    def append(self, origin: Name, difference: Difference) -> None:
        """Keep the next version of a zone, by what is new in it.

        @raise OSError: that failed; the next L{load} gives the version before.  (But this one, if not even that can be
            undone which was written.)
        @raise LookupError: the zone is not in the store.
        @raise ValueError: the difference is not from the latest version in the store.
        """
        name = fileName(origin)
        tail = self._tails.get(name)
        if tail is None:
            if self.load(origin) is None:
                raise LookupError(f"{origin} is not in {self.folder}")
            tail = self._tails.get(name)
            if tail is None:
                raise OSError(f"{self._path(name)}.journal cannot be put right")
        if difference.oldSerial != tail.serial:
            raise ValueError(f"a difference from serial {difference.oldSerial}, where the serial is {tail.serial}")
        frame = writeFrame(difference, tail.check)
        descriptor = os.open(self._path(f"{name}.journal"), os.O_WRONLY)
        try:
            os.lseek(descriptor, tail.end, os.SEEK_SET)
            _writeAll(descriptor, frame)
            os.fsync(descriptor)
        except BaseException:
            try:
                os.ftruncate(descriptor, tail.end)
            except OSError:
                # It is for load to find out what there is.
                del self._tails[name]
            raise
        finally:
            os.close(descriptor)
        self._tails[name] = _Tail(tail.end + len(frame), frame[-CHECK:], difference.newSerial)

    def compactable(self, origin: Name) -> bool:
        """Whether the differences that follow upon the snapshot have more than half of its size, and over 64 KB.

        They are worth a L{save} then, which makes the next L{load} faster and the files smaller.

        @raise OSError: a file cannot be read.
        """
        name = fileName(origin)
        try:
            with open(self._path(f"{name}.journal"), "rb") as file:
                _, history = readJournalHead(file.read(JOURNAL_HEAD))
                grown = os.fstat(file.fileno()).st_size - JOURNAL_HEAD - history
            return grown > max(_SMALL, os.stat(self._path(f"{name}.zone")).st_size // 2)
        except (FileNotFoundError, ImageError):
            return False

    def saveState(self, origin: Name, state: Mapping[str, Any]) -> None:
        """Keep what is to be known of a zone, besides its records, in the place of what was known.

        @param state: what JSON can hold: the serial, and when the zone was last refreshed and when it expires, in
            seconds of the wall clock.
        @raise OSError: that failed; the next L{load} gives this state, or still the one before.
        @raise TypeError: it has something that JSON cannot hold.
        """
        name = fileName(origin)
        held = json.loads(json.dumps(dict(state)))
        octets = json.dumps({"check": _stateCheck(held), "state": held}).encode() + b"\n"
        self._write(f"{name}.state-new", [octets])
        try:
            self._rename(f"{name}.state-new", f"{name}.state")
        except BaseException:
            self._unlink(f"{name}.state-new")
            raise

    def remove(self, origin: Name) -> None:
        """Forget a zone, if it is there; what was set aside stays.

        @raise OSError: that failed; its latest version is still there, or nothing of it.
        """
        name = fileName(origin)
        self._tails.pop(name, None)
        # The journal goes last: without it the snapshot would be an older version.
        for suffix in ("state", "zone", "journal-new", "journal"):
            with suppress(FileNotFoundError):
                os.unlink(self._path(f"{name}.{suffix}"))
            if suffix == "zone":
                _sync(self.folder)
        _sync(self.folder)

    def _withJournal(self, name: str, epoch: bytes, zone: Zone, serial: int) -> tuple[Zone, list[Difference]]:
        """The version to which the journal of a snapshot leads, and all differences that are in it."""
        with self._mending(name):
            self._finish(name, epoch)
        octets = self._read(f"{name}.journal")
        try:
            if octets is None:
                raise ImageError("there is none")
            frames = readFrames(octets, epoch, serial)
            later = frames.differences[frames.history :]
            latest = applied(zone, later) if later else zone
        except ValueError as error:
            with self._mending(name):
                self._setAside(name, f"{name}.journal", f"{error}; {zone.origin} goes on from serial {serial}")
                tail = self._writeJournal(name, epoch, serial, [])
                self._rename(f"{name}.journal-new", f"{name}.journal")
                self._tails[name] = tail
            return zone, []
        with self._mending(name):
            if frames.torn is not None:
                self._cut(name, octets, frames)
            self._tails[name] = _Tail(frames.end, frames.check, latest.serial)
        return latest, frames.differences

    def _finish(self, name: str, epoch: bytes) -> None:
        """End what L{save} may have begun: the journal of a new snapshot takes its place."""
        waiting = f"{name}.journal-new"
        if self._epochOf(waiting) == epoch != self._epochOf(f"{name}.journal"):
            _sync(self.folder)
            self._rename(waiting, f"{name}.journal")
        else:
            self._unlink(waiting)

    def _epochOf(self, file: str) -> bytes | None:
        """The epoch of a journal; C{None} where there is none, or a damaged one."""
        try:
            with open(self._path(file), "rb") as opened:
                return readJournalHead(opened.read(JOURNAL_HEAD))[0]
        except (FileNotFoundError, ImageError):
            return None

    def _cut(self, name: str, octets: bytes, frames: Frames) -> None:
        """Cut off a frame that does not count; one that may be more than the begin of one is kept."""
        file = f"{name}.journal"
        log.msg(f"the last version in {self._path(file)} does not count: {frames.torn}")
        if frames.complete:
            damaged = self._unused(name)
            self._write(f"{name}.journal-new", [octets[frames.end :]])
            self._rename(f"{name}.journal-new", damaged)
            log.msg(f"what was there is in {self._path(damaged)}")
        descriptor = os.open(self._path(file), os.O_WRONLY)
        try:
            os.ftruncate(descriptor, frames.end)
            os.fsync(descriptor)
        finally:
            os.close(descriptor)

    @contextmanager
    def _mending(self, name: str) -> Iterator[None]:
        """Go on where files cannot be put right: what was read is not worse for that."""
        try:
            yield
        except OSError as error:
            log.msg(f"the files {self._path(name)}.* cannot be put right: {error}")

    def _setAside(self, name: str, file: str, reason: str) -> None:
        """Give a damaged file a name by which it is in nobody's way."""
        damaged = self._unused(name)
        try:
            self._rename(file, damaged)
        except FileNotFoundError:
            log.msg(f"{self._path(file)} is missing: {reason}")
        except OSError:
            log.msg(f"{self._path(file)} is damaged: {reason}")
            raise
        else:
            log.msg(f"{self._path(file)} is damaged, and {self._path(damaged)} from now on: {reason}")

    def _unused(self, name: str) -> str:
        """The name for the next damaged file of a zone."""
        number = 1
        while os.path.lexists(self._path(f"{name}.damaged-{number}")):
            number += 1
        return f"{name}.damaged-{number}"

    def _readState(self, name: str) -> dict[str, Any]:
        """The state of a zone."""
        octets = self._read(f"{name}.state")
        if octets is None:
            return {}
        try:
            found = json.loads(octets)
            state: dict[str, Any] = found["state"]
            if found["check"] == _stateCheck(state):
                return state
            reason = "the check is not that of the state"
        except (LookupError, TypeError, ValueError) as error:
            reason = str(error)
        with self._mending(name):
            self._setAside(name, f"{name}.state", reason)
        return {}

    def _writeJournal(self, name: str, epoch: bytes, serial: int, history: Sequence[Difference]) -> _Tail:
        """Write a journal that is not in its place yet."""
        check = epoch
        frames = []
        for difference in history:
            frames.append(writeFrame(difference, check))
            check = frames[-1][-CHECK:]
        size = sum(map(len, frames))
        self._write(f"{name}.journal-new", [writeJournalHead(epoch, size), *frames])
        return _Tail(JOURNAL_HEAD + size, check, serial)

    def _path(self, file: str) -> str:
        """The path of a file of the folder."""
        return os.path.join(self.folder, file)

    def _names(self) -> set[str]:
        """What the files of the zones begin with."""
        return {file.removesuffix(".zone") for file in os.listdir(self.folder) if file.endswith(".zone")}

    def _sweep(self) -> None:
        """Take away what a crash left half written, but for journals, of which L{load} decides."""
        names = self._names()
        for file in os.listdir(self.folder):
            name, _, suffix = file.rpartition(".")
            if suffix in ("zone-new", "state-new") or (suffix == "journal-new" and name not in names):
                self._unlink(file)

    def _unlink(self, file: str) -> None:
        """Take away a file that has no use, if that is possible."""
        with suppress(OSError):
            os.unlink(self._path(file))

    def _read(self, file: str) -> bytes | None:
        """All that is in a file; C{None} if there is none."""
        try:
            with open(self._path(file), "rb") as opened:
                return opened.read()
        except FileNotFoundError:
            return None

    def _write(self, file: str, parts: Iterable[bytes]) -> None:
        """Make a file, all of it on the disc, or none."""
        descriptor = os.open(self._path(file), os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        try:
            try:
                for part in parts:
                    _writeAll(descriptor, part)
                os.fsync(descriptor)
            finally:
                os.close(descriptor)
        except BaseException:
            self._unlink(file)
            raise

    def _rename(self, old: str, new: str) -> None:
        """Give a file another name, on the disc too."""
        os.replace(self._path(old), self._path(new))
        _sync(self.folder)


def fileName(origin: Name) -> str:
    """What the files of a zone begin with: no two names have the same.

    It is the name in lower case, where all octets but letters, digits, C{_} and C{-} are escaped as in URLs; C{@root}
    for the root; and for a name that is too long its digest.
    """
    labels = [_special.sub(lambda found: b"%%%02x" % ord(found[0]), label.lower()) for label in origin.labels]
    name = b".".join(labels).decode("ascii")
    if len(name) > _LONGEST:
        return "@" + blake2b(origin.folded, digest_size=32).hexdigest()
    return name or "@root"


def _originOf(name: str) -> Name | None:
    """The zone whose files begin with this; C{None} where that does not tell."""
    if name == "@root":
        return Name()
    labels = [_escaped.sub(lambda found: bytes((int(found[1], 16),)), one) for one in os.fsencode(name).split(b".")]
    size = sum([1 + len(label) for label in labels]) + 1
    if size > MAX_NAME or not all(0 < len(label) <= MAX_LABEL for label in labels):
        return None
    return Name.fromWire(b"".join([bytes((len(label),)) + label for label in labels]) + b"\0")


def _snapshot(zone: Zone, epoch: bytes) -> Iterator[bytes]:
    """What is in a snapshot."""
    yield writeSnapshotHead(zone.origin, epoch)
    yield from writeImage(zone)


def _stateCheck(state: dict[str, Any]) -> str:
    """What changes when a state does."""
    return blake2b(json.dumps(state, sort_keys=True).encode(), digest_size=8).hexdigest()


def _locked(path: str, folder: str) -> int:
    """Open a file and lock it, for as long as it is open; it says which process has it."""
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        holder = os.read(descriptor, 20).decode("ascii", "replace").strip()
        os.close(descriptor)
        if isinstance(error, BlockingIOError):
            raise StoreLockedError(f"the zones in {folder} are in use, by process {holder or 'unknown'}") from None
        raise
    with suppress(OSError):
        os.ftruncate(descriptor, 0)
        os.write(descriptor, b"%d\n" % os.getpid())
    return descriptor


def _writeAll(descriptor: int, octets: bytes) -> None:
    """Write all of some octets."""
    view = memoryview(octets)
    while view:
        view = view[os.write(descriptor, view) :]


def _sync(folder: str) -> None:
    """Bring the names of a folder's files to the disc."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
