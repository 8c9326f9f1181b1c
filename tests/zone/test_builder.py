"""The builder gathers records in any order, and notes what is wrong with them."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from txnames.zone.builder import ZoneBuilder
from txnames.zone.problem import Place, Severity
from txnames.zone.rrset import countOf, pack, rdatasOf, recordsOf, ttlOf, typeOf
from txnames.zone.tree import rrsetAt, rrsetsAt

from .building import fill, rdata, wire

EXAMPLE = wire("example.")


def reasons(builder: ZoneBuilder) -> list[str]:
    """What the builder found wrong, errors first."""
    return [problem.reason for problem in builder.problems.errors + builder.problems.warnings]


def signature(covered: str, number: int, ttl: int) -> str:
    """A line with an RRSIG record."""
    return f"@ {ttl} RRSIG {covered} 8 1 {ttl} 20300101000000 20200101000000 {number} example. QUJD"


def test_anyOrder() -> None:
    """Records of an RRset need not stand together."""
    builder = ZoneBuilder(EXAMPLE)
    fill(builder, "b 60 A 192.0.2.1\na 60 TXT x\nb 60 TXT y\nb 60 A 192.0.2.2\na 60 A 192.0.2.3\nb 60 TXT z")
    zone = builder.build()
    first, second = rrsetsAt(zone.nodes[wire("b.example.")])
    assert rdatasOf(first) == [b"\xc0\0\2\1", b"\xc0\0\2\2"]
    assert rdatasOf(second) == [b"\1y", b"\1z"]
    assert [typeOf(packed) for packed in rrsetsAt(zone.nodes[wire("a.example.")])] == [1, 16]
    assert reasons(builder) == []


def test_outside() -> None:
    """A record outside of the zone is left out, with a word."""
    builder = ZoneBuilder(EXAMPLE)
    builder.add(wire("a.notexample."), 1, 1, 60, b"abcd", Place("z", 5))
    builder.add(wire("com."), 1, 1, 60, b"abcd")
    assert set(builder.build().nodes) == {EXAMPLE}
    assert [str(problem) for problem in builder.problems.warnings] == [
        "z:5: warning: a.notexample. lies outside of the zone example.: its record is left out",
        "warning: com. lies outside of the zone example.: its record is left out",
    ]


@pytest.mark.parametrize("count", [2, 60])
def test_duplicate(count: int) -> None:
    """A record that is there already is dropped, with a word; names are compared without their case."""
    builder = ZoneBuilder(EXAMPLE)
    for number in range(count):
        builder.add(EXAMPLE, 2, 1, 60, wire(f"ns{number}.example."))
    builder.add(EXAMPLE, 2, 1, 60, wire("NS1.example."), Place("z", 7))
    (problem,) = builder.problems.warnings
    assert str(problem) == "z:7: warning: a second time the same NS record of example."
    assert countOf(rrsetsAt(builder.build().nodes[EXAMPLE])[0]) == count


@pytest.mark.parametrize("count", [2, 60])
def test_ttls(count: int) -> None:
    """The TTL of the first record holds for the RRset; that there was another is said once."""
    builder = ZoneBuilder(EXAMPLE)
    for number in range(count):
        builder.add(EXAMPLE, 1, 1, 60 + number // (count - 1), number.to_bytes(4, "big"))
    builder.add(EXAMPLE, 1, 1, 62, b"last")
    packed = rrsetsAt(builder.build().nodes[EXAMPLE])[0]
    assert {ttl for ttl, _ in recordsOf(packed)} == {60}
    assert countOf(packed) == count + 1
    assert reasons(builder) == ["a TTL of 61 s where the A records of example. before have 60 s"]
    assert builder.problems.warnings[0].severity is Severity.WARNING


@pytest.mark.parametrize("count", [1, 40])
def test_signatures(count: int) -> None:
    """Signatures have the TTLs of what they cover (RFC 4034 section 3)."""
    builder = ZoneBuilder(EXAMPLE)
    fill(builder, "\n".join(signature("NSEC", number, 300) for number in range(count)))
    fill(builder, "\n".join(signature("A", number, 3600) for number in range(count)))
    assert reasons(builder) == []
    fill(builder, signature("NSEC", 99, 400))
    assert reasons(builder) == ["a TTL of 400 s where the RRSIG records of example. before have 300 s"]
    packed = rrsetsAt(builder.build().nodes[EXAMPLE])[0]
    assert [ttl for ttl, _ in recordsOf(packed)] == [300] * count + [3600] * count + [300]


def test_classes() -> None:
    """A zone has one class, that of its first record."""
    builder = ZoneBuilder(EXAMPLE)
    builder.add(EXAMPLE, 16, 3, 60, b"\1a")
    builder.add(EXAMPLE, 16, 1, 60, b"\1b", Place("z", 2))
    assert [str(problem) for problem in builder.problems.errors] == [
        "z:2: error: a record of class 1 in a zone of class 3"
    ]
    assert builder.build().cls == 3
    assert ZoneBuilder(EXAMPLE).build().cls == 1


@pytest.mark.parametrize("many", [False, True])
def test_secondSoa(many: bool) -> None:
    """A second SOA record is left out with a word, the same once more is a duplicate."""
    builder = ZoneBuilder(EXAMPLE)
    fill(builder, "@ 60 SOA a b 1 2 3 4 5")
    if many:
        fill(builder, "\n".join(f"@ 60 TYPE{65280 + number} \\# 0" for number in range(20)))
    fill(builder, "@ 60 SOA a b 2 2 3 4 5\n@ 60 SOA A B 1 2 3 4 5")
    assert reasons(builder) == [
        "a second SOA record of example.: it is left out",
        "a second time the same SOA record of example.",
    ]


def test_bulk() -> None:
    """A whole RRset is entered at once, or merged with what is there."""
    builder = ZoneBuilder(EXAMPLE, cls=1)
    host = wire("Host.example.")
    builder.addRRset(host, pack(1, 1, 60, [b"abcd", b"efgh"]))
    builder.addRRset(wire("low.example."), pack(1, 1, 60, [b"abcd"]))
    builder.addRRset(host, pack(1, 1, 60, [b"efgh", b"ijkl"]))
    builder.addRRset(wire("com."), pack(1, 1, 60, [b"abcd"]))
    zone = builder.build()
    assert zone.nodes[wire("host.example.")] == pack(1, 1, 60, [b"abcd", b"efgh", b"ijkl"])
    assert zone.ownerOf(wire("host.example.")) == host
    assert reasons(builder) == [
        "a second time the same A record of host.example.",
        "com. lies outside of the zone example.: its record is left out",
    ]


def test_direct() -> None:
    """A reader may put packed RRsets into the dict; later records join them."""
    builder = ZoneBuilder(EXAMPLE, cls=1)
    builder.nodes[wire("a.example.")] = pack(1, 1, 60, [b"abcd"])
    builder.add(wire("A.example."), 1, 1, 60, b"efgh")
    assert builder.build().nodes[wire("a.example.")] == pack(1, 1, 60, [b"abcd", b"efgh"])


def test_spelling() -> None:
    """A zone's apex and names are spelled as they were first written."""
    builder = ZoneBuilder(EXAMPLE)
    fill(builder, "EXAMPLE. 60 SOA a b 1 2 3 4 5\nexample. 60 NS a\nW 60 A 192.0.2.1\nw 60 AAAA ::1")
    zone = builder.build()
    assert zone.origin.wire == wire("EXAMPLE.")
    assert zone.spelling == {EXAMPLE: wire("EXAMPLE."), wire("w.example."): wire("W.example.")}


