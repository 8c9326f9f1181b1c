"""The addresses of a network in memory."""

from __future__ import annotations

import ipaddress
from typing import Final, Literal

from twisted.internet.address import IPv4Address, IPv6Address

__all__ = ["WILD", "Address", "addressOf", "canonical", "isIPv6", "isLoopback", "overlap"]

Address = tuple[str, int]
"""A host's IP address and a port."""

WILD: Final = ("", "0.0.0.0", "::")
"""The interfaces that stand for all addresses: all of IPv4, the same, and all of IPv6."""


def canonical(address: str) -> str:
    """An IP address in the one spelling that is used here.

    @raise ValueError: it is none.
    """
    return str(ipaddress.ip_address(address))


def isIPv6(address: str) -> bool:
    """Whether this is an IPv6 address."""
    return ":" in address


def isLoopback(address: str) -> bool:
    """Whether an address is one by which each host speaks to itself."""
    return address == "::1" or address.startswith("127.")


def overlap(one: str, other: str) -> bool:
    """Whether two interfaces have an address in common."""
    return isIPv6(one) == isIPv6(other) and (one == other or one in WILD or other in WILD)


def addressOf(transport: Literal["TCP", "UDP"], host: str, port: int) -> IPv4Address | IPv6Address:
    """An address as Twisted's transports give it.

    @param transport: C{"UDP"} or C{"TCP"}.
    """
    kind: type[IPv4Address | IPv6Address] = IPv6Address if isIPv6(host) else IPv4Address
    return kind(transport, host or "0.0.0.0", port)
