"""Tests of L{txnames.protocol.mixin}."""

import pytest
from twisted.internet.task import Clock

from txnames.protocol import mixin
from txnames.protocol.mixin import DNSMixin, randomSource


def test_randomSource() -> None:
    """IDs have 16 bits."""
    drawn = {randomSource() for _ in range(200)}
    assert len(drawn) > 150
    assert all(0 <= id <= 0xFFFF for id in drawn)


def test_pickID(monkeypatch: pytest.MonkeyPatch) -> None:
    """An ID that a question waits with is not drawn again."""
    ids = iter([1, 5, 5, 6, 6])
    monkeypatch.setattr(mixin, "randomSource", lambda: next(ids))
    asking = DNSMixin(None)
    assert asking.pickID() == 5
    asking.liveMessages = {5: None}  # type: ignore[dict-item]  # reason: only the key matters
    assert asking.pickID() == 6


def test_callLater() -> None:
    """Timers are those of the reactor given."""
    clock = Clock()
    called: list[int] = []
    DNSMixin(None, clock).callLater(3, called.append, 1)
    clock.advance(2.9)
    assert called == []
    clock.advance(0.2)
    assert called == [1]


def test_globalReactor() -> None:
    """Without one given they are the global reactor's."""
    from twisted.internet import reactor

    call = DNSMixin(None).callLater(60, list)
    try:
        assert call in reactor.getDelayedCalls()
    finally:
        call.cancel()
