"""Tests of the parameters of services."""

import pytest

from txnames.error import RdataTextError
from txnames.records import Record_HTTPS, Record_SVCB
from txnames.records.svcb import keyName, keyNumber
from txnames.wire.name import Name
from txnames.wire.text import Token, Tokens, tokenize


def test_construct() -> None:
    """Parameters are given by name or number, as text or as octets, and kept in order."""
    record = Record_HTTPS(1, "svc", {"port": "443", "alpn": "h2,h3", 667: b"\1", "key668": "x"}, 60)
    assert record.target == Name("svc")
    assert record.params == ((1, b"\2h2\2h3"), (3, b"\1\xbb"), (667, b"\1"), (668, b"x"))
    assert record == Record_HTTPS(1, "svc", list(record.params), 60)
    assert hash(record) == hash(Record_HTTPS(1, "svc", record.params, 60))
    assert repr(record) == (
        '<HTTPS priority=1 target=svc params=[alpn="h2,h3" port=443 key667="\\001" key668="x"] ttl=60>'
    )
    assert Record_SVCB(1, "svc", record.params) != record


@pytest.mark.parametrize(
    ("params", "reason"),
    [
        ([(3, b"\0\1"), ("port", "1")], "port stands there twice"),
        ({"port": b"\1"}, "port: 1 octet for a number"),
        ({"port": "x"}, "'x' is not a number"),
        ({"nosuch": b""}, "unknown key 'nosuch'"),
        ({"mandatory": "port"}, "port is mandatory, and missing"),
        ({"alpn": b"\3h2"}, "alpn: not a list of strings"),
        ({"alpn": b""}, "alpn: an empty list"),
        ({"alpn": "a\\"}, "a list ends in a backslash"),
        ({667: bytes(65536)}, "key667: 65536 octets, 65535 are allowed"),
    ],
)
def test_constructInvalid(params: object, reason: str) -> None:
    """What no message may hold is refused."""
    with pytest.raises(ValueError, match=reason):
        Record_SVCB(1, ".", params)


def test_keys() -> None:
    """Keys have names, or numbers."""
    assert [keyName(number) for number in (0, 3, 9, 10, 65535)] == [
        "mandatory",
        "port",
        "tls-supported-groups",
        "key10",
        "key65535",
    ]
    assert [keyNumber(name) for name in ("mandatory", "key3", "key65535", "key00010")] == [0, 3, 65535, 10]
    for name in ("", "key", "key65536", "key-1", "PORT", "key123456"):
        with pytest.raises(ValueError, match="unknown key"):
            keyNumber(name)


def test_quotes() -> None:
    """A value between quotes is a token of its own, or not, as the reader of tokens likes."""
    expected = Record_SVCB(1, "", {"alpn": "h2", 667: b"a b"})
    assert Record_SVCB.fromText(tokenize(b'1 . alpn="h2" key667="a b"')) == expected
    words = [Token(b"1"), Token(b"."), Token(b"alpn=h2"), Token(b"key667=a b")]
    assert Record_SVCB.fromText(Tokens(words)) == expected
    assert Record_SVCB.fromText(tokenize(b"1 . key667= alpn=h2")).params == ((1, b"\2h2"), (667, b""))
    string = Token(b"h2", True, 1, 10)
    assert Record_SVCB.fromText(Tokens([*words[:2], Token(b"alpn=", False, 1, 5), string])).params == ((1, b"\2h2"),)
    for key in (Token(b"alpn=", False, 1, 4), Token(b"alpn=", False, 2, 5), Token(b"ech=", False, 1, 5)):
        with pytest.raises(RdataTextError):
            Record_SVCB.fromText(Tokens([*words[:2], key, string]))
