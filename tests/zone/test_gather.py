"""Zones are made of records, as programs have them."""

from struct import pack
from typing import Any, BinaryIO

import pytest

from txnames.records import (
    Record_A,
    Record_APL,
    Record_DS,
    Record_MX,
    Record_NS,
    Record_SOA,
    Record_TSIG,
    Record_TXT,
    Record_WKS,
)
from txnames.wire.name import Name
from txnames.wire.record import UnknownRecord
from txnames.zone.gather import defaultTtl, gather, rdataOf, soundRecord
from txnames.zone.lookup import lookup
from txnames.zone.problem import Place, Problems
from txnames.zone.tree import rrsetAt

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


class Unshown(Foreign):
    """A record that cannot be shown, nor encoded."""

    def encode(self, strio: BinaryIO, compDict: Any = None) -> None:
        """Fail as the struct module does."""
        pack("!B", 256)

    def __repr__(self) -> str:
        raise OSError


def ofType(type: object) -> Foreign:
    """A record of some type."""
    made = Foreign()
    made.TYPE = type  # type: ignore[assignment]  # reason: a test gives what is no type
    return made


@pytest.mark.parametrize(
    ("record", "reason"),
    [
        (Record_TXT(), r"<TXT data=\[\] ttl=None>: TXT.data: 0 octets left, 1 needed"),
        (Record_DS(), "<DS .*: DS.digest: 0 octets left, 1 needed"),
        (Record_APL((1, 24, False, b"\xc0\0")), "an address that ends in an octet of zero"),
        (Record_WKS(map=bytes(9000)), "bits beyond port 65535"),
        (Record_TSIG(), "TSIG is no type of data"),
        (ofType(255), "ANY is no type of data"),
        (ofType(0), "TYPE0 is no type of data"),
        (UnknownRecord(b"abc"), "a record without a type"),
        (ofType(65536), "a record without a type"),
        (ofType("A"), "a record without a type"),
        (ofType(1), "A.address: 3 octets left, 4 needed"),
        (object(), "no attribute 'TYPE'"),
        (Record_A("192.0.2.1", ttl=-1), "a TTL of -1 s, 2147483647 s are allowed"),
        (Record_A("192.0.2.1", ttl=2**31), "a TTL of 2147483648 s"),
        (Record_A("192.0.2.1", ttl=2**32), "a TTL of 4294967296 s"),
        (Record_TXT(*[bytes(255)] * 256), "65536 octets of data, 65535 are allowed"),
        (Unshown(), "Unshown: .*format requires"),
    ],
)
def test_unsound(record: Any, reason: str) -> None:
    """A record that nobody could read is refused, with its owner and what it is."""
    with pytest.raises(ValueError, match=rf"^'a\.example', .*{reason}"):
        soundRecord("a.example", record, 60)
    problems = Problems()
    gathered = gather(ORIGIN, ROOT, [("a.example", record, None)], problems)
    assert len(problems.errors) == 1
    assert set(gathered.zone.nodes) == {b"\7example\0"}


def test_sound() -> None:
    """A record has its own TTL, or that of the zone, which has a bound, too."""
    assert soundRecord("a.example", Foreign(), 60) == (Name("a.example"), 65280, 5, b"abc")
    assert soundRecord("a.example", Record_A("192.0.2.1"), 60)[2] == 60
    assert soundRecord("a.example", Record_A("192.0.2.1", ttl=2**31 - 1), 60)[2] == 2**31 - 1
    assert defaultTtl(Record_SOA(expire=2**32 - 1)) == 2**31 - 1


def test_unsoundSOA() -> None:
    """A zone whose SOA record cannot be read has none, be it among the records or not."""
    bad = Record_SOA("ns.example", "hm.example", 1, ttl=-1)
    for owned in ([], [("example", bad, None)]):
        problems = Problems()
        gathered = gather(ORIGIN, bad, owned, problems)
        assert "a TTL of -1 s" in str(problems.errors[0])
        assert rrsetAt(gathered.zone.nodes[ORIGIN.folded], 6) is None


def test_rdataOf() -> None:
    """Data comes from our records, and from whatever has C{encode}."""
    assert rdataOf(Record_A("192.0.2.1")) == b"\xc0\0\2\1"
    assert rdataOf(Foreign()) == b"abc"
