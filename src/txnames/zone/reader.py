"""Reads the statements of a zone file: records and directives (RFC 1035 section 5.1, RFC 2308 section 4).

The reader takes a file's text line by line and hands each record to a sink, with the place where it stands.  What it
cannot read becomes a problem, and it goes on with the next line.  The plain lines of which large zones consist never
come here: L{txnames.zone.bulk} has done with them.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Hashable
from itertools import chain
from typing import Final, Protocol

import txnames.records  # noqa: F401  # reason: makes the record types known
from txnames.error import RdataTextError
from txnames.wire.interval import seconds
from txnames.wire.name import nameFromText
from txnames.wire.numbers import IN, OPT, QUERY_TYPES, SOA, classNumber, isMetaType, typeNumber
from txnames.wire.record import rdataFromText
from txnames.wire.text import Token, Tokens, unescape
from txnames.zone.bulk import Lines, anyLine
from txnames.zone.generate import MAX_GENERATED, generate
from txnames.zone.problem import Place, Problems, Refusers
from txnames.zone.source import Opener, Source
from txnames.zone.tokens import MAX_STATEMENT, LineTooLong, Statement, TextFault, cut, pieces, shown

__all__ = ["DATA_REFUSERS", "MAX_DEPTH", "MAX_TTL", "Plain", "Reader", "Sink"]

MAX_DEPTH: Final = 10
"""How deep files may include each other."""

MAX_TTL: Final = 0x7FFFFFFF
"""The largest TTL, in seconds; a larger one counts as none at all (RFC 2181 section 8)."""

# The TTL where a zone has given none, as NSD and Knot DNS have it.
_FALLBACK_TTL: Final = 3600

_NOBODY: Final = Refusers.NOBODY
_BIND: Final = Refusers.BIND
_NSD: Final = Refusers.NSD
_KNOT: Final = Refusers.KNOT

DATA_REFUSERS: Final = _BIND | _NSD
"""Who refuses what records remark on, see L{Tokens.remark}."""

_ttl = re.compile(rb"(?:[0-9]{1,20}[WwDdHhMmSs])*(?:[0-9]{1,20})?")
_strayInName = re.compile(rb"(?<!\\)(?:\\\\)*[@$]")
_marks = ((b"\xef\xbb\xbf", "UTF-8"), (b"\xff\xfe", "UTF-16"), (b"\xfe\xff", "UTF-16"))
_types: Final = {name.encode("ascii"): number for number, name in QUERY_TYPES.items() if not isMetaType(number)}


class Sink(Protocol):
    """Takes the records of a zone."""

    def add(self, owner: bytes, type: int, cls: int, ttl: int, rdata: bytes, where: Place | None = None) -> None:
        """Take a record."""


class Plain(Protocol):
    """Takes the plain lines of a file, and leaves the others to the reader."""

    @property
    def split(self) -> Callable[[bytes], list[tuple[bytes, bytes, bytes, bytes]]]:
        """What cuts whole lines into lines, and plain ones into their parts."""

    def read(self, reader: Reader, lines: Lines) -> list[bytes]:
        """Read lines; give back those that are to be read again."""


class _Fault(ValueError):
    """A statement that cannot be read, and the token at fault."""

    def __init__(self, reason: str, token: Token) -> None:
        super().__init__(reason)
        self.token = token


class _Unreadable(Exception):
    """A file of which no more can be read, for a reason that was noted."""


class Reader:
    """Reads a zone file and those that it includes.

    @ivar sink: takes the records.
    @ivar problems: takes the problems.
    @ivar cls: the zone's class.
    @ivar opener: finds included files.
    @ivar bulk: takes the plain lines; C{None} has every line read with care.
    @ivar file: the name of the file that is being read.
    @ivar origin: what relative names are relative to, in wire form.
    @ivar owner: the last owner in this file, in wire form.
    @ivar ttl: what C{$TTL} gave, in seconds.
    @ivar lastTtl: what the last record gave, in seconds.
    @ivar line: the number of the line that was taken last.
    """

    def __init__(
        self, sink: Sink, problems: Problems, opener: Opener | None = None, cls: int = IN, bulk: Plain | None = None
    ) -> None:
        """Be ready to read."""
        self.sink = sink
        self.problems = problems
        self.opener = opener
        self.cls = cls
        self.bulk = bulk
        self.file = ""
        self.origin = b"\0"
        self.owner: bytes | None = None
        self.ttl: int | None = None
        self.lastTtl: int | None = None
        self.line = 0
        self._lines: Lines = iter(())
        self._files: list[Hashable] = []
        self._said: set[str] = set()
        # The octets that were to be read again.
        self._again = 0
        self._generated = 0

    def read(self, source: Source, origin: bytes) -> None:
        """Read a file to its end, or until there are as many errors as are reported.

        @param origin: what its relative names are relative to, in wire form.
        """
        outside = self.file, self.origin, self.owner, self.line, self._lines
        self.file = source.name
        self.origin = origin
        self.line = 0
        self._files.append(source.identity)
        chunks = iter(source.chunks())
        split = anyLine if self.bulk is None else self.bulk.split
        lines: Lines = chain.from_iterable(map(split, pieces(chunks)))
        try:
            while True:
                self._lines = lines
                again = self.readEach() if self.bulk is None else self.bulk.read(self, lines)
                if not again:
                    break
                self.line -= len(again)
                lines = chain([(b"", b"", b"", line) for line in again], lines)
        except LineTooLong as error:
            self.problems.error(Place(self.file, self.line + 1), str(error))
        except _Unreadable:
            pass
        except OSError as error:
            self.problems.error(Place(self.file), f"the file cannot be read: {error.strerror or error}")
        finally:
            if close := getattr(chunks, "close", None):
                close()
            self._files.pop()
            self.file, self.origin, self.owner, self.line, self._lines = outside

    def readEach(self) -> list[bytes]:
        """Read each of the lines with care; give back those that are to be read again."""
        for parts in self._lines:
            self.line += 1
            again = self.statement(parts[3])
            if again or self.problems.full:
                return again
        return []

    def next(self) -> bytes | None:
        """The next line, or C{None} at the end of the file."""
        for parts in self._lines:
            self.line += 1
            return b"".join(parts)
        return None

    def statement(self, line: bytes) -> list[bytes]:
        """Read the statement that begins with a line; give back the lines after it that are to be read again."""
        if self.line == 1:
            for mark, name in _marks:
                if line.startswith(mark):
                    reason = f"the file begins with a {name} byte order mark: save it as plain text without one"
                    self.problems.error(Place(self.file, 1, 1), reason)
                    raise _Unreadable
        try:
            statement = cut(line, self.line, self.next)
        except TextFault as fault:
            self.problems.error(self.placeOf(fault.token), str(fault))
            self._again += sum(map(len, fault.again))
            if self._again > MAX_STATEMENT:
                # Of text that looks like one unclosed thing after the other no more is to be learned.
                raise _Unreadable from fault
            return fault.again
        try:
            if statement.items:
                self.readStatement(statement)
        except (_Fault, RdataTextError) as error:
            token = error.token
            if isinstance(token, Token):
                place = self.placeOf(token)
            else:
                last = statement.items[-1]
                place = Place(self.file, last.line, last.column + len(last.text), shown(statement.lines[0].strip()))
            self.problems.error(place, str(error))
        else:
            for token, remark, refusers in statement.remarks:
                self.problems.warning(self.placeOf(token), remark, refusers)
        return []

    def readStatement(self, statement: Statement) -> None:
        """Read a statement.

        @raise RdataTextError: the data of its record cannot be read.
        @raise _Fault: something before that.
        """
        first = statement.items[0]
        if statement.blank or first.quoted or first.text[:1] != b"$":
            self.record(statement)
            return
        directive = first.text.upper()
        if directive == b"$TTL":
            self.setTtl(statement)
        elif directive == b"$ORIGIN":
            self.setOrigin(statement)
        elif directive == b"$INCLUDE":
            self.include(statement)
        elif directive == b"$GENERATE":
            self.generate(statement)
        else:
            raise _Fault(f"the directive {shown(first.text)} is not known", first)

    def record(self, statement: Statement, typeAt: int = 0) -> None:
        """Read a record, and hand it to the sink.

        @param typeAt: which token must be the type, if that is settled.
        """
        items = statement.items
        position = 0
        if statement.blank:
            if self.owner is None:
                reason = "the first record of a file gives no owner: it is that of the origin"
                statement.remark(items[0], reason, _BIND | _KNOT)
                self.owner = self.origin
        else:
            position = 1
            self.owner = self.name(items[0], statement)
        owner = self.owner
        ttl: int | None = None
        cls: int | None = None
        while True:
            if position == len(items):
                raise RdataTextError("the record has no type")
            token = items[position]
            position += 1
            word = token.text.upper()
            type = _types.get(word)
            if type is None:
                if ttl is None and (read := self.timeOf(token, statement)) is not None:
                    ttl = read
                elif cls is None and (number := _classOf(word)) is not None:
                    cls = number
                else:
                    type = self.typeOf(token, statement)
            if token.quoted:
                statement.remark(token, "class, TTL and type do not stand in quotes", _BIND | _KNOT)
            if type is not None:
                break
        if typeAt and position != typeAt + 1:
            raise _Fault("$GENERATE takes one token as data, which may be in quotes", items[typeAt])
        tokens = Tokens(items, position)
        rdata = rdataFromText(type, tokens, self.origin)
        for token, reason in tokens.remarks:
            statement.remark(token, reason, DATA_REFUSERS)
        if ttl is None:
            ttl = self.impliedTtl(statement, type, rdata)
        else:
            self.lastTtl = ttl
        line = statement.lines[0].strip()
        self.sink.add(
            owner,
            type,
            self.cls if cls is None else cls,
            ttl,
            rdata,
            Place(self.file, statement.number, 0, shown(line)),
        )

    def name(self, token: Token, statement: Statement) -> bytes:
        """Read an owner, or the name in a directive, as wire form."""
        text = token.text
        if token.quoted:
            statement.remark(token, "a name does not stand in quotes", _KNOT)
        if text != b"@" and (stray := _strayInName.search(text)):
            refusers = _KNOT if stray[0].endswith(b"$") else _NSD | _KNOT
            statement.remark(token, "a name with @ or $ in it, without a backslash", refusers)
        try:
            if not text:
                raise ValueError("it is empty")
            return nameFromText(text, self.origin)
        except ValueError as error:
            raise _Fault(f"{shown(text)!r} is not a name: {error}", token) from None

    def timeOf(self, token: Token, statement: Statement) -> int | None:
        """Read a TTL, in seconds; C{None} for what is none."""
        text = token.text
        if not text or not _ttl.fullmatch(text):
            return None
        if text.isdigit():
            found = int(text)
        elif text[-1:].isdigit():
            found = seconds(text.decode("ascii") + "s")
            statement.remark(token, "a TTL that ends without a unit, which is taken for seconds", _BIND | _KNOT)
        else:
            found = seconds(text.decode("ascii"))
        if found > MAX_TTL:
            refusers = _BIND | _KNOT if found > 2 * MAX_TTL + 1 else _NOBODY
            statement.remark(token, f"a TTL of more than {MAX_TTL} s, which counts as 0", refusers)
            return 0
        return found

    def typeOf(self, token: Token, statement: Statement) -> int:
        """Read a type that is not among the common ones."""
        text = token.text
        try:
            type = typeNumber(text.decode("ascii"))
        except ValueError:
            raise _Fault(f"{shown(text)!r} is neither a type nor a class nor a TTL", token) from None
        if isMetaType(type):
            reason = f"{shown(text)} is no type of data"
            if type != OPT and text[:4].upper() != b"TYPE":
                raise _Fault(reason, token)
            statement.remark(token, reason, _BIND | _KNOT if type == OPT else _BIND)
        return type

    def impliedTtl(self, statement: Statement, type: int, rdata: bytes) -> int:
        """The TTL of a record that gives none, in seconds: that of C{$TTL}, or of the record before."""
        if self.ttl is not None:
            return self.ttl
        if self.lastTtl is not None:
            self.sayOnce(statement, "there is no $TTL: the record has the TTL of the one before")
            return self.lastTtl
        if type == SOA:
            # From here on this is as good as a $TTL, as in BIND.
            self.ttl = int.from_bytes(rdata[-4:], "big")
            self.sayOnce(statement, "there is no $TTL, and no TTL here: the minimum of the SOA is taken")
            return self.ttl
        self.sayOnce(statement, f"there is no $TTL, nor a TTL here or before: {_FALLBACK_TTL} s is taken", _BIND)
        return _FALLBACK_TTL

    def sayOnce(self, statement: Statement, reason: str, refusers: Refusers = _NOBODY) -> None:
        """Remark on the first of many such statements."""
        if reason not in self._said:
            self._said.add(reason)
            statement.remark(statement.items[0], reason, refusers)

    def setTtl(self, statement: Statement) -> None:
        """Read C{$TTL} (RFC 2308 section 4)."""
        token = _operands(statement.items, 1, 1, "a TTL")[0]
        found = None if token.quoted else self.timeOf(token, statement)
        if found is None:
            raise _Fault(f"{shown(token.text)!r} is not a TTL", token)
        self.ttl = found

    def setOrigin(self, statement: Statement) -> None:
        """Read C{$ORIGIN}."""
        self.origin = self.absolute(_operands(statement.items, 1, 1, "a name")[0], statement)

    def absolute(self, token: Token, statement: Statement) -> bytes:
        """Read the name in a directive, which should be absolute, as wire form."""
        if token.quoted:
            raise _Fault("a name does not stand in quotes", token)
        found = self.name(token, statement)
        if not token.text.endswith(b".") or token.text.endswith(b"\\."):
            refusers = _KNOT if token.text == b"@" else _NSD | _KNOT
            statement.remark(token, "the name in a directive has no dot at its end", refusers)
        return found

    def include(self, statement: Statement) -> None:
        """Read C{$INCLUDE}, and what it names; origin and owner are then what they were."""
        operands = _operands(statement.items, 1, 2, "a file, and perhaps an origin")
        token = operands[0]
        origin = self.absolute(operands[1], statement) if len(operands) > 1 else self.origin
        path = unescape(token.text).decode("utf-8", "surrogateescape")
        if len(self._files) > MAX_DEPTH:
            raise _Fault(f"files that include each other more than {MAX_DEPTH} deep", token)
        if self.opener is None:
            raise _Fault("there is no file that another one could be included from", token)
        try:
            source = self.opener(path, self._files[-1])
        except OSError as error:
            raise _Fault(f"the file cannot be read: {error.strerror or error}", token) from None
        except ValueError as error:
            raise _Fault(str(error), token) from None
        if source.identity in self._files:
            raise _Fault("the file includes itself, by way of others perhaps", token)
        self.read(source, origin)

    def generate(self, statement: Statement) -> None:
        """Read C{$GENERATE}, and the lines that it stands for."""
        owner = self.owner
        items = statement.items
        for line in generate(items[1:]):
            self._generated += 1
            if self._generated > MAX_GENERATED:
                raise _Fault(f"more than {MAX_GENERATED} lines from $GENERATE in one zone", items[0])
            try:
                made = cut(line, statement.number)
                made.lines = statement.lines
                self.record(made, len(items) - 4)
            except (TextFault, _Fault, RdataTextError) as error:
                raise _Fault(f"in the line {shown(line)!r}: {error}", items[0]) from None
            for remark in made.remarks:
                statement.remark(items[0], f"in the line {shown(line)!r}: {remark.reason}", remark.refusers)
        self.owner = owner

    def placeOf(self, token: Token) -> Place:
        """Where a token stands."""
        return Place(self.file, token.line, token.column, shown(token.text))


def _operands(items: list[Token], least: int, most: int, what: str) -> list[Token]:
    """The tokens after a directive's name."""
    operands = items[1:]
    if len(operands) < least:
        raise _Fault(f"{shown(items[0].text)} needs {what}", items[0])
    if len(operands) > most:
        raise _Fault(f"{shown(items[0].text)} takes nothing more than {what}", operands[most])
    return operands


def _classOf(word: bytes) -> int | None:
    """The number of a class by its name in upper case; C{None} for what is none, and for those of questions."""
    if word == b"IN":
        return IN
    if word in (b"ANY", b"NONE"):
        return None
    try:
        return classNumber(word.decode("ascii"))
    except ValueError:
        return None
