"""Zones are made of records, as programs have them."""

from typing import Any, BinaryIO

from txnames.records import Record_A, Record_MX, Record_NS, Record_SOA
from txnames.wire.name import Name
from txnames.zone.gather import defaultTtl, gather, rdataOf
from txnames.zone.lookup import lookup
from txnames.zone.problem import Place, Problems

ORIGIN = Name("example")
ROOT = Record_SOA("ns.example", "hm.example", 1, 2, 3, 700, 600)


class Foreign:
    """A record of some other program, which can only be encoded."""

    TYPE = 65280
    ttl = 5

    def encode(self, strio: BinaryIO, compDict: Any = None) -> None:
        """Write three octets."""
        strio.write(b"abc")


def test_defaultTtl() -> None:
    """A record without a TTL has the greater of the SOA's expire and minimum."""
    assert defaultTtl(ROOT) == 700
    assert defaultTtl(Record_SOA(expire=1, minimum=2)) == 2


def test_gather() -> None:
    """The zone has the records; the answers from it have these very objects."""
    address, mail, foreign = Record_A("192.0.2.1"), Record_MX(1, "*.example", ttl=9), Foreign()
    owned: list[tuple[bytes | str | Name, Any, None]] = [
        (b"*.Example", address, None),
        ("a.example", mail, None),
        (Name("a.example"), foreign, None),
    ]
    problems = Problems()
    gathered = gather(ORIGIN, ROOT, owned, problems)
    assert not problems.errors
    assert not problems.warnings
    assert gathered.zone.serial == 1
    for name, type, original, ttl in (
        ("b.example", 1, address, 700),
        ("a.example", 15, mail, 9),
        ("a.example", 65280, foreign, 5),
    ):
        found = lookup(gathered.zone, Name(name).wire, type)
        assert found is not None
        ((header,), *_) = gathered.restored(found.headers())
        assert header.payload is original
        assert header.ttl == ttl


def test_soa() -> None:
    """The SOA record need not be among the records, and may have a TTL."""
    for owned, soa in (
        ([], Record_SOA("ns", "hm", 1, ttl=44)),
        ([("example", ROOT, None)], ROOT),
        ([("a.example", ROOT, None)], ROOT),
    ):
        gathered = gather(ORIGIN, soa, owned, Problems())
        found = lookup(gathered.zone, ORIGIN.wire, 6)
        assert found is not None
        ((header,), *_) = gathered.restored(found.headers())
        assert header.payload is soa
        assert header.ttl == (700 if soa.ttl is None else 44)


def test_problems() -> None:
    """What is wrong with a record is a problem at its place."""
    problems = Problems()
    places = [Place("f", line) for line in range(1, 5)]
    owned = [("a..b", ROOT, places[0]), ("a.example", object(), places[1]), ("x.net", Record_NS("a"), places[2])]
    owned += [("a.example", Record_A("192.0.2.1", ttl="1H"), places[3])]
    gathered = gather(ORIGIN, ROOT, owned, problems)
    assert [str(problem)[:25] for problem in problems.errors] == [
        "f:1: error: 'a..b', <SOA ",
        "f:2: error: 'a.example', ",
    ]
    assert [problem.line for problem in problems.warnings] == [3]
    assert set(gathered.zone.nodes) == {b"\7example\0", b"\1a\7example\0"}


def test_rdataOf() -> None:
    """Data comes from our records, and from whatever has C{encode}."""
    assert rdataOf(Record_A("192.0.2.1")) == b"\xc0\0\2\1"
    assert rdataOf(Foreign()) == b"abc"
