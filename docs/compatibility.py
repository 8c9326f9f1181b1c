"""Render ``tests/upstream/known.toml`` for the page about the differences from twisted.names."""

import tomllib
from collections.abc import Iterable
from pathlib import Path

TITLES = {
    False: "Tests that use only public names",
    True: "Tests that use private names",
}


def render(known: Path) -> str:
    """Write the tests that fail on purpose, and those that aren't run, as reStructuredText.

    The tests stand in tables of two columns, the tests and the reason that they share: first those that use only public
    names of twisted.names, with their number, then the others. What isn't run follows as a third table.
    """
    data = tomllib.loads(known.read_text(encoding="utf-8"))
    lines: list[str] = []
    for private, title in TITLES.items():
        tables = [table for table in data.get("known", []) if table.get("private", False) is private]
        if tables:
            count = sum(len(table["tests"]) for table in tables)
            lines += [f".. rubric:: {title}: {count}", ""]
            lines += _table("Tests", ((table["tests"], table["reason"]) for table in tables))
    notRun = {**data.get("pending", {}), **data.get("outside", {})}
    if notRun:
        lines += [".. rubric:: Tests that do not count yet, or ever", ""]
        lines += _table("Modules, classes and tests", (([name], reason) for name, reason in notRun.items()))
    return "\n".join(lines)


def _table(heading: str, rows: Iterable[tuple[list[str], str]]) -> list[str]:
    """Write a table of names and reasons."""
    lines = [".. list-table::", "   :header-rows: 1", "   :widths: 50 50", "", f"   * - {heading}", "     - Reason"]
    for names, reason in rows:
        first, *others = [f"| ``{name}``" for name in names]
        lines += [f"   * - {first}", *(f"       {name}" for name in others), f"     - {_escape(reason)}"]
    return [*lines, ""]


def _escape(text: str) -> str:
    """Protect what would be markup in a reason."""
    return "".join("\\" + character if character in "\\*`|_" else character for character in text)
