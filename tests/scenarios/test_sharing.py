"""Questions in flight are shared, bounded, and ended: by time, by cancelling, by close()."""

import pytest
from twisted.internet.defer import CancelledError

from tests.deferreds import errorOf
from tests.scenarios.world import COM, EXAMPLE, ROOT, World
from txnames.testing.behaviours import silent, slow


def test_shared(world: World) -> None:
    """A hundred clients who ask the same at once cause the questions of one."""
    world.example()
    asking = [world.asking("www.example.com", address=("10.1.1.1", 1024 + count)) for count in range(100)]
    for one in asking:
        reply = world.internet.run(one)
        assert reply is not None
        assert len(reply.answers) == 1
    assert world.asked() == [f"{server} www.example.com. A" for server in (ROOT, COM, EXAMPLE)]


def test_sharedWhateverTheSpelling(world: World) -> None:
    """Capital letters make no other question; each client gets its own spelling back."""
    world.example()
    names = ["www.example.com", "WWW.example.com", "www.EXAMPLE.com"]
    asking = [world.asking(name) for name in names]
    for name, one in zip(names, asking, strict=True):
        reply = world.internet.run(one)
        assert reply is not None
        assert reply.queries[0].name.name == name.encode()
    assert world.count() == 3


def test_notShared(world: World) -> None:
    """Other types are other questions."""
    world.example("www A 192.0.2.80 \n www AAAA 2001:db8::80")
    asking = [world.asking("www.example.com", type) for type in ("A", "AAAA")]
    answers = [world.internet.run(one).answers[0].type for one in asking]
    assert answers == [1, 28]


def test_sharedSubordinates(world: World) -> None:
    """Many names of a zone whose name server has no glue cause its address to be looked up once."""
    names = [f"n{count}" for count in range(20)]
    world.internet.add("com", "example NS ns.other.org.")
    server = world.other(f"ns A {EXAMPLE}")
    world.internet.serve(EXAMPLE, {"example.com": "@ NS ns.other.org. \n * A 192.0.2.80"})
    asking = [world.asking(f"{name}.example.com") for name in names]
    for one in asking:
        assert len(world.internet.run(one).answers) == 1
    assert sum(asked.name == "ns.other.org." and asked.type == 1 for asked in server.asked) <= 2


def test_failureIsShared(world: World) -> None:
    """All who wait for the same are told that it failed."""
    world.example().behaves(silent)
    asking = [world.asking("www.example.com") for _ in range(20)]
    for one in asking:
        assert world.internet.run(one).rCode == 2
    assert len(world.internet.servers[EXAMPLE].asked) < 12


def test_thousands(world: World) -> None:
    """Two thousand names at once are all resolved, over a bounded number of ports."""
    world.example("* A 192.0.2.80")
    asking = [world.asking(f"n{count}.example.com") for count in range(2000)]
    world.internet.advance(0.005)
    assert len(world.host.ports) <= 64
    for one in asking:
        assert len(world.internet.run(one).answers) == 1


def test_slowOnesDontBlock(world: World) -> None:
    """A zone whose server is slow doesn't hold up the others."""
    world.example("* A 192.0.2.80").behaves(slow(3))
    world.other()
    slowly = [world.asking(f"n{count}.example.com") for count in range(200)]
    said = world.ask("www.other.org")
    assert said.elapsed < 0.5
    for one in slowly:
        assert world.internet.run(one) is not None


def test_closeWhileAsking(world: World) -> None:
    """close() ends what is being asked; whoever waits is told something, and nothing is left."""
    world.example().behaves(silent)
    asking = [world.asking(f"n{count}.example.com") for count in range(10)]
    fired: list[object] = []
    for one in asking:
        one.addBoth(fired.append)
    world.internet.advance(0.05)
    assert world.host.leaks()
    world.close()
    assert len(fired) == 10


def test_closeTwice(world: World) -> None:
    """close() can be called twice, and before anything was asked."""
    world.start()
    for _ in range(2):
        world.internet.run(world.server.close())
    world.internet.advance(1)
    assert world.host.leaks() == []


def test_closedOverTCP(world: World) -> None:
    """Connections to servers are closed too."""
    text = "\n".join(f'www TXT "{count} {"x" * 200}"' for count in range(20))
    world.example(text)
    assert world.ask("www.example.com", "TXT").message.trunc
    assert world.host.connections
    world.close()
    assert world.host.connections == []


def test_quietAfterwards(world: World) -> None:
    """When all is answered, sockets and timers are few, and few of them stay."""
    world.example("* A 192.0.2.80")
    for count in range(50):
        world.ask(f"n{count}.example.com")
    assert len(world.host.reactor.getDelayedCalls()) <= 4
    assert len(world.host.ports) <= 64


def test_timeIsBounded(world: World) -> None:
    """However many servers are silent, a client hears within half a minute."""
    addresses = [f"192.0.2.{count}" for count in range(1, 14)]
    world.example("", *addresses)
    for address in addresses:
        world.internet.servers[address].behaves(silent)
    said = world.ask("www.example.com", limit=30)
    assert said.rcode == "SERVFAIL"
    assert len(world.internet.network.sent(transport="udp", source="10.0.0.53")) < 60


def test_cancelled(world: World) -> None:
    """A request that nobody waits for any more asks nobody any more."""
    world.example().behaves(silent)
    world.internet.servers[COM].behaves(silent)
    world.start(minimisation="relaxed")
    waiting = world.resolver.lookupAddress("www.example.com")
    world.internet.advance(0.9)
    waiting.cancel()
    assert isinstance(errorOf(waiting), CancelledError)
    world.asked()
    world.internet.advance(30)
    assert world.asked() == []


@pytest.mark.parametrize("cancelled", [(0, 1), (1, 0), (1, 2)])
def test_cancelledForOthers(world: World, cancelled: tuple[int, int]) -> None:
    """One of several requests that wait for the address of the same server may be cancelled, whichever it is."""
    world.other("ns A 192.0.2.53").behaves(slow(0.2))
    world.internet.add("com", "ex NS ns.other.org.")
    world.internet.serve("192.0.2.53", {"ex.com": "@ NS ns.other.org. \n * A 192.0.2.80"})
    world.start()
    waiting = [world.resolver.lookupAddress(f"w{count}.ex.com") for count in range(4)]
    world.internet.advance(0.15)
    for number in cancelled:
        waiting[number].cancel()
        assert isinstance(errorOf(waiting[number]), CancelledError)
    for number in {0, 1, 2, 3} - {*cancelled}:
        assert world.internet.run(waiting[number])[0][0].payload.dottedQuad() == "192.0.2.80"
