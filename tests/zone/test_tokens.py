"""Text falls into statements, and those into tokens."""

from collections.abc import Iterator
from contextlib import suppress

import pytest

from txnames.wire.text import Token
from txnames.zone.problem import Refusers
from txnames.zone.tokens import (
    MAX_LINE,
    MAX_STATEMENT,
    MAX_TOKEN,
    LineTooLong,
    Statement,
    TextFault,
    cut,
    pieces,
    shown,
    words,
)


def statement(text: str) -> Statement:
    """The first statement of a text."""
    first, *rest = text.encode("latin-1").split(b"\n")
    lines = iter(rest)
    return cut(first, 1, lambda: next(lines, None))


def texts(text: str) -> list[str]:
    """The tokens of the first statement of a text, with quotes around those that had them."""
    return [
        f'"{token.text.decode("latin-1")}"' if token.quoted else token.text.decode("latin-1")
        for token in statement(text).items
    ]


def remarks(text: str) -> list[tuple[str, Refusers]]:
    """What not all servers read in the first statement of a text, and who does not."""
    return [(remark.reason, remark.refusers) for remark in statement(text).remarks]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", []),
        (" \t ", []),
        ("; only a comment", []),
        ("a 60 IN\tA  192.0.2.1", ["a", "60", "IN", "A", "192.0.2.1"]),
        ("a b\r", ["a", "b"]),
        ("a;b", ["a"]),
        ("a \\;b", ["a", "\\;b"]),
        ("a b ; (c", ["a", "b"]),
        ('a "b c" "" d', ["a", '"b c"', '""', "d"]),
        ('a "b;c(d)"', ["a", '"b;c(d)"']),
        ('a "b\\"c"', ["a", '"b\\"c"']),
        ("a b\\ c\\(", ["a", "b\\ c\\("]),
        ("a (b c\n d ; e (\n) f\ng", ["a", "b", "c", "d", "f"]),
        ("a(b)c()", ["a", "b", "c"]),
        ('k="v w"', ["k=", '"v w"']),
    ],
)
def test_cut(text: str, expected: list[str]) -> None:
    """Blanks and parentheses part tokens, quotes hold them together, and comments are left out."""
    assert texts(text) == expected


def test_places() -> None:
    """A token knows its line and column, both from 1, and a statement its first line."""
    found = statement(' a (\n  "b" c\n)')
    assert found.items == [Token(b"a", False, 1, 2), Token(b"b", True, 2, 3), Token(b"c", False, 2, 7)]
    assert found.blank
    assert found.number == 1
    assert found.lines == [b" a (", b'  "b" c', b")"]
    assert words(b"a  b", 7) == [Token(b"a", False, 7, 1), Token(b"b", False, 7, 4)]
    assert not statement("a").blank
    assert statement("\ta").blank


def test_stringOverLines() -> None:
    """A string may go on over the end of a line, and so may what follows it."""
    found = statement('a "b\nc\nd" e "f\\\n\\"g"(h\n) i')
    assert [token.text for token in found.items[:4]] == [b"a", b"b\nc\nd", b"e", b'f\\\n\\"g']
    assert found.items[1] == Token(b"b\nc\nd", True, 1, 3)
    assert found.items[4] == Token(b"h", False, 4, 6)
    reason = "a string that goes on over the end of the line"
    assert remarks('a "b\nc"') == [(reason, Refusers.BIND | Refusers.KNOT)]
    assert remarks('a "b\\\nc"') == [(reason, Refusers.KNOT)]


@pytest.mark.parametrize(
    ("text", "reason", "refusers"),
    [
        ("a ( b ( c ) )", "a parenthesis within another", Refusers.NSD | Refusers.KNOT),
        ("( a b )", "a parenthesis before the owner", Refusers.NSD | Refusers.KNOT),
        ('a"b"', "no blank between two strings", Refusers.KNOT),
        ('"a"b', "no blank between two strings", Refusers.KNOT),
        ('"a""b"', "no blank between two strings", Refusers.KNOT),
        ('"a\nb"c', "no blank between two strings", Refusers.KNOT),
        ("a\x01", "the octet 1 stands here as it is, not as \\001", Refusers.KNOT),
        ("a\xe9", "the octet 233 stands here as it is, not as \\233", Refusers.KNOT),
        ('"a\0"', "the octet 0 stands here as it is, not as \\000", Refusers.KNOT),
        ("a\0", "the octet 0 stands here as it is, not as \\000", Refusers.BIND | Refusers.KNOT),
        ("\0a", "the octet 0 stands here as it is, not as \\000", Refusers.ALL),
    ],
)
def test_remarks(text: str, reason: str, refusers: Refusers) -> None:
    """What some servers refuse is remarked on."""
    assert (reason, refusers) in remarks(text)


