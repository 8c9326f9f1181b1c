"""A process that keeps zones is killed at any time, again and again, and never loses a version that it kept.

This module is also the program that is killed: C{python -m tests.interop.test_crashes FOLDER} reads a number of seconds
a line, lets a child keep versions of a zone for so long, kills it, and says so.  The child says which version it begins
to keep, and which is kept.
"""

import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

import pytest

from txnames.zone.difference import difference
from txnames.zonestore import ZoneStore

from ..zone.versions import ORIGIN, isVersion, version

ROOT = Path(__file__).parents[2]
KILLS = 200
SECONDS = 60
NAMES = 400


def keep(folder: str, seed: int) -> None:
    """Keep one version after the other, as a step or as a whole, with or without history; this has no end."""
    chance = random.Random(seed)
    store = ZoneStore(folder)
    stored = store.load(ORIGIN)
    zone = version(0, NAMES) if stored is None else stored.zone
    journal = [] if stored is None else stored.journal
    while True:
        before, zone = zone, version(zone.serial + 1, NAMES)
        step = difference(before, zone)
        journal = [*journal, step][-20:]
        say(f"begun {zone.serial}")
        if stored is None or chance.random() < 0.3:
            store.save(zone, journal if chance.random() < 0.7 else [])
            stored = store.load(ORIGIN)
        else:
            store.append(ORIGIN, step)
        store.saveState(ORIGIN, {"serial": zone.serial})
        say(f"kept {zone.serial}")


def say(line: str) -> None:
    """Print a line at once, and all of it."""
    os.write(1, line.encode() + b"\n")


def main(folder: str) -> None:
    """Kill children."""
    for number, line in enumerate(sys.stdin):
        child = os.fork()
        if not child:
            keep(folder, number)
        time.sleep(float(line))
        os.kill(child, signal.SIGKILL)
        _, status = os.waitpid(child, 0)
        say(f"killed by {os.waitstatus_to_exitcode(status)}")


@contextmanager
def killer(folder: Path) -> Iterator[tuple[IO[bytes], IO[bytes]]]:
    """The program that kills: where it reads, and what it says."""
    command = [sys.executable, "-m", "tests.interop.test_crashes", str(folder)]
    with subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        try:
            yield process.stdin, process.stdout
        finally:
            process.stdin.close()


@pytest.mark.interop
def test_killed(tmp_path: Path) -> None:
    """After each end there is the version that was kept last, or the one that was begun after that; and all of it."""
    chance = random.Random(20)
    begun = kept = state = -1
    kills = before = between = 0
    until = time.monotonic() + SECONDS
    with killer(tmp_path) as (orders, news):
        while kills < KILLS and time.monotonic() < until:
            orders.write(b"%.4f\n" % chance.uniform(0, 0.15))
            orders.flush()
            for line in news:
                word, *_, number = line.split()
                if word == b"killed":
                    assert int(number) == -signal.SIGKILL
                    break
                if word == b"begun":
                    begun = int(number)
                else:
                    kept = state = int(number)
            kills += 1
            with ZoneStore(tmp_path) as store:
                stored = store.load(ORIGIN)
            if stored is None:
                assert kept == -1
                continue
            serial = stored.zone.serial
            assert serial in (kept, begun)
            assert isVersion(stored.zone, NAMES)
            steps = [step.newSerial for step in stored.journal]
            assert steps == list(range(serial - len(steps) + 1, serial + 1))
            assert state <= stored.state.get("serial", -1) <= begun
            assert not [path for path in tmp_path.iterdir() if "damaged" in path.name]
            before += serial < begun
            between += kept < serial
            kept = begun = serial
    # Ends that hit nothing would show nothing.
    assert kills > KILLS // 4
    assert kept > kills
    assert before + between > kills // 10


if __name__ == "__main__":
    main(sys.argv[1])
