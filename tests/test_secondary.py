"""Tests of L{txnames.secondary}, L{txnames.receiving}, L{txnames.transferring} and L{txnames.journal} together."""

from collections.abc import Callable, Iterator
from pathlib import Path
from random import Random
from typing import Any

import pytest
from twisted.internet import defer

from txnames import dns, error
from txnames.authority import MemoryAuthority
from txnames.journal import Journal
from txnames.protocol.access import AccessList
from txnames.receiving import Primary, Receiver
from txnames.resolve import ResolverChain
from txnames.secondary import Secondaries, SecondaryAuthority, SecondaryAuthorityService, Turns
from txnames.server import DNSServerFactory
from txnames.testing import Network
from txnames.transferring import Sender
from txnames.tsig import Key, Keyring
from txnames.wire.name import Name
from txnames.zone.edit import Add, edited
from txnames.zone.lookup import ZoneTable
from txnames.zone.outgoing import axfrMessages
from txnames.zonestore import ZoneStore

from .deferreds import errorOf, resultOf

PRIMARY, OTHER, HOST = "192.0.2.1", "192.0.2.2", "192.0.2.99"
KEY = Key("transfer.key", b"0123456789abcdef")
NOW = 1_800_000_000.0


def records(serial: int, hosts: int = 3, refresh: int = 3600, retry: int = 600, expire: int = 86400) -> list[Any]:
    """The records of a version of the zone."""
    soa = dns.Record_SOA("ns.example", "admin.example", serial, refresh, retry, expire, 300, ttl=300)
    return [
        ("example", soa),
        ("example", dns.Record_NS("ns.example", ttl=300)),
        ("ns.example", dns.Record_A(PRIMARY, ttl=300)),
        ("version.example", dns.Record_TXT(str(serial).encode(), ttl=300)),
        *[(f"host{n}.example", dns.Record_A(f"10.0.{n >> 8}.{n & 255}", ttl=300)) for n in range(hosts)],
    ]


class Server:
    """A primary on a host of the network."""

    def __init__(self, network: Network, address: str, allow: str = "any", serial: int = 1, hosts: int = 3) -> None:
        self.host = network.host(address)
        self.authority = MemoryAuthority("example", records(serial, hosts))
        assert self.authority.zone is not None
        self.journal = Journal(self.authority.zone)
        self.factory = DNSServerFactory([self.authority], reactor=self.host.reactor)
        self.factory.keys = Keyring([KEY])
        self.factory.wallClock = lambda: NOW
        self.factory.transfers = Sender(AccessList([allow]))
        # As many messages as a much larger zone has otherwise.
        self.factory.transfers.messageSize = 4096
        self.factory.transfers.remember(self.journal)
        reactor: Any = self.host.reactor
        self.port = reactor.listenTCP(53, self.factory)
        reactor.listenUDP(53, dns.DNSDatagramProtocol(self.factory, reactor))

    def becomes(self, serial: int, hosts: int = 3, **fields: int) -> None:
        """Serve another version."""
        self.authority.replace(records(serial, hosts, **fields))
        assert self.authority.zone is not None
        self.journal.advance(self.authority.zone)


class World:
    """A network with a primary, and a host for secondaries."""

    def __init__(self) -> None:
        self.network = Network()
        self.server = Server(self.network, PRIMARY)
        self.reactor: Any = self.network.host(HOST).reactor

    def receiver(self, **fields: Any) -> Receiver:
        """What fetches zones."""
        return Receiver(self.reactor, Random(1), now=lambda: NOW, **fields)

    def secondary(self, *primaries: Primary, **fields: Any) -> SecondaryAuthority:
        """A secondary of these primaries."""
        fields = {"receiver": self.receiver(), "reactor": self.reactor, "random": Random(2), **fields}
        return SecondaryAuthority(PRIMARY, "example", primaries=primaries, **fields)

    def until(self, messages: int) -> None:
        """Let time pass until the primary has sent so many messages."""
        self.network.captured.clear()
        for _ in range(10_000):
            sent = [one for one in self.network.captured if one.source[0] == PRIMARY and len(one.octets) > 1000]
            if len(sent) >= messages:
                return
            self.network.advance(0.0001)
        raise AssertionError("so many messages were not sent")

    def quiet(self, secondary: SecondaryAuthority) -> None:
        """End a secondary; nothing is left of it."""
        self.network.run(secondary.stop())
        self.network.advance(1)
        assert not self.reactor.getDelayedCalls()

    def transferred(self, secondary: SecondaryAuthority) -> str:
        """Ask the primaries; what version there is then."""
        self.network.run(secondary.transfer())
        return version(secondary)


