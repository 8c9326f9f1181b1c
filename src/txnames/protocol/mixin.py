"""What both protocols of the DNS have in common: questions that wait for their answers."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

from twisted.internet import defer
from twisted.internet.interfaces import IDelayedCall
from twisted.python.failure import Failure

from txnames.error import DNSQueryTimeoutError
from txnames.wire.header import Query
from txnames.wire.message import Message
from txnames.wire.numbers import OK

__all__ = ["DNSMixin", "Waiting", "randomSource"]


def randomSource() -> int:
    """Draw a message ID that nobody can foretell."""
    return secrets.randbits(16)


class Waiting(NamedTuple):
    """A question that waits for its answer.

    @ivar deferred: fires with the answer, a L{Message}.
    @ivar timeout: the call that gives up.
    @ivar queries: what was asked.
    @ivar address: who was asked, where one protocol asks several.
    """

    deferred: defer.Deferred[Message]
    timeout: IDelayedCall
    queries: Sequence[Query]
    address: tuple[str, int] | None


class DNSMixin:
    """Asks questions, and finds the question for each answer.

    @ivar controller: gets the messages that answer no question of ours, by its C{messageReceived}.
    @ivar liveMessages: the questions that wait, by the ID of their message.
    """

    id: int | None = None
    liveMessages: dict[int, Waiting] = None  # type: ignore[assignment]  # reason: empty until the protocol starts

    def __init__(self, controller: Any, reactor: Any = None) -> None:
        self.controller = controller
        self.reactor = reactor
        self.id = randomSource()

    def pickID(self) -> int:
        """Draw an ID that no waiting question has."""
        while True:
            id = randomSource()
            if id not in (self.liveMessages or ()):
                return id

    def callLater(self, period: float, func: Callable[..., Any], *args: Any) -> IDelayedCall:
        """Have a function called in so many seconds."""
        return self._clock().callLater(period, func, *args)  # type: ignore[no-any-return]  # reason: any reactor will do

    def _clock(self) -> Any:
        """The reactor."""
        if self.reactor is None:
            from twisted.internet import reactor

            self.reactor = reactor
        return self.reactor

    def _query(
        self,
        queries: Sequence[Query],
        timeout: float,
        id: int,
        write: Callable[[Message], None],
        address: tuple[str, int] | None = None,
    ) -> defer.Deferred[Message]:
        """Ask.

        @param write: sends the message.
        @return: a Deferred of the answer; it fails with what C{write} raises, or with L{DNSQueryTimeoutError}.
        """
        message = Message(id, recDes=1)
        message.queries = list(queries)
        try:
            write(message)
        except Exception:
            return defer.fail(Failure())
        deferred: defer.Deferred[Message] = defer.Deferred(lambda _: self._forget(id, deferred))
        self.liveMessages[id] = Waiting(deferred, self.callLater(timeout, self._giveUp, id), message.queries, address)
        return deferred

    def _forget(self, id: int, deferred: defer.Deferred[Message]) -> None:
        """Wait no longer for the answer to a question that was cancelled."""
        waiting = self.liveMessages.get(id)
        if waiting is not None and waiting.deferred is deferred:
            del self.liveMessages[id]
            waiting.timeout.cancel()

    def _giveUp(self, id: int) -> None:
        """Wait no longer for an answer."""
        self.liveMessages.pop(id).deferred.errback(DNSQueryTimeoutError(id))

    def _failAll(self, reason: Failure) -> None:
        """Wait no longer for any answer."""
        waiting, self.liveMessages = self.liveMessages or {}, {}
        for one in waiting.values():
            if one.timeout.active():
                one.timeout.cancel()
            one.deferred.errback(reason)

    def _answered(self, message: Message, address: tuple[str, int] | None = None) -> bool:
        """Give a response to the question that waits for it.

        @return: whether a question has this ID; a response that doesn't fit it otherwise is dropped, and the question
            waits on (RFC 5452 section 9.1).
        """
        waiting = self.liveMessages.get(message.id)
        if waiting is None or not message.answer:
            return False
        if waiting.address == address and (
            message.queries == waiting.queries or (not message.queries and message.rCode != OK)
        ):
            del self.liveMessages[message.id]
            waiting.timeout.cancel()
            waiting.deferred.callback(message)
        return True
