"""Finds out where the records of a zone stand, which is not kept with them: the text is read once more."""

from __future__ import annotations

from typing import TYPE_CHECKING

from txnames.zone.bulk import Bulk, Lines, Names
from txnames.zone.problem import Place, Problem

if TYPE_CHECKING:
    from txnames.zone.reader import Reader

__all__ = ["Locator"]


class Locator:
    """Promises places while a zone is being checked, notes them when the text is read again, and keeps its word.

    It is the sink of that reading, and takes its plain lines.

    @ivar split: cuts whole lines into their parts.
    """

    split = Bulk.split

    def __init__(self) -> None:
        """Start with nothing promised."""
        self._promised: list[tuple[bytes, int]] = []
        self._owners: set[bytes] = set()
        self._places: dict[tuple[bytes, int], Place | None] = {}

    def __bool__(self) -> bool:
        return bool(self._promised)

    def promise(self, owner: bytes, type: int) -> Place:
        """A stand-in for the place of the first record of an owner, folded in wire form, and type."""
        self._promised.append((owner, type))
        self._owners.add(owner)
        self._places[owner, type] = None
        return Place(line=len(self._promised))

    def add(self, owner: bytes, type: int, cls: int, ttl: int, rdata: bytes, where: Place | None = None) -> None:
        """Take note of a record's place, if it was promised and is the first."""
        key = owner.lower(), type
        if self._places.get(key, where) is None:
            self._places[key] = where

    def read(self, reader: Reader, lines: Lines) -> list[bytes]:
        """Pass over the plain lines of other owners; give back those that are to be read again."""
        owners = self._owners
        line = reader.line
        names = Names(reader.origin)
        previous = b""
        for owner, middle, text, other in lines:
            line += 1
            try:
                if owner:
                    if names[owner].lower() not in owners:
                        previous = owner
                        continue
                elif middle and previous:
                    continue
            except (ValueError, LookupError):
                # No plain name.
                pass
            reader.line = line
            if previous:
                reader.owner = names[previous]
            again = reader.statement(owner + middle + text + other)
            line = reader.line
            if again or reader.problems.full:
                return again
            if reader.origin != names.origin:
                names = Names(reader.origin)
            previous = b""
        reader.line = line
        return []

    def kept(self, problem: Problem, otherwise: Place) -> Problem:
        """A problem with the place that was promised.

        @param otherwise: the place of what stands nowhere, such as a record that is missing.
        """
        place = self._places[self._promised[problem.line - 1]] or otherwise
        return Problem.at(place, problem.reason, problem.severity, problem.refusers)
