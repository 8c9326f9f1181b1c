"""The numbers of the DNS and their names: types, classes, opcodes and response codes.

The authority is IANA's registry "Domain Name System (DNS) Parameters"; each number stands here once, as a
constant, and the tables are drawn from the constants.  Some constants have the names that Twisted gave
them (C{EREFUSED}, C{ALL_RECORDS}); L{rcodeName} and L{typeName} give the mnemonics that zone files and logs use.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

# Types (RFC 6895 section 3.1).  Everything that is an integer from here to the table is a type.
_notTypes = frozenset(globals())

A = 1
NS = 2
MD = 3
MF = 4
CNAME = 5
SOA = 6
MB = 7
MG = 8
MR = 9
NULL = 10
WKS = 11
PTR = 12
HINFO = 13
MINFO = 14
MX = 15
TXT = 16
RP = 17
AFSDB = 18
X25 = 19
ISDN = 20
RT = 21
NSAP = 22
NSAP_PTR = 23
SIG = 24
KEY = 25
PX = 26
GPOS = 27
AAAA = 28
LOC = 29
NXT = 30
EID = 31
NIMLOC = 32
SRV = 33
ATMA = 34
NAPTR = 35
KX = 36
CERT = 37
A6 = 38
DNAME = 39
SINK = 40
OPT = 41
APL = 42
DS = 43
SSHFP = 44
IPSECKEY = 45
RRSIG = 46
NSEC = 47
DNSKEY = 48
DHCID = 49
NSEC3 = 50
NSEC3PARAM = 51
TLSA = 52
SMIMEA = 53
HIP = 55
NINFO = 56
RKEY = 57
TALINK = 58
CDS = 59
CDNSKEY = 60
OPENPGPKEY = 61
CSYNC = 62
ZONEMD = 63
SVCB = 64
HTTPS = 65
DSYNC = 66
SPF = 99
UINFO = 100
UID = 101
GID = 102
UNSPEC = 103
NID = 104
L32 = 105
L64 = 106
LP = 107
EUI48 = 108
EUI64 = 109
NXNAME = 128
TKEY = 249
TSIG = 250
URI = 256
CAA = 257
AVC = 258
DOA = 259
AMTRELAY = 260
RESINFO = 261
WALLET = 262
TA = 32768
DLV = 32769

QUERY_TYPES: dict[int, str] = {
    number: name.replace("_", "-")
    for name, number in list(globals().items())
    if name not in _notTypes and isinstance(number, int)
}

# Types that only questions have (RFC 1035 section 3.2.3, RFC 1995, RFC 5936).
IXFR = 251
AXFR = 252
MAILB = 253
MAILA = 254
ALL_RECORDS = 255

EXT_QUERIES: dict[int, str] = {
    IXFR: "IXFR",
    AXFR: "AXFR",
    MAILB: "MAILB",
    MAILA: "MAILA",
    ALL_RECORDS: "ALL_RECORDS",
}

REV_TYPES: dict[str, int] = {name: number for table in (QUERY_TYPES, EXT_QUERIES) for number, name in table.items()}

PORT = 53
"""Where servers listen, over UDP and TCP (RFC 1035 section 4.2)."""

# Classes (RFC 6895 section 3.2).
IN = 1
CS = 2
CH = 3
HS = 4
NONE = 254
ANY = 255

QUERY_CLASSES: dict[int, str] = {IN: "IN", CS: "CS", CH: "CH", HS: "HS", ANY: "ANY"}
REV_CLASSES: dict[str, int] = {name: number for number, name in QUERY_CLASSES.items()}

# Opcodes (RFC 6895 section 2.2).
OP_QUERY = 0
OP_INVERSE = 1
OP_STATUS = 2
OP_NOTIFY = 4
OP_UPDATE = 5
OP_DSO = 6

# Response codes (RFC 6895 section 2.3).  Those over 15 need an OPT record, or stand in TSIG and TKEY.
OK = 0
EFORMAT = 1
ESERVER = 2
ENAME = 3
ENOTIMP = 4
EREFUSED = 5
EYXDOMAIN = 6
EYXRRSET = 7
ENXRRSET = 8
ENOTAUTH = 9
ENOTZONE = 10
EDSOTYPENI = 11
EBADVERSION = 16
EBADSIG = 16
EBADKEY = 17
EBADTIME = 18
EBADMODE = 19
EBADNAME = 20
EBADALG = 21
EBADTRUNC = 22
EBADCOOKIE = 23

_rcodeNames: dict[int, str] = {
    OK: "NOERROR",
    EFORMAT: "FORMERR",
    ESERVER: "SERVFAIL",
    ENAME: "NXDOMAIN",
    ENOTIMP: "NOTIMP",
    EREFUSED: "REFUSED",
    EYXDOMAIN: "YXDOMAIN",
    EYXRRSET: "YXRRSET",
    ENXRRSET: "NXRRSET",
    ENOTAUTH: "NOTAUTH",
    ENOTZONE: "NOTZONE",
    EDSOTYPENI: "DSOTYPENI",
    EBADVERSION: "BADVERS",
    EBADKEY: "BADKEY",
    EBADTIME: "BADTIME",
    EBADMODE: "BADMODE",
    EBADNAME: "BADNAME",
    EBADALG: "BADALG",
    EBADTRUNC: "BADTRUNC",
    EBADCOOKIE: "BADCOOKIE",
}

# The name of the constant is no mnemonic.
_typesByName: dict[str, int] = {**REV_TYPES, "ANY": ALL_RECORDS}
del _typesByName["ALL_RECORDS"]
_classesByName: dict[str, int] = {**REV_CLASSES, "NONE": NONE}
_classNames: dict[int, str] = {**QUERY_CLASSES, NONE: "NONE"}
# The only pseudo-types that are neither meta-types by range nor data (RFC 6895 section 3.1).
_genericType = re.compile(r"TYPE(0|[1-9][0-9]{0,4})")
_genericClass = re.compile(r"CLASS(0|[1-9][0-9]{0,4})")


def typeName(number: int) -> str:
    """The mnemonic of a type, or C{TYPEn} where it has none (RFC 3597 section 5)."""
    return QUERY_TYPES.get(number) or _metaNames.get(number) or f"TYPE{number}"


def typeNumber(name: str) -> int:
    """The number of a type by its mnemonic or C{TYPEn}, whatever its case (RFC 3597 section 5).

    @raise ValueError: no such type.
    """
    return _number(name.upper(), _typesByName, _genericType, "type")


def className(number: int) -> str:
    """The mnemonic of a class, or C{CLASSn} where it has none (RFC 3597 section 5)."""
    return _classNames.get(number) or f"CLASS{number}"


def classNumber(name: str) -> int:
    """The number of a class by its mnemonic or C{CLASSn}, whatever its case (RFC 3597 section 5).

    @raise ValueError: no such class.
    """
    return _number(name.upper(), _classesByName, _genericClass, "class")


def rcodeName(number: int) -> str:
    """The mnemonic of a response code, or C{RCODEn} (RFC 6895 section 2.3)."""
    return _rcodeNames.get(number) or f"RCODE{number}"


def isMetaType(number: int) -> bool:
    """Whether a type can only stand in questions or in messages, never in a zone (RFC 6895 section 3.1)."""
    return number in (0, OPT) or 128 <= number <= 255


_metaNames: dict[int, str] = {
    IXFR: "IXFR",
    AXFR: "AXFR",
    MAILB: "MAILB",
    MAILA: "MAILA",
    ALL_RECORDS: "ANY",
}


def _number(name: str, table: dict[str, int], generic: re.Pattern[str], what: str) -> int:
    """Look a mnemonic up, or read its generic form."""
    number = table.get(name)
    if number is not None:
        return number
    found = generic.fullmatch(name)
    if found and int(found[1]) <= 0xFFFF:
        return int(found[1])
    raise ValueError(f"unknown {what} {name}")


if not TYPE_CHECKING:  # pragma: no branch  # reason: it is never true when this runs
    # Type checkers read lists only as they stand, and take all names without one.
    __all__ = [name for name in globals() if name not in _notTypes and not name.startswith("_")]
