"""Fields of octets without further structure, to the end of the data mostly: digests, keys, signatures."""

from __future__ import annotations

from base64 import b64decode, b64encode
from binascii import unhexlify
from collections.abc import Sequence
from itertools import pairwise
from typing import Any, Final

from txnames.error import RdataTextError
from txnames.wire.field import REQUIRED, Field, octets
from txnames.wire.name import Name
from txnames.wire.strings import octetsOf, stringIn
from txnames.wire.text import Token, Tokens, quote, touch

__all__ = [
    "MAX_RDATA",
    "Base64",
    "CountedBase64",
    "Hex",
    "LongString",
    "RestOctets",
    "base64Of",
    "fromBase64",
    "genericRdata",
    "genericText",
    "hexOf",
]

MAX_RDATA: Final = 0xFFFF
"""The longest data of a record, in octets (RFC 1035 section 3.2.1)."""


class RestOctets(Field[bytes, Any]):
    """All the octets to the end, in the generic form of text (RFC 3597 section 5).

    @ivar least: how many octets there have to be.
    @ivar most: how many there may be.
    """

    summary = "\\# length hex"

    def __init__(
        self, *, default: Any = REQUIRED, show: str | None = None, least: int = 0, most: int = MAX_RDATA
    ) -> None:
        super().__init__(default=default, show=show)
        self.least = least
        self.most = most

    def convert(self, value: Any) -> bytes:
        """Take octets or ASCII text.

        @raise ValueError: more octets than there may be.
        """
        kept = octetsOf(value)
        if len(kept) > self.most:
            raise ValueError(f"{self.where}: {len(kept)} octets, {self.most} are allowed")
        return kept

    def readFrom(self, wire: bytes, offset: int, end: int, names: dict[int, Name]) -> tuple[bytes, int]:
        """Read to the end."""
        if end - offset < self.least:
            raise self.short(end - offset, self.least)
        return wire[offset:end], end

    def writeTo(self, out: bytearray, value: bytes, compress: dict[bytes, bytes] | None) -> None:
        """Append the octets."""
        out += value

    def parse(self, tokens: Tokens, origin: bytes) -> bytes:
        r"""Read C{\# length hex}."""
        token = tokens.next(self.where)
        if token.quoted or token.text != b"\\#":
            raise self.wrong("data of a type without a text form of its own begins with \\#", token)
        return genericRdata(tokens)

    def format(self, value: bytes) -> str:
        r"""Write C{\# length hex}."""
        return genericText(value)

    def show(self, value: bytes) -> str:
        """Write the octets as Python does, without its prefix."""
        return repr(value)[1:]


class Hex(RestOctets):
    """All the octets to the end, as hexadecimal digits in one word or several."""

    summary = "hexadecimal digits"

    def parse(self, tokens: Tokens, origin: bytes) -> bytes:
        """Read hexadecimal digits to the end."""
        return self.enough(hexOf(self.wordsIn(tokens), self.where), tokens)

    def wordsIn(self, tokens: Tokens) -> Sequence[Token]:
        """The tokens left, of which there has to be one if there has to be an octet."""
        return (tokens.next(self.where), *tokens.rest()) if self.least else tokens.rest()

    def enough(self, value: bytes, tokens: Tokens) -> bytes:
        """Check that there are as many octets as there have to be, and not more than there may be."""
        if len(value) < self.least:
            raise self.wrong(f"{octets(len(value))}, {self.least} are the least", tokens.items[tokens.position - 1])
        if len(value) > self.most:
            raise self.wrong(f"{octets(len(value))}, {self.most} are allowed", tokens.items[tokens.position - 1])
        return value

    def format(self, value: bytes) -> str:
        """Write hexadecimal digits."""
        return value.hex().upper()


class Base64(Hex):
    """All the octets to the end, in Base64 in one word or several (RFC 4648 section 4)."""

    summary = "Base64"

    def parse(self, tokens: Tokens, origin: bytes) -> bytes:
        """Read Base64 to the end."""
        return self.enough(base64Of(self.wordsIn(tokens), self.where, tokens), tokens)

    def format(self, value: bytes) -> str:
        """Write Base64 in one word."""
        return b64encode(value).decode("ascii")


class LongString(RestOctets):
    """All the octets to the end, as one string in text; it may be longer than 255 octets."""

    summary = "string"

    def parse(self, tokens: Tokens, origin: bytes) -> bytes:
        """Read a string, with or without quotes."""
        return stringIn(self, tokens.next(self.where), MAX_RDATA)

    def format(self, value: bytes) -> str:
        """Write a string between quotes."""
        return quote(value)


