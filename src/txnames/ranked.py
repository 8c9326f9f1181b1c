"""RRsets as one learns them, ranked by how far their source is to be trusted (RFC 2181 section 5.4.1)."""

from __future__ import annotations

from collections.abc import Callable
from enum import IntEnum
from typing import Any, Final

from txnames.expiring import Expiring, ExpiringStore
from txnames.wire.numbers import IN, NS
from txnames.zone.rrset import classOf, recordsOf, ttlOf, typeOf, withTtl

__all__ = ["MAXIMUM_TTL", "Rank", "RankedRRset", "RankedRRsets"]

MAXIMUM_TTL: Final = 86400
"""The seconds for which data is kept at most, unless that is set otherwise."""

_OVERHEAD: Final = 500
"""The octets of memory that an entry takes besides its data, more or less."""


class Rank(IntEnum):
    """How far data is to be trusted, from low to high."""

    ADDITIONAL = 1
    """Addresses that came along."""
    REFERRAL = 2
    """The servers of a zone as its parent says, and their addresses."""
    ANSWER = 3
    """An answer of one who is not responsible."""
    AUTHORITY = 4
    """What came with an answer of one who is."""
    AUTHORITATIVE = 5
    """The answer of one who is."""


class RankedRRset(Expiring):
    """An RRset.

    @ivar owner: in wire form.
    @ivar packed: the packed RRset with the TTL that it had when it came.
    @ivar rank: how far it is to be trusted.
    @ivar stored: when it came.
    @ivar signed: whether its signatures were asked for too.
    @ivar signatures: these, packed; empty where there are none.
    """

    __slots__ = ("owner", "packed", "rank", "signatures", "signed", "stored")

    def __init__(
        self, owner: bytes, packed: bytes, rank: Rank, stored: float, dropped: float, signed: bool, signatures: bytes
    ) -> None:
        self.owner = owner
        self.packed = packed
        self.rank = rank
        self.stored = stored
        self.dropped = dropped
        self.signed = signed
        self.signatures = signatures
        self.size = _OVERHEAD + len(owner) + len(packed) + len(signatures)

    def left(self, now: float) -> int:
        """The TTL that is left, in seconds."""
        return int(self.dropped - now)

    def aged(self, now: float) -> bytes:
        """The packed RRset with the TTL that is left."""
        return withTtl(self.packed, self.left(now))

    def agedSignatures(self, now: float) -> bytes:
        """The signatures with the TTL that is left."""
        return withTtl(self.signatures, self.left(now)) if self.signatures else b""


class RankedRRsets:
    """RRsets by name, type and class.

    @ivar store: where they are.
    """

    def __init__(self, clock: Callable[[], Any], maximumEntries: int, maximumOctets: int, maximumTTL: int) -> None:
        """Begin without any; see L{ExpiringStore}.

        @param maximumTTL: the seconds for which one is kept at most.
        """
        self.maximumTTL = maximumTTL
        self.store: ExpiringStore[RankedRRset] = ExpiringStore(clock, maximumEntries, maximumOctets)
        self._clock = clock

    def put(self, owner: bytes, packed: bytes, rank: Rank, signed: bool = False, signatures: bytes = b"") -> bool:
        """Store an RRset, unless a better one is there.

        @param owner: in wire form.
        @param packed: the packed RRset.
        @param signed: whether its signatures were asked for.
        @param signatures: these, packed.
        @return: whether it was stored.
        """
        ttl = min([found for found, _ in recordsOf(packed)])
        # A TTL with the first bit set is 0 (RFC 2181 section 8).
        ttl = 0 if ttl > 0x7FFFFFFF else min(ttl, self.maximumTTL)
        now = self._clock().seconds()
        kind = typeOf(packed)
        key = owner.lower(), kind, classOf(packed)
        old = self.store.peek(key)
        dropped = now + ttl
        if old is not None and old.dropped > now:
            if old.rank > rank:
                return False
            if old.signed and not signed and old.packed == packed and old.rank == rank:
                signed, signatures = True, old.signatures
            if kind == NS and rank > Rank.REFERRAL:
                # A zone cannot prolong by its own word that its parent delegates to it.
                dropped = min(dropped, old.dropped)
        if dropped <= now:
            return False
        if ttlOf(packed) != ttl:
            packed = withTtl(packed, ttl)
        self.store.put(key, RankedRRset(owner, packed, rank, now, dropped, signed, signatures))
        return True

    def find(
        self, folded: bytes, type: int, cls: int = IN, rank: Rank = Rank.ADDITIONAL, signed: bool = False
    ) -> RankedRRset | None:
        """Find an RRset.

        @param folded: its owner, folded and in wire form.
        @param rank: how far it has to be trusted at least.
        @param signed: whether its signatures have to be known.
        """
        found = self.store.get((folded, type, cls))
        if found is None or found.rank < rank or (signed and not found.signed):
            return None
        return found if found.dropped > self._clock().seconds() else None

    def forget(self, folded: bytes, type: int, cls: int = IN) -> None:
        """Drop an RRset, if it is there."""
        self.store.discard((folded, type, cls))
