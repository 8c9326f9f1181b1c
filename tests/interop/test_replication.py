"""Zone transfers and NOTIFY between real processes: txnames as primary and as secondary of other servers."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from .replicas import (
    DAEMONS,
    SHA256,
    SHA512,
    Copy,
    Key,
    Own,
    Stage,
    assertSame,
    awaitSerial,
    awaitText,
    change,
    contents,
    staged,
    transferred,
)
from .servers import HOST, freePort

ZONE = "example.test"
FIRST, SECOND, THIRD = (contents(ZONE, serial) for serial in (1, 2, 3))
CASES = [(kind, key) for kind in DAEMONS for key in (None, SHA256)] + [("knot", SHA512)]


def nameOf(value: object) -> str:
    """The name of a case."""
    return value.algorithm if isinstance(value, Key) else "unsigned" if value is None else str(value)


@pytest.fixture
def stage(tmp_path: Path, daemons: None) -> Iterator[Stage]:
    """Servers that end with the test."""
    with staged(tmp_path) as made:
        yield made


@pytest.mark.parametrize(("kind", "key"), CASES, ids=nameOf)
def test_primary(stage: Stage, kind: str, key: Key | None) -> None:
    """A secondary gets the zone as a whole, is told of a new version, and gets that by differences."""
    theirs = freePort()
    own = Own(ZONE, stage.zone(ZONE, FIRST), key, theirs)
    primary = stage.txnames(owned=[own])
    secondary = stage.daemon(kind, theirs, copied=[Copy(ZONE, primary.port, key)])
    awaitSerial(secondary, ZONE, 1)
    assertSame(secondary, ZONE, FIRST)
    by = f"transfer of {ZONE} to {HOST}" + ("" if key is None else f" with the key {key.name}")
    awaitText(primary, f"{by}: AXFR of serial 1")
    for serial, records in ((2, SECOND), (3, THIRD)):
        change(primary, own, records)
        awaitSerial(secondary, ZONE, serial)
        assertSame(secondary, ZONE, records)
        awaitText(primary, f"{by}: IXFR of serial {serial}")
    if key is not None:
        assert transferred(primary.port, ZONE) == frozenset()
        assert transferred(primary.port, ZONE, key) == THIRD


@pytest.mark.parametrize(("kind", "key"), CASES, ids=nameOf)
def test_secondary(stage: Stage, kind: str, key: Key | None) -> None:
    """We get the zone as a whole, are told of a new version, and get that by differences where there are any."""
    ours, theirs = freePort(), freePort()
    own = Own(ZONE, stage.zone(ZONE, FIRST), key, ours)
    primary = stage.daemon(kind, theirs, owned=[own])
    secondary = stage.txnames(ours, copied=[Copy(ZONE, theirs, key)], more=("--allow-transfer", HOST))
    awaitSerial(secondary, ZONE, 1)
    assertSame(secondary, ZONE, FIRST)
    place = f"from {HOST} port {theirs}"
    awaitText(secondary, f"serial 1 {place}, the whole zone")
    # PowerDNS makes no differences.
    how = "the whole zone" if kind == "pdns" else "differences"
    for serial, records in ((2, SECOND), (3, THIRD)):
        change(primary, own, records)
        awaitSerial(secondary, ZONE, serial)
        assertSame(secondary, ZONE, records)
        awaitText(secondary, f"serial {serial} {place}, {how}")
    if key is not None:
        assert transferred(primary.port, ZONE) == frozenset()
        assert transferred(primary.port, ZONE, key) == THIRD
