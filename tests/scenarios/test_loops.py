"""Delegations that lead nowhere, in circles, or to many: they end soon, in SERVFAIL, after few questions."""

import pytest

from tests.scenarios.world import COM, EXAMPLE, ORG, OTHER, World
from txnames.testing import Incoming, Outgoing
from txnames.testing.behaviours import replies

MOST = 40
"""The most questions that one question may cause, whatever it meets."""


def test_circle(world: World) -> None:
    """Two zones whose name servers are in each other, without glue."""
    world.internet.add("com", "a NS ns.b.org.")
    world.internet.add("org", "b NS ns.a.com.")
    said = world.ask("www.a.com", limit=10)
    assert said.rcode == "SERVFAIL"
    assert said.elapsed < 3
    assert said.errors
    assert world.count() < MOST


def test_circleOfThree(world: World) -> None:
    """The same with three zones."""
    world.internet.add("com", "a NS ns.b.org.")
    world.internet.add("org", "b NS ns.c.net.")
    world.internet.add("net", "c NS ns.a.com.")
    said = world.ask("www.a.com", limit=10)
    assert (said.rcode, bool(said.errors)) == ("SERVFAIL", True)
    assert world.count() < MOST


def test_circleWithWayOut(world: World) -> None:
    """A circle does no harm where another server has glue."""
    world.internet.add("com", "example NS ns.b.org.")
    world.internet.add("org", "b NS ns.example.com.")
    world.example()
    assert str(world.ask("www.example.com", limit=10)) == "NOERROR 192.0.2.80"


def test_ownServerWithoutGlue(world: World) -> None:
    """A zone whose only name server is in it, without glue."""
    world.internet.add("com", "a NS ns.a.com.")
    said = world.ask("www.a.com", limit=10)
    assert (said.rcode, bool(said.errors)) == ("SERVFAIL", True)
    assert said.elapsed < 3
    assert world.count() < 10


@pytest.mark.parametrize("names", [20, 100])
def test_manyServers(world: World, names: int) -> None:
    """A referral to many name servers without glue in a victim's zone causes few questions there (NXNS)."""
    world.internet.add("com", "\n".join(f"a NS ns{count}.other.org." for count in range(names)))
    victim = world.other("")
    said = world.ask("www.a.com", limit=20)
    assert said.rcode == "SERVFAIL"
    assert len(victim.asked) < 25
    assert world.count() < MOST


def test_manyServersTwice(world: World) -> None:
    """The same where each of the many names is in a zone that is delegated in the same way."""
    world.internet.add("com", "\n".join(f"a NS ns.z{count}.org." for count in range(20)))
    for count in range(20):
        world.internet.add("org", "\n".join(f"z{count} NS v{more}.victim.net." for more in range(20)))
    victim = world.zone("victim.net", "", "192.0.2.66")
    said = world.ask("www.a.com", limit=20)
    assert said.rcode == "SERVFAIL"
    assert len(victim.asked) < 30
    assert world.count() < 2 * MOST


def test_manyAddresses(world: World) -> None:
    """A referral to a name server with very many addresses, all dead, ends in time."""
    world.internet.add("com", "a NS ns.a.com.")
    for count in range(100):
        world.internet.add("com", f"ns.a A 192.0.2.{count}")
    said = world.ask("www.a.com", limit=30)
    assert said.rcode == "SERVFAIL"
    assert len(world.internet.network.sent()) < 200


def deeper(incoming: Incoming, outgoing: list[Outgoing]) -> list[Outgoing]:
    """Refer to a zone that has one label more than the last one, on the same server."""
    name = incoming.message.queries[0].name
    level = len(incoming.server.asked)
    labels = str(name).split(".")
    cut = ".".join(labels[-min(level + 2, len(labels)) :])
    return replies(auth=False, authority=[f"{cut}. NS ns.{cut}."], additional=[f"ns.{cut}. A {EXAMPLE}"])(
        incoming, outgoing
    )


def test_endlessReferrals(world: World) -> None:
    """A name of very many labels, each of which is a zone of its own."""
    world.example().behaves(deeper)
    name = ".".join(["x"] * 100) + ".example.com"
    said = world.ask(name, limit=20)
    assert said.rcode == "SERVFAIL"
    assert world.count() < 2 * MOST


def test_endlessServers(world: World) -> None:
    """Each name server's zone has a name server in yet another zone, and so on."""
    world.internet.add("com", "\n".join(f"z{count} NS ns.z{count}.org." for count in range(60)))
    world.internet.add("org", "\n".join(f"z{count} NS ns.z{count + 1}.com." for count in range(60)))
    said = world.ask("www.z0.com", limit=20)
    assert (said.rcode, bool(said.errors)) == ("SERVFAIL", True)
    assert world.count() < 2 * MOST


def test_circleOfServersThatAreAliases(world: World) -> None:
    """Name servers whose names are aliases that lead in a circle."""
    world.internet.add("com", "a NS ns.other.org.")
    world.other("ns CNAME ns2 \n ns2 CNAME ns")
    said = world.ask("www.a.com", limit=10)
    assert said.rcode == "SERVFAIL"
    assert world.count() < MOST


def test_failureIsRemembered(world: World) -> None:
    """What ended in SERVFAIL is not tried again at once (RFC 9520)."""
    world.internet.add("com", "a NS ns.b.org.")
    world.internet.add("org", "b NS ns.a.com.")
    world.ask("www.a.com")
    world.asked()
    said = world.ask("www.a.com")
    assert (said.rcode, world.asked()) == ("SERVFAIL", [])
    world.internet.advance(4000)
    world.ask("www.a.com")
    assert world.asked()


def test_manyAtOnce(world: World) -> None:
    """A hundred questions for names in a circle cause questions in proportion, not more."""
    world.internet.add("com", "a NS ns.b.org.")
    world.internet.add("org", "b NS ns.a.com.")
    asking = [world.asking(f"n{count}.a.com") for count in range(100)]
    for one in asking:
        reply = world.internet.run(one)
        assert reply is not None
        assert reply.rCode == 2
    assert world.count() < 100 * 10


def test_othersDontSuffer(world: World) -> None:
    """While one question goes in circles, others are answered."""
    world.internet.add("com", "a NS ns.b.org.")
    world.internet.add("org", "b NS ns.a.com.")
    world.example()
    circling = world.asking("www.a.com")
    assert str(world.ask("www.example.com")) == "NOERROR 192.0.2.80"
    world.internet.run(circling)
    assert {COM, ORG} <= {asked.server for asked in world.internet.asked()}
    assert OTHER not in {asked.server for asked in world.internet.asked()}
