"""Catalog zones (RFC 9432) between real processes: txnames makes them for other servers, and follows theirs."""

import sqlite3
import time
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path

import pytest

from .replicas import (
    SHA256,
    Copy,
    Key,
    Own,
    Stage,
    addPdns,
    assertSame,
    awaitSerial,
    change,
    contents,
    eventually,
    hangUp,
    knotText,
    namedText,
    nameOf,
    pdns,
    txnames,
    writeZone,
)
from .servers import HOST, Server, program

CATALOG = "catalog.test"
ZONES = ("one.test", "two.test", "three.test")
SMALL = 20
CASES = [(kind, key) for kind in ("knot", "named", "pdns") for key in (None, SHA256)]


def execute(folder: Path, *statements: str) -> None:
    """Change the database of PowerDNS, which it reads again and again."""
    with closing(sqlite3.connect(folder / "database", timeout=10)) as database, database:
        for statement in statements:
            database.execute(statement)


def consumer(stage: Stage, kind: str, port: int, primary: int, key: Key | None) -> Server:
    """A server that serves what a catalog says."""
    folder = stage.place(kind)
    copy = Copy(CATALOG, primary, key)
    if kind == "knot":
        text = knotText(folder, port, [], [copy])
        text += "    catalog-role: interpret\n    catalog-template: member\n"
        member = "template:\n  - id: member\n    master: from0\n    acl: [copy0, anybody]\n    zonefile-sync: -1\n"
        text = text.replace("template:\n", f"{member}    storage: {folder}\n", 1)
        (folder / "knot.conf").write_text(text)
        return stage.run(Server(kind, [program("knotd"), "-c", f"{folder}/knot.conf"], port, folder))
    by = "" if key is None else f' key "{key.name}"'
    if kind == "pdns":
        server = pdns(folder, port, [], [copy])
        # PowerDNS 4.7 asks for differences to a catalog, but does not take them.
        execute(folder, "UPDATE domains SET type = 'CONSUMER'", "DELETE FROM domainmetadata WHERE kind = 'IXFR'")
        return stage.run(server)
    options = f"""catalog-zones {{
    zone "{CATALOG}" default-primaries {{ {HOST} port {primary}{by}; }} in-memory yes min-update-interval 0;
  }};"""
    (folder / "named.conf").write_text(namedText(folder, port, [], [copy], options))
    return stage.run(Server(kind, [program("named"), "-g", "-n", "1", "-c", f"{folder}/named.conf"], port, folder))


# PowerDNS 4.7 fetches the members of a catalog without the catalog's key.
@pytest.mark.parametrize(("kind", "key"), [case for case in CASES if case != ("pdns", SHA256)], ids=nameOf)
def test_producer(stage: Stage, kind: str, key: Key | None) -> None:
    """Zones come to other servers and go from them as our catalog says; each is told of its new versions."""
    ours, theirs = stage.port(), stage.port()
    owned = [Own(origin, stage.zone(origin, contents(origin, 1, SMALL)), key, theirs) for origin in ZONES]
    more = ("--make-catalog", CATALOG)
    first = stage.txnames(ours, owned[:2], more=more)
    began = int(time.time())
    other = consumer(stage, kind, theirs, ours, key)
    for origin in ZONES[:2]:
        awaitSerial(other, origin, 1)
        assertSame(other, origin, contents(origin, 1, SMALL))
    awaitSerial(other, ZONES[2], None)
    new = contents(ZONES[1], 2, SMALL)
    change(first, owned[1], new)
    awaitSerial(other, ZONES[1], 2)
    assertSame(other, ZONES[1], new)
    first.stop()
    # The catalog's serial is the time of the start.
    eventually(lambda: int(time.time()) > began, lambda: "the clock stands still")
    stage.run(txnames(stage.place("second"), ours, owned=owned[1:], more=more))
    awaitSerial(other, ZONES[2], 1)
    awaitSerial(other, ZONES[0], None)
    assertSame(other, ZONES[1], new)
    assertSame(other, ZONES[2], contents(ZONES[2], 1, SMALL))


