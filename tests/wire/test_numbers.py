"""Tests of the numbers and their names."""

import dns.rcode
import dns.rdatatype
import pytest

from txnames.wire import numbers
from txnames.wire.numbers import className, classNumber, isMetaType, rcodeName, typeName, typeNumber


@pytest.mark.parametrize(
    ("number", "name"),
    [(1, "A"), (23, "NSAP-PTR"), (255, "ANY"), (252, "AXFR"), (65280, "TYPE65280"), (0, "TYPE0"), (32769, "DLV")],
)
def test_type(number: int, name: str) -> None:
    """A type has one name, and is found by it and by its generic form, whatever the case."""
    assert typeName(number) == name
    for text in (name, name.lower(), f"TYPE{number}", f"type{number}"):
        assert typeNumber(text) == number


@pytest.mark.parametrize(
    "name", ["", "NOSUCH", "ALL_RECORDS", "TYPE65536", "TYPE01", "TYPE", "TYPE-1", "TYPE100000", "A "]
)
def test_noType(name: str) -> None:
    """Other words are no types."""
    with pytest.raises(ValueError, match="unknown type"):
        typeNumber(name)


@pytest.mark.parametrize(
    ("number", "name"), [(1, "IN"), (3, "CH"), (4, "HS"), (254, "NONE"), (255, "ANY"), (9, "CLASS9")]
)
def test_class(number: int, name: str) -> None:
    """A class has one name, and is found by it and by its generic form, whatever the case."""
    assert className(number) == name
    for text in (name, name.lower(), f"CLASS{number}", f"class{number}"):
        assert classNumber(text) == number


def test_noClass() -> None:
    """Other words are no classes."""
    with pytest.raises(ValueError, match="unknown class NOSUCH"):
        classNumber("nosuch")


def test_exported() -> None:
    """All constants are exported, and the port is no type."""
    assert {"PORT", "A", "ALL_RECORDS", "IN", "EREFUSED"} <= set(vars(numbers)["__all__"])
    assert numbers.PORT == 53
    assert numbers.QUERY_TYPES[53] == "SMIMEA"


def test_rcode() -> None:
    """Response codes have the names that other programs show."""
    assert rcodeName(3) == "NXDOMAIN"
    assert rcodeName(12) == "RCODE12"
    for number in range(24):
        name = rcodeName(number)
        if not name.startswith("RCODE"):
            assert dns.rcode.from_text(name) == number


def test_types() -> None:
    """All types that dnspython knows have the same numbers here."""
    for theirs in dns.rdatatype.RdataType:
        name = theirs.name.replace("_", "-")
        if name in numbers.REV_TYPES:
            assert numbers.REV_TYPES[name] == theirs.value
    assert numbers.QUERY_TYPES[numbers.SVCB] == "SVCB"


def test_meta() -> None:
    """Types that no zone holds are known."""
    assert [number for number in (0, 1, 41, 127, 128, 249, 252, 255, 256) if isMetaType(number)] == [
        0,
        41,
        128,
        249,
        252,
        255,
    ]


def test_export() -> None:
    """The module gives away numbers, tables and functions, and nothing that it imports itself."""
    exported = vars(numbers)["__all__"]
    assert {"A", "QUERY_TYPES", "typeName", "EREFUSED"} <= set(exported)
    assert not {"re", "Final", "annotations"} & set(exported)
