"""The bits of requests and replies, EDNS, and who may ask."""

from typing import Any

import pytest

from tests.scenarios.world import COM, EXAMPLE, World
from txnames.testing import TCP, UDP
from txnames.testing.behaviours import adds, changed
from txnames.testing.scripts import record
from txnames.wire.edns import EDNSMessage
from txnames.wire.numbers import typeName

STRANGER = ("203.0.113.9", 4000)


@pytest.mark.parametrize("known", [False, True])
def test_header(world: World, known: bool) -> None:
    """An answer of others is not ours: QR, RD and RA, but no AA; ID and question are the request's."""
    world.example()
    if known:
        world.ask("www.example.com")
    reply = world.ask("WWW.example.com", id=0xBEEF).message
    assert (reply.id, reply.answer, reply.recDes, reply.recAv) == (0xBEEF, 1, 1, 1)
    assert (reply.auth, reply.trunc, reply.authenticData, reply.checkingDisabled) == (0, 0, 0, 0)
    assert reply.queries[0].name.name == b"WWW.example.com"


def test_noRecursion(world: World) -> None:
    """Without RD nobody is asked: what is known is told, what isn't is refused."""
    world.example()
    said = world.ask("www.example.com", recDes=False)
    assert (said.rcode, said.message.recDes, said.message.recAv) == ("REFUSED", 0, 1)
    assert world.asked() == []
    world.ask("www.example.com")
    world.asked()
    assert str(world.ask("www.example.com", recDes=False)) == "NOERROR 192.0.2.80"
    assert world.asked() == []


def test_strangers(world: World) -> None:
    """Those from elsewhere get neither recursion nor what is known, and are told so: REFUSED, without RA."""
    world.example()
    for _ in range(2):
        said = world.ask("www.example.com", address=STRANGER)
        assert (said.rcode, said.message.recAv, said.answers) == ("REFUSED", 0, [])
        world.ask("www.example.com")


@pytest.mark.parametrize(
    "client", ["127.0.0.1", "10.9.8.7", "192.168.1.1", "172.16.0.1", "169.254.1.1", "::1", "fe80::1", "fd00::1"]
)
def test_friends(world: World, client: str) -> None:
    """Those on this machine, its links and in private networks may ask."""
    world.example()
    said = world.ask("www.example.com", address=(client, 5353))
    assert (str(said), said.message.recAv) == ("NOERROR 192.0.2.80", 1)


def test_checkingDisabled(world: World) -> None:
    """CD is given back."""
    world.example()
    for _ in range(2):
        assert world.ask("www.example.com", checkingDisabled=True).message.checkingDisabled


def test_noAuthenticData(world: World) -> None:
    """What is not validated is not called authentic, though servers and clients say AD."""
    world.example().behaves(changed(lambda reply, incoming: setattr(reply, "authenticData", True)))
    for _ in range(2):
        assert not world.ask("www.example.com", authenticData=True).message.authenticData


SIGNATURE = "A 13 3 3600 20300101000000 20200101000000 1 example.com. c2lnbmF0dXJl"


def test_signatures(world: World) -> None:
    """DO is given back, and signatures come with it; without it they don't, nor from the cache."""
    world.example(f"www A 192.0.2.80 \n www RRSIG {SIGNATURE}").behaves(_signs)
    for _ in range(2):
        plain = world.ask("www.example.com")
        assert (len(plain.answers), bool(plain.message.dnssecOK)) == (1, False)
        signed = world.ask("www.example.com", dnssecOK=True)
        assert (len(signed.answers), bool(signed.message.dnssecOK)) == (2, True)
    world.close()
    world.start()
    assert len(world.ask("www.example.com", dnssecOK=True).answers) == 2
    assert len(world.ask("www.example.com").answers) == 1


def _signs(incoming: Any, outgoing: Any) -> Any:
    """Sign what is asked for with DO."""
    if not incoming.message.dnssecOK:
        return outgoing
    return adds(answers=[f"www.example.com. RRSIG {SIGNATURE}"])(incoming, outgoing)


def test_askedForSignatures(world: World) -> None:
    """Who asks for signatures by their type gets them, with or without DO."""
    world.example(f"www A 192.0.2.80 \n www RRSIG {SIGNATURE}")
    assert len(world.ask("www.example.com", "RRSIG").answers) == 1


def test_withoutEDNS(world: World) -> None:
    """Who asks without EDNS is answered without, though we ask others with it."""
    world.example()
    for _ in range(2):
        reply = world.ask("www.example.com", ednsVersion=None).message
        assert reply.ednsVersion is None
    assert world.internet.asked(EXAMPLE)[0].request.ednsVersion == 0


def test_badVersion(world: World) -> None:
    """A version of EDNS that nobody has: BADVERS."""
    assert world.ask("www.example.com", ednsVersion=1).rcode == "BADVERS"


def test_othersOptions(world: World) -> None:
    """What the servers say by EDNS is between them and us: size, cookies, DO are not passed on."""
    world.example().behaves(changed(lambda reply, incoming: setattr(reply, "maxSize", 4321)))
    reply = world.ask("www.example.com").message
    assert reply.maxSize != 4321
    assert reply.options == []


