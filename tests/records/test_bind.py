"""BIND's C{named-rrchecker} reads every row of C{tests/vectors} as we do, and the text that we write."""

import re
import shutil
import subprocess

import pytest

from tests.records.vectors import Row, allData, rows
from txnames.wire.numbers import isMetaType, typeNumber
from txnames.wire.record import rdataToText

pytestmark = pytest.mark.interop

DIFFERENT = {row[:2] for row in rows("bind")}
DATA = [row for row in allData() if not isMetaType(typeNumber(row.type))]


@pytest.fixture(scope="module")
def program() -> str:
    """Find the program."""
    found = shutil.which("named-rrchecker")
    if found is None:
        pytest.skip("named-rrchecker is not here; Debian has it in bind9-utils")
    return found


def readByBIND(program: str, kind: str, text: str) -> str | None:
    """Read data with BIND; give its octets in hexadecimal digits, or C{None} if it is refused."""
    done = subprocess.run([program, "-u"], input=f"IN {kind} {text}\n", capture_output=True, text=True, timeout=20)
    found = re.search(r"\\# [0-9]+ ?([0-9A-F ]*)", done.stdout)
    return found[1].replace(" ", "").lower() if found and not done.returncode else None


@pytest.mark.parametrize("row", DATA, ids=[row.label for row in DATA])
def test_bind(row: Row, program: str) -> None:
    """The text of a row, what we write, and the generic form are the same data to BIND."""
    rdata = bytes.fromhex(row.second)
    expected = None if row[:2] in DIFFERENT else row.second
    assert readByBIND(program, row.type, row.first) == expected
    if "ohttp" not in row.first:
        assert readByBIND(program, row.type, rdataToText(typeNumber(row.type), rdata)) == row.second
    assert readByBIND(program, row.type, f"\\# {len(rdata)} {row.second}") == row.second


def test_differencesAreStill() -> None:
    """Each row that BIND reads otherwise is there."""
    assert {row[:2] for row in DATA} >= DIFFERENT
