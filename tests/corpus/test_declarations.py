"""What the declarations say of operators is what real models hold; where it is not, a table says why."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

import pytest

from rewriter.dialect.dialect import builtin_declarations
from rewriter.dialect.inference import infer_operator, sizes_of
from rewriter.dialect.types import TensorType
from rewriter.model import read

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from rewriter.dialect.declaration import Declaration
    from rewriter.model import Model, Operator

_UNSHAPED = "the file leaves shapes out, which a run fills in"
DISAGREEMENTS = {
    "add_quantized.bin": ("types are mixed; the kernel takes the operand's for the result", {"ADD f32", "ADD refused"}),
    "keyword_scrambled.tflite": ("an 8-bit SOFTMAX may give i16, which only its result says", {"SOFTMAX i16"}),
    "keyword_scrambled_8bit.tflite": ("an 8-bit SOFTMAX may give i16, which only its result says", {"SOFTMAX i16"}),
    "lstm_calibrated.bin": (_UNSHAPED, {"LSTM []"}),
    "lstm_calibrated2.bin": (_UNSHAPED, {"LSTM []"}),
    "lstm_quantized.bin": (_UNSHAPED, {"LSTM []"}),
    "lstm_quantized2.bin": (_UNSHAPED, {"LSTM []"}),
    "mixed.bin": (_UNSHAPED, {"SQUEEZE refused"}),
    "simple_squeeze.tflite": (_UNSHAPED, {"SQUEEZE refused"}),
    "svdf_calibrated.bin": ("made by hand, and refused by the runtime", {"SVDF [1, 4]"}),
    "svdf_quantized.bin": ("made by hand, and refused by the runtime", {"SVDF [1, 4]"}),
    "test_model_versioned_ops.bin": ("made by hand, and refused by the runtime", {"CONV_2D refused"}),
    "transpose.bin": ("of an older version of the schema, and refused by the runtime", {"TRANSPOSE refused"}),
    "unidirectional_sequence_lstm_calibrated.bin": (_UNSHAPED, {"UNIDIRECTIONAL_SEQUENCE_LSTM []"}),
    "unidirectional_sequence_lstm_quantized.bin": (_UNSHAPED, {"UNIDIRECTIONAL_SEQUENCE_LSTM []"}),
}

SHAPED_BY_A_RUN = {"FILL", "RESHAPE", "SEGMENT_SUM", "TRANSPOSE_CONV"}
"""Operators of which the models record sizes that follow from what only a run computes."""

MISFITS = {
    "transpose.bin": {"TRANSPOSE: perm is f32"},
}

_KEPT = "the types were changed by hand, and the versions were not"
OLDER = {
    ("ADD", 2, 3): _KEPT,
    ("BATCH_MATMUL", 1, 3): "a quantizer changed the types, and not the versions",
    ("CONV_2D", 2, 3): _KEPT,
    ("CONV_2D", 3, 4): _KEPT,
    ("DEQUANTIZE", 2, 3): "written before f16 had a version of its own",
    ("FULLY_CONNECTED", 1, 6): "the absent bias stands there as -1, and the public rule counts it as an operand",
    ("FULLY_CONNECTED", 5, 6): "the absent bias stands there as -1, and the public rule counts it as an operand",
    ("MUL", 1, 2): "a quantizer changed the types, and not the versions",
    ("MUL", 1, 3): "written before a product that is scaled up had a version of its own",
    ("MUL", 1, 4): "a quantizer changed the types, and not the versions",
    ("PAD", 2, 3): _KEPT,
    ("RESIZE_BILINEAR", 1, 3): "the flag was set by hand, and the version was not",
    ("RSQRT", 1, 3): "a quantizer changed the types, and not the versions",
    ("SUB", 2, 5): _KEPT,
    ("SVDF", 2, 3): "made by hand, and refused by the runtime",
}
"""Operators whose stored version is lower than ours: operator, stored, ours, and how it came about."""


def declared(model: Model) -> Iterator[tuple[Declaration, Operator]]:
    for operator in model.operators():
        declaration = builtin_declarations().get(operator.code.builtin)
        if declaration is not None:
            yield declaration, operator


def attributes_of(declaration: Declaration, operator: Operator) -> dict[str, object]:
    return {name: declaration.attribute(operator, name) for name in declaration.attributes}


def contradicts(inferred: TensorType, stored: TensorType) -> str | None:
    """What the file says that cannot be so; an inferred size that is open says nothing."""
    if inferred.dtype != stored.dtype:
        return stored.dtype
    if inferred.rank != stored.rank or any(
        a not in (None, b) for a, b in zip(inferred.shape, stored.shape, strict=True)
    ):
        return str(list(stored.shape))
    return None


def test_inferred_results_are_those_that_are_stored(path: Path) -> None:
    found: set[str] = set()
    for declaration, operator in declared(read(path)):
        try:
            inferred = infer_operator(declaration, operator)
        except ValueError:
            found.add(f"{operator.name} refused")
            continue
        if inferred is None:
            continue
        assert len(inferred) == len(operator.outputs), operator
        for one, tensor in zip(inferred, operator.outputs, strict=True):
            stored = TensorType(tensor.dtype, sizes_of(tensor))
            if one is not None and (said := contradicts(one, stored)) is not None:
                found.add(f"{operator.name} {said}")
            elif one is not None and one != stored:
                assert operator.name in SHAPED_BY_A_RUN, f"{one} is stored as {stored}"
    assert found == DISAGREEMENTS.get(path.name, ("", set()))[1]


def misfits(declaration: Declaration, operator: Operator) -> Iterator[str]:
    """What is wrong with an operator's operands and results by number, presence and element type."""
    operands = declaration.logical(operator)
    for specs, tensors in ((declaration.operands or (), operands), (declaration.results or (), operator.outputs)):
        if len(tensors) > len(specs) and not (specs and specs[-1].variadic):
            yield f"{declaration.name}: {len(tensors)} for {len(specs)}"
        for index, spec in enumerate(specs):
            tensor = tensors[index] if index < len(tensors) else None
            if tensor is None:
                if not (spec.optional or spec.variadic or spec.name in declaration.operand_values):
                    yield f"{declaration.name}: {spec.name} is absent"
            elif spec.dtypes and tensor.dtype not in spec.dtypes:
                yield f"{declaration.name}: {spec.name} is {tensor.dtype}"


