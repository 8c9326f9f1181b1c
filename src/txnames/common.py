"""What all resolvers have in common: a method for each kind of lookup, and one place where they meet.

A resolver derives from L{ResolverBase} and writes one method, C{_lookup}; every C{lookupX} and C{query} lead there.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Callable, Coroutine, Sequence
from typing import TYPE_CHECKING, Any, TypeAlias

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
from txnames.lookups import LOOKUPS, Kind
from txnames.wire import numbers
from txnames.wire.header import Query, RRHeader
from txnames.wire.name import Name, domainString

__all__ = ["EMPTY_RESULT", "ResolverBase", "Result", "Timeout", "asDeferred", "extractRecord", "nameOf", "typeToMethod"]

Result: TypeAlias = tuple[Sequence[RRHeader], Sequence[RRHeader], Sequence[RRHeader]]
"""The records of the answer, authority and additional sections."""

Timeout: TypeAlias = Sequence[float] | float | None
"""The seconds to wait for each attempt; C{None} for the resolver's own."""

EMPTY_RESULT: Result = (), (), ()
"""An answer without records."""

typeToMethod: dict[int, str] = {kind.type: kind.method for kind in LOOKUPS}
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


def nameOf(name: Any) -> bytes:
    """What is to be looked up, as dotted octets.

    @param name: octets, which stay as they are; text, which becomes A-labels where it isn't ASCII (RFC 5891); a
        L{Name}; or an address of the module C{ipaddress}, whose reverse name is meant (RFC 1035 section 3.5, RFC 3596).
    @raise TypeError: none of these.
    @raise ValueError: text that is no internationalised name.
    """
    if isinstance(name, bytes | str):
        return domainString(name)
    if isinstance(name, Name):
        return name.name + b"."
    pointer = getattr(name, "reverse_pointer", None)
    if pointer is None:
        raise TypeError(f"a name is bytes, str, Name or an IP address, not {name!r}")
    return bytes(pointer, "ascii") + b"."


def _lookupOf(kind: Kind) -> Callable[..., defer.Deferred[Any]]:
    """Make the method that looks a type up."""
    type = kind.type

    def method(self: ResolverBase, name: Any, timeout: Timeout = None) -> defer.Deferred[Any]:
        return self._lookup(domainString(name) if name.__class__ is str else nameOf(name), numbers.IN, type, timeout)

    method.__name__ = kind.method
    method.__qualname__ = f"ResolverBase.{kind.method}"
    method.__doc__ = f"""Look {kind.what} up.

        @param name: the name to ask for: octets, text, or an IP address for its reverse name.
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

    if TYPE_CHECKING:
        # Below, the class gets a method for each kind of lookup; whoever checks types does not see that.
        def __getattr__(self, name: str) -> Any: ...

    def getHostByName(self, name: bytes | str, timeout: Timeout = None, effort: int = 10) -> defer.Deferred[Any]:
        """Find an address of a host, an IPv4 one where there is any.

        @param effort: how many aliases are followed.
        @return: a Deferred of the address as text; it fails with C{DNSLookupError} for a host without one.
        """
        return defer.ensureDeferred(self._addressOf(nameOf(name), timeout, effort))

    async def _addressOf(self, name: bytes, timeout: Timeout, effort: int) -> str:
        """Find an address of a host."""
        try:
            return str(ipaddress.ip_address(name.decode("ascii")))
        except ValueError:
            pass
        for lookup in (self.lookupAddress, self.lookupIPV6Address):
            answers, _, additional = await lookup(name, timeout)
            owner = Name(name)
            if answers and not name.endswith(b".") and all(answer.name != owner for answer in answers):
                # A relative name was found by way of the search list, and its answer is owned by the full one.
                owner = answers[0].name
            found = extractRecord(self, owner, [*answers, *additional], effort)
            if isinstance(found, defer.Deferred):
                found = await found
            if found is not None:
                return found
        raise DNSLookupError(name.decode("ascii", "backslashreplace"))


for _kind in LOOKUPS:
    setattr(ResolverBase, _kind.method, _lookupOf(_kind))


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
            # Names in records are absolute: neither the search list nor addresses as text have a say.
            asked: defer.Deferred[Any] = resolver.getHostByName(name.name + b".", effort=level)
            return asked
    return None
