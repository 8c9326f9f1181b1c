"""Strategies for records, drawn from the declarations of their fields: each kind of field has its own."""

import ipaddress
from collections.abc import Callable
from typing import Any

from hypothesis import strategies as st

from txnames.records import bitmap, gateways, keys, location, meta, network, prefixes, service, svcb
from txnames.records.address import Record_A6
from txnames.wire import fields, opaque, strings
from txnames.wire.charstr import Charstr
from txnames.wire.field import Field
from txnames.wire.name import Name
from txnames.wire.record import Record

Octets = st.SearchStrategy[bytes]


def wireOf(labels: list[bytes]) -> bytes:
    """Write labels as the wire form of a name, as many as fit."""
    wire = b""
    for label in labels:
        if len(wire) + len(label) + 2 <= 255:
            wire += bytes((len(label),)) + label
    return wire + b"\0"


labels = st.one_of(
    st.sampled_from([b"example", b"Example", b"com", b"www", b"*", b"a.b", b"_tcp"]),
    st.binary(min_size=1, max_size=63),
)
names = st.lists(labels, max_size=6).map(lambda parts: Name.fromWire(wireOf(parts)))
string = st.binary(max_size=255)


def octetsOf(field: Any) -> Octets:
    """Draw octets to the end of the data."""
    return st.binary(min_size=field.least, max_size=300)


def numberOf(field: Any) -> st.SearchStrategy[int]:
    """Draw numbers of the field's width."""
    return st.integers(0, (1 << 8 * field.size) - 1)


def groupsOf(field: Any) -> Octets:
    """Draw octets of the field's size."""
    return st.binary(min_size=field.size, max_size=field.size)


@st.composite
def prefix(draw: st.DrawFn) -> prefixes.Prefix:
    """Draw a prefix of addresses."""
    family, size = draw(st.sampled_from([(1, 4), (2, 16), (1, 4), (3, 127)]))
    address = draw(st.binary(max_size=size)).rstrip(b"\0")
    return prefixes.Prefix(family, draw(st.integers(0, min(255, 8 * size))), draw(st.booleans()), address)


def numbers() -> Octets:
    """Draw octets of some numbers of 16 bits, each another."""
    some = st.lists(st.integers(0, 0xFFFF), unique=True, min_size=1, max_size=4)
    return some.map(lambda found: b"".join(one.to_bytes(2, "big") for one in found))


def several(size: int) -> Octets:
    """Draw octets of some values of fixed size."""
    return st.lists(st.binary(min_size=size, max_size=size), min_size=1, max_size=4).map(b"".join)


VALUES: dict[int, Octets] = {
    svcb.ALPN: st.lists(st.binary(min_size=1, max_size=20), min_size=1, max_size=4).map(
        lambda found: b"".join(bytes((len(one),)) + one for one in found)
    ),
    svcb.NO_DEFAULT_ALPN: st.just(b""),
    svcb.PORT: several(2).map(lambda found: found[:2]),
    svcb.IPV4HINT: several(4),
    svcb.IPV6HINT: several(16),
    svcb.OHTTP: st.just(b""),
    svcb.GROUPS: numbers(),
}


@st.composite
def parameters(draw: st.DrawFn) -> dict[int, bytes]:
    """Draw parameters of a service, and perhaps that some of them are mandatory."""
    found: dict[int, bytes] = {}
    for key in draw(st.lists(st.integers(1, 9) | st.integers(10, 0xFFFF), unique=True, max_size=6)):
        found[key] = draw(VALUES.get(key, st.binary(max_size=50)))
    mandatory = draw(st.booleans())
    if found and mandatory:
        found[svcb.MANDATORY] = b"".join(key.to_bytes(2, "big") for key in sorted(found))
    return found


digits = st.sampled_from([digit * 10**power for digit in range(10) for power in range(10)])
alphanumeric = st.text("abcXYZ019", min_size=1, max_size=20).map(str.encode)
ipv4 = st.integers(0, (1 << 32) - 1).map(ipaddress.IPv4Address)
ipv6 = st.integers(0, (1 << 128) - 1).map(ipaddress.IPv6Address)

