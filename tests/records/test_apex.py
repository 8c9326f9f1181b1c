"""Tests of the records of a zone's apex."""

import pytest

from txnames.records import Record_SOA


def test_soa() -> None:
    """Times may be spans; the fields are in their order."""
    record = Record_SOA("mName", "rName", serial=123, refresh="2H", retry="30M", expire="1W", minimum="1H30M", ttl="1D")
    assert (record.refresh, record.retry, record.expire, record.minimum, record.ttl) == (
        7200,
        1800,
        604800,
        5400,
        86400,
    )
    assert repr(record) == (
        "<SOA mname=mName rname=rName serial=123 refresh=7200 retry=1800 expire=604800 minimum=5400 ttl=86400>"
    )
    assert record == Record_SOA("mname", "rname", 123, 7200, 1800, 604800, 5400, 86400)
    with pytest.raises(ValueError, match=r"SOA\.serial"):
        Record_SOA(serial=1 << 32)
