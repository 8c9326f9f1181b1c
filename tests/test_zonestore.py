"""Tests of L{txnames.zonestore}."""

import errno
import json
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from twisted.python import log

from txnames.wire.name import Name
from txnames.wire.numbers import CH
from txnames.zone.difference import difference
from txnames.zone.frames import JOURNAL_HEAD
from txnames.zone.tree import Zone
from txnames.zonestore import Stored, StoreLockedError, ZoneStore, fileName

from .zone.versions import ORIGIN, chain, contents, isVersion, version

SNAPSHOT, JOURNAL, STATE = "example.org.zone", "example.org.journal", "example.org.state"
TIMES = {"serial": 4, "refreshed": 1700000000.5, "expires": 1701209600}


@pytest.fixture
def messages() -> Iterator[list[str]]:
    """What is logged meanwhile."""
    found: list[str] = []

    def observe(event: dict[str, Any]) -> None:
        """Take down an event."""
        found.append(log.textFromEventDict(event) or "")

    log.addObserver(observe)
    yield found
    log.removeObserver(observe)


@pytest.fixture
def hasty(monkeypatch: pytest.MonkeyPatch) -> None:
    """Do not wait for the disc."""
    monkeypatch.setattr(os, "fsync", lambda descriptor: None)


def fill(folder: Path) -> None:
    """Keep version 3 as a whole, with the two steps that led to it, and the steps to versions 4 and 5."""
    steps = chain(1, 5)
    with ZoneStore(folder) as store:
        store.save(version(3), steps[:2])
        store.append(ORIGIN, steps[2])
        store.append(ORIGIN, steps[3])
        store.saveState(ORIGIN, TIMES)


def files(folder: Path) -> set[str]:
    """The names of a folder's files, but for the lock."""
    return {path.name for path in folder.iterdir()} - {".lock"}


def loaded(folder: Path, origin: Name = ORIGIN) -> Stored:
    """What another run of a program loads; which is one of the versions, and the journal leads up to it."""
    with ZoneStore(folder) as store:
        return loadedBy(store, origin)


def loadedBy(store: ZoneStore, origin: Name = ORIGIN) -> Stored:
    """What a store loads, looked at as above."""
    stored = store.load(origin)
    assert stored is not None
    assert isVersion(stored.zone, origin=origin)
    serials = [step.newSerial for step in stored.journal]
    assert serials == list(range(stored.zone.serial - len(serials) + 1, stored.zone.serial + 1))
    return stored


def test_nothing(tmp_path: Path) -> None:
    """A new store makes its folder, and has no zones."""
    folder = tmp_path / "new" / "zones"
    with ZoneStore(folder) as store:
        assert store.origins() == []
        assert store.load(ORIGIN) is None
        assert not store.compactable(ORIGIN)
        store.remove(ORIGIN)
        with pytest.raises(LookupError, match="not in"):
            store.append(ORIGIN, chain(1, 2)[0])
    assert files(folder) == set()
    assert folder.stat().st_mode & 0o777 == 0o700
    store.close()


def test_thereAndBack(tmp_path: Path, messages: list[str]) -> None:
    """What was kept is there after another start: the latest version, its history and its state."""
    fill(tmp_path)
    stored = loaded(tmp_path)
    assert (stored.zone.serial, stored.journal, stored.state) == (5, chain(1, 5), TIMES)
    assert stored.zone.origin.wire == b"\7Example\3org\0"
    assert files(tmp_path) == {SNAPSHOT, JOURNAL, STATE}
    assert messages == []


def test_snapshotAlone(tmp_path: Path) -> None:
    """A version that was kept as a whole has no journal, and its nodes are in their order."""
    with ZoneStore(tmp_path) as store:
        store.save(version(7))
        stored = loadedBy(store)
        assert (stored.journal, stored.state) == ([], {})
        assert list(stored.zone.nodes.items()) == list(version(7).nodes.items())


def test_goesOn(tmp_path: Path) -> None:
    """Versions are added after a start without a load, after a load, and after the zone is kept as a whole again."""
    fill(tmp_path)
    steps = chain(1, 9)
    with ZoneStore(tmp_path) as store:
        store.append(ORIGIN, steps[4])
    with ZoneStore(tmp_path) as store:
        assert loadedBy(store).zone.serial == 6
        store.append(ORIGIN, steps[5])
        assert loadedBy(store).journal == steps[:6]
        store.save(version(7), steps[3:6])
        store.append(ORIGIN, steps[6])
        store.append(ORIGIN, steps[7])
    stored = loaded(tmp_path)
    assert (stored.zone.serial, stored.journal, stored.state) == (9, steps[3:], TIMES)


