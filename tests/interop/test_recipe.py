"""The recipe of ``docs/howto/replication.rst``: one txnames primary feeds NSD, Knot, BIND and PowerDNS.

What runs here are the files of ``listings/replication`` as they are, but for the ports.
"""

import os
import re
import shutil
import signal
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import dns.exception
import dns.message
import dns.query
import dns.rcode
import pytest

from .servers import HOST, Server, ServerUnavailable, freePort, program

RECIPE = Path(__file__).parent.parent.parent / "listings" / "replication"
SCHEMA = Path("/usr/share/pdns-backend-sqlite3/schema/schema.sqlite3.sql")
ZONES = ("example.com", "example.net")
LIMIT = 60.0
"""Seconds that news may take from the primary to a server; it takes about two."""

COMMANDS = {
    "nsd": ("5301", ["nsd", "-d", "-c", "nsd.conf"]),
    "knot": ("5302", ["knotd", "-c", "knot.conf"]),
    "named": ("5303", ["named", "-g", "-c", "named.conf"]),
    "pdns": ("5304", ["sh", "-c", "./powerdns.sh && exec pdns_server --config-dir=."]),
}
"""For each server its port in the recipe, and how it is run; in the recipe's words."""

CONSUMERS = ("knot", "named", "pdns")
"""Those that learn from the catalog which zones there are."""


def answerOf(port: int, name: str, type: str, *, tcp: bool = False) -> list[str]:
    """Give the data of the answer to a question; nothing where there is no reply yet."""
    ask = dns.query.tcp if tcp else dns.query.udp
    try:
        reply = ask(dns.message.make_query(name, type), HOST, timeout=1, port=port)
    except (dns.exception.DNSException, OSError):
        return []
    return [str(data) for rrset in reply.answer for data in rrset]


def waitFor(what: str, holds: Callable[[], bool]) -> None:
    """Ask again and again until something holds; fails after the limit."""
    deadline = time.monotonic() + LIMIT
    while not holds():
        if time.monotonic() > deadline:
            pytest.fail(f"not within {LIMIT:g} seconds: {what}")
        time.sleep(0.1)


@dataclass
class Fleet:
    """The primary, and the servers that it feeds."""

    primary: Server
    servers: dict[str, Server]

    def server(self, name: str) -> Server:
        """A server; the test is skipped where it is not installed."""
        if name not in self.servers:
            pytest.skip(f"{name} is not installed: apt install pdns-server pdns-backend-sqlite3 sqlite3")
        self.servers[name].checkRunning()
        return self.servers[name]

    def waitForAddress(self, name: str, owner: str, address: str) -> None:
        """Wait until a server knows an address."""
        server = self.server(name)
        waitFor(f"{owner} is {address} for {name}", lambda: answerOf(server.port, owner, "A") == [address])

    def edit(self, file: str, edit: Callable[[str], str]) -> None:
        """Edit a file of the primary."""
        path = self.primary.folder / file
        path.write_text(edit(path.read_text()))

    def hangUp(self) -> None:
        """Have the primary read its zones again."""
        assert self.primary.process is not None
        self.primary.process.send_signal(signal.SIGHUP)


def isInstalled(name: str) -> bool:
    """Whether a server of the recipe is installed; only PowerDNS may be absent."""
    if name != "pdns":
        return True
    try:
        return all(program(one) for one in ("pdns_server", "pdnsutil", "sqlite3")) and SCHEMA.exists()
    except ServerUnavailable:
        return False


@pytest.fixture(scope="module")
def fleet(daemons: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Fleet]:
    """Run all that the recipe has, each in a copy of its folder, as if each was on a machine of its own."""
    ports = {shown: str(freePort()) for shown in ("5300", *[shown for shown, _ in COMMANDS.values()])}
    base = tmp_path_factory.mktemp("recipe")
    path = os.pathsep.join([str(Path(sys.executable).parent), os.environ.get("PATH", ""), "/usr/sbin", "/sbin"])

    def prepared(name: str, shown: str, command: list[str]) -> Server:
        """Copy the recipe's folder for a server."""
        folder = base / name
        shutil.copytree(RECIPE, folder)
        for file in folder.iterdir():
            file.write_text(re.sub(r"\b530[0-4]\b", lambda found: ports[found[0]], file.read_text()))
        for kind in COMMANDS:
            (folder / kind).mkdir()
        return Server(name, ["env", f"PATH={path}", *command], int(ports[shown]), folder)

    fleet = Fleet(prepared("primary", "5300", ["./primary.sh"]), {})
    try:
        fleet.primary.start()
        for name, (shown, command) in COMMANDS.items():
            if isInstalled(name):
                fleet.servers[name] = prepared(name, shown, command)
                fleet.servers[name].start()
        yield fleet
    finally:
        for server in [*fleet.servers.values(), fleet.primary]:
            server.stop()


@pytest.mark.parametrize("name", COMMANDS)
def test_serverHasTheZones(fleet: Fleet, name: str) -> None:
    """Each server answers for both zones, and says the same as the primary."""
    server = fleet.server(name)
    shown = [answerOf(fleet.primary.port, zone, "SOA") for zone in ZONES]
    assert all(shown)
    waitFor(f"{name} has both", lambda: [answerOf(server.port, zone, "SOA") for zone in ZONES] == shown)
    for owner, type in (("example.com", "MX"), ("www.example.com", "AAAA"), ("www.example.net", "A")):
        assert answerOf(server.port, owner, type) == answerOf(fleet.primary.port, owner, type) != []


def test_newVersionComesToAllAsDifferences(fleet: Fleet) -> None:
    """After an edit and SIGHUP each server has the new version, by a signed IXFR."""
    for name in fleet.servers:
        fleet.waitForAddress(name, "mail.example.com", "192.0.2.25")
    fleet.edit(
        "example.com.zone",
        lambda text: text.replace("2026010100 ", "2026010101 ").replace("192.0.2.25", "192.0.2.26"),
    )
    fleet.hangUp()
    for name in fleet.servers:
        fleet.waitForAddress(name, "mail.example.com", "192.0.2.26")
    line = f"transfer of example.com to {HOST} with the key transfer.example: IXFR of serial 2026010101"
    waitFor("a signed IXFR for each", lambda: fleet.primary.log().count(line) == len(fleet.servers))


def test_newZoneComesWithTheCatalog(fleet: Fleet) -> None:
    """A zone that the primary is given comes to those that follow the catalog, and NSD refuses it."""
    folder = fleet.primary.folder
    (folder / "example.org.zone").write_text((folder / "example.net.zone").read_text().replace(".net", ".org"))
    fleet.edit("primary.sh", lambda text: text.replace(" --bindzone", " --bindzone example.org.zone --bindzone", 1))
    for name in CONSUMERS:
        if name in fleet.servers:
            fleet.waitForAddress(name, "www.example.net", "198.51.100.80")
    fleet.primary.stop()
    fleet.primary.start()
    for name in CONSUMERS:
        if name in fleet.servers:
            fleet.waitForAddress(name, "www.example.org", "198.51.100.80")
    assert answerOf(fleet.server("nsd").port, "www.example.org", "A") == []


@pytest.mark.parametrize("zone", ["example.com", "catalog.example"])
def test_nobodyElseHasTheZones(fleet: Fleet, zone: str) -> None:
    """A transfer without the key is refused."""
    reply = dns.query.tcp(dns.message.make_query(zone, "AXFR"), HOST, timeout=10, port=fleet.primary.port)
    assert reply.rcode() == dns.rcode.REFUSED
    assert not reply.answer
