"""Authorities: resolvers that answer from zones, which they have from files or from the program."""

from __future__ import annotations

import fcntl
import os
import sys
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from copy import copy
from pathlib import Path
from typing import Any, Final, TypeAlias

from twisted.internet import defer
from twisted.python import log
from zope.interface import implementer

from txnames.common import ResolverBase, Timeout
from txnames.error import DNSServerError, DomainError, NoSuchNameError, NotResponsibleError, ZoneFileError
from txnames.interfaces import IZoneSource
from txnames.wire.name import Name
from txnames.wire.numbers import OK, SOA, typeNumber
from txnames.wire.record import Record
from txnames.zone.answer import Sections, headersOf, payloadsOf
from txnames.zone.check import Locate, check
from txnames.zone.closed import ClosedZone
from txnames.zone.edit import Add, Change, Remove, edited
from txnames.zone.gather import Gathered, defaultTtl, described, gather, rdataOf, soundRecord
from txnames.zone.lines import ZoneLines, absolute
from txnames.zone.lookup import lookup
from txnames.zone.master import originOf, readZone
from txnames.zone.problem import Place, Problem, Problems
from txnames.zone.source import Source
from txnames.zone.tree import Zone, rrsetAt
from txnames.zone.view import recordsView
from txnames.zonefiles import FileName, Includer, sourceOf

__all__ = ["BindAuthority", "FileAuthority", "MemoryAuthority", "PySourceAuthority", "getSerial"]

_Owned: TypeAlias = tuple[bytes | str | Name, Any]

# How many warnings of one load go to the log.
_LOGGED: Final = 20


def getSerial(filename: FileName = "/tmp/twisted-names.serial") -> int:
    """A serial number that is greater at each call: the date as YYYYMMDD, and two digits that count.

    @param filename: where the last one is kept; the file is made when it is not there.
    @raise OSError: it cannot be written, or is a symbolic link.
    """
    descriptor = os.open(filename, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC, 0o644)
    with os.fdopen(descriptor, "r+", encoding="ascii", errors="replace") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        last = file.read(32).strip()
        serial = int(time.strftime("%Y%m%d")) * 100
        if last.isdecimal():
            serial = max(serial, int(last) + 1)
        file.seek(0)
        file.truncate()
        file.write(f"{serial}\n")
    return serial


class _Watched:
    """An attribute whose every assignment means another zone; the class itself shows C{None}."""

    def __set_name__(self, owner: type, name: str) -> None:
        self.name = name

    def __get__(self, instance: FileAuthority | None, owner: type) -> Any:
        return None if instance is None else instance.__dict__.get(self.name)

    def __set__(self, instance: FileAuthority, value: Any) -> None:
        instance.__dict__[self.name] = value
        instance._loaded = None
        instance._changed()


