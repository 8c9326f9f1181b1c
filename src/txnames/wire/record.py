"""Records: a record type is its list of fields.

A class declares its fields, one a line, in the order that they have on the wire, in text and in the constructor::

    class Record_MX(Record, type=MX):
        \"\"\"Mail exchange (RFC 1035 section 3.3.9).\"\"\"

        preference: UInt16 = UInt16(default=0)
        name: DomainName = DomainName(default=b"", compress=True, also="exchange")
        ttl: TTL = TTL(default=None)

From that the metaclass makes slots and compiles the constructor, C{read}, C{write}, C{==} and C{hash}, once, as attrs
and dataclasses do: octets are handled by straight code with neighbouring numbers merged into one C{struct.Struct}, and
not by a loop over fields.  A method that the class body holds already is left alone, which is the way out for data
that no list of fields describes.  Text, C{repr} and the canonical form loop over the fields: nothing hot needs them.

C{type=} enters the class into L{Record.registry}: from then on messages and zone files know the type.
"""

from __future__ import annotations

from struct import error as StructError
from typing import Any, BinaryIO, ClassVar, Final, Self, dataclass_transform

from zope.interface import implementer

from txnames.error import DNSDecodeError, RdataTextError, TruncatedError
from txnames.interfaces import IEncodableRecord
from txnames.wire.buffer import restOf
from txnames.wire.compile import RecordType
from txnames.wire.field import Field, octets
from txnames.wire.fields import TTL
from txnames.wire.name import HEADER_SIZE, ROOT, Name, StreamNames
from txnames.wire.numbers import typeName
from txnames.wire.opaque import MAX_RDATA, RestOctets, genericRdata, genericText
from txnames.wire.text import Tokens

__all__ = ["MAX_RDATA", "Record", "UnknownRecord", "rdataFromText", "rdataToText", "recordClass", "validateRdata"]

# The octets of a message that pointers can lead to (RFC 1035 section 4.1.4).
_REACH: Final = 0x4000


@implementer(IEncodableRecord)
@dataclass_transform(eq_default=True, field_specifiers=(Field,))
class Record(metaclass=RecordType):
    """The data of a resource record, and its TTL in seconds.

    @cvar TYPE: the number of the type; C{None} in classes that are no type of their own.
    @cvar fields: the fields in order, the TTL last.
    @cvar registry: the class of each type by its number.
    @cvar compresses: whether L{write} may compress a name; where not, it appends L{rdata}.
    """

    __slots__ = ()

    TYPE: ClassVar[Any] = None
    fancybasename: ClassVar[str]
    fields: ClassVar[tuple[Field[Any, Any], ...]]
    registry: ClassVar[dict[int, type[Record]]] = {}
    compresses: ClassVar[bool]
    compareAttributes: ClassVar[tuple[str, ...]]
    showAttributes: ClassVar[tuple[str, ...]]
    """The fields in C{repr}; a class says it where the order isn't that of the declaration."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        """Take the fields' values; each class has its own constructor, compiled from its fields."""

    # The compiled methods, as type checkers see them.

    @classmethod
    def read(cls, wire: bytes, offset: int, end: int, names: dict[int, Name], ttl: int | None = None) -> Self:
        """Read the data that stands from C{offset} to C{end} in a message.

        @param names: the names of the message by their offset, see L{readName}.
        @raise DNSDecodeError: the octets are not this type's.
        """
        raise NotImplementedError

    @classmethod
    def readPart(
        cls, wire: bytes, offset: int, end: int, names: dict[int, Name], ttl: int | None = None
    ) -> tuple[Self, int]:
        """Read the data that begins at C{offset}, and say where it ends.

        @raise DNSDecodeError: the octets are not this type's.
        """
        raise NotImplementedError

    def write(self, out: bytearray, compress: dict[bytes, bytes] | None = None) -> None:
        """Append the data to a message; C{compress} as in L{writeName}."""
        raise NotImplementedError

    @property
    def rdata(self) -> bytes:
        """The octets of the data, nothing compressed, case kept."""
        raise NotImplementedError

    def canonicalRdata(self) -> bytes:
        """The octets of the data in canonical form (RFC 4034 section 6.2)."""
        out = bytearray()
        for field in self.fields:
            if field.onWire:
                field.writeCanonical(out, getattr(self, field.name))
        return bytes(out)

    def toText(self) -> str:
        """The data as a zone file has it, names absolute (RFC 1035 section 5.1)."""
        written = [field.format(getattr(self, field.name)) for field in self.fields if field.onWire]
        return " ".join(filter(None, written))

    def genericText(self) -> str:
        """The data in the form that suits every type (RFC 3597 section 5)."""
        return genericText(self.rdata)

    @classmethod
    def fromText(cls, tokens: Tokens, origin: bytes = ROOT, ttl: int | None = None) -> Self:
        """Read the data from the tokens of a zone file.

        @param origin: what relative names are relative to, in wire form.
        @raise RdataTextError: the text is not this type's.
        """
        record = cls.__new__(cls)
        for field in cls.fields:
            setattr(record, field.name, field.parseFor(record, tokens, origin) if field.onWire else ttl)
        tokens.end()
        return record

    def encode(self, strio: BinaryIO, compDict: dict[bytes, int] | None = None) -> None:
        """Write the data to a stream that holds what follows a message's header.

        @param compDict: the dotted names that the message holds already, each with its offset; grows.
        """
        if compDict is None:
            strio.write(self.rdata)
            return
        # Beyond the reach of pointers one place is as good as another.
        start = min(strio.tell() + HEADER_SIZE, _REACH)
        out = bytearray(start)
        self.write(out, StreamNames(compDict))
        strio.write(bytes(out[start:]))

    def decode(self, strio: BinaryIO, length: int | None = None) -> None:
        """Take the data that stands in a stream; the stream begins where the message does.

        @param length: the octets of the data; C{None} where the data itself tells.
        @raise DNSDecodeError: the octets are not this type's; an C{EOFError} too where they ended.
        """
        wire, start, ttl = restOf(strio), strio.tell(), getattr(self, "ttl", None)
        if length is None:
            made, end = type(self).readPart(wire, start, len(wire), {}, ttl)
        else:
            end = start + length
            if end > len(wire):
                raise TruncatedError(f"{octets(len(wire) - start)} left, {length} needed", self.fancybasename)
            made = type(self).read(wire, start, end, {}, ttl)
        for field in self.fields:
            setattr(self, field.name, getattr(made, field.name))
        strio.seek(end)

    def __repr__(self) -> str:
        byName = {field.name: field for field in self.fields}
        parts = [self.fancybasename]
        for name in self.showAttributes:
            field, value = byName[name], getattr(self, name)
            parts.append(f"{field.shown}={field.show(value) if value is not None else None}")
        return f"<{' '.join(parts)}>"


