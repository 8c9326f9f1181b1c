"""Records of mail: who takes it, and who is responsible."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from txnames.wire.fields import TTL, DomainName, UInt16
from txnames.wire.name import Name
from txnames.wire.numbers import MINFO, MX, PX, RP
from txnames.wire.record import Record

__all__ = ["Record_MINFO", "Record_MX", "Record_PX", "Record_RP"]


class Record_MX(Record, type=MX):
    """Mail exchange (RFC 1035 section 3.3.9)."""

    preference: UInt16 = UInt16(default=0)
    name: DomainName = DomainName(default=b"", compress=True, also="exchange")
    ttl: TTL = TTL(default=None)

    if TYPE_CHECKING:

        def __init__(
            self, preference: Any = 0, name: Name | bytes | str = b"", ttl: Any = None, *, exchange: Any = b""
        ) -> None: ...


class Record_MINFO(Record, type=MINFO):
    """Who is responsible for a mailing list, and who gets its errors (RFC 1035 section 3.3.7)."""

    rmailbx: DomainName = DomainName(default=b"", compress=True, show="responsibility")
    emailbx: DomainName = DomainName(default=b"", compress=True, show="errors")
    ttl: TTL = TTL(default=None)


class Record_RP(Record, type=RP):
    """The responsible person: a mailbox, and the owner of further text (RFC 1183 section 2.2)."""

    mbox: DomainName = DomainName(default=b"", lower=True)
    txt: DomainName = DomainName(default=b"", lower=True)
    ttl: TTL = TTL(default=None)


class Record_PX(Record, type=PX):
    """The mapping between addresses of X.400 and of internet mail (RFC 2163 section 4)."""

    preference: UInt16 = UInt16(default=0)
    map822: DomainName = DomainName(default=b"", lower=True)
    mapx400: DomainName = DomainName(default=b"", lower=True)
    ttl: TTL = TTL(default=None)
