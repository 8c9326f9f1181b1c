"""The lookup says what the RFCs say: rule by rule, and held against a slow one for zones and questions of all kinds."""

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from txnames.zone.answer import Answer, Section
from txnames.zone.builder import ZoneBuilder
from txnames.zone.lookup import MAX_ALIASES, ZoneTable, answerAcross, lookup
from txnames.zone.rrset import foldRdata, recordsOf, typeOf
from txnames.zone.tree import Zone

from .building import fill, typeNumber, wire, zoneOf
from .reference import ReferenceZone, Row, labelsOf, reference, rowsOf

NOERROR, NXDOMAIN, YXDOMAIN = 0, 3, 6

ZONE = """
@ 3600 NS ns1
@ 3600 NS ns.other.net.
@ 3600 MX 10 mail
ent 60 MX 10 ns1
ent 60 MX 20 NS1
ent 60 MX 30 ns.cut
ent 60 MX 40 occluded.d
ent 60 MX 50 www.other.net.
srv.ent 60 SRV 1 2 3 www
ns1 60 A 192.0.2.1
ns1 60 AAAA 2001:db8::1
WWW 60 A 192.0.2.2
alias 60 CNAME WWW
away 60 CNAME www.other.net.
chain 60 CNAME alias
loop 60 CNAME loop2
loop2 60 CNAME loop
dead 60 CNAME nowhere
toCut 60 CNAME host.cut
toNodata 60 CNAME www.ent
a.b.ent 60 A 192.0.2.3
www.ent 60 TXT x
cut 60 NS ns.cut
cut 60 NS ns1
cut 60 DS 1 8 2 0000000000000000000000000000000000000000000000000000000000000000
cut 60 A 192.0.2.4
ns.cut 60 A 192.0.2.5
deeper.cut 60 NS ns.deeper.cut
*.cut 60 A 192.0.2.6
plain 60 NS ns.other.net.
*.wild 60 A 192.0.2.7
*.wild 60 NS ns.wild
ns.wild 60 TXT x
x.y.wild 60 TXT x
*.walias 60 CNAME www
d 30 DNAME target
d 60 A 192.0.2.8
host.target 60 A 192.0.2.9
occluded.d 60 A 192.0.2.10
*.wdname 60 DNAME target
apart 60 DNAME other.net.
self 60 DNAME x.self
"""


def texts(section: Section) -> list[str]:
    """The records of a section, as owner, type and number of octets or octets."""
    return [
        f"{labels(owner)} {typeOf(packed)} {ttl} {data.hex()}"
        for owner, packed in section
        for ttl, data in recordsOf(packed)
    ]


def labels(name: bytes) -> str:
    """A name as text, for comparisons that can be read."""
    parts = []
    while name[0]:
        parts.append(name[1 : 1 + name[0]].decode("latin-1"))
        name = name[1 + name[0] :]
    return ".".join(parts)


def outline(answer: Answer | None) -> tuple[str, list[str], list[str], list[str]]:
    """Response code and AA; then owner and type of the RRsets in answer, authority and (glue first) additional."""
    assert answer is not None
    sections = [
        [f"{labels(owner)} {typeOf(packed)}" for owner, packed in section]
        for section in (answer.answer, answer.authority, answer.glue + answer.additional)
    ]
    return f"{answer.rcode}{' AA' if answer.authoritative else ''}", *sections  # type: ignore[return-value]  # reason: three


SOA = ["example 6"]
CUT = ["cut.example 2"]
ADDRESSES = ["ns.cut.example 1", "ns1.example 1", "ns1.example 28"]


