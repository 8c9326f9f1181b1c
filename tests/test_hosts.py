"""Tests of L{txnames.hosts}."""

import ipaddress
import os
from pathlib import Path
from typing import Any

import pytest
from twisted.internet.task import Clock
from twisted.python.filepath import FilePath

from txnames import dns, error, hosts
from txnames.common import nameOf

from .deferreds import errorOf, resultOf

FILE = b"""\
127.0.0.1 localhost # a comment
::1 localhost ip6-localhost
192.0.2.1 WWW.example www
192.0.2.2 www.example.
not-an-address nobody
192.0.2.3
fe80::1%lo scoped
"""


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """A hosts file."""
    path = tmp_path / "hosts"
    path.write_bytes(FILE)
    return path


def found(resolver: Any, name: str, type: int) -> list[str]:
    """The data of what a resolver has for a name."""
    return [header.payload.toText() for header in resultOf(resolver.query(dns.Query(name, type)))[0]]


def test_addresses(file: Path) -> None:
    """A name has all its addresses, of each family, whatever the case."""
    resolver = hosts.Resolver(str(file), reactor=Clock())
    assert found(resolver, "www.EXAMPLE", dns.A) == ["192.0.2.1", "192.0.2.2"]
    assert found(resolver, "localhost", dns.AAAA) == ["::1"]
    assert resultOf(resolver.lookupAddress("localhost"))[0][0].ttl == 3600


def test_names(file: Path) -> None:
    """An address has the names that stand first in its lines."""
    resolver = hosts.Resolver(str(file), ttl=5, reactor=Clock())
    for address, name in (("192.0.2.1", "WWW.example."), ("::1", "localhost.")):
        reverse = nameOf(ipaddress.ip_address(address)).decode()
        assert found(resolver, reverse, dns.PTR) == [name]


@pytest.mark.parametrize(
    ("name", "type"),
    [
        ("nobody", dns.A),
        ("www", dns.AAAA),
        ("scoped", dns.AAAA),
        ("1.2.0.192.in-addr.arpa.example", dns.PTR),
        ("300.2.0.192.in-addr.arpa", dns.PTR),
        ("9.9.9.9.in-addr.arpa", dns.PTR),
        ("1.0.ip6.arpa", dns.PTR),
    ],
)
def test_othersAreForTheNext(file: Path, name: str, type: int) -> None:
    """What the file does not say, another resolver may know."""
    resolver = hosts.Resolver(str(file), reactor=Clock())
    assert isinstance(errorOf(resolver.query(dns.Query(name, type))), error.DomainError)


def test_all(file: Path) -> None:
    """A question for all records is answered with the addresses of both families."""
    resolver = hosts.Resolver(str(file), reactor=Clock())
    assert found(resolver, "localhost", dns.ALL_RECORDS) == ["127.0.0.1", "::1"]


@pytest.mark.parametrize(("type", "cls"), [(dns.MX, dns.IN), (dns.A, dns.CH)])
def test_noSuchRecords(file: Path, type: int, cls: int) -> None:
    """What no hosts file has is for others to answer, and the failure says why."""
    resolver = hosts.Resolver(str(file), reactor=Clock())
    failure = errorOf(resolver.query(dns.Query("www.example", type, cls)))
    assert isinstance(failure, NotImplementedError)
    assert "hosts file" in str(failure)


def test_changes(file: Path) -> None:
    """The file is read again when it is another, but looked at every few seconds only."""
    clock = Clock()
    resolver = hosts.Resolver(str(file), reactor=clock)
    assert found(resolver, "www", dns.A) == ["192.0.2.1"]
    file.write_bytes(b"192.0.2.9 www\n")
    os.utime(file, (1, 1))
    assert found(resolver, "www", dns.A) == ["192.0.2.1"]
    clock.advance(5)
    assert found(resolver, "www", dns.A) == ["192.0.2.9"]
    file.unlink()
    clock.advance(5)
    assert isinstance(errorOf(resolver.lookupAddress("www")), error.DomainError)


def test_search(file: Path) -> None:
    """Files can be searched without a resolver, by name and as C{FilePath}."""
    assert hosts.searchFileFor(str(file), "www.example") == "192.0.2.1"
    assert hosts.searchFileFor(str(file), b"nobody") is None
    assert hosts.searchFileForAll(FilePath(str(file)), b"WWW.example") == ["192.0.2.1", "192.0.2.2"]
    assert hosts.searchFileForAll(FilePath("/nonexistent"), b"www") == []


def test_knows(file: Path) -> None:
    """A name is known whatever family its addresses are of."""
    file.write_text("2001:db8::1 Six six.example\n")
    resolver = hosts.Resolver(str(file), reactor=Clock())
    assert [resolver.knows(name) for name in (b"six", b"SIX.", b"six.example", b"seven")] == [True, True, True, False]
