"""A network in memory: hosts with addresses, datagrams and streams between them, and one clock that jumps.

Each host has a reactor (L{txnames.testing.host.Host.reactor}) to give to whatever runs on it.  Nothing happens by
itself: L{Network.run} lets time pass until a Deferred fires, L{Network.advance} for so many seconds::

    network = Network()
    server, client = network.host("192.0.2.1"), network.host("192.0.2.2")
    server.reactor.listenUDP(53, DNSDatagramProtocol(factory, server.reactor))
    reply = network.run(DNSDatagramProtocol(None, client.reactor).query(("192.0.2.1", 53), [Query("www.example")]))
"""

from __future__ import annotations

from collections.abc import Callable, Coroutine, Generator
from random import Random
from typing import Any, Final, NamedTuple, TypeVar

from twisted.internet import defer
from twisted.internet.interfaces import IDelayedCall
from twisted.python.failure import Failure

from txnames.protocol.request import UDP
from txnames.testing.addresses import Address, canonical, isLoopback
from txnames.testing.clock import SimulatedClock
from txnames.testing.host import Host

__all__ = ["Address", "Network", "Packet"]

_T = TypeVar("_T")

_BEGINNING: Final = 1_700_000_000.0
"""When the clock begins, in seconds since 1970."""


class Packet(NamedTuple):
    """What went over the network.

    @ivar time: when it was sent, on the network's clock.
    @ivar source: the address that it bears as its source.
    @ivar destination: where it went.
    @ivar transport: C{"udp"} or C{"tcp"}.
    @ivar octets: a datagram, or what was written to a connection at once.
    """

    time: float
    source: Address
    destination: Address
    transport: str
    octets: bytes


class Network:
    """Hosts, and what goes to and fro between them.

    What a function raises that is called from here, such as C{datagramReceived}, comes out of L{run} or L{advance}.

    @ivar clock: the time, for all hosts.
    @ivar random: where what is random comes from: the choice of ports, and which datagrams get lost.
    @ivar latency: how many seconds anything takes from one host to another.
    @ivar captured: all that was sent, in order; may be emptied.
    @ivar hosts: the hosts, by each of their addresses.
    """

    def __init__(self, seed: int = 0, latency: float = 0.01, start: float = _BEGINNING) -> None:
        """Make a network without hosts.

        @param seed: of L{random}: with the same seed the same happens.
        @param start: when the clock begins, in seconds since 1970.
        """
        self.clock = SimulatedClock(start)
        self.random = Random(seed)
        self.latency = latency
        self.captured: list[Packet] = []
        self.hosts: dict[str, Host] = {}

    def host(self, *addresses: str, loss: float = 0.0, latency: float = 0.0) -> Host:
        """Add a host.

        @param addresses: its IP addresses; the first of each family is the one that it sends from.  Each host has the
            loopback addresses besides.
        @param loss: the share of the datagrams to and from this host that get lost, from 0 to 1.
        @param latency: how many seconds further away it is than others.
        @raise ValueError: an address is none, or another host's, or a loopback address.
        """
        made = Host(self, addresses, loss, latency)
        for address in made.addresses:
            if address in self.hosts or isLoopback(address):
                raise ValueError(f"there is a host with the address {address}")
        self.hosts.update(dict.fromkeys(made.addresses, made))
        return made

    # --- time ---

    def seconds(self) -> float:
        """The time, in seconds since 1970."""
        return self.clock.seconds()

    def run(
        self, deferred: defer.Deferred[_T] | Coroutine[Any, Any, _T] | Generator[Any, Any, _T], limit: float = 60.0
    ) -> _T:
        """Let time pass until a Deferred fires, or a coroutine ends.

        @param limit: the most seconds that may pass.
        @return: its result.
        @raise Exception: what it failed with.
        @raise AssertionError: it did not fire.
        """
        results: list[Any] = []
        defer.ensureDeferred(deferred).addBoth(results.append)
        clock = self.clock
        end = clock.seconds() + limit
        while not results:
            when = clock.next()
            if when is None:
                raise AssertionError("nothing is going to happen any more, and there is no result")
            if when > end:
                raise AssertionError(f"there is no result after {limit} seconds")
            clock.step()
        result = results[0]
        if isinstance(result, Failure):
            result.raiseException()
        return result  # type: ignore[no-any-return]  # reason: what a Deferred fires with

    def advance(self, seconds: float) -> None:
        """Let so many seconds pass, with all that happens in them, each at its time."""
        self.clock.advance(seconds)

    # --- what is sent ---

    def send(self, source: Address, destination: Address, octets: bytes, delay: float = 0.0) -> None:
        """Send a datagram, from whatever source one likes: this is how others' replies are forged.

        @param delay: how many seconds later than now.
        """
        if delay:
            self.clock.callLater(delay, self.send, source, destination, octets)
            return
        octets = bytes(octets)
        self.capture(source, destination, octets, UDP)
        sender, receiver = self.hosts.get(source[0]), self.hosts.get(destination[0])
        if receiver is not None and not (self._lost(sender) or self._lost(receiver)):
            self.after(source[0], destination[0], receiver.receive, source, destination, octets)

    def _lost(self, host: Host | None) -> bool:
        """Whether a datagram gets lost on its way to or from a host."""
        return host is not None and (host.down or (host.loss > 0 and self.random.random() < host.loss))

    def capture(self, source: Address, destination: Address, octets: bytes, transport: str) -> None:
        """Take note of something that was sent."""
        self.captured.append(Packet(self.clock.seconds(), source, destination, transport, octets))

    def delay(self, source: str, destination: str) -> float:
        """How many seconds something takes from one address to another."""
        further = [self.hosts[address].latency for address in (source, destination) if address in self.hosts]
        return self.latency + sum(further)

    def after(self, source: str, destination: str, function: Callable[..., Any], *args: Any) -> IDelayedCall:
        """Have a function called when what leaves one address now is at the other."""
        return self.clock.callLater(self.delay(source, destination), function, *args)

    # --- what was seen ---

    def sent(
        self, destination: str | None = None, transport: str | None = None, source: str | None = None
    ) -> list[Packet]:
        """What was sent to a host, by a transport, from a host; without these, all that was sent."""
        return [
            packet
            for packet in self.captured
            if (destination is None or packet.destination[0] == canonical(destination))
            and (transport is None or packet.transport == transport)
            and (source is None or packet.source[0] == canonical(source))
        ]

    def leaks(self) -> list[str]:
        """What is open or waiting on all hosts, in words; none after all was closed."""
        return [leak for host in dict.fromkeys(self.hosts.values()) for leak in host.leaks()]
