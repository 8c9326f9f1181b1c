"""Tests of L{txnames.zone.update}, with dnspython as the one who asks."""

import struct
from collections.abc import Callable

import dns.message
import dns.rdata
import dns.rdataclass
import dns.rdatatype
import dns.rrset
import dns.update
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.strategies import mutated
from txnames.error import DNSDecodeError
from txnames.wire.name import Name
from txnames.wire.numbers import ANY, IN, NONE, rcodeName
from txnames.zone.difference import difference, isEmpty
from txnames.zone.rrset import foldRdata, recordsOf, typeOf
from txnames.zone.tree import Zone, rrsetsAt
from txnames.zone.update import Entry, Update, UpdateError, readUpdate

from .building import SOA, rdata, typeNumber, wire, zoneOf

TEXT = """\
@ 3600 NS ns1.example.
@ 3600 NS ns.elsewhere.
@ 3600 MX 10 Mail.example.
@ 3600 TXT "text"
Host 60 A 192.0.2.1
host 60 A 192.0.2.2
host 60 TXT "a"
alias 60 CNAME host.example.
x 60 DNAME host.example.
services 60 WKS 192.0.2.1 6 25
child 60 NS ns.child.example.
a.ent 60 A 192.0.2.3
"""
NS1 = rdata("NS", "ns1.example.")
SERIAL = 2024010101

Build = Callable[[dns.update.UpdateMessage], object]


def message(*builds: Build, zone: str = "example.") -> bytes:
    """A message by dnspython."""
    made = dns.update.UpdateMessage(zone)
    for build in builds:
        build(made)
    return made.to_wire()


def updated(zone: Zone, *builds: Build) -> Zone:
    """A zone after an update; what came of it has to agree with the difference to what was there."""
    new = readUpdate(message(*builds)).applied(zone)
    assert (new is zone) == isEmpty(difference(zone, new))
    return new


def entry(owner: str, type: str, cls: int = IN, ttl: int = 0, data: bytes = b"") -> Entry:
    """A record of an update."""
    number = 255 if type == "ANY" else typeNumber(type)
    return Entry(wire(owner if owner.endswith(".") else f"{owner}.example."), number, cls, ttl, data)


def applied(zone: Zone, *updates: Entry) -> Zone:
    """A zone after an update without prerequisites."""
    return Update(Name("example"), IN, (), updates).applied(zone)


def at(zone: Zone, owner: str) -> set[str]:
    """The records of a name, as type, TTL and data."""
    name = wire("example." if owner == "@" else f"{owner}.example.")
    return {
        f"{dns.rdatatype.to_text(dns.rdatatype.RdataType(typeOf(packed)))} {ttl} "
        f"{dns.rdata.from_wire('IN', dns.rdatatype.RdataType(typeOf(packed)), data, 0, len(data))}"
        for packed in rrsetsAt(zone.nodes.get(name, ()))
        for ttl, data in recordsOf(packed)
    }


def refused(update: Update, zone: Zone | None = None) -> str:
    """The response code by which an update is refused."""
    zone = zoneOf(TEXT) if zone is None else zone
    nodes = dict(zone.nodes)
    with pytest.raises(UpdateError) as caught:
        update.applied(zone)
    assert zone.nodes == nodes
    assert str(caught.value)
    return rcodeName(caught.value.rcode)


# --- messages ---


def test_dnspythonBuilds() -> None:
    """All kinds of prerequisites and updates are read as dnspython writes them, names uncompressed."""
    update = readUpdate(
        message(
            lambda m: m.present("a"),
            lambda m: m.present("b", "A"),
            lambda m: m.present("c", "MX", "10 mail.example."),
            lambda m: m.absent("d"),
            lambda m: m.absent("e", "TXT"),
            lambda m: m.add("A.b", 300, "SRV", "1 2 3 host.example."),
            lambda m: m.add("f", 300, "APL", ""),
            lambda m: m.delete("g"),
            lambda m: m.delete("h", "A"),
            lambda m: m.delete("i", "NS", "ns.example."),
        )
    )
    assert (update.origin, update.cls) == (Name("example"), IN)
    assert update.prerequisites == (
        entry("a", "ANY", ANY),
        entry("b", "A", ANY),
        entry("c", "MX", IN, 0, rdata("MX", "10 mail.example.")),
        entry("d", "ANY", NONE),
        entry("e", "TXT", NONE),
    )
    assert update.updates == (
        entry("A.b", "SRV", IN, 300, rdata("SRV", "1 2 3 host.example.")),
        entry("f", "APL", IN, 300),
        entry("g", "ANY", ANY),
        entry("h", "A", ANY),
        entry("i", "NS", NONE, 0, rdata("NS", "ns.example.")),
    )
    assert str(update.updates[-1]) == "i.example. NONE NS"


