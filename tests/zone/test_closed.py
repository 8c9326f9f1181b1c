"""Tests of L{txnames.zone.closed}."""

import pytest

from txnames.wire.name import Name
from txnames.zone.closed import EXPIRED, ClosedZone, ZoneClosedError
from txnames.zone.lookup import ZoneTable, answerAcross


def test_closed() -> None:
    """Whoever looks into a closed zone is told why there is nothing; for names outside it says nothing."""
    zone = ClosedZone(Name("Example"), "too old", EXPIRED)
    table = ZoneTable([zone])
    assert table.find(Name("www.example").folded, 1) is zone
    for look in (
        lambda: answerAcross(table, Name("www.example").wire, 1, 1),
        lambda: zone.nodes,
        zone.rrsets,
    ):
        with pytest.raises(ZoneClosedError, match="Example: too old") as caught:
            look()
        assert [one.info for one in caught.value.errors] == [24]
    assert answerAcross(table, Name("www.elsewhere").wire, 1, 1) is None
