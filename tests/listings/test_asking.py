"""The programs in ``listings/names`` that ask print what a server says."""

import subprocess
import sys
from collections.abc import Iterator

import pytest

from tests.listings.serving import LISTINGS, LOOPBACK, servingListing


@pytest.fixture(scope="module")
def port(tmp_path_factory: pytest.TempPathFactory) -> Iterator[int]:
    """Run ``zone_server.py``; gives its port."""
    with servingListing("zone_server.py", tmp_path_factory.mktemp("zones")) as found:
        yield found


def printed(name: str, *arguments: str) -> list[str]:
    """Run a program, and give the lines that it prints."""
    command = [sys.executable, str(LISTINGS / name), *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=True, timeout=60).stdout.splitlines()


def test_testdns(port: int) -> None:
    """``testdns.py`` prints addresses, mail exchanges and name servers, or why there are none."""
    lines = printed("testdns.py", "example-domain.com", LOOPBACK, str(port))
    assert lines[0] == "Addresses of example-domain.com:"
    assert "  ns1.example-domain.com." in lines
    lines = printed("testdns.py", "nobody.example-domain.com", LOOPBACK, str(port))
    assert sum("NXDOMAIN" in line for line in lines) == 3


def test_getHostByName(port: int) -> None:
    """``gethostbyname.py`` prints an address."""
    assert printed("gethostbyname.py", "ns1.example-domain.com", LOOPBACK, str(port)) == ["192.0.2.53"]
    assert printed("gethostbyname.py", "192.0.2.7", LOOPBACK, str(port)) == ["192.0.2.7"]


def test_reverseLookup(port: int) -> None:
    """``reverse_lookup.py`` prints the name of an address."""
    assert printed("reverse_lookup.py", "198.51.100.53", LOOPBACK, str(port)) == ["ns2.example-domain.com"]


def test_multiReverseLookup(port: int) -> None:
    """``multi_reverse_lookup.py`` prints the names of several, in their order."""
    lines = printed("multi_reverse_lookup.py", LOOPBACK, str(port), "198.51.100.200", "2001:db8::1", "198.51.100.53")
    assert lines[0] == "198.51.100.200: guest-200.example-domain.com"
    assert lines[1].startswith("2001:db8::1: ")
    assert "REFUSED" in lines[1]
    assert lines[2] == "198.51.100.53: ns2.example-domain.com"


def test_lowLevelQuery(port: int) -> None:
    """``low_level_query.py`` prints the message that comes back."""
    (line,) = printed("low_level_query.py", LOOPBACK, str(port), "ns1.example-domain.com")
    assert "flags=answer,auth" in line
    assert "type=A" in line


def test_subdomainScan(port: int) -> None:
    """``subdomain_scan.py`` asks for a thousand names, of which none is there."""
    command = [sys.executable, str(LISTINGS / "subdomain_scan.py"), "example-domain.com", LOOPBACK, str(port)]
    done = subprocess.run(command, capture_output=True, text=True, check=True, timeout=60)
    assert done.stdout == ""
    assert done.stderr.endswith("1000 of 1000")


def test_dnsService(port: int) -> None:
    """``dns_service.py`` prints where a service is, or why that isn't known."""
    place = (LOOPBACK, str(port))
    lines = printed("dns_service.py", "xmpp-server", "tcp", "example-domain.com", *place)
    assert lines == ["www.example-domain.com port 5269"]
    (line,) = printed("dns_service.py", "gopher", "tcp", "example-domain.com", *place)
    assert line.startswith("_gopher._tcp.example-domain.com: ")
    assert "NXDOMAIN" in line


def test_testedWithoutANetwork() -> None:
    """``test_workstations.py`` tests ``override_server.py``, and passes."""
    command = [sys.executable, "-W", "error", "-m", "unittest", "test_workstations.py"]
    done = subprocess.run(command, capture_output=True, text=True, cwd=LISTINGS, timeout=60)
    assert done.returncode == 0, done.stderr
    assert "Ran 2 tests" in done.stderr
