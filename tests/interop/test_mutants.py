"""Random zones that are wrong: what all three refuse is refused, what all load alike is loaded so.

The same zones each time, unless TXNAMES_INTEROP_SEED gives a number: then those of that number.
"""

import os
from collections.abc import Sequence
from pathlib import Path

import pytest

from txnames.authority import BindAuthority
from txnames.error import ZoneFileError

from .clashes import writeClashes
from .loaded import rowsOf
from .mutants import writeMutants
from .refusals import served
from .replies import Row, rowText
from .servers import DAEMONS, ZoneSource, running
from .transfer import transferred

COUNT = 1000
SEED = int(os.environ.get("TXNAMES_INTEROP_SEED", "1"))

Readings = set[frozenset[Row] | None]


def readings(folder: Path, sources: Sequence[ZoneSource]) -> list[tuple[ZoneSource, Readings]]:
    """What the three read in each zone; None stands for a refusal."""
    found: dict[str, Readings] = {source.origin: set() for source in sources}
    with running(folder, sources, DAEMONS, asItComes=True) as servers:
        for server in servers.values():
            isServed = served(server, sources)
            for source in sources:
                rows = transferred(server.port, source.origin) if isServed[source.path.stem] else None
                found[source.origin].add(rows)
    return [(source, found[source.origin]) for source in sources]


def fault(source: ZoneSource, theirs: Readings) -> str:
    """What is wrong with our reading of a zone; empty where nothing is."""
    try:
        ours = rowsOf(BindAuthority(str(source.path), origin=source.origin).zone)
    except ZoneFileError as error:
        return "" if None in theirs else f"refused, which all three load: {error}"
    if theirs == {None}:
        return "loaded, which all three refuse"
    wanted = next(iter(theirs))
    if len(theirs) > 1 or wanted is None:
        return ""
    return "; ".join(
        [f"missing {rowText(row)}" for row in wanted - ours] + [f"too much {rowText(row)}" for row in ours - wanted]
    )


def hold(found: list[tuple[ZoneSource, Readings]]) -> None:
    """Fail with the first zones that we read in another way."""
    wrong = [
        f"{source.origin}: {said}: {source.path.read_text('latin-1').splitlines()[1:]}"
        for source, theirs in found
        if (said := fault(source, theirs))
    ]
    if wrong:
        pytest.fail(f"{len(wrong)} of {len(found)}\n" + "\n".join(wrong[:20]), pytrace=False)


@pytest.mark.usefixtures("daemons")
def test_mutants(tmp_path: Path) -> None:
    """Mistakes in the text of a record."""
    (tmp_path / "zones").mkdir()
    found = readings(tmp_path / "run", writeMutants(tmp_path / "zones", COUNT, SEED))
    assert sum(len(theirs) == 1 for _source, theirs in found) > COUNT * 0.8
    hold(found)


@pytest.mark.usefixtures("daemons")
def test_clashes(tmp_path: Path) -> None:
    """Records that may not stand together, and then also: what one of the three loads, loads."""
    (tmp_path / "zones").mkdir()
    found = readings(tmp_path / "run", writeClashes(tmp_path / "zones", COUNT, SEED))
    assert sum(theirs == {None} for _source, theirs in found) > COUNT * 0.05
    hold(found)
    for source, theirs in found:
        if theirs != {None}:
            BindAuthority(str(source.path), origin=source.origin)
