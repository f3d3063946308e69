"""`{modules} rewriter.integrations` documents every module of a package, so that a new one is there unasked."""

from __future__ import annotations

from importlib import import_module
from pkgutil import iter_modules
from typing import TYPE_CHECKING

from sphinx.util.docutils import SphinxDirective

if TYPE_CHECKING:
    from docutils import nodes
    from sphinx.application import Sphinx


class Modules(SphinxDirective):
    """A section for each public module of a package."""

    required_arguments = 1

    def run(self) -> list[nodes.Node]:
        """What stands in the directive's place."""
        (package,) = self.arguments
        names = sorted(
            each.name for each in iter_modules(import_module(package).__path__) if not each.name.startswith("_")
        )
        text = "\n\n".join(
            f"### {package}.{name}\n\n```{{eval-rst}}\n.. automodule:: {package}.{name}\n   :members:\n```"
            for name in names
        )
        return self.parse_text_to_nodes(text, allow_section_headings=True)


def setup(app: Sphinx) -> dict[str, bool]:
    """What Sphinx calls."""
    app.add_directive("modules", Modules)
    return {"parallel_read_safe": True}
