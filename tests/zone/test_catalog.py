"""Tests of L{txnames.zone.catalog}."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from txnames.authority import MemoryAuthority
from txnames.wire.name import Name, textFromWire
from txnames.wire.record import rdataToText
from txnames.zone.builder import ZoneBuilder
from txnames.zone.catalog import Catalog, CatalogError, Member, catalogRecords, catalogZone, readCatalog
from txnames.zone.check import check
from txnames.zone.rrset import rdatasOf, recordsOf, typeOf
from txnames.zone.tree import rrsetAt

from .building import wire, zoneOf

VERSION = '@ 0 NS invalid.\nversion 0 TXT "2"\n'
# A label that changed would tell consumers to begin anew with its zone.
LABEL = "902e9c464fa43fcab109d1a6b95ddf83338a8cbc"


def read(text: str) -> Catalog:
    """What a catalog zone with these records says."""
    return readCatalog(zoneOf(VERSION + text, "catalog.test."))


def members(*given: Member) -> dict[bytes, Member]:
    """Members as a catalog has them."""
    return {member.zone.folded: member for member in given}


def test_read() -> None:
    """Members, their groups and where they may move to are read; all else is ignored."""
    catalog = read(
        """\
Nj2xg.zones 0 PTR Example.com.
b.zones 0 PTR example.net.
GROUP.b.zones 0 TXT sign-with-nsec3
group.b.zones 0 TXT nodnssec
group.b.zones 0 TXT "two" "strings"
group.b.zones 0 PTR nothing.
coo.b.zones 0 PTR Other.catalog.test.
coo.b.zones 0 TXT nothing
c.zones 0 TXT nothing
coo.c.zones 0 PTR nothing.
coo.c.zones 0 PTR nothing.else.
x.d.zones 0 PTR nothing.
x.d.zones 0 PTR nothing.else.
x.b.zones 0 PTR nothing.
zones 0 PTR nothing.
zones 0 PTR nothing.else.
e.zones.zones 0 PTR nothing.
@ 0 PTR nothing.
a.ext 0 TXT "3"
root.zones 0 PTR .
"""
    )
    assert catalog.origin == Name("catalog.test")
    assert catalog.members == members(
        Member("example.com", b"nj2xg"),
        Member("example.net", b"b", (b"nodnssec", b"sign-with-nsec3"), Name("other.catalog.test")),
        Member("", b"root"),
    )
    assert catalog.members[wire("example.com.")].zone.name == b"Example.com"


def test_empty() -> None:
    """A catalog need not have members."""
    assert read("") == Catalog(Name("catalog.test"))


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("version 0 TXT 1", "2 versions"),
        ("a.zones 0 PTR a.\na.zones 0 PTR b.", r"2 PTR records of a\.zones\.catalog\.test\."),
        ("a.zones 0 PTR a.\nb.zones 0 PTR A.", r"two nodes of the member [aA]\."),
        ("a.zones 0 PTR a.\ncoo.a.zones 0 PTR a.\ncoo.a.zones 0 PTR b.", r"2 PTR records of coo\.a\.zones.*"),
    ],
)
def test_broken(text: str, reason: str) -> None:
    """A catalog with something wrong in it is none at all (RFC 9432 section 5.1)."""
    with pytest.raises(CatalogError, match=f"^{reason}$"):
        read(text)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("a.zones 0 PTR a.", "no version: this is no catalog"),
        ("version 0 A 192.0.2.1", "no version: this is no catalog"),
        ('version 0 TXT "1"', "the version is not 2"),
        ('version 0 TXT "2" "2"', "the version is not 2"),
        ('version 0 TXT ""', "the version is not 2"),
        ('version 0 TXT "02"', "the version is not 2"),
    ],
)
def test_version(text: str, reason: str) -> None:
    """A zone without the one version that is known is no catalog (RFC 9432 section 4.2.1)."""
    with pytest.raises(CatalogError, match=f"^{reason}$"):
        readCatalog(zoneOf(text, "catalog.test."))


def test_class() -> None:
    """A catalog is of class IN (RFC 9432 section 4.1)."""
    builder = ZoneBuilder(wire("catalog.test."), cls=3)
    builder.add(wire("version.catalog.test."), 16, 3, 0, b"\1" + b"2")
    with pytest.raises(CatalogError, match=r"^a catalog of class CH$"):
        readCatalog(builder.build())


def test_make() -> None:
    """A catalog has the records that the RFC asks for, and labels that stay the same."""
    zone = catalogZone("catalog.test", 7, ["Example.com", Member(b"example.net", b"B", [b"g", b"f", b"g"], "other")])
    text = {
        f"{textFromWire(owner)} {typeOf(packed)} {ttl} {rdataToText(typeOf(packed), data)}"
        for owner, packed in zone.rrsets()
        for ttl, data in recordsOf(packed)
    }
    assert text == {
        "catalog.test. 6 0 invalid. invalid. 7 3600 600 2147483646 0",
        "catalog.test. 2 0 invalid.",
        'version.catalog.test. 16 0 "2"',
        f"{LABEL}.zones.catalog.test. 12 0 Example.com.",
        "b.zones.catalog.test. 12 0 example.net.",
        'group.b.zones.catalog.test. 16 0 "g"',
        'group.b.zones.catalog.test. 16 0 "f"',
        "coo.b.zones.catalog.test. 12 0 other.",
    }
    assert Member("EXAMPLE.com.").label == LABEL.encode()
    assert Member("example.org").label != LABEL.encode()
    assert check(zone) == []


def test_authority() -> None:
    """A program serves a catalog, with a name server of its own, and changes it."""
    authority = MemoryAuthority(
        "catalog.test",
        catalogRecords(
            "catalog.test",
            1,
            ["a"],
            ns="ns.example",
        ),
    )
    assert authority.zone is not None
    packed = rrsetAt(authority.zone.nodes[wire("catalog.test.")], 2)
    assert packed is not None
    assert rdatasOf(packed) == [wire("ns.example.")]
    assert set(readCatalog(authority.zone).members) == {wire("a.")}
    authority.replace(catalogRecords("catalog.test", 2, ["b"]))
    assert set(readCatalog(authority.zone).members) == {wire("b.")}


@pytest.mark.parametrize(
    ("given", "reason"),
    [
        (["a", b"A."], r"the member A\. stands there twice"),
        ([Member("a", b"x"), Member("b", b"X")], r"the label of b\. is that of another member"),
        ([Member("a", b"x" * 63, coo="b")], "a name of 256 octets, 255 are allowed: coo.*"),
    ],
)
def test_impossible(given: list[Member | bytes | str], reason: str) -> None:
    """No catalog is made that nobody would process."""
    origin = ".".join(["o" * 61] * 2 + ["o" * 56])
    with pytest.raises(ValueError, match=f"^{reason}$"):
        catalogZone(origin, 1, given)


def test_member() -> None:
    """A member has a label, and groups that fit into strings."""
    for size in (0, 64):
        with pytest.raises(ValueError, match=f"^a label of {size} octets$"):
            Member("a", b"x" * size)
    with pytest.raises(ValueError, match=r"^a group of 256 octets$"):
        Member("a", groups=[b"x" * 256])
    assert Member("a", groups=[b"x" * 255]).coo is None


labels = st.binary(min_size=1, max_size=8)
names = st.lists(labels, max_size=3).map(
    lambda parts: Name.fromWire(b"".join([bytes((len(part),)) + part for part in parts]) + b"\0")
)
anyMembers = st.lists(
    st.builds(Member, names, labels, st.lists(st.binary(max_size=20), max_size=3), st.none() | names),
    max_size=5,
    unique_by=(lambda member: member.zone.folded, lambda member: member.label),
)


@given(anyMembers)
def test_roundTrip(given: list[Member]) -> None:
    """What is made says what it was made of, whatever octets names and groups have."""
    assert readCatalog(catalogZone("Catalog.test", 1, given)) == Catalog(Name("catalog.test"), members(*given))
