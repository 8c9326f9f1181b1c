"""Tests of L{txnames.testing.datagram}, and of what hosts do with datagrams."""

from typing import Any

import pytest
from twisted.internet.address import IPv4Address, IPv6Address
from twisted.internet.error import CannotListenError, InvalidAddressError, MessageLengthError
from twisted.internet.interfaces import IListeningPort, IUDPTransport
from zope.interface.verify import verifyObject

from tests.testing.asking import Datagrams
from txnames.testing import Host, Network


def listening(host: Host, port: int = 0, interface: str = "", **fields: Any) -> tuple[Any, Datagrams]:
    """A port of a host, and its protocol."""
    protocol = Datagrams()
    return host.reactor.listenUDP(port, protocol, interface, **fields), protocol


def test_ports() -> None:
    """A port is what its interfaces say, has an address, and can be closed."""
    network = Network()
    host = network.host("192.0.2.1", "2001:db8::1")
    port, protocol = listening(host, 53)
    assert verifyObject(IListeningPort, port)
    assert verifyObject(IUDPTransport, port)
    assert port.getHost() == IPv4Address("UDP", "0.0.0.0", 53)
    assert listening(host, 53, "2001:DB8:0::1")[0].getHost() == IPv6Address("UDP", "2001:db8::1", 53)
    assert host.leaks() == ["<Host 192.0.2.1>: UDP port 53"] * 2
    stopped = [port.stopListening(), port.stopListening()]
    for one in stopped:
        network.run(one)
    network.run(port.stopListening())
    assert protocol.transport is None
    with pytest.raises(OSError, match="Bad file"):
        port.write(b"", ("192.0.2.1", 53))
    port.setBroadcastAllowed(True)
    assert port.getBroadcastAllowed()
    assert repr(host) == "<Host 192.0.2.1>"


@pytest.mark.parametrize(
    ("first", "second", "free"),
    [
        ("", "", False),
        ("", "192.0.2.1", False),
        ("192.0.2.1", "", False),
        ("192.0.2.1", "192.0.2.2", True),
        ("192.0.2.1", "192.0.2.1", False),
        ("", "::", True),
        ("::", "2001:db8::1", False),
        ("192.0.2.1", "2001:db8::1", True),
        ("192.0.2.1", "127.0.0.1", True),
        ("192.0.2.1", "192.0.2.3", False),
    ],
)
def test_portsInUse(first: str, second: str, free: bool) -> None:
    """A port can be had once for each address, and only for the host's own ones."""
    host = Network().host("192.0.2.1", "192.0.2.2", "2001:db8::1")
    listening(host, 53, first)
    if free:
        listening(host, 53, second)
    else:
        with pytest.raises(CannotListenError):
            listening(host, 53, second)


def test_freePorts() -> None:
    """Ports that nobody cares for are drawn at random, each once, and until there are none."""
    host = Network().host("192.0.2.1")
    ports = [listening(host)[0].port for _ in range(20)]
    assert len(set(ports)) == 20
    assert sorted(ports) != ports
    host.ports[:] = [type("Taken", (), {"port": port, "overlaps": lambda self, _: True})() for port in range(0x10000)]
    with pytest.raises(CannotListenError):
        listening(host)


def test_sizes() -> None:
    """What is too long for the receiver is cut off, what is too long for any datagram isn't sent."""
    network = Network()
    _, receiver = listening(network.host("192.0.2.1"), 53, maxPacketSize=10)
    port, _ = listening(network.host("192.0.2.2"))
    port.writeSequence([b"x" * 10, b"y"], ("192.0.2.1", 53))
    network.advance(1)
    assert receiver.received == [(b"x" * 10, ("192.0.2.2", port.port))]
    with pytest.raises(MessageLengthError):
        port.write(bytes(65508), ("192.0.2.1", 53))


def test_sources() -> None:
    """A datagram comes from the port's address, or the host's first one of the family."""
    network = Network()
    host = network.host("192.0.2.1", "192.0.2.2", "2001:db8::1")
    _, receiver = listening(network.host("192.0.2.9", "2001:db8::9"), 53)
    listening(network.hosts["192.0.2.9"], 53, "::")[0].protocol = receiver
    listening(host, 5, "192.0.2.2")[0].write(b"2", ("192.0.2.9", 53))
    listening(host, 6)[0].write(b"1", ("192.0.2.9", 53))
    listening(host, 7, "::")[0].write(b"6", ("2001:DB8::9", 53))
    network.advance(1)
    assert receiver.received == [(b"2", ("192.0.2.2", 5)), (b"1", ("192.0.2.1", 6)), (b"6", ("2001:db8::1", 7))]
    port, _ = listening(network.host("192.0.2.10"))
    with pytest.raises(OSError, match="unreachable"):
        port.write(b"", ("2001:db8::9", 53))


