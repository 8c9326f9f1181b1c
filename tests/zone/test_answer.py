"""Answers leave as records and as messages, and both say the same."""

import dns.message
import dns.name
import dns.rdatatype
import pytest
from hypothesis import given, settings

from txnames.wire.message import Message
from txnames.wire.name import suffixes
from txnames.zone.answer import Answer, Section, Sections, headersOf, payloadsOf
from txnames.zone.lookup import lookup
from txnames.zone.rrset import OWNER, countOf, pack, ttlOf, typeOf
from txnames.zone.tree import Zone, rrsetsAt

from .building import rdata, typeNumber, wire, zoneOf
from .test_lookup import ZONE, apexes, build, zoneTexts

OPT = b"\0" + bytes.fromhex("0029 04d0 00000000 0000")
TYPES = """
@ 60 NS Ns1
@ 60 MX 10 Mail.Www
@ 60 MX 20 mail
@ 60 TXT "some text"
www 60 A 192.0.2.1
www 60 TYPE14 \\# 30 016103577777076578616d706c6500 01620377777707 6578616d706c6500
www 60 TYPE7 \\# 15 01610377777707 6578616d706c6500
www 60 TYPE8 \\# 15 01610377777707 6578616d706c6500
www 60 TYPE9 \\# 15 01610377777707 6578616d706c6500
www 60 PTR www
www 60 SRV 1 2 3 www
www 60 RP a.www b.www
www 60 NAPTR 1 2 "u" "s" "" www
www 60 AFSDB 1 www
www 60 TYPE65280 \\# 4 01020304
a.www 60 CNAME b.Www
"""


def asked(name: bytes, type: int) -> bytes:
    """A question in wire form."""
    return name + type.to_bytes(2, "big") + b"\0\1"


def everyQuestion(zone: Zone) -> list[tuple[bytes, int]]:
    """A question for each type at, below and beside each name of a zone."""
    types = {255, 1, 43, 65281}
    names = set()
    for folded, node in zone.nodes.items():
        types |= {typeOf(packed) for packed in rrsetsAt(node)}
        names |= {folded, zone.ownerOf(folded), folded.upper(), b"\6beside" + folded, b"\2zz" + folded}
    fitting = [name for name in names if name[0] < 64 and len(name) < 255 and suffixes(name)]
    return [(name, type) for name in sorted(fitting) for type in sorted(types)]


@pytest.mark.parametrize("text", [ZONE, TYPES])
@pytest.mark.parametrize("minimal", [False, True])
def test_bothWaysAgree(text: str, minimal: bool) -> None:
    """For every question of a zone, the decoded message holds the records of the other way out."""
    zone = zoneOf(text)
    count = 0
    for name, type in everyQuestion(zone):
        answer = lookup(zone, name, type, minimalAny=minimal)
        if answer is None:
            continue
        octets = answer.toWire(0x1234, 0x0110, asked(name, type), 65535)
        message = Message()
        message.fromStr(octets)
        sections = answer.headers()
        assert (message.answers, message.authority, message.additional) == sections
        records = [record for section in sections for record in section]
        for decoded, made in zip(message.answers + message.authority + message.additional, records, strict=True):
            assert decoded.name.wire == made.name.wire
            assert decoded.payload.rdata == made.payload.rdata
            assert decoded.payload.ttl == made.payload.ttl
        assert (message.rCode, bool(message.auth)) == (answer.rcode, answer.authoritative)
        assert (message.id, message.answer, message.recDes, message.checkingDisabled) == (0x1234, 1, 1, 1)
        assert (message.trunc, message.recAv, message.authenticData, message.opCode) == (0, 0, 0, 0)
        assert message.queries[0].name.wire == name
        count += 1
    assert count > 100


@settings(max_examples=50)
@given(apexes, zoneTexts)
def test_bothWaysAgreeForDrawnZones(apex: list[str], names: dict[str, list[str]]) -> None:
    """The same for zones of all kinds; dnspython reads the message likewise."""
    zone = build("example.", apex, names)
    for name, type in everyQuestion(zone)[::7]:
        answer = lookup(zone, name, type)
        if answer is not None:
            octets = answer.toWire(1, 0, asked(name, type), 65535, OPT)
            message = Message()
            message.fromStr(octets)
            sections = answer.headers()
            assert (message.answers, message.authority, message.additional[:-1]) == sections
            if len(sections[0]) > 12:
                # A loop of DNAMEs: its names are suffixes of suffixes, and dnspython follows 16 pointers for a name.
                continue
            read = dns.message.from_wire(octets, one_rr_per_rrset=True)
            for part, records in zip((read.answer, read.authority, read.additional), sections, strict=True):
                assert [(wire(rrset.name.to_text()).lower(), int(rrset.rdtype), rrset.ttl) for rrset in part] == [
                    (record.name.folded, record.type, record.ttl) for record in records
                ]


