"""What the page on converters shows happens: without a host everywhere, and beside each host that is at hand."""

from __future__ import annotations

import importlib.util
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.rules.transpose_conv import Case, custom_model
from tests.shared import CHECKOUT
from tests.unit.commands import rewriter

PAGE = (CHECKOUT / "docs" / "how-to" / "embed-in-a-converter.md").read_text()
CASE = Case(1, rows=(5, 3, 2), columns=(4, 3, 2), channels=3, out_channels=2, padding="SAME", seed=0)
HOSTS = {"TensorFlow": "tensorflow", "litert-torch": "litert_torch", "onnx2tf": "onnx2tf"}
ONNX = """
import numpy as np, onnx
make, helper = onnx.helper.make_node, onnx.helper
random = np.random.default_rng(0)
weights = [onnx.numpy_helper.from_array(random.normal(size=size).astype(np.float32), name)
           for name, size in (("w", (4, 5, 3, 3)), ("b", (4,)))]
image, result = (helper.make_tensor_value_info(name, onnx.TensorProto.FLOAT, [1, channels, 8, 8])
                 for name, channels in (("image", 5), ("result", 4)))
graph = helper.make_graph([make("Conv", ["image", "w", "b"], ["result"], pads=[1, 1, 1, 1])], "g", [image], [result],
                          weights)
onnx.save(helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=9), "model.onnx")
"""


def blocks(heading: str, language: str = "python") -> list[str]:
    """The blocks below a heading of the page."""
    (section,) = re.findall(rf"^## {re.escape(heading)}\n(.*?)(?=^## |\Z)", PAGE, re.MULTILINE | re.DOTALL)
    found = re.findall(rf"^```{language}\n(.*?)^```", section, re.MULTILINE | re.DOTALL)
    assert found
    return found


def execute(program: str, folder: Path) -> str:
    done = subprocess.run([sys.executable, "-c", program], cwd=folder, capture_output=True, text=True, check=False)
    assert done.returncode == 0, f"{program}\n{done.stdout}\n{done.stderr}"
    return done.stdout


@pytest.fixture
def place(tmp_path: Path) -> Path:
    (tmp_path / "model.tflite").write_bytes(custom_model(CASE, (1, 9, 8, 2)))
    return tmp_path


def test_bytes_in_and_out(place: Path) -> None:
    (block,) = blocks("Bytes in, bytes out")
    assert "mediapipe.transpose_conv_bias_operand.forward" in execute(block, place)


def test_a_pipe(place: Path) -> None:
    (block,) = blocks("A pipe", "console")
    first, second = (line[2:].split() for line in block.splitlines() if line.startswith("$ "))
    assert first[-4:] == ["<", "model.tflite", ">", "out.tflite"]
    data = (place / "model.tflite").read_bytes()
    piped = rewriter(*first[1:-4], cwd=place, given=data)
    assert (piped.code, piped.err) == (0, "")
    (place / "out.tflite").write_bytes(piped.out)
    assert rewriter(*second[1:], cwd=place).code == 0
    (said,) = re.findall(r"^    (error: .*)$", PAGE, re.MULTILINE)
    broken = rewriter(*first[1:-4], cwd=place, given=b"Saved artifact at /tmp/x\n" + data)
    assert broken.err.splitlines()[0] == said


@pytest.mark.parametrize("heading", HOSTS)
def test_a_host(heading: str, tmp_path: Path) -> None:
    if importlib.util.find_spec(HOSTS[heading]) is None:
        pytest.skip(f"{heading} is not at hand; `make hosts` runs this beside it")
    if heading == "onnx2tf":
        execute(ONNX, tmp_path)
    for block in blocks(heading):
        execute(block, tmp_path)


def test_the_versions_on_the_page_are_those_that_are_pinned() -> None:
    for name, package in (
        ("tensorflow", "tensorflow"),
        ("litert-torch", "litert-torch"),
        ("litert-torch", "torch"),
        ("onnx2tf", "onnx2tf"),
        ("onnx2tf-1", "onnx2tf"),
        ("onnx2tf-1", "tensorflow"),
    ):
        pins = (CHECKOUT / ".ci" / "constraints" / f"{name}.txt").read_text()
        (version,) = re.findall(rf"^{package}==(\S+)$", pins, re.MULTILINE)
        assert re.search(rf"^\| .*\b{re.escape(version)}\b", PAGE, re.MULTILINE), (package, version)
