"""The records of a zone's apex: where its authority starts, and who serves it."""

from __future__ import annotations

from txnames.records.alias import SimpleRecord
from txnames.wire.fields import TTL, DomainName, Seconds, UInt32
from txnames.wire.numbers import NS, SOA
from txnames.wire.record import Record

__all__ = ["Record_NS", "Record_SOA"]


class Record_NS(SimpleRecord, type=NS):
    """A name server of a zone (RFC 1035 section 3.3.11)."""


class Record_SOA(Record, type=SOA):
    """The start of a zone of authority (RFC 1035 section 3.3.13); all times are in seconds.

    The minimum is how long a negative answer may be kept (RFC 2308 section 4).
    """

    mname: DomainName = DomainName(default=b"", compress=True)
    rname: DomainName = DomainName(default=b"", compress=True)
    serial: UInt32 = UInt32(default=0)
    refresh: Seconds = Seconds(default=0)
    retry: Seconds = Seconds(default=0)
    expire: Seconds = Seconds(default=0)
    minimum: Seconds = Seconds(default=0)
    ttl: TTL = TTL(default=None)
