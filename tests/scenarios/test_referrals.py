"""From the root down to the answer, one referral after the other (RFC 1034 section 5.3.3)."""

import pytest

from tests.scenarios.world import COM, EVIL, EXAMPLE, NET, ORG, OTHER, ROOT, World
from txnames.testing.behaviours import adds, minimal, only, replies, silent


def test_glue(world: World) -> None:
    """Three questions lead to the answer, as each referral has the addresses of the next servers."""
    world.example()
    said = world.ask("www.example.com")
    assert said.answers == ["www.example.com. A 192.0.2.80"]
    assert world.asked() == [f"{server} www.example.com. A" for server in (ROOT, COM, EXAMPLE)]
    assert said.elapsed == pytest.approx(0.06)


def test_knownDelegation(world: World) -> None:
    """The second question for a zone goes to its servers at once."""
    world.example("www A 192.0.2.80 \n mail A 192.0.2.25")
    world.ask("www.example.com")
    world.asked()
    assert str(world.ask("mail.example.com")) == "NOERROR 192.0.2.25"
    assert world.asked() == [f"{EXAMPLE} mail.example.com. A"]


def test_knownTopLevel(world: World) -> None:
    """The first question for a second zone goes to the servers of the one above both."""
    world.example()
    world.zone("sister.com", "www A 192.0.2.90", "192.0.2.9")
    world.ask("www.example.com")
    world.asked()
    assert str(world.ask("www.sister.com")) == "NOERROR 192.0.2.90"
    assert world.asked() == [f"{COM} www.sister.com. A", "192.0.2.9 www.sister.com. A"]


def test_answerIsKept(world: World) -> None:
    """What was answered is not asked again."""
    world.example()
    first = world.ask("www.example.com")
    world.asked()
    second = world.ask("WWW.Example.COM")
    assert (str(second), world.asked()) == (str(first), [])
    assert str(second.message.queries[0].name) == "WWW.Example.COM"


def test_glueless(world: World) -> None:
    """A name server without glue has its address looked up first, from the root if need be."""
    world.internet.add("com", "example NS ns.other.org.")
    world.other(f"ns A {EXAMPLE}")
    world.internet.serve(EXAMPLE, {"example.com": "@ NS ns.other.org. \n www A 192.0.2.80"})
    assert str(world.ask("www.example.com")) == "NOERROR 192.0.2.80"
    asked = world.asked()
    assert f"{OTHER} ns.other.org. A" in asked
    assert asked.count(f"{EXAMPLE} www.example.com. A") == 1


def test_gluelessTwice(world: World) -> None:
    """The zone of a name server without glue may have such a name server itself."""
    world.internet.add("com", "example NS ns.other.org.")
    world.internet.add("org", "other NS ns.third.net.")
    world.zone("third.net", f"ns A {OTHER}", "192.0.2.3")
    world.internet.serve(OTHER, {"other.org": f"@ NS ns.third.net. \n ns A {EXAMPLE}"})
    world.internet.serve(EXAMPLE, {"example.com": "@ NS ns.other.org. \n www A 192.0.2.80"})
    assert str(world.ask("www.example.com")) == "NOERROR 192.0.2.80"
    assert world.count() < 20


def test_siblingGlue(world: World) -> None:
    """Addresses of servers in a neighbouring zone are taken from the zone above both, which may tell them."""
    world.internet.add("com", f"sister NS ns.sister.com. \n ns.sister A {EXAMPLE}")
    world.internet.add("com", "example NS ns.sister.com.")
    world.internet.serve(EXAMPLE, {"example.com": "@ NS ns.sister.com. \n www A 192.0.2.80"})
    assert str(world.ask("www.example.com")) == "NOERROR 192.0.2.80"
    assert "www.sister.com." not in " ".join(world.asked())


def test_foreignGlue(world: World) -> None:
    """Addresses of servers that the referring zone knows nothing of are not believed."""
    world.internet.add("com", "example NS ns.other.org.")
    world.other(f"ns A {EXAMPLE}")
    world.internet.serve(EXAMPLE, {"example.com": "@ NS ns.other.org. \n www A 192.0.2.80"})
    evil = world.evil()
    world.internet.servers[COM].behaves(adds(additional=[f"ns.other.org. A {EVIL}"]))
    assert str(world.ask("www.example.com")) == "NOERROR 192.0.2.80"
    assert evil.asked == []
    assert str(world.ask("ns.other.org")) == f"NOERROR {EXAMPLE}"


