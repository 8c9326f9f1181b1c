"""What a server grants its clients."""

from __future__ import annotations

import attrs

__all__ = ["StreamLimits"]


@attrs.frozen
class StreamLimits:
    """What a server grants clients that connect (RFC 7766 sections 6.2 and 10).

    @ivar connections: how many connections there may be in total.
    @ivar perClient: how many of them one address may have.
    @ivar pipelined: how many requests of one connection may wait for their answers before no more are read from it.
    @ivar idle: after how many seconds a connection is closed on which nothing happens; and how long the client then
        has to take the last answers.
    @ivar busy: the same for a connection whose client waits for an answer, or doesn't take one.
    """

    connections: int = 500
    perClient: int = 100
    pipelined: int = 100
    idle: float = 10.0
    busy: float = 120.0
