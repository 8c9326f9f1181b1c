"""Makes zones from text for the tests, with dnspython as the reader of text."""

import dns.name
import dns.rdata
import dns.rdataclass
import dns.rdatatype

from txnames.zone.builder import ZoneBuilder
from txnames.zone.tree import Zone

SOA = "@ 3600 SOA ns1 hostmaster 2024010101 7200 3600 1209600 300"


def wire(name: str, origin: dns.name.Name = dns.name.root) -> bytes:
    """A name as wire octets; relative to an origin."""
    octets = dns.name.from_text(name, origin).to_wire()
    assert octets is not None
    return octets


def typeNumber(name: str) -> int:
    """The number of a type."""
    return int(dns.rdatatype.from_text(name))


def rdata(type: str, text: str, origin: str = "example.") -> bytes:
    """A record's data as wire octets, names uncompressed."""
    made = dns.rdata.from_text(
        dns.rdataclass.IN, dns.rdatatype.from_text(type), text, dns.name.from_text(origin), relativize=False
    )
    octets = made.to_wire()
    assert octets is not None
    return octets


def fill(builder: ZoneBuilder, text: str, origin: str = "example.") -> ZoneBuilder:
    """Add records to a builder: one a line, of owner, TTL, type and data."""
    top = dns.name.from_text(origin)
    for line in filter(None, text.splitlines()):
        owner, ttl, type, data = line.split(None, 3)
        builder.add(wire(owner, top), typeNumber(type), 1, int(ttl), rdata(type, data, origin))
    return builder


def zoneOf(text: str, origin: str = "example.", soa: str = SOA) -> Zone:
    """A zone of records, one a line, behind an SOA record."""
    return fill(ZoneBuilder(wire(origin)), f"{soa}\n{text}", origin).build()
