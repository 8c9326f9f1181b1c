"""Tests of L{txnames.zone.difference}."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from txnames.zone.difference import Difference, DifferenceError, applied, difference, isEmpty
from txnames.zone.edit import Add, edited
from txnames.zone.tree import Zone, rrsetAt

from .building import rdata, wire, zoneOf

OLD = """\
www 60 A 192.0.2.1
www 60 A 192.0.2.2
www 60 TXT "old"
gone 60 A 192.0.2.3
below.empty 60 A 192.0.2.4
same 60 MX 10 www
"""
NEW = """\
www 60 A 192.0.2.2
www 60 A 192.0.2.5
www 60 AAAA 2001:db8::1
New 60 A 192.0.2.3
same 60 MX 10 www
"""


def serial(zone: Zone, number: int) -> Zone:
    """The zone with another serial."""
    soa = rdata("SOA", f"ns1.example. hostmaster.example. {number} 7200 3600 1209600 300")
    return edited(zone, [Add(wire("example."), 6, 3600, soa)])


def contents(zone: Zone) -> set[tuple[bytes, bytes]]:
    """All that a zone holds, whatever the order."""
    found = set()
    for owner, packed in zone.rrsets():
        found |= {(owner, packed[:2] + packed[start:end]) for start, end in _bounds(packed)}
    return found


def _bounds(packed: bytes) -> list[tuple[int, int]]:
    """Where the records of an RRset begin and end."""
    found, start = [], 0
    while start < len(packed):
        end = start + 12 + int.from_bytes(packed[start + 10 : start + 12], "big")
        found.append((start, end))
        start = end
    return found


def test_thereAndBack() -> None:
    """A difference leads from the old version to the new one, and the other way round it leads back."""
    old, new = serial(zoneOf(OLD), 1), serial(zoneOf(NEW), 2)
    found = difference(old, new)
    assert (found.oldSerial, found.newSerial) == (1, 2)
    assert contents(applied(old, [found])) == contents(new)
    assert applied(old, [found]).nodes.keys() == new.nodes.keys()
    assert contents(applied(old, [found, difference(new, old)])) == contents(old)
    assert found.size > 200


def test_onlyWhatDiffers() -> None:
    """Records that stay are not in a difference; those whose TTL changes are, and those spelled otherwise."""
    old, new = zoneOf("www 60 A 192.0.2.1\nwww 60 A 192.0.2.2"), zoneOf("www 60 A 192.0.2.1\nwww 60 A 192.0.2.3")
    found = difference(old, new)
    assert [len(packed) for _, packed in found.removed + found.added] == [16, 16]
    found = difference(zoneOf("www 60 A 192.0.2.1\nwww 60 A 192.0.2.2"), zoneOf("www 60 A 192.0.2.1"))
    assert ([len(packed) for _, packed in found.removed], found.added) == ([16], ())
    found = difference(zoneOf("www 60 A 192.0.2.1"), zoneOf("www 61 A 192.0.2.1"))
    assert [len(packed) for _, packed in found.removed + found.added] == [16, 16]
    found = difference(zoneOf("www 60 NS a.example."), zoneOf("www 60 NS A.example."))
    assert len(found.removed + found.added) == 2


def test_nothing() -> None:
    """Between a version and itself there is no difference; a serial is one."""
    old = serial(zoneOf(OLD), 1)
    assert isEmpty(difference(old, serial(zoneOf(OLD), 1)))
    found = difference(old, serial(old, 2))
    assert not isEmpty(found)
    assert (found.removed, found.added) == ((), ())
    assert applied(old, [found]).serial == 2


def test_otherZone() -> None:
    """Zones of two names have no difference."""
    with pytest.raises(ValueError, match="not versions of one zone"):
        difference(zoneOf(OLD), zoneOf("", "example.org."))


def wrong() -> list[Difference]:
    """Differences that cannot be applied to the old version."""
    old, new = serial(zoneOf(OLD), 1), serial(zoneOf(NEW), 2)
    found = difference(old, new)
    soas = found.oldSOA, found.newSOA
    a = rrsetAt(old.nodes[wire("www.example.")], 1)
    assert a is not None
    there = (wire("www.example."), a)
    return [
        difference(serial(old, 5), new),
        Difference(*soas, removed=((wire("no.example."), a),)),
        Difference(
            *soas, removed=((wire("www.example."), difference(zoneOf(""), zoneOf("www 61 A 192.0.2.1")).added[0][1]),)
        ),
        Difference(*soas, added=(there,)),
        Difference(*soas, removed=(there, there)),
        Difference(*soas, added=((wire("www.elsewhere."), a),)),
    ]


@pytest.mark.parametrize("one", wrong())
def test_refused(one: Difference) -> None:
    """A difference from another version is refused, and so is one that takes out what is not there."""
    with pytest.raises(DifferenceError):
        applied(serial(zoneOf(OLD), 1), [one])


names = st.sampled_from(["a", "b", "a.b", "c.a.b", "d"])
records = st.lists(st.tuples(names, st.integers(1, 3), st.integers(0, 3)), max_size=12)


@given(records, records, records)
def test_anyVersions(
    first: list[tuple[str, int, int]], second: list[tuple[str, int, int]], third: list[tuple[str, int, int]]
) -> None:
    """Differences in a row lead from the first version to the last, whatever they hold."""
    zones = []
    for number, version in enumerate((first, second, third)):
        lines = dict.fromkeys(f"{name} {{}} A 192.0.2.{octet}" for name, _, octet in version)
        ttls = {name: ttl for name, ttl, _ in version}
        zones.append(serial(zoneOf("\n".join(line.format(ttls[line.split()[0]]) for line in lines)), number))
    found = [difference(zones[0], zones[1]), difference(zones[1], zones[2])]
    assert contents(applied(zones[0], found)) == contents(zones[2])
    assert applied(zones[0], found).nodes.keys() == zones[2].nodes.keys()
