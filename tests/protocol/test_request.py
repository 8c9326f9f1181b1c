"""Tests of L{txnames.protocol.request}."""

from io import BytesIO
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from txnames import dns
from txnames.error import DNSDecodeError
from txnames.protocol.request import (
    EDNS,
    TCP,
    UDP,
    Request,
    ednsOf,
    limitOf,
    optFor,
    optWireFor,
    readRequest,
)
from txnames.wire.options import KeepaliveOption, NSIDOption, OPTVariableOption

CLIENT = ("192.0.2.1", 5353)
QUESTION = b"\3WWW\7example\0\0\x1c\0\1"


def message(counts: str = "1000", body: bytes = QUESTION, flags: int = 0x0100) -> bytes:
    """A message with ID 7 and these counts, one hexadecimal digit each."""
    return b"\0\7" + flags.to_bytes(2, "big") + b"".join(bytes((0, int(count, 16))) for count in counts) + body


def opt(options: bytes = b"", size: int = 4096, ttl: int = 0, length: int | None = None) -> bytes:
    """An OPT record."""
    length = len(options) if length is None else length
    return b"\0\0\x29" + size.to_bytes(2, "big") + ttl.to_bytes(4, "big") + length.to_bytes(2, "big") + options


def read(octets: bytes, transport: str = UDP) -> Request:
    """Read a request that there has to be."""
    request = readRequest(octets, CLIENT, transport)
    assert request is not None
    return request


def wireOf(made: dns.OPTHeader) -> bytes:
    """An OPT record in wire form."""
    stream = BytesIO()
    made.encode(stream)
    return stream.getvalue()


def test_plain() -> None:
    """A question is read as it was asked."""
    request = read(message())
    assert (request.ident, request.flags, request.opcode, request.fault) == (7, 0x0100, 0, dns.OK)
    assert (request.name, request.type, request.cls) == (b"\3WWW\7example\0", dns.AAAA, dns.IN)
    assert (request.question, request.edns, request.deadline) == (QUESTION, None, None)
    assert (request.address, request.transport) == (CLIENT, UDP)
    assert request.query == dns.Query("www.example", dns.AAAA)


def test_flags() -> None:
    """Only opcode, RD and CD are taken over to the reply."""
    request = read(message(flags=0x7FFF))
    assert request.flags == 0x7910
    assert request.opcode == 15


@pytest.mark.parametrize("octets", [b"", b"\0", message(body=b"")[:11], message(flags=0x8000), message(flags=0x8100)])
def test_silence(octets: bytes) -> None:
    """Nobody replies to less than a header, nor to a response."""
    assert readRequest(octets, CLIENT, UDP) is None


@pytest.mark.parametrize(
    "octets",
    [
        message("0000", b""),
        message("0000"),
        message("2000", QUESTION + QUESTION),
        message(body=b""),
        message(body=QUESTION[:-1]),
        message(body=QUESTION[:7]),
        message(body=b"\xc0\x0c\0\1\0\1"),
        message(body=b"\3www\xc0\x0c\0\1\0\1"),
        message(body=b"\x40abc\0\0\1\0\1"),
        message(body=(b"\x3f" + b"a" * 63) * 4 + b"\0\0\1\0\1"),
    ],
)
def test_badQuestion(octets: bytes) -> None:
    """Where not just one question can be read the fault is FORMERR, and none is repeated."""
    request = read(octets)
    assert (request.fault, request.question, request.name) == (dns.EFORMAT, b"", b"")
    assert request.emptyReply(request.fault, False) == message("0000", b"", 0x8101)


@pytest.mark.parametrize(
    ("counts", "body"),
    [
        ("0001", opt(b"\0\3\0\0", 1400, 0x8000)),
        ("2001", QUESTION * 2 + opt(b"\0\3\0\0", 1400, 0x8000)),
        ("0002", opt(b"\0\3\0\0", 1400, 0x8000) + b"\1a\0\0\1\0\1\0\0\0\0\0\4abcd"),
        ("0101", b"\1a\0\0\1\0\1\0\0\0\0\0\4abcd" + opt(b"\0\3\0\0", 1400, 0x8000)),
    ],
)
def test_ednsWithoutAQuestion(counts: str, body: bytes) -> None:
    """The OPT record is read though there is not just one question, which is the fault whatever the version."""
    edns = read(message(counts, body)).edns
    assert edns is not None
    assert (edns.size, edns.dnssecOK, edns.options) == (1400, True, [NSIDOption()])
    assert read(message("0001", opt(ttl=0x00010000))).fault == dns.EFORMAT


