"""Records of text about their owner."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from txnames.wire.fields import TTL, CharString, CharStrings
from txnames.wire.numbers import HINFO, SPF, TXT
from txnames.wire.record import Record

__all__ = ["Record_HINFO", "Record_SPF", "Record_TXT"]


class Record_TXT(Record, type=TXT):
    """Free text, one string or several (RFC 1035 section 3.3.14)."""

    data: CharStrings = CharStrings()
    ttl: TTL = TTL(default=None)

    if TYPE_CHECKING:

        def __init__(self, *data: bytes | str, ttl: Any = None) -> None: ...


class Record_SPF(Record_TXT, type=SPF):
    """The policy for senders of mail; TXT took its place (RFC 7208 section 3.1)."""


class Record_HINFO(Record, type=HINFO):
    """The processor and the operating system of a host (RFC 1035 section 3.3.2)."""

    cpu: CharString = CharString(default=b"")
    os: CharString = CharString(default=b"")
    ttl: TTL = TTL(default=None)
