"""Reads the files of C{tests/vectors}: rows of columns with bars between."""

from pathlib import Path
from typing import Any, NamedTuple

import dns.rdata
import dns.rdataclass

FOLDER = Path(__file__).parent.parent / "vectors"
NOTHING = "(nothing)"
NOT_DATA = {"invalid-text", "invalid-wire", "written", "dnspython", "bind"}


class Row(NamedTuple):
    """One row.

    @ivar type: a record type.
    @ivar first: the second column.
    @ivar second: the third column.
    """

    type: str
    first: str
    second: str

    @property
    def label(self) -> str:
        """What names the row in the reports of pytest."""
        return f"{self.type} {self.first[:50]}".encode("ascii", "backslashreplace").decode().replace("\\", "/")


def rows(stem: str) -> list[Row]:
    """Read a file; no text has a bar between blanks."""
    found = []
    for line in (FOLDER / f"{stem}.txt").read_text("ascii").splitlines():
        if not line.startswith("#"):
            kind, first, second = (cell.removeprefix(NOTHING) for cell in line.split(" | "))
            found.append(Row(kind, first, second))
    return found


def allData() -> list[Row]:
    """Read all rows that give the text and the wire form of data."""
    stems = sorted(path.stem for path in FOLDER.glob("*.txt") if path.stem not in NOT_DATA)
    return [row for stem in stems for row in rows(stem)]


def knownToDnspython(number: int) -> bool:
    """Tell whether dnspython has more for a type than the generic form."""
    of: Any = dns.rdata
    return of.get_rdata_class(dns.rdataclass.IN, number) is not dns.rdata.GenericRdata
