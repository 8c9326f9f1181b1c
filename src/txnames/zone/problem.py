"""What is wrong with a zone: one value for each fault, and where the faults of one load are gathered."""

from __future__ import annotations

from enum import Enum, Flag
from typing import Final, NamedTuple

from txnames.error import ZoneFileError

__all__ = ["MAX_ERRORS", "MAX_WARNINGS", "Place", "Problem", "Problems", "Refusers", "Severity"]

MAX_ERRORS: Final = 20
"""How many errors of one load are kept; the others are only counted."""

MAX_WARNINGS: Final = 1000
"""How many warnings of one load are kept; the others are only counted."""


class Severity(Enum):
    """Whether a zone loads in spite of the problem."""

    ERROR = "error"
    WARNING = "warning"


class Refusers(Flag):
    """Which of the servers that zones are exchanged with refuse a zone, with the settings that they come with."""

    NOBODY = 0
    BIND = 1
    NSD = 2
    KNOT = 4
    ALL = 7


class Place(NamedTuple):
    """Where in its sources a zone has something.

    @ivar file: the name of the file, empty for a zone that was not read from one.
    @ivar line: the line, counted from 1; 0 where there is none to name.
    @ivar column: the column, counted in octets from 1; 0 where the whole line is meant.
    @ivar text: the text that stands there.
    """

    file: str = ""
    line: int = 0
    column: int = 0
    text: str = ""


class Problem(NamedTuple):
    """One fault of a zone; prints as C{file:line:column: error: reason: 'text'}.

    @ivar file: see L{Place}, as for C{line}, C{column} and C{text}.
    @ivar reason: what is wrong.
    @ivar severity: whether it keeps the zone from loading.
    @ivar refusers: who refuses a zone for a warning, as far as that is known.
    """

    file: str
    line: int
    column: int
    text: str
    reason: str
    severity: Severity = Severity.ERROR
    refusers: Refusers = Refusers.NOBODY

    @classmethod
    def at(
        cls,
        place: Place | None,
        reason: str,
        severity: Severity = Severity.ERROR,
        refusers: Refusers = Refusers.NOBODY,
    ) -> Problem:
        """A problem at a place, or of the zone as a whole where there is no place."""
        return cls(*(place or Place()), reason, severity, refusers)

    def __str__(self) -> str:
        where = ":".join(str(part) for part in self[:3] if part)
        text = f": {self.text!r}" if self.text else ""
        return f"{where}{': ' if where else ''}{self.severity.value}: {self.reason}{text}"


class Problems:
    """The problems of one load.

    @ivar errors: the first 20 errors.
    @ivar warnings: the first 1000 warnings.
    @ivar errorCount: how many errors there were.
    @ivar warningCount: how many warnings there were.
    """

    __slots__ = ("_refusers", "errorCount", "errors", "strict", "warningCount", "warnings")

    def __init__(self, strict: bool = False) -> None:
        """Start without problems; when strict, a warning is an error."""
        self.strict = strict
        self.errors: list[Problem] = []
        self.warnings: list[Problem] = []
        self.errorCount = 0
        self.warningCount = 0
        self._refusers = Refusers.NOBODY

    @property
    def full(self) -> bool:
        """Whether as many errors were found as are reported, so that looking for more is idle."""
        return self.errorCount >= MAX_ERRORS

    def error(self, place: Place | None, reason: str) -> None:
        """Note what keeps the zone from loading."""
        self.add(Problem.at(place, reason))

    def warning(self, place: Place | None, reason: str, refusers: Refusers = Refusers.NOBODY) -> None:
        """Note what is wrong with a zone that loads nevertheless, though not everywhere."""
        self.add(Problem.at(place, reason, Severity.WARNING, refusers))

    def add(self, problem: Problem) -> None:
        """Note a problem."""
        if self.strict and problem.severity is Severity.WARNING:
            problem = problem._replace(severity=Severity.ERROR)
        if problem.severity is Severity.ERROR:
            self.errorCount += 1
            if self.errorCount <= MAX_ERRORS:
                self.errors.append(problem)
        else:
            self.warningCount += 1
            self._refusers |= problem.refusers
            if self.warningCount <= MAX_WARNINGS:
                self.warnings.append(problem)

    def refuse(self) -> None:
        """Refuse the zone when there was an error, or when no server would load it, each for a warning of its own.

        @raise ZoneFileError: with the errors, in the order of their places.
        """
        if not self.errors and self._refusers is Refusers.ALL:
            refused = [problem for problem in self.warnings if problem.refusers]
            self.errors = [problem._replace(severity=Severity.ERROR) for problem in refused[:MAX_ERRORS]]
            self.errorCount = len(refused)
        if self.errors:
            errors = sorted(self.errors, key=lambda problem: (problem.file, problem.line, problem.column))
            raise ZoneFileError(list[object](errors))