class CountedBase64(Field["bytes", Any]):
    """Octets with their number before them, in 16 bits on the wire and in digits in text; then Base64."""

    summary = "length and Base64"

    def convert(self, value: Any) -> bytes:
        """Take octets or ASCII text.

        @raise ValueError: over 65535 octets.
        """
        kept = octetsOf(value)
        if len(kept) > MAX_RDATA:
            raise ValueError(f"{self.where}: {len(kept)} octets, {MAX_RDATA} are allowed")
        return kept

    def readFrom(self, wire: bytes, offset: int, end: int, names: dict[int, Name]) -> tuple[bytes, int]:
        """Read a length of 16 bits and as many octets."""
        if end - offset < 2:
            raise self.short(end - offset, 2)
        size = wire[offset] << 8 | wire[offset + 1]
        stop = offset + 2 + size
        if stop > end:
            raise self.short(end - offset - 2, size)
        return wire[offset + 2 : stop], stop

    def writeTo(self, out: bytearray, value: bytes, compress: dict[bytes, bytes] | None) -> None:
        """Append the length and the octets."""
        out += len(value).to_bytes(2, "big")
        out += value

    def parse(self, tokens: Tokens, origin: bytes) -> bytes:
        """Read the length, and Base64 unless that is 0."""
        token = tokens.next(self.where)
        if not token.text.isdigit() or len(token.text) > 5 or int(token.text) > MAX_RDATA:
            raise self.wrong(f"{token.text.decode('latin-1')!r} is not a length", token)
        size = int(token.text)
        value = base64Of([tokens.next(self.where)], self.where) if size else b""
        if len(value) != size:
            raise self.wrong(f"{octets(len(value))} after the length {size}", token)
        return value

    def format(self, value: bytes) -> str:
        """Write the length, and Base64 unless that is 0."""
        return f"{len(value)} {b64encode(value).decode('ascii')}".rstrip()

    def show(self, value: bytes) -> str:
        """Write the octets as Python does, without its prefix."""
        return repr(value)[1:]


def base64Of(words: Sequence[Token], where: str, tokens: Tokens | None = None) -> bytes:
    """The octets that Base64 in one or several words stands for (RFC 4648 section 4).

    @param tokens: takes the remark that the last digit has bits which get lost; without it that is an error.
    @raise RdataTextError: something else stands there.
    """
    digits = joined(words, where)
    try:
        value = _fromBase64(digits)
    except ValueError:
        raise RdataTextError(f"{where}: not Base64", words[0]) from None
    if _losesBits(digits, value):
        reason = f"{where}: Base64 whose last digit has bits that get lost"
        if tokens is None:
            raise RdataTextError(reason, words[-1])
        tokens.remark(words[-1], reason)
    return value


def joined(words: Sequence[Token], where: str) -> bytes:
    """The digits in one or several words.

    @raise RdataTextError: no blank stands between two of them.
    """
    if len(words) == 1:
        return words[0].text
    for first, second in pairwise(words):
        if touch(first, second):
            raise RdataTextError(f"{where}: no blank between two words", second)
    return b"".join([word.text for word in words])


def fromBase64(digits: bytes) -> bytes:
    """The octets that Base64 stands for (RFC 4648 section 4), whose last digit has no bits that get lost (section 3.5).

    @raise ValueError: something else stands there.
    """
    value = _fromBase64(digits)
    if _losesBits(digits, value):
        raise ValueError("Base64 whose last digit has bits that get lost")
    return value


def _losesBits(digits: bytes, value: bytes) -> bool:
    """Whether the last digit of Base64 has bits that its octets have not."""
    return digits[-1:] == b"=" and b64encode(value[len(value) // 3 * 3 :]) != digits[-4:]


def _fromBase64(digits: bytes) -> bytes:
    """The octets that Base64 stands for, with bits of the last digit that get lost perhaps."""
    # The decoder of the standard library takes more padding than there may be.
    if len(digits) % 4 or digits.endswith(b"==="):
        raise ValueError("not Base64")
    return b64decode(digits, validate=True)


def genericRdata(tokens: Tokens) -> bytes:
    r"""Read the length and the hexadecimal digits after C{\#} (RFC 3597 section 5).

    @raise RdataTextError: not digits, or not so many as the length says.
    """
    size = tokens.next("the length after \\#")
    if not size.text.isdigit() or len(size.text) > 5 or int(size.text) > MAX_RDATA:
        raise RdataTextError(f"{size.text.decode('latin-1')!r} is not a length", size)
    words = tokens.rest()
    value = hexOf(words)
    if len(value) != int(size.text):
        raise RdataTextError(f"{octets(len(value))} after \\#, {int(size.text)} announced", size)
    return value


def hexOf(words: Sequence[Token], where: str = "\\#") -> bytes:
    """The octets that hexadecimal digits in one or several words stand for.

    @raise RdataTextError: something else stands there.
    """
    digits = joined(words, where)
    try:
        return unhexlify(digits)
    except ValueError:
        raise RdataTextError(f"{where}: not an even number of hexadecimal digits", words[0]) from None


def genericText(rdata: bytes) -> str:
    """The generic form of any data (RFC 3597 section 5)."""
    return f"\\# {len(rdata)} {rdata.hex().upper()}".rstrip()
