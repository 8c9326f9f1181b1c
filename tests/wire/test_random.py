"""Random and mutated messages raise nothing but the documented error."""

from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.examples import MANY
from tests.strategies import anyRecord, mutated, names
from txnames.error import DNSDecodeError
from txnames.wire.edns import EDNSMessage
from txnames.wire.header import Query, RRHeader
from txnames.wire.message import Message
from txnames.wire.name import Name
from txnames.wire.record import Record

NO_LIMIT = 0xFFFF


@st.composite
def messages(draw: st.DrawFn) -> Message:
    """Draw a message with records of any type, under few names, so that there is something to compress."""
    owners = draw(st.lists(names, min_size=1, max_size=3))
    owner = st.sampled_from(owners)
    message = Message(
        id=draw(st.integers(0, 0xFFFF)),
        answer=draw(st.integers(0, 1)),
        opCode=draw(st.integers(0, 15)),
        recDes=draw(st.integers(0, 1)),
        auth=draw(st.booleans()),
        rCode=draw(st.integers(0, 15)),
        maxSize=NO_LIMIT,
    )
    message.queries = [
        Query(one, draw(st.integers(0, 0xFFFF)), draw(st.integers(0, 0xFFFF)))
        for one in draw(st.lists(owner, max_size=2))
    ]
    sections: list[list[Any]] = [message.answers, message.authority, message.additional]
    for section in sections:
        section += [
            headerOf(draw(owner), record, bool(message.auth)) for record in draw(st.lists(anyRecord(), max_size=2))
        ]
    return message


def headerOf(owner: Name, record: Any, auth: bool) -> RRHeader:
    """Put a record under a name, with one TTL in both places."""
    record.ttl = record.ttl or 0
    return RRHeader(owner, record.TYPE, ttl=record.ttl, payload=record, auth=auth)


@settings(max_examples=MANY)
@given(messages())
def test_roundTrip(message: Message) -> None:
    """A message comes back from its octets."""
    wire = message.toStr()
    read = Message()
    read.fromStr(wire)
    read.maxSize = NO_LIMIT
    assert read == message
    assert read.toStr() == wire


def read(octets: bytes) -> None:
    """Read octets as a message; a message that is read can be written and read again."""
    try:
        message = Message(maxSize=NO_LIMIT)
        message.fromStr(octets)
    except DNSDecodeError:
        return
    again = Message(maxSize=NO_LIMIT)
    message.maxSize = NO_LIMIT
    again.fromStr(message.toStr())
    again.maxSize = NO_LIMIT
    assert again == message
    repr(message)


def readWithEDNS(octets: bytes) -> None:
    """Read octets as a message with EDNS."""
    try:
        message = EDNSMessage()
        message.fromStr(octets)
    except DNSDecodeError:
        return
    repr(message)


@settings(max_examples=MANY)
@given(st.binary(max_size=100))
def test_random(octets: bytes) -> None:
    """Any octets as a message."""
    read(octets)
    readWithEDNS(octets)


@settings(max_examples=MANY)
@given(st.binary(min_size=4, max_size=4), st.lists(st.integers(0, 2), min_size=4, max_size=4), st.binary(max_size=100))
def test_randomBody(start: bytes, counts: list[int], octets: bytes) -> None:
    """Any octets after a header that announces few records."""
    wire = start + b"".join(count.to_bytes(2, "big") for count in counts) + octets
    read(wire)
    readWithEDNS(wire)


@settings(max_examples=MANY)
@given(data=st.data(), message=messages())
def test_mutated(data: st.DataObject, message: Message) -> None:
    """Octets that are nearly a message."""
    wire = data.draw(mutated(message.toStr()))
    read(wire)
    readWithEDNS(wire)


def test_registry() -> None:
    """The strategies know the record types."""
    assert len(Record.registry) > 75
