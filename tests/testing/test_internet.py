"""Tests of L{txnames.testing.internet} and L{txnames.testing.nameserver}."""

import pytest
from twisted.internet import defer

from tests.testing.asking import Asker, Datagrams
from txnames import root
from txnames.testing import Internet, Network
from txnames.testing import internet as internetModule
from txnames.testing.behaviours import lame, slow, truncated

ROOT = """
    @          NS a.root.
    a.root     A  192.0.2.1
    example    NS ns.example.
    ns.example A  192.0.2.2
    example    NS ns.elsewhere.
"""
EXAMPLE = "@ NS ns \n ns A 192.0.2.2 \n www 60 A 192.0.2.80 \n www AAAA 2001:db8::80"


def world() -> Internet:
    """An Internet of a root and a zone."""
    internet = Internet()
    internet.serve("192.0.2.1", {".": ROOT})
    internet.serve(["192.0.2.2", "2001:db8::2"], {"example": EXAMPLE})
    return internet


def test_referral() -> None:
    """A server refers to others as its zone's text says, with the glue that it has."""
    reply = Asker(world()).ask("www.example")
    assert reply is not None
    assert [str(record.payload.name) for record in reply.authority] == ["ns.example", "ns.elsewhere"]
    assert [str(record.name) for record in reply.additional] == ["ns.example"]
    assert not reply.auth


@pytest.mark.parametrize("server", ["192.0.2.2", "2001:db8::2"])
@pytest.mark.parametrize("tcp", [False, True])
def test_answer(server: str, tcp: bool) -> None:
    """A server answers from its zone on all of its addresses, by UDP and TCP, and remembers what it was asked."""
    internet = world()
    reply = Asker(internet).ask("WWW.example", "AAAA", server, tcp)
    assert reply is not None
    assert (reply.auth, reply.answers[0].ttl, reply.answers[0].payload.toText()) == (True, 3600, "2001:db8::80")
    (asked,) = internet.asked(server)
    assert str(asked) == f"{server} www.example. AAAA"
    assert (asked.transport, asked.source[0]) == (
        "tcp" if tcp else "udp",
        "2001:db8:ffff::1" if ":" in server else "203.0.113.1",
    )
    assert asked.request.queries[0].name.name == b"WWW.example"
    assert internet.asked("192.0.2.1") == []


def test_zones() -> None:
    """Zones get servers, and are delegated by those above them; servers may have several zones."""
    internet = Internet()
    internet.zone(".", "", "192.0.2.1")
    internet.zone("example", "", "192.0.2.2", "2001:db8::2")
    internet.zone("glueless.example", "", "192.0.2.3", glue=False)
    internet.zone("deep.below.example.", "www A 192.0.2.80", "192.0.2.2")
    internet.add(".", "host.test A 192.0.2.81")
    asker = Asker(internet)

    def said(name: str, server: str) -> tuple[list[str], list[str], list[str]]:
        """The data of each section."""
        reply = asker.ask(name, server=server)
        assert reply is not None
        answers, authority, additional = (
            [record.payload.toText() for record in section]
            for section in (reply.answers, reply.authority, reply.additional)
        )
        return answers, authority, additional

    names = ["ns1.example.", "ns2.example."]
    assert said("www.deep.below.example", "192.0.2.1") == ([], names, ["192.0.2.2", "2001:db8::2"])
    assert said("glueless.example", "2001:db8::2") == ([], ["ns1.glueless.example."], [])
    assert said("www.deep.below.example", "2001:db8::2") == ([], ["ns1.deep.below.example."], ["192.0.2.2"])
    assert said("www.deep.below.example", "192.0.2.2") == (["192.0.2.80"], [], [])
    assert said("host.test", "192.0.2.1") == (["192.0.2.81"], [], [])


