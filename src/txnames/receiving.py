"""Zone transfers from other servers: one attempt with one of them (RFC 5936, RFC 1995).

All is asked over one connection: the SOA record first, where there is a version at hand, and then the differences to
that, or the whole zone.  What comes is judged as a zone before it is given to anybody; whatever is wrong with it, with
its signatures, or with the server, is a L{TransferError}.
"""

from __future__ import annotations

import ipaddress
import time
from collections import deque
from collections.abc import Callable
from random import Random, SystemRandom
from struct import Struct
from typing import Any, Final

import attrs
from twisted.internet import defer
from twisted.internet.protocol import ClientFactory, connectionDone
from twisted.protocols.basic import Int16StringReceiver
from twisted.python.failure import Failure

from txnames.error import DNSDecodeError
from txnames.tsig import Key, StreamVerifier, TSIGError, sign
from txnames.wire.message import Message
from txnames.wire.name import Name
from txnames.wire.numbers import AXFR, IN, IXFR, OK, SOA, rcodeName
from txnames.zone.check import check
from txnames.zone.difference import Difference
from txnames.zone.incoming import MAXIMUM_OCTETS, MAXIMUM_RECORDS, TransferError, TransferReader
from txnames.zone.problem import Severity
from txnames.zone.serial import isNewer
from txnames.zone.tree import Zone

__all__ = ["Primary", "Received", "Receiver", "TransferError"]

_header = Struct(">6H").pack
_pair = Struct(">HH").pack

_PROBLEMS: Final = 3
"""How many of a bad zone's problems an error names."""


def _isAddress(instance: Any, attribute: Any, value: str) -> None:
    """Refuse a host that isn't given by its address."""
    ipaddress.ip_address(value)


@attrs.frozen
class Primary:
    """A server from which a zone comes.

    @ivar host: its IP address.
    @ivar port: its port.
    @ivar key: the key by which messages to it and from it are signed; C{None} for none.
    """

    host: str = attrs.field(validator=_isAddress)
    port: int = 53
    key: Key | None = None

    def __str__(self) -> str:
        return self.host if self.port == 53 else f"{self.host} port {self.port}"


@attrs.frozen
class Received:
    """What an attempt had for its result.

    @ivar serial: the serial that the server has.
    @ivar zone: the new version; C{None} where there is none: the server has the version at hand, or an older one.
    @ivar differences: what led to it, where it came as differences.
    """

    serial: int
    zone: Zone | None = None
    differences: tuple[Difference, ...] = ()


@attrs.frozen
class Receiver:
    """Fetches zones.

    @ivar reactor: has the connections and timers.
    @ivar connecting: the seconds that a connection may take to be made.
    @ivar idle: the seconds that may pass between two messages.
    @ivar total: the seconds that a transfer may take.
    @ivar maximumRecords: how many records one may have.
    @ivar maximumOctets: how many octets one may have.
    @ivar now: tells the time in seconds since 1970, which signatures bear.
    """

    reactor: Any
    random: Random = attrs.field(factory=SystemRandom)
    connecting: float = 10.0
    idle: float = 15.0
    total: float = 7200.0
    maximumRecords: int = MAXIMUM_RECORDS
    maximumOctets: int = MAXIMUM_OCTETS
    now: Callable[[], float] = time.time

    async def receive(self, primary: Primary, origin: Name, old: Zone | None = None, cls: int = IN) -> Received:
        """Fetch a zone, if the server has a newer version.

        A server that doesn't send differences, or whose differences are of no use, is asked for the whole zone.

        @param old: the version at hand, if there is one.
        @raise TransferError: there is no use in what came; nothing came in time; or there is no connection to be had.
        """
        began = self.reactor.seconds()
        if old is not None:
            try:
                return await self._attempt(primary, origin, old, cls, True, began)
            except _NoDifferences:
                pass
        return await self._attempt(primary, origin, old, cls, False, began)

    async def _attempt(
        self, primary: Primary, origin: Name, old: Zone | None, cls: int, incremental: bool, began: float
    ) -> Received:
        """Fetch a zone over a connection of its own."""
        connection = _Connection(self, began + self.total)
        try:
            await connection.open(primary)
            if old is not None and incremental:
                serial = await self._serial(connection, primary, origin, cls)
                if not isNewer(serial, old.serial):
                    return Received(serial)
            return await self._transfer(connection, primary, origin, old if incremental else None, cls, old)
        finally:
            connection.close()

    async def _serial(self, connection: _Connection, primary: Primary, origin: Name, cls: int) -> int:
        """Ask for the serial that the server has."""
        ident, mac = self._ask(connection, primary, origin, SOA, cls)
        octets = await connection.next()
        if primary.key is not None:
            octets = _verified(StreamVerifier(primary.key, mac), octets, self.now())
        message = Message()
        try:
            message.fromStr(octets)
        except DNSDecodeError as error:
            raise TransferError(f"a malformed message: {error}") from None
        if message.id != ident or not message.answer:
            raise TransferError("a message that answers nothing that was asked")
        if message.rCode != OK:
            raise TransferError(f"the server says {rcodeName(message.rCode)}", message.rCode)
        found = [one for one in message.answers if one.type == SOA and one.name == origin]
        if len(found) != 1 or not message.auth:
            raise TransferError("the server does not serve the zone")
        return int(found[0].payload.serial)

    async def _transfer(
        self, connection: _Connection, primary: Primary, origin: Name, old: Zone | None, cls: int, known: Zone | None
    ) -> Received:
        """Ask for a zone, or for differences where there is an old version.

        @param known: the version at hand, whatever is asked for.
        """
        authority = b""
        if old is not None:
            # The version at hand, in the authority section (RFC 1995 section 3).
            packed = old.soa
            authority = origin.wire + packed[2:]
        ident, mac = self._ask(connection, primary, origin, AXFR if old is None else IXFR, cls, authority)
        verifier = None if primary.key is None else StreamVerifier(primary.key, mac)
        reader = TransferReader(
            origin, old, cls=cls, maximumRecords=self.maximumRecords, maximumOctets=self.maximumOctets
        )
        try:
            while not reader.complete:
                octets = await connection.next()
                if octets[:2] != ident.to_bytes(2, "big"):
                    raise TransferError("a message that answers nothing that was asked")
                if verifier is not None:
                    octets = _verified(verifier, octets, self.now())
                reader.feed(octets)
            if verifier is not None and verifier.pending:
                raise TransferError("the last message is not signed")
            zone = reader.zone()
        except TransferError as error:
            if old is not None:
                raise _NoDifferences from error
            raise
        assert reader.serial is not None
        if reader.current or (known is not None and not isNewer(reader.serial, known.serial)):
            # What was asked may be another server than that which said that it has a newer one.
            return Received(reader.serial)
        _judge(zone)
        return Received(reader.serial, zone, reader.differences)

    def _ask(
        self, connection: _Connection, primary: Primary, origin: Name, type: int, cls: int, authority: bytes = b""
    ) -> tuple[int, bytes]:
        """Send a question.

        @return: its ID, and the MAC of its signature.
        """
        ident = self.random.getrandbits(16)
        octets = _header(ident, 0, 1, 0, 1 if authority else 0, 0) + origin.wire + _pair(type, cls) + authority
        mac = b""
        if primary.key is not None:
            octets, mac = sign(octets, primary.key, self.now())
        connection.send(octets)
        return ident, mac


