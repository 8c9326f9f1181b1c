"""Bad days: much is dead, far away or slow at once, and clients are served in time all the same."""

import pytest

from tests.scenarios.world import COM, EVIL, EXAMPLE, ROOT, World
from txnames.testing.behaviours import changed, only, silent, slow, truncated
from txnames.wire.edns import EDNSMessage

SECOND = "192.0.2.2"
DEAD = "192.0.2.99"


def test_recursorAndDead(world: World) -> None:
    """One server is dead, the other one only passes on what it heard: that is taken, soon."""
    world.example("www A 192.0.2.80", EXAMPLE, SECOND)
    world.internet.servers[EXAMPLE].behaves(silent)
    world.internet.servers[SECOND].behaves(changed(lambda reply, incoming: vars(reply).update(auth=False, recAv=True)))
    said = world.ask("www.example.com")
    assert str(said) == "NOERROR 192.0.2.80"
    assert said.elapsed < 3


@pytest.mark.parametrize(
    "records", ["@ NS other \n ns A 192.0.2.1 \n other A 192.0.2.99", "@ NS ns \n ns A 192.0.2.99"]
)
def test_deadChildIsRemembered(world: World, records: str) -> None:
    """Once the servers that a zone names itself turned out dead, they don't cost each question its time."""
    world.internet.add("com", f"example NS ns.example.com. \n ns.example A {EXAMPLE}")
    world.internet.serve(EXAMPLE, {"example.com": f"{records} \n * A 192.0.2.80"})
    world.ask("example.com", "NS")
    world.ask("ns.example.com")
    world.ask("other.example.com")
    elapsed = [world.ask(f"n{count}.example.com", limit=20).elapsed for count in range(5)]
    assert elapsed[0] < 8
    assert max(elapsed[1:]) < 1


def test_deadZoneIsRemembered(world: World) -> None:
    """Names of a zone whose servers are all dead fail faster, and cause fewer questions, once that is known."""
    server = world.example("* A 192.0.2.80").behaves(silent)
    for count in range(3):
        assert world.ask(f"n{count}.example.com").rcode == "SERVFAIL"
    world.asked()
    said = world.ask("another.example.com")
    assert said.rcode == "SERVFAIL"
    assert said.elapsed < 7
    assert world.count(EXAMPLE) <= 4
    server.behaves()
    world.internet.advance(1000)
    assert str(world.ask("www.example.com")) == "NOERROR 192.0.2.80"


def test_withoutIPv6(world: World) -> None:
    """A host without an IPv6 address asks the IPv4 addresses of servers that have both."""
    world.host.addresses[:] = ["10.0.0.53"]
    world.example("* A 192.0.2.80", "2001:db8::1", "2001:db8::2", EXAMPLE)
    for count in range(3):
        said = world.ask(f"n{count}.example.com")
        assert str(said) == "NOERROR 192.0.2.80"
        assert said.elapsed < 2


def test_withoutIPv6AtAll(world: World) -> None:
    """... and fails soon where there are none."""
    world.host.addresses[:] = ["10.0.0.53"]
    world.example("* A 192.0.2.80", "2001:db8::1")
    said = world.ask("www.example.com")
    assert (said.rcode, bool(said.errors)) == ("SERVFAIL", True)
    assert said.elapsed < 2


@pytest.mark.parametrize("alive", range(13))
def test_oneOfThirteen(world: World, alive: int) -> None:
    """Of thirteen servers all are dead but one, whichever."""
    addresses = [f"192.0.2.{100 + count}" for count in range(13)]
    world.example("www A 192.0.2.80", *addresses)
    for count, address in enumerate(addresses):
        if count != alive:
            world.internet.servers[address].behaves(silent)
    said = world.ask("www.example.com", limit=12)
    assert str(said) == "NOERROR 192.0.2.80"


def test_farAway(world: World) -> None:
    """A host that is half a second away from everything else."""
    world.example("www A 192.0.2.80 \n mail A 192.0.2.25")
    world.host.latency = 0.5
    assert str(world.ask("www.example.com", limit=10)) == "NOERROR 192.0.2.80"
    assert world.ask("mail.example.com").elapsed < 2.5


def test_slowEverywhere(world: World) -> None:
    """All servers on the way take a second."""
    world.example()
    for address in (ROOT, COM, EXAMPLE):
        world.internet.servers[address].behaves(slow(1))
    assert str(world.ask("www.example.com", limit=10)) == "NOERROR 192.0.2.80"


