"""Random octets, drawn in blocks."""

from __future__ import annotations

from random import Random, SystemRandom
from typing import Final

__all__ = ["RandomOctets"]

_BLOCK: Final = 1024


class RandomOctets:
    """Gives the octets of a random source, and draws many of them at once, as the system takes its time for each draw.

    @ivar random: where the octets come from; by default from the system, and not to be foretold.
    """

    __slots__ = ("_block", "_offset", "random")

    def __init__(self, random: Random | None = None) -> None:
        self.random = SystemRandom() if random is None else random
        self._block = b""
        self._offset = 0

    def take(self, count: int) -> bytes:
        """Give so many octets, which nobody else gets; at most 1024."""
        start = self._offset
        self._offset = end = start + count
        if end > len(self._block):
            self._block = self.random.getrandbits(_BLOCK * 8).to_bytes(_BLOCK, "big")
            start, self._offset = 0, count
            end = count
        return self._block[start:end]
