"""Tests of L{txnames.protocol.port}."""

import errno
import socket
import sys
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from twisted.internet.error import CannotListenError
from twisted.internet.protocol import DatagramProtocol
from twisted.internet.testing import MemoryReactorClock

from txnames.protocol.datagram import DNSDatagramProtocol
from txnames.protocol.port import ReturnAddress, ServerPort, boundSocket

from .fakes import Answering, Octets

linux = pytest.mark.skipif(sys.platform != "linux", reason="all of 127.0.0.0/8 is ours on Linux only")

Start = Callable[..., Any]


@pytest.fixture
def start() -> Iterator[Start]:
    """What makes ports that listen on the loopback interface; they are closed at the end."""
    reactor = MemoryReactorClock()
    ports = []

    def make(protocol: Any, interface: str = "") -> Any:
        port: Any = ServerPort(boundSocket(interface, 0), protocol, 4096, reactor)
        port.startListening()
        ports.append(port)
        return port

    yield make
    for port in ports:
        port.stopListening()
    reactor.advance(0)


class Script:
    """A socket that gives these datagrams, or raises, and takes down what is sent."""

    def __init__(self, *script: Any) -> None:
        self.script = list(script)
        self.sent: list[Any] = []

    def recvmsg(self, size: int, ancillary: int) -> Any:
        """Give what is next."""
        step = self.script.pop(0) if self.script else BlockingIOError()
        if isinstance(step, Exception):
            raise step
        return step

    def sendmsg(self, *arguments: Any) -> None:
        """Take it down."""
        self.sent.append(arguments)


class Echo(DatagramProtocol):
    """Sends back what it gets."""

    transport: Any

    def datagramReceived(self, datagram: bytes, addr: Any) -> None:
        """Send it back, or fail."""
        if datagram == b"fail":
            raise RuntimeError
        self.transport.write(datagram, addr)


def scripted(start: Start, *script: Any) -> Script:
    """What a port for all of IPv6 sends when it reads these datagrams."""
    port = start(Echo(), "::1")
    fake = Script(*script)
    real, port.socket = port.socket, fake
    try:
        port.doRead()
    finally:
        port.socket = real
    return fake


@linux
@pytest.mark.parametrize("late", [False, True])
def test_leavesFromTheAddressAsked(late: bool, start: Start) -> None:
    """A reply leaves from the address to which the request was sent, whether it is ready at once or later."""
    controller = Answering()
    if late:
        controller.replies = lambda octets: None
    protocol = DNSDatagramProtocol(controller)
    port = start(protocol)
    number = port.getHost().port
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as client:
        client.settimeout(5)
        client.bind(("127.0.0.1", 0))
        for host in ("127.0.0.1", "127.0.0.2"):
            client.sendto(b"abc", (host, number))
            port.doRead()
            octets, address = controller.requests[-1]
            assert (octets, address) == (b"abc", client.getsockname())
            if late:
                protocol.writeMessage(Octets(b"reply to abc"), address)
            assert client.recvfrom(100) == (b"reply to abc", (host, number))


def test_linkLocal(start: Start) -> None:
    """A client on a link gets its reply there: its scope is kept, and the interface if our address is of that link."""
    peer = ("fe80::9", 4321, 0, 7)
    interface = (7).to_bytes(4, sys.byteorder)
    kind = socket.IPPROTO_IPV6, socket.IPV6_PKTINFO
    ours, of = (socket.inet_pton(socket.AF_INET6, address) for address in ("fe80::1", "2001:db8::1"))
    all_ = socket.inet_pton(socket.AF_INET6, "ff02::1")
    sent = scripted(start, *((b"abc", [(*kind, asked + interface)], 0, peer) for asked in (ours, of, all_))).sent
    assert sent == [
        ((b"abc",), ((*kind, ours + interface),), 0, peer),
        ((b"abc",), ((*kind, of + bytes(4)),), 0, peer),
        ((b"abc",), (), 0, peer),
    ]


def test_withoutInformation(start: Start) -> None:
    """Where the system doesn't say what address was asked it chooses one."""
    sent = scripted(start, (b"abc", [], 0, ("::1", 5, 0, 0))).sent
    assert sent == [((b"abc",), (), 0, ("::1", 5, 0, 0))]


@pytest.mark.parametrize("failure", [BlockingIOError(), InterruptedError(), ConnectionRefusedError()])
def test_nothingToRead(failure: Exception, start: Start) -> None:
    """When there is nothing more to read that is all; a protocol that fails doesn't keep others from being read."""
    peer = ("::1", 5, 0, 0)
    fake = scripted(start, (b"fail", [], 0, peer), (b"abc", [], 0, peer), failure, (b"later", [], 0, peer))
    assert [octets for (octets,), *_ in fake.sent] == [b"abc"]
    assert len(fake.script) == 1


def test_fairness(start: Start) -> None:
    """Others get their turn after so many octets."""
    datagram: Any = bytes(4096), [], 0, ("::1", 5, 0, 0)
    assert len(scripted(start, *[datagram] * 100).sent) == ServerPort.maxThroughput // 4096


def test_readingFails(start: Start) -> None:
    """Any other error is for the reactor, which closes the port."""
    with pytest.raises(OSError, match="broken"):
        scripted(start, OSError(errno.EIO, "broken"))


def test_returnAddress() -> None:
    """The address of a client is the pair that it is elsewhere."""
    address: Any = ReturnAddress(("192.0.2.1", 53))
    assert address == ("192.0.2.1", 53)
    assert {address: 1}[("192.0.2.1", 53)] == 1
    assert repr(address) == "('192.0.2.1', 53)"


def test_otherAddresses(start: Start) -> None:
    """The port sends to other addresses as all ports do."""
    one, other = start(DatagramProtocol(), "127.0.0.1"), start(DatagramProtocol(), "127.0.0.1")
    one.write(b"abc", ("127.0.0.1", other.getHost().port))
    assert other.socket.recv(10) == b"abc"


@pytest.mark.parametrize("interface", ["198.51.100.1", "fe80::1%nowhere0"])
def test_cannotBind(interface: str) -> None:
    """An address that is not ours, or a scope that is none, cannot be listened to."""
    with pytest.raises(CannotListenError):
        boundSocket(interface, 0)


@linux
def test_scope(monkeypatch: pytest.MonkeyPatch) -> None:
    """An address of a link is bound with its scope."""
    bound: list[Any] = []

    class Socket:
        family, type = socket.AF_INET6, socket.SOCK_DGRAM

        def bind(self, address: Any) -> None:
            bound.append(address)

        setsockopt = setblocking = lambda *_: None

    monkeypatch.setattr(socket, "socket", lambda *_: Socket())
    boundSocket("fe80::1%lo", 53)
    assert bound == [("fe80::1", 53, 0, socket.if_nametoindex("lo"))]
