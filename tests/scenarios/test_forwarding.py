"""Forward and stub zones, and a server that forwards everything."""

from typing import Any

import pytest

from tests.scenarios.world import COM, EVIL, EXAMPLE, ROOT, World
from txnames.testing import NameServer
from txnames.testing.behaviours import lame, only, silent, truncated

INSIDE = "10.0.0.1"
SECOND = "10.0.0.2"


def forwarder(world: World, address: str = INSIDE, data: str = "10.1.1.1") -> NameServer:
    """A server that answers for inside.test."""
    return world.internet.serve(address, {"inside.test": f"www A {data} \n alias CNAME www.example.com."})


def start(world: World, kind: str, *servers: tuple[str, int]) -> None:
    """Start with inside.test as a zone of a kind, C{"stubs"} or C{"forwards"}."""
    options: Any = {kind: {"inside.test": list(servers)}}
    world.start(**options)


def test_forward(world: World) -> None:
    """Names of a forward zone are asked of its servers, with RD, and nobody else."""
    server = forwarder(world)
    world.start(forwards={"inside.test": [(INSIDE, 53)]})
    assert str(world.ask("www.inside.test")) == "NOERROR 10.1.1.1"
    assert server.asked[0].request.recDes
    assert world.asked(ROOT) == []


def test_forwardOthers(world: World) -> None:
    """Other names are not."""
    world.example()
    server = forwarder(world)
    world.start(forwards={"inside.test": [(INSIDE, 53)]})
    assert str(world.ask("www.example.com")) == "NOERROR 192.0.2.80"
    assert server.asked == []


def test_stub(world: World) -> None:
    """Names of a stub zone are asked of its servers, without RD, and their referrals are followed."""
    server = world.internet.serve(INSIDE, {"inside.test": "www A 10.1.1.1 \n sub NS ns.sub \n ns.sub A 10.0.0.3"})
    world.internet.serve("10.0.0.3", {"sub.inside.test": "www A 10.1.1.2"})
    world.start(stubs={"inside.test": [(INSIDE, 53)]})
    assert str(world.ask("www.inside.test")) == "NOERROR 10.1.1.1"
    assert str(world.ask("www.sub.inside.test")) == "NOERROR 10.1.1.2"
    assert not any(asked.request.recDes for asked in server.asked)
    assert world.asked(ROOT) == []


@pytest.mark.parametrize("kind", ["stubs", "forwards"])
def test_nothing(world: World, kind: str) -> None:
    """What does not exist in such a zone doesn't, and is remembered."""
    forwarder(world)
    start(world, kind, (INSIDE, 53))
    said = world.ask("nosuch.inside.test")
    assert (said.rcode, said.authority) == ("NXDOMAIN", ["inside.test. SOA"])
    assert str(world.ask("www.inside.test", "MX")) == "NOERROR"
    world.asked()
    world.ask("nosuch.inside.test")
    assert world.asked() == []


@pytest.mark.parametrize("kind", ["stubs", "forwards"])
def test_secondServer(world: World, kind: str) -> None:
    """Where the first server is dead, the second one is asked."""
    forwarder(world).behaves(silent)
    forwarder(world, SECOND)
    start(world, kind, (INSIDE, 53), (SECOND, 53))
    assert str(world.ask("www.inside.test", limit=10)) == "NOERROR 10.1.1.1"


@pytest.mark.parametrize("kind", ["stubs", "forwards"])
@pytest.mark.parametrize("behaviour", [silent, lame(), lame(2)])
def test_noServer(world: World, kind: str, behaviour: Any) -> None:
    """Where none answers, the client is told so: the root is not asked for what is not its business."""
    forwarder(world).behaves(behaviour)
    start(world, kind, (INSIDE, 53))
    said = world.ask("www.inside.test", limit=30)
    assert said.rcode in ("SERVFAIL", "REFUSED")
    assert world.asked(ROOT) == []


def test_mostSpecific(world: World) -> None:
    """Of several zones the lowest counts."""
    forwarder(world)
    world.internet.serve(SECOND, {"sub.inside.test": "www A 10.1.1.2"})
    world.start(forwards={"inside.test": [(INSIDE, 53)], "sub.inside.test": [(SECOND, 53)]})
    assert str(world.ask("www.inside.test")) == "NOERROR 10.1.1.1"
    assert str(world.ask("www.sub.inside.test")) == "NOERROR 10.1.1.2"


