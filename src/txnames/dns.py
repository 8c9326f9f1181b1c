"""The names of C{twisted.names.dns}, in one place: messages, records, numbers and protocols.

Nothing is written here.  This module is for those who use the package; the modules of the package take what they need
from where it is.  Names with an underscore are those by which programs know what Twisted keeps private.
"""

from __future__ import annotations

from socket import AF_INET6

from txnames import records
from txnames.error import (
    AuthoritativeDomainError,
    DNSDecodeError,
    DNSQueryTimeoutError,
    DomainError,
)
from txnames.interfaces import IEncodable, IEncodableRecord, IRecord
from txnames.protocol.datagram import DNSDatagramProtocol
from txnames.protocol.mixin import DNSMixin, randomSource
from txnames.protocol.stream import DNSProtocol
from txnames.records import *  # noqa: F403  # reason: a new type is exported by its class alone
from txnames.wire import numbers
from txnames.wire.buffer import readSome as readPrecisely
from txnames.wire.charstr import Charstr
from txnames.wire.edns import EDNSMessage, OPTHeader
from txnames.wire.header import Query, RRHeader
from txnames.wire.interval import str2time
from txnames.wire.message import Message, compactRepr, responseFromMessage
from txnames.wire.name import Name, domainString
from txnames.wire.numbers import *  # noqa: F403  # reason: every constant is exported
from txnames.wire.options import OPTVariableOption
from txnames.wire.record import Record, UnknownRecord

__all__ = [
    "AF_INET6",
    "AuthoritativeDomainError",
    "Charstr",
    "DNSDatagramProtocol",
    "DNSDecodeError",
    "DNSMixin",
    "DNSProtocol",
    "DNSQueryTimeoutError",
    "DomainError",
    "EDNSMessage",
    "IEncodable",
    "IEncodableRecord",
    "IRecord",
    "Message",
    "Name",
    "OPTHeader",
    "OPTVariableOption",
    "Query",
    "RRHeader",
    "Record",
    "UnknownRecord",
    "domainString",
    "randomSource",
    "readPrecisely",
    "str2time",
]
__all__ += numbers.__all__  # type: ignore[attr-defined]  # reason: drawn from the table when it is imported
__all__ += records.__all__

_EDNSMessage = EDNSMessage
_OPTHeader = OPTHeader
_OPTVariableOption = OPTVariableOption
_compactRepr = compactRepr
_responseFromMessage = responseFromMessage
