"""Several processes that serve on one port: a supervisor, and the workers that it starts.

The supervisor binds the sockets, one of each kind for each worker, to the same addresses (SO_REUSEPORT): the system
spreads clients over them.  A worker is the same command once more, and gets its sockets from the supervisor.  One that
ends is started again; what clients ask in the meantime waits in its sockets.  The supervisor itself serves nothing: it
passes signals on, and puts into its log what the workers say.
"""

from __future__ import annotations

import os
import socket
import sys
from collections.abc import Sequence
from contextlib import suppress
from typing import Any, Final

from twisted.application.service import Service
from twisted.internet import defer
from twisted.internet.abstract import isIPv6Address
from twisted.internet.error import CannotListenError, ProcessExitedAlready
from twisted.internet.interfaces import IDelayedCall
from twisted.internet.protocol import ProcessProtocol
from twisted.python import log

from txnames.protocol.batch import BatchPort, isAvailable
from txnames.protocol.datagram import DNSDatagramProtocol
from txnames.protocol.port import ServerPort, boundSocket

__all__ = ["InheritingService", "WorkersService"]

_FIRST: Final = 3
"""The descriptor of a worker's first socket; those before are its standard streams."""

_LONG_ENOUGH: Final = 10.0
"""A worker that lived for so many seconds is started again at once; others after a while that grows."""

_LONGEST: Final = 60.0
_PATIENCE: Final = 10.0
"""For how many seconds a worker is waited for before it is killed."""

_PROGRAM: Final = "from twisted.scripts.twistd import run; run()"


class WorkersService(Service):
    """Keeps workers running.

    @ivar count: how many.
    @ivar arguments: the arguments of the command, without those that make workers.
    @ivar port: the port; 0 for one that is free.
    @ivar interfaces: the addresses to listen at; none for all.
    @ivar name: the name of the command.
    @ivar folder: the folder that names of files in the arguments start from.
    """

    def __init__(
        self, count: int, arguments: Sequence[str], port: int, interfaces: Sequence[str], name: str, reactor: Any = None
    ) -> None:
        self.count = count
        self.arguments = list(arguments)
        self.port = port
        self.interfaces = list(interfaces)
        self.name = name
        self.folder = os.getcwd()
        self.reactor = reactor
        self.workers: list[_Worker] = []
        self._sockets: list[list[socket.socket]] = []

    def privilegedStartService(self) -> None:
        """Bind the sockets.

        @raise CannotListenError: one is in use, or not for us.
        """
        Service.privilegedStartService(self)
        self._bind()

    def startService(self) -> None:
        """Start the workers."""
        Service.startService(self)
        if self.reactor is None:
            from twisted.internet import reactor

            self.reactor = reactor
        if not self._sockets:
            self._bind()
        self.workers = [_Worker(self, number, sockets) for number, sockets in enumerate(self._sockets)]
        for worker in self.workers:
            worker.start()

    def stopService(self) -> defer.Deferred[Any]:
        """End the workers.

        @return: a Deferred that fires when all have ended.
        """
        Service.stopService(self)
        ended = defer.DeferredList([worker.stop() for worker in self.workers])
        for sockets in self._sockets:
            for one in sockets:
                one.close()
        self._sockets = []
        return ended

    def reload(self) -> None:
        """Have the workers load their zones again."""
        for worker in self.workers:
            worker.signal("HUP")

    def __repr__(self) -> str:
        return f"<{len(self.workers)} workers>"

    def _bind(self) -> None:
        """Bind the sockets of all workers."""
        for _ in range(self.count):
            sockets: list[socket.socket] = []
            self._sockets.append(sockets)
            for interface in self.interfaces or ["", "::"]:
                try:
                    sockets += self._bound(interface)
                except CannotListenError:
                    if self.interfaces or interface == "":
                        raise

    def _bound(self, interface: str) -> list[socket.socket]:
        """Bind a socket of each kind to an address."""
        stream = boundSocket(interface, self.port, False, socket.SOCK_STREAM, True)
        try:
            stream.listen(socket.SOMAXCONN)
            self.port = stream.getsockname()[1]
            isOne = interface not in ("", "0.0.0.0") and not isIPv6Address(interface)
            return [stream, boundSocket(interface, self.port, not isOne, socket.SOCK_DGRAM, True)]
        except BaseException:
            stream.close()
            raise


