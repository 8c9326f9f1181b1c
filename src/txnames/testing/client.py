"""A client without a network."""

from __future__ import annotations

from typing import Any

from twisted.internet import defer

from txnames.interfaces import IResponder
from txnames.protocol.request import TCP, UDP
from txnames.wire.edns import EDNSMessage
from txnames.wire.header import Query
from txnames.wire.name import Name
from txnames.wire.numbers import IN, A

__all__ = ["TCP", "UDP", "Client"]


class Client:
    """Asks a server such as L{txnames.server.DNSServerFactory} without a network between them.

    @ivar server: who is asked: an L{IResponder}.
    @ivar address: the client's host and port, as the server sees them.
    @ivar transport: how the client asks: C{"udp"} or C{"tcp"}.
    """

    def __init__(self, server: Any, address: tuple[str, int] = ("192.0.2.1", 5353), transport: str = UDP) -> None:
        self.server = IResponder(server)
        self.address = address
        self.transport = transport

    def send(self, octets: bytes) -> defer.Deferred[bytes | None]:
        """Send a request in wire form.

        @return: a Deferred of the reply in wire form; of C{None} if there is none.
        """
        return self.server.respond(octets, self.address, self.transport)  # type: ignore[no-any-return]

    def ask(
        self, name: bytes | str | Name, type: int = A, cls: int = IN, **fields: Any
    ) -> defer.Deferred[EDNSMessage | None]:
        """Ask a question.

        @param fields: what else the request says: arguments of L{EDNSMessage}.  C{ednsVersion=None} asks without EDNS.
        @return: a Deferred of the reply; of C{None} if there is none.
        """
        request = EDNSMessage(**{"id": 1, "maxSize": 1232, **fields})
        request.queries = [Query(name, type, cls)]
        return self.send(request.toStr()).addCallback(_decoded)


def _decoded(octets: bytes | None) -> EDNSMessage | None:
    """Decode a reply."""
    if octets is None:
        return None
    message = EDNSMessage()
    message.fromStr(octets)
    return message
