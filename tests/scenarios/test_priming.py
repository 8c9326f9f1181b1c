"""Root hints and priming (RFC 8109)."""

import pytest
from twisted.internet.defer import CancelledError

from tests.deferreds import errorOf
from tests.scenarios.world import COM, EXAMPLE, ROOT, World
from txnames.testing.behaviours import lame, minimal, only, silent

SECOND = "199.9.14.201"


def roots(world: World) -> None:
    """Make a root with two servers."""
    text = f"@ NS ns1. \n @ NS ns2. \n ns1 A {ROOT} \n ns2 A {SECOND} \n com NS ns1.com. \n ns1.com A {COM}"
    world.internet.servers[ROOT].serve(".", text)
    world.internet.serve(SECOND, {".": text})


def test_primed(world: World) -> None:
    """The root's servers are asked for first, of one of those in the hints."""
    roots(world)
    world.example()
    world.start(priming=True)
    assert str(world.ask("www.example.com")) == "NOERROR 192.0.2.80"
    asked = world.asked()
    assert f"{ROOT} . NS" in asked
    assert asked.count(f"{ROOT} . NS") == 1


def test_notPrimed(world: World) -> None:
    """Where that is not wanted it isn't done."""
    world.example()
    world.start(priming=False)
    world.ask("www.example.com")
    assert not any(" . NS" in one for one in world.asked())


def test_foundByPriming(world: World) -> None:
    """Servers that the hints don't know are used, when the others fall silent."""
    roots(world)
    world.example()
    world.start(priming=True)
    world.ask("www.example.com")
    world.internet.servers[ROOT].behaves(silent)
    world.zone("other.com", "www A 192.0.2.90", "192.0.2.9")
    world.cache.close()
    assert str(world.ask("www.nosuch", limit=30)) == "NXDOMAIN"
    assert any(one.startswith(SECOND) for one in world.asked())


def test_deadHint(world: World) -> None:
    """Hints may be dead: others are asked."""
    world.example()
    world.start(hints=["192.0.2.201", "192.0.2.202", ROOT], priming=True)
    assert str(world.ask("www.example.com", limit=30)) == "NOERROR 192.0.2.80"


def test_allHintsDead(world: World) -> None:
    """If all are, the client is told so."""
    world.start(hints=["192.0.2.201", "192.0.2.202"], priming=True)
    said = world.ask("www.example.com", limit=30)
    assert said.rcode == "SERVFAIL"
    assert said.errors


def test_primingIsKept(world: World) -> None:
    """The root's servers are asked for again when their time is up, not before."""
    roots(world)
    world.example("* 10 A 192.0.2.80")
    world.start(priming=True)
    for count in range(5):
        world.ask(f"w{count}.example.com")
        world.internet.advance(100)
    assert world.asked().count(f"{ROOT} . NS") <= 1
    assert EXAMPLE in world.internet.servers


def test_primedInVain(world: World) -> None:
    """Where the root's servers don't say who they are, or not where, not each request asks them; later one does."""
    world.example("* A 192.0.2.80")
    others = [f"198.41.0.{number}" for number in range(10, 20)]
    world.internet.serve(others, {".": f"com NS ns1.com. \n ns1.com. A {COM}"})
    for behaviour in (minimal, lame()):
        for address in (ROOT, *others):
            world.internet.servers[address].behaves(only(behaviour, name=".", type="NS"))
        world.start(hints=[ROOT, *others], priming=True)
        primings = []
        for count in range(4):
            assert str(world.ask(f"w{count}.example.com")) == "NOERROR 192.0.2.80"
            primings.append(sum(" . NS" in one for one in world.asked()))
            if count == 2:
                world.internet.advance(400)
        assert primings == [3, 0, 0, 3]
        world.close()


@pytest.mark.parametrize("cancelled", [False, True])
def test_primedForAll(world: World, cancelled: bool) -> None:
    """Requests that come meanwhile wait for that too; where the first one is cancelled, they find their way without."""
    roots(world)
    world.example("* A 192.0.2.80")
    world.start(priming=True)
    waiting = [world.resolver.lookupAddress(f"w{count}.example.com") for count in range(3)]
    if cancelled:
        waiting[0].cancel()
        assert isinstance(errorOf(waiting.pop(0)), CancelledError)
    for one in waiting:
        assert world.internet.run(one)[0][0].payload.dottedQuad() == "192.0.2.80"
    assert world.asked().count(f"{ROOT} . NS") == 1
