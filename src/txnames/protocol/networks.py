"""Sets of IP networks: who may have what."""

from __future__ import annotations

import ipaddress
from collections.abc import Iterable

__all__ = ["LOCAL_NETWORKS", "Networks"]

_REMEMBERED = 4096
"""For how many addresses the result is kept."""


class Networks:
    """A set of networks, IPv4 and IPv6.

    @ivar networks: the networks, in the order given.
    """

    def __init__(self, networks: Iterable[str] = ()) -> None:
        """Take networks in CIDR notation (RFC 4632 section 3.1, RFC 4291 section 2.3), or single addresses.

        @raise ValueError: one is neither, or has bits behind its prefix; the message says which.
        """
        self.networks = tuple([_network(text) for text in networks])
        self._seen: dict[str, bool] = {}

    def __contains__(self, host: object) -> bool:
        """Whether an address, as text, lies in one of the networks; an IPv4 address may come as IPv6 does it."""
        if not isinstance(host, str):
            return False
        found = self._seen.get(host)
        if found is None:
            if len(self._seen) >= _REMEMBERED:
                self._seen.clear()
            found = self._seen[host] = self._find(host)
        return found

    def _find(self, host: str) -> bool:
        """Look through the networks."""
        try:
            address = ipaddress.ip_address(host.partition("%")[0])
        except ValueError:
            return False
        if address.version == 6 and address.ipv4_mapped is not None:
            address = address.ipv4_mapped
        return any(address in network for network in self.networks)

    def __repr__(self) -> str:
        return f"<Networks {' '.join([str(network) for network in self.networks])}>"


def _network(text: str) -> ipaddress.IPv4Network | ipaddress.IPv6Network:
    """Read a network."""
    try:
        return ipaddress.ip_network(text)
    except ValueError as error:
        raise ValueError(f"{text!r} is no network such as 192.0.2.0/24 or 2001:db8::/32: {error}") from None


LOCAL_NETWORKS = (
    "127.0.0.0/8",
    "::1/128",
    "169.254.0.0/16",
    "fe80::/10",
    "10.0.0.0/8",
    "172.16.0.0/12",
    "192.168.0.0/16",
    "fc00::/7",
)
"""Loopback (RFC 1122 section 3.2.1.3, RFC 4291 section 2.5.3), link-local (RFC 3927, RFC 4291 section 2.5.6), private
(RFC 1918) and local (RFC 4193) networks."""
