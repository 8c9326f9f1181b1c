"""Tests of L{txnames.zone.outgoing} and L{txnames.zone.incoming}: what goes out comes in as it was."""

import gc
import struct
from collections.abc import Callable

import attrs
import dns.message
import dns.xfr
import dns.zone
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.strategies import mutated
from txnames.wire.message import Message
from txnames.wire.name import Name
from txnames.wire.numbers import AXFR, IXFR
from txnames.zone.difference import difference
from txnames.zone.incoming import TransferError, TransferReader
from txnames.zone.outgoing import axfrMessages, ixfrRecords, messages
from txnames.zone.rrset import packRecord
from txnames.zone.tree import Zone
from txnames.zone.view import recordsView

from .building import wire, zoneOf
from .test_difference import NEW, OLD, contents, serial

ORIGIN = Name("example")
FLAGS = 0x8400
MANY = """\
@ 3600 NS ns1.example.
@ 3600 NS ns.elsewhere.
@ 3600 MX 10 Mail.example.
@ 3600 TXT "text" "more"
Mixed.Case 60 A 192.0.2.1
mail 60 A 192.0.2.2
mail 60 AAAA 2001:db8::2
srv 60 SRV 1 2 3 mail.example.
a.b 60 CNAME mail.example.
x 60 DNAME b.example.
child 60 NS ns.child.example.
child 60 DS 1 8 250 00
b 60 NS cc\\001b.example.
ns.child 60 A 192.0.2.3
naptr 60 NAPTR 1 2 "u" "x" "" mail.example.
odd 60 TYPE65280 \\# 3 010203
"""


def question(type: int = AXFR, name: str = "example.") -> bytes:
    """The question for a transfer."""
    return wire(name) + struct.pack("!HH", type, 1)


def transferred(zone: Zone, limit: int = 0xFFFF, name: str = "example.") -> TransferReader:
    """Send a zone, and read it."""
    reader = TransferReader(ORIGIN)
    for octets in axfrMessages(zone, 7, FLAGS, question(name=name), limit=limit):
        assert len(octets) <= limit
        reader.feed(octets)
    return reader


@pytest.mark.parametrize("limit", [150, 200, 300, 0xFFFF])
@pytest.mark.parametrize("name", ["example.", "EXAMPLE."])
def test_fullTransfer(limit: int, name: str) -> None:
    """A zone arrives as it was, in however many messages, and however the question was spelled."""
    zone = zoneOf(MANY)
    reader = transferred(zone, limit, name)
    assert reader.complete
    assert not reader.incremental
    arrived = reader.zone()
    assert (arrived.nodes, arrived.spelling) == (zone.nodes, zone.spelling)
    assert reader.records == sum(len(records) for records in recordsView(zone).values()) + 1


@pytest.mark.parametrize("name", ["example.", "EXAMPLE."])
def test_dnspythonReadsIt(name: str) -> None:
    """The messages are the same zone for dnspython."""
    zone = zoneOf(MANY)
    copy = dns.zone.Zone("example.", relativize=False)
    with dns.xfr.Inbound(copy) as inbound:
        for octets in axfrMessages(zone, 7, FLAGS, question(name=name), limit=300):
            done = inbound.process_message(dns.message.from_wire(octets, xfr=True, one_rr_per_rrset=True))
    assert done
    assert sum(len(rdataset) for _, rdataset in copy.iterate_rdatasets()) == sum(
        len(records) for records in recordsView(zone).values()
    )


def test_smaller() -> None:
    """Compressed messages are much smaller than the zone's records."""
    zone = zoneOf(
        "\n".join(f"host{number} 60 A 192.0.2.1\nhost{number} 60 NS host{number}.example." for number in range(99))
    )
    plain = sum(len(octets) for octets in axfrMessages(zone, 7, FLAGS, question(name="EXAMPLE.")))
    short = sum(len(octets) for octets in axfrMessages(zone, 7, FLAGS, question()))
    assert short < plain * 0.8


def test_opt() -> None:
    """The first message has the OPT record, the others don't."""
    opt = b"\0\0\x29" + bytes(8)
    octets = list(axfrMessages(zoneOf(MANY), 7, FLAGS, question(), opt=opt, limit=200))
    assert octets[0].endswith(opt)
    assert [one[10:12] for one in octets] == [b"\0\1"] + [b"\0\0"] * (len(octets) - 1)


def test_tooLargeARecord() -> None:
    """A record that no message has room for is an error."""
    for lines in ("big 60 TYPE65280 \\# 100 " + "00" * 100, "a 60 A 192.0.2.1\nbig 60 TYPE65280 \\# 100 " + "00" * 100):
        with pytest.raises(ValueError, match="too large"):
            list(axfrMessages(zoneOf(lines), 7, FLAGS, question(), limit=120))


def test_firstRecordTooLarge() -> None:
    """So is an SOA record beside an OPT record in too small a message."""
    with pytest.raises(ValueError, match="too large"):
        list(axfrMessages(zoneOf(""), 7, FLAGS, question(), limit=60))