def test_longestName() -> None:
    """A name of 255 octets is no fault."""
    name = (b"\x3f" + b"a" * 63) * 3 + b"\x3d" + b"a" * 61 + b"\0"
    request = read(message(body=name + b"\0\1\0\1"))
    assert (request.fault, request.name) == (dns.OK, name)


@pytest.mark.parametrize(
    "octets",
    [
        message("1001"),
        message("1001", QUESTION + opt()[:-1]),
        message("1001", QUESTION + opt(length=1)),
        message("1001", QUESTION + opt(b"\0\3\0")),
        message("1001", QUESTION + opt(b"\0\3\0\1")),
        message("1002", QUESTION + opt() + opt()),
        message("1002", QUESTION + opt()),
        message("1100", QUESTION + opt()),
        message("1010", QUESTION + opt()),
        message("1001", QUESTION + b"\1a" + opt()),
        message("1001", QUESTION + b"\0\0\1\0\1\0\0\0\0\0\3abc"),
    ],
)
def test_badRest(octets: bytes) -> None:
    """What follows the question may be faulty too: then the question is repeated."""
    request = read(octets)
    assert (request.fault, request.question) == (dns.EFORMAT, QUESTION)


@pytest.mark.parametrize("extra", [b"\0", b"garbage"])
def test_trailingOctets(extra: bytes) -> None:
    """Octets behind the message are no fault."""
    assert read(message(body=QUESTION + extra)).fault == dns.OK
    assert read(message("1001", QUESTION + opt() + extra)).fault == dns.OK


def test_edns() -> None:
    """The OPT record says size, version, DO and options; other bits are ignored."""
    request = read(message("1001", QUESTION + opt(b"\0\3\0\0\xff\xff\0\1x", 1400, 0xAB00FFFF)))
    assert request.fault == dns.OK
    edns = request.edns
    assert edns is not None
    assert (edns.size, edns.version, edns.dnssecOK) == (1400, 0, True)
    assert edns.options == [NSIDOption(), OPTVariableOption(0xFFFF, b"x")]


def test_ednsBesideOthers() -> None:
    """The OPT record is found among other additional records, which are of no consequence."""
    record = b"\1a\0\0\1\0\1\0\0\0\0\0\4abcd"
    for body in (record + opt(), opt() + record):
        edns = read(message("1002", QUESTION + body)).edns
        assert edns is not None
        assert edns.size == 4096
    assert read(message("1111", QUESTION + record * 3)).edns is None


def test_laterVersion() -> None:
    """A later version of EDNS is BADVERS; but an opcode that nobody knows goes first."""
    octets = QUESTION + opt(ttl=0x00010000)
    assert read(message("1001", octets)).fault == dns.EBADVERSION
    assert read(message("1001", octets, 0x1000)).fault == dns.OK


def test_emptyReply() -> None:
    """A reply without records has the request's ID, bits and question."""
    request = read(message(flags=0x0110))
    assert request.emptyReply(dns.EREFUSED, False) == message(flags=0x8115)
    assert request.emptyReply(dns.EREFUSED, True, opt()) == message("1001", QUESTION + opt(), 0x8195)


def test_asking() -> None:
    """The same client may be taken to ask another question."""
    request = read(message())
    assert request.asking(request.query) is request
    other = request.asking(dns.Query("other", dns.MX))
    assert (other.name, other.type, other.address) == (b"\5other\0", dns.MX, CLIENT)
    assert request.type == dns.AAAA


@pytest.mark.parametrize(
    ("edns", "transport", "expected"),
    [
        (None, UDP, 512),
        (EDNS(0), UDP, 512),
        (EDNS(512), UDP, 512),
        (EDNS(513), UDP, 513),
        (EDNS(65535), UDP, 1232),
        (None, TCP, 65535),
        (EDNS(512), TCP, 65535),
    ],
)
def test_limit(edns: EDNS | None, transport: str, expected: int) -> None:
    """A reply is at most as large as the client can take, never less than 512, and never fragmented over UDP."""
    assert limitOf(edns, transport) == expected


