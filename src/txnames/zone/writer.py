"""Writes zones as master files that every server reads (RFC 1035 section 5)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from txnames.records import Record_SVCB
from txnames.wire.name import Name, textFromWire
from txnames.wire.numbers import className, typeName, typeNumber
from txnames.wire.record import Record, UnknownRecord, recordClass
from txnames.zone.rrset import classOf, recordsOf, typeOf
from txnames.zone.tree import Zone

__all__ = ["writeZone"]

# Escapes that may stay as they are; others; and what Knot DNS does not read in a name without one.
_special: Final = re.compile(r"\\(?:[0-9]{3}|\.)|\\(.)|([^.0-9A-Za-z*\-_/])")
# Types whose text form BIND, NSD and Knot DNS all know.
_known: Final = frozenset(
    map(
        typeNumber,
        (
            *(
                "A",
                "NS",
                "CNAME",
                "SOA",
                "PTR",
                "HINFO",
                "MINFO",
                "MX",
                "TXT",
                "RP",
                "AFSDB",
                "RT",
                "AAAA",
                "LOC",
                "SRV",
            ),
            *("NAPTR", "KX", "CERT", "DNAME", "APL", "DS", "SSHFP", "IPSECKEY", "RRSIG", "NSEC", "DNSKEY", "DHCID"),
            *("NSEC3", "NSEC3PARAM", "TLSA", "SMIMEA", "CDS", "CDNSKEY", "OPENPGPKEY", "CSYNC", "ZONEMD", "SVCB"),
            *("HTTPS", "SPF", "NID", "L32", "L64", "LP", "EUI48", "EUI64", "URI", "CAA"),
        ),
    )
)
# The last parameter that RFC 9460 has for SVCB and HTTPS; they all know it and those before.
_LAST_PARAMETER: Final = 6


def writeZone(zone: Zone) -> Iterator[str]:
    """The lines of a zone file, each with its newline: SOA first, one record a line, all names absolute.

    Reading them gives the same zone.
    """
    for owner, packed in zone.rrsets():
        name = _nameText(owner)
        cls = className(classOf(packed))
        type = typeOf(packed)
        for ttl, rdata in recordsOf(packed):
            yield f"{name} {ttl} {cls} {_data(type, rdata)}\n"


def _data(type: int, rdata: bytes) -> str:
    """Type and data, in the form of RFC 3597 where the other is not read everywhere."""
    if type in _known:
        record = recordClass(type).read(rdata, 0, len(rdata), {})
        if _isReadEverywhere(record):
            return f"{typeName(type)} {record.toText()}"
    return f"TYPE{type} {UnknownRecord(rdata).toText()}"


def _isReadEverywhere(record: Record) -> bool:
    """Whether all servers read the text of a record: the names and parameters in it."""
    if isinstance(record, Record_SVCB) and any(key > _LAST_PARAMETER for key, _ in record.params):
        return False
    names = [value for field in record.fields if isinstance(value := getattr(record, field.name), Name)]
    return all(_nameText(name.wire) == textFromWire(name.wire) for name in names)


def _nameText(wire: bytes) -> str:
    """A name as absolute text."""
    return _special.sub(_escaped, textFromWire(wire))


def _escaped(found: re.Match[str]) -> str:
    """An octet in decimal digits, but for what may stay as it is."""
    octet = found[1] or found[2]
    return f"\\{ord(octet):03d}" if octet else found[0]
