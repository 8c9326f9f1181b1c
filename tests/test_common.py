"""Tests of L{txnames.common}."""

from collections.abc import Sequence
from typing import Any

import pytest
from twisted.internet import defer
from twisted.internet.error import DNSLookupError
from twisted.internet.interfaces import IResolver
from twisted.python.failure import Failure
from zope.interface.verify import verifyClass

from txnames import dns, error
from txnames.common import EMPTY_RESULT, ResolverBase, asDeferred, extractRecord, typeToMethod

from .deferreds import errorOf, resultOf


class Recording(ResolverBase):
    """Takes down what is looked up, and answers from a table."""

    def __init__(self, table: dict[tuple[bytes, int], list[dns.RRHeader]] | None = None) -> None:
        super().__init__()
        self.table = table or {}
        self.asked: list[tuple[bytes, int, int, Any]] = []

    def _lookup(self, name: bytes, cls: int, type: int, timeout: Any) -> defer.Deferred[Any]:
        """Answer from the table."""
        self.asked.append((name, cls, type, timeout))
        return defer.succeed((self.table.get((name, type), []), [], []))


def address(name: str, text: str) -> dns.RRHeader:
    """An address record."""
    payload = dns.Record_AAAA(text) if ":" in text else dns.Record_A(text)
    return dns.RRHeader(name, payload.TYPE, payload=payload)


def alias(name: str, target: str) -> dns.RRHeader:
    """A CNAME record."""
    return dns.RRHeader(name, dns.CNAME, payload=dns.Record_CNAME(target))


def test_providesIResolver() -> None:
    """A resolver has all that Twisted's interface asks for."""
    assert verifyClass(IResolver, ResolverBase)


@pytest.mark.parametrize(("type", "method"), typeToMethod.items())
def test_lookups(type: int, method: str) -> None:
    """Each method looks its type up, with the name as octets and the timeout as given."""
    resolver = Recording()
    assert resultOf(getattr(resolver, method)("b\u00fccher.example", (1, 2))) == ([], [], [])
    assert resolver.asked == [(b"xn--bcher-kva.example", dns.IN, type, (1, 2))]
    assert getattr(ResolverBase, method).__name__ == method


@pytest.mark.parametrize(("type", "cls"), [(dns.A, dns.IN), (dns.DS, dns.IN), (65280, dns.IN), (dns.TXT, dns.CH)])
def test_query(type: int, cls: int) -> None:
    """A question of any type and class arrives at C{_lookup}."""
    resolver = Recording()
    resultOf(resolver.query(dns.Query("example.org", type, cls), 5))
    assert resolver.asked == [(b"example.org", cls, type, 5)]


def test_queryTakesAnyResult() -> None:
    """What a method in C{typeToMethod} returns comes out of the Deferred, whatever it is."""
    resolver = ResolverBase()
    resolver.typeToMethod = {dns.A: lambda name, timeout: (name, timeout)}
    assert resultOf(resolver.query(dns.Query(b"example.org"), 3)) == (b"example.org", 3)


def test_queryNotImplemented() -> None:
    """A resolver without a C{_lookup} says so for every type."""
    resolver = ResolverBase()
    for type in (dns.A, 65280):
        assert isinstance(errorOf(resolver.query(dns.Query(b"", type))), NotImplementedError)


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        (dns.EFORMAT, error.DNSFormatError),
        (dns.ESERVER, error.DNSServerError),
        (dns.ENAME, error.DNSNameError),
        (dns.ENOTIMP, error.DNSNotImplementedError),
        (dns.EREFUSED, error.DNSQueryRefusedError),
        (dns.EYXDOMAIN, error.DNSUnknownError),
    ],
)
def test_exceptionForCode(code: int, expected: type) -> None:
    """Each response code has its class of error."""
    assert ResolverBase().exceptionForCode(code) is expected


def test_asDeferred() -> None:
    """Values, Deferreds, coroutines, failures and exceptions all become Deferreds."""

    async def coroutine() -> int:
        return 3

    def broken() -> None:
        raise KeyError(5)

    fired = defer.succeed(2)
    assert resultOf(asDeferred(lambda: 1)) == 1
    assert asDeferred(lambda: fired) is fired
    assert resultOf(asDeferred(coroutine)) == 3
    assert isinstance(errorOf(asDeferred(lambda: Failure(KeyError(4)))), KeyError)
    assert isinstance(errorOf(asDeferred(broken)), KeyError)