def test_limitOfOurs() -> None:
    """The server's own limit can be set."""
    assert limitOf(EDNS(4096), UDP, 1400) == 1400


def test_opt() -> None:
    """The reply has an OPT record if the request has: version 0, our size, DO as asked."""
    assert optFor(None, UDP) is None
    assert optWireFor(None, UDP) == b""
    assert optWireFor(EDNS(4096, 0, True), UDP) == opt(size=1232, ttl=0x8000)
    assert optFor(EDNS(4096), UDP) == dns.OPTHeader(1232, 0, 0, False, [])
    assert optFor(EDNS(4096, 3, True), UDP, rcode=dns.EBADVERSION, size=1400) == dns.OPTHeader(1400, 1, 0, True, [])


def test_optOptions() -> None:
    """An identifier is told only to those who ask, and only if there is one; the idle time only over TCP."""
    asking = EDNS(4096, 0, False, b"\0\3\0\0\0\x0b\0\0\0\x63\0\0")

    def options(transport: str, **known: Any) -> list[Any]:
        made = optFor(asking, transport, **known)
        assert made is not None
        assert optWireFor(asking, transport, **known) == wireOf(made)
        return made.options

    assert options(UDP) == []
    assert options(UDP, nsid=b"me", idle=10.0) == [NSIDOption(b"me")]
    assert options(TCP, idle=10.0) == [KeepaliveOption(10.0)]
    assert options(TCP, idle=7200.0) == options(TCP, idle=float("inf")) == [KeepaliveOption(6553.5)]
    plain = optFor(EDNS(4096), TCP, nsid=b"me", idle=10.0)
    assert plain is not None
    assert plain.options == []


def test_ednsOfMessages() -> None:
    """A message that a program made has its OPT record read too."""
    made = dns.Message()
    assert ednsOf(made) is None
    made.additional = [object(), dns.OPTHeader(1400, dnssecOK=True, options=[NSIDOption()])]
    edns = ednsOf(made)
    assert edns is not None
    assert (edns.size, edns.dnssecOK, edns.rawOptions) == (1400, True, b"\0\3\0\0")
    made.additional = [dns.RRHeader(b"", dns.OPT, 512)]
    edns = ednsOf(made)
    assert edns is not None
    assert (edns.size, edns.rawOptions) == (512, b"")
    made.additional *= 2
    with pytest.raises(DNSDecodeError):
        ednsOf(made)


@given(st.binary(max_size=80))
def test_anyOctets(body: bytes) -> None:
    """Whatever the octets, something is read, or there is silence."""
    readRequest(body, CLIENT, UDP)
    for counts in ("1001", "1000", "1010"):
        read(message(counts, body))
        read(message(counts, QUESTION + body))


@given(st.binary(max_size=40), st.binary(max_size=40))
def test_sameAsTheMessage(options: bytes, rest: bytes) -> None:
    """What is read straight from the octets is what the decoded message says."""
    octets = message("1001", QUESTION + opt(options) + rest)
    request = read(octets)
    decoded = dns.Message()
    decoded.fromStr(octets)
    try:
        edns = ednsOf(decoded)
    except DNSDecodeError:
        assert request.fault == dns.EFORMAT
        return
    assert request.query == decoded.queries[0]
    assert edns is not None
    assert request.edns is not None
    assert (request.edns.size, request.edns.rawOptions) == (edns.size, edns.rawOptions)


def test_whatTheClientWants() -> None:
    """RD, CD and DO are to be had by name, and recursion is for those who want it and may have it."""
    plain = readRequest(bytes.fromhex("0001 0000 0001 0000 0000 0000 00 0001 0001"), CLIENT, UDP)
    assert plain is not None
    assert (plain.recursionDesired, plain.checkingDisabled, plain.dnssecOK, plain.recursion) == (False,) * 4
    full = readRequest(
        bytes.fromhex("0001 0110 0001 0000 0000 0001 00 0001 0001 00 0029 0400 00008000 0000"), CLIENT, UDP
    )
    assert full is not None
    assert (full.recursionDesired, full.checkingDisabled, full.dnssecOK, full.recursion) == (True,) * 4
    full.trusted = False
    assert not full.recursion
