"""The reader knows the statements of zone files."""

import pytest

from txnames.zone import reader
from txnames.zone.master import readZone
from txnames.zone.reader import MAX_DEPTH
from txnames.zone.source import Source

from .reading import HEAD, Files, errors, load, records, shown, warnings

BARE = "@ 3600 SOA ns hm 1 2 3 4 5\n@ NS ns\nns A 192.0.2.1\n"
SET = "$TTL 60\n" + BARE


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("www A 192.0.2.2", ["www.example. 3600 A 192.0.2.2"]),
        ("www.example.\t60\tIN\tA\t192.0.2.2", ["www.example. 60 A 192.0.2.2"]),
        ("a IN 60 TXT x", ['a.example. 60 TXT "x"']),
        ("a 60 in txt x", ['a.example. 60 TXT "x"']),
        ("a CLASS1 TXT x", ['a.example. 3600 TXT "x"']),
        ("A A 192.0.2.2\nIN IN A 192.0.2.2", ["A.example. 3600 A 192.0.2.2", "IN.example. 3600 A 192.0.2.2"]),
        ("60 A 192.0.2.2", ["60.example. 3600 A 192.0.2.2"]),
        ("a 1h30m TXT x", ['a.example. 5400 TXT "x"']),
        ("a 1W2d3H4m5S TXT x", ['a.example. 788645 TXT "x"']),
        ("a 0060 TXT x", ['a.example. 60 TXT "x"']),
        ("a 2147483647 TXT x", ['a.example. 2147483647 TXT "x"']),
        ("a TXT x\n\t60 MX 1 @", ["a.example. 60 MX 1 example.", 'a.example. 3600 TXT "x"']),
        ("a TYPE1 \\# 4 c0000202\nb TYPE1 192.0.2.3", ["a.example. 3600 A 192.0.2.2", "b.example. 3600 A 192.0.2.3"]),
        ("c A \\# 4 ( c000 0204 )", ["c.example. 3600 A 192.0.2.4"]),
        ("a TYPE65280 \\# 2 0A0b", ["a.example. 3600 TYPE65280 \\# 2 0A0B"]),
        ("b TYPE65280 \\# 0", ["b.example. 3600 TYPE65280 \\# 0"]),
        ("a\\.b TXT x\n\\097.c TXT y", ['a\\.b.example. 3600 TXT "x"', 'a.c.example. 3600 TXT "y"']),
        ("a (\n60 ; time\n\n TXT ( x ) ) y", ['a.example. 60 TXT "x" "y"']),
        ("@ MX 10 @\n* CNAME x.", ["example. 3600 MX 10 example.", "*.example. 3600 CNAME x."]),
    ],
)  # fmt: skip
def test_records(text: str, expected: list[str]) -> None:
    """Owner, TTL, class, type and data are read in all their forms."""
    assert records(text) == expected


def test_inheritance() -> None:
    """An owner left out is that of the record before, whatever the origin is by then."""
    text = "a TXT 1\n$ORIGIN b.example.\n TXT 2\nc TXT 3\n; d\n\n  \n TXT 4"
    assert records(text) == [
        'a.example. 3600 TXT "1"',
        'a.example. 3600 TXT "2"',
        'c.b.example. 3600 TXT "3"',
        'c.b.example. 3600 TXT "4"',
    ]


def test_ownerAfterError() -> None:
    """A line with an error still gives the next one its owner: there are no errors that only follow from others."""
    assert errors("a A 1.2.3\n TXT x\nb FOO\n TXT y") == [
        "main:5:5: error: A.address: '1.2.3' is not an IPv4 address: '1.2.3'",
        "main:7:3: error: 'FOO' is neither a type nor a class nor a TTL: 'FOO'",
    ]


def test_noOwner() -> None:
    """The first record's owner may be missing; some servers take the origin."""
    head = " 3600 SOA ns hm 1 2 3 4 5\n NS ns\nns A 192.0.2.1\n$TTL 3600\n"
    assert warnings("", head=head)[0] == (
        "main:1:2: warning: the first record of a file gives no owner: it is that of the origin: '3600'"
    )
    assert records("a TXT x", head=head) == ['a.example. 3600 TXT "x"']


