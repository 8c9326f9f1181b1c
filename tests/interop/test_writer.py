"""What the writer writes: all three load it, and read in it the zone that was written."""

from collections.abc import Sequence
from pathlib import Path

import pytest

from txnames.authority import BindAuthority
from txnames.zone.tree import Zone
from txnames.zone.writer import writeZone

from .corpus import zoneCases
from .generated import generate, writeDrafts
from .loaded import rowsOf
from .refusals import served
from .replies import rowText
from .servers import DAEMONS, ZoneSource, running
from .test_reading import FOLDER as VALID
from .transfer import transferred

GENERATED = 40
#: Valid zones that one of the three refuses for what they say, however it is written.
REFUSED = {"ipseckey-no-key"}


def sources(folder: Path) -> list[ZoneSource]:
    """The zones of our own, those that are hard to read, and some that are drawn."""
    found = [case.source for case in (*zoneCases(), *writeDrafts(generate(GENERATED, None), folder))]
    found += [
        ZoneSource(f"{path.stem}.test", path) for path in sorted(VALID.glob("*.zone")) if path.stem not in REFUSED
    ]
    return found


def written(given: Sequence[ZoneSource], folder: Path) -> list[tuple[ZoneSource, Zone]]:
    """Each zone read, written into a file of the folder, and that file as a source."""
    found = []
    for source in given:
        zone = BindAuthority(str(source.path), origin=source.origin).zone
        assert zone is not None
        path = folder / source.path.name
        path.write_text("".join(writeZone(zone)), "ascii")
        found.append((ZoneSource(source.origin, path), zone))
    return found


def test_readAgain(tmp_path: Path) -> None:
    """Our own reader finds the same zone without a word of warning that it hadn't before."""
    (tmp_path / "drawn").mkdir()
    for source, zone in written(sources(tmp_path / "drawn"), tmp_path):
        again = BindAuthority(str(source.path), origin=source.origin)
        assert rowsOf(again.zone) == rowsOf(zone), source.path.name


@pytest.mark.usefixtures("daemons")
@pytest.mark.parametrize("daemon", DAEMONS)
def test_daemonsRead(daemon: str, tmp_path: Path) -> None:
    """Each of the three has exactly the records that were written; one root zone at a time."""
    (tmp_path / "drawn").mkdir()
    roots = 0
    batches: dict[int, list[tuple[ZoneSource, Zone]]] = {}
    for pair in written(sources(tmp_path / "drawn"), tmp_path):
        roots += pair[0].origin == "."
        batches.setdefault(roots if pair[0].origin == "." else 0, []).append(pair)
    wrong = []
    for number, batch in batches.items():
        given = [source for source, _zone in batch]
        with running(tmp_path / f"run{number}", given, [daemon]) as servers:
            server = servers[daemon]
            found = served(server, given)
            for source, zone in batch:
                theirs = transferred(server.port, source.origin) if found[source.path.stem] else None
                if theirs is None:
                    said = [line for line in server.log().splitlines() if source.path.name in line]
                    wrong.append(f"{source.origin} refused: {said[:2]}")
                    continue
                ours = rowsOf(zone)
                wrong += [f"{source.origin} misses {rowText(row)}" for row in ours - theirs]
                wrong += [f"{source.origin} adds {rowText(row)}" for row in theirs - ours]
    if wrong:
        pytest.fail("\n".join(wrong[:30]), pytrace=False)
