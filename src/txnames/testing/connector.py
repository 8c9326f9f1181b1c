"""What makes connections in a network in memory."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from twisted.internet import error
from twisted.internet.address import IPv4Address, IPv6Address
from twisted.internet.interfaces import IConnector, IDelayedCall
from twisted.python.failure import Failure
from zope.interface import implementer

from txnames.testing.addresses import Address, addressOf, canonical
from txnames.testing.stream import Stream

if TYPE_CHECKING:
    from txnames.testing.host import Host

__all__ = ["Connector"]


@implementer(IConnector)
class Connector:
    """What makes a connection, and can make it anew.

    @ivar host: the host that connects.
    @ivar peer: the IP address to connect to.
    @ivar port: the port to connect to.
    @ivar factory: makes the protocol, and is told what happens.
    @ivar timeout: after how many seconds to give up; C{None} for never.
    @ivar state: C{"connecting"}, C{"connected"} or C{"disconnected"}.
    @ivar transport: this end of the connection; C{None} if there is none.
    """

    def __init__(
        self,
        host: Host,
        peer: str,
        port: int,
        factory: Any,
        timeout: float | None,
        bindAddress: tuple[str, int] | str | None,
    ) -> None:
        self.host = host
        self.peer = peer
        self.port = port
        self.factory = factory
        self.timeout = timeout
        self.bindAddress = (bindAddress, 0) if isinstance(bindAddress, str) else bindAddress
        self.state = "disconnected"
        self.transport: Stream | None = None
        self._started = False
        self._attempt = 0
        self._timer: IDelayedCall | None = None

    def connect(self) -> None:
        """Begin to connect.

        @raise RuntimeError: that was begun already.
        """
        if self.state != "disconnected":
            raise RuntimeError("can't connect in this state")
        self.state = "connecting"
        if not self._started:
            self._started = True
            self.factory.doStart()
        self._attempt += 1
        self.host.connectors.append(self)
        reactor = self.host.reactor
        if self.timeout is not None:
            self._timer = reactor.callLater(self.timeout, self._fail, self._attempt, error.TimeoutError())
        try:
            here, there = self._addresses()
        except (error.ConnectBindError, error.DNSLookupError, error.NoRouteError) as problem:
            reactor.callLater(0, self._fail, self._attempt, problem)
        else:
            self.host.network.after(here[0], there[0], self._knock, self._attempt, here, there)
        self.factory.startedConnecting(self)

    def _addresses(self) -> tuple[Address, Address]:
        """The addresses of both ends.

        @raise DNSLookupError: the peer is a name: a host of this network knows none.
        @raise NoRouteError: this host has no address of the peer's family.
        @raise ConnectBindError: this host has not the address from which to connect, or the port is in use.
        """
        try:
            peer = canonical(self.peer)
        except ValueError:
            raise error.DNSLookupError(f"{self.peer} is no IP address") from None
        interface, port = self.bindAddress or ("", 0)
        try:
            port = self.host.freePort(port, interface, self.host.connections)
        except error.CannotListenError as problem:
            raise error.ConnectBindError(string=str(problem.socketError)) from problem
        try:
            source = self.host.address(interface, peer)
        except OSError as problem:
            raise error.NoRouteError(problem.errno, problem.strerror) from problem
        return (source, port), (peer, self.port)

    def _knock(self, attempt: int, here: Address, there: Address) -> None:
        """See who listens at the other end; where there is no host, nothing comes back."""
        host = self.host.hostAt(there[0])
        if host is None:
            return
        network = self.host.network
        for listener in host.listeners:
            if listener.takes(there):
                near, far = Stream(self.host, here, there), Stream(host, there, here)
                near.other, far.other = far, near
                network.after(there[0], here[0], self._open, attempt, near)
                listener.accept(far)
                return
        network.after(there[0], here[0], self._fail, attempt, error.ConnectionRefusedError())

    def _open(self, attempt: int, near: Stream) -> None:
        """Take this end into use."""
        if self.host.down:
            return
        if attempt != self._attempt or self.state != "connecting":
            near.other.receive(error.ConnectionLost())
            return
        self._over()
        self.state = "connected"
        self.transport = near
        near.connector = self
        protocol = self.factory.buildProtocol(near.getPeer())
        near.open(protocol)
        if protocol is None:
            near.loseConnection()

    def _fail(self, attempt: int, problem: Exception) -> None:
        """Tell the factory that there will be no connection."""
        if attempt == self._attempt and self.state == "connecting":
            self._over()
            self.state = "disconnected"
            self.factory.clientConnectionFailed(self, Failure(problem))
            self._stop()

    def _over(self) -> None:
        """Wait no longer for the connection."""
        self.host.connectors.remove(self)
        if self._timer is not None and self._timer.active():
            self._timer.cancel()

    def lost(self, reason: Failure) -> None:
        """Tell the factory that the connection is gone."""
        self.state = "disconnected"
        self.transport = None
        self.factory.clientConnectionLost(self, reason)
        self._stop()

    def _stop(self) -> None:
        """Tell the factory that this was all, if it has not begun to connect anew."""
        if self.state == "disconnected":
            self._started = False
            self.factory.doStop()

    def stopConnecting(self) -> None:
        """Give up.

        @raise NotConnectingError: there is nothing to give up.
        """
        if self.state != "connecting":
            raise error.NotConnectingError("we're not trying to connect")
        self._fail(self._attempt, error.UserError())

    def disconnect(self) -> None:
        """Give up, or close the connection."""
        if self.state == "connecting":
            self.stopConnecting()
        elif self.transport is not None:
            self.transport.loseConnection()

    def getDestination(self) -> IPv4Address | IPv6Address:
        """Where the connection goes."""
        return addressOf("TCP", self.peer, self.port)
