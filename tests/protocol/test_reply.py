"""Tests of L{txnames.protocol.reply}."""

import pytest

from txnames import dns
from txnames.error import DNSDecodeError
from txnames.protocol.reply import Reply, findOpt
from txnames.wire.edns import EDNSMessage
from txnames.wire.options import COOKIE, EDE, ExtendedErrorOption, OPTVariableOption

SERVER = ("192.0.2.53", 53)
END = 12 + len(dns.Name("www.example").wire) + 4


def message(**fields: object) -> EDNSMessage:
    """A reply with a few records."""
    made = EDNSMessage(**{"id": 7, "answer": True, "maxSize": 1232, **fields})  # type: ignore[arg-type]  # reason: any
    made.queries = [dns.Query("www.example")]
    made.answers = [dns.RRHeader("www.example", dns.A, payload=dns.Record_A("192.0.2.1", ttl=0))]
    made.authority = [dns.RRHeader("example", dns.NS, payload=dns.Record_NS("ns.other", ttl=0))]
    made.additional = [dns.RRHeader("ns.other", dns.A, payload=dns.Record_A("192.0.2.2", ttl=0))]
    return made


def replyOf(octets: bytes) -> Reply:
    """A reply with these octets."""
    return Reply(octets, END, 0, SERVER, "udp", 0.25)


def test_message() -> None:
    """A reply is decoded once, and its OPT record is none of the additional ones."""
    made = message()
    reply = replyOf(made.toStr())
    assert reply.message is reply.message
    assert isinstance(reply.message, dns.Message)
    assert reply.message.answers == made.answers
    assert reply.message.authority == made.authority
    assert reply.message.additional == made.additional
    assert replyOf(message(ednsVersion=None).toStr()).message.additional == made.additional
    bare = message()
    bare.additional = []
    assert replyOf(bare.toStr()).message.additional == []
    assert replyOf(message().toStr()[:-1]).end == END


def test_malformed() -> None:
    """Octets that are no message are seen by who looks."""
    reply = replyOf(message().toStr()[:-1])
    with pytest.raises(DNSDecodeError):
        _ = reply.message
    assert reply.errors == ()


def test_errors() -> None:
    """The server's reasons can be had without decoding all."""
    option = ExtendedErrorOption(22, "no route")
    assert replyOf(message(options=[OPTVariableOption(99, b"x"), option]).toStr()).errors == (option,)
    assert replyOf(message().toStr()).errors == ()
    assert replyOf(message(ednsVersion=None).toStr()).errors == ()
    assert replyOf(message(options=[OPTVariableOption(EDE, b"\0")]).toStr()).errors == ()


def test_badOptions() -> None:
    """Options that cannot be read are none."""
    octets = message(options=[OPTVariableOption(COOKIE, b"12345678")]).toStr()
    broken = octets[:-10] + b"\0\x09" + octets[-8:]
    assert replyOf(broken).errors == ()
    opt = findOpt(broken, END)
    assert opt is not None
    assert opt.option(COOKIE) is None


def test_repr() -> None:
    """A reply says where it comes from, and how long that took."""
    assert repr(replyOf(b"12 octets...")) == (
        "<Reply rcode=0 from 192.0.2.53 port 53 over UDP after 0.250 s, 12 octets>"
    )


def test_findOpt() -> None:
    """The OPT record is found behind any others, with the upper bits of the response code and its options."""
    octets = message(rCode=23, options=[OPTVariableOption(COOKIE, b"12345678")]).toStr()
    opt = findOpt(octets, END)
    assert opt is not None
    assert opt.extended == 1
    assert opt.options == b"\0\x0a\0\x0812345678"
    assert opt.tail == octets[-23:]
    assert opt.option(COOKIE) == b"12345678"
    assert opt.option(EDE) is None
    assert findOpt(message(ednsVersion=None).toStr(), END) is None


def test_findOptAmongOthers() -> None:
    """An OPT record that isn't the last one is found too, but is no tail."""
    made = message()._toMessage()
    made.additional.insert(0, made.additional.pop())
    opt = findOpt(made.toStr(), END)
    assert opt is not None
    assert opt.tail == b""


def test_noOpt() -> None:
    """Where there are no additional records, or none of the root in the additional section, there is no OPT record."""
    made = message()._toMessage()
    made.additional = []
    assert findOpt(made.toStr(), END) is None
    odd = bytearray(message().toStr())
    # The OPT record counts as one of the authority section.
    odd[8:12] = b"\0\3\0\0"
    assert findOpt(bytes(odd), END) is None
    odd[8:12] = b"\0\2\0\1"
    assert findOpt(bytes(odd), END) is not None
    odd[8:12] = b"\0\3\0\1"
    with pytest.raises(DNSDecodeError):
        findOpt(bytes(odd), END)
    made = message()._toMessage()
    made.additional[-1] = dns.RRHeader("example", dns.OPT, payload=dns.UnknownRecord(b""))
    assert findOpt(made.toStr(), END) is None


@pytest.mark.parametrize("left", range(1, 40))
def test_cut(left: int) -> None:
    """Octets that end too early are said to."""
    octets = message(options=[OPTVariableOption(COOKIE, b"12345678")]).toStr()
    with pytest.raises(DNSDecodeError):
        findOpt(octets[:-left], END)
