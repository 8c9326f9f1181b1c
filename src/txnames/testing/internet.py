r"""A scripted Internet: name servers in a network in memory that answer from zones, or as badly as one likes.

A scenario takes a few lines::

    internet = Internet()
    internet.serve("198.41.0.4", {".": '''
        @          NS a.root.
        a.root     A  198.41.0.4
        example    NS ns.example.
        ns.example A  192.0.2.1'''})
    server = internet.serve("192.0.2.1", {"example": "@ NS ns \n ns A 192.0.2.1 \n www A 192.0.2.80"})
    server.behaves(truncated, slow(0.5))
    host = internet.host("192.0.2.99")
    resolver = root.Resolver(["198.41.0.4"], reactor=host.reactor)
    answers, authority, additional = internet.run(resolver.lookupAddress("www.example"))
    assert [str(asked) for asked in internet.asked("192.0.2.1")] == ["192.0.2.1 www.example. A"] * 2
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from txnames.testing.addresses import canonical
from txnames.testing.host import Host
from txnames.testing.nameserver import Asked, NameServer
from txnames.testing.network import Network

__all__ = ["Internet"]


class Internet:
    """Name servers in a network.

    @ivar network: the network.
    @ivar servers: the name servers, by each of their addresses.
    """

    def __init__(self, network: Network | None = None) -> None:
        """Make one without servers; without a network, in a new one."""
        self.network = Network() if network is None else network
        self.servers: dict[str, NameServer] = {}

    def host(self, *addresses: str, loss: float = 0.0, latency: float = 0.0) -> Host:
        """Add a host that is no name server; see L{Network.host}."""
        return self.network.host(*addresses, loss=loss, latency=latency)

    def serve(self, addresses: str | Sequence[str], zones: Mapping[str, str], latency: float = 0.0) -> NameServer:
        """Add a name server.

        @param addresses: its addresses; one, or a sequence of them.
        @param zones: the text of each zone, by its origin.  Records need neither class nor TTL, which is an hour, and a
            zone without a SOA record gets one; see L{txnames.testing.scripts.scriptedZone}.
        @param latency: how many seconds further away it is than others.
        @return: the server; see L{NameServer.behaves} for what may be odd about it.
        """
        addresses = [addresses] if isinstance(addresses, str) else list(addresses)
        server = NameServer(self.network.host(*addresses, latency=latency), zones)
        for address in server.host.addresses:
            self.servers[address] = server
        return server

    def asked(self, address: str | None = None) -> list[Asked]:
        """The questions that arrived at an address, or at all servers, in the order in which they did."""
        if address is not None:
            address = canonical(address)
            return [asked for asked in self.servers[address].asked if asked.server == address]
        servers = dict.fromkeys(self.servers.values())
        return sorted([asked for server in servers for asked in server.asked], key=lambda asked: asked.time)

    def forget(self) -> None:
        """Begin to count anew: nothing was asked, and nothing sent."""
        self.network.captured.clear()
        for server in self.servers.values():
            server.asked.clear()

    def run(self, deferred: Any, limit: float = 60.0) -> Any:
        """Let time pass until a Deferred fires; see L{Network.run}."""
        return self.network.run(deferred, limit)

    def advance(self, seconds: float) -> None:
        """Let so many seconds pass."""
        self.network.advance(seconds)
