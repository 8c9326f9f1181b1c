"""Tests of L{txnames.error}."""

import pytest

from txnames import error
from txnames.wire.header import Query
from txnames.wire.options import ExtendedErrorOption

QUESTION = Query("www.example")


@pytest.mark.parametrize(
    ("rcode", "kind"),
    [
        (1, error.DNSFormatError),
        (2, error.DNSServerError),
        (3, error.DNSNameError),
        (4, error.DNSNotImplementedError),
        (5, error.DNSQueryRefusedError),
        (6, error.DNSUnknownError),
        (4000, error.DNSUnknownError),
    ],
)
def test_replyError(rcode: int, kind: type[Exception]) -> None:
    """A response code becomes an error of the class that programs catch, with the message as its argument."""
    made = error.replyError(rcode, "message")
    assert isinstance(made, kind)
    assert (made.args, made.rcode) == (("message",), rcode)


def test_whatHappened() -> None:
    """An error says what was asked, of whom, how, how long it took, and what the server says of it."""
    made = error.replyError(
        2,
        question=QUESTION,
        server=("192.0.2.1", 5),
        transport="tcp",
        elapsed=0.25,
        errors=(ExtendedErrorOption(22, "all are dead"), ExtendedErrorOption(23)),
    )
    assert str(made) == (
        "www.example IN A: SERVFAIL (all are dead, 22) (extended error, 23) from 192.0.2.1 port 5 over TCP after 0.25 s"
    )
    assert str(error.replyError(3841)) == "response code 3841"


def test_noReply() -> None:
    """Silence and servers that cannot be reached are told apart, and are errors of the usual classes."""
    silence = error.QueryTimeoutError(QUESTION, question=QUESTION)
    assert isinstance(silence, error.DNSQueryTimeoutError)
    assert (silence.id, str(silence)) == (QUESTION, "www.example IN A: no answer in time")
    unreachable = error.UnreachableError()
    assert isinstance(unreachable, error.DNSServerError)
    assert str(unreachable) == "not to be reached"
