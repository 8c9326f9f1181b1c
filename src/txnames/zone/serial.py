"""Serial number arithmetic (RFC 1982): SOA serials wrap around at 2**32."""

from __future__ import annotations

from typing import Final

__all__ = ["MAX_INCREMENT", "isNewer", "serialAdd", "serialCompare"]

_MODULUS: Final = 1 << 32
_HALF: Final = 1 << 31

MAX_INCREMENT: Final = _HALF - 1
"""The most that may be added to a serial at once (RFC 1982 section 3.1)."""


def serialAdd(serial: int, increment: int = 1) -> int:
    """The serial that follows after so many steps (RFC 1982 section 3.1).

    @raise ValueError: the serial is no 32-bit number, or the increment is negative or over 2**31 - 1.
    """
    if not 0 <= serial < _MODULUS:
        raise ValueError(f"{serial} is not a 32-bit serial number")
    if not 0 <= increment <= MAX_INCREMENT:
        raise ValueError(f"{increment} is not between 0 and {MAX_INCREMENT}")
    return (serial + increment) % _MODULUS


def serialCompare(first: int, second: int) -> int | None:
    """Compare two serials (RFC 1982 section 3.2).

    @return: -1, 0 or 1 as the first comes before, equals or comes after the second; C{None} for two that are 2**31
        apart, whose order is undefined.
    """
    distance = (first - second) % _MODULUS
    if distance == _HALF:
        return None
    return (distance > 0) - 2 * (distance > _HALF)


def isNewer(first: int, second: int) -> bool:
    """Whether the first serial comes after the second; no for a pair without order (RFC 1982 section 3.2)."""
    return 0 < (first - second) % _MODULUS < _HALF
