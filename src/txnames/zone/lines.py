"""Reads zone files step by step, each step a method that a subclass may have of its own, as in twisted.names.

L{txnames.zone.master} does not come here: it is what reads a zone when none of these methods is overridden.
"""

from __future__ import annotations

import re
from collections.abc import Hashable, Iterable, Iterator, Sequence
from contextlib import suppress
from typing import Any, Final

from txnames.wire.interval import seconds
from txnames.wire.name import ROOT, Name, nameFromText
from txnames.wire.numbers import SOA, className, classNumber, typeName, typeNumber
from txnames.wire.record import UnknownRecord, rdataFromText, recordClass
from txnames.wire.text import Token, Tokens, unescape
from txnames.zone.generate import generate
from txnames.zone.problem import Refusers
from txnames.zone.reader import DATA_REFUSERS, MAX_DEPTH, MAX_TTL
from txnames.zone.source import Opener, Source
from txnames.zone.tokens import cut

__all__ = ["ZoneLines", "absolute"]

_uncommented: Final = re.compile(rb'(?:[^";\\]++|\\.|\\\Z|"(?:[^"\\]++|\\.)*+"?)*+', re.DOTALL)


class _Word(bytes):
    """A word that knows the token it was."""

    token: Token


def _tokens(words: Iterable[bytes]) -> list[Token]:
    """Words as tokens: what they were, where they know it."""
    return [getattr(word, "token", None) or Token(word) for word in words]


class _Generic(UnknownRecord):
    """Data of a type that has no class of its own, and that type."""

    def __init__(self, type: int, data: bytes, ttl: int | None) -> None:
        """Take the type and the data."""
        super().__init__(data, ttl)
        self.__dict__["TYPE"] = type


def absolute(name: Name) -> bytes:
    """A name's dotted text with its last dot."""
    return name.name + b"."


