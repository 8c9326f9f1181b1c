"""A server that forwards everything to others, which recurse."""

from typing import Any

import pytest

from tests.scenarios.world import EVIL, World
from txnames.testing import Behaviour, NameServer
from txnames.testing.behaviours import (
    adds,
    changed,
    cookies,
    forges,
    hangsUp,
    ignoresEDNS,
    lame,
    loses,
    lowersCase,
    only,
    refusesEDNS,
    silent,
    silentToEDNS,
    slow,
    truncated,
)
from txnames.wire.header import Query

FIRST = "10.0.0.1"
SECOND = "10.0.0.2"

ZONE = """
    @               SOA ns1 hostmaster 1 7200 3600 1209600 300
    www.example     A 192.0.2.80
    www.example     AAAA 2001:db8::80
    mail.example    A 192.0.2.25
    alias.example   CNAME www.example
    broken.example  CNAME nosuch.example
    short.example   60 A 192.0.2.60
    *.many.example  A 192.0.2.99
"""


@pytest.fixture
def forwarder(world: World) -> NameServer:
    """The first server, which knows everything."""
    return world.internet.serve(FIRST, {".": ZONE})


def second(world: World) -> NameServer:
    """The second server, which knows the same."""
    return world.internet.serve(SECOND, {".": ZONE})


def test_answer(world: World, forwarder: NameServer) -> None:
    """A question goes to the forwarder with RD, and its answer comes back without AA, once."""
    world.forward(FIRST)
    for _ in range(2):
        reply = world.ask("WWW.example", id=7).message
        assert (reply.id, reply.recDes, reply.recAv, reply.auth, reply.authenticData) == (7, 1, 1, 0, 0)
        assert reply.queries[0].name.name == b"WWW.example"
        assert reply.answers[0].payload.dottedQuad() == "192.0.2.80"
    assert [asked.request.recDes for asked in forwarder.asked] == [1]


@pytest.mark.parametrize(
    ("name", "type", "said", "authority"),
    [
        ("www.example", "AAAA", "NOERROR 2001:db8::80", []),
        ("www.example", "MX", "NOERROR", [". SOA"]),
        ("nosuch.example", "A", "NXDOMAIN", [". SOA"]),
        ("alias.example", "A", "NOERROR -> www.example. 192.0.2.80", []),
        ("alias.example", "CNAME", "NOERROR -> www.example.", []),
        ("alias.example", "MX", "NOERROR -> www.example.", [". SOA"]),
        ("broken.example", "A", "NXDOMAIN -> nosuch.example.", [". SOA"]),
        ("any.many.example", "A", "NOERROR 192.0.2.99", []),
    ],
)
def test_answers(world: World, forwarder: NameServer, name: str, type: str, said: str, authority: list[str]) -> None:
    """What the forwarder says is passed on, the first time and from the cache."""
    world.forward(FIRST)
    for _ in range(2):
        found = world.ask(name, type)
        assert (str(found), [one.replace("..", ".") for one in found.authority]) == (said, authority)
    assert len(forwarder.asked) == 1


ODD: dict[str, Behaviour] = {
    "refusesEDNS": refusesEDNS(),
    "badVersion": refusesEDNS(16),
    "silentToEDNS": silentToEDNS,
    "ignoresEDNS": ignoresEDNS,
    "truncated": truncated,
    "lowersCase": lowersCase,
    "cookies": cookies(required=True),
    "loses": loses(1),
    "slow": slow(0.8),
    "wrongID": forges(f"@ A {EVIL}", ident=1, copies=100),
    "wrongQuestion": forges(f"@ A {EVIL}", question=Query("evil.example")),
    "wrongCase": forges(f"@ A {EVIL}", swapped=True),
    "wrongPort": forges(f"@ A {EVIL}", source=(FIRST, 54)),
    "wrongAddress": forges(f"@ A {EVIL}", source=(EVIL, 53)),
    "noResponse": forges(f"@ A {EVIL}", answer=False),
}


@pytest.mark.parametrize("how", ODD)
def test_odd(world: World, forwarder: NameServer, how: str) -> None:
    """The only forwarder is odd, or others forge its answers: the right answer comes, twice."""
    forwarder.behaves(ODD[how])
    world.forward(FIRST)
    assert str(world.ask("www.example", limit=20)) == "NOERROR 192.0.2.80"
    assert str(world.ask("mail.example", limit=20)) == "NOERROR 192.0.2.25"


BROKEN: dict[str, tuple[Behaviour, ...]] = {
    "silent": (silent,),
    "refuses": (lame(5),),
    "fails": (lame(2),),
    "hangsUp": (truncated, hangsUp),
}