def test_operands_and_results_are_as_declared(path: Path) -> None:
    found = {text for declaration, operator in declared(read(path)) for text in misfits(declaration, operator)}
    assert found == MISFITS.get(path.name, set())


def test_what_is_demanded_of_quantisation_holds(path: Path) -> None:
    for declaration, operator in declared(read(path)):
        attributes = attributes_of(declaration, operator)
        assert declaration.quantization_complaints(declaration.logical(operator), operator.outputs, attributes) == []


def test_stored_versions_are_no_lower_than_ours(any_paths: list[Path]) -> None:
    older: Counter[tuple[str, int, int]] = Counter()
    relation: Counter[str] = Counter()
    for path in any_paths:
        for declaration, operator in declared(read(path)):
            attributes = attributes_of(declaration, operator)
            ours = declaration.version(declaration.logical(operator), operator.outputs, attributes)
            stored = operator.code.version
            relation["older" if stored < ours else "newer" if stored > ours else "equal"] += 1
            if stored < ours:
                older[operator.name, stored, ours] += 1
    print(dict(relation))
    assert set(older) <= set(OLDER)
    assert relation["equal"] > 3 * relation["older"]


@pytest.mark.parametrize("name", sorted(DISAGREEMENTS))
def test_each_exception_is_about_a_model_that_is_at_hand(name: str, any_paths: list[Path]) -> None:
    assert [path.name for path in any_paths].count(name) == 1