@implementer(IZoneSource)
class FileAuthority(ResolverBase):
    """Answers from one zone.

    A subclass has a method C{loadFile}, which sets C{soa} and C{records}.  Both may be set at any other time, too, and
    C{records} may be a dict that changes.  Records without a TTL have the greater of the SOA's minimum and expire.

    @ivar soa: the name of the zone, dotted and in lower case, and its SOA record.
    @ivar records: lists of records by the dotted name of their owner; of a zone that was loaded this is a view, which
        cannot be changed.  With a dict of the program's own each question costs time in proportion to it, as it is
        compared with what it was; L{MemoryAuthority} is for large zones that change.
    @ivar warnings: what is wrong with the zone though it was loaded.
    @ivar minimalAny: whether questions for ANY get one RRset (RFC 8482 section 4.1), not all, where it is this
        resolver that is asked.  Within a server that of the L{txnames.resolve.ResolverChain} counts, for all zones.
    """

    soa: Any = _Watched()
    records: Any = _Watched()
    minimalAny = True
    warnings: Sequence[Problem] = ()

    _filename: FileName = ""
    _watchers: tuple[Callable[[], None], ...] = ()
    # The zone that was loaded, until `soa` or `records` become others.
    _loaded: Zone | None = None
    # The records that were gathered last, and what they were made from.
    _gathered: Gathered | None = None
    _gatheredFrom: tuple[Any, Any] = (None, None)

    def __init__(self, filename: FileName) -> None:
        """Load the zone.

        @raise ZoneFileError: it has errors.
        @raise OSError: the file cannot be read.
        """
        ResolverBase.__init__(self)
        self._filename = filename
        self.loadFile(filename)

    def loadFile(self, filename: FileName) -> None:
        """Load the zone from a file; to be overridden."""
        raise NotImplementedError(f"{type(self).__name__}.loadFile")

    def reload(self) -> None:
        """Load the zone anew; the old version stays when that fails.

        @raise ZoneFileError: the zone has errors.
        @raise OSError: the file cannot be read.
        """
        self.loadFile(self._filename)

    @property
    def zone(self) -> Zone | None:
        """The zone as it is now; C{None} where C{query} has to be asked, as the answers may be others."""
        return None if type(self)._answersOtherwise() else self._loaded

    @property
    def filename(self) -> FileName:
        """The file that the zone comes from; empty where there is none."""
        return self._filename

    def answerFrom(self, zone: Zone) -> None:
        """Answer from another version of the zone, from now on."""
        self._take(zone, (), recordsView(zone), payloadsOf(zone.soa)[0], None)

    def reloaded(self) -> FileAuthority:
        """Load the zone anew, into another authority that nobody watches; this one stays as it is.

        @raise ZoneFileError: the zone has errors.
        @raise OSError: the file cannot be read.
        """
        other = copy(self)
        other._watchers = ()
        other.reload()
        return other

    def adopt(self, other: FileAuthority) -> None:
        """Answer from what another authority of this kind has loaded, from now on."""
        watchers = self._watchers
        self.__dict__.update(other.__dict__)
        self._watchers = watchers
        self._changed()

    def watch(self, changed: Callable[[], None]) -> None:
        """Have a function called each time after the zone became another."""
        self._watchers = (*self._watchers, changed)

    def lookupZone(self, name: bytes | str, timeout: Timeout = 10) -> defer.Deferred[Any]:
        """All records of the zone, the SOA first and once more at the end, as a transfer has them (RFC 5936).

        @return: a Deferred of three lists of records; it fails with L{DomainError} for anything but the zone's name.
        """
        try:
            gathered, zone = self._current()
        except LookupError:
            zone = None
        except ZoneFileError as error:
            return defer.fail(error)
        if zone is None or isinstance(zone, ClosedZone) or Name(name).folded != zone.apex:
            return defer.fail(DomainError(name))
        answers = [header for owner, packed in zone.rrsets() for header in headersOf(owner, packed, True)]
        sections = Sections(answers, [], [], OK, True)
        if gathered:
            gathered.restored(sections)
        answers.append(answers[0])
        return defer.succeed(sections)

    def _lookup(self, name: bytes, cls: int, type: int, timeout: Timeout) -> defer.Deferred[Any]:
        """Look a name up.

        @return: a Deferred of three lists of records.  It fails with L{NotResponsibleError} for names outside of the
            zone, and with L{NoSuchNameError} for those that do not exist.
        """
        try:
            gathered, zone = self._current()
        except LookupError:
            return defer.fail(NotResponsibleError(name))
        except ZoneFileError as error:
            return defer.fail(error)
        try:
            answer = lookup(zone, Name(name).wire, type, cls, minimalAny=self.minimalAny)
        except DNSServerError:
            # The zone is closed.
            return defer.fail()
        if answer is None:
            return defer.fail(NotResponsibleError(name))
        sections = answer.headers()
        if gathered:
            gathered.restored(sections)
        if answer.rcode != OK:
            return defer.fail(NoSuchNameError(name, sections))
        return defer.succeed(sections)

    def _current(self) -> tuple[Gathered | None, Zone]:
        """The zone, and the records it was gathered from.

        @raise LookupError: there is none.
        @raise ZoneFileError: its SOA record is one that nobody could read.
        """
        if self._loaded is not None:
            return self._gathered, self._loaded
        soa, records = self.soa, self.records
        if soa is None:
            raise LookupError("no zone was loaded")
        gathered = self._gathered
        if gathered is None or self._gatheredFrom[0] is not soa or self._gatheredFrom[1] != records:
            # Taken as they are: a program may answer with anything that others can read.
            problems = Problems()
            gathered = self._gathered = self._gather(problems)
            self._gatheredFrom = soa, {name: list(found) for name, found in (records or {}).items()}
            for problem in problems.errors:
                log.msg(f"{self} leaves a record out: {problem}")
        if rrsetAt(gathered.zone.nodes[gathered.zone.apex], SOA) is None:
            raise ZoneFileError([Problem.at(None, f"{described(*soa)} is no SOA record that others can read")])
        return gathered, gathered.zone

    def _gather(self, problems: Problems) -> Gathered:
        """Make the zone of C{soa} and C{records}."""
        owned = [(name, record, None) for name, found in (self.records or {}).items() for record in found]
        return gather(Name(self.soa[0]), self.soa[1], owned, problems)

    def _take(self, zone: Zone, warnings: Sequence[Problem], records: Any, soa: Any, gathered: Gathered | None) -> None:
        """Answer from a zone that was loaded, from now on."""
        self.__dict__["soa"] = zone.origin.name.lower(), soa
        self.__dict__["records"] = records
        self._gathered = gathered
        self._gatheredFrom = None, None
        self._loaded = zone
        self.warnings = warnings
        for warning in warnings[:_LOGGED]:
            log.msg(str(warning))
        if len(warnings) > _LOGGED:
            log.msg(f"{self}: {len(warnings) - _LOGGED} further warnings")
        self._changed()

    def _changed(self) -> None:
        """Tell those who watch."""
        for changed in self._watchers:
            changed()

    @classmethod
    def _answersOtherwise(cls) -> bool:
        """Whether a subclass has methods of its own for what this class answers."""
        return any(getattr(cls, name) is not getattr(FileAuthority, name) for name in ("query", "_lookup", *_lookups))

    def __repr__(self) -> str:
        name = f"{Name(self.soa[0])}." if self.soa else "without a zone"
        return f"<{type(self).__name__} {name}{f' from {os.fsdecode(self._filename)}' if self._filename else ''}>"


