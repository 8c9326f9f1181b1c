"""Binary streams, as the older half of the API has them, read to octets."""

from __future__ import annotations

from typing import BinaryIO

from txnames.error import TruncatedError

__all__ = ["readSome", "restOf"]


def readSome(strio: BinaryIO, length: int) -> bytes:
    """Read so many octets of a stream.

    @raise TruncatedError: it holds fewer; this is an C{EOFError}.
    """
    octets = strio.read(length)
    if len(octets) != length:
        raise TruncatedError(f"{len(octets)} octets left, {length} needed")
    return octets


def restOf(strio: BinaryIO) -> bytes:
    """All the octets of a stream, from its first; where it stands does not change."""
    position = strio.tell()
    strio.seek(0)
    octets = strio.read()
    strio.seek(position)
    return octets
