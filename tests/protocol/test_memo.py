"""Tests of L{txnames.protocol.memo}."""

from txnames.protocol.memo import Memo


def test_generations() -> None:
    """What is asked for often stays; of the rest no more is kept than may be."""
    memo = Memo(10)
    memo.put(b"often", b"reply")
    for number in range(1000):
        memo.put(b"%d" % number, b"once")
        if number % 5 == 0:
            assert memo.find(b"often") == b"reply"
        assert len(memo.young) + len(memo.old) <= 20
    assert memo.find(b"1") is None
    memo.clear()
    assert memo.find(b"often") is None


def test_flood() -> None:
    """Of a flood that nobody repeats little is remembered; when requests come again, all of them are."""
    memo = Memo(100)
    for number in range(10_000):
        assert memo.find(b"%d" % number) is None
        memo.put(b"%d" % number, b"once")
    assert memo.find(b"9999") is None or memo.find(b"9998") is None
    for _ in range(200):
        for number in range(50):
            if memo.find(b"often %d" % number) is None:
                memo.put(b"often %d" % number, b"reply")
    assert all(memo.find(b"often %d" % number) == b"reply" for number in range(50))
