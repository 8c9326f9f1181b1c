"""What the interop tests share: the daemons must be there, and everything here is marked."""

import os
from pathlib import Path

import pytest

from .servers import ServerUnavailable, program

PROGRAMS = ("nsd", "knotd", "named", "named-compilezone", "unbound", "dig", "ip", "unshare", "nsenter")
HERE = Path(__file__).parent


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark every test of this folder that talks to servers."""
    for item in items:
        if HERE in item.path.parents and "daemons" in getattr(item, "fixturenames", ()):
            item.add_marker(pytest.mark.interop)


@pytest.fixture(scope="session")
def daemons() -> None:
    """Skip where a daemon is absent; fail instead where the variable CI is set."""
    try:
        for name in PROGRAMS:
            program(name)
    except ServerUnavailable as error:
        if os.environ.get("CI"):
            pytest.fail(f"the interop tests need all of {', '.join(PROGRAMS)}: {error}")
        pytest.skip(f"{error}: apt install nsd knot bind9 bind9-utils bind9-dnsutils unbound iproute2")