@pytest.mark.parametrize(
    ("name", "type", "wanted"),
    [
        ("www", "A", ("0 AA", ["www.example 1"], [], [])),
        ("wWw", "A", ("0 AA", ["wWw.example 1"], [], [])),
        ("www", "TXT", ("0 AA", [], SOA, [])),
        ("nowhere", "A", ("3 AA", [], SOA, [])),
        ("under.www", "A", ("3 AA", [], SOA, [])),
        ("b.ent", "A", ("0 AA", [], SOA, [])),
        ("c.b.ent", "A", ("3 AA", [], SOA, [])),
        ("@", "SOA", ("0 AA", ["example 6"], [], [])),
        ("@", "NS", ("0 AA", ["example 2"], [], ["ns1.example 1", "ns1.example 28"])),
        ("@", "DS", ("0 AA", [], SOA, [])),
        ("@", "MX", ("0 AA", ["example 15"], [], [])),
        ("ent", "MX", ("0 AA", ["ent.example 15"], [], ["ns1.example 1", "ns1.example 28"])),
        ("srv.ent", "SRV", ("0 AA", ["srv.ent.example 33"], [], ["www.example 1"])),
        ("@", "TYPE65280", ("0 AA", [], SOA, [])),
        ("alias", "A", ("0 AA", ["alias.example 5", "WWW.example 1"], [], [])),
        ("alias", "CNAME", ("0 AA", ["alias.example 5"], [], [])),
        ("alias", "ANY", ("0 AA", ["alias.example 5"], [], [])),
        ("alias", "TXT", ("0 AA", ["alias.example 5"], SOA, [])),
        ("chain", "A", ("0 AA", ["chain.example 5", "alias.example 5", "WWW.example 1"], [], [])),
        ("away", "A", ("0 AA", ["away.example 5"], [], [])),
        ("dead", "A", ("3 AA", ["dead.example 5"], SOA, [])),
        ("loop", "A", ("0 AA", ["loop.example 5", "loop2.example 5"], [], [])),
        ("toCut", "A", ("0 AA", ["toCut.example 5"], CUT, ADDRESSES)),
        ("toNodata", "A", ("0 AA", ["toNodata.example 5"], SOA, [])),
        ("cut", "A", ("0", [], CUT, ADDRESSES)),
        ("cut", "NS", ("0", [], CUT, ADDRESSES)),
        ("cut", "ANY", ("0", [], CUT, ADDRESSES)),
        ("cut", "DS", ("0 AA", ["cut.example 43"], [], [])),
        ("x.cut", "DS", ("0", [], CUT, ADDRESSES)),
        ("ns.cut", "A", ("0", [], CUT, ADDRESSES)),
        ("a.deeper.cut", "A", ("0", [], CUT, ADDRESSES)),
        ("plain", "DS", ("0 AA", [], SOA, [])),
        ("x.plain", "A", ("0", [], ["plain.example 2"], [])),
        ("Syn.wild", "A", ("0 AA", ["Syn.wild.example 1"], [], [])),
        ("a.syn.wild", "A", ("0 AA", ["a.syn.wild.example 1"], [], [])),
        ("syn.wild", "TXT", ("0 AA", [], SOA, [])),
        ("syn.wild", "NS", ("0 AA", ["syn.wild.example 2"], [], [])),
        ("*.wild", "A", ("0", [], ["*.wild.example 2"], [])),
        ("wild", "A", ("0 AA", [], SOA, [])),
        ("y.wild", "A", ("0 AA", [], SOA, [])),
        ("z.y.wild", "A", ("3 AA", [], SOA, [])),
        ("any.walias", "A", ("0 AA", ["any.walias.example 5", "WWW.example 1"], [], [])),
        ("d", "A", ("0 AA", ["d.example 1"], [], [])),
        ("d", "DNAME", ("0 AA", ["d.example 39"], [], [])),
        ("d", "TXT", ("0 AA", [], SOA, [])),
        ("host.d", "A", ("0 AA", ["d.example 39", "host.d.example 5", "host.target.example 1"], [], [])),
        ("occluded.d", "A", ("3 AA", ["d.example 39", "occluded.d.example 5"], SOA, [])),
        ("none.d", "CNAME", ("0 AA", ["d.example 39", "none.d.example 5"], [], [])),
        ("a.wdname", "A", ("0 AA", [], SOA, [])),
        ("a.wdname", "DNAME", ("0 AA", ["a.wdname.example 39"], [], [])),
        ("a.apart", "A", ("0 AA", ["apart.example 39", "a.apart.example 5"], [], [])),
        ("x.self", "A", ("0 AA", ["self.example 39", *(f"{'x.' * n}self.example 5" for n in range(1, 22))], [], [])),
    ],
)
def test_rules(name: str, type: str, wanted: tuple[str, list[str], list[str], list[str]]) -> None:
    """Rule by rule: response code, AA, and owner and type of all RRsets."""
    qname = wire("example." if name == "@" else f"{name}.example.")
    found = outline(lookup(zoneOf(ZONE), qname, typeNumber(type)))
    for part, wish in zip(found, wanted, strict=True):
        folded = part.lower() if isinstance(part, str) else [line.lower() for line in part]
        assert folded == (wish.lower() if isinstance(wish, str) else [line.lower() for line in wish])
    answered = lookup(zoneOf(ZONE), qname, typeNumber(type))
    assert answered is not None
    assert all(owner == qname for owner, packed in answered.answer[:1] if typeOf(packed) != 39)


