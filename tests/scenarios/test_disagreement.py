"""Parents and children that say different things, and for different times."""

import pytest

from tests.scenarios.world import COM, EXAMPLE, ROOT, World
from txnames.testing.behaviours import changed, lame, minimal, only, replies, silent

SECOND = "192.0.2.2"
DEAD = "192.0.2.99"


def test_glueExpires(world: World) -> None:
    """Where the glue is gone before the delegation is, it is fetched anew."""
    world.internet.add("com", f"example 3600 NS ns.example.com. \n ns.example 60 A {EXAMPLE}")
    world.internet.serve(EXAMPLE, {"example.com": f"@ NS ns \n ns 60 A {EXAMPLE} \n * 10 A 192.0.2.80"})
    for count in range(3):
        assert str(world.ask(f"n{count}.example.com")) == "NOERROR 192.0.2.80"
        world.internet.advance(100)


def test_glueWithoutTime(world: World) -> None:
    """A referral whose TTLs are 0 is good for the question that caused it."""
    world.internet.add("com", f"example 0 NS ns.example.com. \n ns.example 0 A {EXAMPLE}")
    world.internet.serve(EXAMPLE, {"example.com": f"@ 0 NS ns \n ns 0 A {EXAMPLE} \n * 0 A 192.0.2.80"})
    for count in range(3):
        assert str(world.ask(f"n{count}.example.com")) == "NOERROR 192.0.2.80"


def test_childNamesDeadServers(world: World) -> None:
    """Where the servers that a zone names itself are dead, those that the zone above names are asked."""
    world.internet.add("com", f"example NS ns.example.com. \n ns.example A {EXAMPLE}")
    world.internet.serve(EXAMPLE, {"example.com": f"@ NS other \n ns A {EXAMPLE} \n other A {DEAD} \n * A 192.0.2.80"})
    assert world.ask("example.com", "NS").answers == ["example.com. NS other.example.com."]
    assert str(world.ask("other.example.com")) == f"NOERROR {DEAD}"
    assert str(world.ask("www.example.com", limit=20)) == "NOERROR 192.0.2.80"


def test_childNamesOtherAddress(world: World) -> None:
    """Where the address that a zone has for its server is dead, the one that the zone above has is asked."""
    world.internet.add("com", f"example NS ns.example.com. \n ns.example A {EXAMPLE}")
    world.internet.serve(EXAMPLE, {"example.com": f"@ NS ns \n ns A {DEAD} \n * A 192.0.2.80"})
    assert str(world.ask("ns.example.com")) == f"NOERROR {DEAD}"
    assert str(world.ask("www.example.com", limit=20)) == "NOERROR 192.0.2.80"


def test_childDeniesItsServer(world: World) -> None:
    """A zone that denies that its server exists is served nevertheless."""
    world.internet.add("com", f"example NS ns.example.com. \n ns.example A {EXAMPLE}")
    world.internet.serve(EXAMPLE, {"example.com": "@ NS ns \n www A 192.0.2.80 \n mail A 192.0.2.25"})
    assert str(world.ask("www.example.com")) == "NOERROR 192.0.2.80"
    assert world.ask("ns.example.com").rcode == "NXDOMAIN"
    assert str(world.ask("mail.example.com")) == "NOERROR 192.0.2.25"


def test_moved(world: World) -> None:
    """A zone moves to other servers, and the old ones are switched off: the zone above is asked anew."""
    server = world.example("a A 192.0.2.81 \n b A 192.0.2.82 \n c A 192.0.2.83")
    world.ask("a.example.com")
    server.behaves(silent)
    world.internet.serve(SECOND, {"example.com": "@ NS ns2 \n b A 192.0.2.92"})
    world.internet.servers[COM].serve(
        "com", f"@ NS ns1 \n ns1 A {COM} \n example NS ns2.example.com. \n ns2.example A {SECOND}"
    )
    assert str(world.ask("b.example.com", limit=20)) == "NOERROR 192.0.2.92"


def test_movedAndRefused(world: World) -> None:
    """The same where the old servers refuse to answer."""
    server = world.example("a A 192.0.2.81 \n b A 192.0.2.82 \n c A 192.0.2.83")
    world.ask("a.example.com")
    server.behaves(lame())
    world.internet.serve(SECOND, {"example.com": "@ NS ns2 \n b A 192.0.2.92"})
    world.internet.servers[COM].serve(
        "com", f"@ NS ns1 \n ns1 A {COM} \n example NS ns2.example.com. \n ns2.example A {SECOND}"
    )
    assert str(world.ask("b.example.com", limit=20)) == "NOERROR 192.0.2.92"


def test_authoritativeReferral(world: World) -> None:
    """A referral that says AA (against RFC 1034 section 4.3.2) is a referral."""
    world.example()
    world.internet.servers[COM].behaves(changed(lambda reply, incoming: setattr(reply, "auth", True)))
    assert str(world.ask("www.example.com")) == "NOERROR 192.0.2.80"


