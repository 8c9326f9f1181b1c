r"""The records that bind a service to a name, and their parameters (RFC 9460).

The parameters of a record are kept as they stand on the wire, key by key.  What is known of a key is one
L{Parameter}: how its value is checked, read from text and written as text.  All others are octets, C{key667="\001"}.
"""

from __future__ import annotations

import re
import socket
from base64 import b64encode
from collections.abc import Callable, Iterable, Mapping
from itertools import pairwise
from typing import Any, NamedTuple

from txnames.wire.field import Field, octets
from txnames.wire.fields import TTL, DomainName, UInt16
from txnames.wire.name import Name
from txnames.wire.numbers import HTTPS, SVCB
from txnames.wire.opaque import MAX_RDATA, base64Of, fromBase64
from txnames.wire.record import Record
from txnames.wire.strings import octetsOf
from txnames.wire.text import Token, Tokens, quote, touch, unescape

__all__ = ["Record_HTTPS", "Record_SVCB"]

MANDATORY, ALPN, NO_DEFAULT_ALPN, PORT, IPV4HINT, ECH, IPV6HINT, DOHPATH, OHTTP, GROUPS = range(10)

_keyNumber = re.compile(r"key([0-9]{1,5})")


class Parameter(NamedTuple):
    """One kind of parameter; each function raises C{ValueError} with the reason.

    @ivar check: checks the octets of a value.
    @ivar parse: makes the octets of unescaped text.
    @ivar format: makes a token of the octets.
    """

    name: str
    check: Callable[[bytes], None]
    parse: Callable[[bytes], bytes]
    format: Callable[[bytes], str]


def items(text: bytes) -> list[bytes]:
    r"""The items of a list with commas, of which C{\,} and C{\\} are parts of an item (RFC 9460 appendix A.1)."""
    found = [b""]
    position = 0
    while position < len(text):
        octet = text[position : position + 1]
        if octet == b"\\":
            position += 1
            octet = text[position : position + 1]
            if not octet:
                raise ValueError("a list ends in a backslash")
            found[-1] += octet
        elif octet == b",":
            found.append(b"")
        else:
            found[-1] += octet
        position += 1
    return found


def checkMandatory(value: bytes) -> None:
    """Check for numbers in ascending order, that of this parameter not among them (RFC 9460 section 8)."""
    keys = numbersOf(value)
    if MANDATORY in keys:
        raise ValueError("mandatory names itself")
    if any(first >= second for first, second in pairwise(keys)):
        raise ValueError("mandatory keys do not ascend")


def numbersOf(value: bytes) -> list[int]:
    """The numbers of 16 bits that octets hold, of which there has to be one."""
    if not value or len(value) % 2:
        raise ValueError(f"{octets(len(value))} for numbers of 16 bits")
    return [value[at] << 8 | value[at + 1] for at in range(0, len(value), 2)]


def parseMandatory(text: bytes) -> bytes:
    """Make the numbers of names of keys, in ascending order."""
    return b"".join(key.to_bytes(2, "big") for key in sorted(keyNumber(item.decode("latin-1")) for item in items(text)))


def formatMandatory(value: bytes) -> str:
    """Write names of keys."""
    return ",".join(map(keyName, numbersOf(value)))


def idsOf(value: bytes) -> list[bytes]:
    """The protocols of ALPN in octets (RFC 9460 section 7.1)."""
    found = []
    offset = 0
    while offset < len(value):
        stop = offset + 1 + value[offset]
        if stop > len(value) or not value[offset]:
            raise ValueError("not a list of strings")
        found.append(value[offset + 1 : stop])
        offset = stop
    if not found:
        raise ValueError("an empty list")
    return found


def checkIDs(value: bytes) -> None:
    """Check for strings that aren't empty."""
    idsOf(value)


def parseIDs(text: bytes) -> bytes:
    """Make strings with their lengths."""
    found = items(text)
    if not all(0 < len(one) <= 255 for one in found):
        raise ValueError("a protocol has 1 to 255 octets")
    return b"".join(bytes((len(one),)) + one for one in found)


def formatIDs(value: bytes) -> str:
    """Write a list with commas, its escapes escaped again."""
    return quote(b",".join(one.replace(b"\\", b"\\\\").replace(b",", b"\\,") for one in idsOf(value)))


def checkEmpty(value: bytes) -> None:
    """Check that there is no value."""
    if value:
        raise ValueError(f"{octets(len(value))} for a key without a value")


def parseEmpty(text: bytes) -> bytes:
    """Check that there is no value."""
    checkEmpty(text)
    return text


