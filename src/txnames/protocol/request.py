"""Requests as they stand on the wire, and what follows from them for the reply.

Whatever is to be known of a request before anything is looked up is read here, straight from the octets: most have one
question, perhaps an OPT record, and nothing else, so no record and no name object has to be made.  Everything that a
reply takes over from its request is here too: the header's bits, the question, EDNS, and the size that it may have.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from struct import Struct
from struct import error as StructError
from typing import Any, Final

from txnames.error import DNSDecodeError
from txnames.wire.edns import OPTHeader
from txnames.wire.header import Query
from txnames.wire.message import Message
from txnames.wire.name import MAX_LABEL, MAX_NAME, Name, readName
from txnames.wire.numbers import EBADVERSION, EFORMAT, OK, OP_QUERY, OP_UPDATE, OPT, TSIG
from txnames.wire.options import KEEPALIVE, NSID, KeepaliveOption, NSIDOption, OPTVariableOption, optionOf

__all__ = [
    "EDNS",
    "TCP",
    "UDP",
    "UDP_SIZE",
    "Address",
    "Request",
    "ednsOf",
    "limitOf",
    "optFor",
    "optWireFor",
    "readRequest",
]

UDP: Final = "udp"
TCP: Final = "tcp"

UDP_SIZE: Final = 1232
"""The octets of a datagram that is not fragmented on any usual path: what we take, and give at most."""

_MINIMUM: Final = 512
_STREAM: Final = 0xFFFF
_HEADER: Final = 12
_LONGEST_KEEPALIVE: Final = 6553.5
"""The most seconds that 16 bits have room for, in tenths (RFC 7828 section 3.1)."""

Address = tuple[str, int] | None

_header = Struct(">6H").unpack_from
_fixed = Struct(">HHIH").unpack_from
_FIXED: Final = 10
_write = Struct(">6H").pack

_RESPONSE: Final = 0x8000
_RECURSION_AVAILABLE: Final = 0x0080
_ECHOED: Final = 0x7910
"""Of the second 16 bits of the header, those that a reply has as its request does: opcode, RD and CD."""


class EDNS:
    """What the OPT record of a request says (RFC 6891 section 6.1.3); a value that does not change.

    @ivar size: the octets that the client can take in one datagram.
    @ivar version: the version of EDNS.
    @ivar dnssecOK: DO, whether DNSSEC records are wanted.
    @ivar rawOptions: the options as octets.
    @ivar asked: the codes of the options.
    """

    __slots__ = ("asked", "dnssecOK", "rawOptions", "size", "version")

    def __init__(self, size: int, version: int = 0, dnssecOK: bool = False, rawOptions: bytes = b"") -> None:
        """Take the values.

        @raise DNSDecodeError: the octets end inside of an option.
        """
        self.size = size
        self.version = version
        self.dnssecOK = dnssecOK
        self.rawOptions = rawOptions
        self.asked = [code for code, _ in _split(rawOptions)] if rawOptions else ()

    @property
    def options(self) -> list[OPTVariableOption]:
        """The options as values."""
        return [optionOf(code, data) for code, data in _split(self.rawOptions)]


class Request:
    """A request: the question, and who asks in which way.

    @ivar octets: the whole message.
    @ivar address: the client's host and port.
    @ivar transport: how it came: C{"udp"} or C{"tcp"}.
    @ivar ident: the ID.
    @ivar flags: the bits of the header that the reply takes over: opcode, RD and CD.
    @ivar fault: the response code for a request that is faulty; L{OK} otherwise.
    @ivar question: the question in wire form as it was asked; empty where none can be read.
    @ivar name: the name that is asked for, in wire form as it was asked.
    @ivar type: the type asked for.
    @ivar cls: the class asked for.
    @ivar edns: what the OPT record says, or C{None}.
    @ivar key: the name of the key that signed the request, after its signature was verified; C{None} for one without.
    @ivar signed: whether the request has a signature that is still to be verified.
    @ivar deadline: the time by which the answer is wanted, on the reactor's clock, or C{None}.
    @ivar again: what says whether the same request may have the same reply; C{None} if that is so until zones change.
    @ivar trusted: whether the client may have recursion, and what is in caches.
    """

    __slots__ = (
        "address",
        "again",
        "cls",
        "deadline",
        "edns",
        "fault",
        "flags",
        "ident",
        "key",
        "name",
        "octets",
        "question",
        "signed",
        "transport",
        "trusted",
        "type",
    )

    octets: bytes
    address: Address
    transport: str
    ident: int
    flags: int
    fault: int
    question: bytes
    name: bytes
    type: int
    cls: int
    edns: EDNS | None
    deadline: float | None
    trusted: bool
    key: Name | None
    signed: bool
    again: Callable[[], bool] | None

    @property
    def recursionDesired(self) -> bool:
        """RD, whether recursion is wanted."""
        return bool(self.flags & 0x0100)

    @property
    def recursion(self) -> bool:
        """Whether others may be asked for the sake of this request: that is wanted, and the client may have it."""
        return self.trusted and bool(self.flags & 0x0100)

    @property
    def checkingDisabled(self) -> bool:
        """CD, whether the client validates for itself (RFC 4035 section 3.2.2)."""
        return bool(self.flags & 0x0010)

    @property
    def dnssecOK(self) -> bool:
        """DO, whether DNSSEC records are wanted (RFC 3225)."""
        return self.edns is not None and self.edns.dnssecOK

    @property
    def variant(self) -> int:
        """What answers depend on besides the question: 1 with DO, 2 with CD, 3 with both."""
        return (self.edns is not None and self.edns.dnssecOK) + 2 * bool(self.flags & 0x0010)

    @property
    def opcode(self) -> int:
        """The opcode."""
        return self.flags >> 11 & 15

    @property
    def query(self) -> Query:
        """The question as an object."""
        return Query(Name.fromWire(self.name), self.type, self.cls)

    def asking(self, query: Query) -> Request:
        """The same request with another question; itself if that is its question."""
        if (query.name.wire, query.type, query.cls) == (self.name, self.type, self.cls):
            return self
        other = Request.__new__(Request)
        for slot in Request.__slots__:
            setattr(other, slot, getattr(self, slot))
        other.name, other.type, other.cls = query.name.wire, query.type, query.cls
        return other

    def emptyReply(self, rcode: int, recursionAvailable: bool, opt: bytes = b"") -> bytes:
        """A reply without records.

        @param opt: the OPT record to end with, in wire form.
        """
        flags = self.flags | _RESPONSE | rcode & 15
        if recursionAvailable:
            flags |= _RECURSION_AVAILABLE
        head = _write(self.ident, flags, 1 if self.question else 0, 0, 0, 1 if opt else 0)
        return head + self.question + opt


def readRequest(octets: bytes, address: Address, transport: str) -> Request | None:
    """Read a request.

    @return: the request, with a C{fault} where something is wrong with it; C{None} for octets to which nobody must
        reply: less than a header, or a response (two servers would answer each other for ever).
    """
    size = len(octets)
    if size < _HEADER or octets[2] & 0x80:
        return None
    request = Request.__new__(Request)
    request.octets = octets
    request.address = address
    request.transport = transport
    request.ident, flags, questions, answers, authority, additional = _header(octets)
    request.flags = flags & _ECHOED
    request.fault = OK
    request.edns = request.deadline = request.key = None
    request.trusted = True
    request.again = None
    request.signed = False
    if questions == 1:
        try:
            end = _HEADER
            length = octets[end]
            while 0 < length <= MAX_LABEL:
                end += length + 1
                length = octets[end]
            end += 1
            request.type = octets[end] << 8 | octets[end + 1]
            request.cls = octets[end + 2] << 8 | octets[end + 3]
        except IndexError:
            length = 1
        if not length and end - _HEADER <= MAX_NAME:
            request.name = octets[_HEADER:end]
            end += 4
            request.question = octets[_HEADER:end]
            if additional or answers or authority:
                _readRest(request, end, additional == 1 and not answers and not authority)
            return request
    request.question = b""
    request.name = b""
    request.type = request.cls = 0
    if additional and questions != 1:
        # Whatever is wrong, the reply to a request with EDNS has EDNS (RFC 6891 section 6.1.1).
        _readRest(request, _HEADER, not questions and additional == 1 and not answers and not authority)
    request.fault = EFORMAT
    return request


def _readRest(request: Request, offset: int, one: bool) -> None:
    """Read what follows the question.

    @param offset: where that begins, if there is but one record.
    @param one: whether it is one additional record.
    """
    octets = request.octets
    try:
        if one and octets[offset : offset + 3] == b"\0\0\x29" and len(octets) >= offset + 11:
            edns = _plainEdns(octets[offset + 3 : offset + 9])
            length = octets[offset + 9] << 8 | octets[offset + 10]
            if length:
                options = octets[offset + 11 : offset + 11 + length]
                if len(options) != length:
                    raise DNSDecodeError("the octets end inside of the OPT record")
                edns = EDNS(edns.size, edns.version, edns.dnssecOK, options)
            request.edns = edns
        elif request.flags >> 11 == OP_UPDATE:
            _skim(request, offset)
        else:
            message = Message()
            message.fromStr(octets)
            request.signed = bool(message.additional) and message.additional[-1].type == TSIG
            request.edns = ednsOf(message)
    except DNSDecodeError:
        request.fault = EFORMAT
    else:
        # What an OPT record of a later version means is not known (RFC 6891 section 6.1.3).
        if request.edns is not None and request.edns.version and request.flags >> 11 == OP_QUERY:
            request.fault = EBADVERSION


def _skim(request: Request, offset: int) -> None:
    """Look for OPT and TSIG in an update, whose other records may be without data (RFC 2136 section 2.4).

    @raise DNSDecodeError: what follows the question are not the records that the header announces.
    """
    octets = request.octets
    _, _, questions, *sections = _header(octets)
    for _ in range(questions if offset == _HEADER else 0):
        offset = readName(octets, offset, {})[1] + 4
    for _ in range(sum(sections)):
        start = offset
        _, offset = readName(octets, offset, {})
        try:
            type, size, ttl, length = _fixed(octets, offset)
        except StructError:
            raise DNSDecodeError("the octets end inside of a record's header") from None
        offset += _FIXED + length
        if offset > len(octets):
            raise DNSDecodeError("the octets end inside of a record")
        request.signed = type == TSIG
        if type == OPT and octets[start] == 0:
            options = octets[offset - length : offset]
            request.edns = EDNS(size, ttl >> 16 & 0xFF, bool(ttl & 0x8000), options)


@lru_cache(256)
def _plainEdns(fixed: bytes) -> EDNS:
    """What an OPT record without options says; clients are many, their settings few.

    @param fixed: the record's class and TTL in wire form.
    """
    return EDNS(fixed[0] << 8 | fixed[1], fixed[3], fixed[4] > 0x7F)


def _split(options: bytes) -> list[tuple[int, bytes]]:
    """Divide the data of an OPT record into codes and octets (RFC 6891 section 6.1.2).

    @raise DNSDecodeError: it ends inside of an option.
    """
    found = []
    offset, end = 0, len(options)
    while offset < end:
        start = offset + 4
        if start > end:
            raise DNSDecodeError("the octets end inside of an option's header", "OPT")
        code = options[offset] << 8 | options[offset + 1]
        offset = start + (options[offset + 2] << 8 | options[offset + 3])
        if offset > end:
            raise DNSDecodeError("the octets end inside of an option", "OPT")
        found.append((code, options[start:offset]))
    return found


def ednsOf(message: Any) -> EDNS | None:
    """What the OPT record of a decoded message says; C{None} for a message without one.

    @raise DNSDecodeError: there are several, or it stands where it must not (RFC 6891 section 6.1.1).
    """
    if any(getattr(record, "type", None) == OPT for record in [*message.answers, *message.authority]):
        raise DNSDecodeError("an OPT record outside of the additional section")
    found = [record for record in message.additional if getattr(record, "type", None) == OPT]
    if not found:
        return None
    if len(found) > 1 or found[0].name:
        raise DNSDecodeError("OPT records are one for a message, and the root's")
    header = found[0]
    if isinstance(header, OPTHeader):
        options = b"".join(option.wire for option in header.options)
        return EDNS(header.udpPayloadSize, header.version, bool(header.dnssecOK), options)
    options = header.payload.data if header.payload is not None else b""
    return EDNS(header.cls, header.ttl >> 16 & 0xFF, bool(header.ttl & 0x8000), options)


def limitOf(edns: EDNS | None, transport: str, size: int = UDP_SIZE) -> int:
    """The octets that a reply may have.

    @param size: the most that we send in one datagram.
    """
    if transport != UDP:
        return _STREAM
    if edns is None or edns.size <= _MINIMUM:
        return _MINIMUM
    return min(edns.size, size)


def optFor(
    edns: EDNS | None,
    transport: str,
    rcode: int = OK,
    size: int = UDP_SIZE,
    nsid: bytes | None = None,
    idle: float | None = None,
) -> OPTHeader | None:
    """The OPT record of a reply: there is one if the request had one (RFC 6891 section 6.1.1).

    @param rcode: the response code.
    @param size: the octets that we can take in one datagram.
    @param nsid: the server's identifier, for those who ask (RFC 5001).
    @param idle: how long a connection may be idle, in seconds, for those who ask (RFC 7828).
    """
    if edns is None:
        return None
    options: list[OPTVariableOption] = []
    if nsid is not None and NSID in edns.asked:
        options.append(NSIDOption(nsid))
    if idle is not None and KEEPALIVE in edns.asked and transport != UDP:
        options.append(KeepaliveOption(min(idle, _LONGEST_KEEPALIVE)))
    return OPTHeader(size, rcode >> 4, 0, edns.dnssecOK, options)


def optWireFor(
    edns: EDNS | None,
    transport: str,
    rcode: int = OK,
    size: int = UDP_SIZE,
    nsid: bytes | None = None,
    idle: float | None = None,
) -> bytes:
    """The same in wire form; empty if there is none."""
    if edns is None:
        return b""
    if NSID in edns.asked or KEEPALIVE in edns.asked:
        return _wireOf(optFor(edns, transport, rcode, size, nsid, idle))
    return _plainOpt(rcode, size, edns.dnssecOK)


@lru_cache(64)
def _plainOpt(rcode: int, size: int, dnssecOK: bool) -> bytes:
    """The OPT record of a reply without options."""
    return _wireOf(OPTHeader(size, rcode >> 4, 0, dnssecOK))


def _wireOf(opt: OPTHeader | None) -> bytes:
    """An OPT record in wire form."""
    out = bytearray()
    if opt is not None:
        opt.write(out)
    return bytes(out)
