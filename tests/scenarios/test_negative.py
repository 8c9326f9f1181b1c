"""What does not exist, and for how long that is remembered (RFC 2308, RFC 8020, RFC 9520)."""

import pytest

from tests.scenarios.world import EXAMPLE, World
from txnames.testing.behaviours import lame, replies, silent

SOA = "@ {ttl} SOA ns1 hostmaster 1 7200 3600 1209600 {minimum}\n"


def test_noName(world: World) -> None:
    """A name that does not exist: NXDOMAIN and the zone's SOA record, from the cache the second time."""
    world.example()
    said = world.ask("nosuch.example.com")
    assert (said.rcode, said.authority, said.ttls) == ("NXDOMAIN", ["example.com. SOA"], [300])
    world.asked()
    world.internet.advance(100)
    again = world.ask("nosuch.example.com")
    assert (again.rcode, again.authority, world.asked()) == ("NXDOMAIN", ["example.com. SOA"], [])
    assert again.ttls == [200]


def test_noNameForAnyType(world: World) -> None:
    """That a name does not exist holds for all types."""
    world.example()
    world.ask("nosuch.example.com")
    world.asked()
    assert world.ask("nosuch.example.com", "MX").rcode == "NXDOMAIN"
    assert world.asked() == []


def test_nothingBelow(world: World) -> None:
    """Below a name that does not exist there is nothing (RFC 8020)."""
    world.example()
    world.ask("nosuch.example.com")
    world.asked()
    said = world.ask("www.below.nosuch.example.com")
    assert (said.rcode, said.authority, world.asked()) == ("NXDOMAIN", ["example.com. SOA"], [])


def test_noData(world: World) -> None:
    """A name that has no such records: NOERROR and the zone's SOA record; other types are asked for."""
    world.example("www A 192.0.2.80 \n www MX 10 mail")
    said = world.ask("www.example.com", "AAAA")
    assert (str(said), said.authority) == ("NOERROR", ["example.com. SOA"])
    world.asked()
    world.internet.advance(60)
    again = world.ask("www.example.com", "AAAA")
    assert (str(again), again.authority, again.ttls) == ("NOERROR", ["example.com. SOA"], [240])
    assert world.asked() == []
    assert str(world.ask("www.example.com", "MX")) == "NOERROR 10 mail.example.com."
    assert world.count() == 1


@pytest.mark.parametrize(
    ("ttl", "minimum", "expected"), [(3600, 300, 300), (120, 300, 120), (50, 50, 50), (864000, 604800, 10800)]
)
@pytest.mark.parametrize("name", ["nosuch", "www"])
def test_ttl(world: World, name: str, ttl: int, minimum: int, expected: int) -> None:
    """The time is the lesser of the SOA's TTL and its minimum (RFC 2308 section 5), and three hours at most."""
    world.example(SOA.format(ttl=ttl, minimum=minimum) + "www A 192.0.2.80")
    question = (f"{name}.example.com", "AAAA")
    world.ask(*question)
    world.asked()
    world.internet.advance(expected - 1)
    world.ask(*question)
    assert world.count() == 0
    world.internet.advance(2)
    world.ask(*question)
    assert world.count(EXAMPLE) == 1


def test_withoutSOA(world: World) -> None:
    """That something does not exist is not remembered for long where there is no SOA record to tell (section 5)."""
    world.example().behaves(replies(3))
    assert world.ask("nosuch.example.com").rcode == "NXDOMAIN"
    world.asked()
    world.internet.advance(600)
    assert world.ask("nosuch.example.com").rcode == "NXDOMAIN"
    assert world.count() == 1


def test_foreignSOA(world: World) -> None:
    """A SOA record of a zone that the name is not in says nothing about it."""
    soa = "other.org. SOA ns.other.org. h.other.org. 1 1 1 1 86400"
    world.example().behaves(replies(3, authority=[soa]))
    world.other()
    said = world.ask("nosuch.example.com")
    assert said.rcode in ("NXDOMAIN", "SERVFAIL")
    assert "other.org. SOA" not in said.authority
    assert str(world.ask("www.other.org")) == "NOERROR 198.51.100.80"


