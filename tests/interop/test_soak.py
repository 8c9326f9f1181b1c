"""Many lookups leave nothing behind."""

import subprocess
import sys
from pathlib import Path

import pytest

SOAK = Path(__file__).parents[2] / "benchmarks" / "soak.py"


@pytest.mark.usefixtures("daemons")
def test_soak() -> None:
    """Memory stays where it is when the cache is full, and no socket, call or Deferred is left at the end."""
    command = [sys.executable, str(SOAK), "--lookups", "40000", "--entries", "2000"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stdout + done.stderr
    assert len(done.stdout.splitlines()) == 12
