"""The directive ``layer-table``: the table of ``docs/layers.toml``, to which ``tests/test_layers.py`` holds code."""

import tomllib
from pathlib import Path
from typing import Any

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.util.docutils import SphinxDirective

SOURCE = Path(__file__).parent.parent / "layers.toml"


def render(table: dict[str, Any]) -> list[str]:
    """Write the layers as the lines of a reStructuredText table."""
    lines = [".. list-table::", "   :header-rows: 1", "   :widths: 5 20 35 40", ""]
    rows = [("", "Layer", "Modules", "What it does")]
    for layer in table["layer"]:
        modules = ", ".join(f"``{module}``" for module in layer["modules"])
        does = layer["does"] + (" No I/O, no clock, no randomness." if layer.get("pure") else "")
        rows.append((str(layer["number"]), layer["name"], modules, does))
    for row in rows:
        lines += [f"   {'* -' if column == 0 else '  -'} {cell}".rstrip() for column, cell in enumerate(row)]
    return lines


class LayerTable(SphinxDirective):
    """Puts the table in the directive's place."""

    def run(self) -> list[nodes.Node]:
        """Render the table anew whenever its source changes."""
        self.env.note_dependency(str(SOURCE))
        self.state_machine.insert_input([*render(tomllib.loads(SOURCE.read_text("utf-8"))), ""], str(SOURCE))
        return []


def setup(app: Sphinx) -> dict[str, bool]:
    """Register the directive."""
    app.add_directive("layer-table", LayerTable)
    return {"parallel_read_safe": True}
