"""Texts in memory are sources, too."""

from txnames.zone.source import Source


def test_fromBytes() -> None:
    """Octets come in chunks, as often as they are asked for."""
    source = Source.fromBytes(b"a" * 150_000, "name")
    assert [len(chunk) for chunk in source.chunks()] == [65536, 65536, 18928]
    assert b"".join(source.chunks()) == b"a" * 150_000
    assert (source.name, source.identity) == ("name", "name")
