"""What the tests in this folder need of pytest."""

from pathlib import Path

import pytest


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Work in a folder of one's own, since trial's C{mktemp} writes into the current one."""
    monkeypatch.chdir(tmp_path)
