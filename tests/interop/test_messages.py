"""Odd messages: where NSD, Knot DNS and BIND answer alike, txnames does too."""

from pathlib import Path

import pytest

from .corpus import zoneCases
from .probes import PROBES, described, send
from .servers import running
from .test_differential import ALL


@pytest.mark.usefixtures("daemons")
def test_probes(tmp_path: Path) -> None:
    """Flags, opcodes, classes, EDNS versions and broken octets over UDP."""
    sources = [case.source for case in zoneCases() if case.name == "apex"]
    with running(tmp_path, sources, ALL) as servers:
        said = {name: [described(w) for w in send(s.port)] for name, s in servers.items()}
    ours = said.pop("txnames")
    agreed, wrong = 0, []
    for number, probe in enumerate(PROBES):
        theirs = {replies[number] for replies in said.values()}
        if len(theirs) == 1:
            agreed += 1
            if ours[number] not in theirs:
                wrong.append(f"{probe.name}: the three {theirs.pop()}; txnames {ours[number]}")
    assert agreed > len(PROBES) / 2
    assert not wrong, "\n".join(wrong)
