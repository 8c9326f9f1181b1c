"""Tests of L{txnames.recursion}: each kind of server, on a scripted Internet."""

from pathlib import Path
from typing import Any

import pytest

from txnames import dns
from txnames.cache import CacheResolver
from txnames.recursion import recursiveServer
from txnames.testing import Client, Internet

ROOT, EXAMPLE, FORWARDER = "198.41.0.4", "192.0.2.1", "192.0.2.53"


@pytest.fixture
def internet() -> Internet:
    """A root, a zone, and a server that knows the whole zone as a forwarder might."""
    made = Internet()
    made.zone(".", "", ROOT)
    made.zone("example", "www A 192.0.2.80", EXAMPLE)
    made.serve(FORWARDER, {"example": "@ NS ns \n ns A 192.0.2.9 \n www A 192.0.2.81 \n alias CNAME www"})
    return made


def addresses(internet: Internet, name: str = "www.example", client: str = "10.0.0.1", **fields: Any) -> list[str]:
    """What a server with these settings says, twice, and that nothing is left of it when it is closed."""
    host = internet.host("10.0.0.53")
    server = recursiveServer(reactor=host.reactor, **fields)
    for _ in range(2):
        reply = internet.run(Client(server, (client, 5353)).ask(name, recDes=True))
    internet.run(server.close())
    internet.advance(2)
    assert host.leaks() == []
    if reply.rCode:
        return [f"rcode {reply.rCode}"]
    return [one.payload.dottedQuad() for one in reply.answers if one.type == dns.A]


def test_iterative(internet: Internet) -> None:
    """It begins at the root; the second time its cache answers."""
    assert addresses(internet, hints=[ROOT]) == ["192.0.2.80"]
    asked = [one for one in internet.asked(EXAMPLE) if one.name == "www.example."]
    assert len(asked) == 1


def test_forwarding(internet: Internet) -> None:
    """Or it asks others for everything."""
    assert addresses(internet, iterative=False, forward=[(FORWARDER, 53)]) == ["192.0.2.81"]
    assert internet.asked(ROOT) == []


def test_forwardingFromTheRoot(internet: Internet) -> None:
    """An iterating one may have others to ask, too."""
    assert addresses(internet, forward=[(FORWARDER, 53)], hints=[ROOT]) == ["192.0.2.81"]


def test_stub(internet: Internet) -> None:
    """For some zones it asks their servers, for all else others."""
    fields: Any = {"iterative": False, "forward": [("192.0.2.99", 53)], "stubs": {"example": [(FORWARDER, 53)]}}
    assert addresses(internet, **fields) == ["192.0.2.81"]


def test_resolvConf(internet: Internet, tmp_path: Path) -> None:
    """Whom to ask may stand in a file, and so may hosts, which come first."""
    (tmp_path / "resolv.conf").write_text(f"nameserver {FORWARDER}\n")
    (tmp_path / "hosts").write_text("192.0.2.7 me.example\n")
    fields: Any = {
        "iterative": False,
        "resolvConf": str(tmp_path / "resolv.conf"),
        "hostsFile": str(tmp_path / "hosts"),
    }
    assert addresses(internet, **fields) == ["192.0.2.81"]


def test_hostsFile(internet: Internet, tmp_path: Path) -> None:
    """Hosts of a file are answered without asking anybody."""
    (tmp_path / "hosts").write_text("192.0.2.7 me.example\n")
    assert addresses(internet, "me.example", hints=[ROOT], hostsFile=str(tmp_path / "hosts")) == ["192.0.2.7"]
    assert internet.asked() == []


def test_strangers(internet: Internet) -> None:
    """Strangers are refused, unless they are named."""
    assert addresses(internet, hints=[ROOT], client="203.0.113.1") == ["rcode 5"]


def test_allowed(internet: Internet) -> None:
    """Who may use it can be said."""
    assert addresses(internet, hints=[ROOT], client="203.0.113.1", allowRecursion=["203.0.113.0/24"]) == ["192.0.2.80"]


def test_caches(internet: Internet) -> None:
    """There may be no cache, or one of the program's own."""
    assert addresses(internet, iterative=False, forward=[(FORWARDER, 53)], cache=False) == ["192.0.2.81"]
    assert len(internet.asked(FORWARDER)) == 2


def test_ownCache(internet: Internet) -> None:
    """A cache that the program has made is used."""
    cache = CacheResolver(reactor=internet.network.clock)
    assert addresses(internet, hints=[ROOT], cache=cache) == ["192.0.2.80"]
    assert cache.statistics().hits >= 1
