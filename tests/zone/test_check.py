"""The semantic checks: each fault of a zone, and whether all three servers refuse the zone for it."""

import time

import pytest

from txnames.error import ZoneFileError
from txnames.zone.builder import ZoneBuilder
from txnames.zone.check import check
from txnames.zone.problem import MAX_ERRORS, MAX_WARNINGS, Place, Problems, Refusers, Severity
from txnames.zone.rrset import pack

from .building import SOA, wire, zoneOf

NS = "@ 60 NS ns.other.\n"
KEY = "256 3 8 AQAB"
DS = "1 8 2 " + "00" * 32
SIGNATURE = "A 8 2 60 20300101000000 20200101000000 1 example. QUJD"


@pytest.mark.parametrize(
    ("text", "error"),
    [
        ("a 60 CNAME b\na 60 A 192.0.2.1", "a CNAME record at a.example. beside other data (A)"),
        ("a 60 CNAME b\na 60 DS " + DS, "a CNAME record at a.example. beside other data (DS)"),
        ("a 60 CNAME b\na 60 NS b.other.", "a CNAME record at a.example. beside other data (NS)"),
        ("a 60 CNAME b\na 60 DNAME c.", "a CNAME record at a.example. beside other data (DNAME)"),
        ("a 60 CNAME b\na 60 TYPE65280 \\# 0", "a CNAME record at a.example. beside other data (TYPE65280)"),
        ("@ 60 CNAME b", "a CNAME record at example. beside other data (NS, SOA)"),
        ("*.a 60 CNAME b\n*.a 60 A 192.0.2.1", "a CNAME record at *.a.example. beside other data (A)"),
        (
            "s 60 NS b.other.\na.s 60 CNAME b\na.s 60 A 192.0.2.1",
            "a CNAME record at a.s.example. beside other data (A)",
        ),
        ("a 60 CNAME b\na 60 CNAME c", "several CNAME records at a.example."),
        ("a 60 DNAME b.\na 60 DNAME c.", "several DNAME records at a.example."),
    ],
)
def test_errors(text: str, error: str) -> None:
    """What all three refuse is an error."""
    problems = check(zoneOf(NS + text))
    assert [problem.reason for problem in problems if problem.severity is Severity.ERROR] == [error]


@pytest.mark.parametrize(
    ("text", "warnings"),
    [
        ("a 60 SOA m r 1 2 3 4 5", ["an SOA record at a.example., which is not the apex of the zone"]),
        ("a 60 CNAME b\na 60 KEY " + KEY, ["a CNAME record at a.example. beside other data (KEY)"]),
        (
            "a 60 CNAME b\na 60 SOA m r 1 2 3 4 5",
            [
                "a CNAME record at a.example. beside other data (SOA)",
                "an SOA record at a.example., which is not the apex of the zone",
            ],
        ),
        ("a 60 CNAME b\na 60 SIG " + SIGNATURE, ["a CNAME record at a.example. beside other data (SIG)"]),
        ("a 60 DNAME b.\nx.y.a 60 A 192.0.2.1", ["x.y.a.example. lies below the DNAME record of a.example."]),
        ("a 60 DNAME b.\na 60 NS b.", ["a DNAME record at a.example., which is delegated"]),
        ("*.a 60 NS ns.other.", ["*.a.example. delegates, but is a wildcard"]),
        ("@ 60 DS " + DS, ["a DS record at example., the apex of the zone: it belongs to the zone above"]),
        ("@ 60 NS none", ["the NS record of example. names none.example., which has no address"]),
        ("@ 60 NS t\nt 60 TXT x", ["the NS record of example. names t.example., which has no address"]),
        ("@ 60 NS @", ["the NS record of example. names example., which has no address"]),
        ("@ 60 NS a\na 60 CNAME b", ["the NS record of example. names a.example., which is an alias"]),
        (
            "@ 60 NS x.y.a\na 60 DNAME b.",
            ["the NS record of example. names x.y.a.example., which lies below the DNAME record of a.example."],
        ),
        ("c 60 NS none", ["the NS record of c.example. names none.example., which has no address"]),
        ("c 60 NS a\na 60 CNAME b", ["the NS record of c.example. names a.example., which is an alias"]),
        ("c 60 NS C", ["the NS record of c.example. names c.example., which has no address (glue) in this zone"]),
        ("c 60 NS n.c", ["the NS record of c.example. names n.c.example., which has no address (glue) in this zone"]),
        (
            "c 60 NS n.d\nd 60 NS ns.other.",
            ["the NS record of c.example. names n.d.example., which has no address (glue) in this zone"],
        ),
        (
            "c 60 NS n.c\n*.c 60 A 192.0.2.1",
            ["the NS record of c.example. names n.c.example., which has no address (glue) in this zone"],
        ),
        ("c 60 NS x.w\n*.w 60 CNAME a", ["the NS record of c.example. names x.w.example., which is an alias"]),
        ("a 60 MX 1 b\nb 60 CNAME c.", ["the MX record of a.example. names b.example., which is an alias"]),
        ("a 60 MX 1 none\na 60 MX 2 other.", ["the MX record of a.example. names none.example., which has no address"]),
        ("@ 60 MX 1 none", ["the MX record of example. names none.example., which has no address"]),
        ("a 60 SRV 1 2 3 b\nb 60 CNAME c.", ["the SRV record of a.example. names b.example., which is an alias"]),
        ("a 60 SRV 1 2 3 none", ["the SRV record of a.example. names none.example., which has no address"]),
    ],
)
def test_warnings(text: str, warnings: list[str]) -> None:
    """What some of the three load is a warning."""
    problems = check(zoneOf(NS + text))
    assert [problem.reason for problem in problems] == warnings
    assert {problem.severity for problem in problems} == {Severity.WARNING}


