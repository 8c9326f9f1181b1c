"""Records of every type, drawn from its fields, survive each way out and in."""

import copy
from io import BytesIO
from typing import Any

import dns.exception
import dns.name
import dns.rdata
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.examples import FEW, MANY
from tests.records.vectors import knownToDnspython
from tests.strategies import anyRecord, names, recordOf
from txnames.wire.name import ROOT, Name
from txnames.wire.record import Record, UnknownRecord, rdataFromText, rdataToText, validateRdata
from txnames.wire.text import tokenize

KINDS = [pytest.param(kind, id=kind.fancybasename) for _, kind in sorted(Record.registry.items())]


@pytest.mark.parametrize("kind", KINDS)
@settings(max_examples=FEW)
@given(data=st.data())
def test_wire(kind: type[Record], data: st.DataObject) -> None:
    """Octets give the value that they were made of, and so does what a stream holds."""
    record = data.draw(recordOf(kind))
    rdata = record.rdata
    assert kind.read(rdata, 0, len(rdata), {}, record.ttl) == record  # type: ignore[attr-defined]  # reason: all have it
    assert kind.readPart(b"ab" + rdata, 2, 2 + len(rdata), {})[1] == 2 + len(rdata)
    stream = BytesIO()
    record.encode(stream)
    assert stream.getvalue() == rdata
    stream.seek(0)
    made = kind(ttl=record.ttl)  # type: ignore[attr-defined]  # reason: all have it
    made.decode(stream, len(rdata))
    assert made == record
    assert stream.tell() == len(rdata)
    assert validateRdata(kind.TYPE, rdata).rdata == rdata


@pytest.mark.parametrize("kind", KINDS)
@settings(max_examples=FEW)
@given(data=st.data())
def test_text(kind: type[Record], data: st.DataObject) -> None:
    """Text gives the octets of the value that it was made of, in the type's form and in the generic one."""
    record = data.draw(recordOf(kind))
    for text in (record.toText(), record.genericText()):
        assert rdataFromText(kind.TYPE, tokenize(text.encode("ascii")), b"\7foreign\0") == record.rdata
    assert rdataToText(kind.TYPE, record.rdata) == record.toText()


@pytest.mark.parametrize("kind", KINDS)
@settings(max_examples=FEW)
@given(data=st.data())
def test_value(kind: type[Record], data: st.DataObject) -> None:
    """Values compare, hash and print."""
    record = data.draw(recordOf(kind))
    twin = copy.copy(record)
    assert twin == record
    assert hash(twin) == hash(record)
    assert record != object()
    assert repr(record).startswith(f"<{kind.fancybasename}")
    assert repr(twin) == repr(record)
    twin.ttl = 4711  # type: ignore[attr-defined]  # reason: all have it
    assert (twin == record) is (record.ttl == 4711)  # type: ignore[attr-defined]  # reason: all have it


@pytest.mark.parametrize("kind", KINDS)
@settings(max_examples=FEW)
@given(data=st.data())
def test_canonical(kind: type[Record], data: st.DataObject) -> None:
    """The canonical form is a form of the same data, differs in case at most, and stays when it is made again."""
    record = data.draw(recordOf(kind))
    canonical = record.canonicalRdata()
    assert canonical.lower() == record.rdata.lower()
    assert kind.read(canonical, 0, len(canonical), {}).canonicalRdata() == canonical


# RFC 4034 section 6.2, without HINFO, which has no names, and NSEC, as RFC 6840 section 5.1 says.
LOWER = " NS MD MF CNAME SOA MB MG MR PTR MINFO MX RP AFSDB RT SIG PX NXT NAPTR KX SRV DNAME A6 RRSIG "
# RFC 1035 (RFC 3597 section 4).
COMPRESSED = " NS MD MF CNAME SOA MB MG MR PTR MINFO MX "


@pytest.mark.parametrize("kind", KINDS)
@settings(max_examples=FEW)
@given(data=st.data())
def test_case(kind: type[Record], data: st.DataObject) -> None:
    """The names of some types become lower case in the canonical form, and those of no other."""
    record = data.draw(recordOf(kind))
    inNames = [getattr(record, field.name) for field in kind.fields]
    upper = sum(len([octet for octet in name.wire if 65 <= octet <= 90]) for name in inNames if isinstance(name, Name))
    changed = sum(first != second for first, second in zip(record.rdata, record.canonicalRdata(), strict=True))
    assert changed == (upper if f" {kind.fancybasename} " in LOWER else 0)


@pytest.mark.parametrize("kind", KINDS)
@settings(max_examples=FEW)
@given(data=st.data())
def test_compression(kind: type[Record], data: st.DataObject) -> None:
    """Only the oldest types use pointers; all come back."""
    record = data.draw(recordOf(kind))
    out = bytearray(12)
    compress: dict[bytes, bytes] = {}
    record.write(out, compress)
    start = len(out)
    record.write(out, compress)
    second = out[start:]
    if f" {kind.fancybasename} " not in COMPRESSED:
        assert second == record.rdata
        assert compress == {}
    else:
        assert len(second) <= len(record.rdata)
    names: dict[int, Name] = {}
    first = kind.read(bytes(out), 12, start, names)
    assert kind.read(bytes(out), start, len(out), names) == first
    assert first.rdata == record.rdata


def canonicalOfDnspython(record: Record) -> bytes | None:
    """Make dnspython's canonical form, where it has the type and keeps the data."""
    number: Any = record.TYPE
    if not knownToDnspython(number):
        return None
    rdata = record.rdata
    try:
        theirs = dns.rdata.from_wire("IN", number, rdata, 0, len(rdata))
    except dns.exception.DNSException:
        return None
    return theirs.to_digestable(origin=dns.name.root) if theirs.to_wire() == rdata else None


@settings(max_examples=MANY)
@given(anyRecord())
def test_canonicalOfDnspython(record: Record) -> None:
    """The library dnspython has the same canonical form."""
    theirs = canonicalOfDnspython(record)
    if theirs is not None:
        assert record.canonicalRdata() == theirs


@given(data=st.binary(max_size=300), ttl=st.none() | st.integers(0, 1000))
def test_unknown(data: bytes, ttl: int | None) -> None:
    """Data of an unknown type survives each way."""
    record = UnknownRecord(data, ttl)
    assert record.rdata == data
    assert UnknownRecord.read(data, 0, len(data), {}, ttl) == record
    assert rdataFromText(65280, tokenize(rdataToText(65280, data).encode("ascii"))) == data
    assert rdataFromText(65280, tokenize(record.toText().encode("ascii")), ROOT) == record.canonicalRdata() == data


@given(names)
def test_names(name: Name) -> None:
    """A name survives its text."""
    assert Name(name.name) == name
    assert Name(name.name).wire == name.wire
