"""A service that listens: UDP and TCP, on the same port, on some addresses."""

from __future__ import annotations

import errno
import socket
from collections.abc import Sequence
from typing import Any

from twisted.application.service import Service
from twisted.internet import defer
from twisted.internet.abstract import isIPv6Address
from twisted.internet.error import CannotListenError
from twisted.internet.interfaces import IReactorFDSet

from txnames.protocol.batch import BatchPort, isAvailable
from txnames.protocol.datagram import DNSDatagramProtocol
from txnames.protocol.port import ServerPort, boundSocket

__all__ = ["ListeningService"]

_ATTEMPTS = 10
"""How often a port is chosen anew which is free for TCP and turns out not to be so for UDP."""

_LARGEST = 4096
"""The octets of the largest datagram that is read; what we say we take is less."""

_NO_IPV6 = (errno.EAFNOSUPPORT, errno.EADDRNOTAVAIL)
"""What a machine without IPv6 says."""


class ListeningService(Service):
    """Listens while it runs; the ports are bound before the process gives its privileges up.

    @ivar factory: makes the protocols of connections, and is the controller of the datagram protocol.
    @ivar port: the port; 0 for one that is free for both UDP and TCP.
    @ivar interfaces: the IP addresses; none for all that the system has, IPv4 and IPv6.
    @ivar ports: what listens, C{IListeningPort}.
    """

    def __init__(self, factory: Any, port: int, interfaces: Sequence[str] = (), reactor: Any = None) -> None:
        self.factory = factory
        self.port = port
        self.interfaces = list(interfaces)
        self.reactor = reactor
        self.ports: list[Any] = []

    def privilegedStartService(self) -> None:
        """Bind the ports.

        @raise CannotListenError: one is in use, or not for us.
        """
        Service.privilegedStartService(self)
        self._listen()

    def startService(self) -> None:
        """Bind the ports, if that was not done yet."""
        Service.startService(self)
        if not self.ports:
            self._listen()

    def stopService(self) -> defer.Deferred[Any]:
        """Give the ports back.

        @return: a Deferred that fires when that is done.
        """
        Service.stopService(self)
        ports, self.ports = self.ports, []
        return defer.gatherResults([defer.maybeDeferred(port.stopListening) for port in ports])

    def _listen(self) -> None:
        """Bind the ports."""
        if self.reactor is None:
            from twisted.internet import reactor

            self.reactor = reactor
        for attempt in range(_ATTEMPTS):
            try:
                self._listenOnAll()
            except CannotListenError:
                ports, self.ports = self.ports, []
                for port in ports:
                    port.stopListening()
                if self.port or attempt == _ATTEMPTS - 1:
                    raise
            else:
                return

    def _listenOnAll(self) -> None:
        """Bind the ports on all interfaces."""
        port = self.port
        for interface in self.interfaces or [""]:
            port = self._listenOn(interface, port)
        if not self.interfaces:
            try:
                self._listenOn("::", port)
            except CannotListenError as error:
                # A machine without IPv6 is none the worse for it.
                if getattr(error.socketError, "errno", None) not in _NO_IPV6:
                    raise

    def _listenOn(self, interface: str, number: int) -> int:
        """Bind the TCP and the UDP port on an interface.

        @return: the number of the port.
        """
        reactor = self.reactor
        if interface == "::" and hasattr(reactor, "adoptStreamPort"):
            stream = self._listenOnIPv6(number)
        else:
            stream = reactor.listenTCP(number, self.factory, interface=interface)
        self.ports.append(stream)
        number = stream.getHost().port
        protocol = DNSDatagramProtocol(self.factory, reactor)
        datagram: Any
        # Of a single address of IPv4 replies leave from that anyway.
        isOne = interface not in ("", "0.0.0.0") and not isIPv6Address(interface)
        if IReactorFDSet.providedBy(reactor) and isAvailable():
            datagram = BatchPort(boundSocket(interface, number, not isOne), protocol, reactor, not isOne)
            datagram.startListening()
        elif IReactorFDSet.providedBy(reactor) and not isOne:
            datagram = ServerPort(boundSocket(interface, number), protocol, _LARGEST, reactor)
            datagram.startListening()
        else:
            datagram = reactor.listenUDP(number, protocol, interface=interface, maxPacketSize=_LARGEST)
        self.ports.append(datagram)
        return number

    def _listenOnIPv6(self, number: int) -> Any:
        """Bind the TCP port on all IPv6 addresses, and on no IPv4 address, which "::" would mean too."""
        family = socket.AF_INET6
        try:
            with socket.socket(family, socket.SOCK_STREAM) as stream:
                stream.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
                stream.setblocking(False)
                stream.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
                stream.bind(("::", number))
                stream.listen(socket.SOMAXCONN)
                return self.reactor.adoptStreamPort(stream.fileno(), family, self.factory)
        except OSError as error:
            raise CannotListenError("::", number, error) from error
