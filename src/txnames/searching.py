"""The search for a relative name: several full names are asked for, one after another."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from twisted.internet import defer

from txnames.error import DNSNameError, DomainError

__all__ = ["inTurn"]


def inTurn(ask: Callable[[bytes], defer.Deferred[Any]], names: Sequence[bytes]) -> defer.Deferred[Any]:
    """Ask for names in turn until one has an answer.

    @return: a Deferred of that; of the first empty answer, or the first failure, if none has.
    """
    return defer.ensureDeferred(_search(ask, names))


async def _search(ask: Callable[[bytes], defer.Deferred[Any]], names: Sequence[bytes]) -> Any:
    """Ask for names in turn."""
    empty: Any = None
    error: DNSNameError | None = None
    for name in names:
        try:
            sections = await ask(name)
        except DNSNameError as caught:
            error = error or caught
            continue
        except DomainError:
            # That a name exists, if only without such records, is more than that another cannot be asked for.
            if empty is None:
                raise
            continue
        if sections[0]:
            return sections
        empty = empty or sections
    if empty is not None:
        return empty
    assert error is not None
    raise error
