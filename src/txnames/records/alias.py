"""Records whose data is one name: aliases, pointers, and the oldest forms of mailboxes."""

from __future__ import annotations

from txnames.wire.fields import TTL, DomainName
from txnames.wire.numbers import CNAME, DNAME, MB, MD, MF, MG, MR, NSAP_PTR, PTR
from txnames.wire.record import Record

__all__ = [
    "Record_CNAME",
    "Record_DNAME",
    "Record_MB",
    "Record_MD",
    "Record_MF",
    "Record_MG",
    "Record_MR",
    "Record_NSAP_PTR",
    "Record_PTR",
    "SimpleRecord",
]


class SimpleRecord(Record, mnemonic="SimpleRecord"):
    """A record whose data is one name; no type of its own, but the base of several."""

    name: DomainName = DomainName(default=b"", compress=True)
    ttl: TTL = TTL(default=None)


class Record_CNAME(SimpleRecord, type=CNAME):
    """The canonical name for an alias (RFC 1035 section 3.3.1)."""


class Record_DNAME(SimpleRecord, type=DNAME):
    """Where all the names below the owner are aliased to (RFC 6672 section 2.1)."""

    name: DomainName = DomainName(default=b"", lower=True)


class Record_MB(SimpleRecord, type=MB):
    """The host of a mailbox; experimental (RFC 1035 section 3.3.3)."""


class Record_MD(SimpleRecord, type=MD):
    """A mail destination; obsolete (RFC 1035 section 3.3.4)."""


class Record_MF(SimpleRecord, type=MF):
    """A mail forwarder; obsolete (RFC 1035 section 3.3.5)."""


class Record_MG(SimpleRecord, type=MG):
    """A member of a mail group; experimental (RFC 1035 section 3.3.6)."""


class Record_MR(SimpleRecord, type=MR):
    """A mailbox's new name; experimental (RFC 1035 section 3.3.8)."""


class Record_PTR(SimpleRecord, type=PTR):
    """A pointer to another name, such as from an address to its host (RFC 1035 section 3.3.12)."""


class Record_NSAP_PTR(SimpleRecord, type=NSAP_PTR):
    """The host of an NSAP address; obsolete (RFC 1348)."""

    name: DomainName = DomainName(default=b"")
