"""Servers that are dead, lame, slow, or old: the answer comes all the same, if there is one."""

import pytest

from tests.scenarios.world import COM, EXAMPLE, OTHER, ROOT, World
from txnames.testing import Behaviour
from txnames.testing.behaviours import (
    changed,
    cookies,
    deniesEmpty,
    echoesOPT,
    hangsUp,
    ignoresEDNS,
    lame,
    loses,
    lowersCase,
    only,
    refusesEDNS,
    replies,
    silent,
    silentToEDNS,
    slow,
    truncated,
    upward,
)
from txnames.wire.header import Query
from txnames.wire.numbers import AAAA, EFORMAT, ENOTIMP, EREFUSED, ESERVER

SECOND = "192.0.2.2"
ANSWER = "NOERROR 192.0.2.80"


BROKEN: dict[str, tuple[Behaviour, ...]] = {
    "silent": (silent,),
    "refuses": (lame(EREFUSED),),
    "fails": (lame(ESERVER),),
    "notImplemented": (lame(ENOTIMP),),
    "formatError": (lame(EFORMAT),),
    "notAuthoritative": (lame(9),),
    "refersUpward": (upward(),),
    "refersUpwardWithGlue": (upward("ns1.", ROOT),),
    "refersToItself": (replies(auth=False, authority=["example.com. NS ns1.example.com."]),),
    "truncatesAndHangsUp": (truncated, hangsUp),
    "wrongQuestion": (changed(lambda reply, incoming: reply.queries.clear()),),
}


@pytest.mark.parametrize("how", BROKEN)
def test_oneBroken(world: World, how: str) -> None:
    """One of two servers is broken: the other one is asked, soon; then the broken one is left alone."""
    world.example("www A 192.0.2.80 \n mail A 192.0.2.25", EXAMPLE, SECOND)
    world.internet.servers[EXAMPLE].behaves(*BROKEN[how])
    for _ in range(3):
        said = world.ask("www.example.com", limit=10)
        assert str(said) == ANSWER
        assert said.elapsed < 5
        world.cache.clearEntry(world.internet.asked()[-1].request.queries[0])
        world.internet.advance(3700)
    assert said.rcode == "NOERROR"


@pytest.mark.parametrize("how", BROKEN)
def test_allBroken(world: World, how: str) -> None:
    """All servers are broken: the client is told so, in time, and why."""
    world.example("www A 192.0.2.80", EXAMPLE, SECOND)
    for server in (EXAMPLE, SECOND):
        world.internet.servers[server].behaves(*BROKEN[how])
    said = world.ask("www.example.com", limit=30)
    assert said.rcode == "SERVFAIL"
    assert said.errors
    assert world.count() < 40


def test_deadIsRemembered(world: World) -> None:
    """A server that was silent is not asked first the next time."""
    world.example("a A 192.0.2.81 \n b A 192.0.2.82 \n c A 192.0.2.83", EXAMPLE, SECOND)
    world.internet.servers[EXAMPLE].behaves(silent)
    elapsed = [world.ask(f"{name}.example.com").elapsed for name in "abc"]
    assert sum(seconds > 0.1 for seconds in elapsed) <= 1
    assert len(world.internet.servers[EXAMPLE].asked) <= 1


def test_deadComesBack(world: World) -> None:
    """A server that was silent gets another chance, if the others fall silent."""
    world.example("a A 192.0.2.81 \n b A 192.0.2.82", EXAMPLE, SECOND)
    world.internet.servers[EXAMPLE].behaves(silent)
    world.ask("a.example.com")
    world.internet.servers[EXAMPLE].behaves()
    world.internet.servers[SECOND].behaves(silent)
    assert str(world.ask("b.example.com", limit=20)) == "NOERROR 192.0.2.82"


def test_fastIsPreferred(world: World) -> None:
    """Of two servers the one that answers fast is asked most of the time, once that is known."""
    names = [f"n{count}" for count in range(20)]
    text = "\n".join(f"{name} A 192.0.2.80" for name in names)
    world.example(text, EXAMPLE, SECOND)
    world.internet.servers[EXAMPLE].behaves(slow(0.3))
    for name in names:
        world.ask(f"{name}.example.com")
    assert len(world.internet.servers[SECOND].asked) > 15


def test_allSilent(world: World) -> None:
    """All servers are silent: SERVFAIL, with an extended error that says that nobody could be reached."""
    world.example().behaves(silent)
    said = world.ask("www.example.com", limit=30)
    assert said.rcode == "SERVFAIL"
    assert {22, 23} & set(said.errors)


