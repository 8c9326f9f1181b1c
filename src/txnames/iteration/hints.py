"""Where to begin: the addresses of the root's servers (RFC 8109)."""

from __future__ import annotations

import ipaddress
from importlib.resources import files
from typing import Any, Final

from txnames.wire.numbers import AAAA, A
from txnames.zone.builder import ZoneBuilder
from txnames.zone.problem import Problems
from txnames.zone.reader import Reader
from txnames.zone.rrset import rdatasOf, typeOf
from txnames.zone.source import Source

__all__ = ["hintsOf", "readHints"]

Server = tuple[str, int]
"""An IP address and a port."""

_PORT: Final = 53


def readHints(octets: bytes) -> list[str]:
    """The addresses in a file of root hints, in the format that IANA publishes.

    @raise ValueError: it has an error, or no addresses.
    """
    problems = Problems()
    builder = ZoneBuilder(b"\0", problems)
    Reader(builder, problems).read(Source.fromBytes(octets), b"\0")
    problems.refuse()
    found = []
    for node in builder.build().nodes.values():
        for packed in (node,) if isinstance(node, bytes) else node:
            if typeOf(packed) in (A, AAAA):
                found += [str(ipaddress.ip_address(rdata)) for rdata in rdatasOf(packed)]
    if not found:
        raise ValueError("there are no addresses of root servers in it")
    return found


def hintsOf(hints: Any) -> list[Server]:
    """Take hints: addresses, or pairs of an address and a port; C{None} for the root servers of the Internet."""
    if hints is None:
        hints = readHints(files("txnames.iteration").joinpath("named.root").read_bytes())
    return [(hint, _PORT) if isinstance(hint, str) else (str(hint[0]), int(hint[1])) for hint in hints]
