"""Records of text about their owner."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from txnames.wire.fields import TTL, CharString, CharStrings
from txnames.wire.numbers import AVC, HINFO, NINFO, RESINFO, SPF, TXT, WALLET
from txnames.wire.record import Record

__all__ = [
    "Record_AVC",
    "Record_HINFO",
    "Record_NINFO",
    "Record_RESINFO",
    "Record_SPF",
    "Record_TXT",
    "Record_WALLET",
]


class Record_TXT(Record, type=TXT):
    """Free text, one string or several (RFC 1035 section 3.3.14)."""

    data: CharStrings = CharStrings()
    ttl: TTL = TTL(default=None)

    if TYPE_CHECKING:

        def __init__(self, *data: bytes | str, ttl: Any = None) -> None: ...


class Record_SPF(Record_TXT, type=SPF):
    """The policy for senders of mail; TXT took its place (RFC 7208 section 3.1)."""

    if TYPE_CHECKING:
        __init__ = Record_TXT.__init__


class Record_AVC(Record_TXT, type=AVC):
    """What an application may see and control; never standardised."""

    if TYPE_CHECKING:
        __init__ = Record_TXT.__init__


class Record_NINFO(Record_TXT, type=NINFO):
    """The state of a zone; never standardised."""

    if TYPE_CHECKING:
        __init__ = Record_TXT.__init__


class Record_RESINFO(Record_TXT, type=RESINFO):
    """What a resolver can do (RFC 9606 section 5)."""

    if TYPE_CHECKING:
        __init__ = Record_TXT.__init__


class Record_WALLET(Record_TXT, type=WALLET):
    """The address of a wallet; never standardised."""

    if TYPE_CHECKING:
        __init__ = Record_TXT.__init__


class Record_HINFO(Record, type=HINFO):
    """The processor and the operating system of a host (RFC 1035 section 3.3.2)."""

    cpu: CharString = CharString(default=b"")
    os: CharString = CharString(default=b"")
    ttl: TTL = TTL(default=None)