_lookups: Final = [name for name in vars(ResolverBase) if name.startswith("lookup")]


class _Originals(Mapping[bytes, list[Any]]):
    """The records that a program made, by the dotted name of their owner; it shows copies of its lists."""

    def __init__(self, records: Iterable[_Owned]) -> None:
        self._records: dict[bytes, list[Any]] = {}
        for owner, record in records:
            self._records.setdefault(Name(owner).name.lower(), []).append(record)

    def __getitem__(self, name: bytes) -> list[Any]:
        return list(self._records[name.lower()])

    def __iter__(self) -> Iterator[bytes]:
        return iter(self._records)

    def __len__(self) -> int:
        return len(self._records)


def _judged(zone: Zone, problems: Problems, locate: Locate | None = None) -> list[Problem]:
    """The warnings about a zone.

    @param problems: what is known to be wrong with it.
    @param locate: says where records stand.
    @raise ZoneFileError: it has errors.
    """
    for problem in check(zone, locate):
        problems.add(problem)
    problems.refuse()
    return problems.warnings


def _soaIn(
    records: Iterable[tuple[bytes | str | Name, Any, Place | None]], origin: Name | None, file: str
) -> tuple[Name, Any]:
    """The owner and the SOA record that a zone's records begin with, wherever they do.

    @raise ZoneFileError: there is none.
    """
    for owner, record, _ in records:
        if getattr(record, "TYPE", None) == SOA:
            with suppress(ValueError):
                if origin is None or Name(owner) == origin:
                    return Name(owner), record
    raise ZoneFileError([Problem.at(Place(file), "the zone has no SOA record" + (f" at {origin}" if origin else ""))])