def test_serialsWrap(tmp_path: Path) -> None:
    """History is told from what follows by its place, and so serials may come again."""
    zones = [version(serial) for serial in (1, 2, 3, 1, 2)]
    steps = [difference(old, new) for old, new in pairwise(zones)]
    with ZoneStore(tmp_path) as store:
        store.save(zones[3], steps[:3])
        store.append(ORIGIN, steps[3])
        stored = store.load(ORIGIN)
    assert stored is not None
    assert stored.journal == steps
    assert contents(stored.zone) == contents(zones[4])


def test_wrongSteps(tmp_path: Path) -> None:
    """A step from another version, and a history of another, are not taken; nor is a zone without an SOA record."""
    fill(tmp_path)
    with ZoneStore(tmp_path) as store:
        with pytest.raises(ValueError, match="from serial 4, where the serial is 5"):
            store.append(ORIGIN, chain(4, 5)[0])
        with pytest.raises(ValueError, match="where one to 6 should be"):
            store.save(version(6), chain(1, 5))
        with pytest.raises(LookupError, match="SOA"):
            store.save(Zone(ORIGIN, CH, {ORIGIN.folded: ()}, {}))
        assert loadedBy(store).zone.serial == 5


def test_stepOfAnotherZone(tmp_path: Path, messages: list[str]) -> None:
    """A step that cannot be taken from the version before is found when it is loaded."""
    with ZoneStore(tmp_path) as store:
        store.save(version(1))
        store.append(ORIGIN, difference(version(1, 8), version(2)))
        store.append(ORIGIN, chain(2, 3)[0])
        assert loadedBy(store).zone.serial == 1
    assert "is to go that is not there" in messages[0]


def test_state(tmp_path: Path, messages: list[str]) -> None:
    """A state takes the place of the one before, and is given as it was; what JSON cannot hold is refused."""
    fill(tmp_path)
    with ZoneStore(tmp_path) as store:
        for state in ({}, {"b": [1, None, {"10": 2, "9": 1}], "a": "é"}):
            store.saveState(ORIGIN, state)
            assert loadedBy(store).state == state
        with pytest.raises(TypeError):
            store.saveState(ORIGIN, {"a": b"octets"})
        store.saveState(ORIGIN, {"a": {10: 1, 9: 2}})
        assert loadedBy(store).state == {"a": {"10": 1, "9": 2}}
    assert json.loads((tmp_path / STATE).read_text())["state"]
    assert messages == []


def test_damagedState(tmp_path: Path, messages: list[str]) -> None:
    """A state that was damaged anywhere is none, and is set aside; the zone is there."""
    fill(tmp_path)
    whole = (tmp_path / STATE).read_bytes()
    wrong = [whole.replace(b"5", b"6", 1), b"", b"[]", b"{}", b"\xff", b'{"state": 1, "check": 1}']
    for number, octets in enumerate(wrong):
        (tmp_path / STATE).write_bytes(octets)
        stored = loaded(tmp_path)
        assert (stored.zone.serial, stored.state) == (5, {})
        assert (tmp_path / f"example.org.damaged-{number + 1}").read_bytes() == octets
        assert len(messages) == number + 1
        assert f"{STATE} is damaged, and " in messages[-1]


def test_zonesAreIndependent(tmp_path: Path) -> None:
    """Zones have their own files: damage to one, and its end, leave the others as they were."""
    names = [
        "",
        "example",
        "example.zone",
        "sub.example",
        r"sub\.example",
        "EXAMPLE.net",
        "a%b",
        "x" * 63 + ".long" * 30,
    ]
    origins = [Name(name) for name in names]
    with ZoneStore(tmp_path) as store:
        for number, origin in enumerate(origins):
            store.save(version(number + 1, origin=origin))
        for number, origin in enumerate(origins):
            store.append(origin, difference(version(number + 1, origin=origin), version(number + 2, origin=origin)))
    with ZoneStore(tmp_path) as store:
        assert set(store.origins()) == set(origins)
        assert len(files(tmp_path)) == 2 * len(origins)
        (tmp_path / "example.zone").write_bytes(b"")
        assert store.load(Name("example")) is None
        store.remove(Name("sub.example"))
        assert set(store.origins()) == set(origins) - {Name("example"), Name("sub.example")}
        for number, origin in enumerate(origins):
            if origin in store.origins():
                assert loadedBy(store, origin).zone.serial == number + 2


