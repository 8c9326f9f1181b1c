"""Questions that wait for their replies."""

from __future__ import annotations

from typing import Any, Protocol

from twisted.python.failure import Failure

from txnames.protocol.deadlines import Deadline
from txnames.protocol.peer import Peer
from txnames.protocol.reply import Reply
from txnames.protocol.request import UDP

__all__ = ["Asker", "Pending", "Receiver"]


class Asker(Protocol):
    """Who asks the questions."""

    def cancelled(self, pending: Pending) -> None:
        """Take note that nobody wants the reply any more."""

    def expired(self, pending: Pending) -> None:
        """Take note that the time is up."""


class Receiver(Protocol):
    """Who wants the replies; one of its methods is called, once, unless the question is cancelled."""

    def replied(self, reply: Reply) -> Any:
        """Take the reply."""

    def failed(self, failure: Failure) -> Any:
        """Take note that there is none, and why."""


class Pending:
    """A question that waits for its reply.

    @ivar receiver: who wants the reply.
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
    @ivar ended: whether the receiver was told how it ended, or does not want to know.
    """

    # With slots, and what most questions need only: there is one of these for each question.
    __slots__ = (
        "address",
        "asker",
        "caseless",
        "deadline",
        "dnssecOK",
        "edns",
        "ended",
        "flags",
        "ident",
        "miscased",
        "name",
        "peer",
        "place",
        "plain",
        "question",
        "receiver",
        "renewed",
        "sent",
        "started",
        "stream",
        "suffix",
        "timeout",
        "transport",
    )

    def __init__(
        self,
        asker: Asker,
        receiver: Receiver,
        peer: Peer,
        name: bytes,
        suffix: bytes,
        flags: bytes,
        timeout: float,
        dnssecOK: bool,
        stream: bool,
    ) -> None:
        self.asker = asker
        self.receiver = receiver
        self.peer = peer
        self.address = peer.address
        self.name = name
        self.suffix = suffix
        self.flags = flags
        self.timeout = timeout
        self.dnssecOK = dnssecOK
        self.stream = stream
        self.started = self.sent = 0.0
        self.ident = self.question = b""
        self.transport = UDP
        self.place: Any = None
        self.deadline: Deadline | None = None
        self.edns = self.miscased = self.caseless = self.plain = self.renewed = self.ended = False

    def cancel(self) -> None:
        """Tell the asker that nobody wants the reply any more: the receiver will not get it."""
        self.asker.cancelled(self)

    def expired(self) -> None:
        """Tell the asker that the time is up."""
        self.asker.expired(self)