def test_addresses() -> None:
    """Addresses are IP addresses."""
    port, _ = listening(Network().host("192.0.2.1"))
    with pytest.raises(InvalidAddressError):
        port.write(b"", ("name.example", 53))
    with pytest.raises(InvalidAddressError):
        port.connect("name.example", 53)
    with pytest.raises(TypeError):
        port.write(b"")


def test_connected() -> None:
    """A port that is connected gets datagrams from its peer only, and learns that nobody listens there."""
    network = Network()
    server, other = network.host("192.0.2.1"), network.host("192.0.2.2")
    theirs, _ = listening(server, 53)
    port, protocol = listening(network.host("192.0.2.9"))
    port.connect("192.0.2.1", 53)
    for sender, octets in ((theirs, b"good"), (listening(server, 54)[0], b"bad"), (listening(other, 53)[0], b"bad")):
        sender.write(octets, ("192.0.2.9", port.port))
    network.advance(1)
    assert protocol.received == [(b"good", ("192.0.2.1", 53))]
    with pytest.raises(RuntimeError):
        port.connect("192.0.2.1", 53)
    with pytest.raises(ValueError, match="connected"):
        port.write(b"", ("192.0.2.2", 53))
    network.run(theirs.stopListening())
    port.write(b"?")
    network.advance(1)
    assert protocol.refused == 1


def test_nobodyListens() -> None:
    """A port that isn't connected doesn't learn that nobody listens, nor one that is gone meanwhile."""
    network = Network()
    network.host("192.0.2.1")
    client = network.host("192.0.2.9")
    port, protocol = listening(client)
    port.write(b"?", ("192.0.2.1", 53))
    port.write(b"?", ("192.0.2.2", 53))
    network.advance(1)
    assert protocol.refused == 0
    port.connect("192.0.2.1", 53)
    port.write(b"?")
    network.run(port.stopListening())
    network.advance(1)
    network.send(("192.0.2.77", 1), ("192.0.2.1", 53), b"from nowhere")
    network.advance(1)
    assert protocol.refused == 0


def test_late() -> None:
    """What comes for a port that is about to be closed is lost."""
    network = Network(latency=0)
    port, protocol = listening(network.host("192.0.2.1"), 53)
    network.send(("192.0.2.2", 1), ("192.0.2.1", 53), b"?")
    stopped = port.stopListening()
    network.run(stopped)
    assert protocol.received == []


@pytest.mark.parametrize("address", ["127.0.0.1", "127.9.9.9", "192.0.2.1"])
def test_loopback(address: str) -> None:
    """A host can speak to itself, at once."""
    network = Network()
    _, receiver = listening(network.host("192.0.2.1"), 53)
    _, stranger = listening(network.host("192.0.2.2"), 53)
    port, _ = listening(network.hosts["192.0.2.1"])
    port.write(b"?", (address, 53))
    network.advance(0)
    assert receiver.received == [(b"?", (address, port.port))]
    assert stranger.received == []
    assert len(network.captured) == 1


def test_loss() -> None:
    """Datagrams get lost on their way to and from hosts that lose them."""
    network = Network(seed=3)
    _, receiver = listening(network.host("192.0.2.1", loss=0.5), 53)
    port, _ = listening(network.host("192.0.2.2"))
    for _ in range(1000):
        port.write(b"?", ("192.0.2.1", 53))
    network.advance(1)
    assert 400 < len(receiver.received) < 600
    network.hosts["192.0.2.2"].loss = 1
    receiver.received.clear()
    port.write(b"?", ("192.0.2.1", 53))
    network.advance(1)
    assert receiver.received == []


def test_down() -> None:
    """Nothing comes to or from a host that is down."""
    network = Network()
    host = network.host("192.0.2.1")
    port, protocol = listening(host, 53)
    other, receiver = listening(network.host("192.0.2.2"), 53)
    other.write(b"?", ("192.0.2.1", 53))
    host.down = True
    other.write(b"?", ("192.0.2.1", 53))
    port.write(b"!", ("192.0.2.2", 53))
    network.advance(1)
    assert protocol.received == receiver.received == []
    host.down = False
    network.advance(1)
    other.write(b"?", ("192.0.2.1", 53))
    network.advance(1)
    assert len(protocol.received) == 1