records = st.tuples(
    st.sampled_from([EXAMPLE, wire("a.example."), wire("A.example."), wire("b.a.example.")]),
    st.sampled_from([1, 2, 16, 46, 257]) | st.integers(1, 12),
    st.sampled_from([60, 61]),
    st.sampled_from([wire("a."), wire("A."), b"\0\1abcdefghijklmnopqrs\0" + b"z" * 250, b"\0\2" + b"y" * 250])
    | st.integers(0, 40).map(lambda number: b"\0\1" + bytes(20) + bytes([number])),
)


@given(st.lists(records, max_size=60))
def test_likeOneByOne(added: list[tuple[bytes, int, int, bytes]]) -> None:
    """However large the nodes grow, they hold what a list of records would."""
    builder = ZoneBuilder(EXAMPLE)
    model: dict[tuple[bytes, int], list[tuple[int, bytes]]] = {}
    for owner, type, ttl, data in added:
        if type == 6:
            continue
        if type in (46, 2, 5) or data[0]:
            data = {46: b"\0\1" + bytes(16) + b"\1n\0" + data[-1:], 2: wire("n."), 5: wire("m.")}.get(type, data)
        builder.add(owner, type, 1, ttl, data)
        rrset = model.setdefault((owner.lower(), type), [])
        lower = type in {2, 3, 4, 5, 7, 8, 9, 12}
        if not any((old.lower() if lower else old) == (data.lower() if lower else data) for _, old in rrset):
            rrset.append((rrset[0][0] if rrset else ttl, data))
    zone = builder.build()
    for (owner, type), rrset in model.items():
        packed = rrsetAt(zone.nodes[owner], type)
        assert packed is not None
        assert list(recordsOf(packed)) == rrset
    assert sum(len(rrsetsAt(node)) for node in zone.nodes.values()) == len(model)
    for node in zone.nodes.values():
        types = [typeOf(packed) for packed in rrsetsAt(node)]
        assert types == sorted(types)
        assert isinstance(node, bytes) == (len(types) == 1)


@pytest.mark.parametrize("apart", [False, True])
def test_largeRRset(apart: bool) -> None:
    """An RRset of 30,000 records takes no time that grows with its square."""
    builder = ZoneBuilder(EXAMPLE)
    other = wire("other.example.")
    started = time.process_time()
    for number in range(30_000):
        builder.add(EXAMPLE, 1, 1, 60, number.to_bytes(4, "big"))
        if apart:
            builder.add(other, 1, 1, 60, number.to_bytes(4, "big"))
    zone = builder.build()
    assert time.process_time() - started < 12
    packed = rrsetAt(zone.nodes[EXAMPLE], 1)
    assert packed is not None
    assert (countOf(packed), ttlOf(packed)) == (30_000, 60)


def test_manyTypes() -> None:
    """Nor do 20,000 types at one name."""
    builder = ZoneBuilder(EXAMPLE)
    started = time.process_time()
    for number in range(20_000):
        builder.add(EXAMPLE, 65000 - number, 1, 60, b"data")
    zone = builder.build()
    assert time.process_time() - started < 12
    assert len(rrsetsAt(zone.nodes[EXAMPLE])) == 20_000


def test_deepNames() -> None:
    """Nor do 2,000 names of 120 labels."""
    builder = ZoneBuilder(b"\0")
    started = time.process_time()
    for number in range(2_000):
        builder.add(b"\5%05d" % number + b"\1x" * 120 + b"\0", 1, 1, 60, b"abcd")
    assert len(builder.build().nodes) == 2_121
    assert time.process_time() - started < 6


def test_rdataOfBuilding() -> None:
    """The helper of these tests makes uncompressed data."""
    assert rdata("MX", "10 mail") == b"\0\x0a\4mail\7example\0"
