"""Tests of what all fields have in common, and of a kind of field that a program adds."""

from typing import Any

import pytest

from txnames.error import DNSDecodeError, RdataTextError, TruncatedError
from txnames.wire.field import Field, fixed, octets
from txnames.wire.fields import UInt8
from txnames.wire.name import Name
from txnames.wire.record import Record
from txnames.wire.text import Token, Tokens, tokenize


class Percent(Field[int, Any]):
    """A share, in one octet."""

    summary = "per cent"

    def readFrom(self, wire: bytes, offset: int, end: int, names: dict[int, Name]) -> tuple[int, int]:
        """Read one octet."""
        if offset == end:
            raise self.short(0, 1)
        if wire[offset] > 100:
            raise self.bad("over 100")
        return wire[offset], offset + 1

    def writeTo(self, out: bytearray, value: int, compress: dict[bytes, bytes] | None) -> None:
        """Append one octet."""
        out.append(value)

    def parse(self, tokens: Tokens, origin: bytes) -> int:
        """Read digits and a sign."""
        token = tokens.next(self.where)
        if not token.text.endswith(b"%"):
            raise self.wrong("no per cent", token)
        return int(token.text[:-1])

    def format(self, value: int) -> str:
        """Write digits and a sign."""
        return f"{value}%"


class Filling(Percent):
    """A share whose kind an earlier field gives."""

    dependent = True


class Record_TANK(Record, mnemonic="TANK"):
    """A record with fields of the test's own."""

    number: UInt8 = UInt8(default=1)
    level: Percent = Percent(default=0)
    other: Filling = Filling(default=50, show="half")


def test_declared() -> None:
    """A kind of field is its four methods; all else follows."""
    record = Record_TANK(2, 30, 40)
    assert record.rdata == b"\2\x1e\x28"
    assert record.canonicalRdata() == record.rdata
    assert Record_TANK.read(b"\2\x1e\x28", 0, 3, {}) == record
    assert record.toText() == "2 30% 40%"
    assert Record_TANK.fromText(tokenize(b"2 30% 40%")) == record
    assert repr(record) == "<TANK number=2 level=30 half=40>"
    assert hash(record) == hash(Record_TANK(2, 30, 40))


def test_errors() -> None:
    """Errors say which field of which record."""
    with pytest.raises(DNSDecodeError, match=r"^TANK\.level: over 100$") as caught:
        Record_TANK.read(b"\1\xff\0", 0, 3, {})
    assert caught.value.field == "TANK.level"
    with pytest.raises(TruncatedError, match=r"^TANK\.other: 0 octets left, 1 needed$"):
        Record_TANK.read(b"\1\0", 0, 2, {})
    with pytest.raises(RdataTextError, match=r"^TANK\.level: no per cent$") as wrong:
        Record_TANK.fromText(tokenize(b"2 30 40%"))
    assert wrong.value.token == Token(b"30", False, 1, 3)


def test_at() -> None:
    """An error from below a field gets the field's name, and stays of its class."""
    field = Record_TANK.fields[1]
    assert str(field.at(TruncatedError("too short"))) == "TANK.level: too short"
    assert isinstance(field.at(TruncatedError("too short")), EOFError)


def test_onClass() -> None:
    """For type checkers a field is a descriptor; it is not there at run time, and not to be assigned."""
    field = Record_TANK.fields[1]
    assert field.__get__(None, Record_TANK) is field
    assert field.__get__(Record_TANK(), Record_TANK) is field
    with pytest.raises(AttributeError):
        field.__set__(Record_TANK(), 5)


def test_abstract() -> None:
    """A field without these methods is none."""
    field: Field[Any, Any] = Field()
    assert field.convert(5) == 5
    assert field.key(5) == 5
    for use in (
        lambda: field.readFrom(b"", 0, 0, {}),
        lambda: field.readFor(None, b"", 0, 0, {}),
        lambda: field.writeTo(bytearray(), 0, None),
        lambda: field.writeCanonical(bytearray(), 0),
        lambda: field.parse(tokenize(b""), b"\0"),
        lambda: field.parseFor(None, tokenize(b""), b"\0"),
        lambda: field.format(0),
    ):
        with pytest.raises(NotImplementedError):
            use()


def test_fixed() -> None:
    """Fields of fixed size need all of their octets."""
    field = UInt8()
    field.belongTo("X", "y")
    assert fixed(field, b"abc", 1, 3) == (b"b", 2)
    with pytest.raises(TruncatedError, match=r"X\.y: 0 octets left, 1 needed"):
        fixed(field, b"abc", 1, 1)


def test_octets() -> None:
    """One octet is one octet."""
    assert [octets(count) for count in range(3)] == ["0 octets", "1 octet", "2 octets"]