@pytest.mark.parametrize(
    "text",
    [
        "a 60 CNAME b\na 60 RRSIG " + SIGNATURE,
        "a 60 CNAME b\na 60 NSEC c CNAME",
        "@ 60 NS ns1\nns1 60 A 192.0.2.1",
        "@ 60 NS ns6\nns6 60 AAAA ::1",
        "@ 60 NS x.w\n*.w 60 A 192.0.2.1",
        "@ 60 NS n.c\nc 60 NS ns.other.",
        "c 60 NS n.C\nn.c 60 A 192.0.2.1",
        "c 60 NS n.C\nn.c 60 AAAA ::1",
        "c 60 NS n.d\nd 60 NS ns.other.\nn.d 60 A 192.0.2.1",
        "c 60 NS n\nn 60 A 192.0.2.1\nn 60 TXT x",
        "c 60 NS x.y.w\n*.w 60 A 192.0.2.1",
        "c 60 NS n.notexample.",
        "a 60 MX 0 .\nb 60 SRV 0 0 0 .",
        "a 60 MX 1 m.c\nc 60 NS ns.other.",
        "a 60 MX 1 m\nm 60 A 192.0.2.1",
        "d 60 DNAME other.\nd 60 A 192.0.2.1\n*.e 60 DNAME other.",
        "a 60 CAA 0 issue ca\na 60 TYPE258 \\# 1 00\nb 60 TYPE261 \\# 1 00",
    ],
)
def test_silence(text: str) -> None:
    """Nothing is said of what is right, or of what another zone is responsible for."""
    assert check(zoneOf(NS + text)) == []


def test_nullMxInRoot() -> None:
    """A null MX is one in the root zone too (RFC 7505)."""
    assert check(zoneOf("@ 60 NS ns.\nns. 60 A 192.0.2.1\na 60 MX 0 .", ".", "@ 60 SOA m. r. 1 2 3 4 5")) == []


def test_apex() -> None:
    """A zone has SOA and NS records at its apex."""
    problems = check(zoneOf("a 60 A 192.0.2.1\na 60 SOA m r 1 2 3 4 5", soa=""))
    assert [str(problem) for problem in problems] == [
        "error: the zone example. has no SOA record",
        "warning: an SOA record at a.example., which is not the apex of the zone",
        "warning: the zone example. has no NS record at its apex",
    ]
    assert [problem.reason for problem in check(zoneOf(""))] == ["the zone example. has no NS record at its apex"]


