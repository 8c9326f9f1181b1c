"""Attempts to have lies believed: forged replies, and servers that tell what is not theirs to tell."""

from itertools import pairwise
from typing import Any

import pytest

from tests.scenarios.world import COM, EVIL, EXAMPLE, ORG, OTHER, ROOT, World
from txnames.records.address import Record_A
from txnames.testing.behaviours import adds, changed, forges, only, replies
from txnames.wire.edns import EDNSMessage
from txnames.wire.header import Query
from txnames.wire.numbers import AAAA, CH, A

TRUTH = "NOERROR 192.0.2.80"


@pytest.mark.parametrize(
    "fields",
    [
        {"ident": 1},
        {"ident": 1, "copies": 500},
        {"question": Query("evil.example.com")},
        {"question": Query("www.example.com", AAAA)},
        {"swapped": True},
        {"source": (EXAMPLE, 5300)},
        {"source": (EVIL, 53)},
        {"answer": False},
    ],
    ids="id manyIDs question type case port address query".split(),  # noqa: SIM905  # reason: reads as a column
)
@pytest.mark.parametrize("server", [ROOT, COM, EXAMPLE])
def test_forged(world: World, fields: dict[str, Any], server: str) -> None:
    """A forged reply comes before the genuine one, and is wrong in one way: it doesn't count, nor use the query up."""
    world.example("www A 192.0.2.80 \n www AAAA 2001:db8::80")
    world.internet.servers[server].behaves(forges(f"@ A {EVIL}", **fields))
    assert str(world.ask("www.example.com")) == TRUTH
    assert str(world.ask("www.example.com")) == TRUTH


def test_forgedDenial(world: World) -> None:
    """A forged NXDOMAIN doesn't count either."""
    world.example().behaves(
        lambda incoming, outgoing: [
            outgoing[0]._replace(octets=b"\0\0" + replies(3)(incoming, [])[0].octets[2:]),
            *outgoing,
        ]
    )
    assert str(world.ask("www.example.com")) == TRUTH


def test_unpredictable(world: World) -> None:
    """Questions come from many ports, with IDs that don't follow one another, and in random case."""
    names = [f"a-name-with-letters-{count}" for count in range(40)]
    world.example("\n".join(f"{name} A 192.0.2.80" for name in names))
    for name in names:
        world.ask(f"{name}.example.com")
    asked = world.internet.asked(EXAMPLE)
    assert len({one.source[1] for one in asked}) >= 8
    idents = [one.request.id for one in asked]
    assert len(set(idents)) > 35
    assert len({later - earlier for earlier, later in pairwise(idents)}) > 30
    spellings = [one.request.queries[0].name.name for one in asked]
    assert sum(spelling != spelling.lower() for spelling in spellings) > 30


def test_clientsSpelling(world: World) -> None:
    """The random case is not shown to the client."""
    world.example()
    said = world.ask("www.EXAMPLE.com")
    assert said.message.queries[0].name.name == b"www.EXAMPLE.com"
    assert said.message.answers[0].name.name in (b"www.EXAMPLE.com", b"www.example.com")


def test_extraAnswers(world: World) -> None:
    """Records of other names in the answer section are neither passed on nor remembered."""
    world.example().behaves(adds(answers=[f"www.other.org. A {EVIL}", f"mail.example.com. A {EVIL}"]))
    world.other()
    assert str(world.ask("www.example.com")) == TRUTH
    assert str(world.ask("www.other.org")) == "NOERROR 198.51.100.80"


def test_extraAdditional(world: World) -> None:
    """Records of the additional section are not answers, whosever they are."""
    world.example("www A 192.0.2.80 \n @ MX 10 mail \n mail A 192.0.2.25").behaves(
        adds(additional=[f"www.other.org. A {EVIL}", f"www.example.com. A {EVIL}"])
    )
    world.other()
    world.ask("example.com", "MX")
    assert str(world.ask("www.other.org")) == "NOERROR 198.51.100.80"


@pytest.mark.parametrize("cut", ["com.", "org.", "other.org.", "."])
def test_hijackedDelegation(world: World, cut: str) -> None:
    """NS records for zones that are not the server's are not believed, wherever they stand in its reply."""
    world.example("www A 192.0.2.80 \n mail A 192.0.2.25").behaves(
        adds(authority=[f"{cut} NS ns.evil.example.com."], additional=[f"ns.evil.example.com. A {EVIL}"])
    )
    world.other()
    evil = world.evil()
    assert str(world.ask("www.example.com")) == TRUTH
    assert str(world.ask("www.other.org")) == "NOERROR 198.51.100.80"
    world.zone("sister.com", "www A 192.0.2.90", "192.0.2.9")
    assert str(world.ask("www.sister.com")) == "NOERROR 192.0.2.90"
    assert evil.asked == []


def test_hijackedServers(world: World) -> None:
    """Addresses for other zones' name servers are not believed."""
    world.example().behaves(adds(additional=[f"ns1.org. A {EVIL}", f"ns1.com. A {EVIL}", f"ns1. A {EVIL}"]))
    world.other()
    evil = world.evil()
    world.ask("www.example.com")
    assert str(world.ask("www.other.org")) == "NOERROR 198.51.100.80"
    assert evil.asked == []


def test_sideways(world: World) -> None:
    """A referral to a neighbouring zone is not followed."""
    evil = world.evil()
    world.other()
    world.example().behaves(
        replies(auth=False, authority=["other.org. NS ns.example.com."], additional=[f"ns.example.com. A {EVIL}"])
    )
    assert world.ask("www.example.com").rcode == "SERVFAIL"
    assert str(world.ask("www.other.org")) == "NOERROR 198.51.100.80"
    assert evil.asked == []


