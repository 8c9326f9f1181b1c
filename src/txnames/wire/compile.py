"""From a list of fields to a class: the metaclass of records, and the source that it compiles.

A class gets its methods when one of them is first asked for: most programs meet few of all the record types, and to
import them must cost next to nothing.  Until then a L{Pending} stands in a method's place.

Each function that ends in C{Lines} gives the lines of one method, and puts what these lines refer to into the scope
in which they are compiled.
"""

from __future__ import annotations

from collections.abc import Callable
from copy import copy
from struct import Struct
from typing import Any, Final

from txnames.error import DNSDecodeError, TruncatedError
from txnames.wire.field import REQUIRED, Field, octets
from txnames.wire.fields import DomainName
from txnames.wire.name import readName, writeName
from txnames.wire.numbers import typeName
from txnames.wire.opaque import RestOctets

__all__ = ["RecordType"]

_MISSING: Any = object()
"""Stands for a keyword that was not given."""

METHODS: Final = ("__init__", "read", "readPart", "rdata", "write", "__eq__", "__hash__")
"""What is compiled."""


class Pending:
    """A method that is not compiled yet; to get it compiles all of its class."""

    __slots__ = ("name", "owner")

    def __set_name__(self, owner: RecordType, name: str) -> None:
        self.owner = owner
        self.name = name

    def __get__(self, instance: object, owner: type | None = None) -> Any:
        compileMethods(self.owner)
        return vars(self.owner)[self.name].__get__(instance, owner)


class RecordType(type):
    """The metaclass that turns lists of fields into classes.

    @ivar fields: the fields in order.
    @ivar handmade: the names of the methods that class bodies hold, and that are not to be compiled.
    """

    registry: dict[int, Any]
    fields: tuple[Field[Any, Any], ...]
    handmade: frozenset[str]

    def __new__(
        mcs,
        className: str,
        bases: tuple[type, ...],
        namespace: dict[str, Any],
        type: int | None = None,
        mnemonic: str | None = None,
    ) -> RecordType:
        """Make the class.

        @param type: the number of the record type; enters the class into the registry.
        @param mnemonic: its name in text, if it is not the one that IANA gave.
        """
        own = {name: value for name, value in namespace.items() if isinstance(value, Field)}
        handmade = {name for base in bases for name in getattr(base, "handmade", ())}
        if bases:
            handmade.update(name for name in METHODS if name in namespace)
        namespace["handmade"] = frozenset(handmade)
        if not own and type is None and mnemonic is None:
            # A class of a program's own, that changes a method: it has a __dict__ as usual.
            if "write" in namespace and bases:
                namespace["compresses"] = True
                namespace.setdefault("rdata", Pending())
            return super().__new__(mcs, className, bases, namespace)
        inherited = {field.name: field for base in bases for field in getattr(base, "fields", ())}
        title = mnemonic or (typeName(type) if type is not None else className.removeprefix("Record_"))
        fields = {name: own.get(name) or copy(field) for name, field in inherited.items()} | own
        if "ttl" in fields:
            fields["ttl"] = fields.pop("ttl")
        for name, field in fields.items():
            field.belongTo(title, name)
        for name in own:
            del namespace[name]
        namespace["__slots__"] = tuple(name for name in own if name not in inherited)
        namespace["fields"] = tuple(fields.values())
        namespace["compareAttributes"] = tuple(fields)
        namespace.setdefault("showAttributes", tuple(name for name, field in fields.items() if field.shown))
        namespace["fancybasename"] = title
        namespace["compresses"] = "write" in handmade or compresses(namespace["fields"])
        for name in METHODS:
            if name not in handmade:
                namespace[name] = Pending()
        if type is None:
            return super().__new__(mcs, className, bases, namespace)
        namespace["TYPE"] = type
        record = super().__new__(mcs, className, bases, namespace)
        record.registry[type] = record
        return record

    def __init__(cls, className: str, bases: tuple[type, ...], namespace: dict[str, Any], **_: Any) -> None:
        super().__init__(className, bases, namespace)


def compileMethods(owner: RecordType) -> None:
    """Put the compiled methods in the place of those that are pending."""
    for name, method in compiled(owner).items():
        if name not in owner.handmade:
            setattr(owner, name, method)


