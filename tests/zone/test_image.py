"""Tests of L{txnames.zone.image}."""

import zlib
from hashlib import blake2b

import pytest
from hypothesis import given
from hypothesis import strategies as st

from txnames.wire.name import Name
from txnames.wire.numbers import CH
from txnames.zone.difference import Difference, difference
from txnames.zone.image import CHECK, ImageError, readDifference, readImage, writeDifference, writeImage
from txnames.zone.rrset import pack
from txnames.zone.tree import Zone

from ..strategies import mutated
from .building import wire, zoneOf

TEXT = """\
@ 3600 NS ns1
@ 3600 NS NS2.example.net.
Www 60 A 192.0.2.1
Www 60 A 192.0.2.2
Www 60 TXT "x"
one 60 A 192.0.2.3
*.below.empty 60 MX 10 www
"""
ZONE = zoneOf(TEXT)
OLD = zoneOf("www 60 A 192.0.2.1\ngone 60 TXT gone", soa="@ 3600 SOA ns1 hostmaster 1 7200 3600 1209600 300")
STEP = difference(OLD, ZONE)

names = st.lists(st.sampled_from(["a", "b", "C", "*", r"x\.y", "_tcp"]), min_size=1, max_size=4).map(".".join)
records = st.tuples(names, st.integers(0, 0x7FFFFFFF), st.integers(0, 255))


def imageOf(zone: Zone) -> bytes:
    """A zone as octets."""
    return b"".join(writeImage(zone))


def assertSame(found: Zone, zone: Zone) -> None:
    """Two zones are the same, the order of their names included."""
    assert (found.origin.wire, found.cls, found.spelling) == (zone.origin.wire, zone.cls, zone.spelling)
    assert list(found.nodes.items()) == list(zone.nodes.items())


def made(lines: list[tuple[str, int, int]], origin: str = "example.") -> Zone:
    """A zone of drawn records."""
    return zoneOf("\n".join(f"{name} {ttl} A 192.0.2.{octet}" for name, ttl, octet in lines), origin)


@pytest.mark.parametrize(
    "zone",
    [ZONE, zoneOf(""), zoneOf("www 60 A 192.0.2.1", "Example.ORG."), zoneOf("com 60 NS a.com.", ".")],
    ids=repr,
)
def test_zone(zone: Zone) -> None:
    """A zone is the same after it was written and read: nodes, their order, spelling, empty non-terminals."""
    assertSame(readImage(imageOf(zone)), zone)
    assertSame(readImage(memoryview(imageOf(zone))), zone)


def test_otherClass() -> None:
    """A zone keeps its class, and one without an SOA record is written all the same."""
    node = pack(16, CH, 0, [b"\1x"])
    zone = Zone(Name("bind"), CH, {wire("bind."): (), wire("version.bind."): node}, {})
    assertSame(readImage(imageOf(zone)), zone)


@given(st.lists(records), st.sampled_from(["example.", ".", "Sub.Example."]))
def test_anyZone(lines: list[tuple[str, int, int]], origin: str) -> None:
    """Any zone is the same after it was written and read."""
    zone = made(lines, origin)
    assertSame(readImage(imageOf(zone)), zone)


def test_large() -> None:
    """A large zone comes in pieces, none of them much larger than 64 kilobytes, and has little overhead."""
    names = [f"{number:05x}" for number in range(20000)]
    data = blake2b(b"seed").digest() * 20
    nodes = dict(zoneOf("").nodes)
    spelling = {}
    for number, name in enumerate(names):
        digest = blake2b(name.encode()).digest()
        nodes[wire(f"{name}.example.")] = pack(16, 1, 60, [b"\x20" + digest[:32]])
        if number % 2:
            spelling[wire(f"{name}.example.")] = wire(f"{name}.Example.")
    nodes[wire("big.example.")] = tuple(pack(type, 1, 60, [data]) for type in (1000, 1001))
    zone = Zone(Name("example"), 1, nodes, spelling)
    parts = list(writeImage(zone))
    assert 8 < len(parts) < 30
    assert max(map(len, parts)) < 1 << 18
    assert sum(map(len, parts)) < 20000 * 50
    assertSame(readImage(b"".join(parts)), zone)


@given(mutated(imageOf(ZONE)))
def test_damagedZone(octets: bytes) -> None:
    """Whatever is changed in an image is found."""
    if octets != imageOf(ZONE):
        with pytest.raises(ImageError):
            readImage(octets)