def test_octets() -> None:
    """A usual answer, octet by octet: the question, and the RRset as the zone has it."""
    zone = zoneOf("www 60 A 192.0.2.1\nwww 60 A 192.0.2.2")
    question = asked(wire("wWw.EXAMPLE."), 1)
    answer = lookup(zone, wire("wWw.EXAMPLE."), 1)
    assert answer is not None
    header = bytes.fromhex("abcd 8500 0001 0002 0000 0000")
    packed = pack(1, 1, 60, [b"\xc0\0\2\1", b"\xc0\0\2\2"])
    assert answer.toWire(0xABCD, 0x0100, question, 512) == header + question + packed
    withOpt = header[:-1] + b"\1" + question + packed + OPT
    assert answer.toWire(0xABCD, 0x0100, question, 512, OPT) == withOpt
    assert answer.toWire(0xABCD, 0x0100, question, len(withOpt), OPT) == withOpt


def test_compression() -> None:
    """Names that stand in the message already, in the same case, are pointed to; only where RFC 1035 allows it."""
    answer = Answer()
    qname = wire("a.Www.example.")
    answer.answer = [
        (qname, pack(5, 1, 1, [wire("b.www.example.")])),
        (wire("b.www.example."), pack(15, 1, 1, [rdata("MX", "1 m.Www"), rdata("MX", "2 m.Www")])),
        (wire("b.www.example."), pack(33, 1, 1, [rdata("SRV", "1 2 3 b.www")])),
        (wire("example."), pack(6, 1, 1, [rdata("SOA", "m.Www x.m.Www 1 2 3 4 5")])),
        (b"\0", pack(2, 1, 1, [b"\0"])),
    ]
    octets = answer.toWire(0, 0, asked(qname, 1), 512)
    records = octets[12 + len(qname) + 4 :]
    # a = 12, Www = 14, example = 18; the CNAME's target begins at 43, its www at 45.
    expected = [
        b"\xc0\x0c" + bytes.fromhex("0005 0001 00000001 0008") + b"\1b\3www\xc0\x12",
        b"\xc0\x2b" + bytes.fromhex("000f 0001 00000001 0006") + b"\0\1\1m\xc0\x0e",
        b"\xc0\x2b" + bytes.fromhex("000f 0001 00000001 0004") + b"\0\2\xc0\x41",
        b"\xc0\x2b" + bytes.fromhex("0021 0001 00000001 0015") + b"\0\1\0\2\0\3" + wire("b.www.example."),
        b"\xc0\x12" + bytes.fromhex("0006 0001 00000001 001a") + b"\xc0\x41\1x\xc0\x41",
        b"",
    ]
    start = 0
    for octet in expected[:-1]:
        assert records[start : start + len(octet)] == octet
        start += len(octet)
        if octet[2:4] == b"\0\6":
            start += 20
    assert records[start:] == b"\0" + bytes.fromhex("0002 0001 00000001 0001") + b"\0"


def test_caseGivesWay() -> None:
    """Names that differ in case share octets only where an RRset that is needed would not fit otherwise."""
    answer = Answer(authoritative=False)
    answer.authority = [(wire("www.example."), pack(2, 1, 1, [wire("ns.www.example.")]))]
    answer.glue = [(wire("ns.www.example."), pack(1, 1, 1, [b"\xc0\0\2\1"]))]
    question = asked(wire("WWW.EXAMPLE."), 1)
    whole = answer.toWire(0, 0, question, 512)
    assert b"\3www\7example\0" in whole
    shorter = answer.toWire(0, 0, question, len(whole) - 1)
    assert b"www" not in shorter
    assert dns.message.from_wire(shorter).additional[0].name == dns.name.from_text("ns.www.example.")
    assert not shorter[2] & 2
    truncated = answer.toWire(0, 0, question, len(shorter) - 1)
    assert truncated[2] & 2
    assert b"www" in truncated


def test_noPointerTooFar() -> None:
    """No pointer leads past octet 16383 (RFC 1035 section 4.1.4)."""
    answer = Answer()
    answer.answer = [
        (wire("q."), pack(16, 1, 1, [b"\xff" + bytes([number]) + b"x" * 254 for number in range(60)])),
        (wire("far.away."), pack(2, 1, 1, [wire(f"n{number}.far.away.") for number in range(100)])),
        (wire("other.owner."), pack(1, 1, 1, [number.to_bytes(4, "big") for number in range(100)])),
    ]
    answer.additional = [(wire("more.away."), pack(1, 1, 1, [b"abcd"]))]
    octets = answer.toWire(0, 0, asked(wire("q."), 16), 65535)
    message = Message()
    message.fromStr(octets)
    assert (message.answers, message.authority, message.additional) == answer.headers()
    assert len(octets) > 20_000