def compiled(owner: RecordType) -> dict[str, Callable[..., Any]]:
    """Make the methods of a class from its fields."""
    fields = owner.fields
    scope: dict[str, Any] = {
        "DNSDecodeError": DNSDecodeError,
        "MISSING": _MISSING,
        "new": object.__new__,
        "octets": octets,
        "readName": readName,
        "shortOf": shortOf,
        "writeName": writeName,
    }
    source = "\n".join(
        [
            *initLines(fields, scope),
            *(readByPartLines() if "readPart" in owner.handmade else readLines("read", fields, scope, exact=True)),
            *readLines("readPart", fields, scope, exact=False),
            *(rdataByWriteLines() if "write" in owner.handmade else writeLines(fields, scope)),
            *compareLines(fields, scope),
        ]
    )
    made: dict[str, Any] = {}
    exec(compile(source, f"<txnames {owner.__qualname__}>", "exec"), scope, made)
    for name, method in made.items():
        method.__qualname__ = f"{owner.__qualname__}.{name}"
        method.__module__ = owner.__module__
    made["read"] = classmethod(made["read"])
    made["readPart"] = classmethod(made["readPart"])
    made["rdata"] = property(made["rdata"])
    return made


def initLines(fields: tuple[Field[Any, Any], ...], scope: dict[str, Any]) -> list[str]:
    """The source of the constructor."""
    parameters = ["self"]
    keywords: list[str] = []
    body: list[str] = []
    positional = True
    for field in fields:
        name = field.name
        scope[f"convert_{name}"] = field.convertFor if field.dependent else field.convert
        default = ""
        if field.default is not REQUIRED:
            scope[f"default_{name}"] = field.default
            default = f"=default_{name}"
        if field.variadic and positional:
            parameters.append(f"*{name}")
            positional = False
        else:
            (parameters if positional else keywords).append(name + default)
        if field.also:
            keywords.append(f"{field.also}=MISSING")
            body.append(f"    if {field.also} is not MISSING: {name} = {field.also}")
        body.append(f"    self.{name} = convert_{name}({'self, ' * field.dependent}{name})")
    if keywords and positional:
        parameters.append("*")
    return [f"def __init__({', '.join(parameters + keywords)}):", *(body or ["    pass"])]


def groups(fields: tuple[Field[Any, Any], ...]) -> list[list[Field[Any, Any]]]:
    """The fields on the wire, neighbours of fixed size together."""
    found: list[list[Field[Any, Any]]] = []
    for field in fields:
        if not field.onWire:
            continue
        if found and field.code and found[-1][0].code:
            found[-1].append(field)
        else:
            found.append([field])
    return found


def readLines(name: str, fields: tuple[Field[Any, Any], ...], scope: dict[str, Any], exact: bool) -> list[str]:
    """The source of C{read}, which has to use all octets, or of C{readPart}, which says where they end."""
    lines = [f"def {name}(cls, wire, offset, end, names, ttl=None):", "    self = new(cls)"]
    parts = groups(fields)
    toEnd = False
    for number, group in enumerate(parts):
        first = group[0]
        toEnd = isinstance(first, RestOctets) and type(first).readFrom is RestOctets.readFrom
        if first.code:
            size = sum(field.size for field in group)
            scope[f"group_{number}"] = group
            lines.append(f"    if end - offset < {size}: raise shortOf(group_{number}, end - offset)")
            if len(group) == 1 and first.code.endswith("s"):
                lines.append(f"    self.{first.name} = wire[offset:offset + {size}]")
            elif len(group) == 1 and first.code == "B":
                lines.append(f"    self.{first.name} = wire[offset]")
            else:
                scope[f"unpack_{number}"] = Struct("!" + "".join(field.code for field in group)).unpack_from
                targets = ", ".join(f"self.{field.name}" for field in group)
                lines.append(f"    {targets}, = unpack_{number}(wire, offset)")
            lines.append(f"    offset += {size}")
        elif type(first) is DomainName:
            scope[f"field_{number}"] = first
            lines += [
                f"    try: self.{first.name}, stop = readName(wire, offset, names)",
                f"    except DNSDecodeError as error: raise field_{number}.at(error) from None",
                f"    if stop > end: raise field_{number}.short(end - offset, stop - offset)",
                "    offset = stop",
            ]
        elif toEnd:
            least = getattr(first, "least", 0)
            if least:
                scope[f"field_{number}"] = first
                lines.append(f"    if end - offset < {least}: raise field_{number}.short(end - offset, {least})")
            lines.append(f"    self.{first.name} = wire[offset:end]")
        elif first.dependent:
            scope[f"read_{number}"] = first.readFor
            lines.append(f"    self.{first.name}, offset = read_{number}(self, wire, offset, end, names)")
        else:
            scope[f"read_{number}"] = first.readFrom
            lines.append(f"    self.{first.name}, offset = read_{number}(wire, offset, end, names)")
    lines += [f"    self.{field.name} = ttl" for field in fields if not field.onWire]
    if toEnd:
        return [*lines, "    return self" if exact else "    return self, end"]
    return [*lines, *_endLines] if exact else [*lines, "    return self, offset"]


