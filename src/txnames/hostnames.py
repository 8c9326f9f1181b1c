"""Host names for Twisted's endpoints: a provider of C{IHostnameResolver}, for both families of addresses."""

from __future__ import annotations

import ipaddress
from collections.abc import Sequence
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
    """

    def __init__(self, name: str) -> None:
        self.name = name
        self.lookups: list[defer.Deferred[Any]] = []

    def cancel(self) -> None:
        """End it: nobody is asked any more, and there are no addresses."""
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
        for kind, lookup in ((IPv6Address, asked.lookupIPV6Address), (IPv4Address, asked.lookupAddress)):
            if kind in wanted:
                resolution.lookups.append(defer.maybeDeferred(lookup, hostName))
        found = defer.DeferredList(resolution.lookups, consumeErrors=True)
        found.addCallback(lambda results: tell(ordered(_addresses(results))))
        found.addErrback(lambda failure: log.err(failure))
        return resolution


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
