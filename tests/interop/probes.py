"""Odd messages: what each of the servers makes of them, where the three agree."""

import struct
from dataclasses import dataclass
from selectors import EVENT_READ, DefaultSelector
from socket import AF_INET, SOCK_DGRAM, socket
from time import monotonic

from .replies import readReply
from .servers import HOST

#: Names in the zone "apex.test" of our corpus, and one outside all zones.
WWW = b"\3www\4apex\4test\0"
APEX = b"\4apex\4test\0"
OUTSIDE = b"\1x\7example\0"
#: Seconds to wait for replies; what comes later counts as silence.
PATIENCE = 2.0


@dataclass(frozen=True)
class Probe:
    """A message with the ID 0x1234."""

    name: str
    message: bytes


def query(
    flags: int = 0,
    name: bytes = WWW,
    qtype: int = 1,
    qclass: int = 1,
    counts: tuple[int, int, int, int] = (1, 0, 0, 0),
    more: bytes = b"",
) -> bytes:
    """A query with one question, and what comes after it."""
    head = struct.pack("!HHHHHH", 0x1234, flags, *counts)
    return head + name + struct.pack("!HH", qtype, qclass) + more


def opt(size: int = 1232, version: int = 0, flags: int = 0, data: bytes = b"", code: int = 0) -> bytes:
    """An OPT record."""
    return b"\0" + struct.pack("!HHBBHH", 41, size, code, version, flags, len(data)) + data


def edns(flags: int = 0, name: bytes = WWW, **fields: int | bytes) -> bytes:
    """A query with an OPT record of these fields."""
    return query(flags, name, counts=(1, 0, 0, 1), more=opt(**fields))  # type: ignore[arg-type]  # reason: the keywords of opt


def _header(flags: int, *counts: int) -> bytes:
    """A bare header."""
    return struct.pack("!HHHHHH", 0x1234, flags, *counts)


_RECORD = b"\xc0\x0c\0\1\0\1\0\0\0\0\0\4abcd"

PROBES = [
    Probe("plain", query()),
    Probe("RD", query(0x0100)),
    Probe("AD", query(0x0020)),
    Probe("Z", query(0x0040)),
    Probe("AA, TC and RA set", query(0x0680)),
    Probe("QR set", query(0x8000)),
    Probe("QR set, opcode 2", query(0x9000)),
    Probe("5 octets", b"\x12\x34\0\0\0"),
    Probe("11 octets", _header(0, 0, 0, 0, 0)[:11]),
    Probe("header only", _header(0, 0, 0, 0, 0)),
    Probe("header only, RD", _header(0x0100, 0, 0, 0, 0)),
    Probe("no question but OPT", _header(0, 0, 0, 0, 1) + opt()),
    Probe("two questions", _header(0, 2, 0, 0, 0) + (WWW + b"\0\1\0\1") * 2),
    Probe("question missing", _header(0, 1, 0, 0, 0)),
    Probe("name cut off", _header(0, 1, 0, 0, 0) + WWW[:5]),
    Probe("name points to itself", _header(0, 1, 0, 0, 0) + b"\xc0\x0c\0\1\0\1"),
    Probe("bad label type", _header(0, 1, 0, 0, 0) + b"\x41a\0\0\1\0\1"),
    Probe("octets behind the message", query(more=b"xyz")),
    Probe("a record in the answer", query(counts=(1, 1, 0, 0), more=_RECORD)),
    Probe("a record in the authority", query(counts=(1, 0, 1, 0), more=_RECORD)),
    Probe("a record in the additional", query(counts=(1, 0, 0, 1), more=_RECORD)),
    Probe("ANCOUNT 1 and nothing", query(counts=(1, 1, 0, 0))),
    Probe("ARCOUNT 1 and nothing", query(counts=(1, 0, 0, 1))),
    Probe("two OPTs", query(counts=(1, 0, 0, 2), more=opt() * 2)),
    Probe("OPT with an owner", query(counts=(1, 0, 0, 1), more=b"\1a" + opt())),
    Probe("OPT in the answer", query(counts=(1, 1, 0, 0), more=opt())),
    Probe("EDNS version 1", edns(version=1)),
    Probe("EDNS version 255", edns(version=255)),
    Probe("EDNS version 1 outside", edns(name=OUTSIDE, version=1)),
    Probe("EDNS size 0", edns(size=0)),
    Probe("EDNS size 100", edns(size=100)),
    Probe("EDNS size 65535", edns(size=65535)),
    Probe("DO", query(counts=(1, 0, 0, 1), more=opt(flags=0x8000))),
    Probe("EDNS flags", query(counts=(1, 0, 0, 1), more=opt(flags=0xFFFF))),
    Probe("EDNS extended rcode", edns(code=5)),
    Probe("OPT data cut off", query(counts=(1, 0, 0, 1), more=opt()[:-2] + b"\0\5\0\1")),
    Probe("option past the end", edns(data=b"\0\3\0\xff")),
    Probe("unknown option", edns(data=b"\xfd\xe9\0\2ab")),
    Probe("keepalive over UDP", edns(data=b"\0\x0b\0\0")),
    Probe("REFUSED with RD and EDNS", edns(0x0100, OUTSIDE)),
    Probe("mixed case", query(name=b"\3wWw\4ApeX\4TeST\0")),
    Probe("opcode 2 without question", _header(0x1000, 0, 0, 0, 0)),
    *(Probe(f"opcode {n}", query(n << 11, APEX, 6)) for n in range(1, 16)),
    *(Probe(f"class {n}", query(qclass=n)) for n in (0, 2, 3, 4, 254, 255, 65535)),
    *(Probe(f"type {n}", query(qtype=n)) for n in (0, 41, 128, 249, 250, 253, 254, 65535)),
    *(Probe(f"type {n} at the apex", query(name=APEX, qtype=n)) for n in (0, 249, 65535)),
    *(Probe(f"type {n} outside", query(name=OUTSIDE, qtype=n)) for n in (0, 1, 255, 65535)),
    Probe("AXFR over UDP", query(name=APEX, qtype=252)),
]


def send(port: int) -> list[bytes | None]:
    """What a server answers to each probe over UDP; None is silence."""
    selector = DefaultSelector()
    sockets: list[socket] = []
    replies: list[bytes | None] = [None] * len(PROBES)
    try:
        for number, probe in enumerate(PROBES):
            udp = socket(AF_INET, SOCK_DGRAM)
            sockets.append(udp)
            udp.connect((HOST, port))
            udp.send(probe.message)
            selector.register(udp, EVENT_READ, number)
        deadline = monotonic() + PATIENCE
        while selector.get_map() and (left := deadline - monotonic()) > 0:
            for key, _events in selector.select(left):
                replies[key.data] = key.fileobj.recv(65535)  # type: ignore[union-attr]  # reason: all are sockets
                selector.unregister(key.fileobj)
    finally:
        selector.close()
        for udp in sockets:
            udp.close()
    return replies


def described(wire: bytes | None) -> str:
    """What is compared: silence, or ID, rcode, flags, counts and OPT (the question may be left out)."""
    if wire is None:
        return "silence"
    reply = readReply(wire[2:])
    counts = (len(reply.answer), len(reply.authority))
    # CD is left out: RFC 4035 section 3.1.6 wants it copied, and only BIND does
    return f"ID {wire[:2].hex()} flags {reply.flags & 0xFFEF:04x} rcode {reply.rcode} {counts} OPT size {reply.edns}"
