"""Requests that are signed, and the replies to them (RFC 8945 section 5)."""

from typing import Any

import dns.message
import dns.name
import dns.tsig
import dns.tsigkeyring
import pytest

from txnames import dns as names
from txnames.authority import MemoryAuthority
from txnames.server import DNSServerFactory
from txnames.tsig import Key, Keyring, readSignature, sign, verify

from ..deferreds import resultOf

NOW = 1_800_000_000.0
KEY = Key("some.key", b"0123456789abcdef", "hmac-sha512")
CLIENT = "192.0.2.9", 5353


@pytest.fixture
def server() -> DNSServerFactory:
    """A server with a zone and a key."""
    texts = [("large.example", names.Record_TXT(bytes([65 + n]) * 200, ttl=60)) for n in range(4)]
    zone = MemoryAuthority(
        "example",
        [
            ("example", names.Record_SOA("ns.example", "admin.example", 1, 2, 3, 4, 5, ttl=60)),
            ("example", names.Record_NS("ns.example", ttl=60)),
            ("ns.example", names.Record_A("192.0.2.1", ttl=60)),
            *texts,
        ],
    )
    made = DNSServerFactory([zone])
    made.keys = Keyring([KEY])
    made.wallClock = lambda: NOW
    return made


def asked(server: DNSServerFactory, octets: bytes, transport: str = "udp") -> bytes:
    """The reply to a request."""
    reply = resultOf(server.respond(octets, CLIENT, transport))
    assert reply is not None
    return bytes(reply)


def query(name: str = "ns.example", type: int = names.A, edns: bool = False) -> bytes:
    """A question."""
    message = names.EDNSMessage(id=7, maxSize=1232) if edns else names.Message(id=7)
    message.queries = [names.Query(name, type)]
    return bytes(message.toStr())


@pytest.mark.parametrize("edns", [False, True])
@pytest.mark.parametrize("overridden", [False, True])
def test_signed(server: DNSServerFactory, edns: bool, overridden: bool) -> None:
    """The reply to a signed request is signed, whichever way it goes; the client can verify it."""
    if overridden:
        server.verbose = 1
    octets, mac = sign(query(edns=edns), KEY, NOW)
    message, key, _ = verify(asked(server, octets), server.keys, NOW, requestMAC=mac)
    assert key is KEY
    reply = names.Message()
    reply.fromStr(message)
    assert reply.answers[0].payload.dottedQuad() == "192.0.2.1"
    assert message[11] == edns


def test_dnspython(server: DNSServerFactory) -> None:
    """Dnspython's requests are understood, and it understands the replies."""
    server.wallClock = DNSServerFactory.wallClock
    ring = dns.tsigkeyring.from_text({"some.key": "MDEyMzQ1Njc4OWFiY2RlZg=="})
    request = dns.message.make_query("ns.example", "A")
    request.use_tsig(ring, algorithm=dns.tsig.HMAC_SHA512)
    octets = asked(server, request.to_wire())
    reply = dns.message.from_wire(octets, keyring=ring, request_mac=request.mac)
    assert reply.had_tsig
    assert len(reply.answer) == 1


def test_room(server: DNSServerFactory) -> None:
    """There is room for the signature in the datagram: what doesn't fit any more is left out, and TC is set."""
    octets, mac = sign(query("large.example", names.TXT), KEY, NOW)
    reply = asked(server, octets)
    assert len(reply) <= 512
    message, _, _ = verify(reply, server.keys, NOW, requestMAC=mac)
    assert message[2] & 2
    octets, mac = sign(query("large.example", names.TXT, True), KEY, NOW)
    assert 512 < len(asked(server, octets)) <= 1232


@pytest.mark.parametrize(
    ("key", "when", "error"),
    [
        (Key("other.key", b"0123456789abcdef", "hmac-sha512"), NOW, 17),
        (Key("some.key", b"0123456789abcdef", "hmac-sha256"), NOW, 17),
        (Key("some.key", b"another secret, not ours", "hmac-sha512"), NOW, 16),
        (KEY, NOW - 1000, 18),
    ],
)
def test_wrong(server: DNSServerFactory, key: Key, when: float, error: int) -> None:
    """A wrong key, MAC or time is NOTAUTH, and the TSIG record of the reply says which (RFC 8945 section 5.2)."""
    octets, _ = sign(query(), key, when)
    reply = asked(server, octets)
    assert reply[3] & 15 == names.ENOTAUTH
    assert reply[6:8] == b"\0\0"
    signature = readSignature(reply)
    assert signature is not None
    assert signature.error == error
    # Only the reply that says BADTIME is signed, for the client to learn the time.
    assert bool(signature.mac) == (error == 18)


def test_malformed(server: DNSServerFactory) -> None:
    """A TSIG record that is cut, or not the last, is a format error."""
    octets, _ = sign(query(), KEY, NOW)
    tsig = octets[len(query()) :]
    twice = octets[:11] + b"\2" + octets[12:] + tsig
    for bad in (octets[:-3], twice):
        reply = asked(server, bad)
        assert reply[3] & 15 == names.EFORMAT


def test_notLogged(server: DNSServerFactory, monkeypatch: pytest.MonkeyPatch) -> None:
    """A refusal is logged, without the secret, and of many in a short time only some."""
    lines: list[str] = []
    monkeypatch.setattr("twisted.python.log.msg", lambda text, **_: lines.append(text))
    clock: Any = type("Clock", (), {"seconds": lambda self: 5.0})()
    server.reactor = clock
    octets, _ = sign(query(), Key("some.key", b"another secret, not ours", "hmac-sha512"), NOW)
    for _ in range(100):
        asked(server, octets)
    assert 0 < len(lines) <= 20
    assert all("192.0.2.9" in line and "secret" not in line for line in lines)
