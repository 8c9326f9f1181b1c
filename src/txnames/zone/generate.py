"""C{$GENERATE}: lines made of a pattern and a range of numbers, as BIND has them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Final

from txnames.error import RdataTextError
from txnames.wire.text import Token

__all__ = ["MAX_GENERATED", "generate"]

MAX_GENERATED: Final = 1 << 20
"""How many lines one directive may make."""

_MAX_NUMBER: Final = 0x7FFFFFFF
_MAX_WIDTH: Final = 255
_range = re.compile(rb"([0-9]{1,10})-([0-9]{1,10})(?:/([0-9]{1,10}))?")
# An escape stays; two dollars are one; a dollar is the number, with offset, width and base in braces.
_pattern = re.compile(rb"(\\.)|(\$\$)|\$\{([^}]*)\}|(\$\{)|\$", re.DOTALL)
_format = re.compile(rb"(-?[0-9]{1,10})(?:,([0-9]{1,4})(?:,([doxXnN]))?)?")


def generate(items: Sequence[Token]) -> Iterator[bytes]:
    """The lines that a C{$GENERATE} stands for.

    @param items: the tokens after the directive's name: range, owner, then TTL, class and type as in any line, and one
        token for the data, which may be several words in quotes.
    @raise RdataTextError: a token is missing, one too many or not what it should be.
    """
    if len(items) < 4:
        raise RdataTextError("$GENERATE needs a range, an owner, a type and the data", items[-1] if items else None)
    numbers = _numbers(items[0])
    owner = _template(items[1])
    for token in items[1:-1]:
        if token.quoted:
            raise RdataTextError("only the data of $GENERATE stands in quotes", token)
    middle = b" ".join([token.text for token in items[2:-1]])
    data = _template(items[-1]._replace(text=items[-1].text.replace(b'\\"', b'"')))
    for number in numbers:
        yield b"%b %b %b" % (_filled(owner, number), middle, _filled(data, number))


def _numbers(token: Token) -> range:
    """The numbers of C{start-stop/step}."""
    found = _range.fullmatch(token.text)
    if found and not token.quoted:
        start, stop, step = int(found[1]), int(found[2]), int(found[3] or b"1")
        if start <= stop <= _MAX_NUMBER and 0 < step <= _MAX_NUMBER:
            numbers = range(start, stop + 1, step)
            if len(numbers) > MAX_GENERATED:
                raise RdataTextError(f"{len(numbers)} lines from one $GENERATE, {MAX_GENERATED} are allowed", token)
            return numbers
    raise RdataTextError(f"{token.text.decode('latin-1')!r} is not a range such as 1-10 or 0-100/2", token)


_Part = bytes | tuple[int, int, str]


def _template(token: Token) -> list[_Part]:
    """A pattern's literal parts, and for its numbers offset, width and base."""
    parts: list[_Part] = []
    text = token.text
    position = 0
    for found in _pattern.finditer(text):
        escape, dollars, form, brace = found.groups()
        parts.append(text[position : found.start()])
        position = found.end()
        if escape:
            parts.append(escape)
        elif dollars:
            parts.append(b"$")
        elif form is None and brace is None:
            parts.append((0, 0, "d"))
        else:
            read = _format.fullmatch(form or b"")
            if read is None or int(read[2] or b"0") > _MAX_WIDTH:
                raise RdataTextError(f"{found[0].decode('latin-1')!r} is not ${{offset,width,base}}", token)
            parts.append((int(read[1]), int(read[2] or b"0"), (read[3] or b"d").decode("ascii")))
    parts.append(text[position:])
    return [part for part in parts if part]


def _filled(template: list[_Part], number: int) -> bytes:
    """A pattern with its numbers filled in."""
    return b"".join([part if isinstance(part, bytes) else _written(number, *part) for part in template])


def _written(number: int, offset: int, width: int, base: str) -> bytes:
    """One number."""
    value = number + offset
    if base == "d":
        return b"%0*d" % (width, value)
    value &= 0xFFFFFFFF
    if base in "oxX":
        return f"{value:0{width}{base}}".encode("ascii") if width else f"{value:{base}}".encode("ascii")
    return _nibbles(value, width, base)


def _nibbles(value: int, width: int, base: str) -> bytes:
    """A number's hexadecimal digits with dots between them, the last one first, as names below ip6.arpa have them.

    @param width: the least number of octets; an even one ends with a dot.
    """
    digits = "0123456789ABCDEF" if base == "N" else "0123456789abcdef"
    written = []
    while True:
        written.append(digits[value & 15])
        value >>= 4
        width -= 1
        if width > 0 or value:
            written.append(".")
            width -= 1
        if width <= 0 and not value:
            return "".join(written).encode("ascii")
