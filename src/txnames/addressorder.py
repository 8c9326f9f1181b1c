"""In which order the addresses of a host are tried (RFC 6724), as far as that can be said without opening a socket."""

from __future__ import annotations

import ipaddress
from collections.abc import Sequence
from typing import Final

__all__ = ["ordered"]

_PRECEDENCE: Final = tuple(
    (ipaddress.IPv6Network(network), precedence)
    for network, precedence in (
        ("::1/128", 50),
        ("::ffff:0:0/96", 35),
        ("2002::/16", 30),
        ("2001::/32", 5),
        ("fc00::/7", 3),
        ("::/96", 1),
        ("fec0::/10", 1),
        ("3ffe::/16", 1),
        ("::/0", 40),
    )
)
"""The default policy table (RFC 6724 section 2.1), the first match counts."""

_LINK, _GLOBAL = 2, 14
"""Scopes (RFC 6724 section 3.1)."""


def _key(address: str) -> tuple[int, int]:
    """What sorts addresses: precedence from high to low (rule 6), scope from small to large (rule 8)."""
    ip = ipaddress.ip_address(address.partition("%")[0])
    scope = _LINK if ip.is_link_local or ip.is_loopback else _GLOBAL
    mapped = ipaddress.IPv6Address(0xFFFF << 32 | int(ip)) if ip.version == 4 else ip
    precedence = next(value for network, value in _PRECEDENCE if mapped in network)
    return -precedence, scope


def ordered(addresses: Sequence[str]) -> list[str]:
    """Addresses, IPv4 and IPv6, the best first; equally good ones stay in their order (rule 10)."""
    return sorted(addresses, key=_key)
