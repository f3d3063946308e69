"""Each foreign library has one place that knows it, and ruff refuses it elsewhere."""

from __future__ import annotations

import ast
import shutil
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from tests.packaging.project import shipped_files
from tests.shared import CHECKOUT

if TYPE_CHECKING:
    from collections.abc import Iterator

SCHEMA = "import flatbuffers"
FLEXBUFFERS = "from flatbuffers import flexbuffers"
BINDINGS = "from ai_edge_litert import schema_py_generated"
BINDINGS_BY_MODULE = "import ai_edge_litert.schema_py_generated as schema"
LARK = "from lark import Lark"
LATE_LARK = "def build():\n    import lark\n    return lark"
INTERPRETER = "from ai_edge_litert.interpreter import Interpreter"
TENSORFLOW = "import tensorflow as tf"


def refusals(source: str, file: str) -> str:
    """What ruff has against an import in a file of the project, by the project's own settings; empty if nothing."""
    ruff = shutil.which("ruff", path=f"{sys.prefix}/bin") or shutil.which("ruff")
    if ruff is None:
        pytest.skip("ruff is not installed; `make setup` brings it")
    done = subprocess.run(
        [ruff, "check", "--select", "TID251", "--output-format", "concise", "--stdin-filename", file, "-"],
        input=source + "\n",
        cwd=CHECKOUT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode in (0, 1), done.stderr
    if done.returncode == 0:
        return ""
    assert "TID251" in done.stdout
    return done.stdout


@pytest.mark.parametrize(
    "source", [SCHEMA, FLEXBUFFERS, BINDINGS, BINDINGS_BY_MODULE, LARK, LATE_LARK, INTERPRETER, TENSORFLOW]
)
@pytest.mark.parametrize(
    "file",
    ["rewriter/driver.py", "rewriter/language/check.py", "rewriter/cli/apply.py", "patterns/mediapipe/kernels.py"],
)
def test_ruff_refuses_a_foreign_library_where_it_does_not_belong(source: str, file: str) -> None:
    assert "only" in refusals(source, file).lower()


@pytest.mark.parametrize(
    ("source", "file"),
    [
        (SCHEMA, "rewriter/model/reader.py"),
        (BINDINGS, "rewriter/model/reader.py"),
        (INTERPRETER, "rewriter/verify/child.py"),
        (LARK, "rewriter/language/parse.py"),
        (FLEXBUFFERS, "rewriter/dialect/options.py"),
    ],
)
def test_ruff_lets_a_library_in_by_its_own_door(source: str, file: str) -> None:
    assert refusals(source, file) == ""


def imports(tree: ast.AST) -> Iterator[str]:
    for statement in ast.walk(tree):
        match statement:
            case ast.Import(names):
                yield from (name.name for name in names)
            case ast.ImportFrom(module=str(module), names=names):
                yield from (f"{module}.{name.name}" for name in names)
            case _:
                pass


DOORS = {
    "flatbuffers": "rewriter/model/",
    "flatbuffers.flexbuffers": "rewriter/dialect/options.py",
    "ai_edge_litert.schema_py_generated": "rewriter/model/",
    "ai_edge_litert.interpreter": "rewriter/verify/",
    "lark": "rewriter/language/parse.py",
    "tensorflow": "rewriter/verify/",
}


@pytest.mark.parametrize("library", DOORS)
def test_each_door_opens_to_one_library(library: str) -> None:
    """Ruff's exceptions are for a file and all that is banned, so that they would let `model/` import Lark."""
    strangers = [
        (place, name)
        for place, path in shipped_files()
        if path.suffix == ".py" and not place.startswith(DOORS[library])
        for name in imports(ast.parse(path.read_bytes()))
        if library == max((door for door in DOORS if f"{name}.".startswith(f"{door}.")), key=len, default=None)
    ]
    assert strangers == []