STRATEGIES: dict[type[Field[Any, Any]], Callable[[Any], st.SearchStrategy[Any]]] = {
    fields.TTL: lambda field: st.none() | st.integers(0, 0x7FFFFFFF),
    fields.Number: numberOf,
    location.Version: lambda field: st.just(0),
    location.Altitude: lambda field: st.integers(-location.DATUM, (1 << 32) - 1 - location.DATUM),
    location.Extent: lambda field: digits,
    location.Angle: lambda field: st.integers(-field.limit, field.limit),
    gateways.RelayType: lambda field: st.sampled_from([0, 1, 2, 3, 128, 129, 130, 131]),
    fields.IPv4: lambda field: ipv4,
    fields.IPv6: lambda field: ipv6,
    fields.DomainName: lambda field: names,
    gateways.Names: lambda field: st.lists(names, max_size=4),
    strings.CharString: lambda field: string,
    strings.CharStrings: lambda field: st.lists(string, min_size=1, max_size=4),
    network.OptionalString: lambda field: st.none() | string,
    service.LooseString: lambda field: string.map(Charstr),
    keys.CAATag: lambda field: alphanumeric,
    opaque.RestOctets: octetsOf,
    meta.Anything: octetsOf,
    opaque.CountedBase64: lambda field: st.binary(max_size=100),
    bitmap.TypeBitmap: lambda field: st.sets(st.integers(0, 300) | st.integers(0, 0xFFFF), max_size=40),
    bitmap.OldTypeBitmap: lambda field: st.sets(st.integers(1, 127), max_size=20),
    prefixes.Prefixes: lambda field: st.lists(prefix(), max_size=4),
    svcb.Parameters: lambda field: parameters(),
    network.HexGroups: groupsOf,
}


def valueOf(field: Field[Any, Any]) -> st.SearchStrategy[Any]:
    """Draw what the constructor takes for a field, by its kind or the nearest kind that has a strategy."""
    if field.where == "IPSECKEY.gatewayType":
        return st.integers(0, 3)
    if field.where in ("NSEC3.salt", "NSEC3PARAM.salt", "NSEC3.nextHashed"):
        return st.binary(min_size=1, max_size=255)
    if field.where == "A6.prefixLen":
        return st.integers(0, 128)
    for kind in type(field).__mro__:
        if kind in STRATEGIES:
            return STRATEGIES[kind](field)
    raise LookupError(f"no strategy for {type(field).__name__}; add one to STRATEGIES")


GATEWAYS: list[st.SearchStrategy[Any]] = [st.none(), ipv4, ipv6, names]


@st.composite
def recordOf(draw: st.DrawFn, kind: type[Record]) -> Record:
    """Draw a record of a class."""
    values: dict[str, Any] = {}
    for field in kind.fields:
        if isinstance(field, gateways.Gateway):
            values[field.name] = draw(GATEWAYS[values.get("gatewayType", values.get("discoveryAndType", 0)) & 0x7F])
        else:
            values[field.name] = draw(valueOf(field))
    if kind is Record_A6:
        bits = values["prefixLen"]
        values["suffix"] = ipaddress.IPv6Address(int(values["suffix"]) & (1 << 128 - bits) - 1)
        values["prefix"] = values["prefix"] if bits else b""
    variadic = [field.name for field in kind.fields if field.variadic]
    return kind(*(values.pop(variadic[0]) if variadic else ()), **values)


def anyRecord() -> st.SearchStrategy[Record]:
    """Draw a record of any class that is registered."""
    kinds = [kind for _, kind in sorted(Record.registry.items())]
    return st.sampled_from(kinds).flatmap(recordOf)


@st.composite
def mutated(draw: st.DrawFn, original: bytes) -> bytes:
    """Draw octets that are like others, but for a few changes."""
    found = bytearray(original)
    for _ in range(draw(st.integers(1, 4))):
        at = draw(st.integers(0, len(found)))
        change = draw(st.sampled_from(["replace", "insert", "delete", "cut"]))
        if change == "cut":
            del found[at:]
        elif change == "delete":
            del found[at : at + draw(st.integers(1, 4))]
        else:
            octets = draw(st.one_of(st.binary(min_size=1, max_size=4), st.sampled_from([b"\0", b"\xc0\x0c", b"\xff"])))
            found[at : at + len(octets) * (change == "replace")] = octets
    return bytes(found)