def test_emptyResult() -> None:
    """The empty result has three sections."""
    assert EMPTY_RESULT == ((), (), ())


@pytest.mark.parametrize("literal", ["192.0.2.1", "2001:db8::1"])
def test_getHostByNameOfAnAddress(literal: str) -> None:
    """An address is its own address: nobody is asked."""
    resolver = Recording()
    assert resultOf(resolver.getHostByName(literal)) == literal
    assert resolver.asked == []


def test_getHostByNamePrefersIPv4() -> None:
    """The IPv4 address is given, and nobody is asked for ANY."""
    resolver = Recording({(b"host.example", dns.A): [address("host.example", "192.0.2.7")]})
    assert resultOf(resolver.getHostByName(b"host.example", 9)) == "192.0.2.7"
    assert resolver.asked == [(b"host.example", dns.IN, dns.A, 9)]


def test_getHostByNameIPv6() -> None:
    """A host without an IPv4 address has its IPv6 address given."""
    resolver = Recording({(b"host.example", dns.AAAA): [address("host.example", "2001:db8::7")]})
    assert resultOf(resolver.getHostByName(b"host.example")) == "2001:db8::7"


def test_getHostByNameFollowsAliases() -> None:
    """An alias whose target is not in the answer leads to another lookup."""
    resolver = Recording(
        {
            (b"a.example", dns.A): [alias("a.example", "b.example")],
            (b"b.example.", dns.A): [address("b.example", "192.0.2.8")],
        }
    )
    assert resultOf(resolver.getHostByName("a.example")) == "192.0.2.8"


def test_getHostByNameOfAliasesThatLookRelative() -> None:
    """The target of an alias is absolute: it isn't searched for, and is no address, however few labels it has."""
    table = {
        (b"a.example", dns.A): [alias("a.example", "host")],
        (b"host.", dns.A): [address("host", "192.0.2.8")],
        (b"b.example", dns.A): [alias("b.example", "1.2.3.4")],
        (b"1.2.3.4.", dns.A): [address("1.2.3.4", "192.0.2.9")],
    }
    assert resultOf(Recording(table).getHostByName("a.example")) == "192.0.2.8"
    assert resultOf(Recording(table).getHostByName("b.example")) == "192.0.2.9"


def test_getHostByNameOfARelativeName() -> None:
    """A name that was completed by the search list has the address of the full name, by an alias too."""
    found = [alias("printer.corp.example", "p.corp.example"), address("p.corp.example", "192.0.2.8")]
    for answers in (found, [address("printer.corp.example", "192.0.2.8")]):
        assert resultOf(Recording({(b"printer", dns.A): answers}).getHostByName("printer")) == "192.0.2.8"
    resolver = Recording({(b"printer.", dns.A): found})
    assert isinstance(errorOf(resolver.getHostByName("printer.")), DNSLookupError)


def test_getHostByNameWithoutAddress() -> None:
    """A host without an address is an error."""
    assert isinstance(errorOf(Recording().getHostByName("host.example")), DNSLookupError)


@pytest.mark.parametrize(
    ("answers", "level", "expected"),
    [
        ([address("a.example", "192.0.2.1")], 10, "192.0.2.1"),
        ([address("A.Example", "2001:db8::1")], 10, "2001:db8::1"),
        ([address("other.example", "192.0.2.1")], 10, None),
        ([alias("a.example", "b.example"), address("b.example", "192.0.2.1")], 10, "192.0.2.1"),
        ([alias("a.example", "b.example"), address("b.example", "192.0.2.1")], 1, None),
        ([alias("a.example", "a.example")], 10, None),
        ([], 10, None),
    ],
)
def test_extractRecord(answers: Sequence[dns.RRHeader], level: int, expected: str | None) -> None:
    """The address is found at the end of the aliases, as far as they are followed."""
    assert extractRecord(None, dns.Name("a.example"), answers, level) == expected