@pytest.mark.parametrize(
    ("head", "text", "ttls"),
    [
        (SET, "a TXT 1\nb 70 TXT 2\nc TXT 3\n$TTL 1m\nd TXT 4\n$ttl 80\ne TXT 5", [60, 70, 60, 60, 80]),
        (BARE, "a TXT 1\nb 70 TXT 2\nc TXT 3\n$TTL 80\nd 90 TXT 4\ne TXT 5", [3600, 70, 70, 90, 80]),
        (BARE.replace("3600 ", ""), "a TXT 1\nb 70 TXT 2\nc TXT 3", [5, 70, 5]),
        ("@ NS ns\n" + BARE, "a TXT 1", [3600]),
    ],
)
def test_impliedTtl(head: str, text: str, ttls: list[int]) -> None:
    """A TTL left out is that of $TTL, else of the record before, else the SOA's minimum, else an hour."""
    assert [int(line.split()[1]) for line in records(text, head=head)] == ttls


@pytest.mark.parametrize(
    ("head", "text", "found"),
    [
        (SET, "a TXT 1", []),
        (BARE, "", ["main:2:1: warning: there is no $TTL: the record has the TTL of the one before: '@'"]),
        (
            BARE.replace("3600 ", ""),
            "",
            ["main:1:1: warning: there is no $TTL, and no TTL here: the minimum of the SOA is taken: '@'"],
        ),
        (
            BARE.replace("@ 3600 SOA ns hm 1 2 3 4 5\n@ NS ns\n", "@ NS ns\n@ 3600 SOA ns hm 1 2 3 4 5\n"),
            "",
            [
                "main:1:1: warning: there is no $TTL, nor a TTL here or before: 3600 s is taken: '@'",
                "main:3:1: warning: there is no $TTL: the record has the TTL of the one before: 'ns'",
            ],
        ),
    ],
)
def test_impliedTtlWarnings(head: str, text: str, found: list[str]) -> None:
    """A TTL that not all servers would take is worth a word, but one only."""
    assert warnings(text, head=head) == found


@pytest.mark.parametrize(
    ("text", "place", "reason"),
    [
        ("a 2h30 TXT x", "5:3", "a TTL that ends without a unit, which is taken for seconds: '2h30'"),
        ("a 2147483648 TXT x", "5:3", "a TTL of more than 2147483647 s, which counts as 0: '2147483648'"),
        ("$TTL 4294967295", "5:6", "a TTL of more than 2147483647 s, which counts as 0: '4294967295'"),
        ("a 4294967296 TXT x", "5:3", "a TTL of more than 2147483647 s, which counts as 0: '4294967296'"),
        ('"a" TXT x', "5:1", "a name does not stand in quotes: 'a'"),
        ('a "60" TXT x', "5:3", "class, TTL and type do not stand in quotes: '60'"),
        ('a "IN" TXT x', "5:3", "class, TTL and type do not stand in quotes: 'IN'"),
        ('a "TXT" x', "5:3", "class, TTL and type do not stand in quotes: 'TXT'"),
        ("a@b TXT x", "5:1", "a name with @ or $ in it, without a backslash: 'a@b'"),
        ("a$ TXT x", "5:1", "a name with @ or $ in it, without a backslash: 'a$'"),
        ("a TYPE200 \\# 0", "5:3", "TYPE200 is no type of data: 'TYPE200'"),
        ("$ORIGIN a\nb TXT x", "5:9", "the name in a directive has no dot at its end: 'a'"),
        ("$ORIGIN @\nb TXT x", "5:9", "the name in a directive has no dot at its end: '@'"),
        ("a TXT \xe9", "5:7", "the octet 233 stands here as it is, not as \\233: 'é'"),
    ],
)
def test_warnings(text: str, place: str, reason: str) -> None:
    """What only some servers read is read, with a warning."""
    assert warnings(text) == [f"main:{place}: warning: {reason}"]


