"""The cache: answers by their questions, and RRsets as the iterative resolver learns them.

An answer is kept as it came, under the question that it answers and under no other: what else stands in it is believed
for this question only, so nothing that came along can take the place of another answer.  It stays for as long as the
shortest TTL in it says.  That nothing exists is an answer too (RFC 2308); that a name does not exist goes for all types
and for all names below it (RFC 8020); that nobody could say is remembered for a short while (RFC 9520).

RRsets of the iterative resolver are ranked by how far their source is to be trusted, see L{txnames.ranked}.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, Final

import attrs
from twisted.internet import defer
from twisted.python import log
from twisted.python.failure import Failure
from zope.interface import implementer

from txnames import cachefile
from txnames.cachedanswer import CachedAnswer
from txnames.common import ResolverBase, Timeout
from txnames.error import AuthoritativeDomainError, DNSNameError, DomainError, replyError
from txnames.expiring import ExpiringStore
from txnames.interfaces import ICache, IRequestResolver
from txnames.protocol.request import Request
from txnames.ranked import MAXIMUM_TTL, Rank, RankedRRset, RankedRRsets
from txnames.wire.header import Query, RRHeader, streamed
from txnames.wire.name import Name
from txnames.wire.numbers import ALL_RECORDS, CNAME, ENAME, ESERVER, EYXDOMAIN, IN, OK, OPT, SOA
from txnames.wire.options import ExtendedErrorOption
from txnames.zone.answer import Answer, Section, Sections
from txnames.zone.rrset import packRecord, ttlOf, typeOf, withTtl

__all__ = ["CacheResolver", "CachedAnswer", "Rank", "Statistics", "packed"]

_NEVER: Final = float("inf")

_FAILURE: Final = 5.0
_LONGEST_FAILURE: Final = 300.0
"""Seconds for which a failure is remembered, the first time and at most (RFC 9520 section 3.2)."""

_STALE_TTL: Final = 30
"""The TTL of data that is past its time, in seconds (RFC 8767 section 4)."""

_NAME: Final = -1
"""Stands in keys in the place of a type: the name itself, which does not exist."""

_NO_DATA: Final = range(128, ALL_RECORDS)
"""The types of questions, such as zone transfers, that no data has (RFC 6895 section 3.1)."""

_STALE_ANSWER: Final = 3
_CACHED_ERROR: Final = 13
_STALE_NXDOMAIN: Final = 19

_MANY: Final = 3
_LATE: Final = 0.1
"""Answers that were asked for so many times are fetched anew when no more than this share of their time is left."""


@attrs.frozen
class Statistics:
    """What a cache did so far, and what it holds now.

    @ivar hits: how many questions it answered, negative answers and failures included.
    @ivar negative: how many of those answers were that something does not exist.
    @ivar failures: how many of them were that nobody could say.
    @ivar stale: how many questions got an answer that was past its time.
    @ivar misses: how many questions it did not answer.
    @ivar prefetched: how many answers were fetched anew before their time was up.
    @ivar entries: how many answers it holds.
    @ivar rrsets: how many RRsets it holds beside these.
    @ivar octets: how much memory it takes, more or less.
    @ivar evicted: how many entries had to make room for others.
    @ivar expired: how many entries were dropped because their time was up.
    """

    hits: int
    negative: int
    failures: int
    stale: int
    misses: int
    prefetched: int
    entries: int
    rrsets: int
    octets: int
    evicted: int
    expired: int


_Key = tuple[bytes, int, int, int]
"""The folded name, the type (or L{_NAME}), the class, and the variant (see L{Sections.variant})."""


@implementer(ICache, IRequestResolver)
class CacheResolver(ResolverBase):
    """Answers what it was told before.

    @ivar cache: what it holds, by question: when it came, and three lists of records.
    @ivar verbose: whether hits and misses are logged.
    @ivar rrsets: what the iterative resolver knows, see L{RankedRRsets}.
    @ivar apexes: the folded names of zones whose servers are known from elsewhere than the zones above: that a name
        above such a zone does not exist says nothing of the zone.
    @ivar prefetcher: called with a question whose answer is popular and about to expire, to ask it again and store the
        answer; C{None} for no such thing.
    """

    prefetcher: Callable[[Query], Any] | None = None

    def __init__(
        self,
        cache: Mapping[Query, tuple[float, Any]] | None = None,
        verbose: int = 0,
        reactor: Any = None,
        *,
        maximumEntries: int = 100_000,
        maximumOctets: int = 100_000_000,
        minimumTTL: int = 0,
        maximumTTL: int = MAXIMUM_TTL,
        maximumNegativeTTL: int = 10_800,
        serveStale: float | None = None,
    ) -> None:
        """Make a cache.

        @param cache: answers to begin with: when each came, and three lists of records.
        @param reactor: what tells the time and has the one timer; by default the global one.
        @param maximumEntries: how many answers, and how many RRsets, there may be.
        @param maximumOctets: how much memory all of them may take, more or less.
        @param minimumTTL: the seconds for which an answer is kept at least; over 0 this is more than its zone allows.
        @param maximumTTL: the seconds for which one is kept at most.
        @param maximumNegativeTTL: the same for answers that something does not exist (RFC 2308 section 5).
        @param serveStale: for how many seconds an answer that is past its time may take the place of a failure
            (RFC 8767); C{None} for not at all.
        """
        super().__init__()
        self.verbose = verbose
        self.reactor = reactor
        self.minimumTTL = minimumTTL
        self.maximumTTL = maximumTTL
        self.maximumNegativeTTL = maximumNegativeTTL
        self.serveStale = serveStale
        self._answers: ExpiringStore[CachedAnswer] = ExpiringStore(self._clock, maximumEntries, maximumOctets // 2)
        self.rrsets = RankedRRsets(self._clock, maximumEntries, maximumOctets // 2, maximumTTL)
        self.apexes: set[bytes] = set()
        self._names = 0
        # Counts how often an answer took the place of another, or was taken away.
        self._generation = 0
        self._counts = dict.fromkeys(("hits", "negative", "failures", "stale", "misses", "prefetched"), 0)
        for query, (when, payload) in (cache or {}).items():
            self._keep(query, payload, when, _NEVER)

    @property
    def _isPlain(self) -> bool:
        """Whether no subclass has steps of its own for what L{answerNow} does without them."""
        kind = type(self)
        return kind is CacheResolver or all(
            getattr(kind, name) is getattr(CacheResolver, name) for name in ("query", "resolveRequest", "_answer")
        )

    @property
    def cache(self) -> Mapping[Query, tuple[float, Sections]]:
        """What the cache holds, by question."""
        return _View(self)

    def _clock(self) -> Any:
        """The reactor."""
        if self.reactor is None:
            from twisted.internet import reactor

            self.reactor = reactor
        return self.reactor

    # --- to put in ---

    def cacheResult(self, query: Query, payload: Any, cacheTime: float | None = None) -> None:
        """Remember the answer to a question, for as long as the shortest TTL in it says.

        @param payload: three lists of L{RRHeader}, most often with the attributes of L{Sections}.  An answer without
            records is kept if it has the SOA record which says for how long (RFC 2308 section 5).
        @param cacheTime: when it came, in seconds on the reactor's clock; by default now.
        """
        self._keep(query, payload, cacheTime, None)

    def _keep(self, query: Query, payload: Any, when: float | None, without: float | None) -> None:
        """Remember an answer.

        @param without: for how many seconds one without any records is kept; C{None} for not at all.
        """
        now = self._clock().seconds()
        stored = now if when is None else when
        rcode = getattr(payload, "rcode", OK)
        if rcode not in (OK, ENAME) or getattr(payload, "cached", False) or query.type in _NO_DATA:
            return
        variant = getattr(payload, "variant", 0)
        # Whoever could answer once begins anew when failures are counted.
        self._answers.discard(self._failureKey(query, variant))
        answers, authority, additional = payload
        sections = packed(answers), packed(authority), packed(additional)
        ttl = self._ttlOf(rcode, sections) if any(sections) else without
        if ttl is None:
            return
        if any(sections):
            # Nobody is told a longer time than the one for which it is kept here.
            least, most = self.minimumTTL, self.maximumTTL if sections[0] else int(ttl)
            answer, rest, more = [[(one, _bounded(data, least, most)) for one, data in part] for part in sections]
            sections = answer, rest, more
        errors = tuple(getattr(payload, "errors", ()))
        # A name that does not exist has no records of any type; one that leads to such a name exists itself.
        kind = _NAME if rcode == ENAME and not sections[0] else query.type
        self._store((query.name.folded, kind, query.cls, variant), rcode, sections, errors, stored, ttl)

    def _ttlOf(self, rcode: int, sections: tuple[Section, Section, Section]) -> int | None:
        """For how many seconds an answer may be kept; C{None} for not at all."""
        ttls = [ttlOf(data) for section in sections for _, data in section]
        if any(ttl > 0x7FFFFFFF for ttl in ttls):
            # A TTL with the first bit set is 0 (RFC 2181 section 8).
            return None
        soas = [data for _, data in sections[1] if typeOf(data) == SOA]
        if rcode == ENAME or not sections[0] or _endsWithAlias(sections[0]):
            if soas:
                ttl = min(*ttls, int.from_bytes(soas[0][-4:], "big"), self.maximumNegativeTTL)
            elif sections[0] and rcode == OK:
                # An alias that leads out of what its server knows.
                ttl = min(ttls)
            else:
                return None
        else:
            ttl = min(ttls)
        return min(max(ttl, self.minimumTTL), self.maximumTTL) or None

    def _store(
        self,
        key: _Key,
        rcode: int,
        sections: tuple[Section, Section, Section],
        errors: tuple[ExtendedErrorOption, ...],
        stored: float,
        ttl: float,
    ) -> CachedAnswer:
        """Put an answer in its place."""
        made = CachedAnswer(rcode, sections, errors, stored, stored + ttl, stored + ttl + (self.serveStale or 0))
        if made.dropped > self._clock().seconds():
            if self._answers.peek(key) is not None:
                self._generation += 1
            self._answers.put(key, made)
            if key[1] == _NAME:
                self._names += 1
        return made

    def cacheFailure(self, query: Query, failure: Failure) -> Sections | None:
        """Remember a failure: that a name does not exist, or that nobody could say.

        @param failure: its C{sections}, if there are any, say for which variant it counts.
        @return: C{None}, or an answer past its time to be given in its place, if that is wanted (RFC 8767).
        """
        error = failure.value
        sections = getattr(error, "sections", None)
        if isinstance(error, DNSNameError | AuthoritativeDomainError):
            if sections is not None:
                self.cacheResult(query, sections)
            return None
        # A DNAME record that makes the name too long is an answer, though none that is kept here.
        tooLong = getattr(error, "rcode", None) == EYXDOMAIN
        if tooLong or isinstance(error, defer.CancelledError) or query.type in _NO_DATA:
            return None
        variant = getattr(sections, "variant", 0)
        self.storeFailure(query, tuple(getattr(error, "errors", ())), variant)
        return self.stale(query, variant)

    def storeFailure(self, query: Query, errors: tuple[ExtendedErrorOption, ...] = (), variant: int = 0) -> None:
        """Remember that nobody could answer a question, each time in a row for twice as long (RFC 9520)."""
        key = self._failureKey(query, variant)
        now = self._clock().seconds()
        old = self._answers.peek(key)
        failures = 0 if old is None else old.failures
        seconds = min(_FAILURE * 2**failures, _LONGEST_FAILURE)
        made = CachedAnswer(ESERVER, ([], [], []), errors, now, now + seconds, now + seconds + _LONGEST_FAILURE)
        made.failures = min(failures + 1, 10)
        self._answers.put(key, made)

    @staticmethod
    def _failureKey(query: Query, variant: int) -> Any:
        """The key of a failure."""
        return query.name.folded, query.type, query.cls, variant, "failure"

    def clearEntry(self, query: Query) -> None:
        """Forget the answer to a question, if it is known, and the RRset or alias of which it may be made again."""
        self._generation += 1
        for variant in range(4):
            self._answers.discard((query.name.folded, query.type, query.cls, variant))
            self._answers.discard((query.name.folded, _NAME, query.cls, variant))
            self._answers.discard(self._failureKey(query, variant))
        for kind in (query.type, CNAME):
            self.rrsets.forget(query.name.folded, kind, query.cls)

    # --- to take out ---

    def lookup(self, name: bytes, type: int, cls: int = IN, variant: int = 0) -> Answer | None:
        """Find an answer.

        @param name: the name in wire form, spelled as it was asked for.
        @param variant: see L{Sections.variant}.
        @return: the answer with its TTLs as they are now; C{None} where it is not known.
        """
        found = self._find(name.lower(), type, cls, variant)
        return None if found is None else found.answer(name, self._clock().seconds())

    def _find(self, folded: bytes, type: int, cls: int, variant: int) -> CachedAnswer | None:
        """Find an answer whose time is not up."""
        now = self._clock().seconds()
        store = self._answers
        found = store.get((folded, type, cls, variant))
        if found is not None and found.expires > now:
            return found
        if self._names:
            name = folded
            while True:
                found = store.get((name, _NAME, cls, variant))
                if found is not None and found.expires > now:
                    return found
                if not name[0] or name in self.apexes:
                    break
                name = name[1 + name[0] :]
        return None

    def hasFailed(self, query: Query, variant: int = 0) -> bool:
        """Whether nobody could answer a question a short while ago."""
        failed = self._answers.peek(self._failureKey(query, variant))
        return failed is not None and failed.expires > self._clock().seconds()

    def stale(self, query: Query, variant: int = 0) -> Sections | None:
        """Find an answer that may be past its time, if such are given; its TTLs are 30 seconds (RFC 8767 section 4)."""
        if self.serveStale is None:
            return None
        now = self._clock().seconds()
        for kind in (query.type, _NAME):
            found = self._answers.get((query.name.folded, kind, query.cls, variant))
            if found is not None and found.dropped > now:
                self._counts["stale"] += 1
                code = _STALE_NXDOMAIN if found.rcode == ENAME else _STALE_ANSWER
                answer = found.answer(query.name.wire, now, _STALE_TTL)
                return _sections(answer, (*found.errors, ExtendedErrorOption(code)), variant)
        return None

    def query(self, query: Query, timeout: Timeout = None) -> defer.Deferred[Any]:
        """Answer a question.

        @return: a Deferred of L{Sections}, C{cached}.  It fails with L{DNSNameError} for a name that does not exist,
            with C{DNSServerError} for a question that nobody could answer a short while ago, and with L{DomainError}
            for one of which nothing is known.
        """
        return self._answer(query, 0)

    def resolveRequest(self, request: Request) -> defer.Deferred[Any]:
        """Answer a request; see L{IRequestResolver}."""
        return self._answer(request.query, request.variant)

    def answerNow(self, name: bytes, type: int, cls: int, variant: int) -> tuple[Answer, Callable[[], bool]] | None:
        """Answer a question at once, where there is no more to say of it than the records.

        @param name: the name in wire form.
        @param variant: see L{Sections.variant}.
        @return: C{None} where L{resolveRequest} has to be asked.  Otherwise the answer, and what says, and takes note,
            whether the same answer may be given once more.
        """
        found = None if self.verbose or not self._isPlain else self._find(name.lower(), type, cls, variant)
        if found is None or found.errors:
            return None
        if self.prefetcher is not None and found.uses >= _MANY - 1 and not found.fetching:
            return None
        clock = self._clock()
        now = clock.seconds()
        counts = self._counts
        answer = found.answer(name, now)
        isNegative = not answer.answer or answer.rcode == ENAME
        # Then each TTL is less by one.
        until = min(found.stored + int(now - found.stored) + 1, found.expires)
        generation = self._generation

        def again() -> bool:
            popular = self.prefetcher is not None and found.uses >= _MANY - 1 and not found.fetching
            if popular or self._generation != generation or clock.seconds() >= until:
                return False
            found.uses += 1
            counts["hits"] += 1
            if isNegative:
                counts["negative"] += 1
            return True

        found.uses += 1
        counts["hits"] += 1
        if isNegative:
            counts["negative"] += 1
        return answer, again

    def _lookup(self, name: bytes, cls: int, type: int, timeout: Timeout) -> defer.Deferred[Any]:
        """Look a name up."""
        return self.query(Query(name, type, cls), timeout)

    def _answer(self, query: Query, variant: int) -> defer.Deferred[Any]:
        """Answer a question."""
        name = query.name
        now = self._clock().seconds()
        found = self._find(name.folded, query.type, query.cls, variant)
        counts = self._counts
        if found is None:
            failed = self._answers.peek(self._failureKey(query, variant))
            if failed is not None and failed.expires > now:
                counts["hits"] += 1
                counts["failures"] += 1
                errors = (*failed.errors, ExtendedErrorOption(_CACHED_ERROR))
                old = self.stale(query, variant)
                if old is not None:
                    return defer.succeed(old)
                sections = Sections([], [], [], ESERVER, errors=errors, cached=True, variant=variant)
                return defer.fail(replyError(ESERVER, sections=sections, question=query, errors=errors))
            counts["misses"] += 1
            if self.verbose:
                log.msg(f"Cache miss for {query}")
            return defer.fail(DomainError(name.name))
        counts["hits"] += 1
        if self.verbose:
            log.msg(f"Cache hit for {query}")
        found.uses += 1
        if self.prefetcher is not None and found.uses >= _MANY and not found.fetching:
            self._prefetch(found, query, now)
        sections = _sections(found.answer(name.wire, now), found.errors, variant)
        if found.rcode == ENAME:
            counts["negative"] += 1
            return defer.fail(replyError(ENAME, sections=sections, question=query, errors=found.errors))
        if not sections[0]:
            counts["negative"] += 1
        return defer.succeed(sections)

    def _prefetch(self, found: CachedAnswer, query: Query, now: float) -> None:
        """Have a popular answer fetched anew if its time is nearly up."""
        if found.expires - now <= _LATE * (found.expires - found.stored):
            found.fetching = True
            self._counts["prefetched"] += 1
            assert self.prefetcher is not None
            defer.maybeDeferred(self.prefetcher, query).addErrback(lambda _: None)

    # --- the RRsets of the iterative resolver ---

    def store(self, owner: bytes, packed: bytes, rank: Rank, signed: bool = False, signatures: bytes = b"") -> bool:
        """Store an RRset unless a better one is there; see L{RankedRRsets.put}."""
        return self.rrsets.put(owner, packed, rank, signed, signatures)

    def find(
        self, folded: bytes, type: int, cls: int = IN, rank: Rank = Rank.ADDITIONAL, signed: bool = False
    ) -> RankedRRset | None:
        """Find an RRset; see L{RankedRRsets.find}."""
        return self.rrsets.find(folded, type, cls, rank, signed)

    # --- the whole ---

    def statistics(self) -> Statistics:
        """What the cache did so far, and what it holds now."""
        stores = self._answers, self.rrsets.store
        return Statistics(
            **self._counts,
            entries=len(self._answers),
            rrsets=len(self.rrsets.store),
            octets=sum([store.octets for store in stores]),
            evicted=sum([store.evicted for store in stores]),
            expired=sum([store.expired for store in stores]),
        )

    def save(self, path: str) -> None:
        """Write all answers to a file, which takes the place of the old one only when it is complete.

        @raise OSError: that failed.
        """
        entries = []
        for key in self._answers:
            found = self._answers.peek(key)
            if found is not None and len(key) == 4:
                entries.append((key, found.rcode, found.sections, found.errors, found.stored, found.expires))
        cachefile.write(path, entries)

    def load(self, path: str) -> int:
        """Take the answers of a file whose time is not up.  A file that is not there, or is damaged, is let be.

        @return: how many there were.
        """
        now = self._clock().seconds()
        count = 0
        for key, rcode, sections, errors, stored, expires in cachefile.read(path):
            if stored <= now < expires:
                self._store(key, rcode, sections, errors, stored, expires - stored)
                count += 1
        return count

    def close(self) -> defer.Deferred[None]:
        """Forget everything, and end the timer.

        @return: a Deferred that fires when that is done: at once.
        """
        self._answers.close()
        self.rrsets.store.close()
        return defer.succeed(None)


class _View(Mapping[Query, tuple[float, Sections]]):
    """What a cache holds, as twisted.names shows it."""

    def __init__(self, cache: CacheResolver) -> None:
        self._cache = cache

    def __getitem__(self, query: Query) -> tuple[float, Sections]:
        for variant in range(4):
            found = self._cache._find(query.name.folded, query.type, query.cls, variant)
            if found is not None:
                now = self._cache._clock().seconds()
                return found.stored, _sections(found.answer(query.name.wire, now), found.errors, variant)
        raise KeyError(query)

    def __iter__(self) -> Iterator[Query]:
        now = self._cache._clock().seconds()
        for key in self._cache._answers:
            found = self._cache._answers.peek(key)
            if found is not None and found.expires > now and len(key) == 4 and key[1] != _NAME:
                yield Query(Name.fromWire(key[0]), key[1], key[2])

    def __len__(self) -> int:
        return sum(1 for _ in self)


def _sections(answer: Answer, errors: tuple[ExtendedErrorOption, ...], variant: int) -> Sections:
    """An answer as records."""
    answers, authority, additional = answer.headers()
    return Sections(answers, authority, additional, answer.rcode, errors=tuple(errors), cached=True, variant=variant)


def _endsWithAlias(section: Section) -> bool:
    """Whether an answer is nothing but aliases."""
    return all(typeOf(data) in _ALIASES for _, data in section)


_ALIASES: Final = (5, 39)
"""The types CNAME and DNAME."""


def packed(headers: Sequence[RRHeader]) -> Section:
    """Records as owners and packed RRsets; the TTL of an RRset is the lowest of its records' (RFC 2181 section 5.2).

    OPT records are left out: they belong to messages.
    """
    found: dict[tuple[bytes, int, int], list[RRHeader]] = {}
    for header in headers:
        if header.type != OPT and header.payload is not None:
            found.setdefault((header.name.folded, header.type, header.cls), []).append(header)
    section = []
    for (_, kind, cls), group in found.items():
        ttl = min([header.ttl for header in group])
        rdatas = dict.fromkeys([_rdataOf(header.payload) for header in group])
        data = b"".join([packRecord(kind, cls, min(ttl, 0xFFFFFFFF), rdata) for rdata in rdatas])
        section.append((group[0].name.wire, data))
    return section


def _bounded(data: bytes, least: int, most: int) -> bytes:
    """A packed RRset with a TTL that is within bounds."""
    ttl = ttlOf(data)
    bounded = min(max(ttl, least), most)
    return data if ttl == bounded else withTtl(data, bounded)


def _rdataOf(payload: Any) -> bytes:
    """The data of a record in wire form, be it of a class that knows streams only."""
    rdata = getattr(payload, "rdata", None)
    return rdata if isinstance(rdata, bytes) else streamed(payload)
