"""A reactor without a network for the tests of who asks: what is sent is taken down, replies are made by hand."""

from typing import Any

from twisted.internet import defer, error
from twisted.internet.address import IPv4Address, IPv6Address
from twisted.internet.task import Clock
from twisted.python.failure import Failure

from txnames import dns
from txnames.wire.edns import EDNSMessage
from txnames.wire.options import OPTVariableOption

SERVER = ("192.0.2.53", 53)
OTHER = ("192.0.2.54", 53)
NAME = dns.Name("www.example").wire


class Sent:
    """A datagram that was sent, or a message on a connection."""

    def __init__(self, octets: bytes, address: Any, transport: Any) -> None:
        self.octets = octets
        self.address = address
        self.transport = transport

    @property
    def message(self) -> EDNSMessage:
        """The message."""
        message = EDNSMessage()
        message.fromStr(self.octets)
        return message

    def option(self, code: int) -> bytes | None:
        """The octets of an option."""
        return next((option.data for option in self.message.options if option.code == code), None)

    def reply(self, **fields: Any) -> bytes:
        """The octets of a reply to it; fields of the message may be given, C{ednsVersion} among them."""
        options = fields.pop("options", {})
        request = self.message
        edns = {} if request.ednsVersion is None else {"ednsVersion": 0, "maxSize": 1232}
        message = EDNSMessage(**{"id": request.id, "answer": True, "ednsVersion": None, **edns, **fields})
        message.queries = fields.get("queries", request.queries)
        message.options = [OPTVariableOption(code, data) for code, data in options.items()]
        return message.toStr()

    def answer(self, source: Any = None, **fields: Any) -> None:
        """Have a reply to it arrive."""
        self.give(self.reply(**fields), source)

    def give(self, octets: bytes, source: Any = None) -> None:
        """Have octets arrive."""
        if isinstance(self.transport, Socket):
            self.transport.protocol.datagramReceived(octets, self.address if source is None else source)
        else:
            self.transport.protocol.dataReceived(len(octets).to_bytes(2, "big") + octets)


class Socket:
    """The transport of a UDP socket, with no more than it has to have."""

    def __init__(self, wires: "Wires", port: int, protocol: Any, interface: str) -> None:
        self.wires = wires
        self.port = port
        self.protocol = protocol
        self.interface = interface

    def write(self, data: bytes, addr: Any = None) -> None:
        """Take a datagram down, or fail."""
        if self.wires.failure is not None:
            raise self.wires.failure
        self.wires.sent.append(Sent(data, addr, self))

    def getHost(self) -> IPv4Address | IPv6Address:
        """The address."""
        return IPv4Address("UDP", "0.0.0.0", self.port)

    def stopListening(self) -> defer.Deferred[None] | None:
        """Close it."""
        self.wires.open.remove(self)
        self.wires.closed.append(self.port)
        self.protocol.doStop()
        return None


class ConnectedSocket(Socket):
    """The transport of a UDP socket that can be connected."""

    peer: Any = None

    def connect(self, host: str, port: int) -> None:
        """Connect it, or fail."""
        if self.wires.unreachable is not None:
            raise self.wires.unreachable
        self.peer = host, port

    def write(self, data: bytes, addr: Any = None) -> None:
        """Take a datagram down, or fail."""
        assert addr is None
        super().write(data, self.peer)


class Connection:
    """An attempt to connect, and the transport of the connection."""

    protocol: Any = None
    lost = False

    def __init__(self, wires: "Wires", host: str, port: int, factory: Any, timeout: float) -> None:
        self.wires = wires
        self.address = host, port
        self.factory = factory
        self.timeout = timeout
        self._buffer = b""

    def connect(self) -> None:
        """Let the attempt succeed."""
        self.protocol = self.factory.buildProtocol(None)
        self.protocol.makeConnection(self)

    def fail(self, why: Exception | None = None) -> None:
        """Let the attempt fail."""
        self.wires.connections.remove(self)
        self.factory.clientConnectionFailed(self, Failure(why or error.ConnectionRefusedError()))

    def stopConnecting(self) -> None:
        """Give up."""
        self.fail(error.UserError())

    def lose(self, why: Exception | None = None) -> None:
        """Let the connection be lost."""
        self.lost = True
        self.wires.connections.remove(self)
        self.protocol.connectionLost(Failure(why or error.ConnectionDone()))

    def write(self, data: bytes) -> None:
        """Take messages down."""
        self._buffer += data
        while len(self._buffer) >= 2:
            end = 2 + int.from_bytes(self._buffer[:2], "big")
            self.wires.sent.append(Sent(self._buffer[2:end], self.address, self))
            self._buffer = self._buffer[end:]

    def loseConnection(self) -> None:
        """Close the connection, soon."""
        if not self.lost:
            self.lost = True
            self.wires.callLater(0, self.lose)


class Wires(Clock):
    """A reactor with a clock, and what was sent by its sockets and connections.

    @ivar sent: all that was sent.
    @ivar open: the sockets.
    @ivar opened: the ports of all sockets that ever were open.
    @ivar closed: the ports of those that were closed.
    @ivar taken: ports that are not free.
    @ivar connections: the connections, and attempts to connect.
    @ivar failure: what is raised where a datagram is sent.
    @ivar unreachable: what is raised where a socket is connected.
    """

    socketClass = Socket

    def __init__(self) -> None:
        super().__init__()
        self.sent: list[Sent] = []
        self.open: list[Socket] = []
        self.opened: list[int] = []
        self.closed: list[int] = []
        self.taken: Any = set()
        self.connections: list[Connection] = []
        self.failure: Exception | None = None
        self.unreachable: Exception | None = None
        self.sizes: set[int] = set()

    @property
    def last(self) -> Sent:
        """What was sent last."""
        return self.sent[-1]

    def listenUDP(self, port: int, protocol: Any, interface: str = "", maxPacketSize: int = 8192) -> Socket:
        """Open a socket."""
        if port in self.taken:
            raise error.CannotListenError(interface, port, OSError("in use"))
        made = self.socketClass(self, port, protocol, interface)
        self.open.append(made)
        self.opened.append(port)
        self.sizes.add(maxPacketSize)
        protocol.makeConnection(made)
        return made

    def connectTCP(self, host: str, port: int, factory: Any, timeout: float = 30) -> Connection:
        """Begin to connect."""
        made = Connection(self, host, port, factory, timeout)
        self.connections.append(made)
        return made


class ConnectingWires(Wires):
    """The same with UDP sockets that can be connected."""

    socketClass = ConnectedSocket