def test_compressedData() -> None:
    """Names within data may be compressed, in records to delete too."""
    head = struct.pack("!6H", 7, 5 << 11, 1, 1, 2, 1)
    octets = head + wire("example.") + struct.pack("!HH", 6, 1)
    for cls, type, data in ((1, 2, b"\2ns\xc0\x0c"), (1, 15, b"\0\1\xc0\x0c"), (254, 5, b"\xc0\x0c")):
        octets += b"\xc0\x0c" + struct.pack("!HHIH", type, cls, 0, len(data)) + data
    octets += b"\0" + struct.pack("!HHIH", 41, 1232, 0, 0)
    update = readUpdate(octets)
    assert [one.rdata for one in (*update.prerequisites, *update.updates)] == [
        wire("ns.example."),
        b"\0\1" + wire("example."),
        wire("example."),
    ]


def test_dataOfOtherClasses() -> None:
    """Data that is not to be there is no malformed message, but found later."""
    head = struct.pack("!6H", 7, 5 << 11, 1, 0, 1, 0) + wire("example.") + struct.pack("!HH", 6, 1)
    for type, cls in ((1, ANY), (1, 4), (255, IN), (250, NONE)):
        update = readUpdate(head + b"\xc0\x0c" + struct.pack("!HHIH", type, cls, 0, 1) + b"x")
        assert update.updates == (Entry(wire("example."), type, cls, 0, b"x"),)
        assert refused(update) == "FORMERR"


@pytest.mark.parametrize(
    ("flags", "zones", "type", "reason"),
    [
        (0, 1, 6, "no request for an update"),
        (0xA800, 1, 6, "no request for an update"),
        (0x2800, 0, 6, "an update of 0 zones"),
        (0x2800, 2, 6, "an update of 2 zones"),
        (0x2800, 1, 1, "the zone of an update with the type A"),
        (0x2800, 1, 255, "the zone of an update with the type ANY"),
    ],
)
def test_zoneSection(flags: int, zones: int, type: int, reason: str) -> None:
    """An update is a request with this opcode, and has one zone of type SOA (RFC 2136 section 3.1)."""
    question = wire("example.") + struct.pack("!HH", type, 1)
    with pytest.raises(UpdateError, match=f"^{reason}$") as caught:
        readUpdate(struct.pack("!6H", 7, flags, zones, 0, 0, 0) + question * zones)
    assert caught.value.rcode == 1


def test_malformed() -> None:
    """No message that ends too early or too late is an update, nor one whose data is not that of its type."""
    octets = message(lambda m: m.present("a", "A", "192.0.2.1"), lambda m: m.add("b", 1, "MX", "1 b"))
    for size in range(len(octets)):
        with pytest.raises(DNSDecodeError):
            readUpdate(octets[:size])
    with pytest.raises(DNSDecodeError, match="octets after the end"):
        readUpdate(octets + b"\0")
    for cls in (IN, NONE):
        head = struct.pack("!6H", 7, 5 << 11, 1, 0, 1, 0) + wire("example.") + struct.pack("!HH", 6, 1)
        with pytest.raises(DNSDecodeError, match=r"A\.address"):
            readUpdate(head + b"\xc0\x0c" + struct.pack("!HHIH", 1, cls, 0, 0))


SAMPLE = message(
    lambda m: m.present("host", "A"),
    lambda m: m.add("b", 1, "MX", "1 b"),
    lambda m: m.add("@", 1, "SOA", "a b 3000000000 1 1 1 1"),
    lambda m: m.delete("host", "TXT", '"a"'),
    lambda m: m.delete("@"),
)


