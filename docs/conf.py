"""Settings of the documentation."""

import sys
from pathlib import Path

DOCS = Path(__file__).parent
sys.path[:0] = [str(DOCS), str(DOCS / "_ext")]

project = "txnames"
author = "The txnames maintainers"
project_copyright = "2026, The txnames maintainers"

extensions = ["sphinx.ext.autodoc", "compatibility_table", "epytext", "layer_table", "records_table"]
exclude_patterns = ["_build"]
html_theme = "alabaster"
html_theme_options = {"description": "The DNS engine for Twisted"}

autodoc_member_order = "bysource"
autodoc_typehints = "signature"
autodoc_default_options = {"members": True, "show-inheritance": True}
# An annotation such as type[Record] is taken for one of the attributes of that name.
suppress_warnings = ["ref.python"]