def version(secondary: Any) -> str:
    """The version that a secondary serves."""
    asked = secondary.query(dns.Query("version.example", dns.TXT))
    found: list[Any] = []
    asked.addCallbacks(found.append, lambda failure: found.append(failure))
    if isinstance(found[0], tuple):
        return str(found[0][0][0].payload.data[0].decode())
    return type(found[0].value).__name__


@pytest.fixture
def world() -> World:
    """Such a world."""
    return World()


@pytest.fixture
def logged(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What goes to the log."""
    lines: list[str] = []
    monkeypatch.setattr("twisted.python.log.msg", lambda text, **_: lines.append(str(text)))
    return lines


# --- transfers ---


def test_transfer(world: World) -> None:
    """A zone is copied as a whole, then by differences, each time with all its records."""
    secondary = world.secondary()
    assert version(secondary) == "ZoneClosedError"
    assert world.transferred(secondary) == "1"
    assert secondary.zone is not None
    assert world.server.authority.zone is not None
    assert secondary.zone.nodes == world.server.authority.zone.nodes
    world.server.becomes(2, 5)
    assert world.transferred(secondary) == "2"
    assert secondary.zone.nodes == world.server.authority.zone.nodes
    assert secondary.journal is not None
    assert [one.newSerial for one in secondary.journal.history] == [2]


def test_large(world: World) -> None:
    """A zone that takes many messages arrives whole; each message is sent in a turn of its own."""
    world.server.becomes(2, 2_000)
    secondary = world.secondary()
    ended = secondary.transfer()
    world.until(2)
    world.network.run(ended)
    sizes = [len(one.octets) for one in world.network.captured if one.source[0] == PRIMARY]
    assert len(sizes) > 4
    assert max(sizes) <= 0xFFFF + 2
    assert version(secondary) == "2"
    assert secondary.zone is not None
    assert len(secondary.zone.nodes) == 2_003


def test_consistent(world: World) -> None:
    """A transfer shows the version of its beginning, though the zone changes meanwhile."""
    world.server.becomes(2, 2_000)
    secondary = world.secondary()
    ended = secondary.transfer()
    world.until(3)
    assert not ended.called
    world.server.becomes(3, 4)
    world.network.run(ended)
    assert version(secondary) == "2"
    assert secondary.zone is not None
    assert len(secondary.zone.nodes) == 2_003
    assert world.transferred(secondary) == "3"


def test_signed(world: World, logged: list[str]) -> None:
    """With a key all messages are signed; without the right one there is no zone."""
    world.server.factory.transfers.allowed = AccessList(["key:transfer.key"])
    world.server.becomes(2, 5000)
    assert world.transferred(world.secondary(Primary(PRIMARY, 53, KEY))) == "2"
    assert world.transferred(world.secondary(Primary(PRIMARY))) == "ZoneClosedError"
    assert any("the server says REFUSED" in line for line in logged)
    wrong = Primary(PRIMARY, 53, Key("transfer.key", b"another secret, not ours"))
    assert world.transferred(world.secondary(wrong)) == "ZoneClosedError"
    assert any("the signature of a message" in line for line in logged)
    assert not any("0123456789abcdef" in line or "MDEyMzQ1" in line for line in logged)


def test_signedDifferences(world: World) -> None:
    """Differences are signed too, and so is the question for the serial."""
    secondary = world.secondary(Primary(PRIMARY, 53, KEY))
    assert world.transferred(secondary) == "1"
    world.server.becomes(2, 4)
    assert world.transferred(secondary) == "2"
    assert secondary.journal is not None
    assert len(secondary.journal.history) == 1


def test_refusedByDefault(world: World) -> None:
    """Nobody gets a zone unless it is said; and nothing gets it that isn't served."""
    world.server.factory.transfers = Sender()
    assert world.transferred(world.secondary()) == "ZoneClosedError"
    for name in ("host1.example", "nowhere"):
        secondary = SecondaryAuthority(PRIMARY, name, receiver=world.receiver(), reactor=world.reactor)
        world.network.run(secondary.transfer())
        assert secondary.journal is None


def test_older(world: World, logged: list[str]) -> None:
    """A primary with an older version is passed over, and the copy stays; others are asked."""
    world.server.becomes(5)
    secondary = world.secondary(Primary(OTHER), Primary(PRIMARY))
    other = Server(world.network, OTHER, serial=7)
    assert world.transferred(secondary) == "7"
    other.becomes(3)
    assert world.transferred(secondary) == "7"
    assert any("serial 3, which is older than 7" in line for line in logged)
    world.server.becomes(8)
    assert world.transferred(secondary) == "8"


def test_anotherIsNewer(world: World) -> None:
    """All primaries are asked, though the first says that there is nothing new."""
    secondary = world.secondary(Primary(PRIMARY), Primary(OTHER))
    other = Server(world.network, OTHER, serial=1)
    assert world.transferred(secondary) == "1"
    other.becomes(9)
    assert world.transferred(secondary) == "9"


def test_olderInTheEnd(world: World) -> None:
    """Where what comes is older than what there is, whatever the SOA record said before, it is left."""
    world.server.becomes(3)
    secondary = world.secondary()
    assert world.transferred(secondary) == "3"

    class Lying:
        """Sends another version than the one that is served."""

        def send(self, zones: Any, request: Any, protocol: Any, opt: bytes) -> Any:
            """Send it."""
            sender = Sender(AccessList(["any"]))
            return sender.send(ZoneTable([MemoryAuthority("example", records(2)).zone]), request, protocol, opt)  # type: ignore[list-item]  # reason: it has a zone

    world.server.becomes(5)
    world.server.factory.transfers = Lying()
    assert world.transferred(secondary) == "3"
    assert secondary.journal is not None
    assert secondary.journal.zone.serial == 3


def test_wraps(world: World) -> None:
    """Serials wrap around (RFC 1982 section 3)."""
    world.server.becomes(0xFFFFFFFF)
    secondary = world.secondary()
    assert world.transferred(secondary) == str(0xFFFFFFFF)
    world.server.becomes(0)
    assert world.transferred(secondary) == "0"


def test_forgotten(world: World) -> None:
    """A version that the primary has forgotten is answered with the whole zone."""
    secondary = world.secondary()
    assert world.transferred(secondary) == "1"
    world.server.journal.maximum = 1
    world.server.becomes(2)
    world.server.becomes(3)
    assert world.transferred(secondary) == "3"
    assert secondary.journal is not None
    assert len(secondary.journal.history) == 1


def test_secondAddress(world: World, logged: list[str]) -> None:
    """A primary that isn't there has the next one asked."""
    secondary = world.secondary(Primary("192.0.2.77"), Primary(PRIMARY))
    assert world.transferred(secondary) == "1"


def test_badZone(world: World, logged: list[str]) -> None:
    """A version with errors is left, and the copy stays as it was."""
    secondary = world.secondary()
    assert world.transferred(secondary) == "1"
    changed: Any = world.server.authority
    bad = [
        *records(2),
        ("two.example", dns.Record_CNAME("ns.example", ttl=1)),
        ("two.example", dns.Record_A("1.2.3.4", ttl=1)),
    ]
    world.server.becomes(2)
    zone = MemoryAuthority("example", records(2)).zone
    assert zone is not None
    del changed, bad, zone
    broken = world.server.authority
    broken._loaded = _withBoth(broken.zone)
    world.server.journal.advance(broken._loaded)
    broken._changed()
    assert world.transferred(secondary) == "1"
    assert any("the zone has errors" in line for line in logged)


def _withBoth(zone: Any) -> Any:
    """A zone with a CNAME record beside other data, which no authority would load."""
    soa = dns.Record_SOA("ns.example", "admin.example", 9, 3600, 600, 86400, 300).rdata
    return edited(
        zone,
        [
            Add(Name("example").wire, dns.SOA, 300, soa),
            Add(Name("host1.example").wire, dns.CNAME, 300, Name("ns.example").wire),
        ],
    )


# --- faults ---


class Cutting:
    """Stands before the messages of a transfer, and ends it after so many, in one way or another."""

    def __init__(self, sender: Any, after: int, how: Callable[[Any], Iterator[bytes]]) -> None:
        self.sender = sender
        self.after = after
        self.how = how

    def send(self, zones: Any, request: Any, protocol: Any, opt: bytes) -> Any:
        """Send, until the cut."""
        cutting = self

        class Protocol:
            """Passes messages on, up to the cut."""

            canStream = True
            transport = protocol.transport

            def stream(self, messages: Any) -> Any:
                """Pass them on."""

                def some() -> Iterator[bytes]:
                    for number, octets in enumerate(messages):
                        if number == cutting.after:
                            yield from cutting.how(protocol)
                            return
                        yield octets

                return protocol.stream(some())

        return self.sender.send(zones, request, Protocol(), opt)


def hangUp(protocol: Any) -> Iterator[bytes]:
    """Close the connection."""
    protocol.transport.abortConnection()
    return iter(())


def stall(protocol: Any) -> Iterator[bytes]:
    """Send nothing more."""
    return iter(())


def garbage(protocol: Any) -> Iterator[bytes]:
    """Send octets that are no message."""
    yield b"\0\1garbage, and nothing but"


@pytest.mark.parametrize("how", [hangUp, stall, garbage])
@pytest.mark.parametrize("after", range(14))
def test_brokenOff(world: World, logged: list[str], after: int, how: Any) -> None:
    """Whichever message is the last that comes, the version before stays; then it is tried again."""
    secondary = world.secondary()
    secondary.start()
    world.network.advance(5)
    assert version(secondary) == "1"
    world.server.becomes(2, 2_000)
    world.server.journal.maximum = 0
    world.server.journal.advance(world.server.authority.zone)  # type: ignore[arg-type]
    sender = world.server.factory.transfers
    sender._journals.clear()
    world.server.factory.transfers = Cutting(sender, after, how)
    count = len(list(_messages(world)))
    world.network.run(secondary.transfer())
    assert version(secondary) == ("1" if after < count else "2")
    if after < count:
        assert any("no transfer" in line for line in logged)
        world.server.factory.transfers = sender
        world.network.advance(601)
        assert version(secondary) == "2"
    world.quiet(secondary)


def _messages(world: World) -> Iterator[bytes]:
    """The messages of a whole transfer."""
    zone = world.server.authority.zone
    assert zone is not None
    return axfrMessages(zone, 1, 0, Name("example").wire + b"\0\xfc\0\1", limit=4096)


def test_bounds(world: World, logged: list[str]) -> None:
    """A transfer that is too large, or takes too long, is given up."""
    world.server.becomes(2, 2_000)
    for fields, reason in (
        ({"maximumRecords": 1000}, "more than 1000 records"),
        ({"maximumOctets": 10_000}, "more than 10000 octets"),
        ({"total": 0.001}, "takes too long"),
    ):
        receiver = world.receiver(**fields)
        assert world.transferred(world.secondary(receiver=receiver)) == "ZoneClosedError"
        assert any(reason in line for line in logged), reason


# --- timers ---


def test_timers(world: World, logged: list[str]) -> None:
    """A secondary asks by the SOA record's times, and closes the zone when nobody answered for too long."""
    secondary = world.secondary()
    secondary.start()
    world.network.advance(1)
    assert version(secondary) == "1"
    world.server.becomes(2)
    world.network.advance(3200)
    assert version(secondary) == "1"
    world.network.advance(450)
    assert version(secondary) == "2"
    world.server.port.stopListening()
    world.network.advance(86_000)
    assert version(secondary) == "2"
    world.network.advance(5000)
    assert version(secondary) == "ZoneClosedError"
    failure: Any = errorOf(secondary.lookupAddress("host1.example"))
    assert failure.errors[0].info == 24
    world.server.port.startListening()
    world.network.advance(700)
    assert version(secondary) == "2"
    world.quiet(secondary)


def test_noStampede(world: World) -> None:
    """A thousand zones are copied few at a time."""
    most = 0
    turns = Turns(10)
    names = [f"zone{number}.example" for number in range(1000)]
    world.server.factory.transfers = Sender(AccessList(["any"]))
    chain: Any = world.server.factory.resolver
    chain.resolvers = [
        MemoryAuthority(
            name,
            [
                (name, dns.Record_SOA(f"ns.{name}", f"admin.{name}", 1, 3600, 600, 86400, 300, ttl=300)),
                (name, dns.Record_NS(f"ns.{name}", ttl=300)),
                (f"ns.{name}", dns.Record_A("192.0.2.7", ttl=300)),
            ],
        )
        for name in names
    ]
    secondaries = [
        SecondaryAuthority(
            PRIMARY, name, receiver=world.receiver(), turns=turns, reactor=world.reactor, random=Random(3)
        )
        for name in names
    ]
    for one in secondaries:
        one.start()
    while any(one.journal is None for one in secondaries):
        world.network.advance(0.02)
        most = max(most, sum(one.transferring for one in secondaries))
    assert most == 10
    resultOf(defer.DeferredList([one.stop() for one in secondaries]))
    world.network.advance(1)
    assert not world.reactor.getDelayedCalls()


def test_stopped(world: World) -> None:
    """A secondary that is stopped in the middle of a transfer leaves nothing behind."""
    world.server.becomes(2, 2_000)
    secondary = world.secondary()
    secondary.start()
    world.until(3)
    assert secondary.transferring
    world.quiet(secondary)
    assert not secondary.transferring


# --- restarts ---


class Restarts:
    """A secondary that keeps its zone, and is started again and again."""

    def __init__(self, world: World, folder: Path) -> None:
        self.world = world
        self.folder = folder
        self.store: ZoneStore | None = None
        self.now = NOW

    def start(self, seconds: float = 1.0) -> SecondaryAuthority:
        """Start it, and let some time pass."""
        self.store = ZoneStore(self.folder)
        receiver = Receiver(self.world.reactor, Random(1), now=lambda: self.now)
        secondary = self.world.secondary(receiver=receiver, store=self.store)
        secondary.start()
        if seconds:
            self.world.network.advance(seconds)
        return secondary

    def stop(self, secondary: SecondaryAuthority) -> None:
        """End it."""
        self.world.quiet(secondary)
        assert self.store is not None
        self.store.close()


@pytest.fixture
def restarts(world: World, tmp_path: Path) -> Restarts:
    """Such a secondary."""
    return Restarts(world, tmp_path)


def test_restart(world: World, restarts: Restarts) -> None:
    """A zone that was kept is served at once, and goes on by differences."""
    secondary = restarts.start()
    world.server.becomes(2)
    world.network.run(secondary.transfer())
    restarts.stop(secondary)
    world.server.becomes(3)
    secondary = restarts.start(0)
    assert version(secondary) == "2"
    world.network.advance(10)
    assert version(secondary) == "2"
    restarts.now += 3600
    restarts.stop(secondary)
    secondary = restarts.start()
    assert version(secondary) == "3"
    assert secondary.journal is not None
    assert [one.newSerial for one in secondary.journal.history] == [2, 3]
    restarts.stop(secondary)


def test_restartAfterExpiry(world: World, restarts: Restarts) -> None:
    """A zone that nobody confirmed for too long is not served, until a primary answers."""
    restarts.stop(restarts.start())
    restarts.now += 90_000
    secondary = restarts.start(0)
    assert version(secondary) == "ZoneClosedError"
    world.network.advance(1)
    assert version(secondary) == "1"
    restarts.stop(secondary)


def test_clockSetBack(world: World, restarts: Restarts) -> None:
    """Where the clock was set back, a zone that was kept is served, and the primaries are asked at once."""
    restarts.stop(restarts.start())
    world.server.becomes(2)
    restarts.now -= 1_000_000
    secondary = restarts.start(0)
    assert version(secondary) == "1"
    world.network.advance(1)
    assert version(secondary) == "2"
    restarts.stop(secondary)


def test_noState(world: World, restarts: Restarts) -> None:
    """A zone that was kept without when is served, and asked for at once."""
    restarts.stop(restarts.start())
    (restarts.folder / "example.state").unlink()
    world.server.becomes(2)
    secondary = restarts.start(0)
    assert version(secondary) == "1"
    world.network.advance(1)
    assert version(secondary) == "2"
    restarts.stop(secondary)


def test_damaged(world: World, restarts: Restarts, logged: list[str]) -> None:
    """A damaged file is set aside, with a word, and the zone copied anew."""
    restarts.stop(restarts.start())
    path = restarts.folder / "example.zone"
    octets = bytearray(path.read_bytes())
    octets[-40] ^= 1
    path.write_bytes(octets)
    secondary = restarts.start(0)
    assert version(secondary) == "ZoneClosedError"
    assert any("damaged" in line for line in logged)
    assert list(restarts.folder.glob("*damaged*"))
    world.network.advance(1)
    assert version(secondary) == "1"
    restarts.stop(secondary)


def test_unreadable(world: World, restarts: Restarts, logged: list[str]) -> None:
    """A file that cannot be read is nothing that ends a secondary."""
    restarts.stop(restarts.start())
    (restarts.folder / "example.zone").unlink()
    (restarts.folder / "example.zone").mkdir()
    secondary = restarts.start()
    assert version(secondary) == "1"
    assert any("was not read" in line for line in logged)
    restarts.stop(secondary)


def test_goesOn(world: World, restarts: Restarts, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever goes wrong, the zone is served and asked for again."""
    errors: list[Any] = []
    monkeypatch.setattr("twisted.python.log.err", lambda *arguments, **_: errors.append(arguments))

    def broken(*_: Any) -> bool:
        raise OSError(24, "Too many open files")

    secondary = restarts.start()
    world.server.becomes(2)
    with monkeypatch.context() as patch:
        patch.setattr(restarts.store, "compactable", broken)
        world.network.run(secondary.transfer())
    assert version(secondary) == "2"
    world.server.becomes(3)
    with monkeypatch.context() as patch:
        patch.setattr(secondary, "_accept", broken)
        world.network.run(secondary.transfer())
    assert version(secondary) == "2"
    world.network.advance(601)
    assert version(secondary) == "3"
    restarts.stop(secondary)


def test_fullDisc(world: World, restarts: Restarts, logged: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    """A version that cannot be kept is served all the same; the next one is kept as a whole."""

    def full(*_: Any) -> None:
        raise OSError(28, "No space left on device")

    secondary = restarts.start()
    world.server.becomes(2)
    with monkeypatch.context() as patch:
        patch.setattr(restarts.store, "append", full)
        patch.setattr(restarts.store, "save", full)
        world.network.run(secondary.transfer())
    assert version(secondary) == "2"
    assert any("not stored" in line for line in logged)
    world.server.becomes(3)
    world.network.run(secondary.transfer())
    restarts.stop(secondary)
    secondary = restarts.start(0)
    assert version(secondary) == "3"
    restarts.stop(secondary)


# --- NOTIFY ---


def notify(world: World, factory: DNSServerFactory, source: str, serial: int | None, zone: str = "example") -> int:
    """Say that a zone changed; the rcode of the reply."""
    message = dns.Message(id=7, opCode=dns.OP_NOTIFY, auth=1)
    message.queries = [dns.Query(zone, dns.SOA)]
    if serial is not None:
        message.answers = [dns.RRHeader(zone, dns.SOA, payload=dns.Record_SOA("a", "b", serial, 1, 1, 1, 1))]
    reply = dns.Message()
    octets = resultOf(factory.respond(message.toStr(), (source, 5353), "udp"))
    assert octets is not None
    reply.fromStr(octets)
    assert reply.opCode == dns.OP_NOTIFY
    return reply.rCode


def test_notified(world: World, logged: list[str]) -> None:
    """A primary's word that the zone changed has it copied at once; that of others doesn't."""
    secondary = world.secondary()
    factory = DNSServerFactory([secondary], reactor=world.reactor)
    factory.secondaries = Secondaries([secondary])
    secondary.start()
    world.network.advance(1)
    world.server.becomes(2)
    assert notify(world, factory, OTHER, 2) == dns.EREFUSED
    assert notify(world, factory, PRIMARY, 2, "other.example") == dns.ENOTAUTH
    world.network.advance(1)
    assert version(secondary) == "1"
    assert notify(world, factory, PRIMARY, 1) == dns.OK
    assert notify(world, factory, f"::ffff:{PRIMARY}", 1) == dns.OK
    world.network.advance(1)
    assert version(secondary) == "1"
    assert notify(world, factory, PRIMARY, 2) == dns.OK
    assert notify(world, factory, PRIMARY, 2) == dns.OK
    world.network.advance(1)
    assert version(secondary) == "2"
    world.server.becomes(3)
    assert notify(world, factory, PRIMARY, None) == dns.OK
    world.network.advance(1)
    assert version(secondary) == "3"
    world.network.run(secondary.stop())


def test_notifiedMeanwhile(world: World) -> None:
    """A change during a transfer is copied after it."""
    world.server.becomes(2, 2_000)
    secondary = world.secondary()
    factory = DNSServerFactory([secondary], reactor=world.reactor)
    factory.secondaries = Secondaries([secondary])
    secondary.start()
    world.until(3)
    assert secondary.transferring
    world.server.becomes(3)
    assert notify(world, factory, PRIMARY, 3) == dns.OK
    world.network.advance(10)
    assert version(secondary) == "3"
    world.network.run(secondary.stop())


# --- in a server ---


def test_closedInAServer(world: World) -> None:
    """Names of a zone that is not there yet get SERVFAIL with the reason, and not an answer of the zone above."""
    secondary = world.secondary()
    factory = DNSServerFactory([secondary], reactor=world.reactor)
    query = dns.EDNSMessage(id=1)
    query.queries = [dns.Query("host1.example")]
    reply = dns.EDNSMessage()
    octets = resultOf(factory.respond(query.toStr(), ("192.0.2.5", 5), "udp"))
    assert octets is not None
    reply.fromStr(octets)
    assert reply.rCode == dns.ESERVER
    assert [option.code for option in reply.options] == [15]
    world.transferred(secondary)
    octets = resultOf(factory.respond(query.toStr(), ("192.0.2.5", 5), "udp"))
    assert octets is not None
    reply.fromStr(octets)
    assert reply.answers[0].payload.dottedQuad() == "10.0.0.1"
    assert reply.auth


def test_service() -> None:
    """The service of twisted.names: several zones of one primary."""
    made = SecondaryAuthorityService.fromServerAddressAndDomains(("192.0.2.1", 5353), ["a.example", "b.example"])
    assert [one.primaries for one in made.domains] == [(Primary("192.0.2.1", 5353),)] * 2
    assert made.domains[0].turns is made.domains[1].turns
    chain = made.getAuthority()
    assert isinstance(chain, ResolverChain)
    assert isinstance(errorOf(chain.lookupAddress("www.a.example")), error.DNSServerError)
    one = SecondaryAuthority.fromServerAddressAndDomain(("192.0.2.1", 53), b"example")
    assert one.domain == b"example"
    assert one.primary == "192.0.2.1"
