"""The record types, a small class each, by family; to import this package makes them all known."""

from txnames.records.address import Record_A, Record_A6, Record_AAAA
from txnames.records.alias import (
    Record_CNAME,
    Record_DNAME,
    Record_MB,
    Record_MD,
    Record_MF,
    Record_MG,
    Record_MR,
    Record_NSAP_PTR,
    Record_PTR,
    SimpleRecord,
)
from txnames.records.apex import Record_NS, Record_SOA
from txnames.records.keys import Record_SSHFP
from txnames.records.mail import Record_MINFO, Record_MX, Record_PX, Record_RP
from txnames.records.meta import Record_NULL, Record_TSIG
from txnames.records.service import (
    Record_AFSDB,
    Record_KX,
    Record_NAPTR,
    Record_RT,
    Record_SRV,
    Record_WKS,
)
from txnames.records.text import Record_HINFO, Record_SPF, Record_TXT
from txnames.wire.record import UnknownRecord

__all__ = [
    "Record_A",
    "Record_A6",
    "Record_AAAA",
    "Record_AFSDB",
    "Record_CNAME",
    "Record_DNAME",
    "Record_HINFO",
    "Record_KX",
    "Record_MB",
    "Record_MD",
    "Record_MF",
    "Record_MG",
    "Record_MINFO",
    "Record_MR",
    "Record_MX",
    "Record_NAPTR",
    "Record_NS",
    "Record_NSAP_PTR",
    "Record_NULL",
    "Record_PTR",
    "Record_PX",
    "Record_RP",
    "Record_RT",
    "Record_SOA",
    "Record_SPF",
    "Record_SRV",
    "Record_SSHFP",
    "Record_TSIG",
    "Record_TXT",
    "Record_WKS",
    "SimpleRecord",
    "UnknownRecord",
]