def test_oddTtls() -> None:
    """A TTL without a unit at its end has seconds there; one with 32 bits or more counts as 0."""
    assert records("a 2h30 TXT x\nb 2147483648 TXT x\nc 99999999999999999999 TXT x") == [
        'a.example. 7230 TXT "x"',
        'b.example. 0 TXT "x"',
        'c.example. 0 TXT "x"',
    ]


@pytest.mark.parametrize(
    ("text", "place", "reason"),
    [
        ("a", "2", "the record has no type: 'a'"),
        ("a 60", "5", "the record has no type: 'a 60'"),
        ("a 60 IN", "8", "the record has no type: 'a 60 IN'"),
        ("a FOO x", "3", "'FOO' is neither a type nor a class nor a TTL: 'FOO'"),
        ("a 60 60 TXT x", "6", "'60' is neither a type nor a class nor a TTL: '60'"),
        ("a IN IN TXT x", "6", "'IN' is neither a type nor a class nor a TTL: 'IN'"),
        ("a TYPE65536 x", "3", "'TYPE65536' is neither a type nor a class nor a TTL: 'TYPE65536'"),
        ("a \xe9 x", "3", "'é' is neither a type nor a class nor a TTL: 'é'"),
        ("a -1 TXT x", "3", "'-1' is neither a type nor a class nor a TTL: '-1'"),
        ("a 1y TXT x", "3", "'1y' is neither a type nor a class nor a TTL: '1y'"),
        ('a "" TXT x', "3", "'' is neither a type nor a class nor a TTL"),
        ("a AXFR x", "3", "AXFR is no type of data: 'AXFR'"),
        ("a ANY x", "3", "ANY is no type of data: 'ANY'"),
        ("a NONE TXT x", "3", "'NONE' is neither a type nor a class nor a TTL: 'NONE'"),
        ("a CH TXT x", "0", "a record of class 3 in a zone of class 1: 'a CH TXT x'"),
        ("a..b TXT x", "1", "'a..b' is not a name: an empty label: 'a..b'"),
        ('"" TXT x', "1", "'' is not a name: it is empty"),
        ("x" * 64 + " TXT x", "1", f"'{'x' * 64}' is not a name: a label of 64 octets: '{'x' * 64}'"),
        ("a A", "4", "A.address is missing: 'a A'"),
        ("a A 192.0.2.1 x", "15", "'x' is more than the record takes: 'x'"),
        ("a TXT )", "7", "this parenthesis was not opened: ')'"),
        (" $TTL 60", "2", "'$TTL' is neither a type nor a class nor a TTL: '$TTL'"),
        ("$TTL", "1", "$TTL needs a TTL: '$TTL'"),
        ("$TTL x", "6", "'x' is not a TTL: 'x'"),
        ('$TTL "60"', "6", "'60' is not a TTL: '60'"),
        ("$TTL 60 x", "9", "$TTL takes nothing more than a TTL: 'x'"),
        ("$ORIGIN", "1", "$ORIGIN needs a name: '$ORIGIN'"),
        ("$ORIGIN a. b", "12", "$ORIGIN takes nothing more than a name: 'b'"),
        ("$ORIGIN a..", "9", "'a..' is not a name: an empty label: 'a..'"),
        ('$ORIGIN "a."', "9", "a name does not stand in quotes: 'a.'"),
        ("$FOO x", "1", "the directive $FOO is not known: '$FOO'"),
        ("$INCLUDE", "1", "$INCLUDE needs a file, and perhaps an origin: '$INCLUDE'"),
        ("$INCLUDE a b c", "14", "$INCLUDE takes nothing more than a file, and perhaps an origin: 'c'"),
        ("$INCLUDE a", "10", "there is no file that another one could be included from: 'a'"),
    ],
)
def test_errors(text: str, place: str, reason: str) -> None:
    """What no server reads is an error, with the place of what is wrong, and the reader goes on behind it."""
    where = f"main:5:{place}" if place != "0" else "main:5"
    assert errors(text + "\nb A 1.2.3") == [
        f"{where}: error: {reason}",
        "main:6:5: error: A.address: '1.2.3' is not an IPv4 address: '1.2.3'",
    ]