def test_aliasOut(world: World) -> None:
    """An alias that leads out of a stub zone is followed from the root."""
    forwarder(world).behaves()
    world.example()
    world.start(stubs={"inside.test": [(INSIDE, 53)]})
    assert str(world.ask("alias.inside.test")) == "NOERROR -> www.example.com. 192.0.2.80"


def test_aliasIn(world: World) -> None:
    """An alias that leads into a forward zone is followed there."""
    forwarder(world)
    world.example("www CNAME www.inside.test.")
    world.start(forwards={"inside.test": [(INSIDE, 53)]})
    assert str(world.ask("www.example.com")) == "NOERROR -> www.inside.test. 10.1.1.1"


def test_truncated(world: World) -> None:
    """Forwarders may truncate."""
    forwarder(world).behaves(truncated)
    world.start(forwards={"inside.test": [(INSIDE, 53)]})
    assert str(world.ask("www.inside.test")) == "NOERROR 10.1.1.1"


def test_forwardEverything(world: World) -> None:
    """The root may be a forward zone."""
    world.internet.serve(INSIDE, {".": "www.example.com A 10.1.1.1"})
    world.start(forwards={".": [(INSIDE, 53)]})
    assert str(world.ask("www.example.com")) == "NOERROR 10.1.1.1"
    assert world.asked(ROOT) == world.asked(COM) == []


def test_insideIsNotBelievedOutside(world: World) -> None:
    """What a stub zone's server says of other zones is not believed."""
    forwarder(world).behaves(only(silent, name="nothing.test"))
    world.internet.servers[INSIDE].serve("example.com", f"www A {EVIL}")
    world.example()
    world.start(stubs={"inside.test": [(INSIDE, 53)]})
    assert str(world.ask("alias.inside.test")) == "NOERROR -> www.example.com. 192.0.2.80"
    assert str(world.ask("www.example.com")) == "NOERROR 192.0.2.80"
    assert world.internet.servers[EXAMPLE].asked


@pytest.mark.parametrize("kind", ["stubs", "forwards"])
def test_zoneOfNobody(world: World, kind: str) -> None:
    """That a name above such a zone does not exist, as the root says, ends nothing within the zone."""
    forwarder(world)
    start(world, kind, (INSIDE, 53))
    assert world.ask("test").rcode == "NXDOMAIN"
    assert world.ask("other.test").rcode == "NXDOMAIN"
    assert str(world.ask("www.inside.test")) == "NOERROR 10.1.1.1"
    assert world.ask("nosuch.inside.test").rcode == "NXDOMAIN"


def test_knownServersWithin(world: World) -> None:
    """What a forwarder says of servers is an answer, and not whom to ask for names of its zone."""
    zones = {"inside.test": "@ NS ns.other.org. \n www A 10.1.1.1", "other.org": f"ns A {EVIL}"}
    world.internet.serve(INSIDE, zones)
    world.evil()
    world.start(forwards={".": [(INSIDE, 53)]})
    assert str(world.ask("inside.test", "NS")) == "NOERROR ns.other.org."
    assert world.ask("ns.other.org").rcode == "NOERROR"
    world.asked()
    assert str(world.ask("www.inside.test")) == "NOERROR 10.1.1.1"
    assert world.asked() == [f"{INSIDE} www.inside.test. A"]


def test_forwarderRefers(world: World) -> None:
    """Who should find answers and tells whom to ask is of no use."""
    world.internet.serve(INSIDE, {"com": "example NS ns1.example \n ns1.example A 203.0.113.66"})
    world.evil()
    world.start(forwards={".": [(INSIDE, 53)]})
    assert world.ask("www.example.com").rcode == "SERVFAIL"
    assert world.asked(EVIL) == []


def test_notValidated(world: World) -> None:
    """What a forwarder was told not to validate is for those only who wanted that (RFC 4035 section 3.2.2)."""
    server = forwarder(world, data=EVIL)
    server.behaves(only(lame(2), when=lambda incoming: not incoming.message.checkingDisabled))
    start(world, "forwards", (INSIDE, 53))
    assert str(world.ask("www.inside.test", checkingDisabled=True)) == f"NOERROR {EVIL}"
    assert world.ask("www.inside.test").rcode == "SERVFAIL"
