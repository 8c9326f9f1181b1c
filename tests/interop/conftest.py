"""What the interop tests share: the daemons must be there, and everything here is marked."""

import os
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

from .replicas import SCHEMA, Stage, staged
from .servers import ServerUnavailable, program

PROGRAMS = ("nsd", "knotd", "named", "named-compilezone", "unbound", "dig", "ip", "unshare", "nsenter")
REPLICATING = ("nsd", "knotd", "named", "pdns_server", "pdnsutil", "nsupdate", "knsupdate", "dig", "kdig")
HERE = Path(__file__).parent


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark every test of this folder that talks to servers."""
    for item in items:
        if HERE in item.path.parents and {"daemons", "stage"} & {*getattr(item, "fixturenames", ())}:
            item.add_marker(pytest.mark.interop)


@pytest.fixture(scope="session")
def daemons() -> None:
    """Skip where a daemon is absent; fail instead where the variable CI is set."""
    _need(PROGRAMS, "nsd knot bind9 bind9-utils bind9-dnsutils unbound iproute2")


@pytest.fixture
def stage(tmp_path: Path) -> Iterator[Stage]:
    """Servers that copy zones from each other, and end with the test; otherwise as `daemons`."""
    packages = "nsd knot knot-dnsutils bind9 bind9-dnsutils pdns-server pdns-backend-sqlite3"
    _need(REPLICATING, packages, SCHEMA)
    with staged(tmp_path) as made:
        yield made


def _need(programs: Sequence[str], packages: str, *files: Path) -> None:
    """Skip where something is absent; fail instead where the variable CI is set."""
    missing = [str(path) for path in files if not path.exists()]
    for name in programs:
        try:
            program(name)
        except ServerUnavailable:
            missing.append(name)
    if missing:
        verdict = pytest.fail if os.environ.get("CI") else pytest.skip
        verdict(f"not installed: {', '.join(missing)}; apt install {packages}")
