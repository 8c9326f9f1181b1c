"""Tests of L{txnames.protocol.peer}."""

import socket

import pytest
from twisted.internet.error import InvalidAddressError

from txnames.protocol.peer import Peer, PeerTable

CLIENT = b"clientck"
OPT = b"\0\0\x29\x04\xd0\0\0\0\0"


def test_addresses() -> None:
    """An address is spelled as sockets spell it."""
    peer = Peer(("192.0.2.53", 53))
    assert (peer.family, peer.address, peer.target) == (socket.AF_INET, ("192.0.2.53", 53), ("192.0.2.53", 53))
    peer = Peer(("2001:DB8:0::1", 53))
    assert (peer.family, peer.address, peer.target) == (socket.AF_INET6, ("2001:db8::1", 53), ("2001:db8::1", 53))
    assert not peer.scoped
    assert peer.server == ("2001:DB8:0::1", 53)
    with pytest.raises(InvalidAddressError):
        Peer(("localhost", 53))


@pytest.mark.parametrize(
    ("scope", "number"),
    [("7", 7), (socket.if_indextoname(1), 1), ("no-such-interface", 0)],
)
def test_scope(scope: str, number: int) -> None:
    """An address with a scope is sent to with the scope's number, and replies come without."""
    peer = Peer((f"fe80::1%{scope}", 53))
    assert peer.scoped
    assert peer.family == socket.AF_INET6
    assert peer.address == ("fe80::1", 53)
    assert peer.target == ("fe80::1", 53, 0, number)


def test_roundTripTimes() -> None:
    """Round trip times are smoothed (RFC 6298 section 2), and bounded."""
    peer = Peer(("192.0.2.53", 53))
    assert (peer.srtt, peer.rto) == (None, 0.4)
    peer.answered(0.1)
    assert peer.srtt == pytest.approx(0.1)
    assert peer.rto == pytest.approx(0.3)
    peer.answered(0.2)
    assert peer.srtt == pytest.approx(0.1125)
    assert peer.rttvar == pytest.approx(0.05 + (0.1 - 0.05) / 4)
    assert peer.rto == pytest.approx(0.1125 + 4 * 0.0625)
    for _ in range(200):
        peer.answered(0.1)
    assert peer.rto == pytest.approx(0.11, abs=0.001)
    for _ in range(200):
        peer.answered(0.001)
    assert peer.rto == 0.05
    for _ in range(200):
        peer.answered(20)
    assert peer.rto == 10


def test_failures() -> None:
    """A server that doesn't answer gets more and more time, up to a bound, until it answers."""
    peer = Peer(("192.0.2.53", 53))
    rtos = []
    for _ in range(7):
        peer.unanswered(True)
        rtos.append(peer.rto)
    assert rtos == [0.8, 1.6, 3.2, 6.4, 10, 10, 10]
    peer.unreachable()
    assert peer.failures == 8
    peer.answered(0.1)
    assert peer.failures == 0
    assert peer.rto == pytest.approx(0.3)


def test_silence() -> None:
    """Silence makes a server suspect of not taking EDNS, unless it did; the next silence clears it of that."""
    peer = Peer(("192.0.2.53", 53))
    silent = []
    for edns in (True, False, True):
        peer.unanswered(edns)
        silent.append(peer.silent)
    assert silent == [True, False, True]
    peer = Peer(("192.0.2.53", 53))
    peer.learn(b"", b"")
    assert peer.speaksEdns
    states = []
    for _ in range(3):
        peer.unanswered(True)
        states.append((peer.silent, peer.speaksEdns))
    assert states == [(False, True), (False, True), (True, False)]


def test_remembered() -> None:
    """What a server cannot do is remembered for a quarter of an hour."""
    peer = Peer(("192.0.2.53", 53))
    peer.silent = peer.speaksEdns = True
    peer.plain(1000)
    assert (peer.plainUntil, peer.silent, peer.speaksEdns) == (1900, False, False)
    peer.caseless(2000)
    assert peer.caselessUntil == 2900


def test_opt() -> None:
    """The OPT record has the size, DO, and over TCP a request for the time that connections are kept."""
    peer = Peer(("192.0.2.53", 53))
    assert peer.opt(1232, False, False) == OPT + b"\0\0"
    assert peer.opt(1232, True, False) == b"\0\0\x29\x04\xd0\0\0\x80\0\0\0"
    assert peer.opt(512, False, True) == b"\0\0\x29\x02\0\0\0\0\0\0\4\0\x0b\0\0"
    assert peer.opt(1232, False, False) is peer.opt(1232, False, False)


def test_cookies() -> None:
    """The OPT record has our cookie, and the server's as soon as there is one."""
    peer = Peer(("192.0.2.53", 53), CLIENT)
    assert peer.opt(1232, False, False) == OPT + b"\0\x0c\0\x0a\0\x08" + CLIENT
    peer.learn(b"servercookie", b"")
    assert peer.opt(1232, False, False) == OPT + b"\0\x18\0\x0a\0\x14" + CLIENT + b"servercookie"
    peer.renew(b"otherservers")
    assert peer.opt(1232, False, False) == OPT + b"\0\x18\0\x0a\0\x14" + CLIENT + b"otherservers"
    peer.learn(b"", b"")
    assert peer.opt(1232, False, False) == OPT + b"\0\x0c\0\x0a\0\x08" + CLIENT


def test_tail() -> None:
    """It is remembered how replies end, where that is the same each time."""
    peer = Peer(("192.0.2.53", 53), CLIENT)
    peer.learn(b"", OPT + b"\0\0")
    assert (peer.tail, peer.tailSize) == (OPT + b"\0\0", 11)
    # There may be other options the next time.
    peer.learn(b"", OPT + b"\0\4\0\x03\0\0")
    assert peer.tail == b""
    whole = OPT + b"\0\x18\0\x0a\0\x14" + CLIENT + b"servercookie"
    peer.learn(b"servercookie", whole)
    assert (peer.tail, peer.tailSize) == (whole[:-12], len(whole))
    peer.learn(b"servercookie", OPT + b"\0\x1c\0\x03\0\0\0\x0a\0\x14" + CLIENT + b"servercookie")
    assert peer.tail == b""
    peer.learn(b"servercookie", OPT + b"\0\x18\0\x0a\0\x14" + b"x" * 20)
    assert peer.tail == b""
    # With upper bits of a response code, a reply isn't one like others.
    peer.learn(b"", b"\0\0\x29\x04\xd0\1\0\0\0\0\0")
    assert peer.tail == b""
    peer.learn(b"", b"")
    assert peer.tail == b""


def test_repr() -> None:
    """A peer says who it is, and how it is doing."""
    assert repr(Peer(("192.0.2.53", 53))) == "<Peer 192.0.2.53 port 53 srtt=None rto=0.4 failures=0>"


def test_table() -> None:
    """The table is bounded; who was asked longest ago goes first."""
    table = PeerTable(2)
    first, second, third = (Peer((f"192.0.2.{number}", 53)) for number in range(3))
    table.add(first)
    table.add(second)
    assert table.get(first.server) is first
    table.add(third)
    assert len(table) == 2
    assert table.get(second.server) is None
    assert table.get(first.server) is first
    assert table.get(third.server) is third