def test_unclosed() -> None:
    """After a parenthesis or quote without end the reader goes on with the very next line."""
    assert errors('a TXT ( b\nc A 1.2.3\nd TXT "e\nf A 1.2.4') == [
        "main:5:7: error: this parenthesis is not closed: '('",
        "main:6:5: error: A.address: '1.2.3' is not an IPv4 address: '1.2.3'",
        "main:7:7: error: this quote is not closed: '\"'",
        "main:8:5: error: A.address: '1.2.4' is not an IPv4 address: '1.2.4'",
    ]


def test_twentyErrors() -> None:
    """After 20 errors the reader ends, in included files too."""
    found = errors("x A y\n" * 30)
    assert len(found) == 20
    assert found[-1].startswith("main:24:5: error: ")
    found = errors("$INCLUDE a\n" * 3, {"a": "x A y\n" * 9})
    assert len(found) == 20
    assert errors("x )\n" * 30)[-1].startswith("main:24:3: error: ")


@pytest.mark.parametrize("mark", ["\xef\xbb\xbf", "\xff\xfe", "\xfe\xff"])
def test_byteOrderMark(mark: str) -> None:
    """A byte order mark at the start of a file is refused with one clear message."""
    name = "UTF-8" if mark == "\xef\xbb\xbf" else "UTF-16"
    reason = f"error: the file begins with a {name} byte order mark: save it as plain text without one"
    assert errors("", head=mark + HEAD) == [f"main:1:1: {reason}"]
    assert errors("$INCLUDE a", {"a": mark + "x FOO"}) == [f"a:1:1: {reason}"]


def test_longLine() -> None:
    """A line of more than a megabyte ends the reading."""
    assert errors("a TXT " + "x" * (1 << 21)) == ["main:5: error: a line of more than 1048576 octets"]


INCLUDED = {
    "a": "w TXT x\n",
    "b": " TXT inside\nw TXT x",
    "c": "$ORIGIN c.example.\n$TTL 77\nw TXT x\n",
    "d": "w 99 TXT x\n",
}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("$INCLUDE a", ['w.example. 3600 TXT "x"']),
        ('$include "a" ; comment', ['w.example. 3600 TXT "x"']),
        ("$INCLUDE a s.example.\nv TXT y", ['w.s.example. 3600 TXT "x"', 'v.example. 3600 TXT "y"']),
        ("$INCLUDE a s\n", ['w.s.example. 3600 TXT "x"']),
        (
            "q TXT 1\n$INCLUDE b\n TXT 2",
            [*(f'q.example. 3600 TXT "{n}"' for n in ("1", "inside", "2")), 'w.example. 3600 TXT "x"'],
        ),
        ("$INCLUDE c\nv TXT y", ['w.c.example. 77 TXT "x"', 'v.example. 77 TXT "y"']),
    ],
)  # fmt: skip
def test_include(text: str, expected: list[str]) -> None:
    """An included file has the origin that is given, or the current one; afterwards origin and owner are restored."""
    assert records(text, INCLUDED) == expected


def test_includeAndLastTtl() -> None:
    """The TTL of the record before may be one of an included file."""
    assert records("$INCLUDE d\nv TXT y", INCLUDED, head=BARE) == ['w.example. 99 TXT "x"', 'v.example. 99 TXT "y"']


