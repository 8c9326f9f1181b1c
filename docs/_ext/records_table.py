"""The directive ``records-table``: every record type that is registered, from the declarations in its class."""

import re

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.util.docutils import SphinxDirective

from txnames import dns
from txnames.wire.record import Record


def escape(text: str) -> str:
    """Protect what would be markup."""
    return re.sub(r"([\\*`|_])", r"\\\1", text)


def firstSentence(of: type[Record]) -> str:
    """Give the first line of a class's docstring, without its full stop."""
    return (of.__doc__ or "").strip().split("\n")[0].removesuffix(".")


def render() -> list[str]:
    """Write the record types, by name, as the lines of a reStructuredText table."""
    lines = [".. list-table::", "   :header-rows: 1", "   :widths: 12 8 40 40", ""]
    rows = [("Type", "Number", "What it is", "Fields in order")]
    for number, record in sorted(Record.registry.items(), key=lambda item: item[1].fancybasename):
        fields = [f"``{field.name}`` ({escape(field.summary)})" for field in record.fields if field.onWire]
        rows.append((record.fancybasename, str(number), escape(firstSentence(record)), ", ".join(fields)))
    for row in rows:
        lines += [f"   {'* -' if column == 0 else '  -'} {cell}".rstrip() for column, cell in enumerate(row)]
    return lines


class RecordsTable(SphinxDirective):
    """Puts the table in the directive's place."""

    def run(self) -> list[nodes.Node]:
        """Render the types that importing the façade registers."""
        self.env.note_dependency(dns.__file__)
        self.state_machine.insert_input([*render(), ""], "txnames.records")
        return []


def setup(app: Sphinx) -> dict[str, bool]:
    """Register the directive."""
    app.add_directive("records-table", RecordsTable)
    return {"parallel_read_safe": True}
