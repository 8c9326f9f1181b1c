"""The DNS over TCP (RFC 1035 section 4.2.2, RFC 7766)."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Sequence
from typing import Any

from twisted.internet import defer
from twisted.internet.interfaces import IDelayedCall, IHalfCloseableProtocol
from twisted.internet.protocol import connectionDone
from twisted.protocols.basic import Int16StringReceiver
from twisted.python import log
from twisted.python.failure import Failure
from zope.interface import implementer

from txnames.error import DNSDecodeError
from txnames.protocol.limits import StreamLimits
from txnames.protocol.mixin import DNSMixin
from txnames.protocol.request import TCP
from txnames.wire.header import Query
from txnames.wire.message import Message

__all__ = ["DNSProtocol"]

_TOGETHER = 1 << 15
"""With how many octets of replies no more are waited for before they are written."""


@implementer(IHalfCloseableProtocol)
class DNSProtocol(DNSMixin, Int16StringReceiver):
    """Sends and receives messages on a connection, the length of each in front of it.

    @ivar controller: told of the connection by C{connectionMade(protocol)} and C{connectionLost(protocol)}; gets each
        message that is no answer to a question of ours, by C{messageReceived(message, protocol)}; one that has
        C{octetsReceived} gets the octets of requests instead, as L{txnames.server.DNSServerFactory} does.
    @ivar limits: what the client is granted, where the controller says so.
    @ivar inFlight: how many requests wait for their answers.
    @cvar canStream: that a reply may consist of several messages.
    """

    MAX_LENGTH = 0xFFFF
    transport: Any
    transportName = TCP
    canStream = True

    limits: StreamLimits | None = None
    inFlight = 0

    _idle: IDelayedCall | None = None
    _lastTime = 0.0
    _peer: tuple[str, int] | None = None
    _closing = False
    _crowded = False
    _outgoing: bytearray | None = None
    _readClosed = False
    _stuffed = False
    # Messages that are to be sent, with the Deferreds of whether they all were; a deque where there are any.
    _streams: Any = ()
    _streaming: IDelayedCall | None = None

    def connectionMade(self) -> None:
        """Tell the controller."""
        self.liveMessages = {}
        self._buffer = bytearray()
        limits = getattr(self.controller, "limits", None)
        if isinstance(limits, StreamLimits):
            self.limits = limits
            self._lastTime = self._clock().seconds()
            self._idle = self.callLater(limits.idle, self._checkIdle)
            self.transport.registerProducer(self, True)
        self.controller.connectionMade(self)

    def connectionLost(self, reason: Failure = connectionDone) -> None:
        """Tell the controller, and fail the questions that wait."""
        if self._idle is not None:
            self._idle.cancel()
            self._idle = None
        self._buffer.clear()
        if self._streaming is not None:
            self._streaming.cancel()
            self._streaming = None
        streams, self._streams = self._streams, ()
        for _, done in streams:
            done.callback(False)
        self._failAll(reason)
        self.controller.connectionLost(self)

    # --- what comes in ---

    def dataReceived(self, data: bytes) -> None:
        """Take octets, and give each whole message to L{stringReceived}; answers that are ready go out together."""
        buffer = self._buffer
        buffer += data
        if self._outgoing is not None:
            return
        start, size = 0, len(buffer)
        outgoing = self._outgoing = bytearray()
        try:
            while not self.paused and size - start >= 2:
                end = start + 2 + (buffer[start] << 8 | buffer[start + 1])
                if size < end:
                    break
                octets = bytes(buffer[start + 2 : end])
                start = end
                self.stringReceived(octets)
                if len(outgoing) >= _TOGETHER:
                    # Lets the transport say that the client doesn't take them.
                    self.transport.write(bytes(outgoing))
                    outgoing.clear()
                self._balance()
        finally:
            del buffer[:start]
            self._outgoing = None
        if outgoing:
            self.transport.write(bytes(outgoing))
        if self._readClosed:
            self._closeIfDone()

    def stringReceived(self, data: bytes) -> None:
        """Take a message; octets that are none end the connection where the controller doesn't want them."""
        receive = getattr(self.controller, "octetsReceived", None)
        if receive is not None and len(data) > 2 and data[2] < 0x80:
            if self.limits is not None:
                self._lastTime = self._clock().seconds()
            self.inFlight += 1
            reply = receive(data, self, self.peer())
            if reply:
                self.writeOctets(reply)
            elif reply is not None:
                self.replied()
            return
        message = Message()
        try:
            message.fromStr(data)
        except DNSDecodeError:
            return
        if not self._answered(message):
            self.controller.messageReceived(message, self)

    def peer(self) -> tuple[str, int] | None:
        """The host and port at the other end, where the transport knows them."""
        if self._peer is None:
            peer = self.transport.getPeer()
            host, port = getattr(peer, "host", None), getattr(peer, "port", None)
            if host is not None and port is not None:
                self._peer = host, port
        return self._peer

    # --- what goes out ---

    def writeMessage(self, message: Any, address: Any = None) -> None:
        """Send a message.

        @param address: of no meaning here: there is one peer.
        """
        octets = message.toStr()
        if self.inFlight and message.answer:
            self.writeOctets(octets)
        else:
            self.transport.write(len(octets).to_bytes(2, "big") + octets)

    def writeOctets(self, octets: bytes) -> None:
        """Send a reply in wire form."""
        octets = len(octets).to_bytes(2, "big") + octets
        if self._outgoing is not None:
            self._outgoing += octets
        else:
            self.transport.write(octets)
        self.replied()

    def replied(self) -> None:
        """Take note that a request waits for its reply no longer."""
        self.inFlight -= 1
        if self.limits is not None and self._outgoing is None:
            self._lastTime = self._clock().seconds()
            self._balance()
            if self._readClosed:
                self._closeIfDone()

    def stream(self, messages: Iterable[bytes]) -> defer.Deferred[bool]:
        """Send a reply of several messages: each when the one before was taken, and others were served meanwhile.

        @param messages: they are made while they are sent.
        @return: a Deferred of whether all were sent.
        """
        done: defer.Deferred[bool] = defer.Deferred()
        if not self._streams:
            self._streams = deque()
        self._streams.append((iter(messages), done))
        if self._streaming is None and not self._stuffed:
            self._streaming = self.callLater(0, self._streamOn)
        return done

    def _streamOn(self) -> None:
        """Send the next message of the stream that is first in turn."""
        self._streaming = None
        messages, done = self._streams[0]
        try:
            octets = next(messages, None)
        except Exception:
            log.err(None, "a zone transfer broke off")
            self.transport.abortConnection()
            return
        if octets is None:
            self._streams.popleft()
            self.replied()
            done.callback(True)
        else:
            if self.limits is not None:
                self._lastTime = self._clock().seconds()
            self.transport.write(len(octets).to_bytes(2, "big") + octets)
        if self._streams and self._streaming is None and not self._stuffed:
            self._streaming = self.callLater(0, self._streamOn)

    def query(self, queries: Sequence[Query], timeout: float = 60) -> defer.Deferred[Message]:
        """Ask the server at the other end.

        @param timeout: the seconds to wait for the answer.
        @return: a Deferred of the answer.  It fails with C{DNSQueryTimeoutError}, with the reason for which the
            connection was lost, or with what the transport raised.
        """
        return self._query(queries, timeout, self.pickID(), self.writeMessage)

    # --- the connection ---

    def pauseProducing(self) -> None:
        """Read nothing more, since the client doesn't take its answers."""
        self._stuffed = True
        self._balance()

    def resumeProducing(self) -> None:
        """Read on, since the client took its answers."""
        self._stuffed = False
        if self.limits is not None:
            self._lastTime = self._clock().seconds()
        if self._streams and self._streaming is None:
            self._streaming = self.callLater(0, self._streamOn)
        self._balance()

    def _balance(self) -> None:
        """Read nothing while the client doesn't take its answers, or too many of its requests wait for theirs."""
        if self.limits is not None:
            # Once full, it is half empty before more is read.
            most = self.limits.pipelined // 2 if self._crowded else self.limits.pipelined
            self._crowded = self.inFlight >= max(most, 1)
        if (self._stuffed or self._crowded) != self.paused:
            if self.paused:
                Int16StringReceiver.resumeProducing(self)
            else:
                Int16StringReceiver.pauseProducing(self)

    def _checkIdle(self) -> None:
        """Close the connection if nothing happened for long enough, else look again when that could be."""
        limits = self.limits
        assert limits is not None
        waiting = limits.busy if self.inFlight or self.paused else limits.idle
        left = self._lastTime + waiting - self._clock().seconds()
        if left > 0:
            self._idle = self.callLater(min(left, limits.idle), self._checkIdle)
            return
        self._idle = None
        if waiting == limits.busy:
            self.transport.abortConnection()
        else:
            self._close()

    def readConnectionLost(self) -> None:
        """Close the connection after the last answer: the other end asks nothing more."""
        self._readClosed = True
        if self.limits is None:
            self.transport.loseConnection()
        else:
            self._closeIfDone()

    def writeConnectionLost(self) -> None:
        """Close the connection: no answer can be sent any more."""
        self._close()

    def _closeIfDone(self) -> None:
        """Close the connection if no answer is missing."""
        if self.inFlight <= 0 and not (self.paused and self._buffer):
            self._close()

    def _close(self) -> None:
        """Close the connection, once what was written is sent; a client that doesn't take that is not waited for."""
        if not self._closing:
            self._closing = True
            if self.limits is not None:
                if self._idle is not None:
                    self._idle.cancel()
                self._idle = self.callLater(self.limits.idle, self._abort)
                self.transport.unregisterProducer()
            self.transport.loseConnection()

    def _abort(self) -> None:
        """End the connection, whatever was not sent yet."""
        self._idle = None
        self.transport.abortConnection()
