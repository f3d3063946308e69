"""The report as one HTML file that needs nothing else: no network, no other file.

The graphs are laid out by dagre (MIT), which is shipped here as its authors publish it; `.ci/page-library` fetches it
anew.
"""

from __future__ import annotations

import html
import json
import re
from collections.abc import Mapping
from importlib.resources import files
from typing import Any

from rewriter.report.words import number

DAGRE = "3.1.3"
DAGRE_SHA256 = "54a503e346f93ca0bb10abe7999587e037262935687aca45eb4e4b0f64bbb578"
"""The version of the library that is shipped, and the hash of its file."""

_PARTS = ("page.css", "dagre.txt", "dagre.min.js", "layout.js", "graph.js", "pane.js", "tables.js", "zoo.js", "page.js")
"""What is put into the page, in place of its name in braces."""


def page(document: Mapping[str, Any]) -> str:
    """The page that shows a document, which `report_json` in `rewriter.report.pair` or `zoo_json` beside it made."""
    folder = files("rewriter.report.page")
    text = (folder / "page.html").read_text(encoding="utf-8")
    parts = {name: (folder / name).read_text(encoding="utf-8") for name in _PARTS}
    parts["dagre"] = DAGRE
    parts["title"] = html.escape(_title(document))
    parts["data"] = embedded(document)
    # Nobody needs the library's source map, and a browser's tools would go and look for it.
    parts["dagre.min.js"] = re.sub(r"^//# sourceMappingURL=.*$", "", parts["dagre.min.js"], flags=re.MULTILINE)
    # In one go: what is put in is not looked at again, whatever it is called.
    return re.sub(r"\{\{([a-z.]+)\}\}", lambda found: parts[found[1]], text)


def embedded(document: object) -> str:
    """JSON that may stand in a `script` element: nothing in it ends the element, whatever the names in a model are."""
    text = json.dumps(document, separators=(",", ":"), allow_nan=False)
    return text.replace("<", "\\u003c").replace(">", "\\u003e").replace("&", "\\u0026")


def _title(document: Mapping[str, Any]) -> str:
    if "rows" in document:
        return f"{number(len(document['rows']), 'model')} · rewriter"
    names = [str(document[name]).rpartition("/")[2] for name in ("input", "output") if document[name]]
    return " → ".join(names) + " · rewriter"
