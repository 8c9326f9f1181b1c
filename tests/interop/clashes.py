"""Zones of a few random records that often may not stand together: CNAMEs beside data, data below DNAMEs."""

import random
from pathlib import Path

from .servers import ZoneSource

_OWNERS = (
    *("@", "a", "b", "a.a", "x.a", "ns1", "*", "*.a", "sub", "ns.sub", "w.sub", "a.b", "d", "e.d", "A"),
    *("ORIGIN.", "out.example.", "*.*.a", "sub.d"),
)
_TARGETS = (
    *("@", "a", "b", "a.a", "ns1", "ns.sub", "sub", "e.d", "d", "ns.example.", "x.y.example.", "*", "q"),
    "*.a",
)
#: Types as often as they are drawn, with their data; TARGET is a name.
_RECORDS = (
    *["A 192.0.2.1"] * 3,
    *("A 192.0.2.2", "A 192.0.2.3", "AAAA 2001:db8::1", "TXT t", "TXT T"),
    *["CNAME TARGET"] * 5,
    *["DNAME TARGET"] * 3,
    *["NS TARGET"] * 5,
    *("MX 10 TARGET", "MX 10 TARGET", "SRV 0 0 1 TARGET", "PTR TARGET"),
    *("SOA ns1 h 1 2 3 4 5", "NSEC a A", "TYPE65280 \\# 1 00", "NSEC3PARAM 1 0 0 -"),
    *("DS 1 8 1 " + "0" * 40, "KEY 512 3 8 AwEAAag=", "DNSKEY 256 3 8 AwEAAag="),
    "RRSIG A 8 3 3600 20300101000000 20200101000000 1 a. AAAA",
)


def writeClashes(folder: Path, count: int, start: int) -> list[ZoneSource]:
    """Write so many zones; the same ones for the same ``start``."""
    rng = random.Random(start)
    sources = []
    for number in range(count):
        lines = []
        if rng.random() < 0.97:
            lines.append("@ SOA ns1 h 1 2 3 4 5")
        chance = rng.random()
        if chance < 0.95:
            lines.append(f"@ NS {'ns.example.' if chance < 0.8 else rng.choice(_TARGETS)}")
        if rng.random() < 0.5:
            lines.append("ns1 A 192.0.2.1")
        for _ in range(rng.randrange(1, 6)):
            ttl = rng.choice(["", "", "", "", "60 ", "120 "])
            record = rng.choice(_RECORDS).replace("TARGET", rng.choice(_TARGETS))
            lines.append(f"{rng.choice(_OWNERS)} {ttl}{record}")
        if rng.random() < 0.1:
            rng.shuffle(lines)
        name = f"c{number:04}"
        text = "\n".join(["$TTL 3600", *lines, ""]).replace("ORIGIN.", f"{name}.test.")
        (folder / f"{name}.zone").write_text(text)
        sources.append(ZoneSource(f"{name}.test", folder / f"{name}.zone"))
    return sources
