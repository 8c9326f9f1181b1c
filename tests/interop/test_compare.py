"""The comparison itself sees what differs."""

import struct

import pytest

from .asker import Transport, question
from .compare import Outcome, judge
from .corpus import Question
from .replies import BadReply, readReply

NAME = b"\3www\4test\0"


def reply(rcode: int = 0, flags: int = 0x8400, ttl: int = 60, edns: bool = False) -> bytes:
    """An answer with one address, without its ID."""
    asked = NAME + struct.pack("!HH", 1, 1)
    record = b"\xc0\x0c" + struct.pack("!HHIH", 1, 1, ttl, 4) + b"\xc0\0\2\1"
    opt = b"\0" + struct.pack("!HHIH", 41, 1232, 0, 0) if edns else b""
    return struct.pack("!HHHHH", flags | rcode, 1, 1, 0, int(edns)) + asked + record + opt


@pytest.mark.parametrize(
    ("ours", "what"),
    [
        (reply(), None),
        (reply(rcode=3), ("rcode",)),
        (reply(flags=0x8000), ("authoritative",)),
        (reply(flags=0x8600), ("truncated",)),
        (reply(ttl=61), ("answer",)),
        (reply(edns=True), ("OPT",)),
        (reply().replace(b"www", b"wWw"), ("question",)),
        (None, ("no reply",)),
        (reply()[:-1], ("rdata past the end",)),
        (reply() + b"x", ("1 octets too many",)),
    ],
)
def test_judge(ours: bytes | None, what: tuple[str, ...] | None) -> None:
    """Each part of a reply counts, and so do silence and bad octets."""
    outcome = Outcome()
    asked = Question("z", NAME, 1)
    wires = {"nsd": reply(), "knot": reply(), "named": reply(), "txnames": ours}
    judge(outcome, asked, Transport.UDP, wires, "txnames")
    assert outcome.agreed == 1
    assert [d.what for d in outcome.differences] == ([] if what is None else [what])
    assert ("differences" in outcome.report()) is True


def test_split() -> None:
    """Where the three don't agree, ours isn't held against them."""
    outcome = Outcome()
    wires = {"nsd": reply(), "knot": reply(rcode=3), "named": reply(), "txnames": None}
    judge(outcome, Question("z", NAME, 1), Transport.UDP, wires, "txnames")
    assert (outcome.agreed, len(outcome.split), outcome.differences) == (0, 1, [])


def test_questionWire() -> None:
    """The query that is sent: header without ID, question, OPT."""
    wire = question(NAME, 1, 1, Transport.EDNS)
    assert wire.endswith(b"\x00\x00\x29\x04\xd0\0\0\0\0\0\0")
    assert question(NAME, 1, 1, Transport.TCP) == bytes.fromhex("0000000100000000 0000") + NAME + b"\0\1\0\1"


def test_pointerLoop() -> None:
    """A name that points to itself is bad octets."""
    with pytest.raises(BadReply):
        readReply(reply().replace(b"\xc0\x0c", b"\xc0\x1b"))
