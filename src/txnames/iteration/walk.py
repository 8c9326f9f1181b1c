"""The walk from the root to an answer, with one budget for all that it takes (RFC 1034 section 5.3.3)."""

from __future__ import annotations

import ipaddress
from collections.abc import AsyncIterator, Sequence
from typing import Any, Final

from twisted.internet.defer import CancelledError, Deferred
from twisted.internet.error import CannotListenError, ConnectionDone

from txnames.cache import CacheResolver, Rank, packed
from txnames.error import DNSDecodeError, DNSQueryTimeoutError, DNSServerError
from txnames.iteration.response import Answered, Lame, Referred, meaning
from txnames.records.alias import Record_CNAME
from txnames.wire.header import Query, RRHeader
from txnames.wire.name import MAX_NAME, ROOT, Name
from txnames.wire.numbers import AAAA, ALL_RECORDS, CNAME, DNAME, DS, ENAME, EYXDOMAIN, IN, NS, OK, RRSIG, SOA, A
from txnames.zone.answer import Sections, headersOf
from txnames.zone.rrset import typeOf

__all__ = ["Budget", "Found", "Stuck", "Walk", "addressOf"]

Server = tuple[str, int]
Found = tuple[int, list[RRHeader], list[RRHeader]]
"""A response code, and the records of the answer and the authority section."""

OTHER: Final = 0
NO_REACHABLE_AUTHORITY: Final = 22
NETWORK_ERROR: Final = 23
"""Extended errors (RFC 8914 section 4)."""

_ALIASES: Final = 11
"""How many names a chain of aliases may have."""

_GLUELESS: Final = 4
"""How many servers without addresses are looked up for one zone (against NXNS attacks)."""

_REFERRALS: Final = 40
_DEPTH: Final = 6
_ROUNDS: Final = 4
_FEW_ROUNDS: Final = 2
"""How often servers are asked that don't answer; and how often where the zone above may know of others."""

_DEAD: Final = 3
_DEAD_SECONDS: Final = 30.0
_LONGEST_DEAD: Final = 900.0
_PROBES: Final = 4
_PROBE: Final = 1.5
"""A server is taken for dead after so many questions without an answer; for so long, twice as long each time, and at
most so long.  Of the dead ones so many are asked for a request, each once, and have so many seconds to answer."""

_LABELS: Final = 3
"""Where in the data of an RRSIG record the number of labels is (RFC 4034 section 3.1.3)."""

_LEAST: Final = 0.35
_MOST: Final = 3.0
_ONE_LABEL: Final = 4
_MINIMISED: Final = 10
"""How many steps of QNAME minimisation add one label, and how many there are (RFC 9156 section 2.3)."""


class Stuck(Exception):
    """There is no way on.

    @ivar info: the extended error that says why (RFC 8914).
    """

    def __init__(self, info: int, reason: str) -> None:
        super().__init__(reason)
        self.info = info


class Budget:
    """What a request may cost, with all that it needs.

    @ivar queries: how many more questions may be sent.
    @ivar deadline: the time by which it has to be done.
    @ivar seeking: the names of servers whose addresses are being looked for.
    @ivar probed: the servers that were asked though they are taken for dead.
    """

    def __init__(self, queries: int, deadline: float) -> None:
        self.queries = queries
        self.deadline = deadline
        self.seeking: set[bytes] = set()
        self.probed: set[Server] = set()

    def isSpent(self, now: float) -> bool:
        """Whether no more questions may be sent."""
        return self.queries <= 0 or now >= self.deadline

    def spend(self, now: float) -> float:
        """Take a question out.

        @return: the seconds that are left.
        @raise Stuck: there is none left, or no time.
        """
        self.queries -= 1
        if self.queries < 0:
            raise Stuck(NO_REACHABLE_AUTHORITY, "too many questions")
        if now >= self.deadline:
            raise Stuck(NO_REACHABLE_AUTHORITY, "too much time")
        return self.deadline - now


