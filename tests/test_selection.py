"""Tests of L{txnames.selection}."""

from random import Random
from types import SimpleNamespace
from typing import Any

from txnames.selection import Fastest, InOrder, Randomly, RoundRobin

SERVERS = [("192.0.2.1", 53), ("192.0.2.2", 53), ("192.0.2.3", 53)]


def peer(server: tuple[str, int]) -> Any:
    """The third is fastest, of the first nothing is known, the second did not answer."""
    return {
        SERVERS[0]: SimpleNamespace(srtt=None, failures=0),
        SERVERS[1]: SimpleNamespace(srtt=0.01, failures=1),
        SERVERS[2]: SimpleNamespace(srtt=0.02, failures=0),
    }[server]


def test_inOrder() -> None:
    """Servers are asked as they stand."""
    assert InOrder().order(SERVERS, peer) == SERVERS


def test_roundRobin() -> None:
    """Each lookup begins with the next one."""
    strategy = RoundRobin()
    assert [strategy.order(SERVERS, peer)[0] for _ in range(4)] == [*SERVERS, SERVERS[0]]
    assert strategy.order([], peer) == []


def test_randomly() -> None:
    """All servers are asked, each first in its turn."""
    strategy = Randomly(Random(1))
    orders = [strategy.order(SERVERS, peer) for _ in range(50)]
    assert {order[0] for order in orders} == set(SERVERS)
    assert all(sorted(order) == SERVERS for order in orders)
    assert sorted(Randomly().order(SERVERS, peer)) == SERVERS


def test_fastest() -> None:
    """Unknown servers come first, silent ones last; now and then another one is tried."""
    strategy = Fastest(Random(1))
    orders = [tuple(strategy.order(SERVERS, peer)) for _ in range(200)]
    usual = (SERVERS[0], SERVERS[2], SERVERS[1])
    assert 150 < orders.count(usual) < 200
    assert all(sorted(order) == SERVERS for order in orders)
    assert Fastest().order(SERVERS[:1], peer) == SERVERS[:1]
