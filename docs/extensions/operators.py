"""The reference of operators, made from their declarations.

`{operators} convolution` stands for a section for each operator that `grammar/convolution.pat` declares, `custom` for
those of the stock packs. `{operator-index}` is a table of all of them.
"""

from __future__ import annotations

import re
from importlib.resources import files
from typing import TYPE_CHECKING

from sphinx.util.docutils import SphinxDirective

from rewriter import packs
from rewriter.dialect.dialect import builtin_declarations
from rewriter.report.declaration import (
    attribute_words,
    facts,
    operand_words,
    quantization_words,
    signature,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from docutils import nodes
    from sphinx.application import Sphinx

    from rewriter.dialect.declaration import Declaration

CUSTOM = "custom"
_NONE = {"PLACEHOLDER_FOR_GREATER_OP_CODES"}
"""A word of the schema's that is no operator."""


def groups() -> dict[str, list[Declaration]]:
    """All declared operators, by the file of `grammar/` that declares them; those of the stock packs under `custom`."""
    builtin = builtin_declarations()
    found: dict[str, list[Declaration]] = {}
    for file in sorted(files("rewriter.grammar").iterdir(), key=lambda each: each.name):
        if file.name.endswith(".pat"):
            names = re.findall(r"^op (\w+)", file.read_text("utf-8"), re.MULTILINE)
            found[file.name.removesuffix(".pat")] = [
                builtin[name] for name in names if name in builtin and name not in _NONE
            ]
    stock = [name for name, pack in packs.installed().items() if pack.distribution == "rewriter"]
    custom = {code: each for name in sorted(stock) for code, each in packs.load(name).declarations.items()}
    return found | {CUSTOM: [custom[code] for code in sorted(custom)]}


def anchor(declaration: Declaration) -> str:
    """What a link to an operator's section says behind `#`."""
    return re.sub(r"[^a-z0-9]+", "-", f"op-{declaration.name}".lower()).strip("-")


def section(declaration: Declaration) -> str:
    """All that a declaration says, in Markdown."""
    parts = [
        f"({anchor(declaration)})=\n## {declaration.name}",
        declaration.doc,
        f"```pat\n{signature(declaration)}\n```",
    ]
    parts += [f"* {each}" for each in facts(declaration)]
    for title, specs in (("operand", declaration.operands), ("result", declaration.results)):
        if specs:
            parts.append(_table((title, "type"), ((spec.name, operand_words(declaration, spec)) for spec in specs)))
    if declaration.attributes:
        rows = [(spec.name, attribute_words(declaration, spec)) for spec in declaration.attributes.values()]
        parts.append(_table(("attribute", "values"), rows))
    if declaration.versions:
        rows = [(str(rule.number), f"`{rule.text}`") for rule in declaration.versions]
        parts.append(_table(("version", "the first that holds; 1 where none does"), rows))
    if declaration.conditions:
        parts.append("The runtime demands:\n\n" + "\n".join(f"* `{text}`" for text, _ in declaration.conditions))
    parts.append("Quantization, " + " ".join(quantization_words(declaration) or ["nothing is declared."]))
    return "\n\n".join(part for part in parts if part)


def _table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = [head, ["---"] * len(head), *([f"`{name}`", words.replace("|", "\\|")] for name, words in rows)]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


class Operators(SphinxDirective):
    """A section for each operator of a group."""

    required_arguments = 1

    def run(self) -> list[nodes.Node]:
        """What stands in the directive's place."""
        known = groups()
        (group,) = self.arguments
        if group not in known:
            raise self.error(f"there is no group of operators {group!r}: {', '.join(known)}")
        text = "\n\n".join(map(section, known[group]))
        return self.parse_text_to_nodes(text, allow_section_headings=True)


class OperatorIndex(SphinxDirective):
    """A table of every operator, each a link to its section."""

    def run(self) -> list[nodes.Node]:
        """What stands in the directive's place."""
        every = [each for group in groups().values() for each in group]
        rows = [
            f"| [`{each.name}`](#{anchor(each)}) | {each.doc} |" for each in sorted(every, key=lambda each: each.name)
        ]
        return self.parse_text_to_nodes("\n".join(["| operator | does |", "|---|---|", *rows]))


def setup(app: Sphinx) -> dict[str, bool]:
    """What Sphinx calls."""
    app.add_directive("operators", Operators)
    app.add_directive("operator-index", OperatorIndex)
    return {"parallel_read_safe": True}
