"""Reads zone files step by step, each step a method that a subclass may have of its own, as in twisted.names.

L{txnames.zone.master} does not come here: it is what reads a zone when none of these methods is overridden.
"""

from __future__ import annotations

import re
from collections.abc import Hashable, Iterable, Iterator, Sequence
from typing import Any, Final

from txnames.wire.interval import str2time
from txnames.wire.name import ROOT, Name, nameFromText
from txnames.wire.numbers import REV_CLASSES, SOA, typeName, typeNumber
from txnames.wire.record import recordClass
from txnames.wire.text import Token, Tokens
from txnames.zone.generate import generate
from txnames.zone.source import Opener, Source
from txnames.zone.tokens import cut

__all__ = ["ZoneLines", "absolute"]

_uncommented: Final = re.compile(rb'(?:[^";\\]++|\\.|\\\Z|"(?:[^"\\]++|\\.)*+"?)*+', re.DOTALL)


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

    _opener: Opener
    _identity: Hashable = None

    @classmethod
    def _hasOwnSteps(cls) -> bool:
        """Whether a subclass overrides one of the steps."""
        return any(getattr(cls, name) is not getattr(ZoneLines, name) for name in _steps)

    def _readLines(self, source: Source) -> None:
        """Read a file."""
        outside, self._identity = self._identity, source.identity
        lines = b"".join(source.chunks()).splitlines()
        self.parseLines(self.collapseContinuations(self.stripComments(lines)))
        self._identity = outside

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
        for line in remaining:
            statement = cut(line, 1, lambda: next(remaining, None))
            words = [token.text for token in statement.items]
            if words:
                if statement.blank:
                    words.insert(0, owner)
                elif not words[0].startswith(b"$"):
                    owner = words[0]
                found.append(words)
        return found

    def parseLines(self, lines: Iterable[list[bytes]]) -> None:
        """Read lines in the form of L{collapseContinuations}.

        @raise ValueError: one cannot be read.
        """
        for line in lines:
            directive, operands = line[0].upper(), line[1:]
            if directive == b"$TTL":
                self.ttl = str2time(operands[0])
            elif directive == b"$ORIGIN":
                self.origin = absolute(self._nameIn(operands[0]))
            elif directive == b"$INCLUDE":
                outside = self.origin
                if len(operands) > 1:
                    self.origin = absolute(self._nameIn(operands[1]))
                self._readLines(self._opener(operands[0].decode("utf-8", "surrogateescape"), self._identity))
                self.origin = outside
            elif directive == b"$GENERATE":
                for made in self.collapseContinuations(generate([Token(word) for word in operands])):
                    self.parseRecordLine(self.origin, self.ttl, made)
            else:
                self.parseRecordLine(self.origin, self.ttl, line)

    def parseRecordLine(self, origin: bytes, ttl: int | None, line: Sequence[bytes]) -> None:
        """Read a line with a record.

        @param origin: what its owner is relative to.
        @param ttl: its TTL, in seconds, if it gives none.
        @raise ValueError: it cannot be read.
        """
        cls = "IN"
        words = list(line[1:])
        while words:
            word = words.pop(0).decode("latin-1")
            try:
                type = typeNumber(word)
            except ValueError:
                if word.upper() in REV_CLASSES:
                    cls = word.upper()
                else:
                    ttl = str2time(word)
            else:
                self.addRecord(origin, ttl, typeName(type), line[0], cls, words)
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
        kind = recordClass(typeNumber(type))
        record = kind.fromText(Tokens([Token(word) for word in rdata]), nameFromText(self.origin, ROOT), ttl)
        if not isinstance(self.records, dict):
            self.records = {name: list(found) for name, found in (self.records or {}).items()}
        self.records.setdefault(domain.lower(), []).append(record)
        if record.TYPE == SOA:
            self.soa = domain.lower(), record

    def _nameIn(self, text: bytes) -> Name:
        """A name in the file."""
        return Name.fromWire(nameFromText(text, nameFromText(self.origin, ROOT)))


_steps: Final = ("stripComments", "collapseContinuations", "parseLines", "parseRecordLine", "addRecord", "class_IN")
