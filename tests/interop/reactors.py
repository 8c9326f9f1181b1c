"""Reactors of one's own for tests that need real sockets."""

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any

from twisted.internet import defer
from twisted.internet.asyncioreactor import AsyncioSelectorReactor
from twisted.internet.epollreactor import EPollReactor
from twisted.internet.pollreactor import PollReactor
from twisted.internet.selectreactor import SelectReactor
from twisted.python.failure import Failure

LIMIT = 30.0

REACTORS: dict[str, Callable[[], Any]] = {
    "epoll": EPollReactor,
    "poll": PollReactor,
    "select": SelectReactor,
}
KINDS = [*REACTORS, "asyncio"]


def run(function: Callable[[Any], Coroutine[Any, Any, Any]], kind: str = "epoll") -> Any:
    """Run a coroutine function with a reactor of its own, and give its result."""
    loop = asyncio.new_event_loop() if kind == "asyncio" else None
    reactor: Any = REACTORS[kind]() if loop is None else AsyncioSelectorReactor(loop)
    results: list[Any] = []

    def begin() -> None:
        """Call it."""
        deferred = defer.Deferred.fromCoroutine(function(reactor))
        deferred.addBoth(results.append)
        deferred.addBoth(lambda _: reactor.stop())

    limit = reactor.callLater(LIMIT, reactor.stop)
    reactor.callWhenRunning(begin)
    reactor.run(installSignalHandlers=False)
    # A reactor is made to last as long as its process does; what it opened for itself has to be closed by hand.
    for reader in list(reactor._internalReaders):
        reactor.removeReader(reader)
        reader.connectionLost(None)
    if loop is not None:
        loop.close()
    assert limit.active(), f"no result after {LIMIT} seconds"
    if isinstance(results[0], Failure):
        results[0].raiseException()
    return results[0]
