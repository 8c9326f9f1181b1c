"""Several workers on one port."""

import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import dns.exception
import dns.message
import dns.query
import dns.rdatatype
import pytest

from .servers import HOST, freePort

pytestmark = pytest.mark.usefixtures("daemons")

LIMIT = 30.0
ZONE = """$ORIGIN example.
$TTL 300
@ SOA ns admin {serial} 3600 600 86400 300
@ NS ns
ns A 127.0.0.1
"""


class Supervisor:
    """The command with two workers."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.port = freePort()
        self.log = folder / "log"
        self.write(1)
        command = [sys.executable, "-c", "from twisted.scripts.twistd import run; run()", "-n", "--pidfile="]
        command += [
            "dns",
            "--port",
            str(self.port),
            "--interface",
            HOST,
            "--bindzone",
            "example.zone",
            "--workers",
            "2",
        ]
        with self.log.open("wb") as output:
            self.process = subprocess.Popen(command, cwd=folder, stdout=output, stderr=output)

    def write(self, serial: int) -> None:
        """Write the zone."""
        (self.folder / "example.zone").write_text(ZONE.format(serial=serial))

    def workers(self) -> set[int]:
        """The process IDs of the workers."""
        path = Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children")
        return {int(one) for one in path.read_text().split()}

    def serials(self) -> set[int]:
        """The serials that many clients see, over UDP and TCP; 0 where there was no reply."""
        query = dns.message.make_query("example", "SOA")
        found = set()
        for number in range(40):
            ask = dns.query.tcp if number % 4 == 0 else dns.query.udp
            try:
                reply = ask(query, HOST, 1.0, self.port)
            except (dns.exception.Timeout, OSError, EOFError):
                found.add(0)
            else:
                found.add(reply.answer[0][0].serial)
        return found

    def until(self, serial: int) -> None:
        """Wait until all see one serial."""
        deadline = time.monotonic() + LIMIT
        while self.serials() != {serial}:
            assert time.monotonic() < deadline, self.log.read_text()[-2000:]
            assert self.process.poll() is None, self.log.read_text()[-2000:]


@pytest.fixture
def supervisor(tmp_path: Path) -> Iterator[Supervisor]:
    """Start it."""
    made = Supervisor(tmp_path)
    yield made
    for worker in made.workers() if made.process.poll() is None else ():
        os.kill(worker, signal.SIGKILL)
    if made.process.poll() is None:
        made.process.kill()
        made.process.wait()


def test_workers(supervisor: Supervisor) -> None:
    """Both workers serve; one that dies is started again; signals reach all, and nothing is left at the end."""
    supervisor.until(1)
    first = supervisor.workers()
    assert len(first) == 2
    supervisor.write(2)
    supervisor.process.send_signal(signal.SIGHUP)
    supervisor.until(2)
    os.kill(min(first), signal.SIGKILL)
    deadline = time.monotonic() + LIMIT
    while len(supervisor.workers() - {min(first)}) < 2:
        assert time.monotonic() < deadline
    supervisor.until(2)
    second = supervisor.workers()
    assert len(second) == 2
    assert max(first) in second
    supervisor.process.terminate()
    assert supervisor.process.wait(LIMIT) in (0, -signal.SIGTERM)
    assert not [one for one in second if Path(f"/proc/{one}").exists()]
    log = supervisor.log.read_text()
    assert re.search(r"worker \d ended: .*signal 9", log)
    assert "Traceback" not in log
