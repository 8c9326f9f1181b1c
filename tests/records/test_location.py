"""Tests of the records of places."""

import pytest

from txnames.records import Record_GPOS, Record_LOC


def test_loc() -> None:
    """Lengths are centimetres, angles thousandths of seconds."""
    record = Record_LOC(size=12345, latitude=-1, longitude=3600000, altitude=-5)
    assert record.size == 10000
    assert record.toText() == "0 0 0.001 S 1 0 0.000 E -0.05m 100.00m 10000.00m 10.00m"
    assert repr(record) == (
        "<LOC size=10000 horizontalPrecision=1000000 verticalPrecision=1000 latitude=-1 longitude=3600000"
        " altitude=-5 ttl=None>"
    )


@pytest.mark.parametrize(
    "wrong",
    [
        {"version": 1},
        {"size": -1},
        {"size": 9 * 10**9 + 1},
        {"latitude": 90 * 3600000 + 1},
        {"longitude": -180 * 3600000 - 1},
        {"altitude": -10000001},
        {"altitude": 1 << 32},
    ],
)
def test_locInvalid(wrong: dict[str, int]) -> None:
    """What is not on earth is refused."""
    with pytest.raises(ValueError, match=r"^LOC\."):
        Record_LOC(**wrong)


def test_gpos() -> None:
    """The older form is text."""
    assert Record_GPOS("-32.6882", b"116.8652").toText() == '"-32.6882" "116.8652" "0"'
