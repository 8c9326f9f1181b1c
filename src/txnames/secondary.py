"""Secondaries: zones that are copied from other servers, and kept as new as these have them (RFC 1034 section 4.3.5).

The timers are those of the zone's SOA record.  After C{refresh} seconds (a bit earlier, so that not all secondaries of
a primary come at once), or when a primary says that the zone changed, the primaries are asked in turn for a newer
version.  If none of them answers, that is tried again after C{retry} seconds; after C{expire} seconds without an answer
the zone is closed: its names get SERVFAIL until a primary answers again.  A version that was fetched takes the place of
the one before as a whole, after it was judged; what is wrong with it goes to the log.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Sequence
from random import Random, SystemRandom
from typing import Any, Final

from twisted.application import service
from twisted.internet import defer
from twisted.internet.interfaces import IDelayedCall
from twisted.python import log
from twisted.python.failure import Failure

from txnames.authority import FileAuthority
from txnames.common import ResolverBase
from txnames.journal import Journal
from txnames.protocol.networks import Networks
from txnames.protocol.request import Request
from txnames.receiving import Primary, Received, Receiver, TransferError
from txnames.resolve import ResolverChain
from txnames.wire.message import Message
from txnames.wire.name import Name
from txnames.wire.numbers import EFORMAT, ENOTAUTH, EREFUSED, IN, OK, SOA
from txnames.zone.answer import payloadsOf
from txnames.zone.closed import EXPIRED, NOT_READY, ClosedZone
from txnames.zone.serial import isNewer
from txnames.zone.tree import Zone

__all__ = ["Secondaries", "SecondaryAuthority", "SecondaryAuthorityService", "Turns"]

_PORT: Final = 53
_LEAST: Final = 30
_MOST: Final = 4 * 7 * 86400
_FIRST_RETRY: Final = 10.0
_LAST_RETRY: Final = 3600.0
_JITTER: Final = 0.1


class Turns:
    """Lets so many of those that want something have it at a time, in the order in which they came.

    @ivar maximum: how many.
    """

    def __init__(self, maximum: int = 10) -> None:
        self.maximum = maximum
        self._running = 0
        self._waiting: deque[Callable[[], defer.Deferred[Any]]] = deque()

    def take(self, begin: Callable[[], defer.Deferred[Any]]) -> None:
        """Begin when there is a turn: with a function that gives a Deferred which fires at the end, without failure."""
        self._waiting.append(begin)
        self._next()

    def withdraw(self, begin: Callable[[], defer.Deferred[Any]]) -> bool:
        """Begin no more.

        @return: whether it waited still.
        """
        if begin in self._waiting:
            self._waiting.remove(begin)
            return True
        return False

    def _next(self) -> None:
        """Begin what there is a turn for."""
        while self._waiting and self._running < self.maximum:
            self._running += 1
            self._waiting.popleft()().addBoth(self._ended)

    def _ended(self, result: Any) -> None:
        """Take note that one has ended."""
        self._running -= 1
        self._next()


class SecondaryAuthority(FileAuthority):
    """Answers from a copy of a zone that other servers have.

    @ivar primary: the address of the first of these servers.
    @ivar primaries: all of them, in the order in which they are asked.
    @ivar domain: the name of the zone.
    @ivar origin: the same as L{Name}.
    @ivar transferring: whether they are being asked.
    @ivar journal: the versions that there were; C{None} before there is any.
    @ivar turns: bounds how many zones are asked for at a time.
    @ivar store: keeps the zone over restarts, a L{txnames.zonestore.ZoneStore}; or C{None}.
    @ivar minimum: the least seconds between two attempts, whatever the SOA record says.
    """

    transferring = False
    minimum: float = _LEAST

    _port = _PORT

    def __init__(
        self,
        primaryIP: str,
        domain: bytes | str,
        *,
        primaries: Sequence[Primary] = (),
        receiver: Receiver | None = None,
        turns: Turns | None = None,
        store: Any = None,
        random: Random | None = None,
        reactor: Any = None,
    ) -> None:
        """Make a secondary; it asks nobody before L{start} or L{transfer}.

        @param primaryIP: the address of the server to copy from.
        @param domain: the name of the zone.
        @param primaries: all servers to copy from, in the place of C{primaryIP}.
        @param receiver: fetches zones.
        @param reactor: has the timers; by default the global one.
        """
        ResolverBase.__init__(self)
        self.primary = primaryIP
        self.domain = domain.encode("ascii") if isinstance(domain, str) else domain
        self.origin = Name(domain)
        self._primaries = tuple(primaries)
        self._receiver = receiver
        self.turns = Turns() if turns is None else turns
        self.store = store
        self._random = SystemRandom() if random is None else random
        self._givenReactor = reactor
        self.journal: Journal | None = None
        self._timer: IDelayedCall | None = None
        self._expiry: IDelayedCall | None = None
        self._attempt: defer.Deferred[Any] | None = None
        self._begin: Callable[[], defer.Deferred[Any]] | None = None
        self._done: list[defer.Deferred[None]] = []
        self._again = False
        self._running = False
        self._failures = 0
        self._close("not transferred yet", NOT_READY)

    @classmethod
    def fromServerAddressAndDomain(cls, serverAddress: tuple[str, int], domain: bytes | str) -> SecondaryAuthority:
        """Make a secondary.

        @param serverAddress: the host and port of the server to copy from.
        """
        host, port = serverAddress
        made = cls(host, domain)
        made._port = port
        return made

    @property
    def primaries(self) -> tuple[Primary, ...]:
        """The servers to copy from."""
        return self._primaries or (Primary(self.primary, self._port),)

    @primaries.setter
    def primaries(self, primaries: Sequence[Primary]) -> None:
        """Copy from these servers from now on."""
        self._primaries = tuple(primaries)

    def reload(self) -> None:
        """Ask the primaries now, if this secondary was started: there is no file."""
        if self._running:
            self.transfer()

    @property
    def _reactor(self) -> Any:
        """What has the timers."""
        if self._givenReactor is None:
            from twisted.internet import reactor

            self._givenReactor = reactor
        return self._givenReactor

    @_reactor.setter
    def _reactor(self, reactor: Any) -> None:
        """Take another one."""
        self._givenReactor = reactor

    # --- the life of a secondary ---

    def start(self) -> None:
        """Answer from what was stored, if anything was, and keep that as new as the primaries have it."""
        self._running = True
        wait = 0.0
        stored = None
        try:
            stored = None if self.store is None else self.store.load(self.origin)
        except OSError as error:
            log.msg(f"secondary {self.origin}: what is stored was not read: {error}")
        if stored is not None:
            wait = self._restore(stored)
        self._schedule(wait)

    def stop(self) -> defer.Deferred[None]:
        """Ask nobody any more.

        @return: a Deferred that fires when all has ended.
        """
        self._running = False
        for call in (self._timer, self._expiry):
            if call is not None and call.active():
                call.cancel()
        self._timer = self._expiry = None
        if self._begin is not None and self.turns.withdraw(self._begin):
            self._finished()
        if self._attempt is None:
            return defer.succeed(None)
        ended: defer.Deferred[None] = defer.Deferred()
        self._done.append(ended)
        self._attempt.cancel()
        return ended

    close = stop

    def _restore(self, stored: Any) -> float:
        """Take up what was stored.

        @return: in how many seconds the primaries are to be asked.
        """
        now = self._wallClock()
        refresh, _, expire = self._times(stored.zone)
        refreshed = stored.state.get("refreshed", now + 1)
        # Where that isn't known, or the clock was set back since, it is taken for new, but asked for at once.
        age = max(now - refreshed, 0.0)
        if age >= expire:
            self._close("its time is up", EXPIRED)
            self.journal = Journal(stored.zone, stored.journal)
            return 0.0
        self.journal = Journal(stored.zone, stored.journal)
        self.answerFrom(stored.zone)
        self._expireIn(expire - age)
        return 0.0 if refreshed > now else max(refresh - age, 0.0)

    def _wallClock(self) -> float:
        """The time in seconds since 1970."""
        return self.receiver.now()

    @property
    def receiver(self) -> Receiver:
        """What fetches zones."""
        if self._receiver is None:
            self._receiver = Receiver(self._reactor)
        return self._receiver

    @receiver.setter
    def receiver(self, receiver: Receiver) -> None:
        """Fetch zones by this from now on."""
        self._receiver = receiver

    # --- timers ---

    def _times(self, zone: Zone) -> tuple[float, float, float]:
        """The seconds of refresh, retry and expire, in bounds that make sense."""
        soa: Any = payloadsOf(zone.soa)[0]
        refresh = min(max(soa.refresh, self.minimum), _MOST)
        retry = min(max(soa.retry, self.minimum), refresh)
        return refresh, retry, max(soa.expire, refresh + retry)

    def _schedule(self, seconds: float) -> None:
        """Ask the primaries in so many seconds, a bit less."""
        if not self._running:
            return
        if self._timer is not None and self._timer.active():
            self._timer.cancel()
        seconds *= 1 - _JITTER * self._random.random()
        self._timer = self._reactor.callLater(seconds, self._due)

    def _due(self) -> None:
        """Ask the primaries when it is this zone's turn."""
        self._timer = None
        if self._begin is None:
            self._begin = self._refresh
            self.turns.take(self._begin)

    def _expireIn(self, seconds: float) -> None:
        """Close the zone in so many seconds, unless a primary answers before."""
        if self._expiry is not None and self._expiry.active():
            self._expiry.cancel()
        self._expiry = self._reactor.callLater(seconds, self._expire) if self._running else None

    def _expire(self) -> None:
        """Close the zone."""
        self._expiry = None
        log.msg(f"secondary {self.origin}: no primary answered for so long that the zone is closed")
        self._close("its time is up", EXPIRED)

    # --- asking ---

    def transfer(self) -> defer.Deferred[None]:
        """Ask the primaries now; while that is being done, once more after it.

        @return: a Deferred that fires when that has ended, however it did.
        """
        ended: defer.Deferred[None] = defer.Deferred()
        self._done.append(ended)
        if self._begin is not None:
            self._again = self.transferring
        else:
            if self._timer is not None and self._timer.active():
                self._timer.cancel()
            self._due()
        return ended

    def update(self) -> defer.Deferred[None]:
        """Ask the primaries now; see L{transfer}."""
        return self.transfer()

    def _refresh(self) -> defer.Deferred[Any]:
        """Ask the primaries."""
        self.transferring = True
        self._again = False
        attempt: defer.Deferred[Any] = defer.ensureDeferred(self._inTurn())
        self._attempt = attempt
        attempt.addCallback(self._succeeded)
        # Whatever went wrong, it is tried again.
        attempt.addErrback(self._failed)
        attempt.addErrback(lambda failure: log.err(failure, f"secondary {self.origin}"))
        return attempt.addBoth(self._finished)

    async def _inTurn(self) -> tuple[Primary, Received]:
        """Ask the primaries, until one has a newer version or says that there is none."""
        reasons = []
        current: tuple[Primary, Received] | None = None
        for primary in self.primaries:
            old = None if self.journal is None else self.journal.zone
            try:
                received = await self.receiver.receive(primary, self.origin, old)
            except TransferError as error:
                reasons.append(f"{primary}: {error}")
                continue
            if received.zone is not None or old is None:
                return primary, received
            if isNewer(old.serial, received.serial):
                reasons.append(f"{primary}: it has serial {received.serial}, which is older than {old.serial}")
            else:
                # Another may have a newer one.
                current = current or (primary, received)
        if current is None:
            raise TransferError("; ".join(reasons))
        return current

    def _succeeded(self, found: tuple[Primary, Received]) -> None:
        """Take what a primary answered."""
        primary, received = found
        self._failures = 0
        zone = received.zone
        if zone is not None:
            how = "differences" if received.differences else "the whole zone"
            log.msg(f"secondary {self.origin}: serial {zone.serial} from {primary}, {how}")
            self._accept(zone, received)
        assert self.journal is not None
        refresh, _, expire = self._times(self.journal.zone)
        if self._loaded is not self.journal.zone:
            self.answerFrom(self.journal.zone)
        self._expireIn(expire)
        self._schedule(refresh)
        self._write("saveState", self.origin, {"refreshed": self._wallClock()})

    def _failed(self, failure: Failure) -> None:
        """Try again later."""
        if failure.check(defer.CancelledError):
            return
        if not failure.check(TransferError):
            log.err(failure, f"secondary {self.origin}")
        self._failures += 1
        if self.journal is None:
            wait = min(_FIRST_RETRY * 2 ** (self._failures - 1), _LAST_RETRY)
        else:
            wait = self._times(self.journal.zone)[1]
        log.msg(f"secondary {self.origin}: no transfer: {failure.getErrorMessage()}; next try in {wait:.0f} seconds")
        self._schedule(wait)

    def _finished(self, result: Any = None) -> None:
        """Take note that an attempt has ended."""
        self.transferring = False
        self._attempt = self._begin = None
        done, self._done = self._done, []
        for one in done:
            one.callback(None)
        if self._again and self._running:
            self._again = False
            self._schedule(0)

    # --- the zone ---

    def _accept(self, zone: Zone, received: Received) -> None:
        """Let a version take the place of the one before."""
        if self.journal is None:
            self.journal = Journal(zone)
            self._write("save", zone)
        else:
            journal = self.journal
            led = journal.advance(zone, received.differences or None)
            if received.differences and self.store is not None and not self._isToBeSaved():
                try:
                    for one in led:
                        self._write("append", self.origin, one)
                except (LookupError, ValueError):
                    # What is stored is another version, since storing one failed before.
                    self._write("save", zone, journal.history)
            else:
                self._write("save", zone, journal.history)
        self.answerFrom(zone)

    def _isToBeSaved(self) -> bool:
        """Whether the zone is to be stored as a whole, rather than what led to it."""
        try:
            return bool(self.store.compactable(self.origin))
        except OSError:
            return False

    def _write(self, method: str, *arguments: Any) -> None:
        """Store something; where that fails the zone is served all the same."""
        if self.store is None:
            return
        try:
            getattr(self.store, method)(*arguments)
        except OSError as error:
            log.msg(f"secondary {self.origin}: not stored: {error}")

    def _close(self, reason: str, info: int) -> None:
        """Answer nothing."""
        self.__dict__["soa"] = self.__dict__["records"] = None
        self._gathered = None
        self._loaded = ClosedZone(self.origin, reason, info)
        self._changed()

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {self.origin} of {', '.join(map(str, self.primaries))}>"


