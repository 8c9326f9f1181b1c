"""Tests of L{txnames.notifying}, with secondary servers on a network in memory."""

from collections.abc import Iterable
from typing import Any

import pytest
from twisted.internet import defer

from tests.secondaries import (
    ADDRESSES,
    FIRST,
    KEY,
    PRIMARY,
    SECOND,
    SERVERS,
    THIRD,
    TIMES,
    World,
    accepts,
    example,
    inFlight,
    logging,
    running,
    silent,
)
from txnames import error, tsig
from txnames.notifying import Target
from txnames.testing.scripts import record
from txnames.wire.numbers import CH
from txnames.zone.builder import ZoneBuilder
from txnames.zone.tree import Zone


@pytest.fixture
def world() -> Iterable[World]:
    """Such a world; nothing is left open or waiting at the primary when all is over."""
    yield from running()


@pytest.fixture
def logged() -> Iterable[list[str]]:
    """What goes to the log."""
    yield from logging()


class Resolver:
    """Finds the addresses that it is told; what is not in the table is not there.

    @ivar table: addresses by names; or a Deferred of the records.
    @ivar asked: the names for which it was asked, of IPv4.
    """

    def __init__(self, **table: Any) -> None:
        self.table = table
        self.asked: list[bytes] = []
        self.cancelled = 0

    def lookupAddress(self, name: bytes) -> Any:
        """Find IPv4 addresses."""
        self.asked.append(name)
        return self._find(name, "A")

    def lookupIPV6Address(self, name: bytes) -> Any:
        """Find IPv6 addresses."""
        return self._find(name, "AAAA")

    def _find(self, name: bytes, type: str) -> Any:
        """Find addresses."""
        found = self.table.get(name.split(b".")[0].decode() + ("6" if type == "AAAA" else ""))
        if found is None:
            return defer.fail(error.DomainError("not there"))
        if isinstance(found, (defer.Deferred, Exception)):
            return defer.fail(found) if isinstance(found, Exception) else found
        alias = record(f"{name.decode()}. CNAME elsewhere.")
        return defer.succeed(([alias, *(record(f"elsewhere. {type} {one}") for one in found)], [], []))

    def late(self, name: str) -> Any:
        """Let a name's addresses come later; returns the Deferred."""

        def cancel(_: Any) -> None:
            self.cancelled += 1

        made: defer.Deferred[Any] = defer.Deferred(cancel)
        self.table[name] = made
        return made


def answering(address: str) -> Any:
    """What a lookup finds."""
    return [record(f"elsewhere. {'AAAA' if ':' in address else 'A'} {address}")], [], []


# --- who is told ---


def test_nameServers(world: World, logged: list[str]) -> None:
    """All name servers are told, by IPv4 and IPv6, but for the primary; each once, and the sockets close."""
    notifier = world.notifier()
    notifier.notify(example())
    assert len(world.primary.ports) == 2
    world.network.advance(1)
    assert world.told() == [FIRST, SECOND, THIRD]
    assert [one.serials for one in world.secondaries.values()] == [[7]] * 3
    assert world.network.sent(PRIMARY, source=PRIMARY) == []
    assert world.primary.leaks() == []
    notifier.notify(example(8))
    world.network.advance(1)
    assert [one.serials for one in world.secondaries.values()] == [[7, 8]] * 3
    assert logged == []


def test_randomPorts(world: World) -> None:
    """Ports and IDs are random."""
    for _ in range(20):
        notifier = world.notifier()
        notifier._outbox._random.random.seed(len(world.secondaries[FIRST].told))
        notifier.notify(example())
        world.network.advance(1)
    told = world.secondaries[FIRST].told
    assert len({address[1] for _, _, address in told}) > 15
    assert len({octets[:2] for octets in world.secondaries[FIRST].messages}) > 15
    assert all(address[1] >= 1024 for _, _, address in told)


def test_targets(world: World) -> None:
    """Configured servers are told too, or only they; one that is a name server as well is told once, with its key."""
    odd = world.secondary(SECOND, port=5353)
    targets = [Target(FIRST, key=KEY), Target(SECOND, 5353), Target(SECOND, 5353)]
    notifier = world.notifier(targets=targets)
    notifier.notify(example())
    world.network.advance(0.5)
    assert world.told() == [FIRST, SECOND, THIRD]
    assert odd.serials == [7]
    assert [tsig.readSignature(octets) is not None for octets in world.secondaries[FIRST].messages] == [True]
    world.network.run(notifier.close())
    world.notifier(targets=targets[1:], useNameServers=False).notify(example(8))
    world.network.advance(1)
    assert odd.serials == [7, 8]
    assert world.secondaries[SECOND].serials == [7]
    with pytest.raises(ValueError, match="not the same key"):
        world.notifier(targets=[Target(FIRST), Target(FIRST, key=KEY)])


