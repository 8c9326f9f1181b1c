"""Lists of address prefixes (RFC 3123)."""

from __future__ import annotations

import re
import socket
from typing import TYPE_CHECKING, Any, NamedTuple

from txnames.wire.field import Field, octets
from txnames.wire.fields import TTL
from txnames.wire.name import Name
from txnames.wire.numbers import APL
from txnames.wire.record import Record
from txnames.wire.text import Tokens

__all__ = ["Prefix", "Record_APL"]

_families = {1: (socket.AF_INET, 4), 2: (socket.AF_INET6, 16)}
_prefix = re.compile(r"(!?)([0-9]{1,5}):([^/]+)/([0-9]{1,3})")


class Prefix(NamedTuple):
    """One item of an APL record.

    @ivar family: 1 for IPv4, 2 for IPv6 (IANA: Address Family Numbers).
    @ivar length: the bits that count.
    @ivar negated: whether the addresses are not meant.
    @ivar address: the octets of the address without zeros at the end.
    """

    family: int
    length: int
    negated: bool
    address: bytes

    def __str__(self) -> str:
        family, size = _families[self.family]
        text = socket.inet_ntop(family, self.address.ljust(size, b"\0"))
        return f"{'!' * self.negated}{self.family}:{text}/{self.length}"


def prefixFromText(text: str) -> Prefix:
    """Make a prefix of text such as C{!1:192.0.2.0/24} (RFC 3123 section 5).

    @raise ValueError: not such text.
    """
    found = _prefix.fullmatch(text)
    if not found or int(found[2]) not in _families:
        raise ValueError(f"{text!r} is not a prefix such as 1:192.0.2.0/24")
    family, size = _families[int(found[2])]
    try:
        address = socket.inet_pton(family, found[3])
    except (OSError, ValueError):
        raise ValueError(f"{found[3]!r} is not an address of family {found[2]}") from None
    if int(found[4]) > 8 * size:
        raise ValueError(f"a prefix of {found[4]} bits, {8 * size} are allowed")
    return Prefix(int(found[2]), int(found[4]), bool(found[1]), address.rstrip(b"\0"))


class Prefixes(Field["tuple[Prefix, ...]", Any]):
    """Prefixes to the end of the data, of which there may be none."""

    variadic = True
    summary = "prefixes such as 1:192.0.2.0/24"

    def convert(self, value: Any) -> tuple[Prefix, ...]:
        """Take prefixes, or their text.

        @raise ValueError: one isn't a prefix.
        """
        return tuple(prefixFromText(one) if isinstance(one, str) else Prefix(*one) for one in value)

    def readFrom(self, wire: bytes, offset: int, end: int, names: dict[int, Name]) -> tuple[tuple[Prefix, ...], int]:
        """Read prefixes to the end."""
        found = []
        while offset < end:
            if end - offset < 4:
                raise self.short(end - offset, 4)
            family, length, size = wire[offset] << 8 | wire[offset + 1], wire[offset + 2], wire[offset + 3]
            negated, size = size >= 0x80, size & 0x7F
            offset += 4
            if size > end - offset:
                raise self.short(end - offset, size)
            if size and not wire[offset + size - 1]:
                raise self.bad("an address that ends in an octet of zero")
            known = _families.get(family)
            if known and (size > known[1] or length > 8 * known[1]):
                raise self.bad(f"{length} bits in {octets(size)} for family {family}")
            found.append(Prefix(family, length, negated, wire[offset : offset + size]))
            offset += size
        return tuple(found), offset

    def writeTo(self, out: bytearray, value: tuple[Prefix, ...], compress: dict[bytes, bytes] | None) -> None:
        """Append the prefixes."""
        for one in value:
            out += one.family.to_bytes(2, "big")
            out.append(one.length)
            out.append(one.negated << 7 | len(one.address))
            out += one.address

    def parse(self, tokens: Tokens, origin: bytes) -> tuple[Prefix, ...]:
        """Read prefixes."""
        found = []
        for token in tokens.rest():
            try:
                found.append(prefixFromText(token.text.decode("latin-1")))
            except ValueError as error:
                raise self.wrong(str(error), token) from None
        return tuple(found)

    def format(self, value: tuple[Prefix, ...]) -> str:
        """Write prefixes."""
        return " ".join(map(str, value))

    def show(self, value: tuple[Prefix, ...]) -> str:
        """Write prefixes between brackets."""
        return f"[{', '.join(str(one) if one.family in _families else repr(tuple(one)) for one in value)}]"


class Record_APL(Record, type=APL):
    """A list of address prefixes (RFC 3123 section 4)."""

    items: Prefixes = Prefixes()
    ttl: TTL = TTL(default=None)

    if TYPE_CHECKING:

        def __init__(self, *items: Prefix | tuple[int, int, bool, bytes] | str, ttl: Any = None) -> None: ...

    def toText(self) -> str:
        """The data as a zone file has it; in the generic form where an address is of another family."""
        return super().toText() if all(one.family in _families for one in self.items) else self.genericText()
