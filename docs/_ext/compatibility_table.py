"""The directive ``compatibility-table``: Twisted's own tests that fail here on purpose, from ``known.toml``."""

from pathlib import Path

import compatibility
from docutils import nodes
from sphinx.application import Sphinx
from sphinx.util.docutils import SphinxDirective

SOURCE = Path(__file__).parent.parent.parent / "tests" / "upstream" / "known.toml"


class CompatibilityTable(SphinxDirective):
    """Puts what ``docs/compatibility.py`` makes of the file in the directive's place."""

    def run(self) -> list[nodes.Node]:
        """Render the list anew whenever its source changes."""
        self.env.note_dependency(str(SOURCE))
        self.state_machine.insert_input([*compatibility.render(SOURCE).splitlines(), ""], str(SOURCE))
        return []


def setup(app: Sphinx) -> dict[str, bool]:
    """Register the directive."""
    app.add_directive("compatibility-table", CompatibilityTable)
    return {"parallel_read_safe": True}