def test_unaskedGlue(world: World) -> None:
    """Addresses of names that no name server of the referral has are not believed."""
    world.example()
    world.zone("sister.com", "www A 192.0.2.90", "192.0.2.9")
    world.internet.servers[COM].behaves(
        only(adds(additional=[f"www.sister.com. A {EVIL}", f"ns1.sister.com. A {EVIL}"]), below="example.com")
    )
    evil = world.evil()
    world.ask("www.example.com")
    assert str(world.ask("www.sister.com")) == "NOERROR 192.0.2.90"
    assert evil.asked == []


def test_manyLevels(world: World) -> None:
    """Delegations may go deep."""
    origin = "example.com"
    world.example("")
    for level in range(8):
        origin = f"l{level}.{origin}"
        world.zone(origin, "www A 192.0.2.80", f"192.0.2.{10 + level}")
    assert str(world.ask(f"www.{origin}")) == "NOERROR 192.0.2.80"
    assert world.count() == 11


def test_parentAndChildOnOneServer(world: World) -> None:
    """A server of a zone and of the one below it answers for the latter at once."""
    world.example("")
    world.zone("sub.example.com", "www A 192.0.2.81", EXAMPLE)
    assert str(world.ask("www.sub.example.com")) == "NOERROR 192.0.2.81"
    assert world.count() == 3


def test_ipv6Only(world: World) -> None:
    """A zone may have servers with IPv6 addresses only."""
    world.example("www A 192.0.2.80", "2001:db8::1")
    assert str(world.ask("www.example.com")) == "NOERROR 192.0.2.80"
    assert world.internet.network.sent("2001:db8::1")


def test_bothFamilies(world: World) -> None:
    """If a server has addresses of both families, and one of them is dead, the other one is asked."""
    world.internet.add("com", "example NS ns.example.com. \n ns.example A 192.0.2.7")
    world.internet.add("com", "ns.example AAAA 2001:db8::1")
    world.internet.serve("2001:db8::1", {"example.com": "@ NS ns \n www A 192.0.2.80"})
    assert str(world.ask("www.example.com")) == "NOERROR 192.0.2.80"


def test_families(world: World) -> None:
    """Address families that the host doesn't have are not used."""
    world.example("www A 192.0.2.80", "2001:db8::1", EXAMPLE)
    world.start(families=(4,))
    assert str(world.ask("www.example.com")) == "NOERROR 192.0.2.80"
    assert world.internet.network.sent("2001:db8::1") == []


def test_onlyIPv6Host(world: World) -> None:
    """A host without IPv4 asks servers with IPv6 addresses."""
    world.internet.serve("2001:db8:0:1::1", {".": "@ NS a. \n a AAAA 2001:db8:0:1::1 \n www.test A 192.0.2.80"})
    world.host.addresses[:] = ["2001:db8:53::53"]
    world.start(hints=["2001:db8:0:1::1", ROOT])
    assert str(world.ask("www.test")) == "NOERROR 192.0.2.80"


def test_partialGlue(world: World) -> None:
    """Where one server has an address, the addresses of the others need not be looked up before the answer."""
    world.example()
    world.internet.add("com", "example NS ns.nowhere.org.")
    assert str(world.ask("www.example.com")) == "NOERROR 192.0.2.80"
    assert world.asked()[:3] == [f"{server} www.example.com. A" for server in (ROOT, COM, EXAMPLE)]


def test_gluelessAfterDead(world: World) -> None:
    """Where the server with an address is dead, the others' addresses are looked up."""
    world.example("", "192.0.2.7").behaves(silent)
    world.internet.add("com", "example NS ns.other.org.")
    world.other(f"ns A {EXAMPLE}")
    world.internet.serve(EXAMPLE, {"example.com": "@ NS ns1 \n @ NS ns.other.org. \n www A 192.0.2.80"})
    assert str(world.ask("www.example.com")) == "NOERROR 192.0.2.80"


