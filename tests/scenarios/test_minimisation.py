"""QNAME minimisation (RFC 9156): off, relaxed and strict."""

import pytest

from tests.scenarios.world import COM, EXAMPLE, ROOT, World
from txnames.testing.behaviours import deniesEmpty, lame, only, silent

MODES = ("off", "relaxed", "strict")


def namesAt(world: World, address: str) -> set[str]:
    """The names that a server was asked for."""
    return {asked.name for asked in world.internet.asked(address)}


@pytest.mark.parametrize("mode", MODES)
def test_whoLearnsWhat(world: World, mode: str) -> None:
    """With minimisation each server learns no more of a name than it has to."""
    world.example()
    world.start(minimisation=mode)
    assert str(world.ask("www.example.com")) == "NOERROR 192.0.2.80"
    names = [namesAt(world, server) for server in (ROOT, COM, EXAMPLE)]
    if mode == "off":
        assert names == [{"www.example.com."}] * 3
    else:
        assert names == [{"com."}, {"example.com."}, {"www.example.com."}]


@pytest.mark.parametrize("mode", MODES)
def test_emptyNonTerminals(world: World, mode: str) -> None:
    """Names between the zone and the name, that have no records, are no obstacle."""
    world.example("www.a.b.c A 192.0.2.80")
    world.start(minimisation=mode)
    assert str(world.ask("www.a.b.c.example.com")) == "NOERROR 192.0.2.80"


@pytest.mark.parametrize(("mode", "result"), [("off", "NOERROR 192.0.2.80"), ("relaxed", "NOERROR 192.0.2.80")])
def test_brokenServer(world: World, mode: str, result: str) -> None:
    """A server that denies such names is not believed, unless strictly."""
    world.example("www.a.b.c A 192.0.2.80").behaves(deniesEmpty)
    world.start(minimisation=mode)
    assert str(world.ask("www.a.b.c.example.com")) == result


def test_brokenServerStrictly(world: World) -> None:
    """Strictly, a name above that does not exist is the end of it (RFC 8020)."""
    world.example("www.a.b.c A 192.0.2.80").behaves(deniesEmpty)
    world.start(minimisation="strict")
    assert world.ask("www.a.b.c.example.com").rcode == "NXDOMAIN"


@pytest.mark.parametrize("mode", MODES)
def test_noName(world: World, mode: str) -> None:
    """Names that don't exist don't."""
    world.example()
    world.start(minimisation=mode)
    said = world.ask("www.nosuch.example.com")
    assert (said.rcode, said.authority) == ("NXDOMAIN", ["example.com. SOA"])
    said = world.ask("www.example.nosuch")
    assert said.rcode == "NXDOMAIN"


@pytest.mark.parametrize("mode", MODES)
def test_delegationsInBetween(world: World, mode: str) -> None:
    """Zones and names without records take turns."""
    world.example("")
    world.zone("b.c.example.com", "", "192.0.2.2")
    world.zone("z.a.b.c.example.com", "www.y A 192.0.2.80", "192.0.2.3")
    world.start(minimisation=mode)
    assert str(world.ask("www.y.z.a.b.c.example.com")) == "NOERROR 192.0.2.80"


@pytest.mark.parametrize("mode", MODES)
def test_aliases(world: World, mode: str) -> None:
    """Aliases and DNAMEs above the name are found."""
    world.example("www CNAME a.b.other.org. \n d DNAME b.other.org. \n x.y CNAME www")
    world.other("a.b A 198.51.100.80")
    world.start(minimisation=mode)
    assert world.ask("x.y.example.com").answers[-1] == "a.b.other.org. A 198.51.100.80"
    assert world.ask("a.d.example.com").answers[-1] == "a.b.other.org. A 198.51.100.80"


def test_aliasAbove(world: World) -> None:
    """An alias above the name, met on the way down, does not lead the name away."""
    world.example("c CNAME www.other.org. \n a.b.c A 192.0.2.80")
    world.start(minimisation="relaxed")
    assert str(world.ask("a.b.c.example.com")) == "NOERROR 192.0.2.80"


@pytest.mark.parametrize("mode", MODES)
def test_manyLabels(world: World, mode: str) -> None:
    """A name of many labels takes a bounded number of questions (RFC 9156 section 2.3)."""
    name = ".".join("abcdefghijklmnopqrstuvwxyz0123456789")
    world.example(f"{name} A 192.0.2.80")
    world.start(minimisation=mode)
    assert str(world.ask(f"{name}.example.com")) == "NOERROR 192.0.2.80"
    assert world.count() <= 14


@pytest.mark.parametrize("behaviour", [lame(5), lame(2), lame(4), silent])
def test_refusedInBetween(world: World, behaviour: object) -> None:
    """A server that doesn't answer for names in between, relaxed, is asked for the whole name."""
    world.example("www.a.b A 192.0.2.80").behaves(
        only(behaviour, name="b.example.com"),  # type: ignore[arg-type]  # reason: behaviours have no class of their own
        only(behaviour, name="a.b.example.com"),  # type: ignore[arg-type]  # reason: the same
    )
    world.start(minimisation="relaxed")
    assert str(world.ask("www.a.b.example.com", limit=30)) == "NOERROR 192.0.2.80"


def test_hiddenType(world: World) -> None:
    """The type that is asked for is not told on the way either."""
    world.example("www MX 10 mail")
    world.start(minimisation="relaxed")
    assert str(world.ask("www.example.com", "MX")) == "NOERROR 10 mail.example.com."
    assert {asked.type for asked in world.internet.asked() if asked.server != EXAMPLE} <= {1, 2}


@pytest.mark.parametrize("mode", MODES)
def test_parentAndChildOnOneServer(world: World, mode: str) -> None:
    """A server of several zones answers for the lowest of them."""
    world.example("")
    world.zone("sub.example.com", "www A 192.0.2.81", EXAMPLE)
    world.start(minimisation=mode)
    assert str(world.ask("www.sub.example.com")) == "NOERROR 192.0.2.81"
    assert world.ask("nosuch.sub.example.com").authority == ["sub.example.com. SOA"]
    assert world.ask("sub.example.com", "NS").answers == ["sub.example.com. NS ns1.sub.example.com."]
