"""Tests of the records of mail."""

from txnames.records import Record_MINFO, Record_MX, Record_PX, Record_RP
from txnames.wire.name import Name


def test_mx() -> None:
    """The exchange goes by two names."""
    record = Record_MX(13, "mx.example.com", 2)
    assert record == Record_MX(preference=13, exchange="mx.example.com", ttl=2)
    assert record.name == Name("mx.example.com")
    assert repr(record) == "<MX preference=13 name=mx.example.com ttl=2>"


def test_others() -> None:
    """Records show their fields, some under other names."""
    minfo = Record_MINFO("alice.example.com", "bob.example.com", 15)
    assert repr(minfo) == "<MINFO responsibility=alice.example.com errors=bob.example.com ttl=15>"
    assert (minfo.rmailbx, minfo.emailbx) == (Name("alice.example.com"), Name("bob.example.com"))
    assert repr(Record_RP("a.b", "c.d", 3)) == "<RP mbox=a.b txt=c.d ttl=3>"
    assert repr(Record_PX(1, "a", "b")) == "<PX preference=1 map822=a mapx400=b ttl=None>"