@pytest.mark.parametrize("how", BROKEN)
def test_firstBroken(world: World, forwarder: NameServer, how: str) -> None:
    """The second forwarder is asked if the first one is broken."""
    forwarder.behaves(*BROKEN[how])
    second(world)
    world.forward(FIRST, SECOND)
    said = world.ask("www.example", limit=10)
    assert str(said) == "NOERROR 192.0.2.80"
    assert said.elapsed < 6


@pytest.mark.parametrize("how", BROKEN)
def test_allBroken(world: World, forwarder: NameServer, how: str) -> None:
    """If all are broken the client is told so."""
    forwarder.behaves(*BROKEN[how])
    second(world).behaves(*BROKEN[how])
    world.forward(FIRST, SECOND, timeout=(1, 3))
    said = world.ask("www.example", limit=20)
    assert said.rcode in ("SERVFAIL", "REFUSED")


def test_portClosed(world: World, forwarder: NameServer) -> None:
    """A forwarder whose port is closed says so at once; the next one is asked at once."""
    forwarder.stop()
    second(world)
    world.forward(FIRST, SECOND)
    said = world.ask("www.example")
    assert str(said) == "NOERROR 192.0.2.80"
    assert said.elapsed < 0.5


def test_timeouts(world: World, forwarder: NameServer) -> None:
    """Time is up to the second."""
    forwarder.behaves(silent)
    world.forward(FIRST, timeout=(1, 3))
    assert world.ask("www.example").elapsed == pytest.approx(4, abs=0.1)


def test_shared(world: World, forwarder: NameServer) -> None:
    """A question that is on its way is not asked again, whoever asks it."""
    world.forward(FIRST)
    asking = [world.asking(name) for name in ("www.example", "WWW.example") for _ in range(50)]
    for one in asking:
        assert len(world.internet.run(one).answers) == 1
    assert len(forwarder.asked) == 1


def test_many(world: World, forwarder: NameServer) -> None:
    """Ten thousand questions at once are all answered, over a bounded number of ports."""
    world.forward(FIRST)
    asking = [world.asking(f"n{count}.many.example") for count in range(10_000)]
    most = 0
    for one in asking:
        assert len(world.internet.run(one).answers) == 1
        most = max(most, len(world.host.ports))
    assert most <= 64
    assert len(forwarder.asked) == 10_000


def test_times(world: World, forwarder: NameServer) -> None:
    """TTLs are counted down, and kept to."""
    world.forward(FIRST)
    assert world.ask("short.example").ttls == [60]
    world.internet.advance(20)
    assert world.ask("short.example").ttls == [40]
    world.internet.advance(41)
    assert world.ask("short.example").ttls == [60]
    assert len(forwarder.asked) == 2


def test_extraRecords(world: World, forwarder: NameServer) -> None:
    """Records that answer nothing are not remembered as answers."""
    forwarder.behaves(only(adds(additional=[f"mail.example. A {EVIL}"]), name="www.example"))
    world.forward(FIRST)
    world.ask("www.example")
    assert str(world.ask("mail.example")) == "NOERROR 192.0.2.25"


@pytest.mark.parametrize("fields", [{"checkingDisabled": True}, {"dnssecOK": True}])
def test_passedOn(world: World, forwarder: NameServer, fields: dict[str, Any]) -> None:
    """CD and DO are for the forwarder to know."""
    world.forward(FIRST)
    assert str(world.ask("www.example", **fields)) == "NOERROR 192.0.2.80"
    ((name, value),) = fields.items()
    assert bool(getattr(forwarder.asked[0].request, name)) is value


def test_othersFlags(world: World, forwarder: NameServer) -> None:
    """What the forwarder says of itself is not said of us: its AA and its OPT record."""
    forwarder.behaves(changed(lambda reply, incoming: setattr(reply, "maxSize", 4321)))
    world.forward(FIRST)
    reply = world.ask("www.example").message
    assert (reply.auth, reply.maxSize == 4321) == (0, False)


def test_close(world: World, forwarder: NameServer) -> None:
    """close() ends what is on its way."""
    forwarder.behaves(silent)
    world.forward(FIRST)
    fired: list[Any] = []
    for count in range(5):
        world.asking(f"n{count}.example").addBoth(fired.append)
    world.internet.advance(0.5)
    world.close()
    assert len(fired) == 5


def test_tooLong(world: World) -> None:
    """That an alias makes a name too long is an answer each time, and no failure (RFC 6672 section 2.2)."""
    long = ".".join(["b" * 60] * 3)
    world.internet.serve(FIRST, {"example": f"d DNAME {long}.example."})
    world.forward(FIRST)
    for _ in range(2):
        assert world.ask(f"{'c' * 60}.{'c' * 20}.d.example").rcode == "YXDOMAIN"
