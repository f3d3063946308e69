"""onnx2tf, run for real: the files that it writes, rewritten, give what they give as they are."""

from __future__ import annotations

import contextlib
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import rewriter
from rewriter.integrations.onnx2tf import rewrite, wrap
from tests.integrations.agreement import agree

onnx2tf = pytest.importorskip("onnx2tf", reason="the tests of onnx2tf as a host need it: make hosts HOSTS=onnx2tf")
# A host may warn as it likes; what it gives is what is tested.
pytestmark = pytest.mark.filterwarnings("ignore")
onnx = pytest.importorskip("onnx")

SEED = 7
WRITES_ITSELF = not onnx2tf.__version__.startswith("1.")
"""Whether onnx2tf writes TensorFlow Lite by itself, as it does from 2 on, and not by TensorFlow's converter."""


def constant(name: str, random: np.random.Generator, *shape: int) -> Any:
    return onnx.numpy_helper.from_array((random.normal(size=shape) * 0.3).astype(np.float32), name)


def network(path: Path) -> Path:
    """A convolution with RELU6, one that makes the image larger, and a classifier behind a mean."""
    random = np.random.default_rng(SEED)
    make = onnx.helper.make_node
    if WRITES_ITSELF:  # onnx2tf 1.29.24 cannot convert a ConvTranspose beside this release of TensorFlow
        larger = [make("ConvTranspose", ["clipped", "w2", "b2"], ["larger"], strides=[2, 2])]
        constants = [constant("w2", random, 8, 4, 2, 2), constant("b2", random, 4), constant("w3", random, 4, 4, 3, 3)]
    else:
        resize = {"mode": "linear", "coordinate_transformation_mode": "align_corners"}
        larger = [make("Resize", ["clipped", "", "scales"], ["larger"], **resize)]
        scales = onnx.numpy_helper.from_array(np.array([1, 1, 2, 2], np.float32), "scales")
        constants = [scales, constant("w3", random, 4, 8, 3, 3)]
    graph = onnx.helper.make_graph(
        [
            make("Conv", ["image", "w1", "b1"], ["first"], strides=[2, 2], pads=[1, 1, 1, 1]),
            make("Clip", ["first", "zero", "six"], ["clipped"]),
            *larger,
            make("Relu", ["larger"], ["positive"]),
            make("Conv", ["positive", "w3", "b3"], ["second"], pads=[1, 1, 1, 1]),
            make("GlobalAveragePool", ["second"], ["mean"]),
            make("Flatten", ["mean"], ["flat"]),
            make("Gemm", ["flat", "w4", "b4"], ["classes"], transB=1),
        ],
        "network",
        # Four channels: for images of three, onnx2tf 1 fetches pictures from the net.
        [onnx.helper.make_tensor_value_info("image", onnx.TensorProto.FLOAT, [1, 4, 16, 16])],
        [onnx.helper.make_tensor_value_info("classes", onnx.TensorProto.FLOAT, [1, 10])],
        [
            constant("w1", random, 8, 4, 3, 3),
            constant("b1", random, 8),
            onnx.numpy_helper.from_array(np.float32(0), "zero"),
            onnx.numpy_helper.from_array(np.float32(6), "six"),
            *constants,
            constant("b3", random, 4),
            constant("w4", random, 10, 4),
            constant("b4", random, 10),
        ],
    )
    model = onnx.helper.make_model(graph, opset_imports=[onnx.helper.make_opsetid("", 17)], ir_version=9)
    onnx.checker.check_model(model)
    onnx.save(model, path)
    return path


PACK, FIRED = (
    ("toco", {"toco.fuse_add_into_preceding_affine_without_bias", "toco.remove_reshape_before_fc"})
    if WRITES_ITSELF
    else ("nnapi", {"nnapi.resize_by_matrices"})
)


