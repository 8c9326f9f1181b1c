r"""A scripted Internet: name servers in a network in memory that answer from zones, or as badly as one likes.

A scenario takes a few lines::

    internet = Internet()
    internet.zone(".", "", "198.41.0.4")
    server = internet.zone("example", "www A 192.0.2.80", "192.0.2.1")
    server.behaves(truncated, slow(0.1))
    resolver = root.Resolver(["198.41.0.4"], reactor=internet.host("192.0.2.99").reactor)
    answers, authority, additional = internet.run(resolver.lookupAddress("www.example"))
    assert [asked.transport for asked in internet.asked("192.0.2.1")] == ["udp", "tcp"]

L{Internet.zone} makes a server for a zone, and delegates the zone in the one above it.  Where a delegation should be
odd, L{Internet.serve} takes the text of each zone as it is to be.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from txnames.testing.addresses import canonical, isIPv6
from txnames.testing.host import Host
from txnames.testing.nameserver import Asked, NameServer
from txnames.testing.network import Network
from txnames.wire.name import Name

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
        self._texts: dict[Name, str] = {}
        self._holders: dict[Name, list[NameServer]] = {}

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

    def zone(self, origin: str, text: str, *addresses: str, glue: bool = True) -> NameServer:
        """Add a zone, with a name server of its own at each address, and delegate it in the zone above.

        The servers are named C{ns1}, C{ns2} and so on, in the zone.  An address that has a server already serves this
        zone too.

        @param text: the zone's records, but for the NS records of its apex and the addresses of its servers.
        @param glue: whether the zone above has the addresses of the servers.
        @return: the server at the first address; see L{NameServer.behaves} for what may be odd about it.
        """
        apex = Name(origin)
        dotted = origin.strip(".") + "." if origin.strip(".") else ""
        names = [(f"ns{count}.{dotted}", address) for count, address in enumerate(addresses, 1)]
        cut = "".join([f"{dotted or '.'} NS {name}\n" for name, _ in names])
        hosts = "".join([f"{name} {'AAAA' if isIPv6(address) else 'A'} {address}\n" for name, address in names])
        self._holders[apex] = [self.servers.get(address) or self.serve(address, {}) for address in addresses]
        self.add(origin, cut + hosts + text)
        above = [name for name in self._texts if name != apex and apex.isSubdomainOf(name)]
        if above:
            parent = max(above, key=lambda name: len(name.wire))
            self.add(parent.name.decode("ascii"), cut + (hosts if glue else ""))
        return self.servers[canonical(addresses[0])]

    def add(self, origin: str, text: str) -> None:
        """Add records to a zone that was made by L{zone}.

        @param text: the records, in the form of a zone file.
        """
        apex = Name(origin)
        whole = self._texts[apex] = self._texts.get(apex, "") + text + "\n"
        for server in self._holders[apex]:
            server.serve(origin, whole)

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
