"""A record type of one's own: its fields, and what follows from them."""

from txnames.wire.fields import TTL, DomainName, UInt16
from txnames.wire.record import Record


class Record_SENSOR(Record, type=65280, mnemonic="SENSOR"):
    """A measurement and the host that made it."""

    reading: UInt16 = UInt16()
    host: DomainName = DomainName(default=b"")
    ttl: TTL = TTL(default=None)


record = Record_SENSOR(215, "hall.example.org", ttl=60)
print(record)
print(record.toText())
print(record.rdata.hex())
