"""The programs in ``listings/names`` that forward questions do so, and answer the others themselves."""

import sys
from collections.abc import Iterator
from pathlib import Path

import dns.rcode
import pytest

from tests.listings.serving import LISTINGS, LOOPBACK, ask, freePort, serving, servingListing, texts


@pytest.fixture(scope="module")
def upstream(tmp_path_factory: pytest.TempPathFactory) -> Iterator[int]:
    """Run ``zone_server.py`` as the server that is asked; gives its port."""
    with servingListing("zone_server.py", tmp_path_factory.mktemp("upstream")) as port:
        yield port


@pytest.fixture(scope="module", params=["simple_server.py", "override_server.py"])
def forwarder(request: pytest.FixtureRequest, upstream: int, tmp_path_factory: pytest.TempPathFactory) -> Iterator[int]:
    """Run a server that forwards; gives its port."""
    port = freePort()
    command = [sys.executable, str(LISTINGS / request.param), str(port), LOOPBACK, str(upstream)]
    with serving(command, tmp_path_factory.mktemp("forwarder"), port):
        yield port


@pytest.mark.parametrize("tcp", [False, True], ids=["udp", "tcp"])
def test_forwards(forwarder: int, tcp: bool) -> None:
    """What the other server says is passed on."""
    for _ in range(2):
        reply = ask(forwarder, "ns1.example-domain.com", "A", tcp=tcp)
        assert texts(reply)[0].endswith(" IN A 192.0.2.53")
    assert ask(forwarder, "nobody.example-domain.com", "A", tcp=tcp).rcode() == dns.rcode.NXDOMAIN


def test_overrides(upstream: int, tmp_path: Path) -> None:
    """``override_server.py`` computes the addresses of workstations, and nothing but addresses."""
    port = freePort()
    command = [sys.executable, str(LISTINGS / "override_server.py"), str(port), LOOPBACK, str(upstream)]
    with serving(command, tmp_path, port):
        assert texts(ask(port, "Workstation42.example.com", "A")) == [
            "Workstation42.example.com. 3600 IN A 172.16.0.42"
        ]
        reply = ask(port, "workstation42.example.com", "AAAA")
        assert (reply.rcode(), texts(reply)) == (dns.rcode.NOERROR, [])
        assert ask(port, "workstation256.example.com", "A").rcode() == dns.rcode.REFUSED
