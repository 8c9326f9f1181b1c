"""Tests of spans of time."""

from typing import Any

import pytest

from txnames.wire.interval import seconds, str2time


@pytest.mark.parametrize(
    ("text", "value"),
    [("0", 0), ("3600", 3600), ("1h", 3600), ("1H30m", 5400), ("2w1d", 1296000), ("1s", 1), ("4294967296", 1 << 32)],
)
def test_seconds(text: str, value: int) -> None:
    """Digits are seconds; letters give units, of which several may follow each other."""
    assert seconds(text) == value
    assert str2time(text) == value
    assert str2time(f" {text} ".encode()) == value


@pytest.mark.parametrize("text", ["", "h", "1", "1x", "-1", "1.5", "1h30", "1y", "1 h", "9" * 21, "\u0661", "1h "])
def test_secondsInvalid(text: str) -> None:
    """Anything else is refused."""
    if text == "1":
        assert seconds(text) == 1
        return
    with pytest.raises(ValueError, match="is not a span of time"):
        seconds(text)


@pytest.mark.parametrize(
    ("text", "value"),
    [("1S", 1), ("2M", 120), ("3H", 10800), ("4D", 345600), ("5W", 3024000), ("6Y", 189216000), ("1y", 31536000)],
)
def test_str2time(text: str, value: int) -> None:
    """Twisted's programs write years too."""
    assert str2time(text) == value
    assert str2time(text.encode()) == value


@pytest.mark.parametrize("other", [None, 5, 5.5, object(), []])
def test_str2timeOther(other: Any) -> None:
    """What is not text is given back."""
    assert str2time(other) is other


@pytest.mark.parametrize("text", ["fooS", "1Q", "Y", "xY", b"\xff"])
def test_str2timeInvalid(text: Any) -> None:
    """Text that is no span is refused."""
    with pytest.raises(ValueError, match="is not a span of time"):
        str2time(text)
