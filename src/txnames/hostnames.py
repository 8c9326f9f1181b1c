"""Host names for Twisted's endpoints: a provider of C{IHostnameResolver}, for both families of addresses."""

from __future__ import annotations

import ipaddress
from collections.abc import Sequence
from contextlib import suppress
from typing import Any

from twisted.internet import defer
from twisted.internet.address import IPv4Address, IPv6Address
from twisted.internet.interfaces import IHostnameResolver, IHostResolution
from twisted.python import log
from zope.interface import implementer

from txnames import client
from txnames.addressorder import ordered
from txnames.error import DNSQueryTimeoutError, DomainError
from txnames.wire.numbers import AAAA, A

__all__ = ["HostResolution", "HostnameResolver", "installResolvers"]

_quiet = (DomainError, DNSQueryTimeoutError, defer.CancelledError, ValueError)
"""Failures that mean no more than that there is no address."""


@implementer(IHostResolution)
class HostResolution:
    """A resolution on its way.

    @ivar name: the host's name.
    @ivar lookups: the lookups that are on their way.
    @ivar cancelled: whether it was cancelled.
    """

    def __init__(self, name: str) -> None:
        self.name = name
        self.lookups: list[defer.Deferred[Any]] = []
        self.cancelled = False

    def cancel(self) -> None:
        """End it: nobody is asked any more, and there are no addresses."""
        self.cancelled = True
        for lookup in self.lookups:
            lookup.cancel()


@implementer(IHostnameResolver)
class HostnameResolver:
    """Finds the addresses of hosts by an C{IResolver}.

    @ivar resolver: what is asked; C{None} for the resolver of the process, L{client.getResolver}.
    """

    def __init__(self, resolver: Any = None) -> None:
        self.resolver = resolver

    def resolveHostName(
        self,
        resolutionReceiver: Any,
        hostName: str,
        portNumber: int = 0,
        addressTypes: Sequence[type] | None = None,
        transportSemantics: str = "TCP",
    ) -> HostResolution:
        """Find the addresses of a host: of both families at once, the best first; an address is itself.

        A relative name is that of one host: all of its addresses come from the first full name that has any.

        @param resolutionReceiver: gets the addresses, an C{IResolutionReceiver}.
        @param addressTypes: C{IPv4Address}, C{IPv6Address} or both; by default both.
        @param transportSemantics: C{"TCP"} or C{"UDP"}.
        """
        resolution = HostResolution(hostName)
        resolutionReceiver.resolutionBegan(resolution)
        wanted = (IPv4Address, IPv6Address) if addressTypes is None else tuple(addressTypes)
        semantics: Any = transportSemantics

        def tell(addresses: Sequence[str]) -> None:
            for address in addresses:
                kind = IPv6Address if ":" in address else IPv4Address
                if kind in wanted:
                    resolutionReceiver.addressResolved(kind(semantics, address, portNumber))
            resolutionReceiver.resolutionComplete()

        try:
            ipaddress.ip_address(hostName)
        except ValueError:
            pass
        else:
            tell([hostName])
            return resolution
        asked = client.getResolver() if self.resolver is None else self.resolver
        both = ((IPv6Address, asked.lookupIPV6Address), (IPv4Address, asked.lookupAddress))
        lookups = [lookup for kind, lookup in both if kind in wanted]
        found = defer.ensureDeferred(_find(resolution, lookups, _namesFor(asked, hostName)))
        found.addCallback(lambda addresses: tell(ordered(addresses)))
        found.addErrback(lambda failure: log.err(failure))
        return resolution


def _namesFor(resolver: Any, name: str) -> Sequence[Any]:
    """The names that a name may stand for: itself, unless the resolver knows of more, which are absolute then."""
    if hasattr(resolver, "namesFor"):
        with suppress(ValueError):
            names = resolver.namesFor(name)
            if len(names) > 1:
                return [one if one.endswith(b".") else one + b"." for one in names]
    return [name]


async def _find(resolution: HostResolution, lookups: Sequence[Any], names: Sequence[Any]) -> list[str]:
    """Find the addresses of the first name that has any."""
    for name in names:
        resolution.lookups = [defer.maybeDeferred(lookup, name) for lookup in lookups]
        results: Any = await defer.DeferredList(resolution.lookups, consumeErrors=True)
        found = _addresses(results)
        silent = any(not succeeded and result.check(DNSQueryTimeoutError) for succeeded, result in results)
        if found or silent or resolution.cancelled:
            return found
    return []


def _addresses(results: Sequence[tuple[bool, Any]]) -> list[str]:
    """The addresses that lookups found; failures that mean more than that there is none go to the log."""
    found = []
    for succeeded, result in results:
        if succeeded:
            found += [
                str(ipaddress.ip_address(record.payload.address))
                for record in result[0]
                if record.type in (A, AAAA) and record.type == record.payload.TYPE
            ]
        elif not result.check(*_quiet):
            log.err(result)
    return list(dict.fromkeys(found))


def installResolvers(reactor: Any, resolver: Any = None) -> Any:
    """Have a reactor look all names up by a resolver, for old programs and for endpoints.

    @param resolver: an C{IResolver}; by default one as L{client.createResolver} makes it.
    @return: the resolver.
    """
    if resolver is None:
        resolver = client.createResolver(reactor=reactor)
    reactor.installResolver(resolver)
    reactor.installNameResolver(HostnameResolver(resolver))
    return resolver
