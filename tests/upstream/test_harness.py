"""Tests for the loader and the runner of the upstream tests."""

from __future__ import annotations

import ast
from pathlib import Path
from types import ModuleType

import pytest
from twisted.internet import defer, reactor
from twisted.logger import Logger
from twisted.names import dns
from twisted.trial import unittest

from . import loading, running

IDENTITY = loading.Suite(loading.ORIGINAL)
LOGGER = Logger()


@pytest.mark.parametrize(
    "name",
    [
        "test_dns.NameTests.test_decode",
        "test_server.DNSServerFactoryTests.test_gotResolverErrorOtherError",
        "test_names.ServerDNSTests.test_addressRecord1",
        "test_names.ServerDNSTests.test_zoneTransfer",
        "test_names.HelperTests.test_serialGenerator",
        "test_client.ResolverTests.test_closesResolvConf",
        "test_rootresolve.RootResolverTests.test_filteredQuery",
    ],
)
def test_identity(name: str) -> None:
    """With twisted.names in its own place its tests pass, the plain ones and those with sockets."""
    found = {loading.nameOf(case): case for case in IDENTITY.cases(name.partition(".")[0])}
    assert running.run(found[name]) == running.Outcome(running.PASSED)


def test_modules() -> None:
    """All test modules of the installed Twisted are found."""
    assert {"test_dns", "test_names", "test_server"} <= set(loading.modules())


def load(source: str, folder: Path, monkeypatch: pytest.MonkeyPatch, package: str) -> ModuleType:
    """Load C{source} as a test module against C{package}."""
    (folder / "test_sample.py").write_text(source, encoding="utf-8")
    monkeypatch.setattr(loading, "FOLDER", folder)
    suite = loading.Suite(package)
    try:
        return suite.load("test_sample")
    finally:
        loading.forget(f"{suite.name}.test_sample")


def test_renamed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Imports from twisted.names and strings that name it lead to the package under test."""
    source = "from twisted.names.error import DomainError as E\ntext = 'twisted.names.client.x'\n"
    sample = load(source, tmp_path, monkeypatch, "txnames")
    assert sample.E.__module__ in ("txnames.error", "twisted.names.error")
    assert sample.text == "txnames.client.x"


def test_submodule(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A module is imported from its package."""
    sample = load("from twisted.names import dns\n", tmp_path, monkeypatch, loading.ORIGINAL)
    assert sample.dns is dns


def test_otherImports(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Imports from elsewhere stay as they are."""
    source = "from twisted.internet import defer\nimport ast\n"
    sample = load(source, tmp_path, monkeypatch, "txnames")
    assert (sample.defer, sample.ast) == (defer, ast)


@pytest.mark.parametrize(
    ("line", "name"),
    [
        ("from twisted.names import absent as x", "txnames.absent"),
        ("from twisted.names.absent import Thing as x", "txnames.absent.Thing"),
        ("from twisted.names.error import Absent as x", "txnames.error.Absent"),
    ],
)
def test_missing(line: str, name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """An absent module or name loads as a stand-in, which names itself when it is used."""
    sample = load(f"{line}\nclass Below(x):\n    pass\n", tmp_path, monkeypatch, "txnames")
    with pytest.raises(loading.MissingNameError, match=rf"^{name}$"):
        sample.x(1)
    with pytest.raises(loading.MissingNameError, match=rf"^{name}\.part$"):
        sample.x.part()
    with pytest.raises(loading.MissingNameError):
        sample.Below()
    with pytest.raises(AttributeError):
        _ = sample.x.__special__


def test_plainImport(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """C{import twisted.names} isn't translated, so it is refused rather than left alone."""
    with pytest.raises(NotImplementedError, match="line 1"):
        load("import twisted.names.dns\n", tmp_path, monkeypatch, "txnames")


def test_brokenModule() -> None:
    """A module that doesn't load is one failing test."""
    case = loading.BrokenModule("test_dns", KeyError("gone"))
    outcome = running.run(case)
    assert loading.nameOf(case) == "test_dns.BrokenModule.runTest"
    assert outcome.ending == running.FAILED
    assert "KeyError: 'gone'" in outcome.text


class Endings:
    """Methods of a trial test case, one for each way to end; mixed in below to hide them from pytest."""

    def passes(self) -> None:
        """Do nothing."""

    def passesLater(self) -> defer.Deferred[None]:
        """Fire by the real reactor."""
        deferred: defer.Deferred[None] = defer.Deferred()
        reactor.callLater(0, deferred.callback, None)
        return deferred

    def fails(self) -> None:
        """Fail an assertion."""
        raise AssertionError("wrong")

    def failsLater(self) -> defer.Deferred[None]:
        """Give a Deferred that fails."""
        return defer.fail(KeyError("later"))

    def hangs(self) -> defer.Deferred[None]:
        """Give a Deferred that never fires."""
        return defer.Deferred()

    def logs(self) -> None:
        """Log a failure, and leave it to the runner."""
        try:
            raise KeyError("logged")
        except KeyError:
            LOGGER.failure("bad")

    def leaves(self) -> None:
        """Leave a delayed call behind."""
        reactor.callLater(99, int)

    def skips(self) -> None:
        """Skip itself."""
        raise unittest.SkipTest("not here")

    def isTodo(self) -> None:
        """Fail as expected."""
        raise AssertionError("some day")

    isTodo.todo = "some day"  # type: ignore[attr-defined]  # reason: trial's way to mark a test

    def isDone(self) -> None:
        """Pass, though marked as failing."""

    isDone.todo = "some day"  # type: ignore[attr-defined]  # reason: trial's way to mark a test


@pytest.mark.parametrize(
    ("method", "ending", "text"),
    [
        ("passes", running.PASSED, ""),
        ("passesLater", running.PASSED, ""),
        ("fails", running.FAILED, "AssertionError: wrong"),
        ("failsLater", running.FAILED, "KeyError: 'later'"),
        ("hangs", running.FAILED, "still running at 0.01 secs"),
        ("logs", running.FAILED, "KeyError: 'logged'"),
        ("leaves", running.FAILED, "DirtyReactorAggregateError"),
        ("skips", running.SKIPPED, "not here"),
        ("isTodo", running.PASSED, ""),
        ("isDone", running.FAILED, "unexpected success"),
    ],
)
def test_run(method: str, ending: str, text: str) -> None:
    """Each way in which a trial test ends is told."""
    case = type("EndingTests", (Endings, unittest.TestCase), {})(method)
    outcome = running.run(case, timeout=0.01)
    assert outcome.ending == ending
    assert text in outcome.text