def formatEmpty(value: bytes) -> str:
    """Write nothing."""
    return ""


def checkNumber(value: bytes) -> None:
    """Check for one number of 16 bits."""
    if len(value) != 2:
        raise ValueError(f"{octets(len(value))} for a number of 16 bits")


def parseNumber(text: bytes) -> bytes:
    """Make one number of 16 bits."""
    return decimal(text).to_bytes(2, "big")


def decimal(text: bytes) -> int:
    """Read decimal digits of a number of 16 bits."""
    if not text.isdigit() or len(text) > 5 or int(text) > 0xFFFF:
        raise ValueError(f"{text.decode('latin-1')!r} is not a number to 65535")
    return int(text)


def formatNumbers(value: bytes) -> str:
    """Write numbers."""
    return ",".join(map(str, numbersOf(value)))


def checkGroups(value: bytes) -> None:
    """Check for numbers of 16 bits, each there once (RFC 9848 section 3)."""
    groups = numbersOf(value)
    if len(set(groups)) < len(groups):
        raise ValueError("a group stands there twice")


def parseGroups(text: bytes) -> bytes:
    """Make numbers of 16 bits."""
    return b"".join(decimal(item).to_bytes(2, "big") for item in text.split(b","))


def addresses(name: str, family: int, size: int) -> Parameter:
    """Make the kind of parameter that holds addresses of a family (RFC 9460 section 7.3)."""

    def check(value: bytes) -> None:
        """Check for addresses, of which there has to be one."""
        if not value or len(value) % size:
            raise ValueError(f"{octets(len(value))} for addresses of {size}")

    def parse(text: bytes) -> bytes:
        """Make the octets of addresses."""
        try:
            return b"".join(socket.inet_pton(family, item.decode("ascii")) for item in text.split(b","))
        except (OSError, ValueError):
            raise ValueError(f"{text.decode('latin-1')!r} is no list of addresses") from None

    def format(value: bytes) -> str:
        """Write addresses."""
        return ",".join(socket.inet_ntop(family, value[at : at + size]) for at in range(0, len(value), size))

    return Parameter(name, check, parse, format)


def checkNothing(value: bytes) -> None:
    """Take any octets."""


def formatBase64(value: bytes) -> str:
    """Write Base64."""
    return b64encode(value).decode("ascii")


PARAMETERS = {
    MANDATORY: Parameter("mandatory", checkMandatory, parseMandatory, formatMandatory),
    ALPN: Parameter("alpn", checkIDs, parseIDs, formatIDs),
    NO_DEFAULT_ALPN: Parameter("no-default-alpn", checkEmpty, parseEmpty, formatEmpty),
    PORT: Parameter("port", checkNumber, parseNumber, formatNumbers),
    IPV4HINT: addresses("ipv4hint", socket.AF_INET, 4),
    ECH: Parameter("ech", checkNothing, fromBase64, formatBase64),
    IPV6HINT: addresses("ipv6hint", socket.AF_INET6, 16),
    DOHPATH: Parameter("dohpath", checkNothing, bytes, quote),
    OHTTP: Parameter("ohttp", checkEmpty, parseEmpty, formatEmpty),
    GROUPS: Parameter("tls-supported-groups", checkGroups, parseGroups, formatNumbers),
}
"""What is known of keys (IANA: Service Parameter Keys)."""

_keyNumbers = {parameter.name: number for number, parameter in PARAMETERS.items()}


def keyName(number: int) -> str:
    """The name of a key, C{keyNNNNN} where it has none."""
    known = PARAMETERS.get(number)
    return known.name if known else f"key{number}"


def keyNumber(name: str) -> int:
    """The number of a key by its name or C{keyNNNNN}; case counts."""
    found = _keyNumber.fullmatch(name)
    number = int(found[1]) if found else _keyNumbers.get(name, -1)
    if not 0 <= number <= 0xFFFF:
        raise ValueError(f"unknown key {name!r}")
    return number


def checked(params: Iterable[tuple[int, bytes]]) -> tuple[tuple[int, bytes], ...]:
    """Put parameters in order, and check each and all of them together."""
    found = tuple(sorted(params))
    for (key, _), (following, _) in pairwise(found):
        if key == following:
            raise ValueError(f"{keyName(key)} stands there twice")
    for key, value in found:
        if len(value) > MAX_RDATA:
            raise ValueError(f"{keyName(key)}: {len(value)} octets, {MAX_RDATA} are allowed")
        if key in PARAMETERS:
            try:
                PARAMETERS[key].check(value)
            except ValueError as error:
                raise ValueError(f"{keyName(key)}: {error}") from None
    if found and found[0][0] == MANDATORY:
        keys = {key for key, _ in found}
        for key in numbersOf(found[0][1]):
            if key not in keys:
                raise ValueError(f"{keyName(key)} is mandatory, and missing")
    return found


