"""Zone files that should not load: what all three refuse is an error, what one loads is not."""

from contextlib import suppress
from pathlib import Path

import pytest

from txnames.authority import BindAuthority
from txnames.error import ZoneFileError

from .refusals import judge, verdicts, writeZones
from .servers import DAEMONS

VERDICTS = verdicts()


@pytest.fixture(scope="module")
def zones(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with all of these zones."""
    folder = tmp_path_factory.mktemp("invalid")
    writeZones(folder)
    return folder


def test_corpus() -> None:
    """Enough of each kind, and a verdict for each zone."""
    policies = [verdict.policy for verdict in VERDICTS.values()]
    assert policies.count("error") >= 80
    assert policies.count("load") >= 40


@pytest.mark.parametrize("name", [n for n, v in VERDICTS.items() if v.policy == "error"])
def test_refused(name: str, zones: Path) -> None:
    """What BIND, NSD and Knot DNS all refuse doesn't load, and each problem says where it is."""
    with pytest.raises(ZoneFileError) as caught:
        BindAuthority(str(zones / f"{name}.zone"), origin=f"{name}.test")
    problems = caught.value.problems
    assert 1 <= len(problems) <= 20
    assert all(getattr(problem, "reason", "") for problem in problems)


@pytest.mark.parametrize("name", [n for n, v in VERDICTS.items() if v.policy == "load"])
def test_loads(name: str, zones: Path) -> None:
    """What one of the three loads, loads: with a warning, or without a word."""
    BindAuthority(str(zones / f"{name}.zone"), origin=f"{name}.test")


@pytest.mark.parametrize("name", [n for n, v in VERDICTS.items() if v.policy == "load"])
def test_strict(name: str, zones: Path) -> None:
    """With ``strict=True`` a warning is an error, and nothing else is."""
    path, origin = str(zones / f"{name}.zone"), f"{name}.test"
    if BindAuthority(path, origin=origin).warnings:
        with pytest.raises(ZoneFileError):
            BindAuthority(path, origin=origin, strict=True)
    else:
        BindAuthority(path, origin=origin, strict=True)


@pytest.mark.parametrize("name", [n for n, v in VERDICTS.items() if v.policy == "free"])
def test_neverCrashes(name: str, zones: Path) -> None:
    """Where it's our choice, the zone loads, or the error is the documented one."""
    with suppress(ZoneFileError):
        BindAuthority(str(zones / f"{name}.zone"), origin=f"{name}.test")


@pytest.mark.usefixtures("daemons")
@pytest.mark.parametrize("daemon", DAEMONS)
def test_verdicts(daemon: str, tmp_path: Path) -> None:
    """The table says what the daemons do: those of Debian 12, by which it was written."""
    (tmp_path / "zones").mkdir()
    (tmp_path / "run").mkdir()
    found = judge(daemon, tmp_path / "run", writeZones(tmp_path / "zones"))
    key = "bind" if daemon == "named" else daemon
    wrong = {
        name: state
        for name, (state, _said) in found.items()
        if (state == "refused") is not (getattr(VERDICTS[name], key) == "refused")
    }
    assert not wrong
    assert found.keys() == VERDICTS.keys()
