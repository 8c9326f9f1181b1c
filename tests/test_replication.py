"""Tests of L{txnames.replication}, L{txnames.updating} and L{txnames.cataloging}, with zones in memory and on disc."""

import errno
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import dns.update
import pytest
from twisted.internet import defer
from twisted.internet.task import Clock

from txnames import dns as names
from txnames.authority import BindAuthority, MemoryAuthority, PySourceAuthority
from txnames.cataloging import CatalogFollower
from txnames.protocol.access import AccessList
from txnames.replication import Replication
from txnames.secondary import SecondaryAuthority
from txnames.server import DNSServerFactory
from txnames.transferring import Sender
from txnames.tsig import Key, Keyring, sign
from txnames.updating import Updates
from txnames.wire.name import Name
from txnames.zone.catalog import Member, catalogZone
from txnames.zone.closed import NOT_READY, ClosedZone
from txnames.zone.problem import Problem
from txnames.zone.tree import Zone
from txnames.zonestore import ZoneStore

from .deferreds import resultOf

NOW = 1_800_000_000.0
KEY = Key("update.key", b"0123456789abcdef")
TEXT = """$ORIGIN example.
$TTL 300
@ SOA ns admin {serial} 3600 600 86400 300
@ NS ns
ns A 192.0.2.1
www A 192.0.2.{serial}
"""


class Notifier:
    """Takes down what is told."""

    def __init__(self) -> None:
        self.told: list[tuple[str, int]] = []

    def notify(self, zone: Zone) -> None:
        """Take it down."""
        self.told.append((zone.origin.name.decode(), zone.serial))

    def close(self) -> Any:
        """Nothing is to be ended."""
        return defer.succeed(None)


class World:
    """A server with a zone file, whose zone may be changed."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.file = folder / "example.zone"
        self.clock = Clock()
        if not self.file.exists():
            self.write(1)
        self.store = ZoneStore(folder / "state")
        self.start()

    def write(self, serial: int, more: str = "") -> None:
        """Write the file."""
        self.file.write_text(TEXT.format(serial=serial) + more)

    def start(self) -> None:
        """Begin to serve."""
        self.clock = Clock()
        self.authority = BindAuthority(str(self.file))
        self.notifier = Notifier()
        self.replication = Replication(Sender(AccessList(["any"])), self.notifier, self.store)
        self.replication.publish(self.authority, updated=True)
        rules: dict[bytes | None, AccessList] = {None: AccessList(["key:update.key"])}
        self.updates = Updates(self.replication, rules, self.clock)
        self.updates.add(self.authority)
        self.factory = DNSServerFactory([self.authority])
        self.factory.keys = Keyring([KEY])
        self.factory.wallClock = lambda: NOW
        self.factory.transfers = self.replication.sender
        self.factory.updates = self.updates

    def restart(self) -> None:
        """End as by SIGKILL, and begin again."""
        self.store.close()
        self.store = ZoneStore(self.folder / "state")
        self.start()

    @property
    def zone(self) -> Zone:
        """The zone."""
        found = self.authority.zone
        assert found is not None
        return found

    def send(self, update: dns.update.UpdateMessage, key: Key | None = KEY) -> int:
        """Send an update; the rcode of the reply."""
        octets = update.to_wire()
        if key is not None:
            octets, _ = sign(octets, key, NOW)
        reply = resultOf(self.factory.respond(octets, ("192.0.2.9", 5353), "tcp"))
        assert reply is not None
        assert reply[2] >> 3 & 15 == names.OP_UPDATE
        return int(reply[3] & 15)

    def adds(self, name: str, address: str = "192.0.2.200") -> int:
        """Add an address; the rcode of the reply."""
        update = dns.update.UpdateMessage("example.")
        update.add(name, 300, "A", address)
        return self.send(update)

    def addresses(self, name: str) -> list[str]:
        """The addresses that a name has."""
        asked = self.authority.lookupAddress(f"{name}.example")
        found: list[str] = []
        asked.addCallback(lambda sections: found.extend(one.payload.dottedQuad() for one in sections[0]))
        asked.addErrback(lambda _: None)
        return found


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    """Such a server."""
    world = World(tmp_path)
    yield world
    world.store.close()


@pytest.fixture
def logged(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What goes to the log."""
    lines: list[str] = []
    monkeypatch.setattr("twisted.python.log.msg", lambda text, **_: lines.append(str(text)))
    return lines


# --- updates ---


