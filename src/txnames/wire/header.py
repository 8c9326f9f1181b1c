"""The two things that messages are lists of: questions, and resource records around their data."""

from __future__ import annotations

from io import BytesIO
from struct import Struct
from typing import Any, BinaryIO

from zope.interface import implementer

from txnames.error import TruncatedError
from txnames.interfaces import IEncodable
from txnames.wire.buffer import restOf
from txnames.wire.name import Name, readName, writeName
from txnames.wire.numbers import IN, A, className, typeName

__all__ = ["Query", "RRHeader", "streamed", "writeItem"]

_question = Struct("!HH")
_fixed = Struct("!HHIH")


def writeItem(item: Any, out: bytearray, compress: dict[bytes, bytes]) -> None:
    """Append a record or its data, be it of a class that knows streams only; C{compress} as in L{writeName}."""
    write = getattr(item, "write", None)
    if write is None:
        out += streamed(item)
    else:
        write(out, compress)


def streamed(item: Any) -> bytes:
    """The octets of what can only write to streams."""
    stream = BytesIO()
    item.encode(stream, None)
    return stream.getvalue()


@implementer(IEncodable)
class Query:
    """A question (RFC 1035 section 4.1.2).

    @ivar name: the name asked for, a L{Name}.
    @ivar type: the type asked for.
    @ivar cls: the class asked for.
    """

    __slots__ = ("__dict__", "cls", "name", "type")

    name: Name
    type: int
    cls: int

    def __init__(self, name: bytes | str | Name = b"", type: int = A, cls: int = IN) -> None:
        self.name = name if isinstance(name, Name) else Name(name)
        self.type = type
        self.cls = cls

    def write(self, out: bytearray, compress: dict[bytes, bytes]) -> None:
        """Append the question to a message; C{compress} as in L{writeName}."""
        writeName(out, self.name.wire, compress)
        out += _question.pack(self.type, self.cls)

    def encode(self, strio: BinaryIO, compDict: dict[bytes, int] | None = None) -> None:
        """Write the question to a stream that holds what follows a message's header."""
        self.name.encode(strio, compDict)
        strio.write(_question.pack(self.type, self.cls))

    def decode(self, strio: BinaryIO, length: int | None = None) -> None:
        """Read the question where the stream stands.

        @raise DNSDecodeError: not a question; an C{EOFError} too where the octets ended.
        """
        wire = restOf(strio)
        name, offset = readName(wire, strio.tell(), {})
        if offset + 4 > len(wire):
            raise TruncatedError("the octets end inside of the question")
        self.name = name
        self.type, self.cls = _question.unpack_from(wire, offset)
        strio.seek(offset + 4)

    def __eq__(self, other: object) -> bool:
        if isinstance(other, Query):
            return self.type == other.type and self.cls == other.cls and self.name == other.name
        return NotImplemented

    def _order(self) -> tuple[bytes, int, int]:
        """What questions are sorted by."""
        return self.name.folded, self.type, self.cls

    def __lt__(self, other: object) -> bool:
        return self._order() < other._order() if isinstance(other, Query) else NotImplemented

    def __le__(self, other: object) -> bool:
        return self._order() <= other._order() if isinstance(other, Query) else NotImplemented

    def __gt__(self, other: object) -> bool:
        return self._order() > other._order() if isinstance(other, Query) else NotImplemented

    def __ge__(self, other: object) -> bool:
        return self._order() >= other._order() if isinstance(other, Query) else NotImplemented

    def __hash__(self) -> int:
        return hash((self.name, self.type, self.cls))

    def __str__(self) -> str:
        return f"{self.name} {className(self.cls)} {typeName(self.type)}"

    def __repr__(self) -> str:
        return f"<Query {self.name} {typeName(self.type)} {className(self.cls)}>"


@implementer(IEncodable)
class RRHeader:
    """A resource record: owner, type, class, TTL, and the data as its payload (RFC 1035 section 4.1.3).

    @ivar name: the owner, a L{Name}.
    @ivar type: the type.
    @ivar cls: the class.
    @ivar ttl: how long the record may be kept, in seconds.
    @ivar payload: the data, most often a L{txnames.wire.record.Record}; C{None} for no data.
    @ivar auth: whether the record comes from who is responsible for it.
    @ivar rdlength: the octets of the data that L{decode} found announced.
    """

    __slots__ = ("__dict__", "auth", "cls", "name", "payload", "ttl", "type")

    name: Name
    type: int
    cls: int
    ttl: int
    payload: Any
    auth: bool

    fmt = "!HHIH"
    rdlength: int | None = None
    cachedResponse: Any = None

    def __init__(
        self,
        name: bytes | str | Name = b"",
        type: int = A,
        cls: int = IN,
        ttl: Any = 0,
        payload: Any = None,
        auth: bool = False,
    ) -> None:
        """Make a record.

        @raise ValueError: the TTL is negative or no number, or the data is of another type.
        """
        kind = getattr(payload, "TYPE", None)
        if kind is not None and kind != type:
            raise ValueError(f"Payload type ({typeName(kind)}) is not the record's type ({typeName(type)})")
        self.name = name if isinstance(name, Name) else Name(name)
        self.type = type
        self.cls = cls
        self.ttl = int(ttl)
        if self.ttl < 0:
            raise ValueError("a TTL is not negative")
        self.payload = payload
        self.auth = auth

    def isAuthoritative(self) -> bool:
        """Whether the record comes from who is responsible for it."""
        return self.auth

    def write(self, out: bytearray, compress: dict[bytes, bytes]) -> None:
        """Append the record to a message; C{compress} as in L{writeName}."""
        writeName(out, self.name.wire, compress)
        out += _fixed.pack(self.type, self.cls, self.ttl, 0)
        payload = self.payload
        if payload is None:
            return
        start = len(out)
        writeItem(payload, out, compress)
        out[start - 2 : start] = (len(out) - start).to_bytes(2, "big")

    def encode(self, strio: BinaryIO, compDict: dict[bytes, int] | None = None) -> None:
        """Write the record to a stream that holds what follows a message's header."""
        self.name.encode(strio, compDict)
        start = strio.tell()
        strio.write(_fixed.pack(self.type, self.cls, self.ttl, 0))
        if self.payload is not None:
            self.payload.encode(strio, compDict)
            end = strio.tell()
            strio.seek(start + _fixed.size - 2)
            strio.write((end - start - _fixed.size).to_bytes(2, "big"))
            strio.seek(end)

    def decode(self, strio: BinaryIO, length: int | None = None) -> None:
        """Read all but the data where the stream stands, and leave the stream where the data begins.

        @raise DNSDecodeError: not a record; an C{EOFError} too where the octets ended.
        """
        wire = restOf(strio)
        name, offset = readName(wire, strio.tell(), {})
        if offset + _fixed.size > len(wire):
            raise TruncatedError("the octets end inside of the record's header")
        self.name = name
        self.type, self.cls, self.ttl, self.rdlength = _fixed.unpack_from(wire, offset)
        strio.seek(offset + _fixed.size)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, RRHeader):
            return NotImplemented
        return (
            self.type == other.type
            and self.ttl == other.ttl
            and self.cls == other.cls
            and self.auth == other.auth
            and self.name == other.name
            and bool(self.payload == other.payload)
        )

    def __hash__(self) -> int:
        return hash((self.name, self.type, self.cls, self.ttl, self.payload, self.auth))

    def __str__(self) -> str:
        return repr(self)

    def __repr__(self) -> str:
        return (
            f"<RR name={self.name} type={typeName(self.type)} class={className(self.cls)} "
            f"ttl={self.ttl}s auth={self.auth}>"
        )
