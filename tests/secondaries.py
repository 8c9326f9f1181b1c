"""Secondary servers on a network in memory, that are told of new versions of zones."""

from collections.abc import Callable, Iterable
from random import Random
from typing import Any

import dns.flags
import dns.message
import dns.name
import dns.opcode
import dns.rdataclass
import dns.rdatatype
import dns.tsig
from twisted.internet.protocol import DatagramProtocol
from twisted.python import log

from tests.zone.building import zoneOf
from txnames import tsig
from txnames.notifying import Notifier
from txnames.testing import Network
from txnames.zone.tree import Zone

PRIMARY, FIRST, SECOND, THIRD = "192.0.2.1", "192.0.2.2", "192.0.2.3", "2001:db8::4"
KEY = tsig.Key("key.example", bytes(range(32)))
TIMES = [0, 2, 6, 14, 30, 62]
SERVERS = "@ 3600 NS ns1\n@ 3600 NS NS2\n@ 3600 NS ns3\n"
ADDRESSES = f"ns1 3600 A {PRIMARY}\nns2 3600 A {FIRST}\nns3 3600 A {SECOND}\nns3 3600 AAAA {THIRD}\n"

Reply = Callable[[bytes], bytes | None]


def example(serial: int = 7, text: str = SERVERS + ADDRESSES, origin: str = "example.", primary: str = "NS1") -> Zone:
    """A version of a zone."""
    return zoneOf(text, origin, f"@ 3600 SOA {primary} hostmaster {serial} 7200 3600 1209600 300")


def accepts(octets: bytes) -> bytes:
    """Reply that all is well."""
    return octets[:2] + b"\xa4\0\0\1\0\0\0\0\0\0" + question(octets)


def silent(octets: bytes) -> None:
    """Reply nothing."""


def refuses(rcode: int) -> Reply:
    """Reply by a response code."""
    return lambda octets: accepts(octets)[:3] + bytes((rcode,)) + accepts(octets)[4:]


def question(octets: bytes) -> bytes:
    """The question of a message."""
    end = octets.index(b"\0", 12)
    return octets[12 : end + 5]


def serials(octets: bytes) -> int:
    """The serial number in the answer section of a message."""
    (answer,) = dns.message.from_wire(octets, ignore_trailing=True, keyring=False).answer
    return int(answer[0].serial)


class Secondary(DatagramProtocol):
    """A server that is told.

    @ivar told: the messages that came, and when, and from where.
    @ivar reply: makes the reply.
    """

    noisy = False
    transport: Any

    def __init__(self, network: Network, reply: Reply) -> None:
        self.network = network
        self.reply = reply
        self.told: list[tuple[float, bytes, tuple[str, int]]] = []

    def datagramReceived(self, datagram: bytes, addr: Any) -> None:
        """Take a message, and reply."""
        self.told.append((self.network.seconds(), datagram, addr))
        reply = self.reply(datagram)
        if reply is not None:
            self.transport.write(reply, addr)

    @property
    def messages(self) -> list[bytes]:
        """The messages."""
        return [octets for _, octets, _ in self.told]

    @property
    def serials(self) -> list[int]:
        """The versions that it was told of."""
        return [serials(octets) for octets in self.messages]


class World:
    """A primary server, and secondaries at their addresses."""

    def __init__(self) -> None:
        self.network = Network()
        self.primary = self.network.host(PRIMARY, "2001:db8::1")
        self.secondaries = {address: self.secondary(address) for address in (FIRST, SECOND, THIRD)}
        self.began = self.network.seconds()

    def secondary(self, address: str, reply: Reply = accepts, port: int = 53) -> Secondary:
        """Add a server."""
        host = self.network.hosts.get(address) or self.network.host(address)
        made = Secondary(self.network, reply)
        host.reactor.listenUDP(port, made, interface="::" if ":" in address else "")
        return made

    def notifier(self, **fields: Any) -> Notifier:
        """What tells them."""
        return Notifier(self.primary.reactor, random=Random(1), **fields)

    def times(self, address: str = FIRST) -> list[float]:
        """When a message was sent to an address, in seconds since the beginning."""
        return [round(packet.time - self.began, 3) for packet in self.network.sent(address, "udp", None)]

    def told(self) -> list[str]:
        """Who was told."""
        return [address for address, one in self.secondaries.items() if one.told]


def running() -> Iterable[World]:
    """Such a world; nothing is left open or waiting at the primary when all is over."""
    made = World()
    yield made
    made.network.advance(100)
    assert made.primary.leaks() == []


def logging() -> Iterable[list[str]]:
    """What goes to the log."""
    messages: list[str] = []

    def observe(event: dict[str, Any]) -> None:
        messages.append(" ".join(event["message"]))

    log.addObserver(observe)
    yield messages
    log.removeObserver(observe)


def inFlight(world: World, notifier: Notifier) -> int:
    """How many messages wait for their replies."""
    return sum(len(port.protocol.waiting) for port in world.primary.ports)


def signed(world: World, octets: bytes, reply: Reply = accepts, key: tsig.Key = KEY) -> bytes:
    """A signed reply."""
    now = world.network.seconds()
    plain, _, signature = tsig.verify(octets, {KEY.name.folded: KEY}, now)
    made = reply(plain)
    assert made is not None
    return tsig.sign(made, key, now, requestMAC=signature.mac)[0]
