"""The recursive server, assembled: a cache, an iterating or a forwarding resolver, and who may use them.

C{twistd dns} makes its server here, and so do simulations: give a reactor, and nothing happens but by that reactor.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from twisted.internet import defer
from zope.interface import implementer

from txnames.cache import CacheResolver
from txnames.client import Resolver
from txnames.common import ResolverBase, Timeout, asDeferred
from txnames.error import NotResponsibleError
from txnames.hosts import Resolver as HostsResolver
from txnames.interfaces import IRecursiveResolver
from txnames.protocol.networks import Networks
from txnames.protocol.request import Request
from txnames.resolve import ResolverChain
from txnames.root import Resolver as IterativeResolver
from txnames.server import DNSServerFactory
from txnames.wire.header import Query
from txnames.wire.name import Name, suffixes

__all__ = ["Within", "recursiveServer", "resolversFor"]

Server = tuple[str, int]


def recursiveServer(
    *,
    reactor: Any = None,
    authorities: Sequence[Any] = (),
    cache: CacheResolver | bool = True,
    iterative: bool = True,
    hints: Any = None,
    forward: Sequence[Server] = (),
    stubs: Mapping[str, Sequence[Server]] | None = None,
    resolvConf: str | None = None,
    hostsFile: str | None = None,
    allowRecursion: Iterable[str] | None = None,
    verbose: int = 0,
    **iteration: Any,
) -> DNSServerFactory:
    """Make a server that finds answers for its clients.

    @param reactor: has all sockets and timers; by default the global one.
    @param authorities: resolvers that know answers of their own, such as zones.
    @param cache: the cache, or whether there is one.
    @param iterative: whether to begin at the root; else others are asked to find answers, see L{resolversFor}.
    @param hints: the root's servers, see L{txnames.root.Resolver}; by default the Internet's.
    @param forward: whom to ask for everything; none for those of resolv.conf.
    @param stubs: the servers that are asked for the names below some zones.
    @param resolvConf: the file that names whom to ask; by default the system's.
    @param hostsFile: a file with addresses of hosts, which comes first.
    @param allowRecursion: the networks whose clients may use all this; by default those of this machine, its links, and
        private ones.
    @param iteration: further arguments for L{txnames.root.Resolver}, where C{iterative}.
    @raise ValueError: a network is none.
    """
    if cache is True:
        cache = CacheResolver(reactor=reactor)
    caches = [] if cache is False else [cache]
    clients = resolversFor(
        reactor=reactor,
        cache=cache or None,
        iterative=iterative,
        hints=hints,
        forward=forward,
        stubs=stubs,
        resolvConf=resolvConf,
        **iteration,
    )
    known = [] if hostsFile is None else [HostsResolver(hostsFile, reactor=reactor)]
    factory = DNSServerFactory([*authorities, *known], caches, [ResolverChain(clients)], verbose, reactor=reactor)
    if allowRecursion is not None:
        factory.allowRecursion = Networks(allowRecursion)
    return factory


def resolversFor(
    *,
    reactor: Any = None,
    cache: CacheResolver | None = None,
    iterative: bool = True,
    hints: Any = None,
    forward: Sequence[Server] = (),
    stubs: Mapping[str, Sequence[Server]] | None = None,
    resolvConf: str | None = None,
    **iteration: Any,
) -> list[Any]:
    """Make the resolvers that ask others, in the order in which they are asked; see L{recursiveServer}."""
    stubs = stubs or {}
    if iterative:
        forwards = {".": forward} if forward else {}
        return [IterativeResolver(hints, reactor=reactor, cache=cache, stubs=stubs, forwards=forwards, **iteration)]
    found: list[Any] = []
    if stubs:
        resolver = IterativeResolver((), reactor=reactor, cache=cache, stubs=stubs, priming=False)
        found.append(Within(stubs, resolver))
    if forward:
        found.append(Resolver(servers=list(forward), reactor=reactor))
    else:
        found.append(Resolver(resolv=resolvConf or "/etc/resolv.conf", reactor=reactor))
    return found


@implementer(IRecursiveResolver)
class Within(ResolverBase):
    """Asks another resolver, but only for names at or below some zones; others are for the next one.

    @ivar zones: the zones, folded names in wire form.
    @ivar resolver: the other resolver, an L{IRecursiveResolver}.
    """

    def __init__(self, zones: Iterable[str], resolver: Any) -> None:
        super().__init__()
        self.zones = frozenset(Name(zone).folded for zone in zones)
        self.resolver = resolver

    def _refusal(self, name: Name) -> defer.Deferred[Any] | None:
        """A failure for a name that is not for this resolver."""
        if self.zones.isdisjoint(suffixes(name.folded)):
            return defer.fail(NotResponsibleError(name.name))
        return None

    def resolveRequest(self, request: Request) -> defer.Deferred[Any]:
        """Answer a request; see L{IRequestResolver}."""
        return self._refusal(Name.fromWire(request.name)) or asDeferred(self.resolver.resolveRequest, request)

    def query(self, query: Query, timeout: Timeout = None) -> defer.Deferred[Any]:
        """Answer a question; fails as L{ResolverBase.query} says."""
        return self._refusal(query.name) or asDeferred(self.resolver.query, query, timeout)

    def _lookup(self, name: bytes, cls: int, type: int, timeout: Timeout) -> defer.Deferred[Any]:
        """Look a name up."""
        return self.query(Query(name, type, cls), timeout)

    def close(self) -> Any:
        """Close the other resolver."""
        return self.resolver.close()
