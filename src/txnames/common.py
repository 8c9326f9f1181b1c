"""What all resolvers have in common: a method for each kind of lookup, and one place where they meet.

A resolver derives from L{ResolverBase} and writes one method, C{_lookup}; every C{lookupX} and C{query} lead there.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Callable, Coroutine, Sequence
from typing import Any, TypeAlias

from twisted.internet import defer
from twisted.internet.error import DNSLookupError
from twisted.internet.interfaces import IResolver
from twisted.python.failure import Failure
from zope.interface import implementer

from txnames.error import (
    DNSFormatError,
    DNSNameError,
    DNSNotImplementedError,
    DNSQueryRefusedError,
    DNSServerError,
    DNSUnknownError,
    DomainError,
)
from txnames.wire import numbers
from txnames.wire.header import Query, RRHeader
from txnames.wire.name import Name, domainString

__all__ = ["EMPTY_RESULT", "ResolverBase", "Result", "Timeout", "asDeferred", "extractRecord", "typeToMethod"]

Result: TypeAlias = tuple[Sequence[RRHeader], Sequence[RRHeader], Sequence[RRHeader]]
"""The records of the answer, authority and additional sections."""

Timeout: TypeAlias = Sequence[float] | float | None
"""The seconds to wait for each attempt; C{None} for the resolver's own."""

EMPTY_RESULT: Result = (), (), ()
"""An answer without records."""

typeToMethod: dict[int, str] = {
    numbers.A: "lookupAddress",
    numbers.AAAA: "lookupIPV6Address",
    numbers.A6: "lookupAddress6",
    numbers.NS: "lookupNameservers",
    numbers.CNAME: "lookupCanonicalName",
    numbers.SOA: "lookupAuthority",
    numbers.MB: "lookupMailBox",
    numbers.MG: "lookupMailGroup",
    numbers.MR: "lookupMailRename",
    numbers.NULL: "lookupNull",
    numbers.WKS: "lookupWellKnownServices",
    numbers.PTR: "lookupPointer",
    numbers.HINFO: "lookupHostInfo",
    numbers.MINFO: "lookupMailboxInfo",
    numbers.MX: "lookupMailExchange",
    numbers.TXT: "lookupText",
    numbers.SPF: "lookupSenderPolicy",
    numbers.RP: "lookupResponsibility",
    numbers.AFSDB: "lookupAFSDatabase",
    numbers.SRV: "lookupService",
    numbers.NAPTR: "lookupNamingAuthorityPointer",
    numbers.AXFR: "lookupZone",
    numbers.ALL_RECORDS: "lookupAllRecords",
}
"""The method of a resolver that looks a type up."""

_errors: dict[int, type[DomainError]] = {
    numbers.EFORMAT: DNSFormatError,
    numbers.ESERVER: DNSServerError,
    numbers.ENAME: DNSNameError,
    numbers.ENOTIMP: DNSNotImplementedError,
    numbers.EREFUSED: DNSQueryRefusedError,
}


def asDeferred(function: Callable[..., Any], *args: Any, **kwargs: Any) -> defer.Deferred[Any]:
    """Call a function and give a Deferred of its result, be that a value, a Deferred, a coroutine or an exception."""
    try:
        result = function(*args, **kwargs)
    except Exception:
        return defer.fail(Failure())
    if isinstance(result, defer.Deferred):
        return result
    if isinstance(result, Coroutine):
        return defer.ensureDeferred(result)
    if isinstance(result, Failure):
        return defer.fail(result)
    return defer.succeed(result)


def _lookupOf(type: int, what: str) -> Callable[..., defer.Deferred[Any]]:
    """Make the method that looks a type up."""

    def method(self: ResolverBase, name: bytes | str, timeout: Timeout = None) -> defer.Deferred[Any]:
        return self._lookup(domainString(name), numbers.IN, type, timeout)

    method.__name__ = typeToMethod[type]
    method.__qualname__ = f"ResolverBase.{method.__name__}"
    method.__doc__ = f"""Look {what} up.

        @param name: the name to ask for.
        @param timeout: the seconds to wait for each attempt; C{{None}} for the resolver's own.
        @return: a Deferred of three lists of L{{RRHeader}}: the answer, authority and additional sections.
        """
    return method