def test_together() -> None:
    """A zone that one refuses for one reason and the others for another is refused."""
    problems = Problems()
    for problem in check(zoneOf("@ 60 NS ns1\nns1 60 A 192.0.2.1\n@ 60 DNAME other.\nx 60 MX 1 none")):
        assert problem.severity is Severity.WARNING
        problems.add(problem)
    with pytest.raises(ZoneFileError) as caught:
        problems.refuse()
    assert {str(problem) for problem in caught.value.problems} == {
        "error: ns1.example. lies below the DNAME record of example.",
        "error: x.example. lies below the DNAME record of example.",
        "error: the NS record of example. names ns1.example., which lies below the DNAME record of example.",
    }


@pytest.mark.parametrize(
    ("text", "warnings"),
    [
        ("a_b 60 A 192.0.2.1", ["the A record of a_b.example., which is no host name"]),
        ("a_b 60 AAAA ::1", ["the AAAA record of a_b.example., which is no host name"]),
        ("a_b 60 A 192.0.2.1\na_b 60 TXT x", ["the A record of a_b.example., which is no host name"]),
        ("*.*.a 60 A 192.0.2.1", ["the A record of *.*.a.example., which is no host name"]),
        ("gc._msdcs 60 AAAA ::1", ["the AAAA record of gc._msdcs.example., which is no host name"]),
        ("x.-a 60 A 192.0.2.1", ["the A record of x.-a.example., which is no host name"]),
        ("a- 60 A 192.0.2.1", ["the A record of a-.example., which is no host name"]),
        ("a_b 60 MX 1 a.b.", ["the MX record of a_b.example., which is no host name"]),
        ("c 60 NS a_b.other.", ["the NS record of c.example. names a_b.other., which is no host name"]),
        ("c 60 NS *.w\n*.w 60 A 192.0.2.1", ["the NS record of c.example. names *.w.example., which is no host name"]),
        ("c 60 MX 1 a_b.other.", ["the MX record of c.example. names a_b.other., which is no host name"]),
        ("c 60 SRV 1 2 3 a_b.other.", ["the SRV record of c.example. names a_b.other., which is no host name"]),
        ("c 60 AFSDB 1 a_b.other.", ["the AFSDB record of c.example. names a_b.other., which is no host name"]),
        (
            "c 60 HTTPS 1 a_b.other. port=99",
            ["the HTTPS record of c.example. names a_b.other., which is no host name"],
        ),
        ("a 60 SOA a_b. r 1 2 3 4 5", ["the SOA record of a.example. names a_b., which is no host name"]),
        ("a 60 SOA m r.a_b. 1 2 3 4 5", ["the SOA record of a.example. names r.a_b., which is no mailbox of a host"]),
    ],
)
def test_hostNames(text: str, warnings: list[str]) -> None:
    """What is to be the name of a host but isn't is a warning: BIND refuses it."""
    problems = [problem for problem in check(zoneOf(NS + text)) if "not the apex" not in problem.reason]
    assert [problem.reason for problem in problems] == warnings
    assert {problem.refusers for problem in problems} == {Refusers.BIND}


@pytest.mark.parametrize(
    "text",
    [
        "*.w 60 A 192.0.2.1\n*.w 60 MX 1 a.b.\n*.w 60 AAAA ::1",
        "gc._msdcs 60 A 192.0.2.1",
        "a_b 60 TXT x\n_b._tcp 60 SRV 1 2 3 a.b.\n*.*.a 60 TXT x",
        "c 60 PTR a_b.c.\nd 60 CNAME a_b.c.\ne 60 RP a_b.c. a_b.c.\n_f 60 NS a.b.",
        f"{'9' * 40} 60 A 192.0.2.1\na-b.c--d 60 A 192.0.2.1\n9 60 A 192.0.2.1\nA.B 60 A 192.0.2.1",
        "c 60 NS n.other.\nd 60 NS n.other.\ne 60 MX 1 n.other.\nf 60 MX 1 n.other.",
        "c 60 HTTPS 1 . port=99\nd 60 HTTPS 1 h.other. port=99",
    ],
)
def test_noHostNames(text: str) -> None:
    """Other names may be what they like."""
    assert check(zoneOf(NS + text)) == []