@given(mutated(SAMPLE))
def test_mutations(octets: bytes) -> None:
    """Whatever a message holds, it changes a zone, is refused or no message; and a new zone has a newer serial."""
    zone = zoneOf(TEXT)
    try:
        new = readUpdate(octets).applied(zone)
    except (DNSDecodeError, UpdateError) as error:
        assert 1 <= error.rcode <= 10  # noqa: PT017  # reason: there need not be an error
    else:
        assert (new is zone) == (new.serial == zone.serial)
        assert dict(new.nodes)


# --- prerequisites ---

MET: list[Build] = [
    lambda m: m.present("host"),
    lambda m: m.present("HOST", "A"),
    lambda m: m.present("host", "A", "192.0.2.2", "192.0.2.1"),
    lambda m: m.present("@", "MX", "10 mail.EXAMPLE."),
    lambda m: m.present("alias", "CNAME", "HOST.example."),
    lambda m: m.absent("none"),
    lambda m: m.absent("ent"),
    lambda m: m.absent("host", "AAAA"),
    lambda m: m.absent("none", "AAAA"),
    lambda m: m.absent("ent", "A"),
]


@pytest.mark.parametrize("build", MET)
def test_prerequisiteMet(build: Build) -> None:
    """Each kind of prerequisite lets an update pass that it is met for, and changes nothing itself."""
    zone = zoneOf(TEXT)
    assert updated(zone, build) is zone
    assert updated(zone, build, lambda m: m.add("new", 1, "A", "192.0.2.9")) is not zone


@pytest.mark.parametrize(
    ("build", "rcode"),
    [
        (lambda m: m.present("none"), "NXDOMAIN"),
        (lambda m: m.present("ent"), "NXDOMAIN"),
        (lambda m: m.present("host", "AAAA"), "NXRRSET"),
        (lambda m: m.present("none", "A"), "NXRRSET"),
        (lambda m: m.present("host", "A", "192.0.2.1"), "NXRRSET"),
        (lambda m: m.present("host", "A", "192.0.2.1", "192.0.2.2", "192.0.2.3"), "NXRRSET"),
        (lambda m: m.present("host", "AAAA", "::1"), "NXRRSET"),
        (lambda m: m.present("none", "A", "192.0.2.1"), "NXRRSET"),
        (lambda m: m.absent("host"), "YXDOMAIN"),
        (lambda m: m.absent("host", "A"), "YXRRSET"),
        (lambda m: m.present("host.other."), "NOTZONE"),
        (lambda m: m.absent("other.", "A"), "NOTZONE"),
    ],
)
def test_prerequisiteNotMet(build: Build, rcode: str) -> None:
    """Each kind of prerequisite has a response code of its own for when it is not met (RFC 2136 section 3.2)."""
    update = readUpdate(message(build, lambda m: m.add("new", 1, "A", "192.0.2.9")))
    assert refused(update) == rcode


@pytest.mark.parametrize(
    "one",
    [
        entry("host", "ANY", ANY, 1),
        entry("host", "A", ANY, 1),
        entry("none", "A", NONE, 1),
        entry("host", "A", IN, 60, b"\xc0\0\2\1"),
        entry("a.other.", "A", IN, 60, b"\xc0\0\2\1"),
        entry("host", "A", ANY, 0, b"\xc0\0\2\1"),
        entry("none", "A", NONE, 0, b"\xc0\0\2\1"),
        entry("host", "A", 3),
        entry("host", "ANY", IN),
        entry("host", "AXFR", ANY),
        entry("none", "AXFR", NONE),
        entry("host", "TSIG", IN),
    ],
)
def test_noPrerequisite(one: Entry) -> None:
    """What is no prerequisite is a format error (RFC 2136 section 3.2)."""
    assert refused(Update(Name("example"), IN, (one,))) == "FORMERR"


def test_otherZone() -> None:
    """An update goes to its own zone only (RFC 2136 section 3.1.2)."""
    for update in (Update(Name("other"), IN), Update(Name("a.example"), IN), Update(Name("example"), 3)):
        assert refused(update) == "NOTAUTH"
    assert readUpdate(message(zone="EXAMPLE.")).applied(zone := zoneOf(TEXT)) is zone


