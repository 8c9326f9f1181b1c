"""Changes make a new zone, and leave the old one as it was."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from txnames.zone.builder import ZoneBuilder
from txnames.zone.edit import Add, Change, Remove, edited
from txnames.zone.rrset import pack, recordsOf, ttlOf, typeOf
from txnames.zone.tree import Zone, rrsetAt, rrsetsAt

from .building import rdata, wire, zoneOf

TEXT = "@ 60 NS ns1\nns1 60 A 192.0.2.1\nA.b.c 60 TXT x\nA.b.c 60 TXT y\nd.c 60 A 192.0.2.2"
APEX = wire("example.")


def content(zone: Zone) -> dict[bytes, list[tuple[int, int, bytes]]]:
    """All that a zone holds."""
    return {
        name: [(typeOf(packed), ttl, data) for packed in rrsetsAt(node) for ttl, data in recordsOf(packed)]
        for name, node in zone.nodes.items()
    }


def test_add() -> None:
    """Records are added to an RRset, a name or a new name; nodes that stay are shared."""
    zone = zoneOf(TEXT)
    before = content(zone)
    after = edited(
        zone,
        [
            Add(wire("ns1.example."), 1, 60, b"abcd"),
            Add(wire("ns1.example."), 28, 60, b"abcd" * 4),
            Add(wire("X.y.example."), 1, 60, b"abcd"),
        ],
    )
    assert content(zone) == before
    node = after.nodes[wire("ns1.example.")]
    assert rrsetAt(node, 1) == pack(1, 1, 60, [b"\xc0\0\2\1", b"abcd"])
    assert rrsetAt(node, 28) is not None
    assert after.nodes[wire("y.example.")] == ()
    assert after.ownerOf(wire("x.y.example.")) == wire("X.y.example.")
    assert after.nodes[APEX] is zone.nodes[APEX]
    assert set(after.nodes) - set(zone.nodes) == {wire("x.y.example."), wire("y.example.")}


def test_ttl() -> None:
    """The TTL of an added record becomes that of its RRset, whether the record is new or not."""
    zone = zoneOf(TEXT)
    for data in (b"\1z", b"\1x"):
        after = edited(zone, [Add(wire("a.b.c.example."), 16, 5, data)])
        packed = rrsetAt(after.nodes[wire("a.b.c.example.")], 16)
        assert packed is not None
        assert {ttl for ttl, _ in recordsOf(packed)} == {5}
    assert after.ownerOf(wire("a.b.c.example.")) == wire("A.b.c.example.")


def test_signatures() -> None:
    """Signatures keep their own TTLs."""
    zone = zoneOf("@ 60 RRSIG A 8 1 60 20300101000000 20200101000000 1 example. QUJD")
    other = rdata("RRSIG", "NS 8 1 60 20300101000000 20200101000000 1 example. QUJD")
    packed = rrsetAt(edited(zone, [Add(APEX, 46, 99, other)]).nodes[APEX], 46)
    assert packed is not None
    assert [ttl for ttl, _ in recordsOf(packed)] == [60, 99]


def test_soa() -> None:
    """An SOA record takes the place of the old one."""
    zone = zoneOf(TEXT)
    assert zone.negative
    after = edited(zone, [Add(APEX, 6, 7, rdata("SOA", "m r 5 1 1 1 9"))])
    assert (after.serial, ttlOf(after.soa), ttlOf(after.negative)) == (5, 7, 7)
    assert zone.serial == 2024010101


def test_remove() -> None:
    """A record, an RRset or all of a name goes, and with it the names that only led to it."""
    zone = zoneOf(TEXT)
    host = wire("a.b.c.example.")
    one = edited(zone, [Remove(wire("A.B.c.example."), 16, b"\1x")])
    assert one.nodes[host] == pack(16, 1, 60, [b"\1y"])
    assert one.ownerOf(host) == wire("A.b.c.example.")
    for changes in (
        [Remove(host)],
        [Remove(host, 16)],
        [Remove(host, 16, b"\1x"), Remove(host, 16, b"\1y")],
    ):
        after = edited(zone, changes)
        assert set(zone.nodes) - set(after.nodes) == {host, wire("b.c.example.")}
        assert after.nodes[wire("c.example.")] == ()
        assert host not in after.spelling
    both = edited(zone, [Remove(host), Remove(wire("d.c.example."))])
    assert set(both.nodes) == {APEX, wire("ns1.example.")}
    assert edited(both, [Remove(APEX)]).nodes[APEX] == ()


def test_removeAbsent() -> None:
    """What is not there need not be removed."""
    zone = zoneOf(TEXT)
    after = edited(
        zone,
        [
            Remove(wire("none.example.")),
            Remove(wire("none.example."), 1, b"abcd"),
            Remove(wire("ns1.example."), 16),
            Remove(wire("ns1.example."), 1, b"abcd"),
            Remove(wire("c.example.")),
        ],
    )
    assert content(after) == content(zone)


def test_keepNonTerminal() -> None:
    """A name that loses its data stays while something is below it."""
    zone = zoneOf("c 60 A 192.0.2.1\nb.c 60 A 192.0.2.1\nx.a.b.c 60 A 192.0.2.1")
    after = edited(zone, [Remove(wire("c.example.")), Remove(wire("b.c.example."))])
    assert after.nodes[wire("c.example.")] == after.nodes[wire("b.c.example.")] == ()
    gone = edited(after, [Remove(wire("x.a.b.c.example."))])
    assert set(gone.nodes) == {APEX}


def test_outside() -> None:
    """No change is made outside of the zone, and then none at all."""
    with pytest.raises(ValueError, match=r"a\.other\. is not in the zone example\."):
        edited(zoneOf(TEXT), [Add(wire("a.example."), 1, 1, b"abcd"), Add(wire("a.other."), 1, 1, b"abcd")])


owners = st.sampled_from(["@", "a", "B", "b", "a.b", "c.a.b", "*.b"])
adds = st.builds(
    lambda owner, kind, data: Add(wire("example." if owner == "@" else f"{owner}.example."), kind, 60, data),
    owners,
    st.sampled_from([1, 16, 257]),
    st.sampled_from([b"\1x", b"\1y"]),
)
removes = st.builds(
    lambda owner, kind, data: Remove(wire("example." if owner == "@" else f"{owner}.example."), kind, data),
    owners,
    st.sampled_from([1, 16, None]),
    st.sampled_from([b"\1x", b"\1y", None]),
)


@given(st.lists(adds | removes, max_size=12), st.lists(adds | removes, max_size=12))
def test_likeRebuilt(first: list[Change], second: list[Change]) -> None:
    """A changed zone is what a new one with the same records would be."""
    model: dict[tuple[bytes, int, bytes], None] = {}
    for change in [*first, *second]:
        owner = change.owner.lower()
        if isinstance(change, Add):
            model[owner, change.type, change.rdata] = None
        else:
            for key in list(model):
                wanted = change.type is None or (change.type == key[1] and change.rdata in (None, key[2]))
                if key[0] == owner and wanted:
                    del model[key]
    builder = ZoneBuilder(APEX, cls=1)
    for owner, type, data in model:
        builder.add(owner, type, 1, 60, data)
    after = edited(edited(ZoneBuilder(APEX, cls=1).build(), first), second)
    assert {name: sorted(rows) for name, rows in content(after).items()} == {
        name: sorted(rows) for name, rows in content(builder.build()).items()
    }
    assert set(after.spelling) <= set(after.nodes)