class Parameters(Field["tuple[tuple[int, bytes], ...]", Any]):
    """Parameters to the end of the data: pairs of a key and its value's octets, the keys in ascending order."""

    summary = "parameters such as alpn=h2 port=443"

    def convert(self, value: Any) -> tuple[tuple[int, bytes], ...]:
        """Take a mapping or pairs: keys by name or number, values as octets of the wire, or as text.

        @raise ValueError: a key or value is not allowed, or a key stands there twice.
        """
        pairs = value.items() if isinstance(value, Mapping) else value
        found = []
        for key, content in pairs:
            number = keyNumber(key) if isinstance(key, str) else key
            if isinstance(content, str) and number in PARAMETERS:
                content = PARAMETERS[number].parse(octetsOf(content))
            found.append((number, octetsOf(content)))
        try:
            return checked(found)
        except ValueError as error:
            raise ValueError(f"{self.where}: {error}") from None

    def readFrom(
        self, wire: bytes, offset: int, end: int, names: dict[int, Name]
    ) -> tuple[tuple[tuple[int, bytes], ...], int]:
        """Read parameters to the end."""
        found: list[tuple[int, bytes]] = []
        last = -1
        while offset < end:
            if end - offset < 4:
                raise self.short(end - offset, 4)
            key = wire[offset] << 8 | wire[offset + 1]
            size = wire[offset + 2] << 8 | wire[offset + 3]
            offset += 4
            if key <= last:
                raise self.bad(f"{keyName(key)} after {keyName(last)}")
            if size > end - offset:
                raise self.short(end - offset, size)
            found.append((key, wire[offset : offset + size]))
            last = key
            offset += size
        try:
            return checked(found), offset
        except ValueError as error:
            raise self.bad(str(error)) from None

    def writeTo(
        self, out: bytearray, value: tuple[tuple[int, bytes], ...], compress: dict[bytes, bytes] | None
    ) -> None:
        """Append the parameters."""
        for key, content in value:
            out += key.to_bytes(2, "big")
            out += len(content).to_bytes(2, "big")
            out += content

    def parse(self, tokens: Tokens, origin: bytes) -> tuple[tuple[int, bytes], ...]:
        """Read parameters, in any order."""
        found = []
        token = None
        while tokens.more():
            token = tokens.next(self.where)
            try:
                found.append(self._parameter(token, tokens))
            except ValueError as error:
                raise self.wrong(f"{token.text.decode('latin-1')!r}: {error}", token) from None
        try:
            return checked(found)
        except ValueError as error:
            raise self.wrong(str(error), token) from None

    def _parameter(self, token: Token, tokens: Tokens) -> tuple[int, bytes]:
        """Read one parameter, whose value between quotes is a token of its own, right behind it."""
        name, equals, text = token.text.partition(b"=")
        if token.quoted:
            raise ValueError("a parameter begins with its key")
        if equals and not text and tokens.more() and touch(token, tokens.items[tokens.position]):
            text = tokens.next(self.where).text
        number = keyNumber(name.decode("latin-1"))
        value = unescape(text)
        if number in PARAMETERS and name.decode() in _keyNumbers:
            parse = PARAMETERS[number].parse
            value = base64Of([token._replace(text=value)], "ech", tokens) if number == ECH else parse(value)
        return number, value

    def format(self, value: tuple[tuple[int, bytes], ...]) -> str:
        """Write parameters."""
        written = []
        for key, content in value:
            known = PARAMETERS.get(key)
            text = known.format(content) if known else quote(content) if content else ""
            written.append(f"{keyName(key)}={text}" if text else keyName(key))
        return " ".join(written)

    def show(self, value: tuple[tuple[int, bytes], ...]) -> str:
        """Write parameters between brackets."""
        return f"[{self.format(value)}]"


class Record_SVCB(Record, type=SVCB):
    """How a service is reached: where, and with which parameters (RFC 9460 section 2); priority 0 is an alias."""

    priority: UInt16 = UInt16(default=0)
    target: DomainName = DomainName(default=b"")
    params: Parameters = Parameters(default=())
    ttl: TTL = TTL(default=None)


class Record_HTTPS(Record_SVCB, type=HTTPS):
    """How an HTTP service is reached (RFC 9460 section 9)."""
