"""One lookup at servers that are known: whom to ask, how long to wait, when to ask again, when to give up."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from struct import Struct
from typing import Any, Final

from twisted.internet import defer
from twisted.internet.error import InvalidAddressError
from twisted.python.failure import Failure

from txnames.error import DNSDecodeError, DNSQueryTimeoutError, QueryTimeoutError, UnreachableError, replyError
from txnames.protocol.exchange import Exchange
from txnames.protocol.pending import Pending
from txnames.protocol.reply import Reply
from txnames.wire.header import Query
from txnames.wire.name import Name
from txnames.wire.numbers import ENAME, EYXDOMAIN, OK
from txnames.wire.options import ExtendedErrorOption
from txnames.zone.answer import Sections

__all__ = ["Inquiry", "sectionsOf"]

_readPair = Struct(">HH").unpack
_newSections: Any = tuple.__new__
_AD: Final = 0x20
_RD: Final = 1
_CD: Final = 2

Convert = Callable[[Reply, int], Any]

_PATIENCE: Final = 0.25
_TRIPS: Final = 5
"""The seconds that any server gets to answer, and how many round trip times."""

_FINAL: Final = frozenset((OK, ENAME, EYXDOMAIN))
"""Response codes that are answers: another server would say the same."""


class Inquiry:
    """A question on its way, and those who wait for its answer.

    All servers are asked in turn; then, with the next timeout, all of them again.  A server that cannot be reached, or
    says that it cannot answer, has its turn once.

    The first time, a server that lately answered in a moment gets not much longer than that, as datagrams get lost; the
    last attempt has the time that was spared, so the whole takes as long as the timeouts say.

    @ivar waiting: a Deferred for each who asked, each followed by what makes its result from the L{Reply} and the
        variant.
    """

    __slots__ = (
        "_done",
        "_last",
        "_pending",
        "_place",
        "_round",
        "_spared",
        "exchange",
        "key",
        "name",
        "servers",
        "stream",
        "suffix",
        "timeouts",
        "variant",
        "waiting",
    )

    def __init__(
        self,
        exchange: Exchange,
        name: bytes,
        suffix: bytes,
        servers: Sequence[tuple[str, int]],
        timeouts: Sequence[float],
        variant: int,
        stream: bool,
        done: Callable[[Inquiry], None],
        key: Any = None,
    ) -> None:
        """Begin.

        @param name: the name in wire form.
        @param suffix: type and class as octets.
        @param servers: the servers in the order in which they are asked.
        @param timeouts: the seconds that each server gets, round by round.
        @param variant: see L{Sections.variant}.
        @param stream: whether to ask over TCP.
        @param done: called at the end.
        """
        self.exchange = exchange
        self.name = name
        self.suffix = suffix
        self.servers = servers
        self.timeouts = timeouts
        self.variant = variant
        self.stream = stream
        self.key = key
        self.waiting: list[Any] = []
        self._done = done
        self._round = self._place = 0
        self._spared = 0.0
        self._last: Reply | Failure | None = None
        self._pending: Pending | None = None

    def join(self, convert: Convert) -> defer.Deferred[Any]:
        """Wait for the answer.

        @param convert: called with the L{Reply} and the variant.
        @return: a Deferred of what C{convert} gives or raises; cancelled, it waits no longer, and if nobody else does,
            nobody is asked.
        """
        waiting: defer.Deferred[Any] = defer.Deferred(self._cancelled)
        self.waiting += waiting, convert
        return waiting

    def _cancelled(self, waiting: defer.Deferred[Any]) -> None:
        """Have one wait no longer."""
        if waiting in self.waiting:
            place = self.waiting.index(waiting)
            del self.waiting[place : place + 2]
            if not self.waiting:
                self._done(self)
                if self._pending is not None:
                    self._pending.cancel()

    def ask(self) -> None:
        """Ask whose turn it is."""
        if self._place >= len(self.servers):
            self._round, self._place = self._round + 1, 0
        if self._round >= len(self.timeouts) or not self.servers:
            self._give(self._last)
            return
        server = self.servers[self._place]
        self._place += 1
        variant = self.variant
        self._pending = None
        seconds = self.timeouts[self._round]
        try:
            if self._place == len(self.servers) and self._round + 1 == len(self.timeouts):
                seconds += self._spared
            elif not self._round and not self.stream:
                peer = self.exchange.peer(server)
                if peer.srtt is not None and not peer.failures:
                    patience = max(_PATIENCE, peer.srtt * _TRIPS, peer.rto)
                    if patience < seconds:
                        self._spared += seconds - patience
                        seconds = patience
            pending = self.exchange.put(
                self,
                server,
                self.name,
                self.suffix,
                _RD | variant & _CD,
                seconds,
                variant & 1 != 0,
                self.stream,
            )
        except InvalidAddressError:
            self.failed(Failure())
            return
        if not pending.ended:
            self._pending = pending

    def replied(self, reply: Reply) -> None:
        """Take a reply."""
        if reply.rcode in _FINAL:
            self._give(reply, True)
        else:
            self._out(reply)

    def failed(self, failure: Failure) -> None:
        """Take a failure to get one."""
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
        self._place = place = self._place - 1
        # A copy: the list is somebody else's.
        self.servers = [server for number, server in enumerate(self.servers) if number != place]
        # That a server said something says more than that another is not to be reached.
        if not isinstance(self._last, Reply) or isinstance(what, Reply):
            self._last = what
        self.ask()

    def _give(self, result: Reply | Failure | None, another: bool = False) -> None:
        """Give the result to all who wait.

        @param another: whether another server is asked where the reply cannot be read.
        """
        self._done(self)
        self._pending = None
        waiting, self.waiting = self.waiting, []
        if result is None:
            query = Query(Name.fromWire(self.name), *_readPair(self.suffix))
            result = Failure(QueryTimeoutError(query, question=query, reason="there is no server to ask"))
        for one, convert in zip(waiting[::2], waiting[1::2], strict=True):
            if one.called:
                # It was cancelled by one that had its answer before.
                continue
            if isinstance(result, Failure):
                one.errback(result)
                continue
            try:
                converted = convert(result, self.variant)
            except DNSDecodeError:
                if another:
                    # Only now: to read each reply twice would take too long.
                    self.waiting = waiting
                    self._out(Failure())
                    return
                one.errback()
            except Exception:
                one.errback()
            else:
                another = False
                one.callback(converted)


def sectionsOf(reply: Reply, variant: int = 0) -> Sections:
    """What a reply holds.

    @raise DomainError: its response code is an error; the exception is of the class for that code, has the message as
        its argument, and says all else that is known (L{txnames.error.Explained}).
    @raise DNSDecodeError: it is no message.
    """
    rcode = reply.rcode
    sections: Sections
    if reply.plain:
        errors: tuple[ExtendedErrorOption, ...] = ()
        sections = _newSections(Sections, reply.sections)
    else:
        errors = reply.errors
        sections = Sections(*reply.sections, errors=errors)
    if reply.octets[3] & _AD:
        sections.authenticData = True
    if variant:
        sections.variant = variant
    if rcode == OK:
        return sections
    sections.rcode = rcode
    message = reply.message
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
