"""Hosts of a network in memory, and the reactor that each of them has."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from errno import EADDRINUSE, EADDRNOTAVAIL, ENETUNREACH
from os import strerror
from typing import TYPE_CHECKING, Any, Final

from twisted.internet.error import CannotListenError
from twisted.internet.interfaces import IDelayedCall, IReactorTCP, IReactorTime, IReactorUDP
from zope.interface import implementer

from txnames.testing.addresses import WILD, Address, canonical, isIPv6, isLoopback
from txnames.testing.connector import Connector
from txnames.testing.datagram import DatagramPort
from txnames.testing.stream import Listener, Stream

if TYPE_CHECKING:
    from txnames.testing.network import Network

__all__ = ["Host", "HostReactor"]

_EPHEMERAL: Final = range(32768, 0x10000)
"""The ports from which one is chosen for those who don't care."""


class Host:
    """A host of a network.

    @ivar network: the network.
    @ivar addresses: its IP addresses.
    @ivar loss: the share of the datagrams to and from it that get lost.
    @ivar latency: how many seconds further away it is than others.
    @ivar down: whether nothing comes to it or from it any more.
    @ivar reactor: for what runs on this host.
    @ivar ports: its ports for datagrams.
    @ivar listeners: its ports for connections.
    @ivar connections: its ends of the connections that it has.
    @ivar connectors: what is about to connect.
    """

    def __init__(self, network: Network, addresses: Sequence[str], loss: float = 0.0, latency: float = 0.0) -> None:
        self.network = network
        self.addresses = [canonical(address) for address in addresses]
        self.loss = loss
        self.latency = latency
        self.down = False
        self.reactor = HostReactor(self)
        self.ports: list[DatagramPort] = []
        self.listeners: list[Listener] = []
        self.connections: list[Stream] = []
        self.connectors: list[Connector] = []

    def address(self, interface: str, peer: str) -> str:
        """The address from which something to a peer is sent.

        @param interface: the address to which the port is bound; one of L{WILD} if to none.
        @raise OSError: there is none of the peer's family.
        """
        if interface not in WILD and isIPv6(interface) == isIPv6(peer):
            return interface
        if isLoopback(peer):
            return peer
        for address in self.addresses:
            if isIPv6(address) == isIPv6(peer):
                return address
        raise OSError(ENETUNREACH, strerror(ENETUNREACH))

    def hostAt(self, address: str) -> Host | None:
        """The host that has an address, as seen from here; C{None} if there is none that could be reached."""
        host = self if isLoopback(address) else self.network.hosts.get(address)
        return None if host is None or host.down or self.down else host

    def receive(self, source: Address, destination: Address, octets: bytes) -> None:
        """Give a datagram to the port that it is for, or tell the sender that there is none."""
        if self.down:
            return
        for port in [*self.ports]:
            if port.takes(destination):
                port.receive(octets, source)
                return
        sender = self.hostAt(source[0])
        if sender is not None:
            self.network.after(destination[0], source[0], sender.refused, source, destination)

    def refused(self, source: Address, destination: Address) -> None:
        """Tell the port from which a datagram came that nobody listens at its destination.

        As with sockets of real systems, only one that is connected gets to know (RFC 1122 section 4.1.3.3).
        """
        for port in [*self.ports]:
            if port.takes(source) and port.peer == destination and not self.down:
                port.protocol.connectionRefused()
                return

    def freePort(self, port: int, interface: str, taken: Sequence[Any]) -> int:
        """Find a free port, or see that this one is free.

        @param taken: the ports of that transport that there are.
        @raise CannotListenError: it isn't, or the interface is not this host's.
        """
        if interface not in WILD and interface not in self.addresses and not isLoopback(interface):
            raise CannotListenError(interface, port, OSError(EADDRNOTAVAIL, strerror(EADDRNOTAVAIL)))
        used = {one.port for one in taken if one.overlaps(interface)}
        if port and port not in used:
            return port
        if port or len(used) >= len(_EPHEMERAL):
            raise CannotListenError(interface, port, OSError(EADDRINUSE, strerror(EADDRINUSE)))
        while not port or port in used:
            port = self.network.random.choice(_EPHEMERAL)
        return port

    def leaks(self) -> list[str]:
        """What is open or waiting here, in words; none after all was closed."""
        found = [f"UDP port {port.port}" for port in self.ports]
        found += [f"TCP port {port.port}" for port in self.listeners]
        found += [f"connection with {one.there[0]} port {one.there[1]}" for one in self.connections]
        found += [f"attempt to connect to {one.peer} port {one.port}" for one in self.connectors]
        now = self.network.seconds()
        for call in self.reactor.getDelayedCalls():
            function = getattr(call, "func", None)
            name = getattr(function, "__qualname__", repr(function))
            found.append(f"{name} to be called in {call.getTime() - now:.3f} seconds")
        return [f"{self}: {what}" for what in found]

    def __repr__(self) -> str:
        """The host's first address."""
        return f"<Host {' '.join(self.addresses[:1])}>"


@implementer(IReactorTime, IReactorUDP, IReactorTCP)
class HostReactor:
    """A host's reactor: its time is the network's clock, its sockets are the host's.

    @ivar running: always true: the reactor runs as long as the network does.
    """

    running = True

    def __init__(self, host: Host) -> None:
        self.host = host

    # --- time ---

    def seconds(self) -> float:
        """The time, in seconds since 1970."""
        return self.host.network.clock.seconds()

    def callLater(self, delay: float, callable: Callable[..., Any], *args: object, **kwargs: object) -> IDelayedCall:
        """Have a function called in so many seconds."""
        return self.host.network.clock.callFor(self, delay, callable, args, kwargs)

    def getDelayedCalls(self) -> Sequence[IDelayedCall]:
        """The calls of this host that are still to come."""
        return self.host.network.clock.callsOf(self)

    def callWhenRunning(self, callable: Callable[..., Any], *args: object, **kwargs: object) -> None:
        """Call a function at once: this reactor always runs."""
        callable(*args, **kwargs)

    def callFromThread(self, callable: Callable[..., Any], *args: object, **kwargs: object) -> None:
        """Have a function called as soon as the network goes on; there are no threads here."""
        self.callLater(0, callable, *args, **kwargs)

    # --- sockets ---

    def listenUDP(self, port: int, protocol: Any, interface: str = "", maxPacketSize: int = 8192) -> DatagramPort:
        """Open a port for datagrams.

        @param port: its number; 0 for a free one.
        @param interface: the address; empty for all IPv4 ones, C{"::"} for all IPv6 ones.
        @raise CannotListenError: the port is in use, or the address is another host's.
        """
        made = DatagramPort(self.host, port, protocol, interface, maxPacketSize)
        made.startListening()
        return made

    def listenTCP(self, port: int, factory: Any, backlog: int = 50, interface: str = "") -> Listener:
        """Open a port for connections.

        @param port: its number; 0 for a free one.
        @param interface: the address; empty for all IPv4 ones, C{"::"} for all IPv6 ones.
        @raise CannotListenError: the port is in use, or the address is another host's.
        """
        made = Listener(self.host, port, factory, interface)
        made.startListening()
        return made

    def connectTCP(
        self,
        host: str,
        port: int,
        factory: Any,
        timeout: float | None = 30,
        bindAddress: tuple[str, int] | str | None = None,
    ) -> Connector:
        """Connect to a port of another host, or of this one.

        @param host: its IP address.
        @param timeout: after how many seconds to give up; C{None} for never.
        @param bindAddress: from which address, or address and port.
        """
        made = Connector(self.host, host, port, factory, timeout, bindAddress)
        made.connect()
        return made
