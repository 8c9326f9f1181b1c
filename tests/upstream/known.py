"""Read C{known.toml}: the upstream tests that fail on purpose, and those that wait for their issue.

C{[suite]} names the Twisted version that the lists were written for. C{[outside]} and C{[pending]} map the name of a
module or class to the reason why it isn't run, C{[outside]} also that of a single test which would reach out to real
servers; a single test under C{[pending]} is run, and must fail until it is removed. C{[[known]]} gives tests, the
reason why they fail for good, what the failure shows (a regular expression, so that no other fault hides behind the
entry), and whether they reach for private names.
"""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass
from pathlib import Path

FILE = Path(__file__).with_name("known.toml")


@dataclass(frozen=True)
class Entry:
    """Why a test fails on purpose, what its failure shows, and whether it uses private names."""

    reason: str
    shows: str
    private: bool


@dataclass(frozen=True)
class Known:
    """The contents of C{known.toml}."""

    twisted: str
    entries: dict[str, Entry]
    outside: dict[str, str]
    pending: dict[str, str]

    def reasonNotToRun(self, test: str) -> str | None:
        """Say why C{test} isn't run as yet, or None if it is."""
        module, cls, _ = test.split(".")
        for name in (module, f"{module}.{cls}"):
            for table in (self.outside, self.pending):
                if name in table:
                    return table[name]
        return self.outside.get(test)

    def explains(self, test: str, text: str) -> bool:
        """Whether the failure of a test, given by its tracebacks, is the one that is known."""
        entry = self.entries.get(test)
        return entry is None or re.search(entry.shows, text) is not None

    def reasonToFail(self, test: str) -> str | None:
        """Say why C{test} has to fail, or None if it has to pass."""
        entry = self.entries.get(test)
        return entry.reason if entry else self.pending.get(test)


def read(file: Path = FILE) -> Known:
    """Read the file; a test that is listed twice raises ValueError."""
    data = tomllib.loads(file.read_text(encoding="utf-8"))
    entries: dict[str, Entry] = {}
    for table in data.get("known", []):
        entry = Entry(table["reason"], table["shows"], table.get("private", False))
        for test in table["tests"]:
            if test in entries:
                raise ValueError(f"{test} is listed twice")
            entries[test] = entry
    pending = data.get("pending", {})
    if twice := entries.keys() & pending.keys():
        raise ValueError(f"{', '.join(sorted(twice))} known and pending")
    return Known(data["suite"]["twisted"], entries, data.get("outside", {}), pending)
