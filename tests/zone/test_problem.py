"""Problems print with their place, and are gathered up to a bound."""

import pytest

from txnames.error import ZoneFileError
from txnames.zone.problem import MAX_ERRORS, MAX_WARNINGS, Place, Problem, Problems, Refusers, Severity


@pytest.mark.parametrize(
    ("problem", "text"),
    [
        (Problem("z", 3, 7, "1.2.3", "not an address"), "z:3:7: error: not an address: '1.2.3'"),
        (Problem("z", 3, 0, "", "odd", Severity.WARNING), "z:3: warning: odd"),
        (Problem.at(None, "no SOA"), "error: no SOA"),
        (Problem.at(Place("f", 1, 2, "t"), "r", Severity.WARNING), "f:1:2: warning: r: 't'"),
    ],
)
def test_text(problem: Problem, text: str) -> None:
    """A problem prints as compilers print theirs."""
    assert str(problem) == text


def test_gathered() -> None:
    """Errors and warnings are told apart, and only errors keep a zone from loading."""
    problems = Problems()
    problems.warning(None, "odd")
    problems.refuse()
    problems.error(Place("z", 9), "later")
    problems.error(Place("z", 2), "earlier")
    with pytest.raises(ZoneFileError) as caught:
        problems.refuse()
    assert [str(problem) for problem in caught.value.problems] == ["z:2: error: earlier", "z:9: error: later"]
    assert [problem.reason for problem in problems.warnings] == ["odd"]


def test_strict() -> None:
    """When strict, a warning is an error."""
    problems = Problems(strict=True)
    problems.warning(Place("z", 1), "odd")
    assert problems.errors == [Problem("z", 1, 0, "", "odd", Severity.ERROR)]
    assert problems.warnings == []


def test_bounds() -> None:
    """The first 20 errors and 1000 warnings are kept, all are counted."""
    problems = Problems()
    for number in range(MAX_WARNINGS + 5):
        problems.warning(None, str(number))
    assert (len(problems.warnings), problems.warningCount) == (MAX_WARNINGS, MAX_WARNINGS + 5)
    for number in range(MAX_ERRORS + 5):
        assert problems.full == (number >= MAX_ERRORS)
        problems.error(None, str(number))
    assert (len(problems.errors), problems.errorCount) == (MAX_ERRORS, MAX_ERRORS + 5)
    assert problems.errors[-1].reason == str(MAX_ERRORS - 1)


def test_refusedByAll() -> None:
    """A zone that no server loads is refused, though each of them has another reason."""
    problems = Problems()
    problems.warning(None, "one", Refusers.BIND)
    problems.warning(None, "odd")
    problems.warning(None, "two", Refusers.NSD)
    problems.refuse()
    assert problems.warningCount == 3
    problems.warning(None, "three", Refusers.KNOT | Refusers.NSD)
    with pytest.raises(ZoneFileError) as caught:
        problems.refuse()
    assert [str(problem) for problem in caught.value.problems] == ["error: one", "error: two", "error: three"]
    assert problems.errorCount == 3