class ZoneLines:
    """The steps in which a zone file is read.

    @ivar origin: what names are relative to, dotted and with the last dot.
    @ivar ttl: the TTL of records that give none, in seconds.
    @ivar records: lists of records by the dotted name of their owner.
    @ivar soa: the name of the zone, dotted and in lower case, and its SOA record.
    """

    origin: bytes = b"."
    ttl: int | None = None
    records: Any
    soa: Any

    _opener: Opener | None = None
    # The files that are being read, each included by the one before.
    _files: tuple[Hashable, ...] = ()
    # What not all servers read, and who refuses it.
    _remarks: tuple[tuple[str, Refusers], ...] = ()
    # What the last record gave, in seconds.
    _lastTtl: int | None = None

    @classmethod
    def _hasOwnSteps(cls) -> bool:
        """Whether a subclass overrides one of the steps."""
        return any(getattr(cls, name) is not getattr(ZoneLines, name) for name in _steps)

    def _readLines(self, source: Source) -> None:
        """Read a file.

        @raise ValueError: it includes itself, or others too deep; or it cannot be read.
        """
        if source.identity in self._files:
            raise ValueError(f"the file {source.name} includes itself, by way of others perhaps")
        if len(self._files) > MAX_DEPTH:
            raise ValueError(f"files that include each other more than {MAX_DEPTH} deep")
        outside, self._files = self._files, (*self._files, source.identity)
        lines = b"".join(source.chunks()).splitlines()
        self.parseLines(self.collapseContinuations(self.stripComments(lines)))
        self._files = outside

    def stripComments(self, lines: Iterable[bytes]) -> Iterator[bytes]:
        """Lines without their comments."""
        for line in lines:
            found = _uncommented.match(line)
            assert found is not None
            yield found[0]

    def collapseContinuations(self, lines: Iterable[bytes]) -> list[list[bytes]]:
        """Lines as lists of words, where parentheses make one of several lines; an owner that was left out is put in.

        @raise ValueError: a quote or parenthesis is not matched.
        """
        remaining = iter(lines)
        found = []
        owner = b"@"
        origin = nameFromText(self.origin, ROOT)
        for line in remaining:
            statement = cut(line, 1, lambda: next(remaining, None))
            words: list[bytes] = []
            for token in statement.items:
                word = _Word(token.text)
                word.token = token
                words.append(word)
            if words:
                if statement.blank:
                    words.insert(0, owner)
                elif not words[0].startswith(b"$"):
                    owner = words[0]
                elif words[0].upper() == b"$ORIGIN" and len(words) > 1:
                    # The owner is relative to what was the origin where it stands; parseLines complains of bad names.
                    with suppress(ValueError):
                        owner = absolute(Name.fromWire(nameFromText(owner, origin)))
                        origin = nameFromText(words[1], origin)
                found.append(words)
            self._remarks += tuple((remark.reason, remark.refusers) for remark in statement.remarks)
        return found

    def parseLines(self, lines: Iterable[list[bytes]]) -> None:
        """Read lines in the form of L{collapseContinuations}.

        @raise ValueError: one cannot be read.
        """
        for line in lines:
            directive, operands = line[0].upper(), line[1:]
            if directive[:1] != b"$":
                self.parseRecordLine(self.origin, self._impliedTtl(), line)
            elif not operands:
                raise ValueError(f"nothing follows {directive.decode('latin-1')}")
            elif len(operands) > _operands.get(directive, len(operands)):
                raise ValueError(f"too much follows {directive.decode('latin-1')}")
            elif directive == b"$TTL":
                self.ttl = _timeIn(operands[0])
            elif directive == b"$ORIGIN":
                self.origin = absolute(self._nameIn(operands[0]))
            elif directive == b"$INCLUDE":
                self._include(operands)
            elif directive == b"$GENERATE":
                for made in self.collapseContinuations(generate(_tokens(operands))):
                    self.parseRecordLine(self.origin, self._impliedTtl(), made)
            else:
                raise ValueError(f"the directive {directive.decode('latin-1')} is not known")

    def _impliedTtl(self) -> int | None:
        """The TTL of a record that gives none, in seconds: that of C{$TTL}, or of the last record that gave one."""
        return self._lastTtl if self.ttl is None else self.ttl

    def _include(self, operands: Sequence[bytes]) -> None:
        """Read a file, relative to an origin of its own perhaps.

        @raise ValueError: it cannot be read.
        """
        if self._opener is None:
            raise ValueError("there is no file that another one could be included from")
        outside = self.origin
        if len(operands) > 1:
            self.origin = absolute(self._nameIn(operands[1]))
        path = unescape(operands[0]).decode("utf-8", "surrogateescape")
        try:
            source = self._opener(path, self._files[-1] if self._files else None)
        except OSError as error:
            raise ValueError(f"the file {path} cannot be read: {error.strerror or error}") from error
        self._readLines(source)
        self.origin = outside

    def parseRecordLine(self, origin: bytes, ttl: int | None, line: Sequence[bytes]) -> None:
        """Read a line with a record.

        @param origin: what its owner is relative to.
        @param ttl: its TTL, in seconds, if it gives none.
        @raise ValueError: it cannot be read.
        """
        cls = ""
        stated = False
        words = list(line[1:])
        while words:
            word = words.pop(0).decode("latin-1")
            try:
                type = typeNumber(word)
            except ValueError:
                number = _classIn(word)
                if number is not None and not cls:
                    cls = className(number)
                elif number is None and not stated:
                    ttl = self._lastTtl = _timeIn(word.encode("latin-1"))
                    stated = True
                else:
                    raise ValueError(f"{word!r} is neither a type nor a class nor a TTL") from None
            else:
                self.addRecord(origin, ttl, typeName(type), line[0], cls or "IN", words)
                return
        raise ValueError(f"a line without a type: {b' '.join(line).decode('latin-1')!r}")

    def addRecord(
        self, owner: bytes, ttl: int | None, type: str | bytes, domain: bytes, cls: str | bytes, rdata: Sequence[bytes]
    ) -> None:
        """Add a record, by the method C{class_} and the name of its class.

        @param owner: what the name is relative to.
        @param ttl: in seconds.
        @param domain: the name.
        @param rdata: the words of the data.
        @raise NotImplementedError: there is no such method.
        """
        wire = nameFromText(domain, nameFromText(owner, ROOT))
        name = cls.decode("ascii") if isinstance(cls, bytes) else cls
        method = getattr(self, f"class_{name}", None)
        if method is None:
            raise NotImplementedError(f"records of class {name}")
        method(ttl, type.decode("ascii") if isinstance(type, bytes) else type, Name.fromWire(wire).name, rdata)

    def class_IN(self, ttl: int | None, type: str, domain: bytes, rdata: Sequence[bytes]) -> None:
        """Add a record of class IN.

        @param ttl: in seconds.
        @param domain: the owner, dotted and absolute, without the last dot.
        @param rdata: the words of the data.
        @raise ValueError: the data is not that of the type.
        """
        number = typeNumber(type)
        tokens = Tokens(_tokens(rdata))
        data = rdataFromText(number, tokens, nameFromText(self.origin, ROOT))
        self._remarks += tuple((reason, DATA_REFUSERS) for _, reason in tokens.remarks)
        kind = recordClass(number)
        record: Any = _Generic(number, data, ttl) if kind is UnknownRecord else kind.read(data, 0, len(data), {}, ttl)
        if not isinstance(self.records, dict):
            self.records = {name: list(found) for name, found in (self.records or {}).items()}
        self.records.setdefault(domain.lower(), []).append(record)
        if number == SOA and (self.soa is None or self.soa[0] == domain.lower()):
            if ttl is None:
                # From here on its minimum is as good as a $TTL.
                record.ttl = self.ttl = record.minimum
            self.soa = domain.lower(), record

    def _nameIn(self, text: bytes) -> Name:
        """A name in the file."""
        return Name.fromWire(nameFromText(text, nameFromText(self.origin, ROOT)))


def _timeIn(word: bytes) -> int:
    """A TTL, in seconds.

    @raise ValueError: it is none, or has no place in 32 bits.
    """
    found = seconds(word.decode("latin-1"))
    if found > 2 * MAX_TTL + 1:
        raise ValueError(f"a TTL of {found} s, {MAX_TTL} s are allowed")
    # RFC 2181 section 8.
    return 0 if found > MAX_TTL else found


def _classIn(word: str) -> int | None:
    """The number of a class; C{None} for what is none."""
    try:
        return classNumber(word)
    except ValueError:
        return None


# How much may follow the name of a directive.
_operands: Final = {b"$TTL": 1, b"$ORIGIN": 1, b"$INCLUDE": 2}

_steps: Final = ("stripComments", "collapseContinuations", "parseLines", "parseRecordLine", "addRecord", "class_IN")
