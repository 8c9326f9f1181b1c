"""Turns the markup of our docstrings, which is Twisted's, into reStructuredText for autodoc."""

import re
from typing import Any

from sphinx.application import Sphinx

INLINE = {"L": "``{}``", "C": "``{}``", "I": "*{}*", "B": "**{}**", "U": "{}"}
FIELDS = {"return": "returns", "raise": "raises"}
BRACED = re.compile(r"\b([LCIBU])\{((?:[^{}]|\{[^{}]*\})*)\}", re.DOTALL)
ITEM = re.compile(r"^\s*(?:[-*]|\d+\.) ")
FIELD = re.compile(r"^(\s*)@(\w+)( [^:]+)?:")


def fieldOf(match: re.Match[str]) -> str:
    """Spell ``@raise ValueError:`` as ``:raises ValueError:``."""
    indent, name, argument = match.groups()
    return f"{indent}:{FIELDS.get(name, name)}{argument or ''}:"


def convert(text: str) -> str:
    """Rewrite a docstring; fields and lists begin and end at a blank line, which epytext doesn't ask for."""
    text = BRACED.sub(lambda match: INLINE[match[1]].format(" ".join(match[2].split())), text)
    lines: list[str] = []
    kind = ""
    indent = 0
    for line in text.split("\n"):
        field, item = FIELD.match(line), ITEM.match(line)
        begins = "field" if field else "item" if item else ""
        depth = len(line) - len(line.lstrip())
        if not line.strip():
            kind = kind if kind == "item" else ""
        elif begins:
            if kind != begins:
                lines.append("")
            kind, indent = begins, depth
        elif kind and depth <= indent:
            lines.append("")
            kind = ""
        lines.append(FIELD.sub(fieldOf, line))
    return "\n".join(lines)


def processDocstring(app: Sphinx, what: str, name: str, obj: Any, options: Any, lines: list[str]) -> None:
    """Rewrite a docstring in place, as autodoc wants it."""
    lines[:] = convert("\n".join(lines)).split("\n")


def setup(app: Sphinx) -> dict[str, bool]:
    """Listen to autodoc."""
    app.connect("autodoc-process-docstring", processDocstring)
    return {"parallel_read_safe": True}