def test_appears(world: World) -> None:
    """A name that is made is found when the time is up."""
    server = world.example("")
    assert world.ask("www.example.com").rcode == "NXDOMAIN"
    server.serve("example.com", "@ NS ns1 \n www A 192.0.2.80")
    world.internet.advance(301)
    assert str(world.ask("www.example.com")) == "NOERROR 192.0.2.80"


def test_topLevel(world: World) -> None:
    """A top-level domain that does not exist: the root says so, for all names in it."""
    said = world.ask("www.example.nosuch")
    assert said.rcode == "NXDOMAIN"
    assert said.message.authority[0].name.name == b""
    world.asked()
    assert world.ask("www.example.nosuch", "MX").rcode == "NXDOMAIN"
    assert world.asked() == []


@pytest.mark.parametrize("rcode", [2, 5])
def test_failure(world: World, rcode: int) -> None:
    """That nobody could answer is remembered for a while (RFC 9520), not for long."""
    server = world.example().behaves(lame(rcode))
    assert world.ask("www.example.com").rcode == "SERVFAIL"
    world.asked()
    assert world.ask("www.example.com").rcode == "SERVFAIL"
    assert world.asked() == []
    server.behaves()
    world.internet.advance(301)
    assert str(world.ask("www.example.com")) == "NOERROR 192.0.2.80"


def test_timeoutIsRemembered(world: World) -> None:
    """That nobody answered in time is remembered too: clients who ask again don't wait as long."""
    world.example().behaves(silent)
    first = world.ask("www.example.com", limit=30)
    second = world.ask("www.example.com", limit=30)
    assert first.rcode == second.rcode == "SERVFAIL"
    assert second.elapsed < 0.1


def test_notForOthers(world: World) -> None:
    """A name that does not exist says nothing of those beside or above it."""
    world.example("a.b A 192.0.2.80")
    world.ask("c.b.example.com")
    assert str(world.ask("a.b.example.com")) == "NOERROR 192.0.2.80"
    assert str(world.ask("b.example.com")) == "NOERROR"


def test_emptyNonTerminal(world: World) -> None:
    """A name without records of its own, with others below it, exists."""
    world.example("www.deep A 192.0.2.80")
    assert world.ask("deep.example.com").rcode == "NOERROR"
    assert str(world.ask("www.deep.example.com")) == "NOERROR 192.0.2.80"


def test_wildcard(world: World) -> None:
    """What a wildcard answers holds for the name that was asked for, and for no other."""
    world.example("* A 192.0.2.80 \n other TXT x")
    assert world.ask("any.example.com").answers == ["any.example.com. A 192.0.2.80"]
    assert str(world.ask("any2.example.com")) == "NOERROR 192.0.2.80"
    assert str(world.ask("other.example.com")) == "NOERROR"


@pytest.mark.parametrize("name", [".", "com", "example.com"])
def test_typeZero(world: World, name: str) -> None:
    """That a name has nothing of type 0 says nothing of other types, nor of names below it."""
    world.example("www A 192.0.2.80")
    assert world.ask(name, "TYPE0").answers == []
    assert str(world.ask("www.example.com")) == "NOERROR 192.0.2.80"
    assert world.ask(name, "SOA").answers != []


def test_failureForSome(world: World) -> None:
    """A failure is remembered for those who want DNSSEC as well, and by itself (RFC 9520)."""
    server = world.example("www A 192.0.2.80")
    server.behaves(lame(2))
    for wanted in (False, True):
        assert world.ask("www.example.com", dnssecOK=wanted).rcode == "SERVFAIL"
        assert world.count(EXAMPLE)
        assert world.ask("www.example.com", dnssecOK=wanted).rcode == "SERVFAIL"
        assert not world.count()


@pytest.mark.parametrize("wanted", [False, True])
def test_staleForSome(world: World, wanted: bool) -> None:
    """An answer past its time takes the place of a failure for those too who want DNSSEC (RFC 8767)."""
    server = world.example("www A 192.0.2.80")
    world.start(cache={"serveStale": 86400})
    world.ask("www.example.com", dnssecOK=wanted)
    world.internet.advance(3700)
    server.behaves(silent)
    assert str(world.ask("www.example.com", dnssecOK=wanted)) == "NOERROR 192.0.2.80"
