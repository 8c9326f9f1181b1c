"""Tests for C{docs/compatibility.py}, which renders the list of upstream tests that fail on purpose."""

from __future__ import annotations

import runpy
from collections.abc import Callable
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
KNOWN = ROOT / "tests" / "upstream" / "known.toml"


@pytest.fixture(name="render")
def loadRender() -> Callable[[Path], str]:
    """Load the function from its file, which belongs to no package."""
    render: Callable[[Path], str] = runpy.run_path(str(ROOT / "docs" / "compatibility.py"))["render"]
    return render


def test_empty(render: Callable[[Path], str], tmp_path: Path) -> None:
    """A file without entries renders as nothing."""
    file = tmp_path / "known.toml"
    file.write_text('[suite]\ntwisted = "1"\n')
    assert render(file) == ""


def test_render(render: Callable[[Path], str], tmp_path: Path) -> None:
    """Public and private entries stand apart, tests with one reason in one row, markup escaped."""
    file = tmp_path / "known.toml"
    file.write_text(
        '[suite]\ntwisted = "1"\n'
        '[outside]\n"m" = "never"\n'
        '[pending]\n"n.C" = "later"\n'
        '[[known]]\ntests = ["a.B.c"]\nreason = "private name _x"\nprivate = true\n'
        '[[known]]\ntests = ["d.E.f", "d.E.g"]\nreason = "RFC 1 section 2"\n'
    )
    assert render(file).splitlines() == [
        ".. rubric:: Tests that use only public names: 2",
        "",
        ".. list-table::",
        "   :header-rows: 1",
        "   :widths: 50 50",
        "",
        "   * - Tests",
        "     - Reason",
        "   * - | ``d.E.f``",
        "       | ``d.E.g``",
        "     - RFC 1 section 2",
        "",
        ".. rubric:: Tests that use private names: 1",
        "",
        ".. list-table::",
        "   :header-rows: 1",
        "   :widths: 50 50",
        "",
        "   * - Tests",
        "     - Reason",
        "   * - | ``a.B.c``",
        "     - private name \\_x",
        "",
        ".. rubric:: Tests that do not count yet, or ever",
        "",
        ".. list-table::",
        "   :header-rows: 1",
        "   :widths: 50 50",
        "",
        "   * - Modules, classes and tests",
        "     - Reason",
        "   * - | ``n.C``",
        "     - later",
        "   * - | ``m``",
        "     - never",
    ]


def test_current(render: Callable[[Path], str]) -> None:
    """The repository's own list renders."""
    assert "``test_examples``" in render(KNOWN)
