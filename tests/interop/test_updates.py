"""Dynamic updates of a txnames process by nsupdate and knsupdate, and what becomes of them."""

import signal
import subprocess
from dataclasses import dataclass

import pytest

from .replicas import (
    SHA256,
    SHA512,
    Copy,
    Key,
    Own,
    Stage,
    assertSame,
    awaitSerial,
    awaitText,
    contents,
    dig,
    hangUp,
    normal,
    serialAt,
    writeZone,
)
from .servers import HOST, Server

ZONE = "example.test"
TOOLS = ("nsupdate", "knsupdate")


@dataclass
class Playground:
    """Ours, which may be updated by a key, and Knot DNS, which copies it."""

    tool: str
    own: Own
    server: Server
    copy: Server

    def update(self, *lines: str, key: Key | None = SHA256) -> str:
        """Have the tool send an update.

        @return: what the tool complains of; nothing where the update was made.
        """
        signed = () if key is None else ("-y", key.digKey)
        text = "".join(f"{line}\n" for line in (f"server {HOST} {self.server.port}", f"zone {ZONE}.", *lines, "send"))
        done = subprocess.run([self.tool, *signed], input=text, capture_output=True, text=True, timeout=30, check=False)
        said = done.stdout + done.stderr
        assert bool(done.returncode) == bool(said.strip()), (done.returncode, said)
        return said

    def kill(self) -> None:
        """End the server as a crash would, and start it again."""
        process = self.server.process
        assert process is not None
        process.send_signal(signal.SIGKILL)
        process.wait(5)
        self.server.start()

    def expect(self, serial: int, records: frozenset[str]) -> None:
        """Both have exactly this; the copy as soon as it was told."""
        assert serialAt(self.server.port, ZONE) == serial
        assertSame(self.server, ZONE, records)
        awaitSerial(self.copy, ZONE, serial)
        assertSame(self.copy, ZONE, records)


@pytest.fixture(params=TOOLS)
def ground(request: pytest.FixtureRequest, stage: Stage) -> Playground:
    """Ours and a copy of it, both with the first version."""
    theirs = stage.port()
    own = Own(ZONE, stage.zone(ZONE, at(1)), SHA256, theirs)
    more = ("--allow-update", f"{ZONE}=key:{SHA256.name}", "--state-dir", str(stage.place("state")))
    server = stage.txnames(owned=[own], more=(*more, "--allow-transfer", HOST))
    copy = stage.daemon("knot", theirs, copied=[Copy(ZONE, server.port, SHA256)])
    awaitSerial(copy, ZONE, 1)
    return Playground(request.param, own, server, copy)


def at(serial: int, *extra: str, without: str = "") -> frozenset[str]:
    """The first version, with another serial and more records, or without those that have a text in them."""
    lines = {line for line in contents(ZONE, 1, 50) if not without or without not in line}
    (soa,) = (line for line in lines if " in soa " in line)
    fields = soa.split()
    fields[6] = str(serial)
    return frozenset((lines - {soa}) | {" ".join(fields)} | {normal(line) for line in extra})


def test_changes(ground: Playground) -> None:
    """Records are added, replaced and deleted, each change with a serial of its own, and the copy follows."""
    new = [f"new.{ZONE}. 60 IN A 192.0.2.99", f'new.{ZONE}. 60 IN TXT "one; two" "three"']
    assert (
        ground.update(f"update add new.{ZONE}. 60 A 192.0.2.99", f'update add new.{ZONE}. 60 TXT "one; two" "three"')
        == ""
    )
    ground.expect(2, at(2, *new))
    awaitText(ground.server, f"transfer of {ZONE} to {HOST} with the key {SHA256.name}: IXFR of serial 2")
    assert ground.update(f"update add *.new.{ZONE}. 60 MX 10 mail.{ZONE}.", f"update delete new.{ZONE}. TXT") == ""
    mail = f"*.new.{ZONE}. 60 IN MX 10 mail.{ZONE}."
    ground.expect(3, at(3, new[0], mail))
    assert ground.update(f"update delete host-7.{ZONE}.", f"update delete new.{ZONE}. A 192.0.2.99") == ""
    ground.expect(4, at(4, mail, without="host-7."))
    # What is there already, or is not there, changes nothing, and is no new version.
    assert ground.update(f"update delete host-7.{ZONE}.", f"update add *.new.{ZONE}. 60 MX 10 mail.{ZONE}.") == ""
    ground.expect(4, at(4, mail, without="host-7."))