class Secondaries:
    """All secondaries of a server: tells them of changes.

    @ivar authorities: the secondaries, by the names of their zones, folded and in wire form.
    """

    def __init__(self, authorities: Iterable[SecondaryAuthority] = ()) -> None:
        self.authorities = {one.origin.folded: one for one in authorities}

    def add(self, authority: SecondaryAuthority) -> None:
        """Add a secondary."""
        self.authorities[authority.origin.folded] = authority

    def remove(self, authority: SecondaryAuthority) -> None:
        """Remove a secondary."""
        del self.authorities[authority.origin.folded]

    def notified(self, request: Request) -> int:
        """Have a zone asked for of which somebody says that it changed (RFC 1996 section 3.11).

        @return: the response code.
        """
        if request.type != SOA:
            return EFORMAT
        authority = self.authorities.get(request.name.lower())
        if authority is None or request.cls != IN:
            return ENOTAUTH
        if not _isPrimary(authority, request):
            where = "somebody" if request.address is None else request.address[0]
            log.msg(f"secondary {authority.origin}: NOTIFY of {where} refused, which is none of its primaries")
            return EREFUSED
        serial = _offered(request, authority)
        journal = authority.journal
        if serial is None or journal is None or isNewer(serial, journal.zone.serial) or authority.transferring:
            authority.transfer()
        return OK


