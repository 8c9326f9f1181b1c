"""From a list of fields to a class: the metaclass of records, and the source that it compiles.

Each function that ends in C{Lines} gives the lines of one method, and puts what these lines refer to into the scope
in which they are compiled.
"""

from __future__ import annotations

from collections.abc import Callable
from struct import Struct
from typing import Any

from txnames.error import DNSDecodeError, TruncatedError
from txnames.wire.fields import REQUIRED, DomainName, Field, octets
from txnames.wire.name import readName, writeName
from txnames.wire.numbers import typeName

__all__ = ["RecordType"]

_MISSING: Any = object()
"""Stands for a keyword that was not given."""


class RecordType(type):
    """The metaclass that turns lists of fields into classes."""

    registry: dict[int, Any]

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
        inherited = [field for base in bases for field in getattr(base, "fields", ())]
        own = {name: value for name, value in namespace.items() if isinstance(value, Field)}
        fields = tuple(own.get(field.name, field) for field in inherited) + tuple(
            field for name, field in own.items() if name not in {field.name for field in inherited}
        )
        title = mnemonic or (typeName(type) if type is not None else className.removeprefix("Record_"))
        for name, field in own.items():
            del namespace[name]
            field.belongTo(title, name)
        namespace.setdefault("__slots__", tuple(name for name in own if name not in {f.name for f in inherited}))
        namespace["fields"] = fields
        if type is not None:
            namespace["TYPE"] = type
        if type is not None or "fancybasename" not in namespace:
            namespace.setdefault("fancybasename", title)
        if own:
            for name, method in compiled(className, fields).items():
                namespace.setdefault(name, method)
        made = super().__new__(mcs, className, bases, namespace)
        if type is not None:
            made.registry[type] = made
        return made

    def __init__(cls, className: str, bases: tuple[type, ...], namespace: dict[str, Any], **_: Any) -> None:
        super().__init__(className, bases, namespace)


def compiled(className: str, fields: tuple[Field[Any, Any], ...]) -> dict[str, Callable[..., Any]]:
    """Make the methods of a class from its fields."""
    scope: dict[str, Any] = {
        "DNSDecodeError": DNSDecodeError,
        "MISSING": _MISSING,
        "octets": octets,
        "readName": readName,
        "shortOf": shortOf,
        "writeName": writeName,
    }
    source = "\n".join(
        [
            *initLines(fields, scope),
            *readLines("read", fields, scope, exact=True),
            *readLines("readPart", fields, scope, exact=False),
            *writeLines(fields, scope),
            *compareLines(fields, scope),
        ]
    )
    made: dict[str, Any] = {}
    exec(compile(source, f"<txnames {className}>", "exec"), scope, made)
    for name, method in made.items():
        method.__qualname__ = f"{className}.{name}"
    made["read"] = classmethod(made["read"])
    made["readPart"] = classmethod(made["readPart"])
    return made


def initLines(fields: tuple[Field[Any, Any], ...], scope: dict[str, Any]) -> list[str]:
    """The source of the constructor."""
    parameters = ["self"]
    keywords: list[str] = []
    body: list[str] = []
    positional = True
    for field in fields:
        name = field.name
        scope[f"convert_{name}"] = field.convert
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
        body.append(f"    self.{name} = convert_{name}({name})")
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
    lines = [f"def {name}(cls, wire, offset, end, names, ttl=None):", "    self = cls.__new__(cls)"]
    for number, group in enumerate(groups(fields)):
        first = group[0]
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
                f"    self.{first.name}, stop = readName(wire, offset, names)",
                f"    if stop > end: raise field_{number}.short(end - offset, stop - offset)",
                "    offset = stop",
            ]
        else:
            scope[f"read_{number}"] = first.readFrom
            lines.append(f"    self.{first.name}, offset = read_{number}(wire, offset, end, names)")
    lines += [f"    self.{field.name} = ttl" for field in fields if not field.onWire]
    if exact:
        lines += [
            "    if offset != end:",
            "        raise DNSDecodeError(f'{octets(end - offset)} too many', cls.fancybasename)",
            "    return self",
        ]
    else:
        lines.append("    return self, offset")
    return lines


def shortOf(group: list[Field[Any, Any]], left: int) -> TruncatedError:
    """The error for the first of some fields that has not its octets."""
    for field in group:
        if left < field.size:
            return field.short(left, field.size)
        left -= field.size
    raise AssertionError("the octets suffice")


def writeLines(fields: tuple[Field[Any, Any], ...], scope: dict[str, Any]) -> list[str]:
    """The source of C{write}."""
    lines = ["def write(self, out, compress=None):"]
    for number, group in enumerate(groups(fields)):
        first = group[0]
        if first.code and not (len(group) == 1 and first.code.endswith("s")):
            scope[f"pack_{number}"] = Struct("!" + "".join(field.code for field in group)).pack
            values = ", ".join(f"self.{field.name}" for field in group)
            lines.append(f"    out += pack_{number}({values})")
        elif first.code:
            lines.append(f"    out += self.{first.name}")
        elif type(first) is DomainName and first.compress:
            lines += [
                f"    if compress is None: out += self.{first.name}.wire",
                f"    else: writeName(out, self.{first.name}.wire, compress)",
            ]
        elif type(first) is DomainName:
            lines.append(f"    out += self.{first.name}.wire")
        else:
            scope[f"write_{number}"] = first.writeTo
            lines.append(f"    write_{number}(out, self.{first.name}, compress)")
    return [*lines, "    return None"]


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