def test_includeErrors() -> None:
    """A file that cannot be read, or leads to itself, is an error where it is named; its own errors name the file."""
    files = {"a": "$INCLUDE b\nx FOO", "b": "$INCLUDE a\ny TXT ( z", "c": "ok TXT x\n"}
    assert errors("$INCLUDE missing\n$INCLUDE /etc/passwd\n$INCLUDE a\n$INCLUDE c\nz FOO", files) == [
        "a:2:3: error: 'FOO' is neither a type nor a class nor a TTL: 'FOO'",
        "b:1:10: error: the file includes itself, by way of others perhaps: 'a'",
        "b:2:7: error: this parenthesis is not closed: '('",
        "main:5:10: error: the file cannot be read: No such file: 'missing'",
        "main:6:10: error: outside: '/etc/passwd'",
        "main:9:3: error: 'FOO' is neither a type nor a class nor a TTL: 'FOO'",
    ]


def test_includeDepth() -> None:
    """Files include each other to a certain depth."""
    files = {str(depth): f"$INCLUDE {depth + 1}\n" for depth in range(1, 20)}
    assert errors("$INCLUDE 1", files) == [
        f"{MAX_DEPTH}:1:10: error: files that include each other more than {MAX_DEPTH} deep: '{MAX_DEPTH + 1}'"
    ]
    files[str(MAX_DEPTH)] = "x TXT y\n"
    assert records("$INCLUDE 1", files) == ['x.example. 3600 TXT "y"']


def test_includeAsks() -> None:
    """The opener is told which file asks; the name may have escapes."""
    files = Files({"a b": "$INCLUDE c\n", "c": ""})
    readZone(Source.fromBytes((HEAD + "$INCLUDE a\\ b\n").encode(), "main"), "example", opener=files)
    assert files.asked == [("a b", "main"), ("c", "a b")]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("$GENERATE 1-2 h$ A 192.0.2.$", ["h1.example. 3600 A 192.0.2.1", "h2.example. 3600 A 192.0.2.2"]),
        ('$generate 1-1 h$ 60 in MX "$ m$"', ["h1.example. 60 MX 1 m1.example."]),
        ("$GENERATE 1-1 h$ IN 1h CNAME $.", ["h1.example. 3600 CNAME 1."]),
        ('$GENERATE 1-1 h$ TXT "a;$"', ['h1.example. 3600 TXT "a"']),
        ('$GENERATE 1-1 h$ TXT "\\"a $ b\\""', ['h1.example. 3600 TXT "a 1 b"']),
        (
            "q TXT x\n$GENERATE 1-1 h$ TXT y\n TXT z",
            ['q.example. 3600 TXT "x"', 'q.example. 3600 TXT "z"', 'h1.example. 3600 TXT "y"'],
        ),
    ],
)  # fmt: skip
def test_generate(text: str, expected: list[str]) -> None:
    """$GENERATE stands for lines, and leaves the owner as it was."""
    assert records(text) == expected


def test_generateTtl() -> None:
    """The TTL in a $GENERATE is that of the record before for what follows."""
    found = records("$GENERATE 1-1 h$ 77 A 192.0.2.$\nq TXT x", head=BARE)
    assert found == ["h1.example. 77 A 192.0.2.1", 'q.example. 77 TXT "x"']


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("1-2 h$ TXT a $ b", "in the line 'h1 TXT a $ b': $GENERATE takes one token as data, which may be in quotes"),
        ("1-2 h$ MX 10 m$", "in the line 'h1 MX 10 m1': $GENERATE takes one token as data, which may be in quotes"),
        ("0-300 h$ A 192.0.2.$", "in the line 'h256 A 192.0.2.256': A.address: '192.0.2.256' is not an IPv4 address"),
        ("1-2 h$ FOO 1", "in the line 'h1 FOO 1': 'FOO' is neither a type nor a class nor a TTL"),
        ('1-2 h$ TXT "(a"', "in the line 'h1 TXT (a': this parenthesis is not closed"),
        ("2-1 h$ A 192.0.2.$", "'2-1' is not a range such as 1-10 or 0-100/2"),
    ],
)
def test_generateErrors(text: str, reason: str) -> None:
    """What is wrong with a line that was made is an error of the $GENERATE."""
    (error,) = errors(f"$GENERATE {text}")
    assert f"error: {reason}: '" in error
    assert error.startswith("main:5:")