@pytest.mark.parametrize("behaviour", [lame(), lame(4), silent], ids=["refused", "notImplemented", "silent"])
def test_oneTypeBroken(world: World, behaviour: object) -> None:
    """A server that doesn't answer for one type answers for others."""
    world.example("www A 192.0.2.80 \n mail A 192.0.2.25").behaves(
        only(behaviour, type="AAAA")  # type: ignore[arg-type]  # reason: behaviours have no class of their own
    )
    assert world.ask("www.example.com", "AAAA", limit=30).rcode == "SERVFAIL"
    assert str(world.ask("www.example.com", limit=30)) == "NOERROR 192.0.2.80"
    assert str(world.ask("mail.example.com", limit=30)) == "NOERROR 192.0.2.25"


@pytest.mark.parametrize("rcode", [2, 5])
def test_oneNameBroken(world: World, rcode: int) -> None:
    """A server that doesn't answer for one name answers for others."""
    world.example("www A 192.0.2.80").behaves(only(lame(rcode), name="bad.example.com"))
    assert world.ask("bad.example.com").rcode == "SERVFAIL"
    assert str(world.ask("www.example.com")) == "NOERROR 192.0.2.80"


def test_oneOfTwoZonesLame(world: World) -> None:
    """A server that is lame for one zone is asked for another."""
    world.example("www A 192.0.2.80")
    world.internet.add("com", f"lame NS ns.lame.com. \n ns.lame A {EXAMPLE}")
    assert world.ask("www.lame.com").rcode == "SERVFAIL"
    assert str(world.ask("www.example.com")) == "NOERROR 192.0.2.80"


def test_recursor(world: World) -> None:
    """Of a server that only passes on what others said (RA, no AA) and one that knows, the latter is believed."""
    world.example("www A 192.0.2.80", EXAMPLE, SECOND)

    def recursing(reply: object, incoming: object) -> None:
        """Make a reply as one from a cache."""
        vars(reply).update(auth=False, recAv=True)

    old = replies(answers=["@ A 192.0.2.77"], auth=False)
    world.internet.servers[EXAMPLE].behaves(old, changed(recursing))
    for _ in range(4):
        assert str(world.ask("www.example.com")) == "NOERROR 192.0.2.80"
        world.close()
        world.start(random=None)


def test_recursorOnly(world: World) -> None:
    """If there is no other, what such a server says is better than nothing."""
    world.example().behaves(changed(lambda reply, incoming: vars(reply).update(auth=False, recAv=True)))
    assert str(world.ask("www.example.com")) == "NOERROR 192.0.2.80"


def test_emptyReply(world: World) -> None:
    """A server that says nothing at all, neither AA nor records, is passed over."""
    world.example("www A 192.0.2.80", EXAMPLE, SECOND)
    world.internet.servers[EXAMPLE].behaves(replies(auth=False))
    assert str(world.ask("www.example.com")) == "NOERROR 192.0.2.80"


def test_primingWithoutGlue(world: World) -> None:
    """A root whose servers send no addresses along is asked for them, or by the hints."""
    world.example()
    world.internet.servers[ROOT].behaves(only(minimal, type="NS", name="."))
    world.start(priming=True)
    assert str(world.ask("www.example.com")) == "NOERROR 192.0.2.80"
    world.internet.advance(7 * 86400)
    assert str(world.ask("www.example.com")) == "NOERROR 192.0.2.80"


def test_ownAddress(world: World) -> None:
    """A zone whose servers' addresses are those of this host, or of nobody, ends in SERVFAIL, soon."""
    world.internet.add("com", "example NS ns.example.com. \n ns.example A 127.0.0.1 \n ns.example A 10.0.0.53")
    said = world.ask("www.example.com", limit=30)
    assert said.rcode == "SERVFAIL"


def test_avoided(world: World) -> None:
    """Servers in networks that are to be avoided are not asked."""
    world.example("www A 192.0.2.80", EXAMPLE, "172.16.0.1")
    world.start(avoid=["172.16.0.0/12"])
    assert str(world.ask("www.example.com")) == "NOERROR 192.0.2.80"
    assert world.internet.servers["172.16.0.1"].asked == []


def test_sameRecordTwice(world: World) -> None:
    """A record that comes twice is one (RFC 2181 section 5)."""
    world.example().behaves(replies(answers=["@ A 192.0.2.80", "@ A 192.0.2.80", "@ A 192.0.2.81"]))
    for _ in range(2):
        assert str(world.ask("www.example.com")) == "NOERROR 192.0.2.80 192.0.2.81"


def test_any(world: World) -> None:
    """A question for all types is answered with records, and doesn't disturb others."""
    world.example("www A 192.0.2.80 \n www TXT x")
    said = world.ask("www.example.com", "ANY")
    assert said.rcode == "NOERROR"
    assert said.answers
    assert str(world.ask("www.example.com", "TXT")) == 'NOERROR "x"'


def test_dsOfZoneOnSameServer(world: World) -> None:
    """DS records of a zone whose server has the zone above too."""
    digest = "12345 8 2 " + "0F" * 32
    world.example("")
    world.zone("sub.example.com", "www A 192.0.2.81", EXAMPLE)
    world.internet.add("example.com", f"sub DS {digest}")
    assert str(world.ask("www.sub.example.com")) == "NOERROR 192.0.2.81"
    assert world.ask("sub.example.com", "DS").answers == [f"sub.example.com. DS {digest}"]