_endLines = [
    "    if offset != end:",
    "        raise DNSDecodeError(f'{octets(end - offset)} too many', cls.fancybasename)",
    "    return self",
]


def readByPartLines() -> list[str]:
    """The source of C{read} for a class that has a C{readPart} of its own."""
    return [
        "def read(cls, wire, offset, end, names, ttl=None):",
        "    self, offset = cls.readPart(wire, offset, end, names, ttl)",
        *_endLines,
    ]


def shortOf(group: list[Field[Any, Any]], left: int) -> TruncatedError:
    """The error for the first of some fields that has not its octets."""
    *others, field = group
    for other in others:
        if left < other.size:
            return other.short(left, other.size)
        left -= other.size
    return field.short(left, field.size)


def writeLines(fields: tuple[Field[Any, Any], ...], scope: dict[str, Any]) -> list[str]:
    """The source of C{rdata} and of C{write}, which differ where a name may be compressed."""
    parts: list[str] = []
    steps: list[str] = []
    for number, group in enumerate(groups(fields)):
        first = group[0]
        if first.code and not (len(group) == 1 and first.code.endswith("s")):
            scope[f"pack_{number}"] = Struct("!" + "".join(field.code for field in group)).pack
            part = f"pack_{number}({', '.join(f'self.{field.name}' for field in group)})"
        elif first.code or type(first).writeTo is RestOctets.writeTo:
            part = f"self.{first.name}"
        elif type(first) is DomainName:
            part = f"self.{first.name}.wire"
        else:
            scope[f"write_{number}"] = first.writeTo
            scope["written"] = written
            part = f"written(write_{number}, self.{first.name})"
        parts.append(part)
        if type(first) is DomainName and first.compress:
            steps.append(f"    writeName(out, {part}, compress)")
        else:
            steps.append(f"    out += {part}")
    lines = ["def rdata(self):", f"    return {' + '.join(parts) or repr(b'')}", "def write(self, out, compress=None):"]
    if compresses(fields):
        lines += ["    if compress is None:", "        out += self.rdata", "        return", *steps]
    else:
        lines.append("    out += self.rdata")
    return lines


def rdataByWriteLines() -> list[str]:
    """The source of C{rdata} for a class that has a C{write} of its own."""
    return ["def rdata(self):", "    out = bytearray()", "    self.write(out)", "    return bytes(out)"]


def compresses(fields: tuple[Field[Any, Any], ...]) -> bool:
    """Whether a name among the fields may be compressed on the way out."""
    return any(type(field) is DomainName and field.compress for field in fields)


def written(write: Callable[..., None], value: Any) -> bytes:
    """The octets that a field writes for a value."""
    out = bytearray()
    write(out, value, None)
    return bytes(out)


def compareLines(fields: tuple[Field[Any, Any], ...], scope: dict[str, Any]) -> list[str]:
    """The source of C{==} and C{hash}."""
    same = " and ".join(f"self.{field.name} == other.{field.name}" for field in fields) or "True"
    keys = []
    for field in fields:
        if type(field).key is Field.key:
            keys.append(f"self.{field.name}")
        else:
            scope[f"key_{field.name}"] = field.key
            keys.append(f"key_{field.name}(self.{field.name})")
    return [
        "def __eq__(self, other):",
        "    if self.__class__ is not other.__class__: return NotImplemented",
        f"    return {same}",
        "def __hash__(self):",
        f"    return hash((self.TYPE, {''.join(key + ', ' for key in keys)}))",
    ]