# --- before any change ---


@pytest.mark.parametrize(
    ("one", "rcode"),
    [
        (entry("host.other.", "A", IN, 1, b"abcd"), "NOTZONE"),
        (entry("host.other.", "ANY", ANY, 1), "NOTZONE"),
        (entry("xexample.", "A", NONE, 0, b"abcd"), "NOTZONE"),
        (entry("host", "A", 3, 0, b"abcd"), "FORMERR"),
        (entry("host", "ANY", IN, 1), "FORMERR"),
        (entry("host", "ANY", NONE), "FORMERR"),
        (entry("host", "AXFR", ANY), "FORMERR"),
        (entry("host", "IXFR", IN, 1), "FORMERR"),
        (entry("host", "MAILB", NONE), "FORMERR"),
        (entry("host", "OPT", IN), "FORMERR"),
        (entry("host", "A", ANY, 1), "FORMERR"),
        (entry("host", "A", NONE, 1, b"abcd"), "FORMERR"),
        (entry("host", "A", ANY, 0, b"abcd"), "FORMERR"),
        (entry("host", "ANY", ANY, 0, b"abcd"), "FORMERR"),
    ],
)
def test_prescan(one: Entry, rcode: str) -> None:
    """One change that is none keeps the others from being made (RFC 2136 section 3.4.1)."""
    good = entry("new", "A", IN, 1, b"abcd")
    assert refused(Update(Name("example"), IN, (), (good, one, good))) == rcode


# --- changes ---


def test_add() -> None:
    """A record is added, to a new name or an RRset; the serial grows by one."""
    zone = zoneOf(TEXT)
    new = updated(
        zone,
        lambda m: m.add("host", 60, "A", "192.0.2.9"),
        lambda m: m.add("New.name", 5, "TYPE65280", "\\# 3 010203"),
    )
    assert at(new, "host") == {"A 60 192.0.2.1", "A 60 192.0.2.2", "A 60 192.0.2.9", 'TXT 60 "a"'}
    assert at(new, "new.name") == {"TYPE65280 5 \\# 3 010203"}
    assert new.ownerOf(wire("new.name.example.")) == wire("New.name.example.")
    assert new.nodes[wire("name.example.")] == ()
    assert (zone.serial, new.serial) == (SERIAL, SERIAL + 1)
    assert at(zone, "host") == {"A 60 192.0.2.1", "A 60 192.0.2.2", 'TXT 60 "a"'}


def test_addPresent() -> None:
    """A record that is there already gives the RRset its TTL, and else changes nothing."""
    zone = zoneOf(TEXT)
    assert updated(zone, lambda m: m.add("HOST", 60, "A", "192.0.2.1")) is zone
    new = updated(zone, lambda m: m.add("host", 5, "A", "192.0.2.1"))
    assert at(new, "host") == {"A 5 192.0.2.1", "A 5 192.0.2.2", 'TXT 60 "a"'}
    assert new.serial == SERIAL + 1
    back = applied(zone, entry("host", "A", IN, 5, b"\xc0\0\2\1"), entry("host", "A", IN, 60, b"\xc0\0\2\2"))
    assert back is zone


def test_greatTtl() -> None:
    """A TTL with the first bit set counts as none (RFC 2181 section 8)."""
    new = applied(zoneOf(TEXT), entry("host", "A", IN, 0x80000000, b"abcd"), entry("b", "A", IN, 0x7FFFFFFF, b"abcd"))
    assert at(new, "host") == {"A 0 97.98.99.100", "A 0 192.0.2.1", "A 0 192.0.2.2", 'TXT 60 "a"'}
    assert at(new, "b") == {"A 2147483647 97.98.99.100"}


def test_signaturesKeepTheirTtls() -> None:
    """The TTL of one signature says nothing of the others."""
    sign = "8 1 60 20300101000000 20200101000000 1 example. QUJD"
    zone = zoneOf(f"{TEXT}host 60 RRSIG A {sign}")
    new = updated(zone, lambda m: m.add("host", 5, "RRSIG", f"TXT {sign}"))
    assert [ttl for ttl, _ in recordsOf(rrsetsAt(new.nodes[wire("host.example.")])[2])] == [60, 5]


