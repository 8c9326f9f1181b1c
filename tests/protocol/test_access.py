"""Tests of L{txnames.protocol.access}."""

import pytest

from txnames.protocol.access import AccessList
from txnames.protocol.request import Request, readRequest
from txnames.wire.name import Name


def request(host: str | None, key: str | None = None) -> Request:
    """A request of somebody, signed by a key."""
    made = readRequest(b"\0\1\0\0\0\1\0\0\0\0\0\0\0\0\1\0\1", None if host is None else (host, 5353), "udp")
    assert made is not None
    made.key = None if key is None else Name(key)
    return made


@pytest.mark.parametrize(
    ("items", "host", "key", "allowed"),
    [
        ([], "192.0.2.1", None, False),
        (["192.0.2.0/24"], "192.0.2.1", None, True),
        (["192.0.2.0/24"], "192.0.3.1", "k", False),
        (["key:Transfer.Key"], "192.0.3.1", "transfer.key.", True),
        (["key:transfer.key"], "192.0.3.1", "other.key", False),
        (["key:transfer.key"], "192.0.3.1", None, False),
        (["2001:db8::/32", "key:k"], "2001:db8::7", None, True),
        (["any"], "203.0.113.7", None, True),
        (["any"], "2001:db8::7", None, True),
        (["local"], "10.1.2.3", None, True),
        (["local"], "203.0.113.7", None, False),
        ([], None, None, True),
    ],
)
def test_allows(items: list[str], host: str | None, key: str | None, allowed: bool) -> None:
    """A client in one of the networks, or with one of the keys, may; so may who is within the process."""
    assert AccessList(items).allows(request(host, key)) is allowed


@pytest.mark.parametrize("item", ["nonsense", "192.0.2.1/24", "key:" + "x" * 64])
def test_bad(item: str) -> None:
    """What is neither a network nor a key is refused."""
    with pytest.raises(ValueError):  # noqa: PT011  # reason: the words are those of networks and names
        AccessList([item])


def test_repr() -> None:
    """A list shows what is in it, and whether anything is."""
    assert repr(AccessList(["192.0.2.1", "key:K"])) == "<AccessList 192.0.2.1/32 key:k>"
    assert AccessList(["key:k"])
    assert not AccessList()
