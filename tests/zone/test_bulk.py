"""The short way and the long way of reading a zone have the same outcome."""

from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from txnames.error import ZoneFileError
from txnames.zone import bulk
from txnames.zone.master import readZone
from txnames.zone.rrset import rdatasOf
from txnames.zone.source import Source
from txnames.zone.tree import rrsetsAt

HEAD = b"$TTL 60\n@ SOA ns hm 1 2 3 4 5\n@ NS ns\nns A 192.0.2.1\n"


def outcome(text: bytes, *, plain: bool, strict: bool = False) -> Any:
    """What reading a zone ends with: its names, their spelling and the warnings, or else the errors."""
    try:
        zone, warnings = readZone(text, b"example", bulk=plain, strict=strict)
    except ZoneFileError as error:
        return error.problems
    return list(zone.nodes.items()), zone.spelling, warnings


owners = st.sampled_from(
    [
        "",
        "@",
        "a",
        "b",
        "A",
        "ns",
        "a.b",
        "A.b",
        "www.example.",
        "example.",
        "x.y.z",
        "out.",
        "*",
        "a..b",
        ".",
        "a\\.b",
        "a.@",
        "b$",
        "é",
        "x" * 63,
        "x" * 64,
        ".".join(["y" * 61] * 4),
        "c.example.net.",
        "_t._u",
        "\\097",
        "a.\\098",
    ]
)
times = st.sampled_from(["", "60", "61", "1h", "0", "99999999999", "2147483648", "x", "060"])
classes = st.sampled_from(["", "IN", "in", "CH", "In", "CLASS1"])
data = st.sampled_from(
    [
        *[
            "A 192.0.2.1",
            "A 192.0.2.2",
            "a 192.0.2.2 ",
            "A 192.0.2",
            "A 192.0.2.02",
            "A 1.2.3.4 5",
            "A",
            "A \\# 4 01020304",
        ],
        *[
            "AAAA ::1",
            "AAAA ::2\t",
            "AAAA ::g",
            "AAAA fe80::1%eth0",
            "NS ns",
            "NS NS",
            "ns a.b",
            "NS x.",
            "NS @",
            "NS .",
        ],
        *[
            "NS ns.example.",
            "NS Ns.Example.",
            "NS a..b",
            "NS a b",
            "NS a@b",
            "NS a.@",
            "MX 1 a.@",
            "NS " + "z" * 64,
            "CNAME b",
            "PTR b.a",
            "DNAME q",
        ],
        *[
            "MX 10 a",
            "MX 10 .",
            "MX 010 @",
            "MX 70000 a",
            "MX +1 a",
            "MX 1",
            "MX 1 a b",
            "TXT a",
            "TXT a b  c",
            'TXT "a"',
        ],
        *[
            'TXT "a b"',
            'TXT "a" "b"',
            'TXT a"b"',
            'TXT "a"b',
            'TXT "a;b"',
            'TXT "a(b"',
            "TXT",
            "TXT a;b",
            'TXT "a',
            "TXT ()",
        ],
        *[
            'TXT ""',
            "TXT " + "t" * 255,
            "TXT " + "t" * 256,
            'TXT "' + "t" * 300 + '"',
            "TXT é",
            'TXT "é"',
            "TXT ( a",
            "TXT a )",
        ],
        *[
            "DS 1 8 1 " + "0f" * 20,
            "DS 1 8 2 " + "0F" * 32,
            "DS 1 8 2 00",
            "DS 1 RSASHA256 4 " + "0f" * 48,
            "DS 1 8 9 00",
        ],
        *["DS 65536 8 1 " + "0f" * 20, "DS 1 8 1 " + "0g" * 20, "DS 1 300 1 " + "0f" * 20, "DS -1 8 1 " + "0f" * 20],
        *["SRV 1 2 3 a", "SRV 1 2 3", 'CAA 0 issue "ca.example"', "CAA 0 issue ca", 'HINFO "a" b', "TYPE1 192.0.2.9"],
        *["SOA ns hm 1 2 3 4 5", "SOA ns hm ( 1 2 3", "4 5 )", "HTTPS 1 . alpn=h2", 'HTTPS 1 . alpn="h2,h3"', "SPF a"],
        *[
            "RRSIG A 8 2 60 20300101000000 20200101000000 1 example. AAAA",
            "NSEC b A NS",
            "TYPE65280 \\# 1 00",
            "FOO bar",
        ],
        *[
            "RRSIG A 8 2 60 20300101000000 20200101000000 1 example. AAAB",
            "RRSIG NS 8 2 61 20300101000000 20200101000000 1 a. AA==",
        ],
    ]
)
ends = st.sampled_from(["", "", "", " ", "\r", " ; comment", ";", " \x0b", '"'])
blanks = st.sampled_from([" ", "\t", "  "])


