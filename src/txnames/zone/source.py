"""Where the text of a zone comes from: a value that the caller makes, as nothing here opens files."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Iterator
from typing import Final, NamedTuple, TypeAlias

__all__ = ["Opener", "Source"]

_CHUNK: Final = 1 << 16


class Source(NamedTuple):
    """One file, or another text, of a zone.

    @ivar name: what problems call it.
    @ivar identity: the same for the same file, by whatever name.
    @ivar chunks: begins to read it; gives its octets in chunks of some 64 KB.  It is called once for each reading, of
        which a zone may need several: to find its origin, to load it, and to find the places of its problems.
    """

    name: str
    identity: Hashable
    chunks: Callable[[], Iterable[bytes]]

    @classmethod
    def fromBytes(cls, octets: bytes, name: str = "") -> Source:
        """A text that is in memory already."""

        def chunks() -> Iterator[bytes]:
            for start in range(0, len(octets), _CHUNK):
                yield octets[start : start + _CHUNK]

        return cls(name, name, chunks)


Opener: TypeAlias = Callable[[str, Hashable], Source]
"""Finds the file that C{$INCLUDE} names: called with that name and the identity of the file where it stands.

It raises C{OSError} or C{ValueError}, with the reason why the file may or can not be read.
"""
