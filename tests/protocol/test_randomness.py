"""Tests of L{txnames.protocol.randomness}."""

from random import Random, SystemRandom

from txnames.protocol.randomness import RandomOctets


def test_take() -> None:
    """Octets come in any portions, each once; the same source gives the same ones."""
    octets, same = RandomOctets(Random(1)), RandomOctets(Random(1))
    taken = [octets.take(size) for size in (1, 2, 300, 0, 255, 400, 400, 1024)]
    assert [len(part) for part in taken] == [1, 2, 300, 0, 255, 400, 400, 1024]
    assert taken == [same.take(len(part)) for part in taken]
    assert len(set(taken)) == len(taken)


def test_system() -> None:
    """Without a source the system is it."""
    octets = RandomOctets()
    assert isinstance(octets.random, SystemRandom)
    assert octets.take(16) != octets.take(16)