def test_ttls() -> None:
    """A synthesised CNAME has the TTL of its DNAME (RFC 6672 section 3.1), a negative answer that of the minimum."""
    zone = zoneOf(ZONE)
    answer = lookup(zone, wire("Host.D.example."), 1)
    assert answer is not None
    assert texts(answer.answer)[1] == f"Host.D.example 5 30 {wire('Host.target.example.').hex()}"
    negative = lookup(zone, wire("nowhere.example."), 1)
    assert negative is not None
    assert [text.split()[2] for text in texts(negative.authority)] == ["300"]


def test_any() -> None:
    """ANY is answered with one RRset (RFC 8482), or with all on demand; always as for other types where no data is."""
    zone = zoneOf(ZONE)
    for minimal, apex in ((True, 1), (False, 3)):
        answer = lookup(zone, wire("example."), 255, minimalAny=minimal)
        assert answer is not None
        assert len(answer.answer) == apex
        assert outline(lookup(zone, wire("b.ent.example."), 255, minimalAny=minimal)) == ("0 AA", [], SOA, [])
        assert outline(lookup(zone, wire("none.example."), 255, minimalAny=minimal)) == ("3 AA", [], SOA, [])


def test_anyOfSignedName() -> None:
    """The one RRset for ANY is no signature where there is anything else."""
    zone = zoneOf("a 60 RRSIG TYPE257 8 1 60 20300101000000 20200101000000 1 example. QUJD\na 60 CAA 0 issue ca")
    answer = lookup(zone, wire("a.example."), 255)
    assert answer is not None
    assert outline(answer) == ("0 AA", ["a.example 257"], [], [])
    alone = zoneOf("a 60 RRSIG A 8 1 60 20300101000000 20200101000000 1 example. QUJD")
    assert outline(lookup(alone, wire("a.example."), 255)) == ("0 AA", ["a.example 46"], [], [])


def test_classes() -> None:
    """The class counts; to the class ANY no answer is authoritative (RFC 1034 section 4.3.1)."""
    zone = zoneOf(ZONE)
    assert lookup(zone, wire("www.example."), 1, 3) is None
    assert outline(lookup(zone, wire("www.example."), 1, 255)) == ("0", ["www.example 1"], [], [])
    chaos = ZoneBuilder(wire("www.example."))
    chaos.add(wire("www.example."), 6, 3, 60, b"\0\0" + bytes(20))
    chaos.add(wire("www.example."), 16, 3, 60, b"\1x")
    table = ZoneTable([zone, chaos.build()])
    assert outline(answerAcross(table, wire("www.example."), 16, 3)) == ("0 AA", ["www.example 16"], [], [])
    assert outline(answerAcross(table, wire("www.example."), 16, 1)) == ("0 AA", [], SOA, [])
    assert outline(answerAcross(table, wire("www.example."), 16, 255)) == ("0", ["www.example 16"], [], [])
    assert answerAcross(table, wire("other."), 16, 255) is None
    assert answerAcross(ZoneTable(), wire("www.example."), 16, 255) is None


