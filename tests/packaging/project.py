"""The project as its files describe it."""

from __future__ import annotations

import tomllib
from typing import TYPE_CHECKING, Any

from tests.shared import CHECKOUT

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

FOLDERS = {"rewriter": "rewriter", "rewriter/patterns": "patterns", "rewriter/grammar": "grammar"}
"""Where each package stands in the checkout, by its place in an installation."""

SHIPPED = {".py", ".pat", ".lark", ".json", ".template", ".typed", ".css", ".html", ".js", ".txt"}


def settings() -> dict[str, Any]:
    """The text of pyproject.toml, read."""
    return tomllib.loads((CHECKOUT / "pyproject.toml").read_text())


def shipped_files() -> Iterator[tuple[str, Path]]:
    """Every file that belongs into an installation: its place there, and where it is in the checkout."""
    for place, folder in FOLDERS.items():
        for path in sorted((CHECKOUT / folder).rglob("*")):
            if path.suffix in SHIPPED:
                yield f"{place}/{path.relative_to(CHECKOUT / folder).as_posix()}", path
