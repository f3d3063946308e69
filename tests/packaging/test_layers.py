"""A module imports only from layers below its own: what the program is built of can be read from the bottom up."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

import pytest

from tests.packaging.project import shipped_files

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

LAYERS = (
    ("source", "errors", "cache", "collection", "address"),
    ("model", "bundle"),
    ("dialect", "language", "wellformed"),
    ("builder", "matcher", "changes"),
    ("rewriter", "cleaner"),
    ("driver", "explain"),
    ("verify", "packs", "targets", "provenance"),
    ("proof",),
    ("report",),
    ("selection",),
    ("run", "many", "pipeline", "demo", "template", "__init__", "testing"),
    ("cli", "lsp"),
)
OUTSIDE = {"grammar", "patterns", "integrations"}
"""Data, packs and hosts: nothing inside imports them, and they use what is public."""

LAYER = {name: number for number, names in enumerate(LAYERS) for name in names}


def modules() -> list[tuple[str, Path]]:
    """The Python files of the layers, with the name that stands in the table above."""
    named = [(place.split("/")[1].removesuffix(".py"), path) for place, path in shipped_files() if path.suffix == ".py"]
    return [(name, path) for name, path in named if name not in OUTSIDE]


def imported(path: Path) -> Iterator[str]:
    """The parts of the program that a file imports, early or late; imports for type checkers alone do not count."""
    tree = ast.parse(path.read_bytes())
    for_types_alone = {
        id(inner)
        for block in ast.walk(tree)
        if isinstance(block, ast.If) and ast.unparse(block.test) == "TYPE_CHECKING"
        for inner in ast.walk(block)
    }
    for statement in ast.walk(tree):
        if id(statement) in for_types_alone:
            continue
        match statement:
            case ast.Import(names):
                names = [name.name for name in names]
            case ast.ImportFrom(module="rewriter", names=names):
                names = [f"rewriter.{name.name}" for name in names]
            case ast.ImportFrom(module=str(module)):
                names = [module]
            case _:
                continue
        for name in names:
            top, _, rest = name.partition(".")
            if top == "rewriter":
                part = rest.partition(".")[0]
                yield part if part in LAYER or part in OUTSIDE else "__init__"


def test_every_module_has_its_layer() -> None:
    assert {name for name, _ in modules()} - LAYER.keys() == set()


@pytest.mark.parametrize("name", sorted({name for name, _ in modules()}))
def test_imports_lead_downwards(name: str) -> None:
    for path in (path for other, path in modules() if other == name):
        upwards = {part for part in imported(path) if part != name and (part in OUTSIDE or LAYER[part] > LAYER[name])}
        assert not upwards, f"{path} imports {upwards}"