@st.composite
def records(draw: st.DrawFn) -> str:
    """A line with a record, or with something like one."""
    parts = draw(st.permutations([draw(times), draw(classes)]))
    words = [draw(owners), *filter(None, parts), draw(data)]
    return draw(blanks).join(words) + draw(ends)


directives = st.sampled_from(
    [
        "$ORIGIN a.example.",
        "$ORIGIN example.",
        "$ORIGIN sub",
        "$TTL 61",
        "$TTL 60",
        "$TTL",
        "",
        "  ",
        "; x",
        "$FOO",
        "\r",
        "$GENERATE 1-2 g$ A 192.0.2.$",
        " 60 IN",
        "$INCLUDE x",
        '"',
        ")",
        "$TTL 4294967295",
    ]
)
lines = st.one_of(records(), records(), records(), directives)


@given(st.lists(lines, max_size=14), st.booleans(), st.sampled_from([HEAD, b"", HEAD.replace(b"$TTL 60\n", b"")]))
@example(["A.b A 192.0.2.1", "a.B NS x", "$ORIGIN b.example.", "A AAAA ::1"], False, HEAD)
@example([" NS a", "a A 192.0.2.9"], True, b"")
def test_sameOutcome(written: list[str], strict: bool, head: bytes) -> None:
    """Both ways give the same zone in the same order with the same warnings, or the same errors."""
    text = head + "\n".join(written).encode("latin-1")
    assert outcome(text, plain=True, strict=strict) == outcome(text, plain=False, strict=strict)


goodOwners = st.sampled_from(
    ["", "@", "a", "A", "a.b", "A.B", "ns", "www.example.", "x.y.z", "*", "a\\.b", "\\097", "out."]
)
goodData = st.sampled_from(
    [
        *["A 192.0.2.1", "A 192.0.2.2", "a 192.0.2.2 ", "A \\# 4 01020304", "AAAA ::1", "NS ns", "NS NS", "NS x."],
        *[
            "NS @",
            "NS ns.example.",
            "NS Ns.Example.",
            "PTR b.a",
            "MX 10 a",
            "MX 10 .",
            "MX 010 @",
            "TXT a",
            "TXT a b  c",
        ],
        *['TXT "a;b"', 'TXT "a(b"', "TXT ( a", 'TXT "a" "b"', 'TXT a"b"', "TXT " + "t" * 255, "SPF a", "SRV 1 2 3 a"],
        *["DS 1 8 1 " + "0f" * 20, "DS 1 RSASHA256 2 " + "0f" * 32, 'CAA 0 issue "ca.example"', "TYPE1 192.0.2.9"],
        "TYPE65280 \\# 1 00",
        *[
            f"RRSIG {covered} 8 2 {ttl} 20300101000000 20200101000000 1 a. AAA{end}"
            for covered in ("A", "NS")
            for ttl in (60, 61)
            for end in "AQ"
        ],
        *[f"A 192.0.2.{number}" for number in range(20)],
        *[f'TXT "{number}' + "x" * 200 + '"' for number in range(6)],
    ]
)


@st.composite
def goodRecords(draw: st.DrawFn) -> str:
    """A line with a record."""
    data = draw(goodData)
    if data == "TXT ( a":
        data += draw(st.sampled_from([" )", "\n )", "\nb )", " ; c\n\n )"]))
    parts = draw(
        st.permutations([draw(st.sampled_from(["", "", "60", "61", "1h"])), draw(st.sampled_from(["", "IN", "in"]))])
    )
    return " ".join([draw(goodOwners), *filter(None, parts), data]) + draw(
        st.sampled_from(["", "", " ", "\r", " ; comment"])
    )


goodDirectives = st.sampled_from(
    ["$ORIGIN a.example.", "$ORIGIN example.", "$TTL 61", "$GENERATE 1-2 g$ A 192.0.2.$", "", "; x"]
)


@given(
    st.lists(st.one_of(goodRecords(), goodRecords(), goodRecords(), goodDirectives), max_size=40),
    st.sampled_from(
        [HEAD, HEAD.replace(b"$TTL 60\n", b""), HEAD.replace(b"$TTL 60\n", b"").replace(b"@ SOA", b"@ 60 SOA")]
    ),
)
def test_sameZone(written: list[str], head: bytes) -> None:
    """Both ways give the same zone in the same order with the same warnings."""
    text = head + "\n".join(written).encode("latin-1")
    assert outcome(text, plain=True) == outcome(text, plain=False)


