"""Tokens: what a line of a zone file falls into, and how octets are escaped in text (RFC 1035 section 5.1)."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import NamedTuple

from txnames.error import RdataTextError

__all__ = ["Token", "Tokens", "escape", "quote", "tokenize", "touch", "unescape"]


class Token(NamedTuple):
    """One field of a line.

    @ivar text: its octets, without quotes, escapes as they were written.
    @ivar quoted: whether it stood between quotes.
    @ivar line: the line that it begins on, from 1.
    @ivar column: the column that it begins at, in octets from 1.
    """

    text: bytes
    quoted: bool = False
    line: int = 1
    column: int = 1


class Tokens:
    """The fields of a record's data, read from first to last.

    @ivar remarks: tokens that were taken though they are wrong, each with the reason.
    """

    __slots__ = ("items", "position", "remarks")

    def __init__(self, items: Sequence[Token], position: int = 0) -> None:
        self.items = items
        self.position = position
        self.remarks: tuple[tuple[Token, str], ...] = ()

    def remark(self, token: Token, reason: str) -> None:
        """Note what is wrong with a token, which BIND and NSD refuse and Knot DNS takes."""
        self.remarks = (*self.remarks, (token, reason))

    def next(self, what: str) -> Token:
        """The next token; C{what} names the field that wants it.

        @raise RdataTextError: there is none left.
        """
        position = self.position
        if position >= len(self.items):
            raise RdataTextError(f"{what} is missing")
        self.position = position + 1
        return self.items[position]

    def more(self) -> bool:
        """Whether a token is left."""
        return self.position < len(self.items)

    def rest(self) -> Sequence[Token]:
        """All the tokens left, which may be none."""
        items = self.items[self.position :]
        self.position = len(self.items)
        return items

    def end(self) -> None:
        """Make sure that no token is left.

        @raise RdataTextError: one is.
        """
        if self.more():
            token = self.items[self.position]
            text = token.text.decode("latin-1")
            raise RdataTextError(f"{text!r} is more than the record takes", token)


def touch(first: Token, second: Token) -> bool:
    """Whether two tokens stand in one line without a blank between them, one of them between quotes."""
    end = first.column + len(first.text) + 2 * first.quoted
    return (first.quoted or second.quoted) and second.line == first.line and second.column == end


_escape = re.compile(rb"\\([0-9]{3}|[^0-9]|[0-9]?)", re.DOTALL)
_token = re.compile(rb'"((?:[^"\\]|\\.)*)"|((?:[^\s"\\]|\\.)+)', re.DOTALL)


def unescape(text: bytes) -> bytes:
    r"""The octets that C{\X} and C{\DDD} stand for (RFC 1035 section 5.1).

    @raise ValueError: an escape that is neither.
    """
    if b"\\" not in text:
        return text
    return _escape.sub(_unescaped, text)


def _unescaped(found: re.Match[bytes]) -> bytes:
    """The octet of one escape."""
    code = found[1]
    if len(code) == 3:
        value = int(code)
        if value > 255:
            raise ValueError(f"\\{code.decode()} is not an octet")
        return bytes((value,))
    if not code or code.isdigit():
        raise ValueError("a backslash needs an octet or three digits after it")
    return code


def _table(special: bytes, blankAsIs: bool) -> list[str]:
    """How each octet is written."""
    written = []
    for octet in range(256):
        if octet in special:
            written.append("\\" + chr(octet))
        elif 33 <= octet <= 126 or (octet == 32 and blankAsIs):
            written.append(chr(octet))
        else:
            written.append(f"\\{octet:03d}")
    return written


_bare = _table(b'"\\;()', False)
_quoted = _table(b'"\\', True)


def escape(octets: bytes) -> str:
    """Octets as a token without quotes; the empty string has no such form and becomes C{""}."""
    return "".join([_bare[octet] for octet in octets]) or '""'


def quote(octets: bytes) -> str:
    """Octets as a token between quotes."""
    return '"' + "".join([_quoted[octet] for octet in octets]) + '"'


def tokenize(text: bytes) -> Tokens:
    """The tokens of one line of record data, without comments or parentheses.

    @raise RdataTextError: a quote is not closed.
    """
    items: list[Token] = []
    position = 0
    while True:
        while text[position : position + 1].isspace():
            position += 1
        if position == len(text):
            return Tokens(items)
        found = _token.match(text, position)
        if found is None:
            raise RdataTextError(f"cannot read {text[position:].decode('latin-1')!r}")
        quoted = found[1] is not None
        items.append(Token(found[1] if quoted else found[2], quoted, 1, position + 1))
        position = found.end()
