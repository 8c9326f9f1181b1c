"""Zones are read from master files."""

import gc
from collections.abc import Iterable

import pytest

from txnames.error import ZoneFileError
from txnames.wire.name import Name
from txnames.zone.master import originOf, readZone
from txnames.zone.problem import MAX_WARNINGS
from txnames.zone.source import Source

from .reading import HEAD, Files, errors, load, shown, warnings


def test_zone() -> None:
    """A zone has its origin, its class and its records; names are as they were written."""
    zone, found = readZone(b"$TTL 60\n@ SOA ns hm 1 2 3 4 5\n@ NS Ns\nNs A 192.0.2.1\n", "Example")
    assert not found
    assert zone.origin.wire == b"\7Example\0"
    assert zone.cls == 1
    assert zone.ownerOf(b"\2ns\7example\0") == b"\2Ns\7Example\0"
    other, _ = readZone(b"$TTL 60\n@ CH SOA ns hm 1 2 3 4 5\n@ NS ns.x.\n", Name("example"), cls=3)
    assert other.cls == 3


@pytest.mark.parametrize(
    "text",
    [
        "example. 60 SOA ns hm 1 2 3 4 5",
        "$ORIGIN example.\n@ 60 SOA ns hm 1 2 3 4 5",
        "$ORIGIN net.\n$ORIGIN example.\n@ 60 SOA ns hm 1 2 3 4 5",
        "$ORIGIN .\nexample 60 SOA ns hm 1 2 3 4 5",
        "www A 192.0.2.1\nexample. 60 SOA ns hm 1 2 3 4 5",
        "$INCLUDE soa\n",
        "www A 192.0.2\nexample. 60 SOA ns hm 1 2 3 4 5",
    ],
)
def test_originOf(text: str) -> None:
    """The origin is the owner of the SOA record, wherever that stands."""
    files = Files({"soa": "example. 60 SOA ns hm 1 2 3 4 5\n"})
    assert originOf(Source.fromBytes(text.encode()), files) == Name("example")


def test_originIsFound() -> None:
    """Names before the first $ORIGIN are relative to the origin that was found."""
    zone, _ = readZone(b"$TTL 60\nwww A 192.0.2.2\nexample. SOA ns hm 1 2 3 4 5\n@ NS ns\nns A 192.0.2.1\n")
    assert "www.example. 60 A 192.0.2.2" in shown(zone)


UNKNOWN_ORIGIN = "the SOA record's owner is relative to an origin that nothing tells: give it, or begin with $ORIGIN"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", ["main: error: the zone has no SOA record, which would tell its origin"]),
        (
            "\n@ 60 SOA ns hm 1 2 3 4 5",
            [
                f"main:2: error: {UNKNOWN_ORIGIN}: '@ 60 SOA ns hm 1 2 3 4 5'",
            ],
        ),
        ("example. SOA ns hm 1 2 3 4", ["main:1:27: error: SOA.minimum is missing: 'example. SOA ns hm 1 2 3 4'"]),
    ],
)
def test_noOrigin(text: str, expected: list[str]) -> None:
    """A zone that doesn't tell its origin is refused."""
    assert errors(text, head="", origin=None) == expected


def test_places() -> None:
    """What is wrong with the zone as a whole has a place too, that of the first such record."""
    text = "\na.example. CNAME b\nb TXT (\nx )\n$INCLUDE f\nA A 192.0.2.1\n$ORIGIN x.example.\n@ CNAME y\n"
    text += "w MX 1 @\n MX 2 @"
    files = {"f": "c CNAME x\nC TXT y\n CNAME z\n"}
    assert errors(text, files) == [
        "f:1: error: several CNAME records at c.example.: 'c CNAME x'",
        "f:1: error: a CNAME record at c.example. beside other data (TXT): 'c CNAME x'",
        "main:6: error: a CNAME record at a.example. beside other data (A): 'a.example. CNAME b'",
    ]
    assert warnings(text.replace("A A 192.0.2.1", ""), {"f": " MX 1 x"}) == [
        "f:1: warning: the MX record of b.example. names x.example., which is an alias: 'MX 1 x'",
        "main:13: warning: the MX record of w.x.example. names x.example., which is an alias: 'w MX 1 @'",
        "main:13: warning: the MX record of w.x.example. names x.example., which is an alias: 'w MX 1 @'",
    ]


def test_placesPassOverPlainLines() -> None:
    """Lines of other owners are passed over, with and without the owner."""
    text = "w TXT x\n TXT y\nA MX 1 b\nb CNAME c\n\n TXT z"
    assert errors(text) == ["main:8: error: a CNAME record at b.example. beside other data (TXT): 'b CNAME c'"]
    assert warnings("w TXT x\n TXT y\n\n TXT z\nA TXT x\n MX 1 b\nb CNAME c") == [
        "main:10: warning: the MX record of a.example. names b.example., which is an alias: 'MX 1 b'"
    ]


def test_placesOfAll() -> None:
    """Errors of the text and of the zone come together, in the order of the file."""
    found = errors("a CNAME b\nb A 192.0.2\na TXT x")
    assert [line.split(": ")[0] for line in found] == ["main:5", "main:6:5"]


def test_missingSOA() -> None:
    """What is nowhere has no place but the file; but where its line has an error, that is enough."""
    head = "$TTL 60\n@ NS ns\nns A 192.0.2.1\n"
    assert errors("", head=head) == ["main: error: the zone example. has no SOA record"]
    assert errors("@ SOA ns hm 1 2 3 4 x", head=head) == [
        "main:4:21: error: SOA.minimum: 'x' is not a span of time: 'x'",
    ]


def test_strict() -> None:
    """When strict, a warning is an error."""
    assert warnings("a MX 1 b\nb CNAME c") == [
        "main:5: warning: the MX record of a.example. names b.example., which is an alias: 'a MX 1 b'"
    ]
    assert errors("a MX 1 b\nb CNAME c", strict=True) == [
        "main:5: error: the MX record of a.example. names b.example., which is an alias: 'a MX 1 b'"
    ]


def test_manyWarnings() -> None:
    """Of very many warnings the first are kept, and their places are found in one further reading."""
    text = "".join(f"m{number} MX 1 b\n" for number in range(MAX_WARNINGS + 50))
    assert len(warnings("b CNAME c\n" + text)) == MAX_WARNINGS


def test_unreadable() -> None:
    """A file that fails while it is read is an error of that file."""

    def chunks() -> Iterable[bytes]:
        yield HEAD.encode()
        raise OSError(5, "Input/output error")

    with pytest.raises(ZoneFileError, match=r"^main: error: the file cannot be read: Input/output error$"):
        readZone(Source("main", "main", chunks), "example")


def test_sourcesAreClosed() -> None:
    """A reading that ends early lets go of its file."""
    closed = []

    def chunks() -> Iterable[bytes]:
        try:
            yield b"$TTL 60\n" + b"x A\n" * 30
            yield b""
        finally:
            closed.append(True)

    with pytest.raises(ZoneFileError):
        readZone(Source("main", "main", chunks), "example")
    assert closed == [True]


@pytest.mark.parametrize("enabled", [True, False])
def test_collector(enabled: bool) -> None:
    """The garbage collector is afterwards as it was, even after errors."""
    before = gc.isenabled()
    try:
        (gc.enable if enabled else gc.disable)()
        load("a TXT x")
        assert gc.isenabled() is enabled
        errors("a FOO")
        assert gc.isenabled() is enabled
    finally:
        (gc.enable if before else gc.disable)()
