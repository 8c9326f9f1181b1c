"""Zones and records from text, for name servers that need not be right."""

from __future__ import annotations

import re

import txnames.records  # noqa: F401  # reason: makes the record types known
from txnames.wire.header import RRHeader
from txnames.wire.name import Name
from txnames.wire.numbers import IN, SOA, typeNumber
from txnames.wire.record import rdataFromText, recordClass
from txnames.wire.text import tokenize
from txnames.zone.builder import ZoneBuilder
from txnames.zone.problem import Problems
from txnames.zone.reader import Reader
from txnames.zone.source import Source
from txnames.zone.tree import Zone, rrsetAt

__all__ = ["DEFAULT_TTL", "record", "scriptedZone"]

DEFAULT_TTL = 3600
"""The TTL of what is given none, in seconds."""

_record = re.compile(r"(\S+)\s+(?:(\d+)\s+)?(\S+)\s*(.*)", re.DOTALL)

_DEFAULT_SOA = f"@ {DEFAULT_TTL} IN SOA ns hostmaster 1 7200 3600 1209600 300\n"


def scriptedZone(origin: str, text: str) -> Zone:
    """A zone from text, as odd as it has to be: nothing is checked but that each line can be read.

    @param origin: the name of its apex.
    @param text: its records, in the form of a zone file, but indented as one likes: each line begins with its owner.
        They need neither class nor TTL, which is an hour, and a zone without a SOA record gets one, whose negative TTL
        is 300 seconds.
    @raise ValueError: a line cannot be read.
    """
    lines = "\n".join(line.strip() for line in text.splitlines()) + "\n"
    zone = _read(origin, lines)
    return _read(origin, _DEFAULT_SOA + lines) if rrsetAt(zone.nodes[zone.apex], SOA) is None else zone


def _read(origin: str, lines: str) -> Zone:
    """Read a zone."""
    problems = Problems()
    apex = Name(origin).wire
    builder = ZoneBuilder(apex, problems)
    Reader(builder, problems).read(Source.fromBytes(f"$TTL {DEFAULT_TTL}\n{lines}".encode()), apex)
    zone = builder.build()
    if problems.errors:
        raise ValueError("\n".join(map(str, problems.errors)))
    return zone


def record(text: str) -> RRHeader:
    """A record from text: owner, TTL (an hour if there is none), type and data; all names are absolute.

    @raise ValueError: it cannot be read.
    """
    found = _record.fullmatch(text)
    if found is None:
        raise ValueError(f"{text!r} is no record")
    owner, digits, name, data = found.groups()
    ttl = int(digits) if digits else DEFAULT_TTL
    type = typeNumber(name)
    rdata = rdataFromText(type, tokenize(data.encode()))
    return RRHeader(owner, type, IN, ttl, recordClass(type).read(rdata, 0, len(rdata), {}, ttl))