def test_update(world: World) -> None:
    """An update is made, told, and in the file some seconds later."""
    assert world.adds("new") == names.OK
    assert world.addresses("new") == ["192.0.2.200"]
    assert world.zone.serial == 2
    assert world.notifier.told == [("example", 2)]
    assert "new" not in world.file.read_text()
    world.clock.advance(6)
    assert "new.example. 300 IN A 192.0.2.200" in world.file.read_text()
    assert BindAuthority(str(world.file)).zone.serial == 2  # type: ignore[union-attr]  # reason: it has a zone
    assert not list(world.folder.glob("*.new"))


def test_nothingToDo(world: World) -> None:
    """An update that changes nothing changes no serial either."""
    assert world.adds("www", "192.0.2.1") == names.OK
    assert world.zone.serial == 1
    assert world.notifier.told == []


@pytest.mark.parametrize("key", [None, Key("update.key", b"another secret"), Key("other.key", b"0123456789abcdef")])
def test_refused(world: World, key: Key | None) -> None:
    """Who doesn't hold the key changes nothing."""
    update = dns.update.UpdateMessage("example.")
    update.add("new", 300, "A", "192.0.2.200")
    assert world.send(update, key) == (names.EREFUSED if key is None else names.ENOTAUTH)
    assert world.zone.serial == 1


