"""Valid zone files with text that a naive reader gets wrong: txnames loads what the three load."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from txnames.authority import BindAuthority

from .loaded import rowsOf
from .replies import Row, rowText
from .servers import DAEMONS, ZoneSource, running
from .transfer import transferred

FOLDER = Path(__file__).parent / "valid"
NAMES = sorted(path.stem for path in FOLDER.glob("*.zone"))

Loaded = dict[str, dict[str, frozenset[Row] | None]]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The zones and what they include, where $INCLUDE finds it for all servers."""
    return Path(shutil.copytree(FOLDER, tmp_path_factory.mktemp("valid") / "zones"))


@pytest.fixture(scope="module")
def loaded(daemons: None, folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Loaded]:
    """What each daemon has read from each zone; None where it refuses the zone."""
    sources = [ZoneSource(f"{name}.test", folder / f"{name}.zone") for name in NAMES]
    with running(tmp_path_factory.mktemp("run"), sources, DAEMONS) as servers:
        yield {
            source.path.stem: {name: transferred(server.port, source.origin) for name, server in servers.items()}
            for source in sources
        }


@pytest.mark.parametrize("name", NAMES)
def test_valid(name: str, folder: Path, loaded: Loaded) -> None:
    """Where all three load the same, so do we; $GENERATE as BIND has it, who alone knows it."""
    theirs = loaded[name]
    wanted = theirs["named"]
    agreed = len(set(theirs.values())) == 1 or name.startswith("generate-")
    zone = BindAuthority(str(folder / f"{name}.zone"), origin=f"{name}.test").zone
    got = rowsOf(zone)
    if agreed:
        assert wanted is not None
        assert not difference(wanted, got)


def difference(wanted: frozenset[Row], got: frozenset[Row]) -> list[str]:
    """What is missing and what is too much, readable."""
    missing = [f"missing {rowText(row)}" for row in sorted(wanted - got)]
    return missing + [f"too much {rowText(row)}" for row in sorted(got - wanted)]


def test_mostlyAgreed(loaded: Loaded) -> None:
    """The three load the same from most of these files, or they would test nothing."""
    assert sum(len(set(theirs.values())) == 1 for theirs in loaded.values()) > len(NAMES) / 2
