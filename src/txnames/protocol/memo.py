"""Replies that were given before, for requests that are the same but for their ID."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

__all__ = ["Hot", "Memo"]

_ENTRIES: Final = 4096
_WORTH: Final = 8
"""A generation was of use if one in so many of its replies was given again."""

_SAMPLE: Final = 16
"""When the last one was of no use, one in so many replies is remembered, to see whether that changes."""


class Memo:
    """The replies to the requests that came last, each without its ID.

    There are two generations: when the young one is full it takes the place of the old one.  So what is asked for
    often stays.  A flood of questions that nobody repeats costs two dict accesses for each, and hardly anything is
    remembered of it.

    @ivar young: the replies that were used last, by their requests.
    @ivar old: those that were used before.
    @ivar passing: replies that are good for a while only, such as those from caches, each with what says whether it
        still is.
    """

    __slots__ = ("_hits", "_maximum", "_skip", "_stride", "old", "passing", "young")

    def __init__(self, maximum: int = _ENTRIES) -> None:
        """Begin with nothing; a generation has at most so many replies."""
        self.young: dict[bytes, bytes] = {}
        self.old: dict[bytes, bytes] = {}
        self.passing: dict[bytes, tuple[bytes, Callable[[], bool]]] = {}
        self._maximum = maximum
        self._hits = self._skip = 0
        self._stride = 1

    def find(self, request: bytes) -> bytes | None:
        """The reply to a request, both without their IDs."""
        found = self.young.get(request)
        if found is None:
            found = self.old.get(request)
            if found is None:
                return None
            self.put(request, found)
        self._hits += 1
        return found

    def put(self, request: bytes, reply: bytes) -> None:
        """Remember a reply, if that is worth it."""
        self._skip -= 1
        if self._skip > 0:
            return
        self._skip = self._stride
        young = self.young
        if len(young) >= self._maximum:
            self._stride = 1 if self._hits * _WORTH >= self._maximum else _SAMPLE
            self._hits = 0
            self.old = young
            self.young = young = {}
        young[request] = reply

    def putPassing(self, request: bytes, reply: bytes, again: Callable[[], bool]) -> None:
        """Remember a reply for as long as it is good."""
        if len(self.passing) >= self._maximum:
            self.passing.clear()
        self.passing[request] = reply, again

    def clear(self) -> None:
        """Forget all."""
        self.passing.clear()
        self.young = {}
        self.old = {}


class Hot:
    """What is remembered for as long as a server is as it is.

    @ivar chain: the resolvers; C{None} if nothing may be remembered.
    @ivar zones: the table of their zones, which is another one after each change.
    @ivar memo: replies to clients that may have recursion, or to all where nobody may.
    @ivar others: replies to others.
    @ivar trusts: whether a client, by its address, may have recursion.
    """

    __slots__ = ("chain", "memo", "others", "trusts", "zones")

    def __init__(self, chain: Any, zones: Any, allowed: Any) -> None:
        self.chain = chain
        self.zones = zones
        self.memo = Memo()
        self.others = Memo()
        self.trusts: Callable[[str], bool] = allowed.__contains__