@implementer(IResolver)
class ResolverBase:
    """A resolver but for where its answers come from.

    Subclasses override C{_lookup(name, cls, type, timeout)}, which gets the name as dotted octets and returns a
    Deferred of three lists of L{RRHeader}.

    @ivar typeToMethod: what looks a type up, by its number: a callable that takes name and timeout.
    """

    typeToMethod: dict[int, Callable[..., Any]] = None  # type: ignore[assignment]  # reason: each instance has its own

    def __init__(self) -> None:
        self.typeToMethod = {type: getattr(self, method) for type, method in typeToMethod.items()}

    def exceptionForCode(self, responseCode: int) -> type[DomainError]:
        """The class of error for a response code."""
        return _errors.get(responseCode, DNSUnknownError)

    def query(  # type: ignore[override]  # reason: the interface names the Query of twisted.names
        self, query: Query, timeout: Timeout = None
    ) -> defer.Deferred[Any]:
        """Answer a question.

        @param timeout: the seconds to wait for each attempt; C{None} for the resolver's own.
        @return: a Deferred of three lists of L{RRHeader}: the answer, authority and additional sections.  It fails with
            L{DomainError} where another resolver should be asked, with one of the errors below that class or with
            C{AuthoritativeDomainError} where the answer is a response code, and with C{NotImplementedError} for a type
            that this resolver does not know.
        """
        method = self.typeToMethod.get(query.type) if query.cls == numbers.IN else None
        if method is not None:
            return asDeferred(method, query.name.name, timeout)
        return asDeferred(self._lookup, query.name.name, query.cls, query.type, timeout)

    def _lookup(self, name: bytes, cls: int, type: int, timeout: Timeout) -> defer.Deferred[Any]:
        """Look a name up; to be overridden."""
        reason = f"{self.__class__.__name__} does not look {numbers.typeName(type)} up"
        return defer.fail(NotImplementedError(reason))

    lookupAddress = _lookupOf(numbers.A, "the IPv4 addresses of a name")
    lookupIPV6Address = _lookupOf(numbers.AAAA, "the IPv6 addresses of a name")
    lookupAddress6 = _lookupOf(numbers.A6, "the A6 records of a name")
    lookupNameservers = _lookupOf(numbers.NS, "the name servers of a zone")
    lookupCanonicalName = _lookupOf(numbers.CNAME, "what a name is an alias of")
    lookupAuthority = _lookupOf(numbers.SOA, "the SOA record of a zone")
    lookupMailBox = _lookupOf(numbers.MB, "the MB records of a name")
    lookupMailGroup = _lookupOf(numbers.MG, "the MG records of a name")
    lookupMailRename = _lookupOf(numbers.MR, "the MR records of a name")
    lookupNull = _lookupOf(numbers.NULL, "the NULL records of a name")
    lookupWellKnownServices = _lookupOf(numbers.WKS, "the WKS records of a name")
    lookupPointer = _lookupOf(numbers.PTR, "the PTR records of a name")
    lookupHostInfo = _lookupOf(numbers.HINFO, "the HINFO records of a name")
    lookupMailboxInfo = _lookupOf(numbers.MINFO, "the MINFO records of a name")
    lookupMailExchange = _lookupOf(numbers.MX, "the mail exchanges of a domain")
    lookupText = _lookupOf(numbers.TXT, "the TXT records of a name")
    lookupSenderPolicy = _lookupOf(numbers.SPF, "the SPF records of a name")
    lookupResponsibility = _lookupOf(numbers.RP, "the RP records of a name")
    lookupAFSDatabase = _lookupOf(numbers.AFSDB, "the AFSDB records of a name")
    lookupService = _lookupOf(numbers.SRV, "the SRV records of a service")
    lookupNamingAuthorityPointer = _lookupOf(numbers.NAPTR, "the NAPTR records of a name")
    lookupZone = _lookupOf(numbers.AXFR, "all records of a zone")
    lookupAllRecords = _lookupOf(numbers.ALL_RECORDS, "what there is of a name")

    def getHostByName(self, name: bytes | str, timeout: Timeout = None, effort: int = 10) -> defer.Deferred[Any]:
        """Find an address of a host, an IPv4 one where there is any.

        @param effort: how many aliases are followed.
        @return: a Deferred of the address as text; it fails with C{DNSLookupError} for a host without one.
        """
        return defer.ensureDeferred(self._addressOf(domainString(name), timeout, effort))

    async def _addressOf(self, name: bytes, timeout: Timeout, effort: int) -> str:
        """Find an address of a host."""
        try:
            return str(ipaddress.ip_address(name.decode("ascii")))
        except ValueError:
            pass
        for lookup in (self.lookupAddress, self.lookupIPV6Address):
            answers, _, additional = await lookup(name, timeout)
            found = extractRecord(self, Name(name), [*answers, *additional], effort)
            if isinstance(found, defer.Deferred):
                found = await found
            if found is not None:
                return found
        raise DNSLookupError(name.decode("ascii", "backslashreplace"))


def extractRecord(
    resolver: Any, name: Name, answers: Sequence[RRHeader], level: int = 10
) -> str | defer.Deferred[Any] | None:
    """Find an address of a name among records.

    @param resolver: what is asked for the address of an alias's target that is not among them.
    @param level: how many aliases are followed.
    @return: the address as text; a Deferred of it where the resolver was asked; C{None} where there is none.
    """
    for _ in range(max(level, 0)):
        payloads = [answer.payload for answer in answers if answer.name == name]
        for payload in payloads:
            if payload.TYPE == numbers.A:
                return str(payload.dottedQuad())
        for payload in payloads:
            if payload.TYPE == numbers.AAAA:
                return str(ipaddress.IPv6Address(payload.address))
        targets = [payload.name for payload in payloads if payload.TYPE == numbers.CNAME]
        if not targets:
            return None
        name = targets[0]
        level -= 1
        if level > 0 and not any(answer.name == name for answer in answers):
            asked: defer.Deferred[Any] = resolver.getHostByName(name.name, effort=level)
            return asked
    return None
