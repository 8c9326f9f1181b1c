"""The kinds of lookups: one table, from which resolvers and the module client have their methods and functions."""

from __future__ import annotations

from typing import Final, NamedTuple

from txnames.wire import numbers

__all__ = ["LOOKUPS", "Kind"]


class Kind(NamedTuple):
    """A kind of lookup.

    @ivar type: the number of the type.
    @ivar method: the name of the method or function.
    @ivar what: what is looked up, in words.
    """

    type: int
    method: str
    what: str


_NAMED: Final = (
    Kind(numbers.A, "lookupAddress", "the IPv4 addresses of a name"),
    Kind(numbers.AAAA, "lookupIPV6Address", "the IPv6 addresses of a name"),
    Kind(numbers.A6, "lookupAddress6", "the A6 records of a name"),
    Kind(numbers.NS, "lookupNameservers", "the name servers of a zone"),
    Kind(numbers.CNAME, "lookupCanonicalName", "what a name is an alias of"),
    Kind(numbers.SOA, "lookupAuthority", "the SOA record of a zone"),
    Kind(numbers.MB, "lookupMailBox", "the MB records of a name"),
    Kind(numbers.MG, "lookupMailGroup", "the MG records of a name"),
    Kind(numbers.MR, "lookupMailRename", "the MR records of a name"),
    Kind(numbers.NULL, "lookupNull", "the NULL records of a name"),
    Kind(numbers.WKS, "lookupWellKnownServices", "the WKS records of a name"),
    Kind(numbers.PTR, "lookupPointer", "the PTR records of a name"),
    Kind(numbers.HINFO, "lookupHostInfo", "the HINFO records of a name"),
    Kind(numbers.MINFO, "lookupMailboxInfo", "the MINFO records of a name"),
    Kind(numbers.MX, "lookupMailExchange", "the mail exchanges of a domain"),
    Kind(numbers.TXT, "lookupText", "the TXT records of a name"),
    Kind(numbers.SPF, "lookupSenderPolicy", "the SPF records of a name"),
    Kind(numbers.RP, "lookupResponsibility", "the RP records of a name"),
    Kind(numbers.AFSDB, "lookupAFSDatabase", "the AFSDB records of a name"),
    Kind(numbers.SRV, "lookupService", "the SRV records of a service"),
    Kind(numbers.NAPTR, "lookupNamingAuthorityPointer", "the NAPTR records of a name"),
    Kind(numbers.AXFR, "lookupZone", "all records of a zone"),
    Kind(numbers.ALL_RECORDS, "lookupAllRecords", "what there is of a name"),
)

_BY_MNEMONIC: Final = (
    *("CERT", "KX", "LOC", "DNAME", "APL", "DS", "SSHFP", "IPSECKEY", "RRSIG", "NSEC", "DNSKEY", "DHCID", "NSEC3"),
    *("NSEC3PARAM", "TLSA", "SMIMEA", "HIP", "CDS", "CDNSKEY", "OPENPGPKEY", "CSYNC", "ZONEMD", "SVCB", "HTTPS"),
    *("EUI48", "EUI64", "URI", "CAA", "AMTRELAY"),
)

LOOKUPS: Final = _NAMED + tuple(
    Kind(numbers.typeNumber(name), f"lookup{name}", f"the {name} records of a name") for name in _BY_MNEMONIC
)
"""All kinds; those that twisted.names does not have are called by the mnemonic of their type."""
