"""One lookup at servers that are known: whom to ask, how long to wait, when to ask again, when to give up."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Final

from twisted.internet import defer
from twisted.python.failure import Failure

from txnames.error import DNSQueryTimeoutError, QueryTimeoutError, UnreachableError, replyError
from txnames.protocol.exchange import Exchange
from txnames.protocol.reply import Reply
from txnames.wire.header import Query
from txnames.wire.name import Name
from txnames.wire.numbers import ENAME, EYXDOMAIN, OK
from txnames.zone.answer import Sections

__all__ = ["Inquiry", "sectionsOf"]

_FINAL: Final = frozenset((OK, ENAME, EYXDOMAIN))
"""Response codes that are answers: another server would say the same."""


class Inquiry:
    """A question on its way, and those who wait for its answer.

    All servers are asked in turn; then, with the next timeout, all of them again.  A server that cannot be reached, or
    says that it cannot answer, has its turn once.

    @ivar waiting: a Deferred for each who asked.
    """

    __slots__ = (
        "_done",
        "_last",
        "_pending",
        "_turn",
        "exchange",
        "flags",
        "key",
        "question",
        "servers",
        "started",
        "stream",
        "timeouts",
        "waiting",
    )

    def __init__(
        self,
        exchange: Exchange,
        question: tuple[bytes, int, int],
        servers: Sequence[tuple[str, int]],
        timeouts: Sequence[float],
        variant: int,
        stream: bool,
        done: Callable[[Inquiry], None],
        key: Any = None,
    ) -> None:
        """Begin.

        @param question: the name in wire form, the type and the class.
        @param servers: the servers in the order in which they are asked.
        @param timeouts: the seconds that each server gets, round by round.
        @param variant: see L{Sections.variant}.
        @param stream: whether to ask over TCP.
        @param done: called at the end.
        """
        self.exchange = exchange
        self.question = question
        self.servers = list(servers)
        self.timeouts = timeouts
        self.flags = bool(variant & 1), bool(variant & 2)
        self.stream = stream
        self.key = key
        self.waiting: list[defer.Deferred[Any]] = []
        self.started: float | None = None
        self._done = done
        self._turn = (0, 0)
        self._last: Reply | Failure | None = None
        self._pending: defer.Deferred[Reply] | None = None

    def join(self) -> defer.Deferred[Any]:
        """Wait for the answer.

        @return: a Deferred of the L{Reply}; cancelled, it waits no longer, and if nobody else does, nobody is asked.
        """
        deferred: defer.Deferred[Any] = defer.Deferred(self._cancelled)
        self.waiting.append(deferred)
        return deferred

    def _cancelled(self, deferred: defer.Deferred[Any]) -> None:
        """Have one wait no longer."""
        if deferred in self.waiting:
            self.waiting.remove(deferred)
            if not self.waiting:
                self._finish()
                pending, self._pending = self._pending, None
                if pending is not None:
                    pending.addErrback(lambda _: None)
                    pending.cancel()

    def ask(self) -> None:
        """Ask whose turn it is."""
        round, place = self._turn
        if place >= len(self.servers):
            round, place = round + 1, 0
        if round >= len(self.timeouts) or not self.servers:
            self._give(self._last)
            return
        self._turn = round, place + 1
        name, type, cls = self.question
        dnssecOK, checkingDisabled = self.flags
        self._pending = pending = self.exchange.ask(
            self.servers[place],
            name,
            type,
            cls,
            timeout=self.timeouts[round],
            recursionDesired=True,
            dnssecOK=dnssecOK,
            checkingDisabled=checkingDisabled,
            stream=self.stream,
        )
        pending.addCallbacks(self._replied, self._failed)

    def _replied(self, reply: Reply) -> None:
        """Take a reply."""
        if reply.rcode in _FINAL:
            self._give(reply)
        else:
            self._out(reply)

    def _failed(self, failure: Failure) -> None:
        """Take a failure to get one."""
        if not self.waiting:
            return
        if isinstance(failure.value, UnreachableError):
            self._out(failure)
        elif isinstance(failure.value, DNSQueryTimeoutError):
            if not isinstance(self._last, Reply):
                self._last = failure
            self.ask()
        else:
            self._give(failure)

    def _out(self, what: Reply | Failure) -> None:
        """Ask this server no more."""
        round, place = self._turn
        del self.servers[place - 1]
        self._turn = round, place - 1
        # That a server said something says more than that another is not to be reached.
        if not isinstance(self._last, Reply) or isinstance(what, Reply):
            self._last = what
        self.ask()

    def _finish(self) -> None:
        """Be known no longer as a question that is on its way."""
        self._done(self)

    def _give(self, result: Reply | Failure | None) -> None:
        """Give the result to all who wait."""
        self._finish()
        self._pending = None
        waiting, self.waiting = self.waiting, []
        if result is None:
            name, type, cls = self.question
            query = Query(Name.fromWire(name), type, cls)
            result = Failure(QueryTimeoutError(query, question=query, reason="there is no server to ask"))
        if isinstance(result, Failure):
            for deferred in waiting:
                deferred.errback(result)
        else:
            for deferred in waiting:
                deferred.callback(result)


def sectionsOf(reply: Reply, variant: int = 0) -> Sections:
    """What a reply holds.

    @raise DomainError: its response code is an error; the exception is of the class for that code, has the message as
        its argument, and says all else that is known (L{txnames.error.Explained}).
    @raise DNSDecodeError: it is no message.
    """
    message = reply.message
    rcode = reply.rcode
    errors = reply.errors
    sections = Sections(
        message.answers,
        message.authority,
        message.additional,
        rcode,
        False,
        bool(message.authenticData),
        errors,
        False,
        variant,
    )
    if rcode == OK:
        return sections
    error = replyError(
        rcode,
        message,
        sections=sections,
        question=message.queries[0] if message.queries else None,
        server=reply.server,
        transport=reply.transport,
        elapsed=reply.elapsed,
        errors=errors,
    )
    raise error
