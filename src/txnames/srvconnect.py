"""Connect to a service that a domain names by its SRV records (RFC 2782)."""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from typing import Any

from twisted.internet.error import DNSLookupError, ServiceNameUnknownError
from twisted.internet.interfaces import IConnector
from twisted.python.failure import Failure
from zope.interface import implementer

from txnames import client
from txnames.wire.name import domainString
from txnames.wire.numbers import SRV

__all__ = ["SRVConnector"]

_NO_ARGUMENTS: Mapping[str, Any] = {}


@implementer(IConnector)
class SRVConnector:
    """A connector that finds out where to connect.

    The servers of the lowest priority number come first; among those of one priority chance decides, by their weights.
    After a failed connection the next one is tried.  A domain without SRV records is itself the host, and the service's
    name, or C{defaultPort} where the system doesn't know that name, the port.  One whose only record has the target "."
    does not offer the service: C{DNSLookupError}.

    @ivar servers: the records that are still to be tried in this round; C{None} before the lookup.
    @ivar orderedServers: those that are to be tried, by priority and weight.
    @ivar connector: the connector of the present attempt.
    """

    stopAfterDNS = 0

    def __init__(
        self,
        reactor: Any,
        service: str,
        domain: bytes | str | None,
        factory: Any,
        protocol: str = "tcp",
        connectFuncName: str = "connectTCP",
        connectFuncArgs: Sequence[Any] = (),
        connectFuncKwArgs: Mapping[str, Any] = _NO_ARGUMENTS,
        defaultPort: int | None = None,
    ) -> None:
        """Make a connector.

        @param service: the service's name, such as C{"xmpp-client"}.
        @param domain: the domain; octets, or text.
        @param factory: makes the protocol.
        @param protocol: C{"tcp"} or C{"udp"}.
        @param connectFuncName: the method of the reactor that connects: called with host, port, factory and the
            following arguments.
        @param defaultPort: the port where there are no SRV records and the system doesn't know the service.
        """
        self.reactor = reactor
        self.service = service
        self.domain = None if domain is None else domainString(domain)
        self.factory = factory
        self.protocol = protocol
        self.connectFuncName = connectFuncName
        self.connectFuncArgs = connectFuncArgs
        self.connectFuncKwArgs = connectFuncKwArgs
        self.connector: Any = None
        self.servers: list[Any] | None = None
        self.orderedServers: list[Any] | None = None
        self._defaultPort = defaultPort
        self._lookup: Any = None

    def connect(self) -> None:
        """Look the servers up, if that was not done, and connect to one."""
        self._stopped = False
        self.factory.doStart()
        self.factory.startedConnecting(self)
        if self.servers:
            self._reallyConnect()
            return
        if self.domain is None:
            self.connectionFailed(Failure(DNSLookupError("Domain is not defined.")))
            return
        name = b"_%s._%s.%s" % (self.service.encode("ascii"), self.protocol.encode("ascii"), self.domain)
        self._lookup = client.lookupService(name)
        self._lookup.addCallbacks(self._found, self._notFound)
        self._lookup.addCallback(lambda _: self._reallyConnect())
        self._lookup.addErrback(self.connectionFailed)

    def _found(self, result: Any) -> None:
        """Take the records.

        @raise DNSLookupError: the domain does not offer the service.
        """
        records = [one.payload for one in result[0] if one.type == SRV and one.payload is not None]
        if len(records) == 1 and not records[0].target:
            raise DNSLookupError("Service %s not available for domain %r" % (self.service, self.domain))  # noqa: UP031  # reason: the domain is octets
        self.orderedServers = records
        self.servers = []

    def _notFound(self, failure: Failure) -> None:
        """Go on without records, whatever kept them from being found; a service that is not known has its default."""
        self.servers = []
        self.orderedServers = []
        if failure.check(ServiceNameUnknownError):
            if self._defaultPort is None:
                failure.raiseException()
            self._unknown = True

    _unknown = False
    _stopped = False

    def pickServer(self) -> tuple[Any, Any]:
        """Choose the next server: a host and a port."""
        assert self.servers is not None
        assert self.orderedServers is not None
        if not self.servers and not self.orderedServers:
            port: Any = self.service
            if self._unknown and self._defaultPort is not None:
                port = self._defaultPort
            assert self.domain is not None
            return self.domain.decode("ascii"), port
        if not self.orderedServers:
            # All were tried: a further attempt begins anew.
            self.orderedServers, self.servers = self.servers, []
        lowest = min(record.priority for record in self.orderedServers)
        best = sorted([one for one in self.orderedServers if one.priority == lowest], key=lambda one: one.weight)
        chosen = random.randint(0, sum(record.weight for record in best))
        for record in best:
            chosen -= record.weight
            if chosen <= 0:
                break
        self.orderedServers.remove(record)
        self.servers.append(record)
        return str(record.target), record.port

    def _reallyConnect(self) -> None:
        """Connect to the next server."""
        if self.stopAfterDNS:
            self.stopAfterDNS = 0
            return
        host, port = self.pickServer()
        connect = getattr(self.reactor, self.connectFuncName)
        try:
            self.connector = self._connectTo(connect, host, port)
        except ServiceNameUnknownError:
            if self._defaultPort is None:
                raise
            self.connector = self._connectTo(connect, host, self._defaultPort)

    def _connectTo(self, connect: Any, host: Any, port: Any) -> Any:
        """Begin a connection; its factory tells this connector of failures."""
        return connect(host, port, _Passing(self), *self.connectFuncArgs, **self.connectFuncKwArgs)

    def stopConnecting(self) -> None:
        """Give up: no other server is tried."""
        self._stopped = True
        if self.connector is not None:
            self.connector.stopConnecting()
        else:
            self.stopAfterDNS = 1

    def disconnect(self) -> None:
        """Give up, or close the connection."""
        self._stopped = True
        if self.connector is not None:
            self.connector.disconnect()
        else:
            self.stopConnecting()

    def getDestination(self) -> Any:
        """Where the connection goes."""
        assert self.connector is not None
        return self.connector.getDestination()

    def connectionFailed(self, reason: Failure) -> None:
        """Try the next server; if there is none, tell the factory."""
        if self.orderedServers and self.connector is not None and not self._stopped:
            self._reallyConnect()
            return
        self.factory.clientConnectionFailed(self, reason)
        self.factory.doStop()

    def connectionLost(self, reason: Failure) -> None:
        """Tell the factory."""
        self.factory.clientConnectionLost(self, reason)
        self.factory.doStop()


class _Passing:
    """Stands for the factory of a program: passes all on, but has failures go to the connector."""

    noisy = False

    def __init__(self, connector: SRVConnector) -> None:
        self._connector = connector

    def __getattr__(self, name: str) -> Any:
        return getattr(self._connector.factory, name)

    def doStart(self) -> None:
        """Do nothing: the connector has begun already."""

    def doStop(self) -> None:
        """Do nothing: the connector ends it."""

    def startedConnecting(self, connector: Any) -> None:
        """Do nothing: the connector has told the factory."""

    def clientConnectionFailed(self, connector: Any, reason: Failure) -> None:
        """Tell the connector."""
        self._connector.connectionFailed(reason)

    def clientConnectionLost(self, connector: Any, reason: Failure) -> None:
        """Tell the connector."""
        self._connector.connectionLost(reason)
