"""The programs in ``listings/names`` that copy zones, one of them from another."""

import re
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import dns.flags
import dns.message
import dns.opcode
import dns.query
import dns.rcode
import dns.tsig
import dns.xfr
import dns.zone
import pytest

from tests.listings.serving import LISTINGS, LOOPBACK, ROOT, ask, freePort, serving, texts
from txnames.authority import BindAuthority
from txnames.keyfile import readKeys

RECIPE = ROOT / "listings" / "replication"
KEYFILE = RECIPE / "transfer.key"
LIMIT = 30.0
"""Seconds that a zone may take from one program to the other."""


def waitFor(what: str, holds: Callable[[], bool]) -> None:
    """Ask again and again until something holds; fails after the limit."""
    deadline = time.monotonic() + LIMIT
    while not holds():
        if time.monotonic() > deadline:
            pytest.fail(f"not within {LIMIT:g} seconds: {what}")
        time.sleep(0.05)


def serialAt(port: int, zone: str) -> int:
    """Give the serial that a server has of a zone; 0 if it has none."""
    reply = ask(port, zone, "SOA")
    return int(reply.answer[0][0].serial) if reply.answer else 0


@pytest.fixture(scope="module")
def ports(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[int, int]]:
    """Run ``primary_server.py`` and ``secondary_server.py``; gives their ports."""
    folder = tmp_path_factory.mktemp("replication")
    primary, secondary = freePort(), freePort()
    programs = [[sys.executable, str(LISTINGS / name)] for name in ("primary_server.py", "secondary_server.py")]
    programs[0] += [str(KEYFILE), str(primary), f"{LOOPBACK}:{secondary}"]
    programs[1] += [f"{LOOPBACK}:{primary}", "counter.example", str(KEYFILE), "copies", str(secondary)]
    with serving(programs[0], folder, primary), serving(programs[1], folder, secondary):
        yield primary, secondary


def test_secondaryFollowsThePrimary(ports: tuple[int, int]) -> None:
    """The copy goes on to new versions, long before its refresh time; it has the records of the primary."""
    primary, secondary = ports
    waitFor("there is a copy", lambda: serialAt(secondary, "counter.example") > 0)
    first = serialAt(secondary, "counter.example")
    waitFor("two more versions", lambda: serialAt(secondary, "counter.example") >= first + 2)
    assert serialAt(primary, "counter.example") >= first + 2
    reply = ask(secondary, "now.counter.example", "TXT")
    assert reply.flags & dns.flags.AA
    assert re.fullmatch(r'now\.counter\.example\. 1 IN TXT "\d+ seconds"', "".join(texts(reply)))


def test_primaryRefusesWhoHasNoKey(ports: tuple[int, int]) -> None:
    """A transfer that is not signed is refused, by the primary and by the secondary."""
    for port in ports:
        reply = dns.query.tcp(dns.message.make_query("counter.example", "AXFR"), LOOPBACK, timeout=10, port=port)
        assert reply.rcode() == dns.rcode.REFUSED


def test_primaryGivesTheZoneToWhoHasTheKey(ports: tuple[int, int]) -> None:
    """A transfer that is signed by the key of the file has the zone."""
    (key,) = readKeys(KEYFILE.read_bytes()).values()
    ring = {dns.name.from_text(str(key.name)): dns.tsig.Key(str(key.name), key.secret, str(key.algorithm))}
    zone = dns.zone.Zone("counter.example")
    query, _ = dns.xfr.make_query(zone, keyring=ring)
    dns.query.inbound_xfr(LOOPBACK, zone, query, port=ports[0], timeout=10, lifetime=10)
    assert "now" in zone


def test_secondaryApplication(tmp_path: Path) -> None:
    """``secondary.tac`` copies two zones from a server that allows it."""
    primary, secondary = freePort(), freePort()
    text = (LISTINGS / "secondary.tac").read_text()
    text = text.replace('"127.0.0.1", 10053', f'"127.0.0.1", {primary}').replace("10054", str(secondary))
    (tmp_path / "secondary.tac").write_text(text)
    twistd = str(Path(sys.executable).parent / "twistd")
    dnsCommand = [twistd, "--pidfile=primary.pid", "-n", "dns", "--port", str(primary), "--interface", LOOPBACK]
    for zone in ("example.com", "example.net"):
        dnsCommand += ["--bindzone", str(RECIPE / f"{zone}.zone")]
    dnsCommand += ["--allow-transfer", LOOPBACK]
    application = [twistd, "--pidfile=secondary.pid", "-ny", "secondary.tac"]
    with serving(dnsCommand, tmp_path, primary), serving(application, tmp_path, secondary):
        waitFor(
            "both zones",
            lambda: {serialAt(secondary, zone) for zone in ("example.com", "example.net")} == {2026010100},
        )
        assert texts(ask(secondary, "www.example.net", "A")) == ["www.example.net. 3600 IN A 198.51.100.80"]
        reply = dns.query.udp(_notify("example.com"), LOOPBACK, timeout=10, port=secondary)
        assert reply.rcode() == dns.rcode.NOERROR


def _notify(zone: str) -> dns.message.Message:
    """Make the message that says that a zone changed."""
    message = dns.message.make_query(zone, "SOA")
    message.set_opcode(dns.opcode.NOTIFY)
    message.flags = (message.flags & ~dns.flags.RD) | dns.flags.AA
    return message


def test_zonesOfTheRecipeHaveNoFaults() -> None:
    """The zones that the documentation shows load without a warning."""
    for name in ("example.com.zone", "example.net.zone"):
        assert list(BindAuthority(str(RECIPE / name), strict=True).warnings) == []