def knotProducer(folder: Path, port: int, owned: Sequence[Own]) -> Server:
    """Knot DNS, which makes a catalog of its zones."""
    text = knotText(folder, port, owned, [], f"    catalog-role: member\n    catalog-zone: {CATALOG}\n")
    told = "    notify: told0\n"
    text += f'  - domain: "{CATALOG}"\n    catalog-role: generate\n    acl: own0\n{told}'
    (folder / "knot.conf").write_text(text)
    return Server("knot", [program("knotd"), "-c", f"{folder}/knot.conf"], port, folder)


def namedProducer(folder: Path, port: int, owned: Sequence[Own]) -> Server:
    """BIND, with a catalog that somebody has written for it."""
    lines = [
        f"{CATALOG}. 0 IN SOA invalid. invalid. {time.time_ns() // 1000_000 % 2**31} 3600 600 864000 0",
        f"{CATALOG}. 0 IN NS invalid.",
        f'version.{CATALOG}. 0 IN TXT "2"',
        f'ext.one.zones.{CATALOG}. 0 IN TXT "something of BIND\'s"',
        *[f"{own.origin.split('.')[0]}.zones.{CATALOG}. 0 IN PTR {own.origin}." for own in owned],
    ]
    catalog = folder / "catalog"
    writeZone(catalog, frozenset(line.lower() for line in lines))
    (folder / "named.conf").write_text(
        namedText(folder, port, [*owned, Own(CATALOG, catalog, owned[0].key, owned[0].told)], [])
    )
    return Server("named", [program("named"), "-g", "-n", "1", "-c", f"{folder}/named.conf"], port, folder)


def pdnsProducer(folder: Path, port: int, owned: Sequence[Own]) -> Server:
    """PowerDNS, which makes a catalog of some of its zones."""
    catalog = Own(CATALOG, folder / "catalog", owned[0].key, owned[0].told)
    if (folder / "database").exists():
        server = Server("pdns", [], port, folder)
        addPdns(folder, owned[-1])
    else:
        lines = (f"{CATALOG}. 0 in soa invalid. invalid. 1 3600 600 864000 0", f"{CATALOG}. 0 in ns invalid.")
        writeZone(catalog.path, frozenset(lines))
        server = pdns(folder, port, [*owned, catalog], [])
        execute(folder, f"UPDATE domains SET type = 'PRODUCER' WHERE name = '{CATALOG}'")
    names = ", ".join(f"'{own.origin}'" for own in owned)
    execute(
        folder,
        "UPDATE domains SET catalog = NULL",
        f"UPDATE domains SET catalog = '{CATALOG}', type = 'MASTER' WHERE name IN ({names})",
    )
    return server


PRODUCERS = {"knot": knotProducer, "named": namedProducer, "pdns": pdnsProducer}


@pytest.mark.parametrize(("kind", "key"), CASES, ids=nameOf)
def test_consumer(stage: Stage, kind: str, key: Key | None) -> None:
    """Zones come and go as another server's catalog says, and stay over a restart without it."""
    ours, theirs = stage.port(), stage.port()
    owned = [Own(origin, stage.zone(origin, contents(origin, 1, SMALL)), key, ours) for origin in ZONES]
    folder = stage.place(kind)
    primary = stage.run(PRODUCERS[kind](folder, theirs, owned[:2]))
    by = "" if key is None else f"key:{key.name}@"
    more = ("--catalog", f"{by}{HOST}:{theirs}/{CATALOG}", "--allow-transfer", HOST)
    server = stage.txnames(ours, more=(*more, "--state-dir", str(stage.place("state"))))
    for origin in ZONES[:2]:
        awaitSerial(server, origin, 1)
        assertSame(server, origin, contents(origin, 1, SMALL))
    awaitSerial(server, ZONES[2], None)
    new = contents(ZONES[1], 2, SMALL)
    change(primary, owned[1], new)
    awaitSerial(server, ZONES[1], 2)
    assertSame(server, ZONES[1], new)
    PRODUCERS[kind](folder, theirs, owned[1:])
    if kind != "pdns":
        hangUp(primary)
    awaitSerial(server, ZONES[2], 1)
    awaitSerial(server, ZONES[0], None)
    assertSame(server, ZONES[1], new)
    assertSame(server, ZONES[2], contents(ZONES[2], 1, SMALL))
    server.stop()
    primary.stop()
    server.start()
    awaitSerial(server, ZONES[2], 1)
    assertSame(server, ZONES[1], new)
    assertSame(server, ZONES[2], contents(ZONES[2], 1, SMALL))
    awaitSerial(server, ZONES[0], None)
