"""How Sphinx builds the pages: `make docs`, into build/docs. A warning is an error there."""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))

import rewriter

project = "rewriter"
author = "the authors of rewriter"
version = release = rewriter.__version__
copyright = author

extensions = [
    "myst_parser",
    "sphinx.ext.autodoc",
    "sphinx.ext.napoleon",
    "extensions.docstrings",
    "extensions.grammar",
    "extensions.modules",
    "extensions.operators",
]
source_suffix = {".md": "markdown"}
exclude_patterns = ["extensions"]

# Anchors of headings, as a repository's web page makes them: links to them work in both places.
myst_heading_anchors = 4

# Docstrings are in the Google form, with code between single backticks.
default_role = "code"
napoleon_custom_sections = [("Source", "params_style")]
napoleon_use_ivar = True
autodoc_member_order = "bysource"
autodoc_typehints = "signature"
autodoc_typehints_format = "short"
autodoc_preserve_defaults = True
autodoc_class_signature = "mixed"
python_use_unqualified_type_names = True
maximum_signature_line_length = 100

html_theme = "furo"
html_title = f"rewriter {version}"
html_copy_source = False
html_show_sourcelink = False
html_show_copyright = False
html_theme_options = {"navigation_with_keys": True}
