"""Every row of C{tests/vectors} holds, and dnspython says the same of all that it knows."""

from typing import Any

import dns.exception
import dns.name
import dns.rdata
import pytest

from tests.records.vectors import Row, allData, knownToDnspython, rows
from txnames.error import DNSDecodeError, RdataTextError
from txnames.records import SimpleRecord
from txnames.wire.numbers import typeNumber
from txnames.wire.record import Record, rdataFromText, rdataToText, recordClass, validateRdata
from txnames.wire.text import tokenize

DATA = allData()
DIFFERENT = {row[:2]: row.second for row in rows("dnspython")}


def ids(found: list[Row]) -> list[str]:
    """Name rows."""
    return [row.label for row in found]


def rdataOf(row: Row) -> bytes:
    """Read the text of a row."""
    return rdataFromText(typeNumber(row.type), tokenize(row.first.encode("ascii")))


@pytest.mark.parametrize("row", DATA, ids=ids(DATA))
def test_read(row: Row) -> None:
    """The text gives these octets."""
    assert rdataOf(row).hex() == row.second


@pytest.mark.parametrize("row", DATA, ids=ids(DATA))
def test_roundTrip(row: Row) -> None:
    """The octets are written as text that gives these octets; as a value they come back too."""
    number, rdata = typeNumber(row.type), bytes.fromhex(row.second)
    assert rdataFromText(number, tokenize(rdataToText(number, rdata).encode("ascii"))) == rdata
    record = validateRdata(number, rdata)
    assert type(record) is recordClass(number)
    assert record.rdata == rdata
    assert number == record.TYPE
    generic = rdataFromText(number, tokenize(record.genericText().encode("ascii")))
    assert generic == rdata


@pytest.mark.parametrize("row", rows("written"), ids=ids(rows("written")))
def test_written(row: Row) -> None:
    """The octets are written just so."""
    assert rdataToText(typeNumber(row.type), bytes.fromhex(row.first)) == row.second


@pytest.mark.parametrize("row", rows("invalid-text"), ids=ids(rows("invalid-text")))
def test_invalidText(row: Row) -> None:
    """The text is refused for this reason."""
    with pytest.raises(RdataTextError) as caught:
        rdataOf(row)
    assert str(caught.value) == row.second


@pytest.mark.parametrize("row", rows("invalid-wire"), ids=ids(rows("invalid-wire")))
def test_invalidWire(row: Row) -> None:
    """The octets are refused for this reason, and the error says where."""
    with pytest.raises(DNSDecodeError) as caught:
        validateRdata(typeNumber(row.type), bytes.fromhex(row.first))
    assert str(caught.value) == row.second
    assert caught.value.field == row.second.partition(":")[0]
    assert str(caught.value.field).partition(".")[0] == row.type


def test_allTypesHaveRows() -> None:
    """Each type that is registered has rows, and each of these that can go wrong has a row that does."""
    known = {kind.fancybasename for kind in Record.registry.values()}
    assert known == {row.type for row in DATA}
    refused = {row.type for row in rows("invalid-wire")} | {"SPF"}
    sameAsOthers = {row.type for row in DATA if issubclass(recordClass(typeNumber(row.type)), SimpleRecord)}
    sameAsOthers |= {"AVC", "NINFO", "RESINFO", "WALLET", "DLV", "TA", "RKEY", "SIG", "NULL"}
    assert known - refused - sameAsOthers == set()


def asDnspython(row: Row) -> Any:
    """Read the text of a row with dnspython."""
    return dns.rdata.from_text("IN", row.type, row.first, origin=dns.name.root, relativize=False)


KNOWN = [row for row in DATA if knownToDnspython(typeNumber(row.type))]


@pytest.mark.parametrize("row", KNOWN, ids=ids(KNOWN))
def test_dnspython(row: Row) -> None:
    """The library dnspython reads the same from the text, from the octets and from the text that we write."""
    number, rdata = typeNumber(row.type), bytes.fromhex(row.second)
    if row[:2] in DIFFERENT:
        with pytest.raises((dns.exception.DNSException, ValueError, AssertionError)):
            assert asDnspython(row).to_wire(origin=dns.name.root) == rdata
        return
    assert asDnspython(row).to_wire(origin=dns.name.root) == rdata
    theirs = dns.rdata.from_wire("IN", row.type, rdata, 0, len(rdata))
    assert theirs.to_wire() == rdata
    assert rdataFromText(number, tokenize(theirs.to_text().encode("ascii"))) == rdata
    written = Row(row.type, rdataToText(number, rdata), row.second)
    assert asDnspython(written).to_wire(origin=dns.name.root) == rdata
    record = recordClass(number).read(rdata, 0, len(rdata), {})
    assert record.canonicalRdata() == theirs.to_digestable(origin=dns.name.root)


def test_differencesAreStill() -> None:
    """Each row that dnspython reads otherwise is there."""
    assert set(DIFFERENT) <= {row[:2] for row in DATA}