def test_truncated(world: World) -> None:
    """An answer that is too large for the client's datagram comes with TC, and whole over TCP."""
    world.example("\n".join(f'www TXT "{count} {"x" * 100}"' for count in range(20)))
    for _ in range(2):
        small = world.ask("www.example.com", "TXT", ednsVersion=None)
        assert (small.message.trunc, small.answers) == (1, [])
        assert len(world.ask("www.example.com", "TXT", transport=TCP).answers) == 20


@pytest.mark.parametrize("transport", [UDP, TCP])
def test_transports(world: World, transport: str) -> None:
    """The transport makes no difference to the answer."""
    world.example()
    assert str(world.ask("www.example.com", transport=transport)) == "NOERROR 192.0.2.80"


@pytest.mark.parametrize("type", ["AXFR", "IXFR"])
def test_transfers(world: World, type: str) -> None:
    """Zones of others are not handed out."""
    world.example()
    assert world.ask("example.com", type, transport=TCP).rcode in ("REFUSED", "NOTAUTH")
    assert world.asked() == []


def test_any(world: World) -> None:
    """A question for any type is answered with what there is, or some of it."""
    world.example()
    said = world.ask("www.example.com", "ANY")
    assert said.rcode in ("NOERROR", "NOTIMP", "REFUSED")


def test_unknownType(world: World) -> None:
    """Types that nobody knows are like others (RFC 3597)."""
    world.example(r"www TYPE65280 \# 3 010203")
    for _ in range(2):
        assert world.ask("www.example.com", "TYPE65280").answers == [r"www.example.com. TYPE65280 \# 3 010203"]


def test_otherClass(world: World) -> None:
    """Other classes than IN have no root here."""
    reply = world.internet.run(world.asking("version.bind", "TXT", cls=3))
    assert reply is not None
    assert reply.rCode in (2, 3, 4, 5)
    assert world.asked() == []


def test_notRecursing(world: World) -> None:
    """The questions that we ask have no RD, and are for one name."""
    world.example()
    world.ask("www.example.com", checkingDisabled=True)
    for asked in world.internet.asked():
        assert not asked.request.recDes
        assert len(asked.request.queries) == 1
    assert {asked.server for asked in world.internet.asked()} >= {COM, EXAMPLE}


def test_specialLabels(world: World) -> None:
    """Names hold any octets."""
    world.example(r"a\.b A 192.0.2.80" + "\n" + r"\000\255 A 192.0.2.81")
    assert str(world.ask(r"a\.b.example.com")) == "NOERROR 192.0.2.80"
    assert str(world.ask(r"\000\255.example.com")) == "NOERROR 192.0.2.81"
    assert world.ask("a.b.example.com").rcode == "NXDOMAIN"


REST = "8 3 3600 20300101000000 20200101000000 1 example.com. AAAA"


def test_wildcardsProof(world: World) -> None:
    """Who wants DNSSEC gets the proof along with what a wildcard gave, the first time and from the cache."""

    def sign(reply: EDNSMessage, incoming: Any) -> None:
        if incoming.message.dnssecOK and reply.answers:
            alias = reply.answers[0]
            if alias.name.name.lower().endswith(b".wild.example.com"):
                reply.answers.append(record(f"{alias.name}. RRSIG {typeName(alias.type)} {REST}"))
                reply.authority = [
                    record("wild.example.com. NSEC z.example.com. A RRSIG NSEC"),
                    record(f"wild.example.com. RRSIG NSEC {REST}"),
                    record("example.com. NS ns1.example.com."),
                    record(f"example.com. RRSIG NS {REST}"),
                ]

    world.example("*.wild A 192.0.2.80 \n *.alias.wild CNAME a.wild").behaves(changed(sign))
    proof = ["wild.example.com. NSEC", "wild.example.com. RRSIG"]
    for checking in (False, False, True):
        said = world.ask("a.wild.example.com", dnssecOK=True, checkingDisabled=checking)
        assert [one.split()[1] for one in said.answers] == ["A", "RRSIG"]
        assert said.authority == proof
    assert world.ask("a.alias.wild.example.com", dnssecOK=True).authority[:2] == proof
    assert world.ask("a.wild.example.com").authority == []


def test_signaturesOfOthers(world: World) -> None:
    """An RRset has its own signatures, and not those of its neighbours that came along."""

    def sign(reply: EDNSMessage, incoming: Any) -> None:
        if incoming.message.dnssecOK and reply.answers:
            reply.answers = [
                record("www.example.com. A 192.0.2.80"),
                record("www.example.com. MX 5 www.example.com."),
                *[record(f"www.example.com. RRSIG {type} {REST}") for type in ("A", "MX")],
            ]

    world.example("www A 192.0.2.80 \n www MX 5 www").behaves(changed(sign))
    assert len(world.ask("www.example.com", "ANY", dnssecOK=True).answers) == 4
    said = world.ask("www.example.com", dnssecOK=True)
    assert said.answers == ["www.example.com. A 192.0.2.80", f"www.example.com. RRSIG A {REST}"]
