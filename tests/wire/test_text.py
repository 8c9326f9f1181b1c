"""Tests of tokens and escapes."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from txnames.error import RdataTextError
from txnames.wire.text import Token, Tokens, escape, quote, tokenize, unescape


@pytest.mark.parametrize(
    ("text", "octets"),
    [
        (b"", b""),
        (b"abc", b"abc"),
        (rb"\a\b", b"ab"),
        (rb"\065\255\000", b"A\xff\0"),
        (rb"\0651", b"A1"),
        (rb"\\\"", b'\\"'),
        (b"\\\n", b"\n"),
        (b"\\\xff", b"\xff"),
    ],
)
def test_unescape(text: bytes, octets: bytes) -> None:
    """Backslashes go, and three digits are an octet."""
    assert unescape(text) == octets


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        (rb"\256", r"\\256 is not an octet"),
        (rb"\1", "three digits"),
        (rb"\12a", "three digits"),
        (b"a\\", "three digits"),
    ],
)
def test_unescapeInvalid(text: bytes, reason: str) -> None:
    """Other escapes are refused."""
    with pytest.raises(ValueError, match=reason):
        unescape(text)


@pytest.mark.parametrize(
    ("octets", "bare", "quoted"),
    [
        (b"", '""', '""'),
        (b"a b", r"a\032b", '"a b"'),
        (b'"\\', r"\"\\", r'"\"\\"'),
        (b";()", r"\;\(\)", '";()"'),
        (b"\0\x7f\xff", r"\000\127\255", r'"\000\127\255"'),
    ],
)
def test_escape(octets: bytes, bare: str, quoted: str) -> None:
    """Octets are written as tokens, with quotes and without."""
    assert escape(octets) == bare
    assert quote(octets) == quoted


@given(st.lists(st.binary(max_size=20), min_size=1, max_size=5), st.booleans())
def test_roundTrip(given: list[bytes], quoted: bool) -> None:
    """What is written as tokens is read."""
    text = " ".join((quote if quoted else escape)(octets) for octets in given).encode("ascii")
    assert [unescape(token.text) for token in tokenize(text).items] == given


def test_tokenize() -> None:
    """Blanks separate, quotes hold together, and each token knows its column."""
    tokens = tokenize(rb' a "b c" \"d\  "e""f"g"" ')
    assert list(tokens.items) == [
        Token(b"a", False, 1, 2),
        Token(b"b c", True, 1, 4),
        Token(rb"\"d" + b"\\ ", False, 1, 10),
        Token(b"e", True, 1, 16),
        Token(b"f", True, 1, 19),
        Token(b"g", False, 1, 22),
        Token(b"", True, 1, 23),
    ]


@pytest.mark.parametrize("text", [b'a "b', b'"', b"a\\", rb'"a\"'])
def test_tokenizeInvalid(text: bytes) -> None:
    """A quote that is not closed is refused, as is a backslash before nothing."""
    with pytest.raises(RdataTextError, match="cannot read"):
        tokenize(text)


def test_tokens() -> None:
    """Tokens are taken one by one or all at once."""
    tokens = tokenize(b"a b c d")
    assert tokens.next("x").text == b"a"
    assert tokens.more()
    with pytest.raises(RdataTextError, match="'b' is more than the record takes") as caught:
        tokens.end()
    assert caught.value.token == Token(b"b", False, 1, 3)
    assert [token.text for token in tokens.rest()] == [b"b", b"c", b"d"]
    assert list(tokens.rest()) == []
    assert not tokens.more()
    tokens.end()
    with pytest.raises(RdataTextError, match="x is missing") as caught:
        tokens.next("x")
    assert caught.value.token is None
    assert Tokens(tokens.items, 3).next("x").text == b"d"
