"""Zones with random mistakes: what all three refuse is refused, what all load alike is loaded so.

The same zones each time, unless TXNAMES_INTEROP_SEED gives a number: then those of that number.
"""

import os
from pathlib import Path

import pytest

from txnames.authority import BindAuthority
from txnames.error import ZoneFileError

from .loaded import rowsOf
from .mutants import writeMutants
from .refusals import served
from .replies import Row, rowText
from .servers import DAEMONS, running
from .transfer import transferred

COUNT = 1000


@pytest.mark.usefixtures("daemons")
def test_mutants(tmp_path: Path) -> None:
    """Each mutant is read as the three read it, where they agree."""
    (tmp_path / "zones").mkdir()
    sources = writeMutants(tmp_path / "zones", COUNT, int(os.environ.get("TXNAMES_INTEROP_SEED", "1")))
    theirs: dict[str, set[frozenset[Row] | None]] = {source.origin: set() for source in sources}
    with running(tmp_path / "run", sources, DAEMONS) as servers:
        for server in servers.values():
            found = served(server, sources)
            for source in sources:
                isServed = found[source.path.stem]
                theirs[source.origin].add(transferred(server.port, source.origin) if isServed else None)
    wrong, agreed = [], 0
    for source in sources:
        if len(theirs[source.origin]) == 1:
            agreed += 1
            (wanted,) = theirs[source.origin]
            fault = _fault(source.path, source.origin, wanted)
            if fault:
                line = source.path.read_text("latin-1").split("\n")[1:-2]
                wrong.append(f"{source.origin}: {fault}: {line}")
    assert agreed > COUNT * 0.8
    if wrong:
        pytest.fail(f"{len(wrong)} of {agreed}\n" + "\n".join(wrong[:20]), pytrace=False)


def _fault(path: Path, origin: str, wanted: frozenset[Row] | None) -> str:
    """What is wrong with our reading; empty where nothing is."""
    try:
        got = rowsOf(BindAuthority(str(path), origin=origin).zone)
    except ZoneFileError as error:
        return "" if wanted is None else f"refused: {error}"
    if wanted is None:
        return "loaded, which all three refuse"
    return "; ".join(
        [f"missing {rowText(row)}" for row in wanted - got] + [f"too much {rowText(row)}" for row in got - wanted]
    )
