"""Questions that wait for their replies."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from twisted.internet import defer

from txnames.protocol.reply import Reply

if TYPE_CHECKING:
    from txnames.protocol.deadlines import Deadline
    from txnames.protocol.exchange import Exchange
    from txnames.protocol.peer import Peer
    from txnames.protocol.sockets import QuerySocket

__all__ = ["Pending"]


class Pending(defer.Deferred[Reply]):
    """A question that waits for its reply, and the Deferred of that.

    @ivar peer: the server.
    @ivar address: host and port that the reply must come from.
    @ivar name: the name as it is asked for.
    @ivar suffix: type and class.
    @ivar question: the question as it was sent.
    @ivar flags: the third and fourth octet of the message.
    @ivar timeout: how many seconds it may take from being sent.
    @ivar started: when it was sent first.
    @ivar sent: when it was sent last.
    @ivar edns: whether it was sent with an OPT record.
    @ivar cased: whether letters of the name were sent in random case.
    @ivar socket: where the reply is awaited, C{None} for nowhere.
    @ivar ident: the ID of the message, as octets.
    """

    address: tuple[str, int]
    question: bytes
    socket: QuerySocket | None = None
    ident: bytes
    deadline: Deadline | None = None
    started: float
    sent: float
    edns = False
    cased = False
    plain = False
    caseless = False
    retried = False
    transport = "udp"

    def __init__(
        self,
        exchange: Exchange,
        peer: Peer,
        name: bytes,
        suffix: bytes,
        flags: bytes,
        timeout: float,
        dnssecOK: bool,
        stream: bool,
    ) -> None:
        super().__init__(_cancelled)
        self.exchange = exchange
        self.peer = peer
        self.address = peer.address
        self.name = name
        self.suffix = suffix
        self.flags = flags
        self.timeout = timeout
        self.dnssecOK = dnssecOK
        self.stream = stream

    def expired(self) -> None:
        """Wait no longer."""
        self.exchange.expired(self)


def _cancelled(pending: Any) -> None:
    """Wait no longer for a reply that nobody wants."""
    pending.exchange.cancelled(pending)
