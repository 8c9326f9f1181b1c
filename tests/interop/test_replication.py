"""Zone transfers and NOTIFY between real processes: txnames as primary and as secondary of other servers."""

import re
import subprocess

import pytest

from .replicas import (
    DAEMONS,
    KEYS,
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
    dig,
    eventually,
    hangUp,
    nameOf,
    normal,
    serialAt,
    transferred,
)
from .servers import HOST

ZONE = "example.test"
FIRST, SECOND = contents(ZONE, 1), contents(ZONE, 2)
# To which it takes several messages of differences.
THIRD = contents(ZONE, 3, size=8000)
CASES = [(kind, key) for kind in DAEMONS for key in (None, SHA256)] + [("knot", SHA512)]


@pytest.mark.parametrize(("kind", "key"), CASES, ids=nameOf)
def test_primary(stage: Stage, kind: str, key: Key | None) -> None:
    """A secondary gets the zone as a whole, is told of a new version, and gets that by differences."""
    theirs = stage.port()
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
    ours, theirs = stage.port(), stage.port()
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


def test_datagramsOfNsd(stage: Stage) -> None:
    """NSD gets differences in signed datagrams, if it asks that way."""
    theirs = stage.port()
    own = Own(ZONE, stage.zone(ZONE, FIRST), SHA512, theirs)
    primary = stage.txnames(owned=[own])
    secondary = DAEMONS["nsd"](stage.place("nsd"), theirs, [], [Copy(ZONE, primary.port, SHA512)])
    settings = secondary.folder / "nsd.conf"
    settings.write_text(settings.read_text().replace("request-xfr: ", "request-xfr: UDP "))
    stage.run(secondary)
    awaitSerial(secondary, ZONE, 1)
    change(primary, own, SECOND)
    awaitSerial(secondary, ZONE, 2)
    assertSame(secondary, ZONE, SECOND)
    # The log has the transfers over connections.
    assert "IXFR of serial 1" not in primary.log()
    assert "of serial 2" not in primary.log()


def test_signedZone(stage: Stage) -> None:
    """A zone that Knot DNS signs goes to NSD by us with all its signatures, and so do the differences."""
    top, middle, bottom = stage.port(), stage.port(), stage.port()
    first, second = contents(ZONE, 1, 50), contents(ZONE, 50, 60)
    own = Own(ZONE, stage.zone(ZONE, first), None, middle)
    primary = DAEMONS["knot"](stage.place("knot"), top, [own], [])
    settings = primary.folder / "knot.conf"
    settings.write_text(settings.read_text() + "    dnssec-signing: on\n")
    stage.run(primary)
    more = ("--allow-transfer", HOST, "--also-notify", f"{HOST}:{bottom}")
    between = stage.txnames(middle, copied=[Copy(ZONE, top)], more=more)
    secondary = stage.daemon("nsd", bottom, copied=[Copy(ZONE, middle)])
    for serial, records in ((1, first), (50, second)):
        if serial > 1:
            change(primary, own, records)
        # The serials are those that Knot DNS makes as it signs.
        eventually(lambda: dig(top, "+short", f"serial-{serial}.{ZONE}"), primary.log)  # noqa: B023  # reason: now
        made = serialAt(top, ZONE)
        signed = transferred(top, ZONE)
        assert sum(" rrsig " in record for record in signed) > len(records) / 2
        awaitSerial(secondary, ZONE, made)
        assertSame(between, ZONE, signed)
        assertSame(secondary, ZONE, signed)
    awaitText(between, f"serial {made} from {HOST} port {top}, differences")
    awaitText(between, f"transfer of {ZONE} to {HOST}: IXFR of serial {made}")


def test_chain(stage: Stage) -> None:
    """What changes at BIND is at NSD at once, which has it from us: by NOTIFY, and by differences, all the way."""
    top, middle, bottom = stage.port(), stage.port(), stage.port()
    own = Own(ZONE, stage.zone(ZONE, FIRST), SHA256, middle)
    primary = stage.daemon("named", top, owned=[own])
    more = ("--allow-transfer", HOST, "--also-notify", f"{HOST}:{bottom}", "--state-dir", str(stage.place("state")))
    between = stage.txnames(middle, copied=[Copy(ZONE, top, SHA256)], more=more)
    awaitSerial(between, ZONE, 1)
    secondary = stage.daemon("nsd", bottom, copied=[Copy(ZONE, middle)])
    awaitSerial(secondary, ZONE, 1)
    for serial, records in ((2, SECOND), (3, THIRD)):
        change(primary, own, records)
        awaitSerial(secondary, ZONE, serial)
        assertSame(secondary, ZONE, records)
        awaitText(between, f"serial {serial} from {HOST} port {top}, differences")
        awaitText(between, f"transfer of {ZONE} to {HOST}: IXFR of serial {serial}")
    # After a restart the differences are still there for both sides.
    between.stop()
    fourth = contents(ZONE, 4, size=8000)
    change(primary, own, fourth)
    awaitSerial(primary, ZONE, 4)
    between.start()
    awaitSerial(between, ZONE, 3)
    hangUp(between)
    awaitSerial(secondary, ZONE, 4)
    assertSame(secondary, ZONE, fourth)
    awaitText(between, f"serial 4 from {HOST} port {top}, differences")
    awaitText(between, f"transfer of {ZONE} to {HOST}: IXFR of serial 4")