class _NoDifferences(Exception):
    """The server sends no differences, or none that are of use."""


def _verified(verifier: StreamVerifier, octets: bytes, now: float) -> bytes:
    """Verify the next message."""
    try:
        return verifier.verify(octets, now)
    except (TSIGError, DNSDecodeError) as error:
        raise TransferError(f"the signature of a message: {error}") from None


def _judge(zone: Zone) -> None:
    """Refuse a zone with errors."""
    errors = [one.reason for one in check(zone) if one.severity is Severity.ERROR]
    if errors:
        more = f" and {len(errors) - _PROBLEMS} more" if len(errors) > _PROBLEMS else ""
        raise TransferError(f"the zone has errors: {'; '.join(errors[:_PROBLEMS])}{more}")


class _Connection(Int16StringReceiver):
    """A connection to a server, whose messages are awaited one by one."""

    MAX_LENGTH = 0xFFFF
    transport: Any

    def __init__(self, receiver: Receiver, deadline: float) -> None:
        self._receiver = receiver
        self._deadline = deadline
        self._messages: deque[bytes] = deque()
        self._waiting: defer.Deferred[Any] | None = None
        self._lost: TransferError | None = None
        self._connector: Any = None

    # --- for the receiver ---

    async def open(self, primary: Primary) -> None:
        """Connect."""
        receiver = self._receiver
        factory = _Factory(self)
        self._connector = receiver.reactor.connectTCP(primary.host, primary.port, factory, timeout=receiver.connecting)
        await self._wait(receiver.connecting, "no connection")

    async def next(self) -> bytes:
        """The next message."""
        if not self._messages:
            await self._wait(self._receiver.idle, "no message")
        return self._messages.popleft()

    def close(self) -> None:
        """End the connection; nobody waits any more."""
        self._waiting = None
        self._connector.disconnect()
        if self.transport is not None:
            self.transport.abortConnection()

    def send(self, octets: bytes) -> None:
        """Send a message."""
        self.transport.write(len(octets).to_bytes(2, "big") + octets)

    async def _wait(self, seconds: float, what: str) -> None:
        """Wait until something happens, but not for too long."""
        if self._lost is not None:
            raise self._lost
        reactor = self._receiver.reactor
        left = self._deadline - reactor.seconds()
        patience = min(seconds, left)
        waiting: defer.Deferred[Any] = defer.Deferred()
        self._waiting = waiting
        reason = f"{what} for {seconds:g} seconds" if seconds <= left else "the transfer takes too long"
        call = reactor.callLater(max(patience, 0), self._fire, TransferError(reason))
        try:
            await waiting
        finally:
            self._waiting = None
            if call.active():
                call.cancel()

    def _fire(self, error: TransferError | None = None) -> None:
        """Let what waits go on."""
        waiting, self._waiting = self._waiting, None
        if waiting is not None:
            if error is None:
                waiting.callback(None)
            else:
                waiting.errback(error)

    # --- for the transport ---

    def connectionMade(self) -> None:
        """Go on."""
        self._fire()

    def stringReceived(self, string: bytes) -> None:
        """Take a message."""
        self._messages.append(string)
        self._fire()

    def connectionLost(self, reason: Failure = connectionDone) -> None:
        """Take note that nothing more comes."""
        self._lost = TransferError(f"the connection was lost: {reason.getErrorMessage()}")
        self._fire(self._lost)

    def failed(self, reason: Failure) -> None:
        """Take note that there is no connection."""
        self._lost = TransferError(f"no connection: {reason.getErrorMessage()}")
        self._fire(self._lost)


class _Factory(ClientFactory):
    """Gives the one protocol of one connection."""

    noisy = False

    def __init__(self, connection: _Connection) -> None:
        self._connection = connection

    def buildProtocol(self, addr: Any) -> Any:
        """Give it."""
        return self._connection

    def clientConnectionFailed(self, connector: Any, reason: Failure) -> None:
        """Tell it that there is no connection."""
        self._connection.failed(reason)