def test_generateWarnings() -> None:
    """What is odd about lines that were made is a warning about the $GENERATE."""
    outside = "lies outside of the zone example.: its record is left out: '$GENERATE 1-2 h$.x. A 192.0.2.$'"
    big = "a TTL of more than 2147483647 s, which counts as 0: '$GENERATE'"
    assert warnings("$GENERATE 1-2 h$.x. A 192.0.2.$\n$GENERATE 1-1 h$ 2147483648 TXT x") == [
        f"main:5: warning: h1.x. {outside}",
        f"main:5: warning: h2.x. {outside}",
        f"main:6:1: warning: in the line 'h1 2147483648 TXT x': {big}",
    ]


def test_generateBound(monkeypatch: pytest.MonkeyPatch) -> None:
    """All directives together make a bounded number of lines."""
    monkeypatch.setattr(reader, "MAX_GENERATED", 5)
    assert len(records("$GENERATE 1-5 a$ TXT x")) == 5
    assert errors("$GENERATE 1-3 a$ TXT x\n$GENERATE 1-3 b$ TXT x") == [
        "main:6:1: error: more than 5 lines from $GENERATE in one zone: '$GENERATE'"
    ]


def test_readingAgainIsBounded() -> None:
    """Text in which nothing is closed is not read again and again."""
    found = errors("a TXT (\n" * 40_000)
    assert len(found) == 2
    assert found[0] == "main:5:7: error: this parenthesis is not closed within 262144 octets: '('"


def test_crlf() -> None:
    """Lines may end with CR and LF, comments and strings too."""
    text = (HEAD + 'a TXT x ; c\nb TXT "y" (\n"z" ) ; d\nc A 192.0.2.9\n\n').replace("\n", "\r\n")
    zone, found = load(text, head="")
    assert shown(zone) == ['a.example. 3600 TXT "x"', 'b.example. 3600 TXT "y" "z"', "c.example. 3600 A 192.0.2.9"]
    assert not found


@pytest.mark.parametrize(
    ("text", "column", "reason"),
    [
        (f"s SVCB 1 . key667={'x' * 70000}", 12, "key667: 70000 octets, 65535 are allowed"),
        (f"s HIP 2 {'AB' * 300} AQID", 9, "HIP.hit: 300 octets, 255 are allowed"),
        (f"s HIP 2 ABAB {'AQID' * 23334}", 14, "HIP.publicKey: 70002 octets, 65535 are allowed"),
        (f"s TYPE249 gss. 0 0 0 0 69999 {'AQID' * 23333} 0", 24, "TKEY.key: '69999' is not a length"),
    ],
)
def test_tooMuchData(text: str, column: int, reason: str) -> None:
    """Data that has no place in its field is an error at its place."""
    (error,) = errors(text)
    assert error.startswith(f"main:5:{column}: error: ")
    assert reason in error


@pytest.mark.parametrize(
    ("text", "record", "reason"),
    [
        ("x OPENPGPKEY AB==", "x.example. 3600 OPENPGPKEY AA==", "OPENPGPKEY.publicKey: Base64 whose last digit has"),
        ("x DHCID AQ F=", "x.example. 3600 DHCID AQE=", "DHCID.identifier: Base64 whose last digit has"),
        ("x SVCB 1 . ech=AB==", "x.example. 3600 SVCB 1 . ech=AA==", "ech: Base64 whose last digit has"),
        (
            "x NSEC3 1 1 12 - 00====== A",
            "x.example. 3600 NSEC3 1 1 12 - 00 A",
            "NSEC3.nextHashed: base32hex with padding",
        ),
    ],
)
def test_remarksOnData(text: str, record: str, reason: str) -> None:
    """What one of the other servers takes, loads with a warning."""
    assert records(text) == [record]
    (warning,) = warnings(text)
    assert warning.startswith("main:5:")
    assert reason in warning
    assert reason in errors(text, strict=True)[0]