def test_alias() -> None:
    """An alias and other data do not come together, whichever was there first (RFC 2136 section 3.4.2.2)."""
    zone = zoneOf(TEXT)
    assert updated(zone, lambda m: m.add("host", 60, "CNAME", "x.example.")) is zone
    assert updated(zone, lambda m: m.add("alias", 60, "A", "192.0.2.1")) is zone
    assert updated(zone, lambda m: m.add("x", 60, "CNAME", "host.example.")) is zone
    assert updated(zone, lambda m: m.add("@", 60, "CNAME", "host.example.")) is zone
    new = updated(
        zone,
        lambda m: m.delete("host"),
        lambda m: m.add("host", 60, "CNAME", "x.example."),
        lambda m: m.add("host", 60, "A", "192.0.2.9"),
        lambda m: m.delete("alias", "CNAME"),
        lambda m: m.add("alias", 60, "A", "192.0.2.9"),
    )
    assert at(new, "host") == {"CNAME 60 x.example."}
    assert at(new, "alias") == {"A 60 192.0.2.9"}


def test_besideAlias() -> None:
    """What belongs to DNSSEC stands beside an alias (RFC 4035 section 2.5)."""
    new = updated(
        zoneOf(TEXT),
        lambda m: m.add("alias", 60, "NSEC", "b.example. CNAME NSEC"),
        lambda m: m.add("alias", 60, "CNAME", "x.example."),
        lambda m: m.add("b", 60, "NSEC", "c.example. CNAME NSEC"),
        lambda m: m.add("b", 60, "CNAME", "x.example."),
    )
    assert at(new, "alias") == {"CNAME 60 x.example.", "NSEC 60 b.example. CNAME NSEC"}
    assert at(new, "b") == {"CNAME 60 x.example.", "NSEC 60 c.example. CNAME NSEC"}


def test_replace() -> None:
    """Of some types a name has but one record, and a new one takes the place of the old one."""
    new = updated(
        zoneOf(TEXT),
        lambda m: m.add("alias", 5, "CNAME", "new.example."),
        lambda m: m.add("x", 5, "DNAME", "new.example."),
        lambda m: m.add("services", 5, "WKS", "192.0.2.1 6 80"),
    )
    assert at(new, "alias") == {"CNAME 5 new.example."}
    assert at(new, "x") == {"DNAME 5 new.example."}
    assert at(new, "services") == {"WKS 5 192.0.2.1 6 80"}
    other = updated(
        new,
        lambda m: m.add("services", 5, "WKS", "192.0.2.1 17 53"),
        lambda m: m.add("services", 5, "WKS", "192.0.2.2 6 53"),
    )
    assert at(other, "services") == {"WKS 5 192.0.2.1 6 80", "WKS 5 192.0.2.1 17 53", "WKS 5 192.0.2.2 6 53"}
    assert updated(other, lambda m: m.add("ALIAS", 5, "CNAME", "new.example.")) is other


def test_delete() -> None:
    """A record, an RRset or all of a name goes (RFC 2136 sections 3.4.2.3 and 3.4.2.4)."""
    zone = zoneOf(TEXT)
    assert at(updated(zone, lambda m: m.delete("HOST", "A", "192.0.2.1")), "host") == {"A 60 192.0.2.2", 'TXT 60 "a"'}
    assert at(updated(zone, lambda m: m.delete("host", "A")), "host") == {'TXT 60 "a"'}
    gone = updated(zone, lambda m: m.delete("host"), lambda m: m.delete("a.ent", "A", "192.0.2.3"))
    assert set(zone.nodes) - set(gone.nodes) == {wire("host.example."), wire("a.ent.example."), wire("ent.example.")}
    assert gone.serial == SERIAL + 1
    for build in (
        lambda m: m.delete("none"),
        lambda m: m.delete("ent"),
        lambda m: m.delete("none", "A"),
        lambda m: m.delete("host", "AAAA"),
        lambda m: m.delete("host", "A", "192.0.2.9"),
        lambda m: m.delete("none", "A", "192.0.2.9"),
    ):
        assert updated(zone, build) is zone