def versions() -> tuple[Zone, Zone, Zone]:
    """Three versions of a zone."""
    return serial(zoneOf(OLD), 1), serial(zoneOf(NEW), 2), serial(zoneOf(MANY), 3)


@pytest.mark.parametrize("limit", [100, 200, 0xFFFF])
def test_incrementalTransfer(limit: int) -> None:
    """Differences arrive, and make the new version of the old one."""
    first, second, third = versions()
    found = [difference(first, second), difference(second, third)]
    reader = TransferReader(ORIGIN, first)
    done = False
    for octets in messages(third, ixfrRecords(third, found), 7, FLAGS, question(IXFR), limit=limit):
        assert not done
        done = reader.feed(octets)
    assert done
    assert reader.incremental
    assert contents(reader.zone()) == contents(third)
    assert [(one.oldSerial, one.newSerial) for one in reader.differences] == [(1, 2), (2, 3)]


def test_repeatedRecords() -> None:
    """Records that are added where they are already change nothing, and are not passed on; not with another TTL.

    NSD 4.6 adds records again whose type has names or strings in its data.
    """
    first, second, third = versions()
    good = [difference(first, second), difference(second, third)]
    for lines, isGood in (("same 60 MX 10 www", True), ("same 61 MX 10 www", False)):
        ((owner, again),) = difference(zoneOf(""), zoneOf(lines)).added
        found = [attrs.evolve(good[0], added=(*good[0].added, (owner, again))), good[1]]
        reader = TransferReader(ORIGIN, first)
        for octets in messages(third, ixfrRecords(third, found), 7, FLAGS, question(IXFR)):
            reader.feed(octets)
        if isGood:
            assert contents(reader.zone()) == contents(third)
            assert reader.differences == (difference(first, third),)
        else:
            with pytest.raises(TransferError, match="is there with another TTL"):
                reader.zone()


def test_fullInsteadOfIncremental() -> None:
    """A server without differences sends the whole zone (RFC 1995 section 4)."""
    first, _, third = versions()
    reader = TransferReader(ORIGIN, first)
    for octets in axfrMessages(third, 7, FLAGS, question(IXFR), limit=200):
        done = reader.feed(octets)
    assert done
    assert not reader.incremental
    assert contents(reader.zone()) == contents(third)


def test_current() -> None:
    """A server whose version is at hand, or is older, says so by its SOA record alone."""
    first, second, _ = versions()
    for old, new in ((first, first), (second, first)):
        reader = TransferReader(ORIGIN, old)
        (octets,) = messages(new, ixfrRecords(new, []), 7, FLAGS, question(IXFR))
        assert reader.feed(octets)
        assert reader.current
        assert reader.zone() is old


def test_datagram() -> None:
    """Differences that don't fit into a datagram have to be asked for over TCP."""
    first, second, _ = versions()
    reader = TransferReader(ORIGIN, first)
    (octets,) = messages(second, ixfrRecords(second, []), 7, FLAGS, question(IXFR))
    assert reader.feed(octets, datagram=True)
    assert reader.needsStream
    with pytest.raises(TransferError, match="not complete"):
        reader.zone()
    reader = TransferReader(ORIGIN, first)
    (octets,) = messages(second, ixfrRecords(second, [difference(first, second)]), 7, FLAGS, question(IXFR))
    assert reader.feed(octets, datagram=True)
    assert contents(reader.zone()) == contents(second)


def test_withoutCollector() -> None:
    """A program that runs without the garbage collector goes on without it."""
    gc.disable()
    try:
        transferred(zoneOf(MANY))
        assert not gc.isenabled()
    finally:
        gc.enable()


def test_onlyTheSOARecord() -> None:
    """A zone may consist of its SOA record."""
    zone = zoneOf("")
    assert transferred(zone).zone().nodes == zone.nodes
    reader = TransferReader(ORIGIN, serial(zone, 1))
    (octets,) = axfrMessages(serial(zone, 2), 7, FLAGS, question(IXFR))
    assert reader.feed(octets)
    assert not reader.incremental
    assert reader.zone().serial == 2


def test_duplicates() -> None:
    """A record that comes twice is there once."""
    zone = zoneOf(OLD)
    records = [(owner, packed * 2 if packed[3] == 1 else packed) for owner, packed in zone.rrsets()]
    reader = TransferReader(ORIGIN)
    for octets in messages(zone, [*records, records[0]], 7, FLAGS, question()):
        reader.feed(octets)
    assert reader.zone().nodes == zone.nodes


def sent(change: Callable[[list[tuple[bytes, bytes]]], object], flags: int = FLAGS) -> list[bytes]:
    """The messages of a transfer whose records were changed."""
    zone = zoneOf(OLD)
    records = [*zone.rrsets(), (zone.apex, zone.soa)]
    change(records)
    # A question in capitals keeps names from being compressed, and so from being looked at.
    return list(messages(zone, records, 7, flags, question(name="EXAMPLE.")))


def feedAll(reader: TransferReader, octets: list[bytes]) -> None:
    """Have all messages read."""
    for one in octets:
        reader.feed(one)


