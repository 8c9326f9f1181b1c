"""Look into Deferreds that have fired."""

from typing import Any

from twisted.internet import defer
from twisted.python.failure import Failure


def outcome(deferred: defer.Deferred[Any]) -> Any:
    """What a Deferred has fired with, a L{Failure} included; fails the test if it hasn't fired."""
    results: list[Any] = []
    deferred.addBoth(results.append)
    assert results, "the Deferred has not fired"
    return results[0]


def resultOf(deferred: defer.Deferred[Any]) -> Any:
    """The result of a Deferred that has fired; raises its failure."""
    result = outcome(deferred)
    if isinstance(result, Failure):
        result.raiseException()
    return result


def errorOf(deferred: defer.Deferred[Any]) -> BaseException:
    """The exception of a Deferred that has failed."""
    result = outcome(deferred)
    assert isinstance(result, Failure), result
    assert result.value is not None
    return result.value