def test_caseOfData() -> None:
    """Names in data are the same in whatever case they are given, and keep the one that they have."""
    zone = zoneOf(TEXT)
    assert updated(zone, lambda m: m.add("@", 3600, "MX", "10 mail.EXAMPLE.")) is zone
    assert "MX 5 10 Mail.example." in at(updated(zone, lambda m: m.add("@", 5, "MX", "10 mail.EXAMPLE.")), "@")
    assert not any("MX" in one for one in at(updated(zone, lambda m: m.delete("@", "MX", "10 MAIL.example.")), "@"))


def test_deleteAndAddAgain() -> None:
    """What is deleted and added again was never gone."""
    zone = zoneOf(TEXT)
    assert (
        updated(
            zone,
            lambda m: m.delete("host", "A"),
            lambda m: m.add("Host", 60, "A", "192.0.2.2", "192.0.2.1"),
            lambda m: m.add("new", 60, "A", "192.0.2.2"),
            lambda m: m.delete("new"),
        )
        is zone
    )


def test_apexKeeps() -> None:
    """The apex keeps its SOA and NS records when all of it is deleted (RFC 2136 section 3.4.2.3)."""
    zone = zoneOf(TEXT)
    new = updated(zone, lambda m: m.delete("@"))
    assert {one.split()[0] for one in at(new, "@")} == {"SOA", "NS"}
    assert at(new, "host") == at(zone, "host")
    for build in (
        lambda m: m.delete("@", "SOA"),
        lambda m: m.delete("@", "NS"),
        lambda m: m.delete("@", "SOA", SOA.split(None, 3)[3]),
        lambda m: m.delete("host", "SOA"),
    ):
        assert updated(zone, build) is zone


def test_lastNameServer() -> None:
    """The last NS record of the apex stays, and only that of the apex (RFC 2136 section 3.4.2.4)."""
    zone = zoneOf(TEXT)
    one = updated(zone, lambda m: m.delete("@", "NS", "NS1.example."), lambda m: m.delete("@", "NS", "ns.elsewhere."))
    assert {text for text in at(one, "@") if "NS" in text} == {"NS 3600 ns.elsewhere."}
    assert updated(one, lambda m: m.delete("@", "NS", "ns.elsewhere.")) is one
    other = updated(one, lambda m: m.add("@", 9, "NS", "new."), lambda m: m.delete("@", "NS", "ns.elsewhere."))
    assert {text for text in at(other, "@") if "NS" in text} == {"NS 9 new."}
    assert at(updated(zone, lambda m: m.delete("child", "NS", "ns.child.example.")), "child") == set()


# --- the serial ---


def soa(serial: int, rest: str = "1 1 1 1") -> bytes:
    """The data of an SOA record."""
    return rdata("SOA", f"m r {serial % 2**32} {rest}")


def test_newerSerial() -> None:
    """An SOA record with a newer serial takes the place of the old one; its serial stays."""
    zone = zoneOf(TEXT)
    new = applied(zone, entry("example.", "SOA", IN, 7, soa(SERIAL + 10)), entry("b", "A", IN, 1, b"abcd"))
    assert (new.serial, new.minimum) == (SERIAL + 10, 1)
    assert f"SOA 7 m.example. r.example. {SERIAL + 10} 1 1 1 1" in at(new, "@")
    assert at(new, "b")


@pytest.mark.parametrize("distance", [0, -1, 2**31, 2**31 + 1])
def test_olderSerial(distance: int) -> None:
    """An SOA record with any other serial is ignored (RFC 2136 section 3.4.2.2)."""
    zone = zoneOf(TEXT)
    old = entry("example.", "SOA", IN, 7, soa(SERIAL + distance))
    assert applied(zone, old) is zone
    new = applied(zone, old, entry("b", "A", IN, 1, b"abcd"))
    assert (new.serial, new.minimum) == (SERIAL + 1, 300)


def test_soaBelow() -> None:
    """An SOA record below the apex is ignored."""
    zone = zoneOf(TEXT)
    assert applied(zone, entry("host", "SOA", IN, 7, soa(SERIAL + 1)), entry("b", "SOA", IN, 7, soa(1))) is zone


