"""Zones with one or two random mistakes in one record: most are refused, some mean something else."""

import random
import re
from pathlib import Path

from .servers import ZoneSource

FOLDER = Path(__file__).parent

_SOA = "@ SOA ns1 hostmaster 1 7200 3600 1209600 300"
_APEX = f"$TTL 3600\n{_SOA}\n@ NS ns1\nns1 A 192.0.2.1\n"
#: What is put into a line.
_PIECES: tuple[str, ...] = (
    *"()\";\\@$ .-_*+,:/=!\t0019aAzZ~\n'#&%",
    *("\\0", "\\300", "\0", "\xff", "\x7f", "65536", "256", "4294967296", "-1", "..", '""'),
    *(" IN ", " CH ", " 60 ", "TYPE1 ", "\\# 4 ", "\\# 0"),
)
_SOURCES = ("types", "ttl", "escapes")
_LONGEST = 2000


def plainLines() -> list[str]:
    """Lines with one whole record each, from the valid zones."""
    paths = [FOLDER / "zones" / f"{name}.zone" for name in _SOURCES]
    paths += [
        path
        for path in sorted((FOLDER / "valid").glob("*.zone"))
        if not path.stem.startswith(("generate-", "include-", "crlf"))
    ]
    found = set()
    for path in paths:
        for line in path.read_text("latin-1").split("\n"):
            first = line[:1]
            if first and first not in "$; \t(" and not line.startswith("ns1 A"):
                found.add(re.sub(r"(?<=\.)[a-z0-9-]+\.test\.", "ORIGIN.", line))
    return sorted(line for line in found if "(" not in line and " SOA " not in line)


def _mutated(line: str, rng: random.Random, lines: list[str]) -> str:
    """A line with one mistake."""
    kind, place = rng.randrange(8), rng.randrange(len(line) + 1)
    if kind == 0:
        return line[:place] + line[place + 1 :]
    if kind == 1:
        return line[:place] + rng.choice(_PIECES) + line[place:]
    if kind == 2:
        return line[:place] + rng.choice(_PIECES) + line[place + 1 :]
    if kind == 3:
        return line[:place] + line[place - 1 :]
    words = re.split(r"(\s+)", line)
    one, other = rng.randrange(len(words)), rng.randrange(len(words))
    if kind == 4:
        del words[one]
    elif kind == 5:
        words.insert(one, f" {words[one]} ")
    elif kind == 6:
        words[one], words[other] = words[other], words[one]
    else:
        words[one] = rng.choice(
            [
                " ".join(rng.choice(lines).split()[-2:]),
                rng.choice(_PIECES),
                "a" * rng.choice([63, 64, 255, 256]),
                str(rng.choice([0, 255, 256, 65535, 65536, 2**31, 2**32])),
                "",
            ]
        )
    return "".join(words)


def writeMutants(folder: Path, count: int, start: int) -> list[ZoneSource]:
    """Write so many zones; the same ones for the same ``start``."""
    rng = random.Random(start)
    lines = plainLines()
    sources = []
    for number in range(count):
        name = f"m{number:04}"
        isSOA = rng.random() < 0.08
        line = _SOA if isSOA else rng.choice(lines).replace("ORIGIN.", f"{name}.test.")
        for _ in range(rng.choice([1, 1, 1, 2])):
            line = _mutated(line, rng, lines)[:_LONGEST]
        text = _APEX.replace(_SOA, line) if isSOA else f"{_APEX}{line}\n"
        path = folder / f"{name}.zone"
        path.write_text(f"{text}last TXT end\n", "latin-1", newline="")
        sources.append(ZoneSource(f"{name}.test", path))
    return sources
