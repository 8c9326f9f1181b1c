"""What the installed distribution says and holds."""

import importlib.metadata
import importlib.resources
import re

import txnames

DISTRIBUTION = importlib.metadata.distribution("txnames")


def test_requiresOnlyFour() -> None:
    """Without extras, four distributions are required and no more."""
    required = [line for line in DISTRIBUTION.requires or [] if "extra ==" not in line]
    names = {match.group().replace("-", ".") for line in required if (match := re.match(r"[\w.-]+", line))}
    assert names == {"twisted", "zope.interface", "idna", "attrs"}


def test_requiresPython311() -> None:
    """Python 3.11 is old enough to run it."""
    assert DISTRIBUTION.metadata["Requires-Python"] == ">=3.11"


def test_installsThePlugin() -> None:
    """The plugin of ``twistd`` is installed where Twisted looks for plugins, without an ``__init__``."""
    files = [file.as_posix() for file in DISTRIBUTION.files or []]
    assert [file for file in files if file.startswith("twisted/") and "__pycache__" not in file] == [
        "twisted/plugins/txnames_dns.py"
    ]


def test_isTyped() -> None:
    """The package carries the mark that lets type checkers read its annotations (PEP 561)."""
    assert importlib.resources.files(txnames).joinpath("py.typed").is_file()


def test_isMIT() -> None:
    """The license is stated, and its text is part of the distribution."""
    assert DISTRIBUTION.metadata["License-Expression"] == "MIT"
    assert any(file.name == "LICENSE" for file in DISTRIBUTION.files or [])