def test_mailboxOfRoot() -> None:
    """The SOA record's names may be the root."""
    assert check(zoneOf(NS, soa="@ 60 SOA . . 1 2 3 4 5")) == []


def test_oneOfEachKind() -> None:
    """However many warnings there are, there is one for each of those who refuse the zone."""
    lines = [f"a{number} 60 MX 1 none" for number in range(MAX_WARNINGS)]
    lines += [f"b{number} 60 DNAME x.\nc.b{number} 60 TXT x" for number in range(MAX_WARNINGS)]
    lines += [f"d{number} 60 NS a_b." for number in range(MAX_WARNINGS)]
    problems = check(zoneOf(NS + "\n".join(lines)))
    assert len(problems) == MAX_WARNINGS
    assert {problem.refusers for problem in problems} == {
        Refusers.NOBODY,
        Refusers.NSD | Refusers.KNOT,
        Refusers.BIND,
    }


def test_soaBelowDname() -> None:
    """An SOA record below a DNAME is one that a server loads."""
    problems = Problems()
    for problem in check(zoneOf(NS + "a 60 DNAME b.\nx.a 60 SOA m r 1 2 3 4 5")):
        problems.add(problem)
    problems.refuse()
    assert {problem.refusers for problem in problems.warnings} == {Refusers.NSD, Refusers.NSD | Refusers.BIND}


def test_large() -> None:
    """An RRset that no message can hold is a warning."""
    builder = ZoneBuilder(wire("example."), cls=1)
    zone = zoneOf(NS)
    builder.nodes[wire("example.")] = zone.nodes[wire("example.")]
    builder.nodes[wire("a.example.")] = pack(1, 1, 60, [number.to_bytes(4, "big") for number in range(4096)])
    builder.nodes[wire("b.example.")] = pack(1, 1, 60, [number.to_bytes(4, "big") for number in range(4095)])
    (problem,) = check(builder.build())
    assert problem.reason == "the A records of a.example. have over 65535 octets: no message holds them"
    assert problem.severity is Severity.WARNING


def test_places() -> None:
    """Each problem has the place that the reader gives."""
    asked = []

    def locate(owner: bytes, type: int) -> Place | None:
        asked.append((owner, type))
        return Place("z", len(asked), 1, "text")

    problems = check(zoneOf(NS + "A 60 CNAME b\na 60 A 192.0.2.1\nb 60 MX 1 none"), locate)
    assert asked == [(wire("a.example."), 5), (wire("b.example."), 15)]
    assert [str(problem)[:10] for problem in problems] == ["z:1:1: err", "z:2:1: war"]


def test_bounds() -> None:
    """Not more than 20 errors and 1000 warnings are given, and not more are looked for in the text."""
    lines = [f"a{number} 60 CNAME b\na{number} 60 A 192.0.2.1" for number in range(30)]
    lines += [f"m{number} 60 MX 1 none" for number in range(1100)]
    problems = check(zoneOf(NS + "\n".join(lines)))
    severities = [problem.severity for problem in problems]
    assert severities == [Severity.ERROR] * MAX_ERRORS + [Severity.WARNING] * MAX_WARNINGS


def test_time() -> None:
    """The checks take little time for each name, also where there is a fault everywhere."""
    builder = ZoneBuilder(wire("example."), cls=1)
    for number in range(50_000):
        builder.nodes[b"\6%06d" % number + b"\7example\0"] = pack(2, 1, 60, [b"\4none\7example\0", b"\2ns\5other\0"])
    builder.nodes[wire("example.")] = zoneOf(NS, soa=SOA).nodes[wire("example.")]
    zone = builder.build()
    started = time.process_time()
    assert len(check(zone)) == MAX_WARNINGS
    # Quadratic work would take minutes; others use the machine too, and coverage is measured.
    assert time.process_time() - started < 15
