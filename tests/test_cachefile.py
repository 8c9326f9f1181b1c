"""Tests of L{txnames.cachefile}, and of saving and loading caches."""

from pathlib import Path

import pytest
from twisted.internet.task import Clock

from txnames import dns, error
from txnames.cache import CacheResolver
from txnames.zone.answer import Sections

from .deferreds import errorOf, resultOf

QUERY = dns.Query("www.example")
ANSWER = [dns.RRHeader("www.example", dns.A, dns.IN, 60, dns.Record_A("192.0.2.1", ttl=60))]


def filled(clock: Clock) -> CacheResolver:
    """A cache with an answer."""
    cache = CacheResolver(reactor=clock)
    cache.cacheResult(QUERY, Sections(ANSWER, [], []))
    return cache


def test_thereAndBack(tmp_path: Path) -> None:
    """What is saved is there after loading, with the TTL that is left, and not beyond its time."""
    clock = Clock()
    path = str(tmp_path / "cache")
    filled(clock).save(path)
    clock.advance(20)
    other = CacheResolver(reactor=clock)
    assert other.load(path) == 1
    assert resultOf(other.query(QUERY))[0][0].ttl == 40
    clock.advance(40)
    assert CacheResolver(reactor=clock).load(path) == 0


@pytest.mark.parametrize("damage", [b"", b"x", b"txnames cache 2\n"])
def test_damaged(tmp_path: Path, damage: bytes) -> None:
    """A damaged file, and one that is not there, are let be."""
    path = tmp_path / "cache"
    filled(Clock()).save(str(path))
    path.write_bytes(damage + path.read_bytes()[: -len(damage) or None] if damage else b"")
    cache = CacheResolver(reactor=Clock())
    assert cache.load(str(path)) == 0
    assert cache.load(str(tmp_path / "nothing")) == 0
    assert cache.load(str(tmp_path)) == 0
    assert isinstance(errorOf(cache.query(QUERY)), error.DomainError)


def test_cannotSave(tmp_path: Path) -> None:
    """What cannot be saved leaves the old file as it was, and no other behind."""
    (tmp_path / "cache").mkdir()
    with pytest.raises(OSError, match="cache"):
        filled(Clock()).save(str(tmp_path / "cache"))
    assert [path.name for path in tmp_path.iterdir()] == ["cache"]
