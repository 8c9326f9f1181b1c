"""The zones of our own: where NSD, Knot DNS and BIND agree, txnames says the same."""

from pathlib import Path

import pytest

from .compare import Outcome, compare
from .corpus import questionsFor, zoneCases
from .refusals import served
from .servers import running

GROUPS = sorted({case.group for case in zoneCases()})
ALL = ("nsd", "knot", "named", "txnames")


def test_corpus() -> None:
    """At least 40 zones, and each says which rule it is for."""
    assert len(zoneCases()) >= 40
    assert all(case.rule for case in zoneCases())


@pytest.mark.usefixtures("daemons")
@pytest.mark.parametrize("group", GROUPS)
def test_zones(group: str, tmp_path: Path) -> None:
    """Every name in, above, below and beside each zone, 12 types and more, three transports."""
    cases = [case for case in zoneCases() if case.group == group]
    sources = [case.source for case in cases]
    questions = [asked for case in cases for asked in questionsFor(case)]
    with running(tmp_path, sources, ALL) as servers:
        for server in servers.values():
            missing = [name for name, loaded in served(server, sources).items() if not loaded]
            assert not missing, f"{server.name} doesn't serve {missing}: {server.log()[-2000:]}"
        outcome = compare(servers, questions)
    assertSame(outcome, least=0.85)


def assertSame(outcome: Outcome, least: float) -> None:
    """No difference, in at least this share of the cases that were asked."""
    assert outcome.agreed >= least * outcome.asked, f"the three agree on {outcome.agreed} only"
    if outcome.differences:
        pytest.fail(outcome.report(), pytrace=False)
