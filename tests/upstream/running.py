"""Run one trial test and say how it ended."""

from __future__ import annotations

import gc
import unittest
import warnings
from dataclasses import dataclass

PASSED, SKIPPED, FAILED = "passed", "skipped", "failed"


@dataclass(frozen=True)
class Outcome:
    """How a test ended: L{PASSED}, L{SKIPPED} or L{FAILED}, and the reason or the tracebacks."""

    ending: str
    text: str = ""


def run(case: unittest.TestCase, timeout: float = 10.0) -> Outcome:
    """Run C{case} to its end, with the real reactor if it is asynchronous.

    Trial reports an error for each logged failure that a test doesn't flush, for each delayed call or
    socket that it leaves behind, and for failing clean-ups, so one test may report several. A
    test that is marked as C{todo} passes by failing. Warnings that a test leaves are dropped: those
    of Twisted's own code under Twisted's own tests are not ours to mend.

    @param timeout: the seconds of real time after which an asynchronous test fails, unless it says so itself.
    """
    if getattr(case, "timeout", None) is None:
        case.timeout = timeout  # type: ignore[attr-defined]  # reason: what trial looks for
    result = unittest.TestResult()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        case.run(result)
    problems = [text for _, text in result.errors + result.failures]
    if result.unexpectedSuccesses:
        problems.append("unexpected success of a test marked as todo")
    if problems:
        # What it left lying about must not be reported in the middle of another test.
        gc.collect()
        return Outcome(FAILED, "\n".join(problems))
    if result.skipped:
        return Outcome(SKIPPED, result.skipped[0][1])
    if not result.testsRun:
        return Outcome(FAILED, "the test did not run")
    return Outcome(PASSED)