A = bytes.fromhex("c00c 0001 0001 0000003c 0004 c0000201")


def withData(type: int, data: bytes) -> bytes:
    """A packed record."""
    return packRecord(type, 1, 60, data)


@pytest.mark.parametrize(
    ("octets", "reason"),
    [
        (sent(lambda records: None, FLAGS | 5), "REFUSED"),
        (sent(lambda records: None, 0), "no response"),
        (sent(lambda records: None, FLAGS | 0x0200), "truncated"),
        (sent(lambda records: records.pop(0)), "first record"),
        (sent(lambda records: records.append(records[1])), "after the end"),
        (sent(lambda records: records.insert(1, (wire("www.elsewhere."), A))), "outside of the zone"),
        (sent(lambda records: records.insert(1, (wire("www.example."), A[:2] + b"\0\xfa" + A[4:]))), "type TSIG"),
        (sent(lambda records: records.insert(1, (wire("www.example."), A[:4] + b"\0\3" + A[6:]))), "class 3"),
        (sent(lambda records: records.insert(1, (wire("sub.example."), records[0][1]))), "SOA record of sub.example"),
        (sent(lambda records: records.insert(1, (records[0][0], serial(zoneOf(""), 5).soa))), "another than"),
        (sent(lambda records: records.insert(1, (wire("a.example."), A[:3] + b"\x0f" + A[4:]))), "malformed"),
        (sent(lambda records: records.insert(1, (wire("a.example."), A[:3] + b"\x2b" + A[4:]))), "malformed"),
        (sent(lambda records: records.insert(1, (wire("a.example."), A[:3] + b"\x1c" + A[4:]))), "malformed"),
        (sent(lambda records: records.insert(1, (wire("a.example."), A[:3] + b"\x10" + A[4:]))), "malformed"),
        (sent(lambda records: records.insert(1, (wire("a.example."), A[:3] + b"\x02" + A[4:]))), "malformed"),
        (sent(lambda records: records.insert(1, (wire("a.example."), A[:3] + b"\x21" + A[4:]))), "malformed"),
        (sent(lambda records: records.insert(1, (wire("a.example."), withData(2, wire("b.") + b"\0")))), "malformed"),
        (sent(lambda records: records.insert(1, (wire("a.example."), withData(15, b"\0\1" + wire("b.") * 2)))), "malf"),
        (sent(lambda records: records.insert(1, (wire("a.example."), withData(16, b"\2xx\2x")))), "malformed"),
        ([sent(lambda records: None)[0][:-5]], "malformed"),
        ([sent(lambda records: None)[0][:-30]], "malformed"),
        ([b"\0\7\x84"], "malformed"),
        (sent(lambda records: None) * 2, "more messages"),
    ],
)
def test_broken(octets: list[bytes], reason: str) -> None:
    """A broken transfer is refused, with the reason."""
    with pytest.raises(TransferError, match=reason):
        feedAll(TransferReader(ORIGIN), octets)


def test_refusalKeepsTheCode() -> None:
    """The response code of a refusal is to be had."""
    with pytest.raises(TransferError) as caught:
        TransferReader(ORIGIN).feed(sent(lambda records: None, FLAGS | 9)[0])
    assert caught.value.rcode == 9


def test_otherQuestion() -> None:
    """A response to another question is refused."""
    message = Message(7, answer=True)
    message.addQuery("example", 6)
    with pytest.raises(TransferError, match="another question"):
        TransferReader(ORIGIN).feed(message.toStr())


def test_notFromHere() -> None:
    """Differences from a version that is not at hand are refused."""
    first, second, third = versions()
    reader = TransferReader(ORIGIN, first)
    for octets in messages(third, ixfrRecords(third, [difference(second, third)]), 7, FLAGS, question(IXFR)):
        reader.feed(octets)
    with pytest.raises(TransferError, match="serial"):
        reader.zone()


def test_neverEnding() -> None:
    """A transfer has bounds, in records and in octets, and one in a datagram ends there."""
    octets = list(axfrMessages(zoneOf(MANY), 7, FLAGS, question(), limit=200))
    for reader in (TransferReader(ORIGIN, maximumRecords=5), TransferReader(ORIGIN, maximumOctets=500)):
        with pytest.raises(TransferError, match="more than"):
            feedAll(reader, octets)
    with pytest.raises(TransferError, match="does not end"):
        TransferReader(ORIGIN).feed(octets[0], datagram=True)
    with pytest.raises(TransferError, match="not complete"):
        TransferReader(ORIGIN).zone()


@given(st.data())
def test_mutated(data: st.DataObject) -> None:
    """Whatever becomes of the messages, there is one error only, or a zone."""
    first, second, _ = versions()
    octets = b"".join(messages(second, ixfrRecords(second, [difference(first, second)]), 7, FLAGS, question(IXFR)))
    reader = TransferReader(ORIGIN, first)
    try:
        reader.feed(data.draw(mutated(octets)))
        if reader.complete:
            reader.zone()
    except TransferError:
        pass
