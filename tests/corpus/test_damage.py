"""Real models, cut off and damaged: a ModelError that names the file, or a model; never a crash, a hang or a flood."""

from __future__ import annotations

import random
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rewriter.errors import ModelError
from rewriter.model import read
from tests.corpus.damage import fate
from tests.shared import CHECKOUT, SHARED

if TYPE_CHECKING:
    from pathlib import Path

EXAMPLES = 3000
# With several subgraphs, sparsity, signatures, metadata, custom options, options of both kinds, intermediates, a tail.
NAMES = (
    "coral/mobilenet_v1_0.25_128_quant.tflite",
    "litert/lstm_quantized.bin",
    "litert/multi_add_flex.bin",
    "litert/multi_signature_def.bin",
    "litert/nested_while.bin",
    "litert/resource_vars_calibrated.bin",
    "litert/simple_group_norm_op.tflite",
    "litert/sparse_tensor.bin",
    "litert/with_metadata.bin",
    "mediapipe/selfie_segmentation.tflite",
)
MODELS = [SHARED / "models" / name for name in NAMES]

pytestmark = pytest.mark.skipif(
    not all(path.exists() for path in MODELS), reason=f"the models that these tests damage are not at hand in {SHARED}"
)


@given(data=st.data())
@pytest.mark.parametrize("source", MODELS, ids=NAMES)
def test_a_model_that_was_cut_off_is_refused_or_whole(source: Path, data: st.DataObject) -> None:
    whole = source.read_bytes()
    # Lengths near the end are the ones at which little is missing.
    short = data.draw(st.one_of(st.integers(0, len(whole) - 1), st.integers(max(0, len(whole) - 64), len(whole) - 1)))
    outcome = fate(whole[:short])
    assert outcome in ("read", "refused")
    if outcome == "read":
        # Nothing that the graph needs was cut off: what remains has every constant.
        remaining, model = read(whole[:short]), read(whole)
        assert [buffer.size for buffer in remaining.buffers] == [buffer.size for buffer in model.buffers]


@pytest.mark.parametrize("kept", [0.1, 0.5, 0.9, 0.99])
def test_a_file_that_was_cut_off_is_named_with_what_is_missing(kept: float, tmp_path: Path) -> None:
    whole = MODELS[-1].read_bytes()
    cut = tmp_path / "cut.tflite"
    cut.write_bytes(whole[: int(kept * len(whole))])
    with pytest.raises(ModelError, match=r"cut\.tflite: damaged model: .*(outside|ends|longer)"):
        read(cut)


def test_damage_anywhere_ends_in_a_model_or_a_model_error() -> None:
    seed = random.randrange(2**32)
    command = [sys.executable, "-m", "tests.corpus.damage", str(seed), str(EXAMPLES), *map(str, MODELS)]
    done = subprocess.run(command, cwd=CHECKOUT, capture_output=True, text=True, check=False, timeout=300)
    assert done.returncode == 0, f"seed {seed}: {done.stderr}"
    fates = {line.partition(" ")[2] for line in done.stdout.splitlines()}
    assert fates == {"read", "refused"}, f"seed {seed}: {done.stdout}"
