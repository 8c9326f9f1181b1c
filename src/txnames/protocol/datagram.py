"""The DNS over UDP (RFC 1035 section 4.2.1)."""

from __future__ import annotations

import ipaddress
from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import Any

from twisted.internet import defer
from twisted.internet.error import CannotListenError, ConnectionDone, MessageLengthError
from twisted.internet.protocol import DatagramProtocol
from twisted.internet.udp import Port
from twisted.python.failure import Failure

from txnames.error import DNSDecodeError
from txnames.protocol.mixin import DNSMixin
from txnames.protocol.port import ServerPort
from txnames.protocol.request import UDP, ednsOf, limitOf
from txnames.wire.header import Query
from txnames.wire.message import Message

__all__ = ["DNSDatagramProtocol"]


class DNSDatagramProtocol(DNSMixin, DatagramProtocol):
    """Sends and receives messages, one a datagram.

    @ivar controller: gets each message that is no answer to a question of ours, by C{messageReceived(message, protocol,
        address)}; one that has C{octetsReceived} gets the octets of requests instead, as
        L{txnames.server.DNSServerFactory} does.
    @ivar resends: the IDs that were given to L{query}: late answers to those are dropped.
    """

    resends: dict[int, Any] = None  # type: ignore[assignment]  # reason: empty until the protocol starts
    transport: Any = None
    transportName = UDP

    _send: Any = None

    def startProtocol(self) -> None:
        """Begin with no questions."""
        self.liveMessages = {}
        self.resends = {}
        # The port's own write looks at each address as if it came from a program, which takes longer than to send.
        # Addresses of replies came from the socket itself.
        self._send = None
        if type(self).writeOctets is DNSDatagramProtocol.writeOctets:
            if type(self.transport) is Port:
                self._send = self.transport.socket.sendto
            elif isinstance(self.transport, ServerPort):
                self._send = self.transport.reply

    def stopProtocol(self) -> None:
        """Fail the questions that wait."""
        self._failAll(Failure(ConnectionDone()))
        self.resends = {}
        self.transport = self._send = None

    def startListening(self) -> None:
        """Listen on a port that the system chooses.

        @raise CannotListenError: there is none.
        """
        self._clock().listenUDP(0, self, maxPacketSize=0xFFFF)

    def datagramReceived(self, data: bytes, addr: Any) -> None:
        """Take a message; octets that are none are dropped where the controller doesn't want them."""
        receive = getattr(self.controller, "octetsReceived", None)
        if receive is not None and len(data) > 2 and data[2] < 0x80:
            reply = receive(data, self, addr)
            if reply:
                if self._send is None:
                    self.writeOctets(reply, addr)
                else:
                    try:  # noqa: SIM105  # reason: a context manager takes as long as a lookup
                        self._send(reply, addr)
                    except OSError:
                        pass
            return
        message = Message()
        try:
            message.fromStr(data)
            edns = ednsOf(message) if not message.answer else None
        except DNSDecodeError:
            return
        if self._answered(message, addr) or message.id in self.resends:
            return
        if not message.answer:
            message.maxSize = limitOf(edns, UDP)
        self.controller.messageReceived(message, self, addr)

    def recaller(self) -> Callable[[bytes], bytes | None] | None:
        """What knows replies by heart: a function of a request, both without their IDs; C{None} where nothing does."""
        found = getattr(self.controller, "recaller", None)
        return None if found is None or type(self).datagramReceived is not _received else found()

    def receiver(self, recalled: bool) -> Callable[[bytes, Any, Any], bytes | None] | None:
        """What answers requests: a function of octets, this protocol, and an address.

        @param recalled: whether what L{recaller} gave was asked before.
        @return: C{None} where L{datagramReceived} has to be called for each message.
        """
        if type(self).datagramReceived is not _received:
            return None
        found: Any = getattr(self.controller, "octetsNew" if recalled else "octetsReceived", None)
        return found  # type: ignore[no-any-return]  # reason: the controller is anything

    def writeMessage(self, message: Any, address: Any) -> None:
        """Send a message; a reply that cannot be sent is lost, as datagrams are."""
        octets = message.toStr()
        if message.answer:
            self.writeOctets(octets, address)
        else:
            self.transport.write(octets, address)

    def writeOctets(self, octets: bytes, address: Any) -> None:
        """Send a reply in wire form; one that cannot be sent is lost, as datagrams are."""
        if self.transport is not None:
            with suppress(OSError, MessageLengthError):
                self.transport.write(octets, address)

    def query(
        self, address: tuple[str, int], queries: Sequence[Query], timeout: float = 10, id: int | None = None
    ) -> defer.Deferred[Message]:
        """Ask a server.

        @param address: its IP address and port.
        @param timeout: the seconds to wait for the answer.
        @param id: the message ID; by default one that nobody can foretell.
        @return: a Deferred of the answer: the first message from that address with that ID and those questions.  It
            fails with C{DNSQueryTimeoutError}, C{CannotListenError}, or what the transport raised.
        """
        if not self.transport:
            try:
                self.startListening()
            except CannotListenError:
                return defer.fail(Failure())
        if id is None:
            id = self.pickID()
        else:
            self.resends[id] = 1
        return self._query(queries, timeout, id, lambda message: self.writeMessage(message, address), _plain(address))

    def removeResend(self, id: int) -> None:
        """Let answers with an ID that was given to L{query} go to the controller again."""
        self.resends.pop(id, None)


_received = DNSDatagramProtocol.datagramReceived


def _plain(address: tuple[str, int]) -> tuple[str, int]:
    """An address as the transport will spell it."""
    host, port = address[:2]
    try:
        return str(ipaddress.ip_address(host)), port
    except ValueError:
        return host, port
