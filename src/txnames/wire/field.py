"""A field: one part of what the data of a record is made of.

A field knows how one kind of value stands on the wire, in text and in C{repr}, and nothing of the record around it.
Records are lists of fields (see L{txnames.wire.record}).  For type checkers each class here is a descriptor: on a
record the attribute has the type that C{__get__} gives, and takes what C{__set__} takes.  At run time a slot of the
same name takes the field's place, so that a record costs no more than a class written by hand; only the constructor
converts, and who assigns to an attribute later assigns the value as it is kept.

To add a kind of field, subclass L{Field} and write its C{readFrom}, C{writeTo}, C{parse} and C{format}.  A field whose
octets cannot be told without an earlier field of the same record, such as a gateway whose kind another field gives,
sets C{dependent} and writes C{convertFor}, C{readFor} and C{parseFor}, which are given the record so far.
"""

from __future__ import annotations

from typing import Any, ClassVar, Generic, Self, TypeVar, overload

from txnames.error import DNSDecodeError, RdataTextError, TruncatedError
from txnames.wire.name import Name
from txnames.wire.text import Token, Tokens

__all__ = ["REQUIRED", "Field", "fixed", "octets"]

Value = TypeVar("Value")
Accepted = TypeVar("Accepted")

REQUIRED: Any = object()
"""The default of a field that has none."""


class Field(Generic[Value, Accepted]):
    """One field of a record.

    @ivar name: the attribute that holds its value.
    @ivar where: the record and the field, such as C{MX.preference}, for errors.
    @ivar default: what the constructor takes when it is given nothing.
    @ivar also: another name by which the constructor takes the value.
    @ivar shown: the name in C{repr}; empty when it isn't shown.
    """

    code: ClassVar[str] = ""
    """How the struct module writes the value, for fields of fixed size."""

    size: ClassVar[int] = 0
    """The octets of a field with a C{code}."""

    dependent: ClassVar[bool] = False
    """Whether C{convertFor} and its like are to be used, as an earlier field says what this one is."""

    onWire: ClassVar[bool] = True
    """Whether the field stands on the wire (a record's TTL does not stand in its data)."""

    variadic: ClassVar[bool] = False
    """Whether the constructor takes all of its positional arguments for this field."""

    summary: ClassVar[str] = ""
    """What the field is in zone files, for the documentation."""

    def __init__(self, *, default: Any = REQUIRED, also: str = "", show: str | None = None) -> None:
        self.default = default
        self.also = also
        self.name = ""
        self.where = ""
        self._show = show

    @property
    def kind(self) -> str:
        """The kind of field, such as C{UInt16}."""
        return type(self).__name__

    @property
    def shown(self) -> str:
        """The name that C{repr} gives."""
        return self.name if self._show is None else self._show

    @overload
    def __get__(self, instance: None, owner: type) -> Self: ...

    @overload
    def __get__(self, instance: object, owner: type) -> Value: ...

    def __get__(self, instance: object, owner: type) -> Self | Value:
        """Give the field itself: on records a slot stands in its place."""
        return self

    def __set__(self, instance: object, value: Accepted) -> None:
        raise AttributeError("a field belongs to the body of a record class")

    def belongTo(self, record: str, name: str) -> None:
        """Learn the record and the attribute that this field is of."""
        self.name = name
        self.where = f"{record}.{name}"

    def convert(self, value: Any) -> Value:
        """Make what the constructor was given the value to keep.

        @raise ValueError: it cannot be one.
        """
        kept: Value = value
        return kept

    def convertFor(self, record: Any, value: Any) -> Value:
        """Do what C{convert} does, for a record whose earlier fields have their values.

        @raise ValueError: it cannot be one.
        """
        return self.convert(value)

    def readFrom(self, wire: bytes, offset: int, end: int, names: dict[int, Name]) -> tuple[Value, int]:
        """Read the value at an offset, and say where the next begins; nothing past C{end} is the record's.

        @raise DNSDecodeError: the octets are not this field's.
        """
        raise NotImplementedError

    def readFor(self, record: Any, wire: bytes, offset: int, end: int, names: dict[int, Name]) -> tuple[Value, int]:
        """Do what C{readFrom} does, for a record whose earlier fields are read.

        @raise DNSDecodeError: the octets are not this field's.
        """
        return self.readFrom(wire, offset, end, names)

    def writeTo(self, out: bytearray, value: Value, compress: dict[bytes, bytes] | None) -> None:
        """Append the value's octets to a message; C{compress} as in L{writeName}, C{None} without compression."""
        raise NotImplementedError

    def writeCanonical(self, out: bytearray, value: Value) -> None:
        """Append the value's octets in canonical form (RFC 4034 section 6.2)."""
        self.writeTo(out, value, None)

    def parse(self, tokens: Tokens, origin: bytes) -> Value:
        """Read the value from text.

        @raise RdataTextError: the text is not this field's.
        """
        raise NotImplementedError

    def parseFor(self, record: Any, tokens: Tokens, origin: bytes) -> Value:
        """Do what C{parse} does, for a record whose earlier fields are read.

        @raise RdataTextError: the text is not this field's.
        """
        return self.parse(tokens, origin)

    def format(self, value: Value) -> str:
        """Write the value as text; an empty string leaves it out."""
        raise NotImplementedError

    def show(self, value: Value) -> str:
        """Write the value as C{repr} has it."""
        return str(value)

    def key(self, value: Value) -> Any:
        """Make what stands for the value in a hash."""
        return value

    def bad(self, reason: str) -> DNSDecodeError:
        """Make the error for wrong octets."""
        return DNSDecodeError(reason, self.where)

    def short(self, left: int, needed: int) -> TruncatedError:
        """Make the error for octets that end too early."""
        return TruncatedError(f"{octets(left)} left, {needed} needed", self.where)

    def at(self, error: DNSDecodeError) -> DNSDecodeError:
        """Make an error that was found below this field say where it is."""
        return type(error)(str(error), self.where)

    def wrong(self, reason: str, token: Token | None = None) -> RdataTextError:
        """Make the error for wrong text."""
        return RdataTextError(f"{self.where}: {reason}", token)


def octets(count: int) -> str:
    """Say how many octets."""
    return "1 octet" if count == 1 else f"{count} octets"


def fixed(field: Field[Any, Any], wire: bytes, offset: int, end: int) -> tuple[bytes, int]:
    """Read the octets of a field of fixed size."""
    stop = offset + field.size
    if stop > end:
        raise field.short(end - offset, field.size)
    return wire[offset:stop], stop