@given(st.lists(lines, max_size=60), st.integers(1, 40))
def test_sameOutcomeWhereverChunksEnd(written: list[str], size: int) -> None:
    """It makes no difference in which chunks the text comes."""
    text = HEAD + "\n".join(written).encode("latin-1")

    def chunks() -> list[bytes]:
        return [text[start : start + size] for start in range(0, len(text), size)]

    def load(source: Source | bytes) -> Any:
        try:
            zone, warnings = readZone(source, b"example")
        except ZoneFileError as error:
            return error.problems
        return zone.nodes, zone.spelling, warnings

    assert load(Source("", "", chunks)) == load(text)


LONG = ".".join(["y" * 61] * 3)


@pytest.mark.parametrize(
    "text",
    [
        # Names that grow too long below one that is not.
        f"{LONG} TXT x\nz.{LONG} TXT x\n{'z' * 62}.{LONG} TXT x",
        f"a NS {LONG}.example.\nb NS {'z' * 62}.{LONG}.example.\n{LONG} TXT x\nb NS {'z' * 62}.{LONG}.example.",
        f"{LONG} TXT x\nb NS {'z' * 62}.{LONG}",
        'a CAA 0 issue"x"\na TXT "a"b"c"\na DS 1 RSASHA256 2 ' + "0f" * 32 + "\na DS 1 8 9 00\nb DS x 8 1 " + "0f" * 20,
        # Owners left out after one that lies outside, and after one that is wrong.
        "a TXT x\nb.net. TXT x\n TXT y\na..b TXT x\n TXT y",
        # Large RRsets and nodes, and what is added to them.
        "\n".join(f'a TXT "{number}{"x" * 200}"' for number in range(9)) + "\na A 192.0.2.1\na TXT y\na TXT Y\na TXT y",
        "\n".join(f'a {60 + number} TYPE{65280 + number % 9} \\# 1 0{number % 7}' for number in range(30)),
        "a A 192.0.2.1\na MX 1 b\na AAAA ::1\na MX 2 b\na MX 1 B\na 61 MX 3 b\na TXT x\na A 192.0.2.2\na NS b",
        "\n".join(f"a {type} \\# 1 00" for type in ("TYPE65280", "TYPE65281")) + "\na A 192.0.2.1\na SPF x\na TXT x",
        *["\n".join(f"a TXT {n}\na SPF {n}\na X25 {n}\na ISDN {n}\na HINFO {n} {n}\na CAA 0 {n} {n}\na URI 1 1 {n}\n"
                     f"a NAPTR 1 1 {n} {n} {n} a\na EUI48 00-00-00-00-00-0{n}\na NINFO {n}" for n in range(3))],
        # An RRset that grows, a large one beside it.
        "\n".join(f'a TXT "{number}{"x" * 200}"' for number in range(4))
        + "\na A 192.0.2.1\na A 192.0.2.2\na MX 1 b\na A 192.0.2.3",
        "\n".join(f'a TXT "{n}{"x" * 200}"' for n in range(2))
        + "\na A 192.0.2.1"
        + f'\na TXT "{"y" * 250}"\na A 192.0.2.2\na MX 1 b',
        # Blanks in odd places.
        "a TXT  \na TXT \t\r\n\nb A 192.0.2.1 \t\nb  A  192.0.2.2\t\r\nb NS ns \n",
        "a MX 1\na MX 1 .\na MX x b\na MX 1 b c",
    ],
)  # fmt: skip
def test_sameOfOddTexts(text: str) -> None:
    """Cases that chance seldom makes."""
    assert outcome(HEAD + text.encode(), plain=True) == outcome(HEAD + text.encode(), plain=False)


def test_smallMemos(monkeypatch: pytest.MonkeyPatch) -> None:
    """It makes no difference how much the memos keep."""
    monkeypatch.setattr(bulk, "_NAMES", 2)
    monkeypatch.setattr(bulk, "_MEMO", 2)
    lines = [
        f"{owner} {ttl} IN {data}"
        for owner in ("a", "b.a", "C.b")
        for ttl in (60, 60, 61, 62)
        for data in ("NS x.y.z.", "NS b.a", "NS q", "TXT a", "TXT b", "TXT c")
    ]
    text = HEAD + "\n".join(lines * 2).encode()
    assert outcome(text, plain=True) == outcome(text, plain=False)


def test_otherClasses() -> None:
    """Zones of other classes are the same, too."""
    text = b"$TTL 60\n@ CH SOA ns hm 1 2 3 4 5\n@ NS ns.x.\na TXT b\na CH TXT c\na IN TXT d"
    for plain in (True, False):
        with pytest.raises(ZoneFileError, match=r"6: error: a record of class 1 in a zone of class 3"):
            readZone(text, "example", cls=3, bulk=plain)
        zone, _ = readZone(text.replace(b"IN", b""), "example", cls=3, bulk=plain)
        assert len(rdatasOf(rrsetsAt(zone.nodes[b"\1a\7example\0"])[0])) == 3