def test_own(world: World) -> None:
    """Our own addresses are left out; they may change."""
    places = {(FIRST, 53), (THIRD, 53)}
    world.notifier(own=places, targets=[Target(FIRST)]).notify(example())
    world.network.advance(1)
    assert world.told() == [SECOND]
    notifier = world.notifier(own=lambda: places, resolver=Resolver(ns=[FIRST, SECOND]))
    places.clear()
    places.add((SECOND, 53))
    notifier.notify(example(8, "@ 3600 NS ns.elsewhere."))
    world.network.advance(1)
    assert world.told() == [FIRST, SECOND]
    assert world.secondaries[SECOND].serials == [7]


def test_nobody(world: World) -> None:
    """Where there is nobody to tell nothing is opened: no addresses, no hosts', another class, no name servers."""
    notifier = world.notifier()
    notifier.notify(example(1, "@ 3600 NS ns.elsewhere."))
    notifier.notify(example(1, "@ 3600 NS ns2\nns2 3600 A 0.0.0.0\nns2 3600 A 224.0.0.1\nns2 3600 AAAA ::"))
    notifier.notify(example(1, ""))
    same = example()
    notifier.notify(Zone(same.origin, CH, same.nodes, {}))
    assert world.primary.leaks() == []
    assert notifier._changes == {}
    with pytest.raises(LookupError):
        notifier.notify(ZoneBuilder(b"\7example\0").build())


def test_lookups(world: World) -> None:
    """Addresses that are not in the zone are looked up, of both families; aliases in the answer are passed over."""
    resolver = Resolver(ns=[FIRST, "0.0.0.0"], ns6=[THIRD])
    world.notifier(resolver=resolver).notify(example(7, "@ 3600 NS ns.elsewhere.\n" + SERVERS + ADDRESSES))
    world.network.advance(1)
    assert world.told() == [FIRST, SECOND, THIRD]
    assert [one.serials for one in world.secondaries.values()] == [[7]] * 3
    assert resolver.asked == [b"ns.elsewhere"]


def test_lateLookups(world: World) -> None:
    """Those whose addresses are known are told at once, the others as soon as they are found."""
    resolver = Resolver()
    four, six = resolver.late("ns"), resolver.late("ns6")
    notifier = world.notifier(resolver=resolver)
    notifier.notify(example(7, f"@ 3600 NS ns.elsewhere.\n@ 3600 NS ns2\nns2 3600 A {FIRST}"))
    world.network.advance(1)
    assert world.told() == [FIRST]
    assert world.primary.ports == []
    six.callback(answering(THIRD))
    world.network.advance(1)
    assert world.told() == [FIRST, THIRD]
    # Another zone that has the same server gets what was found, and what is found then.
    notifier.notify(example(9, "@ 3600 NS NS.elsewhere.", "other."))
    four.callback(answering(SECOND))
    world.network.advance(1)
    assert [one.serials for one in world.secondaries.values()] == [[7], [7, 9], [7, 9]]
    assert resolver.asked == [b"ns.elsewhere"]


def test_failedLookups(world: World, logged: list[str]) -> None:
    """A name that has no addresses is told to the log, once, as is one whose lookup fails, or never ends."""
    resolver = Resolver(bad=RuntimeError("broken"), bad6=RuntimeError("broken"), odd=defer.succeed(None))
    resolver.late("late")
    text = "".join(f"@ 3600 NS {name}.elsewhere.\n" for name in ("none", "bad", "odd", "late"))
    world.notifier(resolver=resolver).notify(example(7, text))
    world.notifier().notify(example(7, text))
    begin = "no addresses for NOTIFY to the name server "
    assert logged[:2] == [f"{begin}none.elsewhere. were found: not there", f"{begin}bad.elsewhere. were found: broken"]
    assert logged[2].startswith(f"{begin}odd.elsewhere.")
    world.network.advance(59)
    assert len(logged) == 3
    world.network.advance(2)
    assert logged[3:] == [f"{begin}late.elsewhere. were found: it takes too long"]
    assert resolver.cancelled == 1
    assert world.primary.leaks() == []


def test_manyLookups(world: World) -> None:
    """No more than 50 names are looked up at a time, and all of them are."""
    running: list[defer.Deferred[Any]] = []
    resolver = Resolver()

    def lookup(name: bytes) -> Any:
        resolver.asked.append(name)
        running.append(defer.Deferred())
        return running[-1]

    resolver.lookupAddress = lookup  # type: ignore[method-assign]  # reason: it waits
    notifier = world.notifier(resolver=resolver)
    for number in range(200):
        notifier.notify(example(number, f"@ 3600 NS ns{number}.elsewhere.", f"zone{number}."))
    while running:
        assert len(running) <= 50
        running.pop().callback(answering(FIRST))
        world.network.advance(0.1)
    assert len(resolver.asked) == 200
    assert sorted(world.secondaries[FIRST].serials) == list(range(200))


# --- newer versions ---