def test_serialGoesRound() -> None:
    """Serials wrap around, and SOA records that lead all around do not make the zone older (RFC 1982)."""
    zone = zoneOf(TEXT, soa="@ 60 SOA m r 4294967295 1 1 1 1")
    assert applied(zone, entry("b", "A", IN, 1, b"abcd")).serial == 0
    steps = [0x7FFFFFFE, 0xFFFFFFFD, 0xFFFFFFFF]
    around = [entry("example.", "SOA", IN, 60, soa(serial, rest="1 1 1 9")) for serial in steps]
    new = applied(zone, *around)
    assert (new.serial, new.minimum) == (0, 9)
    assert applied(zone, *[one._replace(rdata=one.rdata[:-1] + b"\1") for one in around]) is zone


# --- the RFC's own words, run ---

Model = dict[tuple[bytes, int, bytes], tuple[int, bytes]]


def reference(zone: Zone, updates: list[Entry]) -> Model:
    """What RFC 2136 section 3.4.2.7 makes of a zone: its records by owner, type and folded data."""
    records: Model = {}
    for owner, packed in zone.rrsets():
        for ttl, data in recordsOf(packed):
            records[owner.lower(), typeOf(packed), foldRdata(typeOf(packed), data)] = ttl, data

    def rrset(name: bytes, type: int) -> list[tuple[bytes, int, bytes]]:
        return [key for key in records if key[0] == name and type in (key[1], 255)]

    for one in updates:
        name, type = one.owner.lower(), one.type
        apex = name == zone.apex
        key = name, type, foldRdata(type, one.rdata)
        if one.cls == IN:
            aliases = rrset(name, 5)
            if (rrset(name, 255) != aliases if type == 5 else aliases) or type == 6:
                continue
            for other in rrset(name, type):
                if type in (5, 39) and other != key:
                    del records[other]
            records[key] = one.ttl, records.get(key, (0, one.rdata))[1]
            for other in rrset(name, type):
                records[other] = one.ttl, records[other][1]
        elif one.cls == ANY:
            for other in rrset(name, type):
                if not (apex and other[1] in (2, 6)):
                    del records[other]
        elif not (apex and (type == 6 or (type == 2 and len(rrset(name, 2)) == 1))):
            records.pop(key, None)
    return records


DATA = {
    "A": [b"\xc0\0\2\1", b"\xc0\0\2\2", b"\xc0\0\2\3"],
    "NS": [wire("ns1.example."), wire("NS.elsewhere."), wire("ns.child.example.")],
    "CNAME": [wire("host.example."), wire("c.example.")],
    "DNAME": [wire("host.example."), wire("c.example.")],
    "TXT": [b"\1a", b"\4text"],
    "SOA": [soa(1)],
}
owners = st.sampled_from(["example.", "host", "HOST", "alias", "x", "child", "a.ent", "ent", "new", "b.new"])
typed = st.sampled_from(sorted(DATA)).flatmap(lambda name: st.tuples(st.just(name), st.sampled_from(DATA[name])))
entries = st.one_of(
    st.builds(lambda owner, one, ttl: entry(owner, one[0], IN, ttl, one[1]), owners, typed, st.sampled_from([5, 60])),
    st.builds(lambda owner, one: entry(owner, one[0], NONE, 0, one[1]), owners, typed),
    st.builds(lambda owner, name: entry(owner, name, ANY), owners, st.sampled_from([*DATA, "ANY"])),
)


@given(st.lists(entries, max_size=12))
def test_likeTheReference(updates: list[Entry]) -> None:
    """Any list of changes leads where the RFC says, and is taken as a change just when something differs."""
    zone = zoneOf(TEXT, soa="@ 3600 SOA m r 10 1 1 1 1")
    new = applied(zone, *updates)
    expected = reference(zone, updates)
    assert (new is zone) == (expected == reference(zone, []))
    assert new.serial == 10 + (new is not zone)
    found = reference(new, [])
    key = next(key for key in expected if key[1] == 6)
    del expected[key]
    del found[next(key for key in found if key[1] == 6)]
    assert found == expected
