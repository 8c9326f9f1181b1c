"""Tests of L{txnames.protocol.listening}."""

import errno
import os
import socket
from typing import Any

import pytest
from twisted.internet import defer
from twisted.internet.error import CannotListenError
from twisted.internet.testing import MemoryReactorClock

from txnames.protocol.datagram import DNSDatagramProtocol
from txnames.protocol.listening import ListeningService
from txnames.protocol.port import ServerPort

from ..deferreds import resultOf


class Port:
    """A port that listens."""

    def __init__(self, number: int) -> None:
        self.number = number
        self.listening = True

    def getHost(self) -> Any:
        """Its address."""
        return self

    @property
    def port(self) -> int:
        """Its number."""
        return self.number

    def stopListening(self) -> defer.Deferred[None]:
        """Close it."""
        self.listening = False
        return defer.succeed(None)


class Reactor:
    """A reactor that takes down what listens, and refuses some."""

    def __init__(self, taken: set[tuple[str, int]] | None = None) -> None:
        self.taken = taken or set()
        self.ports: list[Port] = []
        self.asked: list[tuple[str, str, int]] = []
        self.next = 20000
        self.reason = errno.EADDRINUSE

    def _listen(self, kind: str, number: int, interface: str) -> Any:
        if not number:
            self.next += 1
            number = self.next
        self.asked.append((kind, interface, number))
        if (kind, number) in self.taken or (interface, number) in self.taken:
            raise CannotListenError(interface, number, OSError(self.reason, "refused"))
        self.ports.append(Port(number))
        return self.ports[-1]

    def listenTCP(self, port: int, factory: Any, interface: str = "") -> Any:
        """Listen."""
        return self._listen("tcp", port, interface)

    def listenUDP(self, port: int, protocol: Any, interface: str = "", maxPacketSize: int = 0) -> Any:
        """Listen."""
        assert isinstance(protocol, DNSDatagramProtocol)
        assert protocol.reactor is self
        return self._listen("udp", port, interface)


def test_bothOnEach() -> None:
    """UDP and TCP are listened to on each interface, with the same port."""
    reactor = Reactor()
    service = ListeningService("factory", 5353, ["192.0.2.1", "2001:db8::1"], reactor)
    service.privilegedStartService()
    service.startService()
    assert reactor.asked == [
        ("tcp", "192.0.2.1", 5353),
        ("udp", "192.0.2.1", 5353),
        ("tcp", "2001:db8::1", 5353),
        ("udp", "2001:db8::1", 5353),
    ]
    resultOf(service.stopService())
    assert not any(port.listening for port in reactor.ports)
    assert service.ports == []


def test_withoutPrivileges() -> None:
    """A service that is only started listens too."""
    reactor = Reactor()
    service = ListeningService("factory", 5353, ["192.0.2.1"], reactor)
    service.startService()
    assert len(reactor.asked) == 2


def test_anyPort() -> None:
    """Port 0 is one that is free for both, the same on all interfaces."""
    reactor = Reactor({("udp", 20001), ("tcp", 20002)})
    service = ListeningService("factory", 0, ["192.0.2.1", "192.0.2.2"], reactor)
    service.startService()
    assert {port.number for port in service.ports} == {20003}
    assert len(service.ports) == 4
    assert [port.number for port in reactor.ports if not port.listening] == [20001]


def test_noPort() -> None:
    """If there is none after some attempts, that is an error."""
    reactor = Reactor({("udp", number) for number in range(20000, 21000)})
    service = ListeningService("factory", 0, ["192.0.2.1"], reactor)
    with pytest.raises(CannotListenError):
        service.startService()
    assert not any(port.listening for port in reactor.ports)


def test_portInUse() -> None:
    """A port that is in use is an error, and nothing stays open."""
    reactor = Reactor({("udp", 53)})
    service = ListeningService("factory", 53, ["192.0.2.1"], reactor)
    with pytest.raises(CannotListenError):
        service.privilegedStartService()
    assert not any(port.listening for port in reactor.ports)
    assert len(reactor.asked) == 2


def test_all() -> None:
    """Without interfaces all are listened to, IPv4 and IPv6."""
    reactor = Reactor()
    ListeningService("factory", 53, [], reactor).startService()
    assert [interface for _, interface, _ in reactor.asked] == ["", "", "::", "::"]


@pytest.mark.parametrize("reason", [errno.EAFNOSUPPORT, errno.EADDRNOTAVAIL])
def test_allWithoutIPv6(reason: int) -> None:
    """That there is no IPv6 is no error, where nobody asked for it."""
    reactor = Reactor({("::", 53)})
    reactor.reason = reason
    service = ListeningService("factory", 53, [], reactor)
    service.startService()
    assert len(service.ports) == 2


@pytest.mark.parametrize("reason", [errno.EADDRINUSE, errno.EACCES, errno.EMFILE])
def test_allButIPv6(reason: int) -> None:
    """Any other reason why IPv6 cannot be had is an error, as for IPv4, and nothing stays open."""
    reactor = Reactor({("::", 53)})
    reactor.reason = reason
    with pytest.raises(CannotListenError):
        ListeningService("factory", 53, [], reactor).startService()
    assert not any(port.listening for port in reactor.ports)


def test_globalReactor() -> None:
    """The global reactor listens, where none is given."""
    service = ListeningService("factory", 53, ["192.0.2.1"])
    with pytest.MonkeyPatch.context() as patch:
        reactor = Reactor()
        patch.setattr("twisted.internet.reactor", reactor, raising=False)
        service.startService()
    assert len(reactor.asked) == 2


class Adopting(MemoryReactorClock):
    """A reactor in memory that takes sockets over."""

    def __init__(self) -> None:
        super().__init__()  # type: ignore[no-untyped-call]  # reason: of Twisted
        self.adopted: list[tuple[Any, ...]] = []

    def adoptStreamPort(self, fileno: int, family: int, factory: Any) -> Port:
        """Take a socket down."""
        with socket.socket(fileno=os.dup(fileno)) as taken:
            only = taken.getsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY)
            self.adopted.append((taken.type, taken.getsockname()[1], only))
            return Port(taken.getsockname()[1])


def test_allOfIPv6() -> None:
    """All of IPv6 is IPv6 alone: its clients don't appear as IPv4 in IPv6."""
    reactor = Adopting()
    service = ListeningService("factory", 0, ["::"], reactor)
    service.startService()
    [(stream, number, only)] = reactor.adopted
    assert (stream, only) == (socket.SOCK_STREAM, 1)
    datagram: Any = service.ports[1]
    assert isinstance(datagram, ServerPort)
    assert number == datagram.socket.getsockname()[1] != 0
    assert datagram.socket.getsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY) == 1
    stopped = service.stopService()
    reactor.advance(0)
    resultOf(stopped)


def test_noIPv6(monkeypatch: pytest.MonkeyPatch) -> None:
    """A machine without IPv6 cannot listen there."""

    def refuse(*args: Any) -> None:
        raise OSError(errno.EAFNOSUPPORT, "no")

    monkeypatch.setattr(socket, "socket", refuse)
    with pytest.raises(CannotListenError):
        ListeningService("factory", 53, ["::"], Adopting()).startService()