def test_askedInOrder() -> None:
    """The questions are listed in the order of their arrival."""
    internet = world()
    asker = Asker(internet)
    for server in ("192.0.2.2", "192.0.2.1", "192.0.2.2"):
        asker.ask("www.example", server=server)
    assert [asked.server for asked in internet.asked()] == ["192.0.2.2", "192.0.2.1", "192.0.2.2"]
    internet.forget()
    assert (internet.asked(), internet.network.captured) == ([], [])


def test_zonesOfAServer() -> None:
    """A server has several zones, gets others, and refuses what is in none of them."""
    internet = Internet(Network(seed=1))
    server = internet.serve("192.0.2.1", {"one.example": "@ A 192.0.2.3", "two.example": "@ A 192.0.2.4"})
    asker = Asker(internet)

    def answers(name: str) -> tuple[int, list[str]]:
        """The response code and the data of the answers."""
        reply = asker.ask(name)
        assert reply is not None
        return reply.rCode, [record.payload.toText() for record in reply.answers]

    assert answers("one.example") == (0, ["192.0.2.3"])
    assert answers("two.example") == (0, ["192.0.2.4"])
    assert answers("three.example") == (5, [])
    server.serve("three.example", "@ A 192.0.2.5").serve("two.example", "@ A 192.0.2.6").serve("one.example", None)
    assert answers("three.example") == (0, ["192.0.2.5"])
    assert answers("two.example") == (0, ["192.0.2.6"])
    assert answers("one.example") == (5, [])
    assert len(server.zones) == 2


def test_behaviours() -> None:
    """Each behaviour works on what the one before it makes, until there are others."""
    internet = world()
    asker = Asker(internet)
    server = internet.servers["192.0.2.2"].behaves(lame(), slow(2))
    assert asker.ask("www.example", server="192.0.2.2") is None
    late = asker.ask("www.example", server="192.0.2.2", wait=3)
    assert late is not None
    assert late.rCode == 5
    assert asker.ask("www.example", server="192.0.2.2", tcp=True, wait=1) is None
    assert asker.ask("www.example", server="192.0.2.2", tcp=True, wait=3) is not None
    server.behaves()
    well = asker.ask("www.example", server="192.0.2.2")
    assert well is not None
    assert well.rCode == 0


def test_withoutTCP() -> None:
    """A server need not take connections."""
    internet = world()
    asker = Asker(internet)
    internet.servers["192.0.2.2"].refuseTCP()
    assert asker.ask("www.example", server="192.0.2.2", tcp=True) is None
    assert asker.ask("www.example", server="192.0.2.2") is not None


def test_stopped() -> None:
    """A server that is stopped has no open port, and its host says so."""
    internet = world()
    internet.servers["192.0.2.2"].stop()
    client = internet.host("203.0.113.1")
    protocol = Datagrams()
    port = client.reactor.listenUDP(0, protocol)
    port.connect("192.0.2.2", 53)
    protocol.transport.write(b"?")
    internet.advance(1)
    assert protocol.refused == 1


def test_noMessage() -> None:
    """What is no message isn't answered, by whichever transport, nor is a response."""
    internet = world()
    assert Asker(internet).ask("www.example", answer=True) is None
    protocol = Datagrams()
    client = internet.host("203.0.113.2")
    client.reactor.listenUDP(0, protocol)
    protocol.transport.write(b"?", ("192.0.2.1", 53))
    internet.advance(1)
    assert protocol.received == []


def test_run() -> None:
    """The Internet runs as its network does."""
    assert Internet().run(defer.succeed(1)) == 1


def test_example() -> None:
    """The example in the module's docstring is right."""
    text = internetModule.__doc__ or ""
    example = "".join(line.removeprefix("    ") + "\n" for line in text.splitlines() if line.startswith("    "))
    names = {"Internet": Internet, "truncated": truncated, "slow": slow, "root": root}
    exec(compile(example, "the example", "exec"), names)
    assert len(names["answers"]) == 1  # type: ignore[arg-type]  # reason: the example sets it
