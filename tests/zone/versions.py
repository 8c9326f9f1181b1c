"""Versions of a zone whose content is a function of their serial, for the tests of what keeps zones."""

from functools import lru_cache
from hashlib import blake2b
from itertools import pairwise

from txnames.wire.name import Name
from txnames.wire.numbers import NS, SOA, TXT, A
from txnames.zone.builder import ZoneBuilder
from txnames.zone.difference import Difference, difference
from txnames.zone.rrset import recordsOf, typeOf
from txnames.zone.tree import Zone

ORIGIN = Name("Example.org")


@lru_cache(64)
def version(serial: int, size: int = 6, origin: Name = ORIGIN) -> Zone:
    """The version with some serial.

    @param size: how many names it has, one of which changes with each serial, one with every second and so on.
    """
    apex = origin.wire
    builder = ZoneBuilder(apex, cls=1)
    timers = (7200, 3600, 1209600, 300)
    numbers = b"".join([number.to_bytes(4, "big") for number in (serial, *timers)])
    builder.add(apex, SOA, 1, 3600, b"\2ns" + apex + b"\4root" + apex + numbers)
    builder.add(apex, NS, 1, 3600, b"\2ns" + apex)
    builder.add(b"\4only\3for" + _label(f"Serial{serial}") + apex, A, 1, 60, serial.to_bytes(4, "big"))
    for number in range(size):
        digest = blake2b(f"{number}, {serial // (number + 1)}".encode(), digest_size=24).digest()
        owner = _label(f"name{number}") + apex
        builder.add(owner, TXT, 1, 60 + digest[0] % 3, b"\x18" + digest)
        for position in range(digest[1] % 3):
            builder.add(owner, A, 1, 60, digest[position : position + 4])
    return builder.build()


def _label(text: str) -> bytes:
    """A label in wire form."""
    return bytes((len(text),)) + text.encode()


def chain(first: int, last: int, size: int = 6) -> list[Difference]:
    """The differences from one version to another, one for each serial between."""
    zones = [version(serial, size) for serial in range(first, last + 1)]
    return [difference(old, new) for old, new in pairwise(zones)]


def contents(zone: Zone) -> set[tuple[bytes, int, int, bytes]]:
    """All records of a zone: owner, type, TTL and data."""
    return {(owner, typeOf(packed), ttl, data) for owner, packed in zone.rrsets() for ttl, data in recordsOf(packed)}


def isVersion(zone: Zone, size: int = 6, origin: Name = ORIGIN) -> bool:
    """Whether a zone is one of the versions, and wholly so."""
    expected = version(zone.serial, size, origin)
    return contents(zone) == contents(expected) and zone.nodes.keys() == expected.nodes.keys()
