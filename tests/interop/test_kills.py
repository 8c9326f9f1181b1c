"""Whole servers that are killed at random moments: what was acknowledged is there when they start again."""

import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import dns.exception
import dns.message
import dns.query
import dns.rcode
import dns.rdatatype
import dns.tsig
import dns.tsigkeyring
import dns.update
import pytest

from .servers import HOST, freePort

pytestmark = pytest.mark.usefixtures("daemons")

SECRET = "MTIzNDU2Nzg5MDEyMzQ1Njc4OTA="
KEYS = dns.tsigkeyring.from_text({"k1": SECRET})
LIMIT = 20.0
ROUNDS = int(os.environ.get("TXNAMES_KILLS", "12"))
"""How often each of the two is killed; tests/interop/test_crashes.py kills what stores zones 200 times."""

ZONE = """$ORIGIN kills.example.
$TTL 300
@ SOA ns admin 1 3600 600 86400 300
@ NS ns
ns A 127.0.0.1
"""


class Process:
    """A server in a process of its own, with a folder of its own."""

    def __init__(self, folder: Path, *options: str) -> None:
        self.folder = folder
        self.port = freePort()
        self.options = options
        folder.mkdir(exist_ok=True)
        self.process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start, and wait until it answers."""
        command = [sys.executable, "-m", "twisted", "--log-level=critical", "dns"]
        command += ["--port", str(self.port), "--interface", HOST, *self.options]
        self.process = subprocess.Popen(command, cwd=self.folder, stderr=subprocess.DEVNULL)
        deadline = time.monotonic() + LIMIT
        query = dns.message.make_query("kills.example", "SOA")
        while True:
            assert self.process.poll() is None
            assert time.monotonic() < deadline
            try:
                dns.query.udp(query, HOST, 0.1, self.port)
            except (dns.exception.Timeout, OSError):
                continue
            return

    def kill(self) -> None:
        """End it without a word."""
        assert self.process is not None
        os.kill(self.process.pid, signal.SIGKILL)
        self.process.wait()

    def stop(self) -> None:
        """End it if it runs."""
        if self.process is not None and self.process.poll() is None:
            self.kill()

    def texts(self, name: str) -> list[str]:
        """The TXT records of a name; nothing while the zone is closed."""
        reply = dns.query.tcp(dns.message.make_query(name, "TXT"), HOST, LIMIT, self.port)
        return [b"".join(one.strings).decode() for rrset in reply.answer for one in rrset]

    def names(self) -> set[str]:
        """The names that the counter says are there, and are."""
        return {name for name in self.texts("list.kills.example") if self.texts(f"{name}.kills.example")}


@pytest.fixture
def started(tmp_path: Path) -> Iterator[list[Process]]:
    """A primary that takes updates, and a secondary."""
    (tmp_path / "keys").write_text(f'key "k1" {{ algorithm hmac-sha256; secret "{SECRET}"; }};\n')
    (tmp_path / "kills.zone").write_text(ZONE)
    primary = Process(
        tmp_path / "primary",
        *("--bindzone", str(tmp_path / "kills.zone"), "--tsig-key", str(tmp_path / "keys"), "--state-dir", "state"),
        *("--allow-update", "key:k1", "--allow-transfer", "127.0.0.1"),
    )
    secondary = Process(
        tmp_path / "secondary",
        *("--secondary", f"{HOST}:{primary.port}/kills.example", "--state-dir", "state"),
    )
    primary.options = (*primary.options, "--also-notify", f"{HOST}:{secondary.port}")
    yield [primary, secondary]
    for one in (primary, secondary):
        one.stop()


def update(primary: Process, number: int) -> bool:
    """Add a version: a name of its own, and its number in a list; whether that was acknowledged."""
    message = dns.update.UpdateMessage("kills.example.", keyring=KEYS, keyalgorithm=dns.tsig.HMAC_SHA256)
    message.add(f"n{number}", 300, "TXT", "there")
    message.add("list", 300, "TXT", f"n{number}")
    message.delete("list", "TXT", f"n{number - 30}")
    message.delete(f"n{number - 30}")
    try:
        return dns.query.tcp(message, HOST, LIMIT, primary.port).rcode() == dns.rcode.NOERROR
    except (EOFError, OSError, dns.exception.DNSException):
        return False


def version(process: Process) -> int:
    """The serial that a server has; 0 while the zone is closed."""
    reply = dns.query.tcp(dns.message.make_query("kills.example", "SOA"), HOST, LIMIT, process.port)
    return int(reply.answer[0][0].serial) if reply.answer else 0


def test_primary(started: list[Process]) -> None:
    """Each update that was acknowledged is there after a kill, as a whole."""
    primary, _ = started
    draws = random.Random(7)
    acknowledged = number = 0
    primary.start()
    for _ in range(ROUNDS):
        pid = primary.process.pid if primary.process is not None else 0
        killer = subprocess.Popen(
            [sys.executable, "-c", f"import os,time; time.sleep({draws.uniform(0.0, 0.12)}); os.kill({pid}, 9)"]
        )
        while primary.process is not None and primary.process.poll() is None:
            number += 1
            if update(primary, number):
                acknowledged = number
        killer.wait()
        primary.start()
        found = primary.texts("list.kills.example")
        last = max((int(one[1:]) for one in found), default=0)
        assert acknowledged <= last <= number
        # Names and list go together: a version is there as a whole or not at all.
        assert all(primary.texts(f"{one}.kills.example") for one in found)
        number = last
        acknowledged = last
    assert acknowledged > ROUNDS


def test_secondary(started: list[Process]) -> None:
    """A secondary that is killed while it copies has a version that the primary had, and then the latest."""
    primary, secondary = started
    draws = random.Random(8)
    primary.start()
    secondary.start()
    number = 0
    for _ in range(ROUNDS):
        pid = secondary.process.pid if secondary.process is not None else 0
        killer = subprocess.Popen(
            [sys.executable, "-c", f"import os,time; time.sleep({draws.uniform(0.0, 0.1)}); os.kill({pid}, 9)"]
        )
        before = version(primary)
        while secondary.process is not None and secondary.process.poll() is None:
            number += 1
            assert update(primary, number)
        killer.wait()
        latest = version(primary)
        secondary.start()
        deadline = time.monotonic() + LIMIT
        found = version(secondary)
        assert found == 0 or found <= latest
        assert before <= latest
        while (found := version(secondary)) != latest:
            assert time.monotonic() < deadline, f"serial {found} where the primary has {latest}"
            assert found <= latest
        assert secondary.names() == primary.names()
