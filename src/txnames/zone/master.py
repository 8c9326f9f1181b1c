"""Reads zones from master files (RFC 1035 section 5)."""

from __future__ import annotations

import gc
from typing import Final

from txnames.error import ZoneFileError
from txnames.wire.name import Name
from txnames.wire.numbers import IN, SOA
from txnames.zone.builder import ZoneBuilder
from txnames.zone.bulk import Bulk
from txnames.zone.check import check
from txnames.zone.locate import Locator
from txnames.zone.problem import Place, Problem, Problems
from txnames.zone.reader import Reader
from txnames.zone.source import Opener, Source
from txnames.zone.tree import Zone, rrsetAt

__all__ = ["originOf", "readZone"]

# What relative names are relative to while the origin is being looked for.
_UNKNOWN: Final = b"\x10(unknown origin)\0"


def readZone(
    source: Source | bytes,
    origin: Name | bytes | str | None = None,
    *,
    opener: Opener | None = None,
    strict: bool = False,
    cls: int = IN,
    bulk: bool = True,
) -> tuple[Zone, list[Problem]]:
    """Read a zone, and say what is wrong with it though it loads.

    @param source: its text.
    @param origin: the name of its apex; else that is the owner of its SOA record, see L{originOf}.
    @param opener: finds the files that C{$INCLUDE} names; without it there are none.
    @param strict: whether warnings are errors.
    @param cls: its class.
    @param bulk: whether plain lines take the short way; the outcome is the same.
    @raise ZoneFileError: the zone has errors; the first 20 are in the exception.
    @raise OSError: the file cannot be opened.
    """
    if isinstance(source, bytes):
        source = Source.fromBytes(source)
    apex = originOf(source, opener, cls) if origin is None else Name(origin)
    problems = Problems(strict)
    builder = ZoneBuilder(apex.wire, problems, cls)
    collecting = gc.isenabled()
    # A load makes no cycles, only millions of objects, and the collector would visit all of them again and again.
    gc.disable()
    try:
        Reader(builder, problems, opener, cls, Bulk(builder) if bulk else None).read(source, apex.wire)
        zone = builder.build()
        if not problems.errors or rrsetAt(zone.nodes[zone.apex], SOA) is not None:
            _checkWhole(zone, source, problems, opener)
    finally:
        if collecting:
            gc.enable()
    problems.refuse()
    return zone, problems.warnings


def _checkWhole(zone: Zone, source: Source, problems: Problems, opener: Opener | None) -> None:
    """Check a zone as a whole, and find the places of its problems."""
    locator = Locator()
    found = check(zone, locator.promise)
    if locator:
        Reader(locator, Problems(), opener, zone.cls, locator).read(source, zone.origin.wire)
    for problem in found:
        problems.add(locator.kept(problem, Place(source.name)))


class _Found(Exception):
    """The SOA record has come, and with it its owner in wire form."""


class _SOASink:
    """Waits for the SOA record."""

    def add(self, owner: bytes, type: int, cls: int, ttl: int, rdata: bytes, where: Place | None = None) -> None:
        """Take a record."""
        if type == SOA:
            raise _Found(owner, where)


def originOf(source: Source, opener: Opener | None = None, cls: int = IN) -> Name:
    """The owner of the first SOA record in a text, which must be absolute or follow an C{$ORIGIN}.

    @raise ZoneFileError: there is none, or the name depends on an origin that is not there.
    @raise OSError: the file cannot be opened.
    """
    problems = Problems()
    try:
        Reader(_SOASink(), problems, opener, cls).read(source, _UNKNOWN)
    except _Found as found:
        owner, where = found.args
        if not owner.endswith(_UNKNOWN):
            return Name.fromWire(owner)
        reason = "the SOA record's owner is relative to an origin that nothing tells: give it, or begin with $ORIGIN"
        raise ZoneFileError([Problem.at(where, reason)]) from None
    problems.refuse()
    raise ZoneFileError([Problem.at(Place(source.name), "the zone has no SOA record, which would tell its origin")])
