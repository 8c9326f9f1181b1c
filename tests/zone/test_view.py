"""A zone's records, as twisted.names shows them."""

import pytest

from txnames.zone.view import recordsView

from .building import zoneOf

ZONE = zoneOf("@ 60 NS ns1\nNs1.deep 60 A 192.0.2.1\nNs1.deep 60 A 192.0.2.2\nns1.deep 60 TXT x")


def test_mapping() -> None:
    """Names are dotted octets in lower case; empty non-terminals have no records."""
    view = recordsView(ZONE)
    assert list(view) == [b"example", b"ns1.deep.example"]
    assert len(view) == 2
    assert b"deep.example" not in view
    assert [record.TYPE for record in view[b"example"]] == [2, 6]
    assert [record.TYPE for record in view[b"ns1.deep.example"]] == [1, 1, 16]
    assert dict(view) == {name: view[name] for name in view}
    assert view == recordsView(ZONE)


@pytest.mark.parametrize("name", [b"other", b"deep.example", b"bad..name"])
def test_absent(name: bytes) -> None:
    """A name without records is no key."""
    view = recordsView(ZONE)
    assert view.get(name) is None
    with pytest.raises(KeyError):
        view[name]
