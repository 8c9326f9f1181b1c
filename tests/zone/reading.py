"""Reads zones for the tests, from texts that stand for files."""

import re
from collections.abc import Hashable, Mapping

from txnames.error import ZoneFileError
from txnames.wire.name import textFromWire
from txnames.wire.numbers import typeName
from txnames.wire.record import rdataToText
from txnames.zone.master import readZone
from txnames.zone.problem import Problem
from txnames.zone.rrset import recordsOf, typeOf
from txnames.zone.source import Source
from txnames.zone.tree import Zone

HEAD = "$TTL 3600\n@ SOA ns hm 1 2 3 4 5\n@ NS ns\nns A 192.0.2.1\n"

_head = re.compile(r"example\. [0-9]+ (SOA|NS ns\.)|ns\.example\. [0-9]+ A 192\.0\.2\.1$")


class Files:
    """Files that a zone may include.

    @ivar asked: what was asked for, and from which file.
    """

    def __init__(self, files: Mapping[str, str]) -> None:
        self.files = files
        self.asked: list[tuple[str, Hashable]] = []

    def __call__(self, path: str, includer: Hashable) -> Source:
        """Find a file."""
        self.asked.append((path, includer))
        if path.startswith("/"):
            raise ValueError("outside")
        if path not in self.files:
            raise FileNotFoundError(2, "No such file", path)
        return Source.fromBytes(self.files[path].encode("latin-1"), path)


def load(
    text: str,
    files: Mapping[str, str] | None = None,
    *,
    head: str = HEAD,
    origin: str | None = "example",
    strict: bool = False,
) -> tuple[Zone, list[Problem]]:
    """Read a zone, whose text has these lines before it; both ways of reading have to agree."""
    source = Source.fromBytes((head + text).encode("latin-1"), "main")
    opener = None if files is None else Files(files)
    results: list[tuple[Zone, list[Problem]] | ZoneFileError] = []
    for bulk in (True, False):
        try:
            results.append(readZone(source, origin, opener=opener, strict=strict, bulk=bulk))
        except ZoneFileError as error:
            results.append(error)
    plain, careful = results
    if isinstance(plain, ZoneFileError) or isinstance(careful, ZoneFileError):
        assert isinstance(plain, ZoneFileError)
        assert isinstance(careful, ZoneFileError)
        assert plain.problems == careful.problems
        raise plain
    (zone, warnings), (other, otherWarnings) = plain, careful
    assert list(zone.nodes.items()) == list(other.nodes.items())
    assert zone.spelling == other.spelling
    assert warnings == otherWarnings
    return zone, warnings


def shown(zone: Zone) -> list[str]:
    """The records of a zone as text, but for those of the head."""
    found = []
    for owner, packed in zone.rrsets():
        for ttl, rdata in recordsOf(packed):
            type = typeOf(packed)
            found.append(f"{textFromWire(owner)} {ttl} {typeName(type)} {rdataToText(type, rdata)}")
    return [line for line in found if not _head.match(line)]


def records(text: str, files: Mapping[str, str] | None = None, *, head: str = HEAD) -> list[str]:
    """The records that are read from a text, but for those of the head."""
    return shown(load(text, files, head=head)[0])


def errors(
    text: str,
    files: Mapping[str, str] | None = None,
    *,
    head: str = HEAD,
    origin: str | None = "example",
    strict: bool = False,
) -> list[str]:
    """The errors for which a zone is refused."""
    try:
        load(text, files, head=head, origin=origin, strict=strict)
    except ZoneFileError as error:
        return str(error).splitlines()
    raise AssertionError("the zone has loaded")


def warnings(text: str, files: Mapping[str, str] | None = None, *, head: str = HEAD) -> list[str]:
    """The warnings about a zone that loads."""
    return [str(problem) for problem in load(text, files, head=head)[1]]
