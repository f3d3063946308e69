"""Operator versions of the declared builtin operators, against the table of the public version rules."""

from __future__ import annotations

from typing import Any

import pytest

from rewriter.dialect.dialect import builtin_declarations
from rewriter.model import Quantization, Tensor


def tensor(dtype: str, shape: tuple[int, ...] = (1, 4, 4, 2), scale: tuple[float, ...] = ()) -> Tensor:
    parameters = Quantization(scale, (0,) * len(scale)) if scale else None
    return Tensor.make("t", dtype, shape, quantization=parameters)


def version(name: str, operands: list[Tensor | None], result: Tensor | None = None, **attributes: Any) -> int:
    """What the declaration's first rule that holds says; 1 where none does."""
    declaration = builtin_declarations()[name]
    known: dict[str, object] = {each.name: each.default for each in declaration.attributes.values()} | attributes
    specs = declaration.operands or ()
    known |= {spec.name: operands[place] if place < len(operands) else None for place, spec in enumerate(specs)}
    known |= {spec.name: result or operands[0] for spec in declaration.results or ()}
    holding = [rule.number for rule in declaration.versions if all(condition(known) for condition in rule.conditions)]
    return holding[0] if holding else 1


F32, F16, I8, I16, I64 = (tensor(dtype) for dtype in ("f32", "f16", "i8", "i16", "i64"))
Q8, Q16 = tensor("i8", scale=(0.5,)), tensor("i16", scale=(0.5,))
CHANNELS = tensor("i8", (2, 3, 3, 2), scale=(0.5, 0.25))
FILTER, FILTER8, FILTER4 = (tensor(dtype, (2, 3, 3, 2)) for dtype in ("f32", "i8", "i4"))
BIAS = tensor("f32", (2,))
LONG, LONG1 = tensor("f32", (1, 2, 2, 2, 2)), tensor("f32", (1, 1, 1, 1, 2))


@pytest.mark.parametrize(
    ("name", "operands", "attributes", "wanted"),
    [
        ("ADD", [F32, F32], {}, 1),
        ("ADD", [I8, I8], {}, 2),
        ("ADD", [Q16, Q16], {"pot_scale_int16": False}, 3),
        ("ADD", [I64, I64], {}, 4),
        ("ADD", [I16, I16], {}, 5),
        ("ADD", [F16, F16], {}, 6),
        ("MUL", [F32, F32], {}, 1),
        ("MUL", [I8, I8], {}, 2),
        ("MUL", [Q16, Q16], {}, 4),
        ("MUL", [I64, I64], {}, 5),
        ("MUL", [I16, I16], {}, 7),
        ("MUL", [F16, F16], {}, 8),
        ("SUB", [F32, F32], {}, 1),
        ("SUB", [I8, I8], {}, 2),
        ("SUB", [LONG, LONG], {}, 1),
        ("SUB", [LONG, LONG1], {}, 3),
        ("SUB", [I64, I64], {}, 4),
        ("SUB", [I16, I16], {"pot_scale_int16": False}, 5),
        ("RELU", [F32], {}, 1),
        ("RELU", [tensor("u8")], {}, 2),
        ("RELU", [I16], {}, 3),
        ("RELU6", [tensor("u8")], {}, 1),
        ("RELU6", [I8], {}, 2),
        ("CONV_2D", [F32, FILTER, BIAS], {}, 1),
        ("CONV_2D", [F32, FILTER8, BIAS], {}, 2),
        ("CONV_2D", [I8, FILTER8, BIAS], {}, 3),
        ("CONV_2D", [I16, FILTER8, BIAS], {}, 4),
        ("CONV_2D", [F32, CHANNELS, BIAS], {}, 5),
        ("CONV_2D", [tensor("f32", (1, 4, 4, 4)), FILTER, BIAS], {}, 6),
        ("CONV_2D", [I8, FILTER4, BIAS], {}, 7),
        ("CONV_2D", [I16, FILTER8, BIAS], {"quantized_bias_type": "INT32"}, 8),
        ("DEPTHWISE_CONV_2D", [F32, FILTER, BIAS], {}, 1),
        ("DEPTHWISE_CONV_2D", [F32, FILTER, BIAS], {"dilation_h_factor": 2}, 2),
        ("DEPTHWISE_CONV_2D", [I8, FILTER8, BIAS], {"dilation_h_factor": 2}, 3),
        ("DEPTHWISE_CONV_2D", [F32, FILTER8, BIAS], {}, 4),
        ("DEPTHWISE_CONV_2D", [I16, FILTER8, BIAS], {}, 5),
        ("DEPTHWISE_CONV_2D", [F32, CHANNELS, BIAS], {}, 6),
        ("DEPTHWISE_CONV_2D", [I8, FILTER4, BIAS], {}, 7),
        ("TRANSPOSE_CONV", [F32, FILTER], {}, 1),
        ("TRANSPOSE_CONV", [I8, FILTER8], {}, 2),
        ("TRANSPOSE_CONV", [F32, FILTER, BIAS], {}, 3),
        ("TRANSPOSE_CONV", [F32, FILTER], {"fused_activation_function": "RELU"}, 4),
        ("TRANSPOSE_CONV", [I16, FILTER8, BIAS], {"quantized_bias_type": "INT32"}, 5),
        ("AVERAGE_POOL_2D", [F32], {}, 1),
        ("MAX_POOL_2D", [I8], {}, 2),
        ("MAX_POOL_2D", [I16], {}, 3),
        ("RESIZE_BILINEAR", [F32, None], {}, 1),
        ("RESIZE_BILINEAR", [I8, None], {}, 2),
        ("RESIZE_BILINEAR", [I8, None], {"half_pixel_centers": True}, 3),
        ("RESIZE_NEAREST_NEIGHBOR", [I16, None], {}, 4),
        ("RESIZE_NEAREST_NEIGHBOR", [F32, None], {"align_corners": True}, 3),
    ],
)
def test_the_first_rule_that_holds_gives_the_version(
    name: str, operands: list[Tensor | None], attributes: dict[str, Any], wanted: int
) -> None:
    assert version(name, operands, **attributes) == wanted


@pytest.mark.parametrize(("result", "wanted"), [(0.3, 2), (0.25, 3), (0.2, 3)])
def test_a_product_that_is_scaled_up_needs_a_newer_mul(result: float, wanted: int) -> None:
    assert version("MUL", [Q8, Q8], tensor("i8", scale=(result,))) == wanted