def test_aliasWithForeignTarget(world: World) -> None:
    """The address that comes along with an alias is asked of those whose it is."""
    world.example("www CNAME www.other.org.").behaves(adds(answers=[f"www.other.org. A {EVIL}"]))
    world.other()
    said = world.ask("www.example.com")
    assert str(said) == "NOERROR -> www.other.org. 198.51.100.80"
    assert str(world.ask("www.other.org")) == "NOERROR 198.51.100.80"


def test_dnameOfAnother(world: World) -> None:
    """A DNAME that is above the server's zone is not believed."""
    world.example().behaves(replies(answers=["com. DNAME evil.org.", "www.example.com. CNAME www.example.evil.org."]))
    world.zone("sister.com", "www A 192.0.2.90", "192.0.2.9")
    world.ask("www.example.com")
    assert str(world.ask("www.sister.com")) == "NOERROR 192.0.2.90"


def test_wrongDname(world: World) -> None:
    """The CNAME that comes with a DNAME leads where the DNAME says, whatever it says itself."""
    world.example("d DNAME other.org.").behaves(
        only(
            replies(answers=["d.example.com. DNAME other.org.", "www.d.example.com. CNAME www.evil.org."]),
            below="d.example.com",
        )
    )
    world.zone("evil.org", f"www A {EVIL}", "203.0.113.1")
    world.other()
    assert EVIL not in str(world.ask("www.d.example.com"))


def test_glueIsNoAnswer(world: World) -> None:
    """The address in a referral doesn't answer for the name; the name's own zone does."""
    world.internet.add("com", f"example NS ns.example.com. \n ns.example A {EXAMPLE}")
    world.internet.serve(EXAMPLE, {"example.com": "@ NS ns \n ns A 192.0.2.99 \n www A 192.0.2.80"})
    world.ask("www.example.com")
    assert str(world.ask("ns.example.com")) == "NOERROR 192.0.2.99"


def test_glueDoesNotReplaceAnswer(world: World) -> None:
    """What an authoritative answer said stays when a referral says something else (RFC 2181 section 5.4.1)."""
    world.example("www A 192.0.2.80 \n ns A 192.0.2.99")
    world.internet.add("com", f"sister NS ns.example.com. \n ns.example A {EVIL}")
    assert str(world.ask("ns.example.com")) == "NOERROR 192.0.2.99"
    world.ask("www.sister.com")
    assert str(world.ask("ns.example.com")) == "NOERROR 192.0.2.99"


def test_parentDoesNotAnswerForChild(world: World) -> None:
    """A zone's server that has data for a name in a delegated zone, not as an answer, is not asked for it."""
    world.example("www A 192.0.2.80")
    world.internet.servers[COM].behaves(only(adds(additional=[f"www.example.com. A {EVIL}"]), below="example.com"))
    assert str(world.ask("www.example.com")) == TRUTH


def test_wrongClass(world: World) -> None:
    """Records of another type than the one asked for are no answer."""
    world.example().behaves(replies(answers=["@ TXT evil"]))
    said = world.ask("www.example.com")
    assert said.answers == []


def test_wrongOwner(world: World) -> None:
    """Records of another name than the one asked for are no answer."""
    world.example().behaves(replies(answers=[f"www2.example.com. A {EVIL}"]))
    said = world.ask("www.example.com")
    assert said.answers == []
    assert said.rcode in ("SERVFAIL", "NOERROR")


def test_rootIsNotReplaced(world: World) -> None:
    """Nobody but the root says who the root is."""
    world.example().behaves(adds(authority=[". NS ns.evil."], additional=[f"ns.evil. A {EVIL}"]))
    evil = world.evil()
    world.other()
    world.ask("www.example.com")
    assert str(world.ask("www.other.org")) == "NOERROR 198.51.100.80"
    assert evil.asked == []
    assert world.internet.servers[ORG].asked
    assert world.internet.servers[OTHER].asked


def test_offPath(world: World) -> None:
    """Someone who sees nothing and sends datagrams to all ports that may be open is not believed."""
    world.example("www A 192.0.2.80 \n mail A 192.0.2.25")
    world.ask("mail.example.com")
    asking = world.asking("www.example.com")
    network = world.internet.network
    genuine = Query("www.example.com")
    for port in world.host.ports:
        for ident in range(0, 0x10000, 997):
            from_ = ident.to_bytes(2, "big") + b"\x84\0\0\1\0\1\0\0\0\0"
            question = genuine.name.wire + b"\0\1\0\1"
            record = b"\xc0\x0c\0\1\0\1\0\0\x0e\x10\0\4\xcb\0\x71\x42"
            network.send((EXAMPLE, 53), ("10.0.0.53", port.port), from_ + question + record)
    reply = world.internet.run(asking)
    assert reply is not None
    assert reply.answers[0].payload.dottedQuad() == "192.0.2.80"


@pytest.mark.parametrize("server", [COM, EXAMPLE])
def test_otherClasses(world: World, server: str) -> None:
    """Records of another class say nothing of the Internet: no addresses of servers, and no servers."""
    world.example("www A 192.0.2.80 \n sub NS ns1")
    world.evil()

    def confuse(reply: EDNSMessage, incoming: Any) -> None:
        for record in (*reply.authority, *reply.additional):
            if record.type == A:
                record.payload = Record_A(EVIL, ttl=60)
            record.cls = CH

    world.internet.servers[server].behaves(changed(confuse))
    assert str(world.ask("www.example.com")) in (TRUTH, "SERVFAIL")
    world.ask("www.sub.example.com")
    assert world.asked(EVIL) == []
