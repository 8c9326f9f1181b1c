"""Controllers and requests for the tests of the protocols."""

from typing import Any

from txnames import dns
from txnames.protocol.limits import StreamLimits


class Controller:
    """Takes down what a protocol tells it."""

    def __init__(self) -> None:
        self.received: list[tuple[Any, ...]] = []
        self.made: list[Any] = []
        self.lost: list[Any] = []

    def connectionMade(self, protocol: Any) -> None:
        """Take it down."""
        self.made.append(protocol)

    def connectionLost(self, protocol: Any) -> None:
        """Take it down."""
        self.lost.append(protocol)

    def messageReceived(self, message: dns.Message, protocol: Any, *address: Any) -> None:
        """Take it down."""
        self.received.append((message, protocol, *address))


class Answering(Controller):
    """Takes octets; replies at once, later, or not at all, as C{replies} says."""

    def __init__(self, limits: Any = None) -> None:
        super().__init__()
        self.limits = StreamLimits() if limits is None else limits
        self.requests: list[tuple[bytes, Any]] = []
        self.replies: Any = lambda octets: b"reply to " + octets

    def octetsReceived(self, octets: bytes, protocol: Any, address: Any) -> bytes | None:
        """Reply."""
        self.requests.append((octets, address))
        reply: bytes | None = self.replies(octets)
        return reply


class Octets:
    """A message that is these octets."""

    answer = 1

    def __init__(self, octets: bytes) -> None:
        self.octets = octets

    def toStr(self) -> bytes:
        """Encode it."""
        return self.octets


def query(id: int = 7, name: str = "www.example") -> dns.Message:
    """A request."""
    message = dns.Message(id)
    message.addQuery(name, dns.A)
    return message


def answerTo(octets: bytes, **fields: Any) -> dns.Message:
    """A reply to a request in wire form."""
    request = dns.Message()
    request.fromStr(octets)
    message = dns.Message(request.id, answer=1)
    message.queries = request.queries
    for name, value in fields.items():
        setattr(message, name, value)
    return message
