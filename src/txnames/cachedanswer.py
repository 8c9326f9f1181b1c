"""One answer in a cache, which grows older."""

from __future__ import annotations

from typing import Final

from txnames.expiring import Expiring
from txnames.wire.options import ExtendedErrorOption
from txnames.zone.answer import Answer, Section
from txnames.zone.rrset import ttlOf, withTtl

__all__ = ["CachedAnswer"]

_OVERHEAD: Final = 900
"""The octets of memory that an entry takes besides its data, more or less."""


class CachedAnswer(Expiring):
    """An answer.

    @ivar rcode: its response code.
    @ivar sections: the answer, authority and additional sections, packed RRsets with the TTLs that they came with.
    @ivar errors: why it is what it is (RFC 8914).
    @ivar stored: when it came.
    @ivar expires: when its time is up.
    @ivar uses: how often it was asked for.
    @ivar failures: for a failure, how many there were in a row.
    @ivar fetching: whether it is being fetched anew.
    """

    __slots__ = (
        "_age",
        "_aged",
        "_name",
        "errors",
        "expires",
        "failures",
        "fetching",
        "rcode",
        "sections",
        "stored",
        "uses",
    )

    def __init__(
        self,
        rcode: int,
        sections: tuple[Section, Section, Section],
        errors: tuple[ExtendedErrorOption, ...],
        stored: float,
        expires: float,
        dropped: float,
    ) -> None:
        self.rcode = rcode
        self.sections = sections
        self.errors = errors
        self.stored = stored
        self.expires = expires
        self.dropped = dropped
        self.uses = 0
        self.failures = 0
        self.fetching = False
        self.size = _OVERHEAD + sum([len(owner) + len(data) + 200 for one in sections for owner, data in one])
        self._age = -1
        self._name = b""
        self._aged: Answer | None = None

    def answer(self, name: bytes, now: float, ttl: int | None = None) -> Answer:
        """The answer with its TTLs as they are now.

        @param name: the name as it was asked for; owners that are this name are spelled like it.
        @param ttl: the TTL of all records, in the place of what is left.
        """
        age = int(now - self.stored) if ttl is None else -2 - ttl
        if age == self._age and name == self._name and self._aged is not None:
            return self._aged
        folded = name.lower()
        made = Answer(self.rcode, authoritative=False)
        for section, kept in zip((made.answer, made.authority, made.additional), self.sections, strict=True):
            for owner, data in kept:
                left = max(0, ttlOf(data) - age) if ttl is None else ttl
                section.append((name if owner.lower() == folded else owner, withTtl(data, left)))
        self._age, self._name, self._aged = age, name, made
        return made