def test_rootSilent(world: World) -> None:
    """Nobody answers at all."""
    world.internet.servers[ROOT].behaves(silent)
    said = world.ask("www.example.com", limit=30)
    assert said.rcode == "SERVFAIL"
    assert {22, 23} & set(said.errors)


ODD: dict[str, Behaviour] = {
    "formatError": refusesEDNS(EFORMAT),
    "formatErrorWithOPT": refusesEDNS(EFORMAT, edns=True),
    "notImplemented": refusesEDNS(ENOTIMP),
    "badVersion": refusesEDNS(16),
    "silentToEDNS": silentToEDNS,
    "ignoresEDNS": ignoresEDNS,
    "echoesOPT": echoesOPT,
    "lowersCase": lowersCase,
    "cookies": cookies(),
    "cookiesRequired": cookies(required=True),
    "slow": slow(1.2),
    "losesOne": loses(1),
    "losesTwo": loses(2),
    "truncated": truncated,
}


@pytest.mark.parametrize("how", ODD)
def test_odd(world: World, how: str) -> None:
    """A zone's only server is odd: its answers are had nevertheless, twice, in time."""
    world.example("www A 192.0.2.80 \n mail A 192.0.2.25").behaves(ODD[how])
    said = world.ask("www.example.com", limit=20)
    assert str(said) == ANSWER
    assert said.elapsed < 8
    assert str(world.ask("mail.example.com", limit=20)) == "NOERROR 192.0.2.25"


def test_silentToEDNSIsRemembered(world: World) -> None:
    """A server that is silent to EDNS is asked without, the next time."""
    world.example("www A 192.0.2.80 \n mail A 192.0.2.25").behaves(silentToEDNS)
    world.ask("www.example.com")
    assert world.ask("mail.example.com").elapsed < 0.5


def test_refusalOfEDNSIsRemembered(world: World) -> None:
    """A server that refuses EDNS is asked without, the next time."""
    world.example("www A 192.0.2.80 \n mail A 192.0.2.25").behaves(refusesEDNS())
    world.ask("www.example.com")
    world.asked()
    world.ask("mail.example.com")
    assert world.asked() == [f"{EXAMPLE} mail.example.com. A"]


def test_evenTheRootIsOld(world: World) -> None:
    """No server at all knows EDNS."""
    world.example()
    for address in (ROOT, COM, EXAMPLE):
        world.internet.servers[address].behaves(refusesEDNS())
    assert str(world.ask("www.example.com")) == ANSWER


def test_truncated(world: World) -> None:
    """An answer that is too large for a datagram is had over TCP."""
    text = "\n".join(f'www TXT "{count} {"x" * 200}"' for count in range(20))
    world.example(text)
    said = world.ask("www.example.com", "TXT", transport="tcp")
    assert len(said.answers) == 20
    transports = [asked.transport for asked in world.internet.asked(EXAMPLE)]
    assert transports == ["udp", "tcp"]


def test_truncatedWithoutTCP(world: World) -> None:
    """A server that truncates and takes no connections fails; another one is asked."""
    world.example("www A 192.0.2.80", EXAMPLE, SECOND)
    world.internet.servers[EXAMPLE].behaves(truncated).refuseTCP()
    assert str(world.ask("www.example.com")) == ANSWER
    world.close()
    world.internet.servers[SECOND].behaves(truncated).refuseTCP()
    world.start()
    said = world.ask("www.example.com", limit=30)
    assert said.rcode == "SERVFAIL"


def test_truncatedAndSilentOverTCP(world: World) -> None:
    """A server that truncates, and takes connections but says nothing, fails in time."""
    world.example().behaves(truncated, only(silent, transport="tcp"))
    assert world.ask("www.example.com", limit=30).rcode == "SERVFAIL"


def test_portsClosed(world: World) -> None:
    """A server whose ports are closed is passed over."""
    world.example("www A 192.0.2.80", EXAMPLE, SECOND)
    world.internet.servers[EXAMPLE].stop()
    assert str(world.ask("www.example.com", limit=10)) == ANSWER


def test_hostDown(world: World) -> None:
    """A server whose host is down is passed over."""
    world.example("www A 192.0.2.80", EXAMPLE, SECOND)
    world.internet.servers[EXAMPLE].host.down = True
    assert str(world.ask("www.example.com", limit=10)) == ANSWER