def test_prerequisites(ground: Playground) -> None:
    """A change whose prerequisites are not met is not made, not even in part, and the reply says which kind it was."""
    there, missing = f"mail.{ZONE}.", f"nobody.{ZONE}."
    change = f"update add made.{ZONE}. 60 A 192.0.2.99"
    failing = {
        f"prereq nxdomain {there}": "YXDOMAIN",
        f"prereq yxdomain {missing}": "NXDOMAIN",
        f"prereq nxrrset {there} A": "YXRRSET",
        f"prereq yxrrset {there} TXT": "NXRRSET",
        f"prereq yxrrset {there} A 192.0.2.77": "NXRRSET",
    }
    for line, rcode in failing.items():
        assert rcode in ground.update(line, change)
        assert rcode in ground.update(f"prereq yxdomain {there}", line, change)
    ground.expect(1, at(1))
    met = [f"prereq yxdomain {there}", f"prereq nxdomain {missing}", f"prereq nxrrset {there} TXT"]
    assert ground.update(*met, f"prereq yxrrset {there} A", f"prereq yxrrset {there} A 192.0.2.1", change) == ""
    ground.expect(2, at(2, f"made.{ZONE}. 60 IN A 192.0.2.99"))


def test_refused(ground: Playground) -> None:
    """Without a signature, with a wrong one, or with a key that may not, nothing is changed."""
    change = f"update add made.{ZONE}. 60 A 192.0.2.99"
    assert "REFUSED" in ground.update(change, key=None)
    assert "REFUSED" in ground.update(change, key=SHA512)
    wrong = Key(SHA256.name, SHA256.algorithm, SHA512.secret)
    unknown = Key("unknown.key.test", SHA256.algorithm, SHA256.secret)
    assert "BADSIG" in ground.update(change, key=wrong)
    assert "BADKEY" in ground.update(change, key=unknown)
    assert "NOTZONE" in ground.update("update add made.elsewhere.test. 60 A 192.0.2.99")
    ground.expect(1, at(1))
    assert ground.update(change) == ""
    ground.expect(2, at(2, f"made.{ZONE}. 60 IN A 192.0.2.99"))
    assert SHA256.secret not in ground.server.log()


def test_crash(ground: Playground) -> None:
    """What was acknowledged outlives a crash right after it, for the copy too, which goes on by differences."""
    made: list[str] = []
    for number in range(3):
        serial = number + 2
        assert ground.update(f"update add made-{number}.{ZONE}. 60 A 192.0.2.99") == ""
        ground.kill()
        made.append(f"made-{number}.{ZONE}. 60 IN A 192.0.2.99")
        ground.expect(serial, at(serial, *made))
    serials = [line.split()[6] for line in dig(ground.server.port, "IXFR=1", ZONE).splitlines() if "SOA" in line]
    assert serials == ["4", "1", "2", "2", "3", "3", "4", "4"]


def test_file(ground: Playground) -> None:
    """The zone file gets the changes by the end; one that is edited by hand counts where its serial is newer."""
    assert ground.update(f"update add made.{ZONE}. 60 A 192.0.2.99") == ""
    hangUp(ground.server)
    awaitText(ground.server, "was reloaded")
    made = f"made.{ZONE}. 60 IN A 192.0.2.99"
    ground.expect(2, at(2, made))
    assert ground.update(f"update delete host-7.{ZONE}.") == ""
    ground.server.stop()
    assert "host-7" not in ground.own.path.read_text()
    ground.server.start()
    ground.expect(3, at(3, made, without="host-7."))
    writeZone(ground.own.path, at(9, f"hand.{ZONE}. 60 IN A 192.0.2.98"))
    hangUp(ground.server)
    awaitSerial(ground.server, ZONE, 9)
    ground.expect(9, at(9, f"hand.{ZONE}. 60 IN A 192.0.2.98"))
    assert ground.update(f"update delete hand.{ZONE}.") == ""
    ground.expect(10, at(10))
    assert "192.0.2.98" not in dig(ground.server.port, "+short", f"hand.{ZONE}.")
