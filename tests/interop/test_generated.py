"""Zones drawn by hypothesis: where NSD, Knot DNS and BIND agree, txnames says the same.

The same zones each time, unless TXNAMES_INTEROP_SEED gives a number: then those of that number.
"""

import os
from pathlib import Path

import pytest

from .compare import compare
from .corpus import questionsFor
from .generated import generate, writeDrafts
from .refusals import served
from .servers import running
from .test_differential import ALL, assertSame

COUNT = 40


@pytest.mark.usefixtures("daemons")
def test_generated(tmp_path: Path) -> None:
    """As with the zones of our own, children loaded beside their parents included."""
    number = os.environ.get("TXNAMES_INTEROP_SEED")
    cases = writeDrafts(generate(COUNT, int(number) if number else None), tmp_path)
    sources = [case.source for case in cases]
    questions = [asked for case in cases for asked in questionsFor(case)]
    with running(tmp_path / "run", sources, ALL) as servers:
        for server in servers.values():
            missing = [name for name, loaded in served(server, sources).items() if not loaded]
            assert not missing, f"{server.name} doesn't serve {missing}: {server.log()[-2000:]}"
        outcome = compare(servers, questions)
    assertSame(outcome, least=0.9)


def test_deterministic() -> None:
    """Without a seed, and with the same one, the zones are the same."""
    assert [d.text() for d in generate(5, None)] == [d.text() for d in generate(5, None)]
    assert [d.text() for d in generate(5, 7)] == [d.text() for d in generate(5, 7)]