class UnknownRecord(Record, mnemonic="UNKNOWN"):
    """The data of a type that has no class of its own: octets (RFC 3597)."""

    data: RestOctets = RestOctets(default=b"")
    ttl: TTL = TTL(default=None)


def recordClass(type: int) -> type[Record]:
    """The class of a type, L{UnknownRecord} where there is none."""
    return Record.registry.get(type, UnknownRecord)


def rdataFromText(type: int, tokens: Tokens, origin: bytes = ROOT) -> bytes:
    r"""Read the data of a record of some type from the tokens of a zone file, as octets.

    Every type may stand in the generic form C{\# length hex}; what a known type cannot be is refused there too.

    @param origin: what relative names are relative to, in wire form.
    @raise RdataTextError: the text is not that type's.
    """
    items, position = tokens.items, tokens.position
    kind = Record.registry.get(type)
    if position < len(items) and items[position].text == b"\\#" and not items[position].quoted:
        tokens.position = position + 1
        rdata = genericRdata(tokens)
        try:
            validateRdata(type, rdata)
        except DNSDecodeError as error:
            raise RdataTextError(f"the data after \\# is not valid: {error}", items[position]) from None
        return rdata
    if kind is None:
        raise RdataTextError(f"the data of {typeName(type)} can only be given as \\# length hex")
    try:
        rdata = kind.fromText(tokens, origin).rdata
    except RdataTextError:
        raise
    except (ValueError, OverflowError, StructError) as error:
        # A class by somebody else may find out late, or leave it to Python.
        at = items[position] if position < len(items) else None
        raise RdataTextError(f"the data is not that of {typeName(type)}: {error}", at) from None
    if len(rdata) > MAX_RDATA:
        raise RdataTextError(f"{octets(len(rdata))} of data, {MAX_RDATA} are allowed", items[position])
    return rdata


def validateRdata(type: int, rdata: bytes) -> Record:
    """Make sure that octets, with no name compressed, are the data of a type.

    @return: the data.
    @raise DNSDecodeError: they are not.
    """
    record = recordClass(type).read(rdata, 0, len(rdata), {})
    if record.rdata != rdata:
        raise DNSDecodeError("not the one form that the data has outside of messages", typeName(type))
    return record


def rdataToText(type: int, rdata: bytes) -> str:
    """Write the octets of a record's data as a zone file has it, in the generic form if the type has no other.

    @raise DNSDecodeError: the octets are not that type's.
    """
    kind = Record.registry.get(type)
    if kind is None:
        return genericText(rdata)
    return kind.read(rdata, 0, len(rdata), {}).toText()
