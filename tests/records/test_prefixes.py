"""Tests of lists of address prefixes."""

import pytest

from txnames.records import Record_APL
from txnames.records.prefixes import Prefix


def test_items() -> None:
    """Prefixes are given as text or as tuples."""
    record = Record_APL("1:192.0.2.0/24", "!2:2001:db8::/32", ttl=60)
    assert record.items == (Prefix(1, 24, False, b"\xc0\0\2"), Prefix(2, 32, True, b"\x20\1\x0d\xb8"))
    assert record == Record_APL((1, 24, False, b"\xc0\0\2"), Prefix(2, 32, True, b"\x20\1\x0d\xb8"), ttl=60)
    assert repr(record) == "<APL items=[1:192.0.2.0/24, !2:2001:db8::/32] ttl=60>"
    assert repr(Record_APL((9, 1, False, b"a"))) == "<APL items=[(9, 1, False, b'a')] ttl=None>"
    assert Record_APL((9, 1, False, b"a")).toText() == r"\# 5 0009010161"
    assert Record_APL().items == ()
    for wrong in ("192.0.2.0/24", "1:192.0.2.0/33", "1:::/0", "3:a/0", "1:\0/0"):
        with pytest.raises(ValueError, match=r"prefix|address"):
            Record_APL(wrong)