def test_tooLong() -> None:
    """A DNAME that would lead to a name over 255 octets gives YXDOMAIN (RFC 6672 section 2.2)."""
    label = "x" * 60
    zone = zoneOf(f"d 60 DNAME {label}.{label}.{label}.t")
    fits = 255 - len(wire(f"{label}.{label}.{label}.t.example."))
    short, long = "y" * (fits - 1), "y" * fits
    assert outline(lookup(zone, wire(f"{short}.d.example."), 1))[0] == "3 AA"
    assert outline(lookup(zone, wire(f"{long}.d.example."), 1)) == ("6 AA", ["d.example 39"], [], [])


def test_apexDname() -> None:
    """A DNAME at the apex redirects all names below it, and none at it."""
    zone = zoneOf("@ 60 NS ns.other.\n@ 60 DNAME other.")
    assert outline(lookup(zone, wire("example."), 2)) == ("0 AA", ["example 2"], [], [])
    assert outline(lookup(zone, wire("a.b.example."), 1)) == ("0 AA", ["example 39", "a.b.example 5"], [], [])


def test_repeatedDname() -> None:
    """A DNAME that is passed twice stands in the answer once."""
    zone = zoneOf("d 60 DNAME e\ne 60 DNAME f\nx.f 60 CNAME y.d\ny.f 60 A 192.0.2.1")
    found = outline(lookup(zone, wire("x.d.example."), 1))[1]
    assert found == [
        "d.example 39",
        "x.d.example 5",
        "e.example 39",
        "x.e.example 5",
        "x.f.example 5",
        "y.d.example 5",
        "y.e.example 5",
        "y.f.example 1",
    ]


def test_anyBehindDname() -> None:
    """ANY behind a DNAME gets one RRset, or all on demand, as for any other name."""
    zone = zoneOf("d 60 DNAME e\nx.e 60 A 192.0.2.1\nx.e 60 TXT x")
    for minimal, found in ((True, ["x.e.example 1"]), (False, ["x.e.example 1", "x.e.example 16"])):
        answer = outline(lookup(zone, wire("x.d.example."), 255, minimalAny=minimal))
        assert answer[1] == ["d.example 39", "x.d.example 5", *found]


def test_severalAliases() -> None:
    """Of several aliases, which a program may have at one name, the first is followed."""
    zone = zoneOf("d 60 DNAME e\nd 60 DNAME f\nx.e 60 CNAME y\nx.e 60 CNAME z\ny 60 A 192.0.2.1\nz 60 A 192.0.2.2")
    assert outline(lookup(zone, wire("x.d.example."), 1)) == (
        "0 AA",
        ["d.example 39", "x.d.example 5", "x.e.example 5", "y.example 1"],
        [],
        [],
    )


def test_longChain() -> None:
    """Aliases are followed so far and no further."""
    zone = zoneOf("\n".join(f"n{number} 60 CNAME n{number + 1}" for number in range(40)) + "\nn40 60 A 192.0.2.1")
    enough = outline(lookup(zone, wire(f"n{40 - MAX_ALIASES}.example."), 1))
    assert (enough[0], len(enough[1])) == ("0 AA", MAX_ALIASES + 1)
    assert enough[1][-1] == "n40.example 1"
    more = outline(lookup(zone, wire("n0.example."), 1))
    assert (more[0], len(more[1]), more[2]) == ("0 AA", MAX_ALIASES + 1, [])


PARENT = """
@ 60 NS ns1
child 60 NS ns.child
child 60 DS 1 8 2 0000000000000000000000000000000000000000000000000000000000000000
ns.child 60 A 192.0.2.5
toChild 60 CNAME www.child
nowhere 60 CNAME none.child
"""
CHILD = "@ 60 NS ns\nwww 60 A 192.0.2.6\nup 60 CNAME ns1.example."
CHILD_SOA = ["child.example 6"]


