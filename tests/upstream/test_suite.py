"""Run Twisted's names tests against txnames: each passes, or stands in C{known.toml} and fails."""

from __future__ import annotations

import unittest
from collections.abc import Iterator

import pytest

from . import loading, running
from .known import read

KNOWN = read()
SUITE = loading.Suite("txnames")


def cases() -> Iterator[unittest.TestCase]:
    """Give every test that is to be run."""
    for module in loading.modules():
        if module in KNOWN.outside or module in KNOWN.pending:
            continue
        try:
            found = SUITE.cases(module)
        except Exception as error:
            found = [loading.BrokenModule(module, error)]
        yield from (case for case in found if KNOWN.reasonNotToRun(loading.nameOf(case)) is None)


@pytest.mark.parametrize("case", list(cases()), ids=loading.nameOf)
def test_upstream(case: unittest.TestCase) -> None:
    """A test passes unless C{known.toml} says why it must not."""
    name = loading.nameOf(case)
    reason = KNOWN.reasonToFail(name)
    # A test that has to fail may do so by waiting for ever.
    outcome = running.run(case) if reason is None else running.run(case, timeout=0.2)
    if outcome.ending == running.SKIPPED:
        pytest.skip(outcome.text)
    if outcome.ending == running.PASSED and reason is not None:
        pytest.fail(f"passes, so {name} must leave known.toml ({reason})", pytrace=False)
    if outcome.ending == running.FAILED and (reason is None or not KNOWN.explains(name, outcome.text)):
        pytest.fail(outcome.text, pytrace=False)
