"""Tests of L{txnames.protocol.pending}."""

from twisted.internet.defer import CancelledError

from txnames.protocol.peer import Peer
from txnames.protocol.pending import Pending


class Asker:
    """Takes down what becomes of its questions."""

    def __init__(self) -> None:
        self.told: list[tuple[str, Pending]] = []

    def cancelled(self, pending: Pending) -> None:
        """Take it down."""
        self.told.append(("cancelled", pending))

    def expired(self, pending: Pending) -> None:
        """Take it down."""
        self.told.append(("expired", pending))


def test_told() -> None:
    """A question tells who asks it when its time is up, and when nobody wants its reply any more."""
    asker = Asker()
    pending = Pending(asker, Peer(("192.0.2.53", 53)), b"\0", b"\0\1\0\1", b"\0\0", 3.0, False, False)
    pending.addErrback(lambda failure: failure.trap(CancelledError))
    pending.expired()
    assert asker.told == [("expired", pending)]
    pending.cancel()
    assert pending.called
    assert asker.told == [("expired", pending), ("cancelled", pending)]