@pytest.mark.parametrize("childFirst", [False, True])
@pytest.mark.parametrize(
    ("name", "type", "wanted"),
    [
        ("www.child", "A", ("0 AA", ["www.child.example 1"], [], [])),
        ("none.child", "A", ("3 AA", [], CHILD_SOA, [])),
        ("child", "NS", ("0 AA", ["child.example 2"], [], [])),
        ("child", "DS", ("0 AA", ["child.example 43"], [], [])),
        ("www.child", "DS", ("0 AA", [], CHILD_SOA, [])),
        ("toChild", "A", ("0 AA", ["toChild.example 5", "www.child.example 1"], [], [])),
        ("nowhere", "A", ("3 AA", ["nowhere.example 5"], CHILD_SOA, [])),
        ("up.child", "A", ("3 AA", ["up.child.example 5"], SOA, [])),
    ],
)
def test_acrossZones(
    name: str, type: str, wanted: tuple[str, list[str], list[str], list[str]], childFirst: bool
) -> None:
    """The most specific zone answers, whatever was loaded first; aliases lead to the other; DS is the parent's."""
    zones = [zoneOf(PARENT), zoneOf(CHILD, "child.example.")]
    if childFirst:
        zones.reverse()
    assert outline(answerAcross(ZoneTable(zones), wire(f"{name}.example."), typeNumber(type))) == wanted


def test_childAlone() -> None:
    """DS at the apex is answered by the child where the parent isn't loaded."""
    child = zoneOf(CHILD, "child.example.")
    assert outline(lookup(child, wire("child.example."), 43)) == ("0 AA", [], CHILD_SOA, [])


def test_table() -> None:
    """Zones come, are replaced and go, and each time the version grows."""
    first, second = zoneOf("www 60 A 192.0.2.1"), zoneOf("www 60 TXT x")
    table = ZoneTable([first])
    versions = [table.version]
    assert list(table) == [first]
    table.put(second)
    versions.append(table.version)
    assert list(table) == [second]
    table.remove(first)
    versions.append(table.version)
    assert list(table) == []
    assert answerAcross(table, wire("www.example."), 1) is None
    assert versions == sorted(set(versions))
    with pytest.raises(KeyError):
        table.remove(second)


@pytest.mark.parametrize("qname", ["example.com.", "com.", ".", "notexample.", "x.notexample."])
def test_outside(qname: str) -> None:
    """A name outside of all zones isn't ours."""
    assert lookup(zoneOf(ZONE), wire(qname), 1) is None


def test_root() -> None:
    """The root is a zone like others."""
    zone = zoneOf("@ 60 NS ns.\ncom. 60 NS ns.com.\nns.com. 60 A 192.0.2.1\n* 60 TXT x", ".")
    assert outline(lookup(zone, wire("."), 2)) == ("0 AA", [" 2"], [], [])
    assert outline(lookup(zone, wire("a.com."), 1)) == ("0", [], ["com 2"], ["ns.com 1"])
    assert outline(lookup(zone, wire("a.org."), 16)) == ("0 AA", ["a.org 16"], [], [])
    assert outline(lookup(zone, wire("."), 43)) == ("0 AA", [], [" 6"], [])


# --- against the reference ---

