"""TTLs: counted down, kept to, and believed within reason (RFC 1035 section 3.2.1, RFC 2181 sections 5.2 and 8)."""

from tests.scenarios.world import COM, EXAMPLE, ROOT, World
from txnames.testing.behaviours import adds, replies, silent


def test_countedDown(world: World) -> None:
    """A TTL gets less as time passes, and says how long the answer is kept."""
    world.example("www 60 A 192.0.2.80")
    assert world.ask("www.example.com").ttls == [60]
    world.asked()
    world.internet.advance(10)
    assert world.ask("www.example.com").ttls == [50]
    world.internet.advance(48)
    said = world.ask("www.example.com")
    assert said.ttls in ([1], [2])
    assert world.asked() == []
    world.internet.advance(3)
    assert world.ask("www.example.com").ttls == [60]
    assert world.asked() == [f"{EXAMPLE} www.example.com. A"]


def test_changed(world: World) -> None:
    """What changes at its source changes for clients when the time is up, and not before."""
    server = world.example("www 60 A 192.0.2.80")
    world.ask("www.example.com")
    server.serve("example.com", "@ NS ns1 \n www 60 A 192.0.2.81")
    world.internet.advance(30)
    assert str(world.ask("www.example.com")) == "NOERROR 192.0.2.80"
    world.internet.advance(31)
    assert str(world.ask("www.example.com")) == "NOERROR 192.0.2.81"


def test_zero(world: World) -> None:
    """An answer with a TTL of 0 is for the one who asked, and not kept."""
    world.example("www 0 A 192.0.2.80")
    assert world.ask("www.example.com").ttls == [0]
    world.asked()
    assert world.ask("www.example.com").ttls == [0]
    assert world.count(EXAMPLE) == 1


def test_partsOfAChain(world: World) -> None:
    """Each link of a chain has its own time: the alias is kept while its target is asked again."""
    world.example("www 3600 CNAME www.other.org.")
    server = world.other("www 60 A 198.51.100.80")
    said = world.ask("www.example.com")
    assert said.ttls == [3600, 60]
    server.serve("other.org", "@ NS ns1 \n www 60 A 198.51.100.81")
    world.internet.advance(61)
    said = world.ask("www.example.com")
    assert str(said) == "NOERROR -> www.other.org. 198.51.100.81"
    assert said.ttls[1] == 60


def test_targetOutlivesAlias(world: World) -> None:
    """An alias that has gone is not served on because its target is still known."""
    server = world.example("www 60 CNAME www.other.org.")
    world.other("www 3600 A 198.51.100.80")
    world.ask("www.example.com")
    server.serve("example.com", "@ NS ns1 \n www 60 A 192.0.2.80")
    world.internet.advance(61)
    assert str(world.ask("www.example.com")) == "NOERROR 192.0.2.80"


def test_differentTTLs(world: World) -> None:
    """The records of one RRset that come with different TTLs all get the least (RFC 2181 section 5.2)."""
    world.example().behaves(replies(answers=["@ 60 A 192.0.2.1", "@ 30 A 192.0.2.2"]))
    world.ask("www.example.com")
    assert world.ask("www.example.com").ttls == [30, 30]


def test_hugeTTL(world: World) -> None:
    """A TTL of 2^31 and more is none at all (RFC 2181 section 8)."""
    world.example().behaves(replies(answers=["@ 4294967295 A 192.0.2.80"]))
    said = world.ask("www.example.com")
    assert said.ttls[0] < 2**31
    world.asked()
    world.internet.advance(8 * 86400)
    world.ask("www.example.com")
    assert world.count() > 0


def test_maximum(world: World) -> None:
    """The largest TTL can be set."""
    world.example("www 86400 A 192.0.2.80")
    world.start(cache={"maximumTTL": 100})
    world.ask("www.example.com")
    world.asked()
    world.internet.advance(101)
    world.ask("www.example.com")
    assert world.count(EXAMPLE) == 1


def test_delegationExpires(world: World) -> None:
    """When the time of a delegation is up, the zone above is asked again, and its answer counts."""
    world.internet.add("com", f"example 100 NS ns.example.com. \n ns.example 100 A {EXAMPLE}")
    zone = "@ 100 NS ns \n ns 100 A {} \n www 10 A {}"
    world.internet.serve(EXAMPLE, {"example.com": zone.format(EXAMPLE, "192.0.2.80")})
    world.ask("www.example.com")
    world.internet.serve("192.0.2.2", {"example.com": zone.format("192.0.2.2", "192.0.2.82")})
    world.internet.servers[COM].serve("com", "@ NS ns1 \n example 100 NS ns.example.com. \n ns.example 100 A 192.0.2.2")
    world.internet.advance(50)
    assert str(world.ask("www.example.com")) == "NOERROR 192.0.2.80"
    world.internet.advance(60)
    assert str(world.ask("www.example.com")) == "NOERROR 192.0.2.82"


def test_childDoesNotKeepItself(world: World) -> None:
    """A zone that is delegated no more is not kept alive by its old servers (ghost domains)."""
    world.internet.add("com", f"example 100 NS ns.example.com. \n ns.example 100 A {EXAMPLE}")
    world.internet.serve(EXAMPLE, {"example.com": f"@ 100 NS ns \n ns 100 A {EXAMPLE} \n * 10 A 192.0.2.80"})
    world.internet.servers[EXAMPLE].behaves(
        adds(authority=["example.com. 100 NS ns.example.com."], additional=[f"ns.example.com. 100 A {EXAMPLE}"])
    )
    world.ask("www.example.com")
    world.internet.servers[COM].serve("com", "@ NS ns1")
    for count in range(20):
        world.internet.advance(60)
        said = world.ask(f"w{count}.example.com")
    assert said.rcode == "NXDOMAIN"


def test_rootServersExpire(world: World) -> None:
    """When the time of all that is known is up, the hints are as good as on the first day."""
    world.example("www 60 A 192.0.2.80")
    world.ask("www.example.com")
    world.internet.advance(30 * 86400)
    assert str(world.ask("www.example.com")) == "NOERROR 192.0.2.80"
    assert any(one.startswith(ROOT) for one in world.asked())


def test_stale(world: World) -> None:
    """Where that is wanted, an answer that is past its time takes the place of a failure (RFC 8767)."""
    world.example("www 60 A 192.0.2.80")
    world.start(cache={"serveStale": 3600})
    world.ask("www.example.com")
    world.internet.servers[EXAMPLE].behaves(silent)
    world.internet.advance(100)
    said = world.ask("www.example.com", limit=30)
    assert str(said) == "NOERROR 192.0.2.80"
    assert said.ttls[0] <= 30
    assert 3 in said.errors
    world.internet.advance(4000)
    assert world.ask("www.example.com", limit=30).rcode == "SERVFAIL"


def test_notStale(world: World) -> None:
    """Where that is not wanted, there is the failure."""
    world.example("www 60 A 192.0.2.80")
    world.ask("www.example.com")
    world.internet.servers[EXAMPLE].behaves(silent)
    world.internet.advance(61)
    assert world.ask("www.example.com", limit=30).rcode == "SERVFAIL"
