"""Zones are dicts from names to packed RRsets."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from txnames.wire.name import Name, suffixes
from txnames.zone.builder import ZoneBuilder
from txnames.zone.rrset import pack, typeOf
from txnames.zone.tree import Node, completed, inZone, rrsetAt, rrsetsAt

from .building import wire, zoneOf

labels = st.lists(st.sampled_from([b"a", b"b", b"*", b"\1a", b"x" * 63]), max_size=3)
names = labels.map(lambda parts: b"".join(bytes([len(part)]) + part for part in parts) + b"\0")


def test_nodes() -> None:
    """A node is one packed RRset, or a tuple of them by type."""
    zone = zoneOf("@ 60 NS ns1\nns1 60 A 192.0.2.1\nB.a 60 TXT x\nb.A 60 A 192.0.2.2\n")
    assert zone.nodes[wire("ns1.example.")] == pack(1, 1, 60, [b"\xc0\0\2\1"])
    assert zone.nodes[wire("a.example.")] == ()
    node = zone.nodes[wire("b.a.example.")]
    assert [typeOf(packed) for packed in rrsetsAt(node)] == [1, 16]
    assert rrsetAt(node, 16) == pack(16, 1, 60, [b"\1x"])
    assert rrsetAt(node, 2) is None
    assert rrsetAt(zone.nodes[wire("ns1.example.")], 1) is not None
    assert rrsetAt(zone.nodes[wire("ns1.example.")], 257) is None
    assert rrsetsAt(()) == ()
    assert zone.ownerOf(wire("b.a.example.")) == wire("B.a.example.")
    assert zone.ownerOf(wire("ns1.example.")) == wire("ns1.example.")
    assert repr(zone) == "<Zone example. with 4 names>"


def test_soa() -> None:
    """What the SOA record says is at hand."""
    zone = zoneOf("@ 60 NS ns1")
    assert (zone.serial, zone.minimum) == (2024010101, 300)
    assert zone.origin == Name("example")
    assert zone.negative == zone.soa[:6] + (300).to_bytes(4, "big") + zone.soa[10:]
    assert zone.negative is zone.negative


def test_soaWithShortTtl() -> None:
    """The TTL of the SOA record bounds that of negative answers too."""
    zone = zoneOf("", soa="@ 5 SOA a b 1 2 3 4 300")
    assert zone.negative == zone.soa


def test_noSoa() -> None:
    """A zone without SOA says so when the SOA is asked for."""
    zone = ZoneBuilder(wire("example.")).build()
    with pytest.raises(LookupError, match="example has no SOA"):
        _ = zone.soa


def test_rrsets() -> None:
    """All RRsets come out, SOA first, in the order of the zone."""
    zone = zoneOf("Z 60 A 192.0.2.1\n@ 60 A 192.0.2.1\n@ 60 NS ns1\na.b 60 TXT x\na.b 60 A 192.0.2.1")
    found = [(owner, typeOf(packed)) for owner, packed in zone.rrsets()]
    apex, below = wire("example."), wire("a.b.example.")
    assert found == [(apex, 6), (apex, 1), (apex, 2), (wire("Z.example."), 1), (below, 1), (below, 16)]


@given(names, names)
def test_inZone(name: bytes, apex: bytes) -> None:
    """A name is in a zone whose apex is among its suffixes, counted in labels."""
    assert inZone(name, apex) == (apex in suffixes(name))


@given(st.sets(names, max_size=5), names)
def test_completed(owners: set[bytes], apex: bytes) -> None:
    """Exactly the names between the owners and the apex are added."""
    nodes: dict[bytes, Node] = {owner: b"data" for owner in owners if inZone(owner, apex)}
    before = dict(nodes)
    wanted = {apex} | {above for owner in nodes for above in suffixes(owner) if inZone(above, apex)}
    completed(nodes, apex)
    assert set(nodes) == wanted
    assert all(node == before.get(owner, ()) for owner, node in nodes.items())


def test_completedSome() -> None:
    """Only the names above the given owners are looked for."""
    nodes: dict[bytes, Node] = {wire("a.b."): b"data", wire("c.d."): b"data"}
    completed(nodes, wire("."), [wire("a.b.")])
    assert set(nodes) == {wire("a.b."), wire("b."), wire("c.d."), wire(".")}
