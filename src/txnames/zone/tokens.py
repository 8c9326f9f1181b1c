"""Cuts the text of a zone file into statements, and those into tokens (RFC 1035 section 5.1).

A statement is a line, or several where parentheses hold them together.  Here nothing is known of records: a statement
is a list of tokens, with a mark where the first line began with a blank.  What some servers read and others refuse is
read, with a remark for the reader to pass on.  The work grows with the size of the text, and a statement's is bounded.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from typing import Final, NamedTuple

from txnames.wire.text import Token
from txnames.zone.problem import Refusers

__all__ = [
    "MAX_LINE",
    "MAX_STATEMENT",
    "MAX_TOKEN",
    "LineTooLong",
    "Remark",
    "Statement",
    "TextFault",
    "cut",
    "pieces",
    "shown",
    "words",
]

MAX_TOKEN: Final = 1 << 18
"""The longest token, in octets; the hexadecimal form of the longest data has half as many."""

MAX_STATEMENT: Final = 1 << 18
"""The octets that a statement may have in all its lines."""

MAX_LINE: Final = 1 << 20
"""The octets that a line may have."""

# How much is remarked on in one statement.
_MAX_REMARKS: Final = 20
# How much of a text a problem shows.
_SHOWN: Final = 200

_BIND: Final = Refusers.BIND
_NSD: Final = Refusers.NSD
_KNOT: Final = Refusers.KNOT

# Groups: a word; a string in quotes; the parentheses; a comment; the carriage return before a newline; and at fault:
# another carriage return, a quote that is not closed in its line, a backslash at the end of the line.  Blanks match
# nothing and are passed over.
_token = re.compile(
    rb"""((?:[^ \t\r\n"();\\]++|\\[^\r\n])++)|"((?:[^"\\]++|\\.)*+)"|(\()|(\))|(;.*)|(\r\Z)|(\r)|(")|(\\)""", re.DOTALL
)
_WORD, _STRING, _OPEN, _CLOSE, _COMMENT, _END, _RETURN, _QUOTE, _BACKSLASH = range(1, 10)
# The rest of a string which an earlier line began.
_stringRest = re.compile(rb'((?:[^"\\]++|\\.)*+\\?)("?)', re.DOTALL)
_escapedEnd = re.compile(rb"(?<!\\)(?:\\\\)*\\\Z")
_word = re.compile(rb"[^ \t]+")
_notPlain = re.compile(rb'[\x00-\x08\x0a-\x1f\x7f-\xff"();\\]')
_escape = re.compile(rb"\\([0-9]{1,3}|.)", re.DOTALL)
_odd = re.compile(rb"[\x00-\x08\x0a-\x1f\x7f-\xff]")


class TextFault(ValueError):
    """A statement that cannot be cut into tokens.

    @ivar token: the token at fault.
    @ivar again: the lines after its first that were looked at; the reader goes on with them.
    """

    def __init__(self, reason: str, token: Token, again: list[bytes]) -> None:
        super().__init__(reason)
        self.token = token
        self.again = again


class LineTooLong(ValueError):
    """A line with more than L{MAX_LINE} octets, after which nothing is read any more."""


class Remark(NamedTuple):
    """What not all servers read.

    @ivar token: what it is about.
    @ivar reason: what is wrong with that.
    @ivar refusers: who refuses a zone for it.
    """

    token: Token
    reason: str
    refusers: Refusers = Refusers.NOBODY


class Statement:
    """The tokens of a line, or of several that parentheses hold together.

    @ivar items: the tokens.
    @ivar blank: whether it begins with a blank: its owner is that of the statement before.
    @ivar lines: its lines.
    @ivar number: the number of the first line, from 1.
    @ivar remarks: what not all servers read.
    """

    __slots__ = ("blank", "items", "lines", "number", "remarks")

    def __init__(self, number: int, line: bytes) -> None:
        self.blank = line[:1] in (b" ", b"\t")
        self.items: list[Token] = []
        self.lines = [line]
        self.number = number
        self.remarks: list[Remark] = []

    def remark(self, token: Token, reason: str, refusers: Refusers) -> None:
        """Note what not all servers read."""
        if len(self.remarks) < _MAX_REMARKS:
            self.remarks.append(Remark(token, reason, refusers))


def pieces(chunks: Iterable[bytes]) -> Iterator[bytes]:
    """The same octets in pieces that end with a newline each.

    @raise LineTooLong: a line has more octets than L{MAX_LINE}.
    """
    rest: list[bytes] = []
    size = 0
    for chunk in chunks:
        end = chunk.rfind(b"\n") + 1
        if end:
            yield b"".join([*rest, chunk[:end]]) if rest else chunk[:end]
            rest.clear()
            size = 0
        if end < len(chunk):
            rest.append(chunk[end:])
            size += len(chunk) - end
            if size > MAX_LINE:
                break
    else:
        if rest:
            yield b"".join([*rest, b"\n"])
        return
    raise LineTooLong(f"a line of more than {MAX_LINE} octets")


def shown(text: bytes) -> str:
    """Octets as a problem shows them."""
    return text[:_SHOWN].decode("latin-1")


def words(text: bytes, number: int = 1) -> list[Token]:
    """The tokens of a line that has no quotes, parentheses, escapes or comment."""
    return [Token(found[0], False, number, found.start() + 1) for found in _word.finditer(text)]


def cut(line: bytes, number: int = 1, more: Callable[[], bytes | None] = lambda: None) -> Statement:
    """The statement that begins with a line.

    @param line: the line, without the newline.
    @param number: its number.
    @param more: gives the next line, or C{None} at the end of the text.
    @raise TextFault: a quote or a parenthesis is not matched, a token or the statement is too long, a carriage return
        ends no line.
    """
    statement = Statement(number, line)
    if _notPlain.search(line) is None and len(line) <= MAX_TOKEN:
        statement.items = words(line, number)
    else:
        _Cutter(statement, more).run()
    return statement


class _Cutter:
    """Cuts one statement, line by line."""

    def __init__(self, statement: Statement, more: Callable[[], bytes | None]) -> None:
        self.statement = statement
        self.more = more
        self.line = statement.lines[0]
        self.number = statement.number
        self.size = len(self.line)
        self.opened: list[Token] = []
        # Where the last token ended in this line, if it can touch another one.
        self.end = -1
        self.endsString = False

    def run(self) -> None:
        """Cut lines until none is open."""
        position: int | None = 0
        while True:
            while position is not None:
                position = self.cutLine(position)
            if not self.opened:
                return
            if not self.advance():
                raise self.unclosed(self.opened[0])
            position = 0

    def advance(self) -> bool:
        """Go to the next line, if there is one."""
        line = self.more()
        if line is None:
            return False
        self.statement.lines.append(line)
        self.line = line
        self.number += 1
        self.size += len(line) + 1
        self.end = -1
        if self.size > MAX_STATEMENT and self.opened:
            raise self.unclosed(self.opened[0], f" within {MAX_STATEMENT} octets")
        return True

    def cutLine(self, position: int) -> int | None:
        """Cut the line from here on.

        @return: where to go on in the line that a string went on to; C{None} at the end.
        """
        for found in _token.finditer(self.line, position):
            kind = found.lastindex
            if kind in (_WORD, _STRING):
                self.put(found[kind], kind == _STRING, found.start(), found.end())
            elif kind == _OPEN:
                if self.opened:
                    self.statement.remark(self.token(b"(", found.start()), "a parenthesis within another", _NSD | _KNOT)
                elif not self.statement.items and not self.statement.blank:
                    self.statement.remark(
                        self.token(b"(", found.start()), "a parenthesis before the owner", _NSD | _KNOT
                    )
                self.opened.append(self.token(b"(", found.start()))
            elif kind == _CLOSE:
                if not self.opened:
                    raise self.fault("this parenthesis was not opened", self.token(b")", found.start()))
                self.opened.pop()
            elif kind == _QUOTE:
                return self.cutString(found.start())
            elif kind == _RETURN:
                raise self.fault("a carriage return that ends no line", self.token(b"\r", found.start()))
            elif kind == _BACKSLASH:
                raise self.fault("nothing follows this backslash", self.token(b"\\", found.start()))
        return None

    def cutString(self, start: int) -> int:
        """Cut a string that goes on over the end of the line, and say where in the last of its lines it ends."""
        opening = self.token(b'"', start)
        parts = [self.line[start + 1 :]]
        size = len(parts[0])
        while self.advance():
            found = _stringRest.match(self.line)
            assert found is not None
            parts.append(found[1])
            size += 1 + len(found[1])
            if size > MAX_TOKEN:
                raise self.unclosed(opening, f" within {MAX_TOKEN} octets")
            if found[2]:
                token = Token(b"\n".join(parts), True, opening.line, opening.column)
                self.statement.items.append(token)
                refusers = _KNOT if all(_escapedEnd.search(part) for part in parts[:-1]) else _BIND | _KNOT
                self.statement.remark(token, "a string that goes on over the end of the line", refusers)
                self.end = found.end()
                self.endsString = True
                return found.end()
        raise self.unclosed(opening)

    def put(self, text: bytes, quoted: bool, start: int, end: int) -> None:
        """Take a token."""
        token = Token(text, quoted, self.number, start + 1)
        if len(text) > MAX_TOKEN:
            raise self.fault(f"a token of {len(text)} octets, {MAX_TOKEN} are allowed", token)
        items = self.statement.items
        if start == self.end and (self.endsString or (quoted and not items[-1].text.endswith(b"="))):
            self.statement.remark(token, "no blank between two strings", _KNOT)
        if b"\\" in text:
            whole = _escape.sub(_mended, text)
            if whole != text:
                reason = "a backslash before digits that are no octet, and so without meaning"
                self.statement.remark(token, reason, _BIND | _KNOT)
                token = token._replace(text=whole)
        odd = _odd.search(text)
        if odd is not None:
            octet = odd[0][0]
            refusers = _KNOT if octet or quoted else _BIND | _KNOT
            if not (octet or quoted or odd.start()):
                refusers |= _NSD  # it takes a NUL within a word, but not as its beginning
            self.statement.remark(token, f"the octet {octet} stands here as it is, not as \\{octet:03d}", refusers)
        items.append(token)
        self.end = end
        self.endsString = quoted

    def token(self, text: bytes, start: int) -> Token:
        """What stands here."""
        return Token(text, False, self.number, start + 1)

    def unclosed(self, token: Token, where: str = "") -> TextFault:
        """Make the error for what is not closed: the outermost quote or parenthesis, as it has all of the text."""
        if self.opened:
            token = self.opened[0]
        what = "quote" if token.text == b'"' else "parenthesis"
        return self.fault(f"this {what} is not closed{where}", token)

    def fault(self, reason: str, token: Token) -> TextFault:
        """Make the error for a token; the reader takes up the lines after the one where the statement began."""
        return TextFault(reason, token, self.statement.lines[1:])


def _mended(found: re.Match[bytes]) -> bytes:
    """An escape, or the digits alone of one that is none."""
    code = found[1]
    return code if code.isdigit() and (len(code) < 3 or code > b"255") else found[0]
