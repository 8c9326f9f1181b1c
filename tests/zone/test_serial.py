"""Serial numbers wrap around (RFC 1982)."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from txnames.zone.serial import MAX_INCREMENT, isNewer, serialAdd, serialCompare

serials = st.integers(0, 2**32 - 1)


@pytest.mark.parametrize(
    ("serial", "increment", "result"),
    [(0, 1, 1), (2**32 - 1, 1, 0), (2**31, MAX_INCREMENT, 2**32 - 1), (2**32 - 1, MAX_INCREMENT, 2**31 - 2), (7, 0, 7)],
)
def test_add(serial: int, increment: int, result: int) -> None:
    """Addition is modulo 2**32."""
    assert serialAdd(serial, increment) == result


@pytest.mark.parametrize(("serial", "increment"), [(-1, 1), (2**32, 1), (0, -1), (0, 2**31)])
def test_addOutOfRange(serial: int, increment: int) -> None:
    """What is no serial, or too long a step, is refused (RFC 1982 section 3.1)."""
    with pytest.raises(ValueError, match="is not"):
        serialAdd(serial, increment)


@pytest.mark.parametrize(
    ("first", "second", "result"),
    [
        (1, 0, 1),
        (0, 1, -1),
        (44, 44, 0),
        (0, 2**32 - 1, 1),
        (2**32 - 1, 0, -1),
        (0, 2**31, None),
        (2**31, 0, None),
        (2**31 + 1, 1, None),
        (100, 2**31 + 101, 1),
    ],
)
def test_compare(first: int, second: int, result: int | None) -> None:
    """The order is that of the shorter way around (RFC 1982 section 3.2)."""
    assert serialCompare(first, second) == result
    assert isNewer(first, second) == (result == 1)


@given(serials, st.integers(1, MAX_INCREMENT))
def test_sumIsNewer(serial: int, increment: int) -> None:
    """Whatever may be added leads to a newer serial (RFC 1982 section 5.1)."""
    later = serialAdd(serial, increment)
    assert isNewer(later, serial)
    assert not isNewer(serial, later)
    assert serialCompare(serial, later) == -1