def test_missingGlue(world: World) -> None:
    """A referral without the glue that it needs (TC not set) ends in SERVFAIL, soon."""
    world.example()
    world.internet.servers[COM].behaves(minimal)
    said = world.ask("www.example.com")
    assert said.rcode == "SERVFAIL"
    assert said.elapsed < 5
    assert world.count() < 20


def test_apexNS(world: World) -> None:
    """The NS records of a zone are asked of the zone itself."""
    world.internet.add("com", f"example NS old.example.com. \n old.example A {EXAMPLE}")
    world.internet.serve(EXAMPLE, {"example.com": f"@ NS new \n new A {EXAMPLE}"})
    assert world.ask("example.com", "NS").answers == ["example.com. NS new.example.com."]


def test_dsAtParent(world: World) -> None:
    """DS records are asked of the zone above (RFC 4035 section 3.1.4.1)."""
    world.example()
    digest = "12345 8 2 " + "0F" * 32
    world.internet.add("com", f"example DS {digest}")
    assert str(world.ask("www.example.com")) == "NOERROR 192.0.2.80"
    assert world.ask("example.com", "DS").answers == [f"example.com. DS {digest}"]
    world.zone("unsigned.com", "www A 192.0.2.99", "192.0.2.9")
    world.ask("www.unsigned.com")
    world.asked()
    assert (str(world.ask("unsigned.com", "DS")), world.count("192.0.2.9")) == ("NOERROR", 0)


def test_dataAtTopLevel(world: World) -> None:
    """A name need not be in a zone of its own."""
    world.internet.add("com", "host A 192.0.2.80")
    assert str(world.ask("host.com")) == "NOERROR 192.0.2.80"
    assert world.count() == 2


@pytest.mark.parametrize(
    ("name", "type", "answers"),
    [
        (".", "NS", [". NS ns1."]),
        ("com", "NS", ["com. NS ns1.com."]),
        ("ns1.com", "A", [f"ns1.com. A {COM}"]),
        ("ns1", "A", [f"ns1. A {ROOT}"]),
        ("ns1.example.com", "A", [f"ns1.example.com. A {EXAMPLE}"]),
    ],
)
def test_infrastructure(world: World, name: str, type: str, answers: list[str]) -> None:
    """The names that lead to answers can be asked for themselves, and their own zones answer."""
    world.example()
    world.ask("www.example.com")
    said = world.ask(name, type)
    assert said.answers == answers
    assert said.rcode == "NOERROR"


def test_aliasAsServer(world: World) -> None:
    """A name server's name that is an alias (against RFC 2181 section 10.3) does no harm."""
    world.internet.add("com", "example NS ns.other.org.")
    world.other("ns CNAME ns.example.com.")
    said = world.ask("www.example.com")
    assert said.rcode == "SERVFAIL"
    assert said.elapsed < 10
    assert world.count() < 30


def test_serverWithoutAddress(world: World) -> None:
    """A name server's name that does not exist does no harm if there are others."""
    world.internet.add("com", "example NS ns.nowhere.net.")
    assert world.ask("www.example.com").rcode == "SERVFAIL"
    world.example()
    world.close()
    world.start()
    assert str(world.ask("www.example.com")) == "NOERROR 192.0.2.80"


def test_wrongReferral(world: World) -> None:
    """A referral to a zone above, or beside, is no way on."""
    world.example().behaves(replies(auth=False, authority=["org. NS ns1.org."], additional=[f"ns1.org. A {EVIL}"]))
    world.other()
    evil = world.evil()
    assert world.ask("www.example.com").rcode == "SERVFAIL"
    assert str(world.ask("www.other.org")) == "NOERROR 198.51.100.80"
    assert evil.asked == []
    assert world.internet.servers[ORG].asked
    assert not world.internet.servers[NET].asked


def test_referralToOneself(world: World) -> None:
    """A referral to the zone in which one is already is no way on."""
    world.example().behaves(
        replies(
            auth=False, authority=["example.com. NS ns1.example.com."], additional=[f"ns1.example.com. A {EXAMPLE}"]
        )
    )
    said = world.ask("www.example.com")
    assert said.rcode == "SERVFAIL"
    assert said.elapsed < 5
    assert world.count(EXAMPLE) < 5