def test_datagrams(stage: Stage) -> None:
    """Nobody gets a zone in datagrams, but differences where they fit, and else the word that there are some."""
    own = Own(ZONE, stage.zone(ZONE, FIRST))
    server = stage.txnames(owned=[own])
    assert refusal(server.port, "+notcp", "AXFR", ZONE) == "REFUSED"
    assert refusal(server.port, "+tcp", "AXFR", ZONE) == ""
    change(server, own, SECOND)
    awaitSerial(server, ZONE, 2)
    soa, older = (_soa(records) for records in (SECOND, FIRST))
    found = _answer(dig(server.port, "+notcp", "+bufsize=1232", "IXFR=1", ZONE))
    assert found == [soa, older, *sorted(FIRST - SECOND - {older}), soa, *sorted(SECOND - FIRST - {soa}), soa]
    assert _answer(dig(server.port, "+notcp", "IXFR=2", ZONE)) == [soa]
    many = contents(ZONE, 3, size=4100)
    change(server, own, many)
    awaitSerial(server, ZONE, 3)
    assert _answer(dig(server.port, "+notcp", "IXFR=1", ZONE)) == [_soa(many)]
    assert len(_answer(dig(server.port, "+tcp", "IXFR=1", ZONE))) > 100
    # A version of which nothing is known.
    assert _answer(dig(server.port, "+notcp", "IXFR=0", ZONE)) == [_soa(many)]
    assert frozenset(_answer(dig(server.port, "+tcp", "IXFR=0", ZONE))) == many


def test_refused(stage: Stage) -> None:
    """Who isn't allowed to have a zone doesn't get it, whichever way he asks, and whatever he signs with."""
    path = stage.zone(ZONE, FIRST)
    closed = stage.txnames(more=("--bindzone", str(path)), name="closed")
    for type in ("AXFR", "IXFR=0", "IXFR=1"):
        assert refusal(closed.port, "+tcp", type, ZONE) == "REFUSED"
    wrong = Key(SHA256.name, SHA256.algorithm, SHA512.secret)
    unknown = Key("unknown.key.test", SHA256.algorithm, SHA256.secret)
    keyed = stage.txnames(owned=[Own(ZONE, path, SHA256)], more=("--allow-transfer", "127.0.0.3"), name="keyed")
    for type in ("AXFR", "IXFR=0", "IXFR=1"):
        assert refusal(keyed.port, "+tcp", type, ZONE) == "REFUSED"
        assert refusal(keyed.port, "+tcp", type, ZONE, key=SHA512) == "REFUSED"
        assert refusal(keyed.port, "+tcp", type, ZONE, key=wrong) == "BADSIG"
        assert refusal(keyed.port, "+tcp", type, ZONE, key=unknown) == "BADKEY"
    assert transferred(keyed.port, ZONE, wrong) == transferred(keyed.port, ZONE, unknown) == frozenset()
    assert transferred(keyed.port, ZONE, SHA256) == FIRST
    assert refusal(keyed.port, "-b", "127.0.0.2", "+tcp", "AXFR", ZONE) == "REFUSED"
    assert refusal(keyed.port, "-b", "127.0.0.3", "+tcp", "AXFR", ZONE) == ""
    assert len(_answer(dig(keyed.port, "-b", "127.0.0.3", "AXFR", ZONE))) == len(FIRST) + 1
    assert f"transfer of {ZONE} to 127.0.0.2: refused" in keyed.log()
    for key in KEYS:
        assert key.secret not in keyed.log()


def refusal(port: int, *arguments: str, key: Key | None = None) -> str:
    """The response code, or error of the signature, that kdig is told; nothing where it's told no such thing.

    Unlike dig it asks for a whole zone in a datagram if it's told to.
    """
    signed = () if key is None else ("-y", key.digKey)
    command = ["kdig", f"@{HOST}", "-p", str(port), "+retry=0", "+time=5", *signed, *arguments]
    done = subprocess.run(command, capture_output=True, text=True, timeout=30, check=False)
    found = re.search(r"server replied with error '(\w+)'", done.stderr)
    assert found is not None or "error" not in done.stderr.lower(), done.stderr
    return "" if found is None else found[1]


def _answer(text: str) -> list[str]:
    """The records that dig shows, in order."""
    return [normal(line) for line in text.splitlines() if line and not line.startswith(";")]


def _soa(records: frozenset[str]) -> str:
    """The SOA record of a zone."""
    return next(record for record in records if " in soa " in record)