class Walk:
    """Finds the answer to one question.

    @ivar resolver: whose configuration, cache and exchange this uses: a L{txnames.root.Resolver}.
    @ivar budget: what it may cost.
    @ivar variant: see L{txnames.zone.answer.Sections.variant}.
    """

    def __init__(self, resolver: Any, budget: Budget, variant: int = 0) -> None:
        self.resolver = resolver
        self.cache: CacheResolver = resolver.cache
        self.budget = budget
        self.variant = variant
        self.dnssecOK = bool(variant & 1)
        # The servers of the zone to which the last referral led, and their addresses as it had them.
        self._served: dict[bytes, Name] = {}
        self._glue: dict[bytes, list[str]] = {}
        self._referred = b""
        # Zones whose servers did not answer, so that the zones above were asked anew.
        self._stale: set[bytes] = set()
        # Zones to which referrals led just now.
        self._fresh: set[bytes] = set()

    async def resolve(self, name: Name, type: int, depth: int = 0) -> Found:
        """Find the answer to a question.

        @raise Stuck: there is no way on.
        """
        answers: list[RRHeader] = []
        authority: list[RRHeader] = []
        seen: set[bytes] = set()
        while True:
            if name.folded in seen or len(seen) >= _ALIASES:
                raise Stuck(OTHER, "aliases lead round in a circle, or too far")
            seen.add(name.folded)
            found = self._known(name, type)
            if found is None:
                found = await self._ask(name, type, depth)
            answers += found.records
            authority += found.authority
            if found.target is None or type == CNAME:
                return found.rcode, answers, authority
            name = found.target

    def _known(self, name: Name, type: int) -> Answered | None:
        """What the cache has of an answer."""
        # These are answered by an alias itself.
        ends = type in (CNAME, ALL_RECORDS)
        answer = self.cache.lookup(name.wire, type, IN, self.variant)
        if answer is not None:
            answers, authority, _ = answer.headers()
            target = None
            if answers and answer.rcode == OK and not ends and all(one.type != type for one in answers):
                aliases = [one for one in answers if one.type == CNAME]
                ended = any(one.type == SOA for one in authority)
                target = aliases[-1].payload.name if aliases and not ended else None
            return Answered(answer.rcode, answers, authority, target, False)
        for kind in (type,) if ends else (type, CNAME):
            entry = self.cache.find(name.folded, kind, IN, Rank.ANSWER, self.dnssecOK)
            if entry is not None:
                now = self.resolver.seconds()
                records = headersOf(name.wire, entry.aged(now))
                if self.dnssecOK and entry.signatures:
                    records += headersOf(name.wire, entry.agedSignatures(now))
                target = records[0].payload.name if kind == CNAME and type != CNAME else None
                return Answered(OK, records, [], target, False)
        return self._renamed(name, type)

    def _renamed(self, name: Name, type: int) -> Answered | None:
        """What follows from a DNAME record that the cache has of an ancestor (RFC 6672 section 3.3)."""
        wire = name.folded
        while wire != ROOT:
            wire = wire[1 + wire[0] :]
            entry = self.cache.find(wire, DNAME, IN, Rank.ANSWER, self.dnssecOK)
            if entry is None:
                continue
            now = self.resolver.seconds()
            records = headersOf(entry.owner, entry.aged(now))
            if self.dnssecOK and entry.signatures:
                records += headersOf(entry.owner, entry.agedSignatures(now))
            target = name.wire[: -len(wire)] + records[0].payload.name.wire
            if len(target) > MAX_NAME:
                return Answered(EYXDOMAIN, records, [], None, False)
            ttl = records[0].ttl
            following = Name.fromWire(target)
            records.append(RRHeader(name, CNAME, IN, ttl, Record_CNAME(following.name, ttl=ttl)))
            return Answered(OK, records, [], None if type == CNAME else following, False)
        return None

    # --- from zone to zone ---

    async def _ask(self, name: Name, type: int, depth: int) -> Answered:
        """Ask servers, from the nearest zone of which anything is known down to that of the name."""
        if depth == 0 or name.wire != ROOT:
            await self.resolver.prime(self)
        zone, servers, recursive = self._nearest(name, type)
        minimised = len(zone.labels)
        steps = 0
        for _ in range(_REFERRALS):
            asked, kind = name, type
            labels = len(name.labels)
            if self.resolver.minimisation != "off" and not recursive and steps < _MINIMISED:
                more = 1 if steps < _ONE_LABEL else max(1, (labels - minimised) // max(1, _MINIMISED - steps))
                steps += 1
                minimised = max(minimised, len(zone.labels)) + more
                if minimised < labels:
                    asked, kind = Name.fromWire(_lastLabels(name.wire, minimised)), A
            relaxed = self.resolver.minimisation == "relaxed"
            try:
                got = await self._askZone(zone, servers, recursive, asked, kind, depth, asked == name)
            except Stuck:
                if asked == name or not relaxed or self.budget.queries <= 0:
                    known = servers is not None or zone.folded in self._stale or zone.folded in self._fresh
                    if known or not zone or self.resolver.closed:
                        raise
                    # The zone above may know of other servers by now.
                    self._stale.add(zone.folded)
                    self._forget(zone)
                    zone, servers, recursive = self._nearest(zone.parent(), A)
                    minimised = len(zone.labels)
                    continue
                # A server that can't cope with a part of the name may know the whole.
                steps = _MINIMISED
                continue
            if isinstance(got, Referred):
                self._learn(got)
                zone, servers, recursive = got.zone, None, False
                configured = self.resolver.configured(zone)
                if configured is not None:
                    servers, recursive = configured
                continue
            if asked == name and kind == type:
                self._keep(got, type, recursive)
                return got
            if got.rcode == ENAME and not got.records:
                if not relaxed:
                    return got
                steps = _MINIMISED
        raise Stuck(OTHER, "too many referrals")

    def _nearest(self, name: Name, type: int) -> tuple[Name, list[Server] | None, bool]:
        """The nearest zone above a name of which the servers are known; these, where they were configured."""
        wire = name.wire
        if type == DS and wire != ROOT:
            # It is the parent who knows (RFC 4035 section 3.1.4.1).
            wire = wire[1 + wire[0] :]
        forwarded: tuple[Name, list[Server], bool] | None = self.resolver.forwarded(wire)
        if forwarded is not None:
            # Whatever is known of servers further down: they are not to be asked.
            return forwarded
        while True:
            zone = Name.fromWire(wire)
            configured = self.resolver.configured(zone)
            if configured is not None:
                return zone, *configured
            if wire == ROOT and not self.resolver.primed:
                return zone, self.resolver.servers, False
            if zone.folded not in self._stale and self._isServed(zone):
                return zone, None, False
            if wire == ROOT:
                return zone, self.resolver.servers, False
            wire = wire[1 + wire[0] :]

    def _isServed(self, zone: Name) -> bool:
        """Whether a zone's servers are known, and can be asked without asking the zone for their addresses first."""
        entry = self.cache.find(zone.folded, NS)
        if entry is None:
            return False
        names = [header.payload.name for header in headersOf(entry.owner, entry.packed)]
        return any(
            not name.isSubdomainOf(zone)
            or any(self.cache.find(name.folded, type) is not None for type in self.resolver.addressTypes)
            for name in names
        )

    def _forget(self, zone: Name) -> None:
        """Forget a zone's servers, and their addresses."""
        entry = self.cache.find(zone.folded, NS)
        if entry is not None:
            for header in headersOf(entry.owner, entry.packed):
                for type in (A, AAAA):
                    self.cache.rrsets.forget(header.payload.name.folded, type)
            self.cache.rrsets.forget(zone.folded, NS)

    def _learn(self, got: Referred) -> None:
        """Remember a referral."""
        for owner, data in packed(got.servers):
            self.cache.store(owner, data, Rank.REFERRAL)
        self._served = {one.payload.name.folded: one.payload.name for one in got.servers}
        self._glue = {}
        self._referred = got.zone.folded
        self._fresh.add(got.zone.folded)
        self._stale.discard(got.zone.folded)
        for record in got.addresses:
            self._glue.setdefault(record.name.folded, []).append(addressOf(record))
        for owner, data in packed(got.addresses):
            self.cache.store(owner, data, Rank.REFERRAL)

    def _keep(self, got: Answered, type: int, recursive: bool) -> None:
        """Remember the RRsets of an answer to a question of a type."""
        lowest: dict[tuple[bytes, int], int] = {}
        for record in got.records:
            key = record.name.folded, record.type
            # A TTL with the first bit set is 0 (RFC 2181 section 8), and an RRset has one TTL (section 5.2).
            lowest[key] = min(lowest.get(key, 0x7FFFFFFF), 0 if record.ttl > 0x7FFFFFFF else record.ttl)
        for record in got.records:
            record.auth = False
            record.ttl = lowest[record.name.folded, record.type]
        responsible = got.authoritative and not recursive
        if self.variant & 2 and not responsible:
            # Who passed it on was told not to validate it, which is nothing for others (RFC 4035 section 3.2.2).
            return
        rank = Rank.AUTHORITATIVE if responsible else Rank.ANSWER
        covering: dict[tuple[bytes, int], list[RRHeader]] = {}
        for record in got.records:
            if record.type == RRSIG:
                covered = int.from_bytes(record.payload.rdata[:2], "big")
                covering.setdefault((record.name.folded, covered), []).append(record)
        dnames = [record.name for record in got.records if record.type == DNAME]
        for owner, data in packed([record for record in got.records if record.type not in (RRSIG, SOA)]):
            alias = Name.fromWire(owner)
            kind = typeOf(data)
            if kind == CNAME and any(alias != one and alias.isSubdomainOf(one) for one in dnames):
                # It was made of the DNAME record, and will be made of it again.
                continue
            signatures = covering.get((alias.folded, kind), [])
            if any(
                one.payload.rdata[_LABELS] < len(alias.labels) - (alias.labels[:1] == (b"*",)) for one in signatures
            ):
                # A wildcard gave it, and there is a proof that belongs to it.
                continue
            # Who asks for all need not get signatures of all.
            signed = self.dnssecOK and (bool(signatures) or type != ALL_RECORDS)
            self.cache.store(owner, data, rank, signed, packed(signatures)[0][1] if signatures else b"")

    # --- within a zone ---

    async def _askZone(
        self,
        zone: Name,
        fixed: list[Server] | None,
        recursive: bool,
        name: Name,
        type: int,
        depth: int,
        whole: bool = True,
    ) -> Answered | Referred:
        """Ask the servers of a zone until one says something of use.

        @param whole: whether this is the name that is wanted, and not a part of it with which not all servers cope.
        @raise Stuck: none does.
        """
        resolver = self.resolver
        known = list(fixed) if fixed is not None else []
        missing: list[tuple[Name, int]] = []
        if fixed is None:
            known, missing = self._addresses(zone)
        poor: Answered | None = None
        out: set[Server] = set()
        rounds = _ROUNDS if fixed is not None or zone.folded in self._fresh else _FEW_ROUNDS
        for round in range(rounds):
            tried = False
            async for server in self._candidates(zone, known, missing, depth, first=not round):
                if server in out or resolver.avoids(server):
                    continue
                if not round and resolver.isDead(server) and not self._mayProbe(server):
                    out.add(server)
                    continue
                if round and server in self.budget.probed:
                    continue
                tried = True
                got = await self._try(server, zone, name, type, recursive)
                if got is None:
                    continue
                if isinstance(got, Lame):
                    out.add(server)
                    if whole:
                        resolver.setLame(zone, server)
                    continue
                if isinstance(got, Answered) and not got.authoritative and not recursive:
                    # It only passes on what it once heard; perhaps another one knows.
                    poor = poor or got
                    out.add(server)
                    continue
                return got
            if poor is not None:
                return poor
            if not tried:
                break
        raise Stuck(NO_REACHABLE_AUTHORITY, f"no server of {zone or '.'} answers")

    def _mayProbe(self, server: Server) -> bool:
        """Whether a server that is taken for dead is asked: each of them once for a request, and not many of them."""
        probed = self.budget.probed
        if server in probed or len(probed) >= _PROBES:
            return False
        probed.add(server)
        return True

    async def _try(
        self, server: Server, zone: Name, name: Name, type: int, recursive: bool
    ) -> Answered | Referred | Lame | None:
        """Ask one server once; C{None} if it does not answer."""
        try:
            reply = await self._reply(server, name, type, recursive)
            if reply is None:
                return None
            return meaning(reply.message, reply.rcode, name, type, zone, not recursive, self.dnssecOK)
        except DNSDecodeError as error:
            return Lame(str(error))

    async def message(self, server: Server, name: Name, type: int) -> Any:
        """Ask one server once, and give the message that it answers with; C{None} where there is none."""
        try:
            reply = await self._reply(server, name, type, False)
            return None if reply is None or reply.rcode != OK else reply.message
        except DNSDecodeError:
            return None

    async def _reply(self, server: Server, name: Name, type: int, recursive: bool) -> Any:
        """Ask one server once; C{None} if it does not answer."""
        resolver = self.resolver
        left = self.budget.spend(resolver.seconds())
        peer = resolver.exchange.peer(server)
        timeout = min(_PROBE if resolver.isDead(server) else max(peer.rto, _LEAST), _MOST, left)
        try:
            return await resolver.exchange.ask(
                server,
                name.wire,
                type,
                timeout=timeout,
                recursionDesired=recursive,
                dnssecOK=self.dnssecOK,
                checkingDisabled=bool(self.variant & 2),
            )
        except ConnectionDone:
            raise Stuck(NETWORK_ERROR, "closed") from None
        except (DNSQueryTimeoutError, DNSServerError, CannotListenError):
            if peer.failures >= _DEAD:
                doubled = min(peer.failures - _DEAD, 8)
                peer.until = resolver.seconds() + min(_DEAD_SECONDS * 2**doubled, _LONGEST_DEAD)
            return None

    def _addresses(self, zone: Name) -> tuple[list[Server], list[tuple[Name, int]]]:
        """The addresses of a zone's servers, those that are known, the best first, and those that can be looked up.

        The latter are names and types; names that have no address yet come first.
        """
        served: dict[bytes, Name] = {}
        entry = self.cache.find(zone.folded, NS)
        if entry is not None:
            found = [header.payload.name for header in headersOf(entry.owner, entry.packed)]
            served = {name.folded: name for name in found}
        if zone.folded == self._referred:
            # What the zone above says counts too: what the zone says of itself may be of no use.
            served = {**served, **self._served}
        names = list(served.values())
        glue = self._glue
        known: list[Server] = []
        missing: list[tuple[Name, int]] = []
        more: list[tuple[Name, int]] = []
        resolver = self.resolver
        for name in names:
            hosts: list[str] = []
            lacking: list[tuple[Name, int]] = []
            for type in resolver.addressTypes:
                address = self.cache.find(name.folded, type)
                if address is not None:
                    hosts += [addressOf(header) for header in headersOf(name.wire, address.packed)]
                else:
                    lacking.append((name, type))
            hosts += [one for one in glue.get(name.folded, ()) if (AAAA if ":" in one else A) in resolver.addressTypes]
            known += [(one, resolver.port) for one in hosts]
            if not hosts:
                missing += lacking
            elif not name.isSubdomainOf(zone):
                # Within the zone, its own servers would be asked for them.
                more += lacking
        return resolver.ordered(list(dict.fromkeys(known))), missing + more

    async def _candidates(
        self, zone: Name, known: list[Server], missing: Sequence[tuple[Name, int]], depth: int, first: bool
    ) -> AsyncIterator[Server]:
        """The servers to ask: those whose addresses are known, then, the first time, those that have to be found.

        Those that were found lame come last: they may be so for some names only.
        """
        resolver = self.resolver
        for server in sorted(resolver.ordered(known), key=lambda one: resolver.isLame(zone, one)):
            yield server
        if not first or depth >= _DEPTH:
            return
        budget = self.budget
        sought = 0
        failed = {name.folded for name, type in missing if self.cache.hasFailed(Query(name, type))}
        for name, type in missing:
            if name.folded in budget.seeking or name.folded in failed:
                continue
            if sought >= _GLUELESS:
                return
            before = budget.queries, resolver.seconds()
            found: list[Server] = []
            try:
                found = await (self._seek(name, type, depth) if depth else self._seekTogether(name, type))
            except Stuck:
                if resolver.closed or budget.isSpent(resolver.seconds()):
                    raise
                failed.add(name.folded)
                if not depth:
                    # Further down, it may be no more than that this lookup waits for itself.
                    self.cache.storeFailure(Query(name, type))
            # What the cache knows costs nothing.
            sought += before != (budget.queries, resolver.seconds())
            for server in found:
                if server not in known:
                    known.append(server)
                    yield server

    async def _seekTogether(self, name: Name, type: int) -> list[Server]:
        """Look the addresses of a server up, or wait for another request that does so already.

        Only requests themselves wait, never what they look up on the way: so none can wait for itself.
        """
        key = name.folded, type
        while (waiting := self.resolver.seeking.get(key)) is not None:
            mine: Deferred[list[Server] | None] = Deferred()
            waiting.append(mine)
            told = await mine
            if told is not None:
                return told
        self.resolver.seeking[key] = []
        found: list[Server] | None = []
        try:
            found = await self._seek(name, type, 0)
            return found
        except CancelledError:
            # One of those who wait has to do it now.
            found = None
            raise
        finally:
            for one in self.resolver.seeking.pop(key):
                if not one.called:
                    one.callback(found)

    async def _seek(self, name: Name, type: int, depth: int) -> list[Server]:
        """Look the addresses of a server up, of one type.

        @raise Stuck: they are not to be found.
        """
        budget = self.budget
        budget.seeking.add(name.folded)
        try:
            rcode, answers, authority = await Walk(self.resolver, budget).resolve(name, type, depth + 1)
        finally:
            budget.seeking.discard(name.folded)
        if self.cache.lookup(name.wire, type) is None:
            # Most of all where there are none: the next request would ask again.
            self.cache.cacheResult(Query(name, type), Sections(answers, authority, [], rcode))
        found = [(addressOf(one), self.resolver.port) for one in answers if one.type == type]
        ordered: list[Server] = self.resolver.ordered(found)
        return ordered


def _lastLabels(wire: bytes, count: int) -> bytes:
    """A name's last so many labels."""
    starts = []
    position = 0
    while wire[position]:
        starts.append(position)
        position += 1 + wire[position]
    return wire[starts[-count] :]


def addressOf(record: RRHeader) -> str:
    """The address in a record, as text."""
    return str(ipaddress.ip_address(record.payload.rdata))