def test_replaced(world: World, logged: list[str]) -> None:
    """A newer version takes the place of one of which a server is being told; all begins anew, with another ID."""
    world.secondaries[FIRST].reply = silent
    notifier = world.notifier(targets=[Target(FIRST)], useNameServers=False)
    notifier.notify(example(7))
    world.network.advance(3)
    notifier.notify(example(8))
    world.network.advance(1)
    told = world.secondaries[FIRST].told
    assert world.secondaries[FIRST].serials == [7, 7, 8]
    assert told[0][1][:2] == told[1][1][:2] != told[2][1][:2]
    # A reply for the old one says nothing of the new one.
    world.network.send((FIRST, 53), told[0][2], accepts(told[0][1]))
    world.network.advance(100)
    assert world.times() == [0, 2, *(3 + when for when in TIMES)]
    assert logged == ["NOTIFY of example. 8 to 192.0.2.2 port 53: no reply to 6 messages"]


def test_replacedWhileWaiting(world: World) -> None:
    """A newer version of a zone that waits has its turn, and the older one is never told."""
    notifier = world.notifier(targets=[Target(FIRST)], useNameServers=False, maximumInFlight=2)
    for number in range(4):
        notifier.notify(example(number, "", f"zone{number}."))
    notifier.notify(example(11, "", "zone1."))
    notifier.notify(example(20, "", "zone0."))
    world.network.advance(1)
    # The first was under way, and goes to the end.
    assert world.secondaries[FIRST].serials == [0, 11, 2, 3, 20]


def test_otherServers(world: World) -> None:
    """Who is no name server any more is not told again, nor is one that waits for its turn."""
    for secondary in world.secondaries.values():
        secondary.reply = silent
    notifier = world.notifier(maximumInFlight=2)
    notifier.notify(example(7, SERVERS + ADDRESSES))
    world.network.advance(1)
    assert world.told() == [FIRST, SECOND]
    notifier.notify(example(8, f"@ 3600 NS ns2\nns2 3600 A {FIRST}"))
    world.network.advance(1000)
    assert world.secondaries[FIRST].serials == [7] + [8] * 6
    assert world.secondaries[SECOND].serials == [7]
    assert not world.secondaries[THIRD].told


def test_replacedLookups(world: World) -> None:
    """A newer version waits for the lookup of the older one; names that it does not have are not looked up further."""
    resolver = Resolver()
    four, gone = resolver.late("ns"), resolver.late("gone")
    notifier = world.notifier(resolver=resolver)
    notifier.notify(example(7, "@ 3600 NS ns.elsewhere.\n@ 3600 NS gone.elsewhere."))
    notifier.notify(example(8, "@ 3600 NS ns.elsewhere."))
    assert gone.called
    assert resolver.cancelled == 1
    four.callback(answering(FIRST))
    world.network.advance(1)
    assert world.secondaries[FIRST].serials == [8]
    assert resolver.asked == [b"ns.elsewhere", b"gone.elsewhere"]
    assert world.primary.leaks() == []


def test_replacedAfterLookup(world: World) -> None:
    """A server whose address was looked up is told of the newer version at once, and where it is found to be then."""
    resolver = Resolver(ns=[FIRST])
    world.secondaries[FIRST].reply = silent
    notifier = world.notifier(resolver=resolver)
    notifier.notify(example(7, "@ 3600 NS ns.elsewhere."))
    world.network.advance(1)
    four = resolver.late("ns")
    notifier.notify(example(8, "@ 3600 NS ns.elsewhere."))
    world.network.advance(1)
    world.secondaries[FIRST].reply = accepts
    four.callback(answering(SECOND))
    world.network.advance(10)
    assert world.secondaries[FIRST].serials == [7, 8, 8]
    assert world.secondaries[SECOND].serials == [8]


# --- the end ---


def test_close(world: World, logged: list[str]) -> None:
    """To close ends all that is under way, waits, or is looked up, and nobody is told anything after that."""
    for secondary in world.secondaries.values():
        secondary.reply = silent
    resolver = Resolver()
    late = [resolver.late(name) for name in ("ns", "ns6")]
    notifier = world.notifier(resolver=resolver, maximumInFlight=1)
    notifier.notify(example(7, "@ 3600 NS ns.elsewhere.\n@ 3600 NS other.elsewhere.\n" + SERVERS + ADDRESSES))
    world.network.advance(3)
    assert resolver.asked == [b"ns.elsewhere"]
    _, octets, address = world.secondaries[FIRST].told[0]
    world.network.run(notifier.close())
    assert world.primary.leaks() == []
    assert resolver.cancelled == 2
    assert all(one.called for one in late)
    notifier.notify(example(8))
    world.network.send((FIRST, 53), address, accepts(octets))
    world.network.advance(100)
    assert world.secondaries[FIRST].serials == [7, 7]
    assert not world.secondaries[SECOND].told
    world.network.run(notifier.close())
    assert logged == []


def test_closeInTheMiddle(world: World) -> None:
    """Sockets that are closing when all is told count too; to close what told nobody takes no time."""
    notifier = world.notifier()
    resultless = notifier.close()
    assert resultless.called
    notifier = world.notifier()
    notifier.notify(example())
    while inFlight(world, notifier):
        world.network.clock.step()
    closed = notifier.close()
    assert not closed.called
    assert world.primary.ports
    world.network.run(closed)
    assert world.primary.ports == []