def test_faults(world: World, logged: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    """Each fault has its response code, and changes nothing."""
    update = dns.update.UpdateMessage("other.")
    assert world.send(update) == names.ENOTAUTH
    update = dns.update.UpdateMessage("example.")
    update.present("nobody")
    assert world.send(update) == names.ENAME
    with monkeypatch.context() as patch:
        patch.setattr("txnames.updating.check", lambda _: [Problem.at(None, "too bad")])
        assert world.adds("new") == names.EREFUSED
    assert any("the zone would have errors: too bad" in line for line in logged)
    assert world.zone.serial == 1
    octets = dns.update.UpdateMessage("example.").to_wire()
    octets, _ = sign(octets[:9] + b"\1" + octets[10:], KEY, NOW)
    reply = resultOf(world.factory.respond(octets, ("192.0.2.9", 5353), "tcp"))
    assert reply is not None
    assert reply[3] & 15 == names.EFORMAT


def test_fullDisc(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """An update that cannot be stored is not made, nor acknowledged; the next one is, when there is room."""

    def full(*_: Any) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(world.store, "append", full)
        assert world.adds("new") == names.ESERVER
    assert world.zone.serial == 1
    assert world.addresses("new") == []
    assert world.adds("new") == names.OK
    world.restart()
    assert world.addresses("new") == ["192.0.2.200"]


def test_fullDiscForTheFile(world: World, monkeypatch: pytest.MonkeyPatch, logged: list[str]) -> None:
    """A file that cannot be written stays as it was; nothing is lost."""

    def full(*_: Any) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    before = world.file.read_text()
    assert world.adds("new") == names.OK
    with monkeypatch.context() as patch:
        patch.setattr("os.fsync", full)
        world.clock.advance(6)
    assert world.file.read_text() == before
    assert any("was not written" in line for line in logged)
    assert not list(world.folder.glob("*.new"))
    world.restart()
    assert world.addresses("new") == ["192.0.2.200"]


def test_killed(world: World) -> None:
    """What was acknowledged is there after the process was killed, before the file was written."""
    assert world.adds("first") == names.OK
    assert world.adds("second") == names.OK
    world.restart()
    assert world.zone.serial == 3
    assert world.addresses("first") == world.addresses("second") == ["192.0.2.200"]
    assert world.adds("third") == names.OK
    world.clock.advance(6)
    assert "third" in world.file.read_text()
    world.restart()
    assert world.zone.serial == 4


def test_editedByHand(world: World) -> None:
    """A file with a newer serial counts; one that is older than the updates doesn't."""
    assert world.adds("new") == names.OK
    world.clock.advance(6)
    world.write(10)
    world.restart()
    assert world.zone.serial == 10
    assert world.addresses("new") == []
    assert world.adds("newer") == names.OK
    world.write(10)
    world.restart()
    assert world.zone.serial == 11
    assert world.addresses("newer") == ["192.0.2.200"]


def test_reloaded(world: World) -> None:
    """A reload first writes what the file lacks, so that nothing is lost."""
    assert world.adds("new") == names.OK
    assert world.updates.reload(world.authority)
    assert world.addresses("new") == ["192.0.2.200"]
    assert world.zone.serial == 2
    assert "new" in world.file.read_text()
    assert not world.updates.reload(MemoryAuthority("other", _nothing("other")))


def _nothing(name: str) -> list[Any]:
    """The records of a zone with nothing in it."""
    return [(name, names.Record_SOA("invalid", "invalid", 1)), (name, names.Record_NS("invalid"))]


def test_reloadedThoughNotWritten(world: World, monkeypatch: pytest.MonkeyPatch, logged: list[str]) -> None:
    """Where the file could not be written, a reload does not bring the old version back."""

    def full(*_: Any) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    assert world.adds("new") == names.OK
    with monkeypatch.context() as patch:
        patch.setattr("os.fsync", full)
        world.clock.advance(6)
        assert world.updates.reload(world.authority)
    assert world.addresses("new") == ["192.0.2.200"]
    assert any("of an update counts" in line for line in logged)
    assert world.notifier.told == [("example", 2)]
    world.clock.advance(6)
    assert "new" in world.file.read_text()


def test_handEdit(world: World, logged: list[str]) -> None:
    """What was edited by hand is not written over before a reload, which takes it if its serial is newer."""
    world.write(5, "byhand A 192.0.2.77\n")
    assert world.adds("new") == names.OK
    world.clock.advance(6)
    assert "byhand" in world.file.read_text()
    assert any("was edited by hand" in line for line in logged)
    assert world.updates.reload(world.authority)
    assert world.addresses("byhand") == ["192.0.2.77"]
    assert world.zone.serial == 5
    assert world.notifier.told == [("example", 2), ("example", 5)]


def test_pythonZone(world: World, tmp_path: Path) -> None:
    """A Python zone takes updates too; its program is never written, and a reload keeps what is newer."""
    program = tmp_path / "zone.py"
    program.write_text(
        "zone = [SOA('other', mname='ns.other', rname='admin.other', serial=1, refresh=3600, retry=600, expire=86400),"
        " NS('other', 'ns.other'), A('ns.other', '192.0.2.1')]\n"
    )
    authority = PySourceAuthority(str(program))
    world.replication.publish(authority, updated=True)
    world.updates.add(authority)
    world.factory.resolver.resolvers.append(authority)
    update = dns.update.UpdateMessage("other.")
    update.add("new", 300, "A", "192.0.2.200")
    assert world.send(update) == names.OK
    assert world.updates.reload(authority)
    assert authority.zone is not None
    assert authority.zone.serial == 2
    world.clock.advance(6)
    assert "192.0.2.200" not in program.read_text()


def test_ended(world: World) -> None:
    """At the end what is still to be written is written."""
    assert world.adds("new") == names.OK
    world.updates.close()
    assert "new" in world.file.read_text()
    assert not world.clock.getDelayedCalls()


def test_needsAStore() -> None:
    """Without a folder nothing could be acknowledged."""
    with pytest.raises(ValueError, match="folder"):
        Updates(Replication(), {})


def test_sameSerial(world: World) -> None:
    """A file that was edited by hand to the serial of an update is put aside: the update was acknowledged."""
    assert world.adds("new") == names.OK
    world.write(2, "byhand A 192.0.2.77\n")
    assert world.updates.reload(world.authority)
    assert world.addresses("new") == ["192.0.2.200"]
    assert "byhand" in Path(f"{world.file}.edited").read_text()
    world.clock.advance(6)
    world.write(2, "byhand A 192.0.2.77\n")
    world.restart()
    assert world.addresses("new") == ["192.0.2.200"]
    assert world.addresses("byhand") == []


def test_notOpened(tmp_path: Path, logged: list[str]) -> None:
    """A zone that nobody may change is what its file says, whatever is stored."""
    (tmp_path / "example.zone").write_text(TEXT.format(serial=50))
    with ZoneStore(tmp_path / "state") as store:
        for serial in (50, 7):
            (tmp_path / "example.zone").write_text(TEXT.format(serial=serial))
            authority = BindAuthority(str(tmp_path / "example.zone"))
            replication = Replication(None, None, store)
            replication.publish(authority)
            updates = Updates(replication, {Name("other").folded: AccessList(["any"])}, Clock())
            updates.add(authority)
            assert not updates.reload(authority)
            assert authority.zone is not None
            assert authority.zone.serial == serial
            assert replication.published[authority].zone is authority.zone
    assert any("not to a newer serial" in line for line in logged)


def test_noDescriptors(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where the store cannot even be looked at, an update that it took is made, and told."""

    def none(*_: Any) -> bool:
        raise OSError(errno.EMFILE, "Too many open files")

    with monkeypatch.context() as patch:
        patch.setattr(world.store, "compactable", none)
        assert world.adds("new") == names.OK
    assert world.notifier.told == [("example", 2)]
    world.clock.advance(6)
    assert "new" in world.file.read_text()


def test_rules(world: World) -> None:
    """A zone may have rules of its own."""
    world.updates.allowed = {Name("other").folded: AccessList(["any"])}
    assert world.adds("new") == names.EREFUSED
    world.updates.allowed[Name("example").folded] = AccessList(["192.0.2.0/24"])
    update = dns.update.UpdateMessage("example.")
    update.add("new", 300, "A", "192.0.2.200")
    assert world.send(update, None) == names.OK


# --- versions ---


def test_reload(world: World) -> None:
    """A reload with a newer serial is told, and leaves a difference for those who have the version before."""
    world.write(2)
    world.authority.reload()
    assert world.notifier.told == [("example", 2)]
    journal = world.replication.published[world.authority]
    assert [(one.oldSerial, one.newSerial) for one in journal.history] == [(1, 2)]
    world.restart()
    journal = world.replication.published[world.authority]
    assert [(one.oldSerial, one.newSerial) for one in journal.history] == [(1, 2)]


def test_changedWhileDown(world: World) -> None:
    """A file that changed while the server was down leaves a difference, too."""
    world.write(5)
    world.restart()
    journal = world.replication.published[world.authority]
    assert [(one.oldSerial, one.newSerial) for one in journal.history] == [(1, 5)]


def test_noNewSerial(world: World, logged: list[str]) -> None:
    """A change without a newer serial is logged, not told, and nobody gets differences over it."""
    world.write(2)
    world.authority.reload()
    world.write(2, "more A 192.0.2.77\n")
    world.authority.reload()
    assert world.notifier.told == [("example", 2)]
    assert any("not to a newer serial" in line for line in logged)
    assert world.replication.published[world.authority].history == ()
    assert world.addresses("more") == ["192.0.2.77"]


def test_start(world: World) -> None:
    """At the start the versions that there are are told."""
    world.replication.start()
    assert world.notifier.told == [("example", 1)]
    resultOf(world.replication.stop())


# --- catalogs ---


def catalog(serial: int, *members: str | Member) -> Zone:
    """A version of a catalog."""
    return catalogZone("catalog", serial, members)


class Followed:
    """A follower whose zones are but names."""

    def __init__(self) -> None:
        self.catalog = SecondaryAuthority("192.0.2.1", "catalog")
        self.taken: set[bytes] = set()
        self.events: list[str] = []
        self.follower = CatalogFollower(self.catalog, self.taken.__contains__, self.add, self.remove)

    def add(self, origin: Name) -> SecondaryAuthority:
        """Take it down."""
        self.events.append(f"+{origin}")
        return SecondaryAuthority("192.0.2.1", origin.name)

    def remove(self, authority: SecondaryAuthority) -> None:
        """Take it down."""
        self.events.append(f"-{authority.origin}")


def test_catalog(logged: list[str]) -> None:
    """Zones come and go with the catalog; one that is served already is left."""
    followed = Followed()
    followed.taken.add(Name("mine.example").folded)
    followed.catalog.answerFrom(catalog(1, "a.example", "b.example", "mine.example"))
    assert followed.events == ["+a.example", "+b.example"]
    followed.catalog.answerFrom(catalog(2, "b.example", "c.example"))
    assert followed.events[2:] == ["-a.example", "+c.example"]
    followed.catalog.answerFrom(catalog(3, Member("b.example", b"another"), "c.example"))
    assert followed.events[4:] == ["-b.example", "+b.example"]


def test_brokenCatalog(logged: list[str]) -> None:
    """A catalog that is broken, or closed, changes nothing."""
    followed = Followed()
    followed.catalog.answerFrom(catalog(1, "a.example"))
    broken = MemoryAuthority(
        "catalog",
        [("catalog", names.Record_SOA("invalid", "invalid", 2)), ("catalog", names.Record_NS("invalid"))],
    ).zone
    assert broken is not None
    followed.catalog.answerFrom(broken)
    followed.catalog._loaded = ClosedZone(Name("catalog"), "closed", NOT_READY)
    followed.follower.look()
    assert followed.events == ["+a.example"]
    assert any("changes nothing" in line for line in logged)