@pytest.mark.parametrize("whole", [imageOf(ZONE), writeDifference(STEP)], ids=["zone", "difference"])
def test_everyOctet(whole: bytes) -> None:
    """No octet of an image can change, and none can be missing at its end."""
    for position in range(len(whole)):
        damaged = bytearray(whole)
        damaged[position] ^= 0x20
        for octets in (damaged, whole[:position]):
            with pytest.raises(ImageError):
                readImage(octets)
            with pytest.raises(ImageError):
                readDifference(octets)


def test_otherKind() -> None:
    """The one kind of image is not read for the other, and text is neither."""
    for octets in (b"", b"x" * 100, writeDifference(STEP)):
        with pytest.raises(ImageError, match="does not begin with 'txnames zone 1'"):
            readImage(octets)
    with pytest.raises(ImageError, match="does not begin with 'txnames difference 1'"):
        readDifference(imageOf(ZONE))


def sealed(*blocks: bytes) -> bytes:
    """An image of a zone of these blocks, with the digest that it takes."""
    body = b"txnames zone 1\n"
    for block in blocks:
        octets = zlib.compress(block)
        body += len(octets).to_bytes(4, "big") + octets
    return body + blake2b(body, digest_size=CHECK).digest()


APEX = b"\0\0\1\7example\0"
EMPTY = b"\1" + b"\0\0\0\1" + b"\0\0\0\0" + b"\0" + b"\0\0\0\0"


def sealedDifference(block: bytes) -> bytes:
    """An image of a difference of this block, with the digest that it takes."""
    body = b"txnames difference 1\n" + zlib.compress(block)
    return body + blake2b(body, digest_size=CHECK).digest()


def test_blocks() -> None:
    """The blocks below are of the right form."""
    assert readImage(sealed(APEX, EMPTY)).nodes == {b"\7example\0": ()}


@pytest.mark.parametrize(
    "octets",
    [
        sealed(),
        sealed(EMPTY),
        sealed(APEX),
        sealed(APEX, b""),
        sealed(APEX, EMPTY + b"x"),
        sealed(APEX, EMPTY[:-1]),
        sealed(APEX, b"\1\0\0\0\1\0\0\0\2" + b"\0" + b"\0\0\0\1" + bytes(8)),
        sealed(APEX, b"\1\xff\xff\xff\xff\0\0\0\0"),
        sealed(APEX, EMPTY, b"\2\0\0\0\2\1\1xyz"),
        sealedDifference(b""),
        sealedDifference(bytes(16)),
        sealedDifference((14).to_bytes(4, "big") * 2 + bytes(8) + pack(1, 1, 0, [b"ab"]) * 2),
        sealedDifference((14).to_bytes(4, "big") * 2 + bytes(8) + pack(6, 1, 0, [b"ab"]) + pack(1, 1, 0, [b"ab"])),
    ],
)
def test_nonsense(octets: bytes) -> None:
    """What has a digest but makes no sense is refused as damage is."""
    with pytest.raises(ImageError):
        readImage(octets)
    with pytest.raises(ImageError):
        readDifference(octets)


def test_notCompressed() -> None:
    """So is what zlib does not take, and a block that ends too soon."""
    for body in (b"\0\0\0\4abcd", b"\0\0"):
        octets = b"txnames zone 1\n" + body
        with pytest.raises(ImageError, match="make no sense"):
            readImage(octets + blake2b(octets, digest_size=CHECK).digest())


def test_difference() -> None:
    """A difference is the same after it was written and read, an empty one too."""
    for found in (STEP, difference(OLD, OLD), Difference(OLD.soa, ZONE.soa)):
        assert readDifference(writeDifference(found)) == found
        assert readDifference(memoryview(writeDifference(found))) == found


@given(st.lists(records), st.lists(records))
def test_anyDifference(old: list[tuple[str, int, int]], new: list[tuple[str, int, int]]) -> None:
    """Any difference is the same after it was written and read."""
    found = difference(made(old), made(new))
    assert readDifference(writeDifference(found)) == found


@given(mutated(writeDifference(STEP)))
def test_damagedDifference(octets: bytes) -> None:
    """Whatever is changed in it is found."""
    if octets != writeDifference(STEP):
        with pytest.raises(ImageError):
            readDifference(octets)
