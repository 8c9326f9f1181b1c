"""Tests for C{known.toml} itself: complete, current, and within the bound."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import twisted

from . import loading
from .known import read
from .public import privateNames

KNOWN = read()
BOUND = 30


@pytest.fixture(scope="module")
def tests() -> set[str]:
    """Name all of the installed Twisted's names tests."""
    if twisted.__version__ != KNOWN.twisted:
        pytest.skip(f"known.toml is about Twisted {KNOWN.twisted}, not {twisted.__version__}")
    suite = loading.Suite(loading.ORIGINAL)
    return {loading.nameOf(case) for module in loading.modules() for case in suite.cases(module)}


def test_current(tests: set[str]) -> None:
    """Each name in the file is that of a test, a class or a module of the installed Twisted."""
    groups = {test.rpartition(".")[0] for test in tests}
    groups |= {group.partition(".")[0] for group in groups}
    assert KNOWN.entries.keys() <= tests
    assert KNOWN.pending.keys() | KNOWN.outside.keys() <= tests | groups


def test_private() -> None:
    """An entry is marked as private if and only if its test reaches for private names."""
    wrong = {test: names for test, entry in KNOWN.entries.items() if entry.private != bool(names := privateNames(test))}
    assert not wrong


def test_outside() -> None:
    """A single test is left out for the private names that it reaches for only."""
    single = [test for test in KNOWN.outside if test.count(".") == 2]
    assert single
    assert all(privateNames(test) for test in single)


def test_reasons() -> None:
    """The reason of an entry cites an RFC by number and section, or is about private names."""
    for test, entry in KNOWN.entries.items():
        pattern = r"RFC \d+ sections? \d" + ("|private name" if entry.private else "")
        assert re.search(pattern, entry.reason), test


def test_bound() -> None:
    """At most 30 of the tests that use only public names fail on purpose."""
    assert sum(not entry.private for entry in KNOWN.entries.values()) <= BOUND


def test_publicTests(tests: set[str]) -> None:
    """The criterion finds at least the 377 public tests of which the issue speaks."""
    assert sum(not privateNames(test) for test in tests) >= 377


@pytest.mark.parametrize(
    ("test", "names"),
    [
        ("test_dns.NameTests.test_decode", set()),
        ("test_dns.Ord2ByteTests.test_ord2byte", {"_ord2bytes"}),
        ("test_dns.IsSubdomainOfTests.test_parent", {"_isSubdomainOf"}),
        ("test_dns.EDNSMessageConstructorTests.test_id", {"_EDNSMessage"}),
        ("test_dns.MessageConstructorTests.test_id", set()),
        ("test_server.DNSServerFactoryTests.test_verboseLogQuiet", {"_verboseLog"}),
        ("test_rfc1982.SerialNumberTests.test_str", {"SerialNumber"}),
    ],
)
def test_privateNames(test: str, names: set[str]) -> None:
    """Private names are found in the test, its class and its helpers; the tests' own are not."""
    assert privateNames(test) == names


def test_twice(tmp_path: Path) -> None:
    """A test that is listed twice is an error."""
    file = tmp_path / "known.toml"
    table = '[[known]]\ntests = ["a.b.c"]\nreason = "RFC 1 section 1"\nshows = ""\n'
    file.write_text('[suite]\ntwisted = "1"\n' + table + table)
    with pytest.raises(ValueError, match=r"a\.b\.c is listed twice"):
        read(file)


def test_knownAndPending(tmp_path: Path) -> None:
    """A test cannot both fail for good and wait for its issue."""
    file = tmp_path / "known.toml"
    file.write_text(
        '[suite]\ntwisted = "1"\n[[known]]\ntests = ["a.b.c"]\nreason = "x"\nshows = ""\n[pending]\n"a.b.c" = "y"\n'
    )
    with pytest.raises(ValueError, match=r"a\.b\.c known and pending"):
        read(file)


def test_reasonNotToRun(tmp_path: Path) -> None:
    """Pending modules and classes are not run; a pending test is, and has to fail."""
    file = tmp_path / "known.toml"
    file.write_text('[suite]\ntwisted = "1"\n[outside]\na = "one"\n[pending]\n"b.c" = "two"\n"b.d.e" = "three"\n')
    known = read(file)
    assert known.reasonNotToRun("a.b.c") == "one"
    assert known.reasonNotToRun("b.c.d") == "two"
    assert known.reasonNotToRun("b.d.e") is None
    assert known.reasonToFail("b.d.e") == "three"
    assert known.reasonToFail("b.d.f") is None


def test_explains(tmp_path: Path) -> None:
    """A known failure is told from another one of the same test."""
    file = tmp_path / "known.toml"
    file.write_text('[suite]\ntwisted = "1"\n[[known]]\ntests = ["a.b.c"]\nreason = "x"\nshows = "No .* left"\n')
    known = read(file)
    assert known.explains("a.b.c", "ValueError: No octets left")
    assert not known.explains("a.b.c", "TypeError")
    assert known.explains("a.b.d", "anything")