@pytest.mark.parametrize("seed", range(5))
def test_loss(world: World, seed: int) -> None:
    """A fifth of all datagrams gets lost on a network: names are resolved nevertheless."""
    world.internet.network.random.seed(seed)
    world.example("www A 192.0.2.80", EXAMPLE, SECOND)
    world.host.loss = 0.2
    assert str(world.ask("www.example.com", limit=30)) == ANSWER


def test_answerWithoutAuthority(world: World) -> None:
    """A server whose NXDOMAIN comes without a SOA record is believed."""
    world.example().behaves(replies(3))
    assert world.ask("www.example.com").rcode == "NXDOMAIN"


def test_emptyWithoutAuthority(world: World) -> None:
    """A server whose NODATA comes without a SOA record is believed."""
    world.example().behaves(replies(0))
    said = world.ask("www.example.com")
    assert (said.rcode, said.answers) == ("NOERROR", [])


def test_garbage(world: World) -> None:
    """What is no message at all is as good as nothing."""
    world.example("www A 192.0.2.80", EXAMPLE, SECOND)
    world.internet.servers[EXAMPLE].behaves(
        lambda incoming, outgoing: [one._replace(octets=one.octets[:2] + b"\xff" * 30) for one in outgoing]
    )
    assert str(world.ask("www.example.com", limit=10)) == ANSWER


def test_garbageInRecords(world: World) -> None:
    """A reply whose header is right and whose records are cut off is no answer."""
    world.example("www A 192.0.2.80", EXAMPLE, SECOND)
    world.internet.servers[EXAMPLE].behaves(
        lambda incoming, outgoing: [one._replace(octets=one.octets[:-20]) for one in outgoing]
    )
    assert str(world.ask("www.example.com", limit=10)) == ANSWER


def test_emptyNonTerminalDenied(world: World) -> None:
    """A server that denies empty non-terminals answers for what is below them."""
    world.example("www.deep A 192.0.2.80").behaves(deniesEmpty)
    assert str(world.ask("www.deep.example.com")) == ANSWER


def test_otherFamily(world: World) -> None:
    """A server may have addresses of two families, of which one is of no use: the other one is found, now and later."""
    world.other("ns 60 A 192.0.2.53 \n ns AAAA 2001:db8::53")
    world.internet.add("com", "ex NS ns.other.org.")
    world.internet.serve("2001:db8::53", {"ex.com": "@ NS ns.other.org. \n www A 192.0.2.80 \n www2 A 192.0.2.80"})
    assert str(world.ask("www.ex.com")) == ANSWER
    world.cache.clearEntry(Query("ns.other.org", AAAA))
    assert str(world.ask("www2.ex.com")) == ANSWER


def test_oneFamily(world: World) -> None:
    """Where only one version of IP is to be used, the hints are no exception."""
    world.internet.serve("2001:db8::1", {".": "com NS ns1.com. \n ns1.com. AAAA 2001:db8::2"})
    world.internet.serve("2001:db8::2", {"com": "@ NS ns1 \n www A 192.0.2.80"})
    world.start(hints=[ROOT, "2001:db8::1"], families=(6,), priming=True)
    for count in range(8):
        world.ask(f"nosuch{count}.com")
    assert str(world.ask("www.com")) == ANSWER
    assert world.asked(ROOT) == []


def test_serversWithoutAddresses(world: World) -> None:
    """That servers have no addresses is remembered: whoever asks for other names does not look for them again."""
    world.other("")
    world.internet.add("com", "".join(f"ex NS ns{count}.no{count}.other.org. \n" for count in range(10)))
    counts = []
    for count in range(4):
        assert world.ask(f"n{count}.ex.com").rcode == "SERVFAIL"
        counts.append(len(world.internet.asked(OTHER)))
    assert counts[-1] == counts[-2] <= 20


def test_serversThatCannotBeFound(world: World) -> None:
    """That nobody can say where servers are is remembered too, for a few seconds."""
    world.other("").behaves(lame(ESERVER))
    world.internet.add("com", "ex NS ns.other.org. \n")
    for count in range(3):
        assert world.ask(f"n{count}.ex.com").rcode == "SERVFAIL"
        assert (world.count(OTHER) == 0) == (count > 0)
    world.internet.advance(6)
    world.ask("n4.ex.com")
    assert world.count(OTHER)
