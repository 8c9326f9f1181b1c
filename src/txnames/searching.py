"""The search for a relative name: several full names are asked for, one after another."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Final

from twisted.internet import defer
from twisted.python.failure import Failure

from txnames import hosts
from txnames.common import Timeout, nameOf
from txnames.error import DNSNameError, DomainError
from txnames.resolve import ResolverChain
from txnames.wire.header import Query
from txnames.wire.numbers import AAAA, ALL_RECORDS, AXFR, IN, A
from txnames.zone.answer import Sections

__all__ = ["SystemResolver", "inTurn"]

_ADDRESSES: Final = (A, AAAA, ALL_RECORDS)


class SystemResolver(ResolverChain):
    """A chain with one resolver behind the others that knows the endings for relative names.

    A name that the hosts file has as it stands is no relative one, and nobody is asked for its addresses.

    @ivar asking: that resolver, a L{txnames.client.Resolver}.
    """

    def __init__(self, resolvers: list[Any], asking: Any) -> None:
        super().__init__(resolvers)
        self.asking = asking

    def _hostsWith(self, name: bytes) -> hosts.Resolver | None:
        """The hosts file, if it comes first and has a name as it stands."""
        first = self.resolvers[0] if self.resolvers else None
        return first if isinstance(first, hosts.Resolver) and first.knows(name) else None

    def namesFor(self, name: Any) -> list[bytes]:
        """The names that a name may stand for, in the order in which they are asked for."""
        found = nameOf(name)
        names: list[bytes] = [found] if self._hostsWith(found) else self.asking.namesFor(found)
        return names

    def _lookup(self, name: bytes, cls: int, type: int, timeout: Timeout) -> defer.Deferred[Any]:
        """Look a name up; a relative one with the endings that resolv.conf says."""
        if type in _ADDRESSES and cls == IN:
            known = self._hostsWith(name)
            if known is not None:
                return known.query(Query(name, type, cls)).addErrback(_nothing)
        names = [name] if type == AXFR else self.asking.namesFor(name)
        if len(names) > 1:
            return inTurn(lambda one: self.query(Query(one, type, cls), timeout), names)
        return self.query(Query(name, type, cls), timeout)


def _nothing(failure: Failure) -> Sections:
    """The answer where a hosts file has addresses of the other family only."""
    failure.trap(DomainError)
    return Sections([], [], [], cached=True)


def inTurn(ask: Callable[[bytes], defer.Deferred[Any]], names: Sequence[bytes]) -> defer.Deferred[Any]:
    """Ask for names in turn until one has an answer.

    @return: a Deferred of that; if none has, of the first empty answer; or else it fails with what kept one of the
        names from being asked for, or with the first error that says that a name does not exist.
    """
    return defer.ensureDeferred(_search(ask, names))


async def _search(ask: Callable[[bytes], defer.Deferred[Any]], names: Sequence[bytes]) -> Any:
    """Ask for names in turn."""
    empty: Any = None
    missing: DomainError | None = None
    failed: DomainError | None = None
    for name in names:
        try:
            sections = await ask(name)
        except DNSNameError as caught:
            missing = missing or caught
            continue
        except DomainError as caught:
            # Somebody's broken domain in the list is no reason to find nothing in the next one.
            failed = failed or caught
            continue
        if sections[0]:
            return sections
        empty = empty or sections
    if empty is not None:
        return empty
    error = failed or missing
    assert error is not None
    raise error
