"""Tests of L{txnames.transferring} and L{txnames.journal}: what tests/test_secondary.py does not reach."""

from typing import Any

import pytest
from twisted.internet import defer

from txnames import dns
from txnames.authority import MemoryAuthority
from txnames.journal import Journal
from txnames.protocol.access import AccessList
from txnames.protocol.request import Request, readRequest
from txnames.secondary import SecondaryAuthority
from txnames.transferring import Sender
from txnames.wire.name import Name
from txnames.zone.lookup import ZoneTable
from txnames.zone.tree import Zone

CLIENT = "192.0.2.9", 5353


def version(serial: int, hosts: int = 3) -> Zone:
    """A version of a zone."""
    found = MemoryAuthority(
        "example",
        [
            ("example", dns.Record_SOA("ns.example", "admin.example", serial, 2, 3, 4, 5, ttl=60)),
            ("example", dns.Record_NS("ns.example", ttl=60)),
            ("ns.example", dns.Record_A("192.0.2.1", ttl=60)),
            *[(f"host{n}.example", dns.Record_A(f"10.0.{serial}.{n}", ttl=60)) for n in range(hosts)],
        ],
    ).zone
    assert found is not None
    return found


class Stream:
    """Takes messages when it is told to."""

    canStream = True
    transport = None

    def __init__(self) -> None:
        self.waiting: list[tuple[Any, defer.Deferred[bool]]] = []

    def stream(self, messages: Any) -> defer.Deferred[bool]:
        """Take them later."""
        done: defer.Deferred[bool] = defer.Deferred()
        self.waiting.append((messages, done))
        return done

    def end(self, complete: bool = True) -> list[bytes]:
        """Take all messages of the transfer that began first."""
        messages, done = self.waiting.pop(0)
        found = list(messages)
        done.callback(complete)
        return found


def request(
    type: int, transport: str = "tcp", serial: int | None = None, name: str = "example", ident: int = 7
) -> Request:
    """A request for a transfer."""
    message = dns.Message(id=ident)
    message.queries = [dns.Query(name, type)]
    if serial is not None:
        soa = dns.Record_SOA("a", "b", serial, 1, 1, 1, 1)
        message.authority = [dns.RRHeader(name, dns.SOA, payload=soa)]
    made = readRequest(message.toStr(), CLIENT, transport)
    assert made is not None
    return made


class World:
    """A sender with two versions of a zone."""

    def __init__(self) -> None:
        self.sender = Sender(AccessList(["any"]))
        self.journal = Journal(version(1))
        self.journal.advance(version(2))
        self.sender.remember(self.journal)
        self.zones = ZoneTable([self.journal.zone])
        self.stream = Stream()

    def send(self, asked: Request, protocol: Any = None) -> Any:
        """Answer a request."""
        return self.sender.send(self.zones, asked, self.stream if protocol is None else protocol, b"")


@pytest.fixture
def world() -> World:
    """Such a sender."""
    return World()


def soas(messages: list[bytes]) -> list[int]:
    """The serials of the SOA records in messages, in order."""
    found = []
    for octets in messages:
        message = dns.Message()
        message.fromStr(octets)
        found += [one.payload.serial for one in message.answers if one.type == dns.SOA]
    return found


def test_codes(world: World) -> None:
    """What cannot be had has a response code that says why."""
    assert world.send(request(dns.AXFR, name="host1.example")) == dns.ENOTAUTH
    assert world.send(request(dns.AXFR, name="nowhere")) == dns.ENOTAUTH
    assert world.send(request(dns.AXFR, "udp")) == dns.EREFUSED
    assert world.send(request(dns.IXFR)) == dns.EFORMAT
    world.sender.allowed = AccessList(["203.0.113.0/24"])
    assert world.send(request(dns.AXFR)) == dns.EREFUSED
    closed = SecondaryAuthority("192.0.2.1", "example").zone
    assert closed is not None
    world.zones = ZoneTable([closed])
    world.sender.allowed = AccessList(["any"])
    assert world.send(request(dns.AXFR)) == dns.ESERVER


def test_differences(world: World) -> None:
    """A client gets differences from its version on; all where that is not known, and the SOA record if it is new."""
    for serial, expected in ((1, [2, 1, 2, 2]), (2, [2]), (3, [2]), (9, [2]), (0, [2, 2])):
        assert world.send(request(dns.IXFR, serial=serial)) is None
        assert soas(world.stream.end()) == expected, serial