LABELS = ["a", "b", "*", "A"]
relative = st.lists(st.sampled_from(LABELS), min_size=1, max_size=3).map(".".join)
absolute = st.one_of(
    relative.map(lambda name: f"{name}.example."),
    relative.map(lambda name: f"{name}.a.example."),
    st.sampled_from(["example.", "a.example.", "other.", "a.other.", f"{'x' * 60}.{'y' * 60}.{'z' * 60}.a.example."]),
)
hosts = st.sampled_from(["A 192.0.2.1", "AAAA 2001:db8::1", "TXT x", "TXT y"])
pointing = st.tuples(st.sampled_from(["NS", "MX 10"]), absolute).map(" ".join)
contents = st.one_of(
    st.lists(hosts | absolute.map("MX 10 {}".format) | absolute.map("SRV 1 2 3 {}".format), min_size=1, max_size=3),
    absolute.map("CNAME {}".format).map(lambda line: [line]),
    st.tuples(absolute.map("DNAME {}".format), hosts).map(list),
    st.lists(absolute.map("NS {}".format), min_size=1, max_size=3),
    st.tuples(absolute.map("NS {}".format), st.just("DS 1 8 2 " + "00" * 32), hosts).map(list),
)
zoneTexts = st.dictionaries(relative, contents, max_size=6)
apexes = st.sampled_from([[], ["DNAME other."], ["A 192.0.2.9", "DNAME a.example."], ["NS ns.example."]])


def build(origin: str, apex: list[str], names: dict[str, list[str]]) -> Zone:
    """A zone of drawn records; one that comes under two spellings keeps the first."""
    builder = fill(ZoneBuilder(wire(origin)), f"{origin} 600 SOA m r 1 2 3 4 300\n{origin} 60 NS a.{origin}", origin)
    seen: set[str] = set()
    for owner, lines in [("@", apex), *names.items()]:
        if owner.lower() not in seen:
            seen.add(owner.lower())
            for line in lines:
                fill(builder, f"{owner} 60 {line}", origin)
    return builder.build()


def rows(section: Section) -> set[Row]:
    """The records of a section as the reference has them."""
    return {
        (labelsOf(owner), typeOf(packed), ttl, foldRdata(typeOf(packed), data))
        for owner, packed in section
        for ttl, data in recordsOf(packed)
    }


def folded(wanted: set[Row]) -> set[Row]:
    """The rows of the reference with the case of names in the data folded."""
    return {(owner, type, ttl, foldRdata(type, data)) for owner, type, ttl, data in wanted}


@settings(max_examples=600)
@given(st.data(), apexes, zoneTexts, st.none() | st.tuples(apexes, zoneTexts))
def test_likeReference(
    data: st.DataObject,
    apex: list[str],
    names: dict[str, list[str]],
    child: tuple[list[str], dict[str, list[str]]] | None,
) -> None:
    """For drawn zones and questions, the answer is what the RFCs' words lead to."""
    zones = [build("example.", apex, names)]
    if child is not None:
        zones.append(build("a.example.", *child))
    slow = [ReferenceZone(labelsOf(zone.apex), rowsOf(zone)) for zone in zones]
    table = ZoneTable(zones)
    types = st.sampled_from(["A", "TXT", "NS", "CNAME", "DNAME", "DS", "MX", "SRV", "ANY", "SOA"])
    for name, type in data.draw(st.lists(st.tuples(absolute, types), min_size=5, max_size=5)):
        qname = wire(name)
        number = typeNumber(type)
        answer = answerAcross(table, qname, number, minimalAny=False)
        wanted = reference(slow, qname, number)
        if wanted is None or answer is None:
            assert wanted is None
            assert answer is None
            continue
        found = (answer.rcode, answer.authoritative, rows(answer.answer), rows(answer.authority))
        assert found == (wanted.rcode, wanted.authoritative, folded(wanted.answer), folded(wanted.authority))
        assert rows(answer.glue) == wanted.glue
        assert rows(answer.additional) == wanted.additional
        lines = texts(answer.answer) + texts(answer.authority)
        assert len(lines) == len(set(lines))


def test_deepNames() -> None:
    """A name of 120 labels takes no time to speak of."""
    zone = zoneOf(".".join("x" * 120) + " 60 A 192.0.2.1", ".", soa="@ 60 SOA a. b. 1 2 3 4 5")
    qname = wire("y." + ".".join("x" * 119) + ".")
    started = time.process_time()
    for _ in range(100):
        assert outline(lookup(zone, qname, 1))[0] == "3 AA"
    assert time.process_time() - started < 3