class PySourceAuthority(FileAuthority):
    """Answers from a zone that is a Python program.

    The program is run with a function for each record type, named after it, and binds C{zone} to a list of what they
    return.  They take the owner, and then what the constructor of the record takes.  Only programs that are trusted
    may be loaded.
    """

    def __init__(self, filename: FileName, *, strict: bool = False) -> None:
        """Load the zone.

        @param strict: whether warnings are errors.
        @raise ZoneFileError: the zone has errors.
        @raise ValueError: the program binds no C{zone}.
        @raise Exception: whatever the program raises.
        """
        self._strict = strict
        self._lines: dict[int, int] = {}
        super().__init__(filename)

    def loadFile(self, filename: FileName) -> None:
        """Run the program and take the zone that it made; see L{__init__}."""
        path = os.fsdecode(filename)
        code = compile(Path(path).read_bytes(), path, "exec")
        namespace = self.setupConfigNamespace()
        self._lines = {}
        exec(code, namespace)
        if "zone" not in namespace:
            raise ValueError(f"the program {path} binds no zone")
        records = [
            (owner, record, Place(path, self._lines.get(id(record), 0), 0, described(owner, record)))
            for owner, record in namespace["zone"]
        ]
        self._lines = {}
        origin, soa = _soaIn(records, None, path)
        problems = Problems(self._strict)
        gathered = gather(origin, soa, records, problems)
        places: dict[tuple[bytes, int], Place] = {}
        for owner, record, place in records:
            with suppress(ValueError, AttributeError):
                places.setdefault((Name(owner).folded, record.TYPE), place)
        warnings = _judged(gathered.zone, problems, lambda *key: places.get(key))
        self._take(gathered.zone, warnings, _Originals((o, r) for o, r, _ in records), soa, gathered)

    def setupConfigNamespace(self) -> dict[str, Any]:
        """What the program finds there: a function for each record type, by its name."""
        made = {}
        for kind in Record.registry.values():
            made[kind.__name__.removeprefix("Record_")] = self.wrapRecord(kind)
        return made

    def wrapRecord(self, type: Callable[..., Any]) -> Callable[..., tuple[Any, Any]]:
        """A function that makes records of a type, and returns each with its owner."""

        def make(*arguments: Any, **keywords: Any) -> tuple[Any, Any]:
            # A record may have a field "name", too.
            owner, *rest = arguments or (keywords.pop("name"),)
            record = type(*rest, **keywords)
            self._lines[id(record)] = sys._getframe(1).f_lineno
            return owner, record

        return make


class BindAuthority(FileAuthority, ZoneLines):
    """Answers from a zone file (RFC 1035 section 5).

    A subclass that overrides one of the steps of L{ZoneLines} has its zone read by them.

    @ivar origin: the name of the zone, dotted and with the last dot.
    """

    def __init__(
        self,
        filename: FileName,
        *,
        origin: bytes | str | Name | None = None,
        strict: bool = False,
        allowInclude: bool | FileName | Iterable[FileName] = False,
    ) -> None:
        """Load the zone.

        @param origin: the name of the zone; otherwise it is the owner of the SOA record, which must be absolute then
            or follow C{$ORIGIN}.
        @param strict: whether warnings are errors.
        @param allowInclude: the folder, or folders, beside the zone file's own from which C{$INCLUDE} may read;
            C{True} for any.
        @raise ZoneFileError: the zone has errors.
        @raise OSError: the file cannot be read.
        """
        self._origin = None if origin is None else Name(origin)
        self._strict = strict
        if isinstance(allowInclude, str | bytes | os.PathLike):
            allowInclude = (allowInclude,)
        self._allowed = allowInclude if isinstance(allowInclude, bool) else tuple(allowInclude)
        super().__init__(filename)

    def loadFile(self, filename: FileName) -> None:
        """Load the zone from a file; see L{__init__}."""
        source = sourceOf(os.fsdecode(filename))
        opener = Includer(os.fsdecode(filename), self._allowed)
        if self._hasOwnSteps():
            self._loadByLines(source, opener)
            return
        zone, warnings = readZone(source, self._origin, opener=opener, strict=self._strict)
        self.origin = absolute(zone.origin)
        self._take(zone, warnings, recordsView(zone), payloadsOf(zone.soa)[0], None)

    def _loadByLines(self, source: Source, opener: Includer) -> None:
        """Load the zone by the methods that a subclass may override."""
        before = dict(self.__dict__)
        # Nobody is told of a zone that is half read.
        self._watchers = ()
        self._opener = opener
        self._files = ()
        self._lastTtl = None
        self._remarks = ()
        try:
            gathered, warnings = self._gatherLines(source, opener)
        except BaseException as error:
            self.__dict__.clear()
            self.__dict__.update(before)
            if isinstance(error, ValueError | NotImplementedError) and not isinstance(error, ZoneFileError):
                raise ZoneFileError([Problem.at(Place(source.name), str(error))]) from error
            raise
        self._watchers = before.get("_watchers", ())
        originals = _Originals((name, record) for name, found in self.records.items() for record in found)
        self._take(gathered.zone, warnings, originals, self.soa[1], gathered)

    def _gatherLines(self, source: Source, opener: Includer) -> tuple[Gathered, list[Problem]]:
        """Read a file into C{soa} and C{records}, and make a zone of them.

        @raise ValueError: it cannot be read.
        """
        self.origin = absolute(originOf(source, opener) if self._origin is None else self._origin)
        self.ttl = None
        self.records = {}
        self.soa = None
        self._readLines(source)
        if self.soa is None or self._origin not in (None, Name(self.soa[0])):
            raise ValueError("the zone has no SOA record")
        problems = Problems(self._strict)
        for reason, refusers in self._remarks:
            problems.warning(Place(source.name), reason, refusers)
        gathered = self._gather(problems)
        return gathered, _judged(gathered.zone, problems)


