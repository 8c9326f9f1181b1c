"""The zones that at least one of BIND, NSD and Knot DNS may refuse, and what each does with them.

``invalid/*.zone`` are whole files, ``invalid/rdata.txt`` holds records with bad rdata, one per row.
``invalid/verdicts.toml`` says for each what the three do and what txnames must do; it is written by
``python -m tests.interop.refusals`` from what the daemons do now.
"""

import re
import shutil
import sys
import tempfile
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from .asker import Transport, ask, question
from .corpus import wireName
from .replies import readReply
from .servers import DAEMONS, Server, ServerCrashed, ZoneSource, named

FOLDER = Path(__file__).parent / "invalid"
VERDICTS = FOLDER / "verdicts.toml"

#: Zones that end a whole daemon; it counts as a refusal, and the daemon isn't given the zone.
FATAL = {"nsd": {"directive-include-dir"}, "knot": {"directive-include-cycle"}}

#: Zones that not all refuse, which txnames may refuse all the same: the text can't be read in one
#: way only, a value doesn't fit its field, or the issue calls the zone invalid.
FREE = re.compile(
    r"(two-soa|soa-twice|soa-also|cut-soa|wildcard-soa|soa-refresh-big|soa-serial-big|soa-rname-at"
    r"|escape-|name-(at|control|nul|nonascii|quoted|escape)|quote-|paren-|first-owner|leading-blank"
    r"|ttl-(big-33|big-99|unit)|directive-ttl-big|type-|cr-only|vertical-tab|directive-origin-rel"
    r"|rrset-65536|class-number-in|wildcard-ns)"
)

_TRIES = 4
"""How often a daemon that crashes is started again."""

_APEX = "$TTL 3600\n@ SOA ns1 hostmaster 1 7200 3600 1209600 300\n@ NS ns1\nns1 A 192.0.2.1\n"
_NOISE = re.compile(
    r"read with success|zone file parsed|\] loaded|loaded serial|failed: |not loaded due"
    r"|will be loaded|failed to parse zone file|event 'load' failed|failed to load zone"
)


@dataclass(frozen=True)
class Verdict:
    """What the three do with a zone ("refused", "warned", "loads") and what txnames must do.

    ``policy`` is "error" (all three refuse), "load" (at least one loads it: a warning, an error with
    ``strict=True``) or "free".
    """

    bind: str
    nsd: str
    knot: str
    policy: str
    reason: str


def writeZones(folder: Path) -> list[ZoneSource]:
    """Copy the zone files and write the rows of rdata.txt as zones; the origins are NAME.test."""
    for path in FOLDER.iterdir():
        if path.suffix in {".zone", ".inc"}:
            shutil.copy(path, folder)
    for row in (FOLDER / "rdata.txt").read_text().splitlines():
        if not row.startswith("#"):
            name, record = row.split(" ", 1)
            (folder / f"{name}.zone").write_text(f"{_APEX}x {record}\n")
    return [ZoneSource(f"{path.stem}.test", path) for path in sorted(folder.glob("*.zone"))]


def verdicts() -> dict[str, Verdict]:
    """The table."""
    with VERDICTS.open("rb") as file:
        return {name: Verdict(**row) for name, row in tomllib.load(file).items()}


def served(server: Server, zones: Sequence[ZoneSource]) -> dict[str, bool]:
    """Which of the zones (by file stem) a running server answers for."""
    queries = [question(wireName(z.origin), 6, 1, Transport.TCP) for z in zones]
    found = {}
    for zone, wire in zip(zones, ask(server.port, Transport.TCP, queries), strict=True):
        reply = None if wire is None else readReply(wire)
        found[zone.path.stem] = reply is not None and reply.rcode == 0 and bool(reply.answer)
    return found


def judge(name: str, folder: Path, zones: Sequence[ZoneSource]) -> dict[str, tuple[str, str]]:
    """What one daemon does with each zone, and the first words that it says about it."""
    given = [zone for zone in zones if zone.path.stem not in FATAL.get(name, ())]
    for again in range(_TRIES, -1, -1):
        try:
            found, log = _judged(name, folder, given)
        except ServerCrashed:
            # knotd's heap breaks now and then over this many bad zones: that is its verdict on none of them.
            if not again:
                raise
        else:
            break
    result = {}
    for zone in zones:
        stem = zone.path.stem
        if stem not in found:
            result[stem] = ("refused", f"{name} dies of it")
            continue
        about = re.compile(rf"(?<![\w-]){re.escape(stem)}\.(zone|test)")
        said = [_message(line) for line in log if about.search(line) and not _NOISE.search(line)]
        state = "warned" if said else "loads"
        result[stem] = (state if found[stem] else "refused", said[0] if said else "")
    return result


def _judged(name: str, folder: Path, zones: Sequence[ZoneSource]) -> tuple[dict[str, bool], list[str]]:
    """Which of the zones a daemon serves, and what it logs."""
    make, readyText = DAEMONS[name]
    # named as it comes: its checks of names and of integrity are part of its verdict
    server = named(folder, zones, "") if make is named else make(folder, zones)
    try:
        server.start(readyText)
        found = served(server, zones)
        server.checkRunning()
        return found, server.log().splitlines()
    finally:
        server.stop()


def _message(line: str) -> str:
    """A log line without its time and folders."""
    text = re.sub(r"^(\[?\S+ ?\S*\d\d:\d\d:\d\d\S*\]?) *(nsd\[\d+\]: )?", "", line)
    text = re.sub(r"/\S*/", "", re.sub(r"^(error|warning|info|notice): ", "", text))
    return "".join(c for c in text if " " <= c <= "~")[:160]


def policyFor(name: str, states: Sequence[str]) -> str:
    """What txnames must do, from what the three do."""
    if all(state == "refused" for state in states):
        return "error"
    isRdata = not (FOLDER / f"{name}.zone").exists()
    refused = "refused" in states
    return "free" if FREE.match(name) or (isRdata and refused) else "load"


def main() -> None:
    """Ask the three about all zones and write the table."""
    with tempfile.TemporaryDirectory() as text:
        folder = Path(text)
        (folder / "zones").mkdir()
        zones = writeZones(folder / "zones")
        found: dict[str, Mapping[str, tuple[str, str]]] = {}
        for name in DAEMONS:
            (folder / name).mkdir()
            found[name] = judge(name, folder / name, zones)
    lines = ["# Written by `python -m tests.interop.refusals`; see its docstring and `Verdict`."]
    for zone in zones:
        stem = zone.path.stem
        rows = {name: found[name][stem] for name in ("named", "nsd", "knot")}
        states = [state for state, _said in rows.values()]
        reason = next((said for _state, said in rows.values() if said), "")
        quoted = reason.replace("\\", "\\\\").replace('"', '\\"')
        lines += [
            "",
            f"[{stem}]",
            *(f'{key} = "{state}"' for key, state in zip(("bind", "nsd", "knot"), states, strict=True)),
            f'policy = "{policyFor(stem, states)}"',
            f'reason = "{quoted}"',
        ]
    VERDICTS.write_text("\n".join(lines) + "\n")
    sys.stdout.write(f"{len(zones)} zones\n")


if __name__ == "__main__":
    main()
