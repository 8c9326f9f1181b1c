"""The recursive server, assembled: a cache, an iterating or a forwarding resolver, and who may use them.

C{twistd dns} makes its server here, and so do simulations: give a reactor, and nothing happens but by that reactor.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from txnames.cache import CacheResolver
from txnames.client import Resolver
from txnames.hosts import Resolver as HostsResolver
from txnames.protocol.networks import Networks
from txnames.resolve import ResolverChain
from txnames.root import Resolver as IterativeResolver
from txnames.server import DNSServerFactory

__all__ = ["recursiveServer", "resolversFor"]

_RESOLV_CONF = "/etc/resolv.conf"

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
    if not iterative and not stubs:
        if forward:
            return [Resolver(servers=list(forward), reactor=reactor)]
        return [Resolver(resolv=resolvConf or _RESOLV_CONF, reactor=reactor)]
    forwards: dict[str, Sequence[Server]] = {}
    if not iterative:
        # What a stub zone's names are aliases of may be anywhere, so one resolver has to know of both.
        hints, iteration = (), {**iteration, "priming": False}
        forwards["."] = forward or Resolver(resolv=resolvConf or _RESOLV_CONF, reactor=reactor).dynServers
    elif forward:
        forwards["."] = forward
    return [IterativeResolver(hints, reactor=reactor, cache=cache, stubs=stubs, forwards=forwards, **iteration)]