class _Worker(ProcessProtocol):
    """One worker."""

    def __init__(self, service: WorkersService, number: int, sockets: list[socket.socket]) -> None:
        self._service = service
        self._number = number
        self._sockets = sockets
        self._started = 0.0
        self._wait = 0.0
        self._call: IDelayedCall | None = None
        self._kill: IDelayedCall | None = None
        self._ended: defer.Deferred[None] | None = None
        self._said = b""
        self._runs = False

    def start(self) -> None:
        """Start the process."""
        service = self._service
        self._call = None
        self._runs = True
        self._started = service.reactor.seconds()
        descriptors: dict[int, Any] = {0: "w", 1: "r", 2: "r"}
        descriptors.update({_FIRST + place: one.fileno() for place, one in enumerate(self._sockets)})
        inherited = ",".join([str(_FIRST + place) for place in range(len(self._sockets))])
        command = [sys.executable, "-c", _PROGRAM, "-n", "--pidfile=", service.name]
        command += [*service.arguments, "--inherit", inherited]
        service.reactor.spawnProcess(self, sys.executable, command, env=None, path=service.folder, childFDs=descriptors)

    def signal(self, name: str) -> None:
        """Send the process a signal, if it runs."""
        if self._runs and self.transport is not None:
            with suppress(ProcessExitedAlready):
                self.transport.signalProcess(name)

    def stop(self) -> defer.Deferred[None]:
        """End the process.

        @return: a Deferred that fires when it has ended.
        """
        if self._call is not None:
            self._call.cancel()
            self._call = None
        self._ended = defer.Deferred()
        if not self._runs:
            self._ended.callback(None)
        else:
            self.signal("TERM")
            self._kill = self._service.reactor.callLater(_PATIENCE, self.signal, "KILL")
        return self._ended

    def outReceived(self, data: bytes) -> None:
        """Put what the worker says into the log, line by line."""
        *lines, self._said = (self._said + data).split(b"\n")
        for line in lines:
            log.msg(f"worker {self._number}: {line.decode('utf-8', 'replace')}")

    errReceived = outReceived

    def processEnded(self, reason: Any) -> None:
        """Start another process, unless this one was to end."""
        self._runs = False
        if self._kill is not None and self._kill.active():
            self._kill.cancel()
        if self._ended is not None:
            self._ended.callback(None)
            return
        lived = self._service.reactor.seconds() - self._started
        self._wait = 0.0 if lived >= _LONG_ENOUGH else min(max(1.0, self._wait * 2), _LONGEST)
        log.msg(f"worker {self._number} ended: {reason.getErrorMessage()}; another starts in {self._wait:.0f} seconds")
        self._call = self._service.reactor.callLater(self._wait, self.start)


class InheritingService(Service):
    """Listens on the sockets that a supervisor has bound.

    @ivar descriptors: these.
    """

    def __init__(self, factory: Any, descriptors: Sequence[int], reactor: Any = None) -> None:
        self.factory = factory
        self.descriptors = list(descriptors)
        self.reactor = reactor
        self.ports: list[Any] = []

    def startService(self) -> None:
        """Begin to listen."""
        Service.startService(self)
        if self.reactor is None:
            from twisted.internet import reactor

            self.reactor = reactor
        for descriptor in self.descriptors:
            inherited = socket.socket(fileno=descriptor)
            inherited.setblocking(False)
            if inherited.type == socket.SOCK_STREAM:
                self.ports.append(self.reactor.adoptStreamPort(descriptor, inherited.family, self.factory))
                inherited.close()
            else:
                self.ports.append(self._datagrams(inherited))

    def _datagrams(self, inherited: socket.socket) -> Any:
        """Listen on a UDP socket."""
        protocol = DNSDatagramProtocol(self.factory, self.reactor)
        isOne = inherited.family == socket.AF_INET and inherited.getsockname()[0] != "0.0.0.0"
        port: Any
        if isAvailable():
            port = BatchPort(inherited, protocol, self.reactor, not isOne)
        else:
            port = ServerPort(inherited, protocol, 4096, self.reactor)
        port.startListening()
        return port

    def stopService(self) -> defer.Deferred[Any]:
        """Listen no longer.

        @return: a Deferred that fires when that is so.
        """
        Service.stopService(self)
        ports, self.ports = self.ports, []
        return defer.gatherResults([defer.maybeDeferred(port.stopListening) for port in ports])