def truncations(answer: Answer, question: bytes) -> None:
    """Hold the message of each possible size against what has room."""
    whole = answer.toWire(0, 0, question, 65535)
    sets: list[tuple[int, bool, bytes, bytes]] = [
        (section, needed, owner, packed)
        for section, needed, rrsets in (
            (0, True, answer.answer),
            (1, True, answer.authority),
            (2, True, answer.glue),
            (2, False, answer.additional),
        )
        for owner, packed in rrsets
    ]
    # The size of the message with the first so many RRsets.
    sizes = []
    for count in range(len(sets) + 1):
        part = Answer(answer.rcode, answer.authoritative)
        parts: list[Section] = [part.answer, part.authority, part.additional]
        for section, _, owner, packed in sets[:count]:
            parts[section].append((owner, packed))
        sizes.append(len(part.toWire(0, 0, question, 65535)))
    assert sizes[-1] == len(whole)
    for opt in (None, OPT):
        extra = len(opt) if opt else 0
        for limit in range(sizes[0] + extra, len(whole) + extra + 2):
            octets = answer.toWire(0, 0, question, limit, opt)
            assert len(octets) <= limit
            kept = max(count for count, size in enumerate(sizes) if size + extra <= limit)
            assert len(octets) == sizes[kept] + extra
            dropped = sets[kept:]
            assert bool(octets[2] & 2) == any(needed for _, needed, _, _ in dropped[:1])
            message = Message()
            message.fromStr(octets)
            counts = [0, 0, len(opt or b"") // 11]
            for section, _, _, packed in sets[:kept]:
                counts[section] += countOf(packed)
            assert [len(message.answers), len(message.authority), len(message.additional)] == counts


@pytest.mark.parametrize(
    ("name", "type"), [("toCut", "A"), ("chain", "A"), ("host.d", "A"), ("@", "NS"), ("cut", "A"), ("nowhere", "A")]
)
def test_truncation(name: str, type: str) -> None:
    """RRsets are sent whole or not at all; TC tells when one is missing that is needed (RFC 2181 section 9)."""
    qname = wire("example." if name == "@" else f"{name}.example.")
    answer = lookup(zoneOf(ZONE), qname, typeNumber(type))
    assert answer is not None
    truncations(answer, asked(qname, typeNumber(type)))


def test_sections() -> None:
    """What a query results in is a plain triple that says some more."""
    answer = lookup(zoneOf(ZONE), wire("nowhere.example."), 1)
    assert answer is not None
    sections = answer.headers()
    answers, authority, additional = sections
    assert isinstance(sections, tuple)
    assert (answers, additional, sections.rcode, sections.authoritative) == ([], [], 3, True)
    assert [(record.type, record.ttl, record.auth) for record in authority] == [(6, 300, True)]
    assert Sections([], [], []) == ([], [], [])
    assert (Sections([], [], []).rcode, Sections([], [], []).authoritative) == (0, False)
    referral = lookup(zoneOf(ZONE), wire("cut.example."), 1)
    assert referral is not None
    assert {record.auth for part in referral.headers() for record in part} == {False}


def test_records() -> None:
    """Packed RRsets become records with owner, class and TTL."""
    packed = pack(1, 1, 60, [b"\xc0\0\2\1", b"\xc0\0\2\2"])
    records = headersOf(wire("Www.example."), packed, True)
    assert [(str(record.name), record.type, record.cls, record.ttl, record.auth) for record in records] == [
        ("Www.example", 1, 1, 60, True)
    ] * 2
    assert [record.payload.dottedQuad() for record in records] == ["192.0.2.1", "192.0.2.2"]
    assert [record.payload for record in records] == payloadsOf(packed)
    assert {record.payload.ttl for record in headersOf(b"\0", packed)} == {ttlOf(packed)}
    assert packed[:2] == OWNER


@pytest.mark.parametrize("type", ["A", "TXT"])
def test_nothingFits(type: str) -> None:
    """An RRset that has no room at all leaves an empty section, and AA as it was."""
    zone = zoneOf("\n".join(f"w 60 A 192.0.2.{number}\nw 60 TXT {'x' * 200}{number}" for number in range(40)))
    answer = lookup(zone, wire("w.example."), typeNumber(type))
    assert answer is not None
    truncations(answer, asked(wire("w.example."), typeNumber(type)))
    assert answer.toWire(7, 0, asked(wire("w.example."), 1), 512) == (
        bytes.fromhex("0007 8600 0001 0000 0000 0000") + asked(wire("w.example."), 1)
    )