def test_blankBeforeParenthesis() -> None:
    """A parenthesis first in a line that begins with a blank is no more than unusual."""
    assert remarks(" ( a )") == []


def test_badEscapes() -> None:
    """A backslash before digits that are no octet loses its meaning, as NSD has it."""
    assert texts("a\\256b \\1 \\12x \\255 \\\\256 \\034") == ["a256b", "1", "12x", "\\255", "\\\\256", "\\034"]
    assert len(remarks("a\\256b")) == 1
    assert remarks("\\255 \\\\256") == []


@pytest.mark.parametrize(
    ("text", "reason", "line", "column", "again"),
    [
        ("a )", "this parenthesis was not opened", 1, 3, 0),
        ("a (\nb\nc", "this parenthesis is not closed", 1, 3, 2),
        ("a (\nb ( c )", "this parenthesis is not closed", 1, 3, 1),
        ('a "b', "this quote is not closed", 1, 3, 0),
        ('a (\n"b\nc', "this parenthesis is not closed", 1, 3, 2),
        ("a\rb", "a carriage return that ends no line", 1, 2, 0),
        ("a b\\", "nothing follows this backslash", 1, 4, 0),
        ("a b\\\r", "nothing follows this backslash", 1, 4, 0),
        ("a " + "b" * (MAX_TOKEN + 1), f"a token of {MAX_TOKEN + 1} octets, {MAX_TOKEN} are allowed", 1, 3, 0),
        ('"' + "b" * (MAX_TOKEN + 1) + '"', f"a token of {MAX_TOKEN + 1} octets, {MAX_TOKEN} are allowed", 1, 1, 0),
        ('"b' + "\nb" * (MAX_TOKEN // 2), f"this quote is not closed within {MAX_TOKEN} octets", 1, 1, MAX_TOKEN // 2),
        (
            "(" + "\n" * (MAX_STATEMENT + 9),
            f"this parenthesis is not closed within {MAX_STATEMENT} octets",
            1,
            1,
            MAX_STATEMENT,
        ),
    ],
)
def test_faults(text: str, reason: str, line: int, column: int, again: int) -> None:
    """What is no text says where, and how many lines after the first have been looked at."""
    with pytest.raises(TextFault) as caught:
        statement(text)
    token = caught.value.token
    assert (str(caught.value), token.line, token.column, len(caught.value.again)) == (reason, line, column, again)


@pytest.mark.parametrize(
    "text", ['"', "\\", '"\\', "(", ")", '""', "\\\\", '"a\\"', ";", "(;", "a", "\r", '"a" ', "\xff"]
)
def test_longLinesTakeNoLongerThanShortOnes(text: str) -> None:
    """Nothing makes the work grow faster than the text: 200,000 times the same is done in no time."""
    line = (text * 200_000)[:MAX_LINE]
    with suppress(TextFault):
        cut(line.encode("latin-1"))


def joined(chunks: list[bytes]) -> list[bytes]:
    """The pieces of chunks."""
    return list(pieces(chunks))


def test_pieces() -> None:
    """Pieces end with a newline, whatever the chunks, and together are the text."""
    assert joined([]) == []
    assert joined([b"a\nb\n"]) == [b"a\nb\n"]
    assert joined([b"a\nb"]) == [b"a\n", b"b\n"]
    assert joined([b"a", b"b", b"c\nd", b"\n", b"", b"e"]) == [b"abc\n", b"d\n", b"e\n"]


def test_longLine() -> None:
    """A line without end is not taken into memory."""

    def endless() -> Iterator[bytes]:
        yield b"a\n"
        while True:
            yield b"b" * 65536

    found = pieces(endless())
    assert next(found) == b"a\n"
    with pytest.raises(LineTooLong, match=f"a line of more than {MAX_LINE} octets"):
        next(found)


def test_shown() -> None:
    """Problems show the first 200 octets of a text."""
    assert shown(b"a\xe9") == "aé"
    assert shown(b"a" * 300) == "a" * 200
