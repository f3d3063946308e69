"""Docstrings as Sphinx reads them: examples are code, and a signature has no defaults that only attrs understands."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sphinx.application import Sphinx

_SECTION = re.compile(r"(Args|Attributes|Raises|Returns|Source|Yields):")
_DEFAULT = re.compile(r"attr_dict\['\w+'\]\.default|NOTHING")


def mark_examples(_: Sphinx, __: str, ___: str, ____: object, _____: object, lines: list[str]) -> None:
    """Say `::` before each block that is only indented, up to the first section."""
    found: list[str] = []
    said = ""
    for number, line in enumerate(lines):
        if _SECTION.fullmatch(line):
            found += lines[number:]
            break
        begins = line.startswith("    ") and found and not found[-1].strip()
        if begins and not said.startswith((" ", "*", "-")):
            found += ["::", ""]
        if line.strip():
            said = line
        found.append(line)
    lines[:] = found


def plain_signature(*arguments: object) -> tuple[str | None, str | None]:
    """A signature whose defaults are `...` where attrs makes them."""
    signature, returns = arguments[-2:]
    shown = _DEFAULT.sub("...", signature) if isinstance(signature, str) else None
    return shown, returns if isinstance(returns, str) else None


def setup(app: Sphinx) -> dict[str, bool]:
    """What Sphinx calls."""
    # Before napoleon, which reads the sections.
    app.connect("autodoc-process-docstring", mark_examples, priority=100)
    app.connect("autodoc-process-signature", plain_signature)
    return {"parallel_read_safe": True}
