"""Tests of L{txnames.protocol.pending}."""

from twisted.python.failure import Failure

from txnames.protocol.peer import Peer
from txnames.protocol.pending import Pending
from txnames.protocol.reply import Reply


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


class Receiver:
    """Wants nothing."""

    def replied(self, reply: Reply) -> None:
        """Not of interest here."""

    def failed(self, failure: Failure) -> None:
        """Not of interest here."""


def test_told() -> None:
    """A question tells who asks it when its time is up, and when nobody wants its reply any more."""
    asker = Asker()
    pending = Pending(asker, Receiver(), Peer(("192.0.2.53", 53)), b"\0", b"\0\1\0\1", b"\0\0", 3.0, False, False)
    pending.expired()
    assert asker.told == [("expired", pending)]
    pending.cancel()
    assert asker.told == [("expired", pending), ("cancelled", pending)]