@pytest.mark.parametrize(
    ("origin", "name"),
    [
        ("", "@root"),
        ("Example.COM.", "example.com"),
        ("_sip._tcp.a-b.example", "_sip._tcp.a-b.example"),
        (r"a\.b.c", "a%2eb.c"),
        (r"@root", "%40root"),
        (r"a\/b\%\000\255.c", "a%2fb%25%00%ff.c"),
        ("2/25.2.0.192.in-addr.arpa", "2%2f25.2.0.192.in-addr.arpa"),
        ("x" * 60 + "." + "y" * 59, "x" * 60 + "." + "y" * 59),
        ("x" * 60 + "." + "y" * 60, "@046876f27edb12d24cb6d9829dc493a2d3e3a1063b866211185f9cefb981bc86"),
    ],
)
def test_fileName(origin: str, name: str) -> None:
    """Files are named by the zones, but for those names that are too long."""
    assert fileName(Name(origin)) == name
    assert len(name) <= 120


@given(st.lists(st.lists(st.binary(min_size=1, max_size=20), max_size=4), min_size=2, max_size=2))
def test_noTwoNamesAlike(labels: list[list[bytes]]) -> None:
    """Two names have one file only if they are the same but for case."""
    first, second = [Name.fromWire(b"".join(bytes((len(one),)) + one for one in some) + b"\0") for some in labels]
    assert (fileName(first) == fileName(second)) == (first == second)
    assert fileName(Name.fromWire(first.wire.upper().lower())) == fileName(first)


def test_foreignFiles(tmp_path: Path, messages: list[str]) -> None:
    """Files that the store did not write are no zones, and the log says so."""
    fill(tmp_path)
    foreign = ["Upper", "a..b", "", "a%2Eb", "a%41", "@" + "0" * 64, "y" * 64, ".".join(["z" * 63] * 3) + ".1234567890"]
    for name in foreign:
        (tmp_path / f"{name}.zone").write_bytes(b"$ORIGIN .")
    with ZoneStore(tmp_path) as store:
        assert store.origins() == [ORIGIN]
    assert len(messages) == len(foreign)
    assert all("is not the file of a zone" in message for message in messages)


def test_renamedFile(tmp_path: Path, messages: list[str]) -> None:
    """A snapshot under the name of another zone is not taken for that zone."""
    fill(tmp_path)
    (tmp_path / SNAPSHOT).rename(tmp_path / "example.net.zone")
    with ZoneStore(tmp_path) as store:
        assert store.load(Name("example.net")) is None
    assert "it is of the zone Example.org" in messages[0]
    assert "example.net.damaged-1" in files(tmp_path)


def test_withoutSOA(tmp_path: Path, messages: list[str]) -> None:
    """A snapshot of something that is no zone is set aside like a damaged one."""

    class Serial(Zone):
        """A zone that says to have a serial."""

        serial = 1

    with ZoneStore(tmp_path) as store:
        store.save(Serial(ORIGIN, CH, {ORIGIN.folded: ()}, {}))
        assert store.load(ORIGIN) is None
    assert "has no SOA record" in messages[0]


def test_locked(tmp_path: Path) -> None:
    """No two stores use one folder at a time; the error says who does."""
    with ZoneStore(tmp_path):
        with pytest.raises(StoreLockedError, match=f"{tmp_path} are in use, by process {os.getpid()}"):
            ZoneStore(tmp_path)
        (tmp_path / ".lock").write_bytes(b"")
        with pytest.raises(StoreLockedError, match="unknown"):
            ZoneStore(tmp_path)
    ZoneStore(tmp_path).close()


