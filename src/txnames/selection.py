"""In which order servers are asked."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from random import Random, SystemRandom
from typing import Any, Protocol

__all__ = ["Fastest", "InOrder", "Randomly", "RoundRobin", "Server", "Strategy"]

Server = tuple[str, int]
"""An IP address and a port."""

_TRIALS = 0.05
"""How often another server than the fastest is tried first, as things change."""


class Strategy(Protocol):
    """Puts servers in order, for one lookup."""

    def order(self, servers: Sequence[Server], peer: Callable[[Server], Any]) -> Sequence[Server]:
        """The servers in the order in which they are to be asked.

        @param servers: the servers as they are configured.
        @param peer: tells what is known of a server: a L{txnames.protocol.peer.Peer}.
        """


class InOrder:
    """As they are configured."""

    def order(self, servers: Sequence[Server], peer: Callable[[Server], Any]) -> Sequence[Server]:
        """The servers as they are."""
        return servers


class RoundRobin:
    """Each lookup begins with the next one."""

    def __init__(self) -> None:
        self._next = 0

    def order(self, servers: Sequence[Server], peer: Callable[[Server], Any]) -> Sequence[Server]:
        """The servers from the next one on."""
        if not servers:
            return servers
        start = self._next % len(servers)
        self._next = start + 1
        return [*servers[start:], *servers[:start]]


class Randomly:
    """Each lookup begins anew."""

    def __init__(self, random: Random | None = None) -> None:
        self._random = SystemRandom() if random is None else random

    def order(self, servers: Sequence[Server], peer: Callable[[Server], Any]) -> Sequence[Server]:
        """The servers, shuffled."""
        return self._random.sample(servers, len(servers))


class Fastest:
    """Those first that answered fastest lately; those of which nothing is known before all others."""

    def __init__(self, random: Random | None = None) -> None:
        self._random = SystemRandom() if random is None else random

    def order(self, servers: Sequence[Server], peer: Callable[[Server], Any]) -> Sequence[Server]:
        """The servers by their round trip times; now and then another one comes first."""

        def time(server: Server) -> float:
            known = peer(server)
            # One that did not answer the last time is behind those that did.
            return float((known.srtt or 0.0) + known.failures * 10.0)

        found = sorted(servers, key=time)
        if len(found) > 1 and self._random.random() < _TRIALS:
            found.insert(0, found.pop(self._random.randrange(1, len(found))))
        return found