def test_journalOfAnotherVersion(world: World) -> None:
    """A journal that isn't that of the zone which is served is of no use."""
    world.zones = ZoneTable([version(5)])
    world.send(request(dns.IXFR, serial=1))
    assert soas(world.stream.end()) == [5, 5]
    world.sender.forget(version(5))
    world.zones = ZoneTable([world.journal.zone])
    world.send(request(dns.IXFR, serial=1))
    assert soas(world.stream.end()) == [2, 2]


def test_datagrams(world: World) -> None:
    """Differences that fit go into a datagram; otherwise it has the SOA record (RFC 1995 section 2)."""
    assert soas([world.send(request(dns.IXFR, "udp", 1))]) == [2, 1, 2, 2]
    world.journal.advance(version(3, 100))
    world.zones = ZoneTable([world.journal.zone])
    assert soas([world.send(request(dns.IXFR, "udp", 1))]) == [3]
    world.sender.forget(world.journal.zone)
    assert soas([world.send(request(dns.IXFR, "udp", 1))]) == [3]


def test_turns(world: World) -> None:
    """Few transfers go on at a time; the others begin when these end, but for those whose client is gone."""
    world.sender.maximum = 2
    gone = Stream()
    gone.transport = type("Transport", (), {"connected": False})()
    for number in range(4):
        world.send(request(dns.AXFR, ident=number), gone if number == 2 else None)
    assert len(world.stream.waiting) == 2
    assert world.stream.end()[0][:2] == b"\0\0"
    assert len(world.stream.waiting) == 2
    assert gone.waiting == []
    assert world.stream.end()[0][:2] == b"\0\1"
    assert world.stream.end()[0][:2] == b"\0\3"
    assert world.stream.waiting == []


def test_madeOnce(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """The messages of a version are made once, each client's with its ID; those of others are forgotten."""
    for _ in range(2):
        world.send(request(dns.AXFR))
    first, second = world.stream.end(), world.stream.end()
    assert first == second
    monkeypatch.setattr("txnames.transferring.messages", None)
    world.send(request(dns.AXFR, ident=9))
    assert world.stream.end() == [b"\0\x09" + first[0][2:]]
    monkeypatch.undo()
    new = version(3)
    world.sender.changed(new)
    world.zones = ZoneTable([new])
    world.send(request(dns.AXFR))
    assert soas(world.stream.end()) == [3, 3]
    world.sender.forget(new)
    assert not world.sender._made


def test_remembered(world: World) -> None:
    """Of messages no more are kept than may be."""
    world.sender.remembered = 1000
    world.sender.messageSize = 512
    world.send(request(dns.AXFR))
    assert len(world.stream.end()) == 1
    assert len(world.sender._made) == 1
    world.zones.put(version(4, 100))
    world.send(request(dns.AXFR))
    assert len(world.stream.end()) > 4
    world.zones.put(version(5, 30))
    world.send(request(dns.AXFR))
    world.stream.end()
    assert sum(made.size for made in world.sender._made) <= 1000


# --- journals ---


def test_history() -> None:
    """Differences that don't lead to the present version are left out."""
    first = Journal(version(1))
    led = [*first.advance(version(2)), *first.advance(version(3))]
    assert Journal(version(3), led).history == tuple(led)
    assert Journal(version(3), led[1:]).history == tuple(led[1:])
    assert Journal(version(4), led).history == ()
    other = Journal(version(7)).advance(version(8))
    assert Journal(version(3), [*other, *led]).history == tuple(led)


def test_since() -> None:
    """What leads from a version to the present one, where that is known."""
    journal = Journal(version(1))
    for serial in (2, 3):
        journal.advance(version(serial))
    assert [one.newSerial for one in journal.since(1) or ()] == [2, 3]
    assert [one.newSerial for one in journal.since(2) or ()] == [3]
    assert journal.since(3) == ()
    assert journal.since(9) is None


def test_bounded() -> None:
    """The oldest differences go where all take too many octets."""
    journal = Journal(version(1), maximum=2000)
    for serial in range(2, 100):
        journal.advance(version(serial))
    assert 1 < len(journal.history) < 20
    assert journal.since(99) == ()
    assert journal.since(1) is None


def test_backwards() -> None:
    """A version that isn't newer has the versions before forgotten, unless it is the same."""
    journal = Journal(version(1))
    journal.advance(version(2))
    assert not journal.advance(version(2))
    assert journal.since(1)
    assert journal.advance(version(1)) == ()
    assert not journal.history
    assert journal.zone.serial == 1
    assert Name("example") == journal.zone.origin