@pytest.fixture(scope="module")
def converted(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """The ONNX model, and the folder that onnx2tf wrote."""
    folder = tmp_path_factory.mktemp("onnx2tf")
    path = network(folder / "network.onnx")
    with contextlib.chdir(folder):
        onnx2tf.convert(input_onnx_file_path=str(path), output_folder_path=str(folder / "plain"), non_verbose=True)
    return path, folder / "plain"


def interpreter() -> Any:
    from ai_edge_litert.interpreter import Interpreter

    return Interpreter


def test_a_rewritten_conversion_gives_what_the_plain_one_gives(
    converted: tuple[Path, Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, record_property: Any
) -> None:
    path, plain = converted
    monkeypatch.chdir(tmp_path)
    convert = wrap(onnx2tf.convert, packs=[PACK])
    convert(input_onnx_file_path=str(path), output_folder_path="out", non_verbose=True)
    report = convert.rewritten.reports["network_float32.tflite"]
    before, after = (folder / "network_float32.tflite" for folder in (plain, tmp_path / "out"))
    for name, difference in agree(before.read_bytes(), after.read_bytes(), report, interpreter(), FIRED).items():
        record_property(name, difference)


def test_a_folder_that_the_command_wrote_is_rewritten(
    converted: tuple[Path, Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path, plain = converted
    command = Path(sys.executable).with_name("onnx2tf")
    done = subprocess.run(
        [command, "-i", path, "-o", tmp_path / "out", "-n"], cwd=tmp_path, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    before = (plain / "network_float32.tflite").read_bytes()
    assert (tmp_path / "out" / "network_float32.tflite").read_bytes() == before
    found = rewrite(tmp_path / "out", [PACK])
    after = (tmp_path / "out" / "network_float32.tflite").read_bytes()
    agree(before, after, found.reports["network_float32.tflite"], interpreter(), FIRED)


@pytest.mark.skipif(not WRITES_ITSELF, reason="onnx2tf 1 computes in single precision what it stores in half")
def test_a_file_that_the_runtime_here_does_not_run_stays_and_a_warning_says_so(
    converted: tuple[Path, Path], tmp_path: Path
) -> None:
    shutil.copytree(converted[1], tmp_path, dirs_exist_ok=True)
    half = tmp_path / "network_float16.tflite"
    before = half.read_bytes()
    with pytest.warns(UserWarning, match=r"network_float16\.tflite stays as it was converted: the check failed"):
        found = rewrite(tmp_path, [PACK])
    assert half.read_bytes() == before
    assert set(found.left) == {"network_float16.tflite"}
    assert set(found.reports) == {"network_float32.tflite"}


def test_a_pipe_gives_what_the_function_gives(converted: tuple[Path, Path]) -> None:
    data = (converted[1] / "network_float32.tflite").read_bytes()
    program = "import sys; from rewriter.cli import main; sys.exit(main())"
    words = [sys.executable, "-c", program, "apply", "-", "-p", PACK, "-o", "-", "-q"]
    done = subprocess.run(words, input=data, capture_output=True, check=True)
    assert done.stdout == rewriter.apply_bytes(data, packs=[PACK])
    assert done.stdout != data


def test_files_that_were_there_before_are_not_touched(
    converted: tuple[Path, Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path, plain = converted
    monkeypatch.chdir(tmp_path)
    os.mkdir("saved_model")
    shutil.copy(plain / "network_float32.tflite", "saved_model/older.tflite")
    convert = wrap(onnx2tf.convert, packs=[PACK])
    convert(input_onnx_file_path=str(path), non_verbose=True)
    assert Path("saved_model/older.tflite").read_bytes() == (plain / "network_float32.tflite").read_bytes()
    assert "network_float32.tflite" in convert.rewritten.reports
    assert "older.tflite" not in convert.rewritten.reports


def test_a_folder_without_models_and_what_cannot_be_called_are_refused(tmp_path: Path) -> None:
    with pytest.raises(rewriter.UsageError, match=r"there is no \.tflite file"):
        rewrite(tmp_path)
    with pytest.raises(rewriter.UsageError, match="a str cannot be called"):
        wrap("onnx2tf.convert")  # type: ignore[arg-type]