def test_noLocks(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A file system without locks, and a folder that cannot be read, are errors, and leave nothing open."""
    count = len(os.listdir("/proc/self/fd"))
    for module, function in (("fcntl", "flock"), ("os", "listdir")):
        with monkeypatch.context() as patch:
            patch.setattr(f"{module}.{function}", raising(OSError(errno.ENOLCK, "no")))
            with pytest.raises(OSError, match="no"):
                ZoneStore(tmp_path)
    assert len(os.listdir("/proc/self/fd")) == count
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(FileExistsError):
        ZoneStore(tmp_path / "file")


def raising(error: Exception) -> Callable[..., Any]:
    """A function that raises an error, whatever it is given."""

    def function(*args: object, **named: object) -> Any:
        """Raise the error."""
        raise error

    return function


@pytest.mark.usefixtures("hasty")
def test_compactable(tmp_path: Path) -> None:
    """What follows upon the snapshot may grow to 64 KB, or to half the snapshot; history does not count."""
    with ZoneStore(tmp_path) as store:
        store.save(version(0))
        assert not store.compactable(ORIGIN)
        steps = chain(0, 200)
        for step in steps:
            assert store.compactable(ORIGIN) == ((tmp_path / JOURNAL).stat().st_size - JOURNAL_HEAD > 1 << 16)
            store.append(ORIGIN, step)
        assert store.compactable(ORIGIN)
        store.save(version(200), steps)
        assert not store.compactable(ORIGIN)
        with open(tmp_path / SNAPSHOT, "ab") as file:
            file.truncate(1 << 18)
        with open(tmp_path / JOURNAL, "ab") as file:
            file.truncate((tmp_path / JOURNAL).stat().st_size + (1 << 17))
            assert not store.compactable(ORIGIN)
            file.write(b"x")
        assert store.compactable(ORIGIN)
        (tmp_path / JOURNAL).write_bytes(b"x")
        assert not store.compactable(ORIGIN)


def test_remove(tmp_path: Path) -> None:
    """Of a zone that is removed nothing is left, but what was set aside; it can be kept anew."""
    fill(tmp_path)
    (tmp_path / "example.org.damaged-1").write_bytes(b"")
    with ZoneStore(tmp_path) as store:
        store.append(ORIGIN, chain(5, 6)[0])
        store.remove(ORIGIN)
        assert files(tmp_path) == {"example.org.damaged-1"}
        assert store.load(ORIGIN) is None
        with pytest.raises(LookupError):
            store.append(ORIGIN, chain(6, 7)[0])
        store.save(version(1))
        assert loadedBy(store).state == {}


def test_leftovers(tmp_path: Path) -> None:
    """What crashes left half written is taken away."""
    fill(tmp_path)
    for name in ("example.org.zone-new", "example.org.state-new", "example.org.journal-new", "a.journal-new"):
        (tmp_path / name).write_bytes(b"half")
    with ZoneStore(tmp_path) as store:
        assert files(tmp_path) == {SNAPSHOT, JOURNAL, STATE, "example.org.journal-new"}
        assert loadedBy(store).zone.serial == 5
    assert files(tmp_path) == {SNAPSHOT, JOURNAL, STATE}


@pytest.mark.usefixtures("hasty")
def test_everyPrefix(tmp_path: Path, messages: list[str]) -> None:
    """What is missing at the end of a journal costs the last version; if the history is not whole, all of it."""
    fill(tmp_path)
    whole = (tmp_path / JOURNAL).read_bytes()
    snapshot = (tmp_path / SNAPSHOT).read_bytes()
    history = JOURNAL_HEAD + int.from_bytes(whole[24:32], "big")
    before = 3
    for size in range(len(whole)):
        (tmp_path / JOURNAL).write_bytes(whole[:size])
        messages.clear()
        with ZoneStore(tmp_path) as store:
            stored = loadedBy(store)
            assert before <= stored.zone.serial <= 4
            before = stored.zone.serial
            assert len(stored.journal) == (stored.zone.serial - 1 if size >= history else 0)
            assert (tmp_path / SNAPSHOT).read_bytes() == snapshot
            aside = files(tmp_path) - {SNAPSHOT, JOURNAL, STATE}
            assert len(aside) == (size < history)
            for name in aside:
                (tmp_path / name).unlink()
            assert len(messages) == (size < history or (tmp_path / JOURNAL).stat().st_size != size)
            messages.clear()
            store.append(ORIGIN, chain(before, before + 1)[0])
        assert loaded(tmp_path).zone.serial == before + 1
        assert messages == []
    assert before == 4


@pytest.mark.usefixtures("hasty")
def test_everyOctet(tmp_path: Path, messages: list[str]) -> None:
    """No octet changes without notice: another version, or none, comes with a line in the log, and the octets are kept.

    One that is damaged in the last frame costs that frame, any other of the journal all that follows on the snapshot.
    """
    fill(tmp_path)
    whole = {path.name: path.read_bytes() for path in tmp_path.iterdir()}
    for name in (SNAPSHOT, JOURNAL):
        for position in range(len(whole[name])):
            for path in tmp_path.iterdir():
                path.unlink()
            for other, octets in whole.items():
                (tmp_path / other).write_bytes(octets)
            damaged = change(tmp_path / name, position, 1 << position % 8)
            messages.clear()
            with ZoneStore(tmp_path) as store:
                stored = store.load(ORIGIN)
                again = store.load(ORIGIN)
            if name == SNAPSHOT:
                assert stored is None
                assert again is None
                assert files(tmp_path) == {STATE, "example.org.damaged-1", "example.org.damaged-2"}
                assert len(messages) == 2
                continue
            assert stored is not None
            assert again is not None
            assert stored.zone.serial == again.zone.serial
            assert isVersion(stored.zone)
            aside = (tmp_path / "example.org.damaged-1").read_bytes()
            if stored.zone.serial == 3:
                assert (stored.journal, aside, len(messages)) == ([], damaged, 1)
            else:
                assert (stored.zone.serial, len(stored.journal), len(messages)) == (4, 3, 2)
                assert damaged.endswith(aside)


def test_otherJournal(tmp_path: Path, messages: list[str]) -> None:
    """A journal of another snapshot is none, nor is one that is gone; both are in the log."""
    fill(tmp_path)
    old = (tmp_path / JOURNAL).read_bytes()
    with ZoneStore(tmp_path) as store:
        store.save(version(3), chain(1, 3))
    (tmp_path / JOURNAL).write_bytes(old)
    with ZoneStore(tmp_path) as store:
        stored = loadedBy(store)
        assert (stored.zone.serial, stored.journal) == (3, [])
        store.append(ORIGIN, chain(3, 4)[0])
        assert (tmp_path / "example.org.damaged-1").read_bytes() == old
        assert "it is that of another snapshot; Example.org goes on from serial 3" in messages[0]
        assert loadedBy(store).zone.serial == 4
        (tmp_path / JOURNAL).unlink()
        assert loadedBy(store).zone.serial == 3
        assert "example.org.journal is missing: there is none" in messages[1]
        assert len(messages) == 2
        (tmp_path / JOURNAL).unlink()
        with pytest.raises(FileNotFoundError):
            store.append(ORIGIN, chain(3, 4)[0])


class Crash(BaseException):
    """The process is no more."""


class Faults:
    """Makes system calls fail: one of them, or all from one on as when the process has ended.

    @ivar count: how many there were.
    """

    def __init__(self, at: int, error: BaseException | int, some: bool) -> None:
        """Prepare a fault.

        @param at: which call is the first to fail, counted from 0.
        @param error: what it raises; the number of an C{OSError}.
        @param some: whether a write that fails has written some.
        """
        self.at = at
        self.error = error
        self.some = some
        self.count = 0

    def around(self, call: Callable[..., Any], write: bool) -> Callable[..., Any]:
        """A system call that may fail."""

        def function(*args: Any) -> Any:
            """Count the call, and make it or fail."""
            number = self.count
            self.count += 1
            crashed = isinstance(self.error, BaseException)
            if number < self.at or (number > self.at and not crashed):
                return call(*args)
            if write and self.some and number == self.at:
                call(args[0], bytes(args[1])[: len(args[1]) // 2])
            if isinstance(self.error, BaseException):
                raise self.error
            raise OSError(self.error, os.strerror(self.error))

        return function


@contextmanager
def faults(at: int, error: BaseException | int, some: bool, calls: tuple[str, ...]) -> Iterator[Faults]:
    """Make system calls fail for a while."""
    made = Faults(at, error, some)
    with pytest.MonkeyPatch.context() as patch:
        for call in calls:
            patch.setattr(os, call, made.around(getattr(os, call), call == "write"))
        yield made


WRITES = ("write", "fsync", "replace")
CHANGES = (*WRITES, "ftruncate", "unlink", "open")
NEXT = version(6)
ACTIONS: dict[str, Callable[[ZoneStore], object]] = {
    "append": lambda store: store.append(ORIGIN, difference(version(5), NEXT)),
    "save": lambda store: store.save(NEXT),
    "saveHistory": lambda store: store.save(NEXT, chain(4, 6)),
    "saveState": lambda store: store.saveState(ORIGIN, {"new": 1}),
    "remove": lambda store: store.remove(ORIGIN),
    "load": lambda store: store.load(ORIGIN),
}
HURT: dict[str, Callable[[Path], object]] = {
    "whole": lambda folder: None,
    "torn": lambda folder: os.truncate(folder / JOURNAL, (folder / JOURNAL).stat().st_size - 5),
    "wrong": lambda folder: change(folder / JOURNAL, -5),
    "damaged": lambda folder: change(folder / JOURNAL, JOURNAL_HEAD),
    "unfinished": lambda folder: unfinished(folder),
}
SERIALS = {"whole": 5, "torn": 4, "wrong": 4, "damaged": 3, "unfinished": 5}


def change(path: Path, position: int, bits: int = 1) -> bytes:
    """Change bits of an octet of a file, and give what it has now."""
    octets = bytearray(path.read_bytes())
    octets[position] ^= bits
    path.write_bytes(octets)
    return bytes(octets)


def unfinished(folder: Path) -> None:
    """Leave a new snapshot, and its journal beside that of the one before."""
    old = (folder / JOURNAL).read_bytes()
    with ZoneStore(folder) as store:
        store.save(version(5), chain(2, 5))
    (folder / JOURNAL).rename(folder / "example.org.journal-new")
    (folder / JOURNAL).write_bytes(old)


@pytest.mark.parametrize("action", ACTIONS)
@pytest.mark.parametrize("error", [errno.ENOSPC, errno.EIO, Crash()], ids=["ENOSPC", "EIO", "crash"])
@pytest.mark.parametrize("some", [False, True], ids=["nothing", "half"])
def test_everyFault(tmp_path: Path, action: str, error: BaseException | int, some: bool, messages: list[str]) -> None:
    """Whichever call fails, and if it is the last: the store has the old version or the new one, and goes on."""
    calls = CHANGES if isinstance(error, Crash) else WRITES
    for number in range(100):
        folder = tmp_path / str(number)
        fill(folder)
        store = ZoneStore(folder)
        loadedBy(store)
        failed = False
        with faults(number, error, some, calls) as made:
            try:
                ACTIONS[action](store)
            except (OSError, Crash):
                failed = True
        if made.count <= number:
            assert not failed
            assert number > 0 or action == "load"
            break
        assert failed
        if not isinstance(error, Crash):
            assert not [name for name in files(folder) if name.endswith(("zone-new", "state-new"))]
            if action != "remove":
                consistent(store, action)
        store.close()
        if action != "remove":
            with ZoneStore(folder) as store:
                consistent(store, action)
            continue
        with ZoneStore(folder) as store:
            stored = store.load(ORIGIN)
            assert stored is None or (stored.zone.serial == 5 and isVersion(stored.zone))
            store.save(version(1))
            assert loadedBy(store).zone.serial == 1
    assert not [message for message in messages if "damaged" in message]


def consistent(store: ZoneStore, action: str) -> None:
    """See that a store has the old or the new version, and takes another."""
    stored = loadedBy(store)
    serial = stored.zone.serial
    assert serial in ((5, 6) if action.startswith(("append", "save")) else (5,))
    assert stored.state in (TIMES, {"new": 1})
    assert len(stored.journal) == {("save", 6): 0, ("saveHistory", 6): 2}.get((action, serial), serial - 1)
    store.append(ORIGIN, chain(serial, serial + 1)[0])
    assert loadedBy(store).zone.serial == serial + 1
    store.save(version(5), chain(1, 5))
    assert loadedBy(store).zone.serial == 5


@pytest.mark.parametrize("hurt", HURT)
@pytest.mark.parametrize("error", [errno.ENOSPC, Crash()], ids=["ENOSPC", "crash"])
def test_faultsWhileMending(tmp_path: Path, hurt: str, error: BaseException | int) -> None:
    """Files that cannot be put right are loaded as if they could, and are put right when that is possible."""
    for number in range(100):
        folder = tmp_path / str(number)
        fill(folder)
        HURT[hurt](folder)
        store = ZoneStore(folder)
        stored = None
        with faults(number, error, True, CHANGES if isinstance(error, Crash) else WRITES) as made, suppress(Crash):
            stored = loadedBy(store)
        done = made.count <= number
        assert stored is None or stored.zone.serial == SERIALS[hurt]
        assert stored is not None or isinstance(error, Crash)
        store.close()
        with ZoneStore(folder) as store:
            serial = SERIALS[hurt]
            store.append(ORIGIN, chain(serial, serial + 1)[0])
            assert loadedBy(store).zone.serial == serial + 1
        if done:
            break
    assert done


def test_cannotGoOn(tmp_path: Path, messages: list[str]) -> None:
    """Nothing is added to a journal that cannot be put right, before it can be."""
    fill(tmp_path)
    HURT["torn"](tmp_path)
    step = chain(4, 5)[0]
    with ZoneStore(tmp_path) as store:
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(os, "ftruncate", raising(OSError(errno.EROFS, "read-only")))
            with pytest.raises(OSError, match="cannot be put right"):
                store.append(ORIGIN, step)
            assert loadedBy(store).zone.serial == 4
        assert "cannot be put right: [Errno 30] read-only" in messages[1]
        store.append(ORIGIN, step)
        assert loadedBy(store).zone.serial == 5


def test_cannotUndo(tmp_path: Path) -> None:
    """When a step is half written and that cannot be undone, the next one is written in its place."""
    fill(tmp_path)
    step = chain(5, 6)[0]
    with ZoneStore(tmp_path) as store:
        loadedBy(store)
        before = (tmp_path / JOURNAL).stat().st_size
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(os, "ftruncate", raising(OSError(errno.EIO, "lost")))
            with faults(0, errno.ENOSPC, True, WRITES), pytest.raises(OSError, match="No space"):
                store.append(ORIGIN, step)
        assert (tmp_path / JOURNAL).stat().st_size > before
        store.append(ORIGIN, step)
        assert loadedBy(store).zone.serial == 6


def test_undone(tmp_path: Path) -> None:
    """A step that could not be written leaves the journal as it was, octet for octet."""
    fill(tmp_path)
    with ZoneStore(tmp_path) as store:
        loadedBy(store)
        before = (tmp_path / JOURNAL).read_bytes()
        for number in range(2):
            with faults(number, errno.ENOSPC, True, WRITES), pytest.raises(OSError, match="No space"):
                store.append(ORIGIN, chain(5, 6)[0])
            assert (tmp_path / JOURNAL).read_bytes() == before
        store.append(ORIGIN, chain(5, 6)[0])


def test_shortWrites(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A system that writes a little at a time writes all in the end."""
    write = os.write
    monkeypatch.setattr(os, "write", lambda descriptor, octets: write(descriptor, bytes(octets)[:7]))
    fill(tmp_path)
    assert loaded(tmp_path).zone.serial == 5


def test_cannotRead(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A file that cannot be read is an error, and is not taken for damaged or missing."""
    fill(tmp_path)
    for name in (SNAPSHOT, JOURNAL, STATE):
        (tmp_path / name).rename(tmp_path / "kept")
        (tmp_path / name).mkdir()
        with ZoneStore(tmp_path) as store, pytest.raises(IsADirectoryError):
            store.load(ORIGIN)
        (tmp_path / name).rmdir()
        (tmp_path / "kept").rename(tmp_path / name)
    assert loaded(tmp_path).zone.serial == 5


def test_cannotSetAside(tmp_path: Path, messages: list[str]) -> None:
    """A damaged snapshot that cannot be set aside is no zone either."""
    fill(tmp_path)
    change(tmp_path / SNAPSHOT, 100)
    with ZoneStore(tmp_path) as store:
        with faults(0, errno.EIO, False, WRITES):
            assert store.load(ORIGIN) is None
        assert "example.org.zone is damaged: the digest" in messages[0]
        assert "cannot be put right" in messages[1]
        assert files(tmp_path) == {SNAPSHOT, JOURNAL, STATE}
        store.save(version(9))
        assert loadedBy(store).zone.serial == 9
