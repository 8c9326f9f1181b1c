"""The writer's text is read as the same zone."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from txnames.zone.builder import ZoneBuilder
from txnames.zone.master import readZone
from txnames.zone.tree import Zone
from txnames.zone.writer import writeZone

from .reading import HEAD, load

TEXT = [
    ("a TXT x", 'a.example. 3600 IN TXT "x"'),
    ("A.b 60 MX 1 B", "A.b.example. 60 IN MX 1 B.example."),
    ("\\000.\\255\\.\\@ A 192.0.2.2", "\\000.\\255\\.\\064.example. 3600 IN A 192.0.2.2"),
    ("a!b\\\\!.c CNAME d", "a\\033b\\092\\033.c.example. 3600 IN CNAME d.example."),
    ("_a.*.b-c/d CNAME a!", "_a.*.b-c/d.example. 3600 IN TYPE5 \\# 12 02612107 6578616D706C6500".replace("07 ", "07")),
    ('a TXT "\\000\\"\\;\\\\" ""', 'a.example. 3600 IN TXT "\\000\\";\\\\" ""'),
    ("a TYPE65280 \\# 2 0a0b", "a.example. 3600 IN TYPE65280 \\# 2 0A0B"),
    ("a TYPE65280 \\# 0", "a.example. 3600 IN TYPE65280 \\# 0"),
    ("a MB x", "a.example. 3600 IN TYPE7 \\# 11 0178076578616D706C6500"),
    ("a HTTPS 1 . alpn=h2", 'a.example. 3600 IN HTTPS 1 . alpn="h2"'),
    ("a HTTPS 1 . dohpath=/q{?dns}", "a.example. 3600 IN TYPE65 \\# 15 0001000007000"),
    ("a SVCB 0 b!", "a.example. 3600 IN TYPE64 \\# 14 000002622107"),
]


@pytest.mark.parametrize(("text", "expected"), TEXT)
def test_lines(text: str, expected: str) -> None:
    """Names are absolute and escaped; what not all servers know has the form of RFC 3597."""
    zone, _ = load(text)
    first, second, *rest = "".join(writeZone(zone)).splitlines()
    assert first == "example. 3600 IN SOA ns.example. hm.example. 1 2 3 4 5"
    assert second == "example. 3600 IN NS ns.example."
    (line,) = [line for line in rest if not line.startswith("ns.example.")]
    assert line.startswith(expected)


def same(zone: Zone) -> bool:
    """Whether a zone is the same after it was written and read."""
    other, _ = readZone("".join(writeZone(zone)).encode("ascii"), zone.origin, cls=zone.cls)
    return (
        zone.nodes == other.nodes
        and zone.spelling == other.spelling
        and zone.origin.wire == other.origin.wire
        and zone.cls == other.cls
    )


def test_roundTrip() -> None:
    """Empty non-terminals, spelling, TTLs and order survive."""
    text = "\n".join(text for text, _ in TEXT if not text.startswith(("a!", "_a"))).replace("a MB x", "b MB x")
    zone, _ = load(text + "\nx.Y.z NS ns\nx.y.z NS a\nB.A TXT y\nb.a TXT x")
    assert same(zone)
    assert same(readZone(b"$TTL 60\n@ CH SOA ns hm 1 2 3 4 5\n@ NS ns.x.\na TXT b\n", "Example", cls=3)[0])


labels = st.binary(min_size=1, max_size=63)


@given(
    st.lists(
        st.tuples(st.lists(labels, max_size=2), labels, st.lists(st.binary(max_size=255), min_size=1, max_size=3))
    ),
    st.integers(0, 0x7FFFFFFF),
)
def test_everyOctet(found: list[tuple[list[bytes], bytes, list[bytes]]], ttl: int) -> None:
    """Names and strings may have any octets."""
    builder = ZoneBuilder(b"\7example\0", None, 1)
    for owner, packed in readZone(HEAD.encode(), "example")[0].rrsets():
        builder.addRRset(owner, packed)
    for owners, target, strings in found:
        owner = b"".join(bytes((len(label),)) + label for label in owners) + b"\1x\7example\0"
        name = bytes((len(target),)) + target + b"\0"
        builder.add(owner, 16, 1, ttl, b"".join(bytes((len(string),)) + string for string in strings))
        builder.add(owner, 33, 1, ttl, b"\0\1\0\2\0\3" + name)
        builder.add(owner, 65280, 1, ttl, strings[0])
    assert same(builder.build())
