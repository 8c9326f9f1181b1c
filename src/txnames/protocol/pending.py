"""Questions that wait for their replies."""

from __future__ import annotations

from typing import Any, Protocol

from twisted.internet import defer

from txnames.protocol.deadlines import Deadline
from txnames.protocol.peer import Peer
from txnames.protocol.reply import Reply
from txnames.protocol.request import UDP

__all__ = ["Asker", "Pending"]


class Asker(Protocol):
    """Who asks the questions."""

    def cancelled(self, pending: Pending) -> None:
        """Take note that nobody wants the reply any more."""

    def expired(self, pending: Pending) -> None:
        """Take note that the time is up."""


class Pending(defer.Deferred[Reply]):
    """A question that waits for its reply, and the Deferred of that.

    @ivar peer: the server.
    @ivar address: host and port that the reply comes from.
    @ivar name: the name that is asked for.
    @ivar suffix: type and class.
    @ivar flags: the third and fourth octet of the message.
    @ivar timeout: how many seconds it may take.
    @ivar dnssecOK: DO.
    @ivar stream: whether it is to be asked over TCP.
    @ivar started: when it was sent first.
    @ivar sent: when it was sent last.
    @ivar ident: the ID of the message that was sent last, as octets.
    @ivar question: the question in that message.
    @ivar edns: whether it had an OPT record.
    @ivar transport: how it was sent.
    @ivar place: where the reply is awaited, a socket or a connection; C{None} where it isn't.  It has C{forget}, to
        have the question not wait there any more, and C{gaveUp}, to be told before that where the time is up.
    @ivar deadline: when the time is up; C{None} before the question has its turn, and when all is over.
    @ivar miscased: whether a reply came in which the name had another case.
    @ivar caseless: whether its name is sent as it is, since the server doesn't send the case back.
    @ivar plain: whether it is sent without EDNS, since the server complained.
    @ivar renewed: whether it was sent again with a new cookie.
    @ivar reconnected: whether it was sent again on another connection.
    """

    started = 0.0
    sent = 0.0
    ident = b""
    question = b""
    edns = False
    transport = UDP
    place: Any = None
    deadline: Deadline | None = None
    miscased = False
    caseless = False
    plain = False
    renewed = False
    reconnected = False

    def __init__(
        self,
        asker: Asker,
        peer: Peer,
        name: bytes,
        suffix: bytes,
        flags: bytes,
        timeout: float,
        dnssecOK: bool,
        stream: bool,
    ) -> None:
        super().__init__(_cancelled)
        self.asker = asker
        self.peer = peer
        self.address = peer.address
        self.name = name
        self.suffix = suffix
        self.flags = flags
        self.timeout = timeout
        self.dnssecOK = dnssecOK
        self.stream = stream

    def expired(self) -> None:
        """Tell the asker that the time is up."""
        self.asker.expired(self)


def _cancelled(pending: Any) -> None:
    """Tell the asker that nobody wants the reply any more."""
    pending.asker.cancelled(pending)
