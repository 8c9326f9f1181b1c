"""The short way and the long way of reading a zone have the same outcome."""

from typing import Any

from hypothesis import example, given
from hypothesis import strategies as st

from txnames.error import ZoneFileError
from txnames.zone.master import readZone
from txnames.zone.source import Source

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