def test_truncatedEverywhere(world: World) -> None:
    """All servers on the way truncate."""
    world.example()
    for address in (ROOT, COM, EXAMPLE):
        world.internet.servers[address].behaves(truncated)
    assert str(world.ask("www.example.com")) == "NOERROR 192.0.2.80"


def test_wrongOverTCP(world: World) -> None:
    """A reply with a wrong ID over TCP is none either."""

    def wrong(reply: EDNSMessage, incoming: object) -> None:
        """Have another ID."""
        reply.id ^= 1

    world.example("www A 192.0.2.80", EXAMPLE, SECOND)
    world.internet.servers[EXAMPLE].behaves(truncated, only(changed(wrong), transport="tcp"))
    assert str(world.ask("www.example.com", limit=12)) == "NOERROR 192.0.2.80"


def test_aliasesThroughManyZones(world: World) -> None:
    """A chain of aliases through eight zones, each of them delegated."""
    for count in range(8):
        world.zone(f"z{count}.org", f"www CNAME www.z{count + 1}.org.", f"192.0.2.{10 + count}")
    world.zone("z8.org", "www A 192.0.2.80", "192.0.2.18")
    said = world.ask("www.z0.org")
    assert said.rcode == "NOERROR"
    assert said.answers[-1] == "www.z8.org. A 192.0.2.80"
    assert len(said.answers) == 9


def test_aliasesInOneZone(world: World) -> None:
    """A chain of ten aliases in one zone."""
    world.example("\n".join(f"a{count} CNAME a{count + 1}" for count in range(10)) + "\n a10 A 192.0.2.80")
    said = world.ask("a0.example.com")
    assert (said.rcode, len(said.answers)) == ("NOERROR", 11)


def test_reverse(world: World) -> None:
    """Names of addresses, through zones of many labels."""
    world.internet.add(".", f"arpa NS ns1.arpa. \n ns1.arpa A {COM}")
    world.internet.servers[COM].serve("arpa", "in-addr NS ns1.in-addr.arpa. \n ns1.in-addr A 192.0.2.53")
    world.internet.serve("192.0.2.53", {"in-addr.arpa": "2.0.192 NS ns.2.0.192 \n ns.2.0.192 A 192.0.2.54"})
    world.internet.serve("192.0.2.54", {"2.0.192.in-addr.arpa": "80 PTR www.example.com."})
    world.start(minimisation="relaxed")
    assert str(world.ask("80.2.0.192.in-addr.arpa", "PTR")) == "NOERROR www.example.com."


@pytest.mark.parametrize(
    ("name", "type", "said"),
    [
        ("localhost", "A", "NOERROR 127.0.0.1"),
        ("localhost", "AAAA", "NOERROR ::1"),
        ("db.localhost", "A", "NOERROR 127.0.0.1"),
        ("localhost", "MX", "NOERROR"),
        ("www.invalid", "A", "NXDOMAIN"),
        ("abc.onion", "A", "NXDOMAIN"),
    ],
)
def test_specialNames(world: World, name: str, type: str, said: str) -> None:
    """Names that mean this machine, or nothing, are asked of nobody (RFC 6761, RFC 7686)."""
    assert str(world.ask(name, type)) == said
    assert world.asked() == []


def test_poisonedWhileBusy(world: World) -> None:
    """A hundred questions at once, and forged replies for all ports that are open: none is believed."""
    world.example("* A 192.0.2.80")
    world.ask("first.example.com")
    asking = [world.asking(f"n{count}.example.com") for count in range(100)]
    network = world.internet.network
    for port in world.host.ports:
        for ident in range(0, 0x10000, 4999):
            for count in (0, 50, 99):
                forged = EDNSMessage(ident, answer=True, auth=True, ednsVersion=None)
                forged.queries = world.internet.asked(EXAMPLE)[0].request.queries
                forged.queries[0].name = type(forged.queries[0].name)(f"n{count}.example.com")
                network.send((EXAMPLE, 53), ("10.0.0.53", port.port), forged.toStr())
    for one in asking:
        assert world.internet.run(one).answers[0].payload.dottedQuad() == "192.0.2.80"
    assert EVIL not in world.internet.servers


def test_everythingComesBack(world: World) -> None:
    """The whole Internet is dead for an hour; then it is there again."""
    world.example("* 60 A 192.0.2.80")
    world.ask("www.example.com")
    for server in world.internet.servers.values():
        server.behaves(silent)
    for count in range(10):
        world.internet.advance(360)
        world.ask(f"n{count}.example.com")
    for server in world.internet.servers.values():
        server.behaves()
    world.internet.advance(400)
    assert str(world.ask("www.example.com", limit=15)) == "NOERROR 192.0.2.80"
