"""What the graph check says of real models."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from rewriter.model import read, reread
from rewriter.packs import find_declaration
from rewriter.wellformed import examine, new_complaints

if TYPE_CHECKING:
    from pathlib import Path

# Errors by model: how many break which rule, and why they do.
KNOWN: dict[str, dict[str, int]] = {
    # An ADD of two u8 tensors that gives f32, and one of f32 and u8: made by hand for a test of metadata.
    "add_quantized.bin": {"type": 1, "operands": 1},
    # The signature still names the float tensors from before inputs and outputs were made i8.
    "hello_world.tflite": {"signature": 2},
    # SOFTMAX from i8 to i16, which the runtime takes; inference does not know it yet.
    "keyword_scrambled.tflite": {"type": 1},
    "keyword_scrambled_8bit.tflite": {"type": 1},
    # An optional operand that is there, with a shape of [-1] and no data.
    "lstm_calibrated2.bin": {"shape": 1},
    "lstm_quantized2.bin": {"shape": 1},
    # Made to be refused: the operand has a buffer, and the buffer has no data.
    "segment_sum_invalid_buffer.bin": {"value": 1},
    # The result's stored shape has fewer units than the weights.
    "svdf_calibrated.bin": {"shape": 1},
    "svdf_quantized.bin": {"shape": 1},
    # Made by hand to show operator versions: strides of 0.
    "test_model_versioned_ops.bin": {"attribute": 2},
    # A permutation of type f32, without data.
    "transpose.bin": {"type": 1},
}


def test_a_real_model_gives_no_cause_for_complaint_that_is_not_known(path: Path) -> None:
    model = read(path)
    errors = Counter(each.rule for each in examine(model, find_declaration) if each.severity == "error")
    assert errors == KNOWN.get(path.name, {})
    assert new_complaints(model, read(path), find_declaration) == []
    assert new_complaints(model, reread(model), find_declaration) == []


# Remarks are on what no runtime minds; these are the rules that have them, and what they are about.
REMARKS = {
    "attribute": "has no shape in the file",
    "interface": "is a constant",
    "operands": "has no shape in the file",
    "operator": "no operator of this name",
    "quantization": "has its scales along dimension",
    "shape": "has no shape in the file",
    "signature": "has no name in it",
    "value": "which nothing computes",
    "version": "what it uses came with",
}


def test_remarks_are_on_what_no_runtime_minds(path: Path) -> None:
    remarks = [each for each in examine(read(path), find_declaration) if each.severity == "remark"]
    assert [str(each) for each in remarks if REMARKS.get(each.rule, "?") not in each.message] == []