class MemoryAuthority(FileAuthority):
    """Answers from a zone that a program makes and changes.  Each change is made as a whole, or not at all."""

    def __init__(self, origin: bytes | str | Name, records: Iterable[_Owned], *, strict: bool = False) -> None:
        """Make the zone.

        @param origin: the name of the zone.
        @param records: owners and records; a TTL of C{None} is the greater of the SOA's minimum and expire.
        @param strict: whether warnings are errors.
        @raise ZoneFileError: the zone has errors.
        """
        ResolverBase.__init__(self)
        self._origin = Name(origin)
        self._strict = strict
        self.replace(records)

    def replace(self, records: Iterable[_Owned]) -> None:
        """Put other records in the place of all that there are; the arguments are those of the constructor.

        @raise ZoneFileError: the zone would have errors; it stays as it was.
        """
        owned = [(owner, record, Place(text=described(owner, record))) for owner, record in records]
        _, soa = _soaIn(owned, self._origin, "")
        problems = Problems(self._strict)
        gathered = gather(self._origin, soa, owned, problems)
        self._own(gathered.zone, _judged(gathered.zone, problems))

    def change(self, add: Iterable[_Owned] = (), remove: Iterable[Any] = ()) -> None:
        """Remove records, and then add others.

        Nothing is done to the serial number; a new SOA record takes the place of the old one.

        @param add: owners and records.
        @param remove: owners with a record, or with a type (number or name) to remove all of it, or owners alone to
            remove all they have.  What is not there is no error.
        @raise ZoneFileError: the zone would have errors; it stays as it was.
        @raise ValueError: an owner that does not lie in the zone, or a record that others could not read; the zone
            stays as it was.
        """
        assert self._loaded is not None
        changes: list[Change] = []
        for one in remove:
            owner, what = one if isinstance(one, tuple) else (one, None)
            wire = Name(owner).wire
            if what is None:
                changes.append(Remove(wire))
            elif isinstance(what, int | str):
                changes.append(Remove(wire, what if isinstance(what, int) else typeNumber(what)))
            else:
                changes.append(Remove(wire, what.TYPE, rdataOf(what)))
        additions = list(add)
        soas = [record for _, record in additions if getattr(record, "TYPE", None) == SOA]
        default = defaultTtl(soas[-1] if soas else self.soa[1])
        for owner, record in additions:
            name, type, ttl, rdata = soundRecord(owner, record, default)
            changes.append(Add(name.wire, type, ttl, rdata))
        problems = Problems(self._strict)
        zone = edited(self._loaded, changes)
        self._own(zone, _judged(zone, problems))

    def reload(self) -> None:
        """Do nothing: there is no file."""

    def _own(self, zone: Zone, warnings: Sequence[Problem]) -> None:
        """Answer from a zone."""
        self._take(zone, warnings, recordsView(zone), payloadsOf(zone.soa)[0], None)
