"""Random and mutated octets raise nothing but the documented error, and what is read is written as it was."""

import contextlib
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.examples import MANY
from tests.strategies import anyRecord, mutated
from txnames.error import DNSDecodeError, RdataTextError
from txnames.wire.record import Record, rdataFromText, rdataToText, validateRdata
from txnames.wire.text import Token, Tokens, tokenize

types = st.sampled_from(sorted(Record.registry))


def holds(number: int, octets: bytes) -> None:
    """Read octets as a type; if they are of the type, octets and text come back."""
    try:
        record = validateRdata(number, octets)
    except DNSDecodeError:
        return
    assert record.rdata == octets
    text = record.toText()
    assert rdataFromText(number, tokenize(text.encode("ascii"))) == octets
    assert rdataToText(number, octets) == text
    assert hash(record) == hash(type(record).read(octets, 0, len(octets), {}))
    repr(record)


@settings(max_examples=MANY)
@given(types, st.binary(max_size=200))
def test_random(number: int, octets: bytes) -> None:
    """Any octets as any type."""
    holds(number, octets)


@settings(max_examples=MANY)
@given(data=st.data(), original=anyRecord())
def test_mutated(data: st.DataObject, original: Record) -> None:
    """Octets that are nearly a type's."""
    holds(original.TYPE, data.draw(mutated(original.rdata)))


@settings(max_examples=MANY)
@given(data=st.data(), first=anyRecord(), second=types)
def test_exchanged(data: st.DataObject, first: Record, second: int) -> None:
    """Octets of another type."""
    holds(second, first.rdata)


@settings(max_examples=MANY)
@given(data=st.data(), original=anyRecord())
def test_inMessage(data: st.DataObject, original: Record) -> None:
    """Octets in the midst of others, to which pointers lead."""
    before, after = data.draw(st.binary(max_size=40)), data.draw(st.binary(max_size=5))
    octets = data.draw(mutated(original.rdata))
    wire = before + octets + after
    with contextlib.suppress(DNSDecodeError):
        type(original).read(wire, len(before), len(before) + len(octets), {}).write(bytearray(), {})


def words(text: str) -> list[Any]:
    """Cut text as written into words."""
    return list(tokenize(text.encode("ascii")).items)


@settings(max_examples=MANY)
@given(data=st.data(), original=anyRecord())
def test_text(data: st.DataObject, original: Record) -> None:
    """Words of text that are nearly a type's raise the error of text, or give data of the type."""
    tokens = words(original.toText())
    for _ in range(data.draw(st.integers(1, 3))):
        at = data.draw(st.integers(0, len(tokens)))
        other = data.draw(st.sampled_from([b"", b".", b"@", b"0", b"256", b"65536", b"-1", b"\\", b"a\\999", b"\xff"]))
        change = data.draw(st.sampled_from(["replace", "insert", "delete"]))
        if change != "insert":
            del tokens[at : at + 1]
        if change != "delete":
            tokens.insert(at, Token(data.draw(st.just(other) | st.binary(max_size=5)), data.draw(st.booleans())))
    try:
        octets = rdataFromText(original.TYPE, Tokens(tokens), b"\7example\0")
    except RdataTextError:
        return
    assert validateRdata(original.TYPE, octets).rdata == octets