def _isPrimary(authority: SecondaryAuthority, request: Request) -> bool:
    """Whether a request comes from the address of a primary of a zone, or is signed by the key of one.

    All that follows from it is that the primaries are asked, so that the address alone will do.
    """
    for primary in authority.primaries:
        if request.address is not None and request.address[0] in Networks([primary.host.partition("%")[0]]):
            return True
        if request.key is not None and primary.key is not None and request.key == primary.key.name:
            return True
    return False


def _offered(request: Request, authority: SecondaryAuthority) -> int | None:
    """The serial that a NOTIFY bears, if it bears any (RFC 1996 section 3.7)."""
    message = Message()
    message.fromStr(request.octets)
    for record in message.answers:
        if record.type == SOA and record.name == authority.origin:
            return int(record.payload.serial)
    return None


class SecondaryAuthorityService(service.Service):
    """Keeps secondaries of one primary for as long as it runs.

    @ivar primary: the address of the primary.
    @ivar domains: the secondaries.
    @ivar calls: nothing; the secondaries have timers of their own.
    """

    calls: Any = None
    _port = _PORT

    def __init__(self, primary: bytes | str, domains: Sequence[bytes | str]) -> None:
        """Make secondaries.

        @param primary: the address of the server to copy from.
        @param domains: the names of the zones.
        """
        self.primary = primary.decode("ascii") if isinstance(primary, bytes) else primary
        self.domains = [SecondaryAuthority(self.primary, domain) for domain in domains]
        self._share()

    @classmethod
    def fromServerAddressAndDomains(
        cls, serverAddress: tuple[str, int], domains: Sequence[bytes | str]
    ) -> SecondaryAuthorityService:
        """Make secondaries.

        @param serverAddress: the host and port of the server to copy from.
        """
        made = cls(serverAddress[0], ())
        made._port = serverAddress[1]
        made.domains = [SecondaryAuthority.fromServerAddressAndDomain(serverAddress, domain) for domain in domains]
        made._share()
        return made

    def _share(self) -> None:
        """Let all zones together be asked for few at a time."""
        turns = Turns()
        for authority in self.domains:
            authority.turns = turns

    def getAuthority(self) -> Any:
        """A resolver that answers from all these zones."""
        return ResolverChain(self.domains)

    def startService(self) -> None:
        """Keep the zones from now on."""
        super().startService()  # type: ignore[no-untyped-call]  # reason: Twisted's has no annotations
        for authority in self.domains:
            authority.start()

    def stopService(self) -> Any:
        """Keep them no longer."""
        super().stopService()  # type: ignore[no-untyped-call]  # reason: Twisted's has no annotations
        return defer.DeferredList([authority.stop() for authority in self.domains])
