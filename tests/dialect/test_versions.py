"""The lowest operator versions, by the runtime's public rule: the first condition that holds, not the highest."""

from __future__ import annotations

from typing import Any

import pytest

from rewriter.dialect.dialect import builtin_declarations
from rewriter.model import Quantization, Tensor

_KINDS = {"": (), "q": (0.5,), "c": (0.5, 0.25)}


def tensor(text: str) -> Tensor | None:
    """An operand: `i8` of four dimensions, `i8q` quantized, `i8c` for each channel, `i8/5` of five dimensions."""
    if text == "-":
        return None
    kind, _, rank = text.partition("/")
    dtype = kind.rstrip("qc")
    scale = _KINDS[kind[len(dtype) :]]
    quantization = Quantization(scale, (0,) * len(scale)) if scale else None
    return Tensor.make("t", dtype, (1, 4, 4, 2, 2, 2, 2)[: int(rank or 4)], quantization=quantization)


F8 = "float8_e4m3fn"
EIGHT_BIT = ("GREATER", "LESS_EQUAL", "SQUARED_DIFFERENCE", "DEPTH_TO_SPACE", "SPACE_TO_DEPTH", "SUM", "LOG_SOFTMAX")
RESIZES = ("RESIZE_BILINEAR", "RESIZE_NEAREST_NEIGHBOR")
RNNS = ("RNN", "UNIDIRECTIONAL_SEQUENCE_RNN", "BIDIRECTIONAL_SEQUENCE_RNN")
EIGHT_AND_SIXTEEN_BIT = ("MEAN", "MIRROR_PAD", "REDUCE_MAX", "REDUCE_MIN", "RELU6", "RSQRT")

# Operator, operands in logical order, result, attributes, version.
ROWS: list[tuple[str, str, str, dict[str, Any], int]] = [
    ("ADD", "f32 f32", "f32", {}, 1),
    ("ADD", "i8q i8q", "i8q", {}, 2),
    ("ADD", "i16q i16q", "i16q", {"pot_scale_int16": False}, 3),
    ("ADD", "i16q i16q", "i16q", {}, 1),
    ("ADD", "i64 i64", "i64", {}, 4),
    ("ADD", "i16 i16", "i16", {"pot_scale_int16": False}, 5),
    ("ADD", "f16 f16", "f16", {}, 6),
    ("SUB", "f32 f32/5", "f32/5", {}, 3),
    ("SUB", "f32/5 f32/5", "f32/5", {}, 1),
    ("SUB", "i8q i8q/5", "i8q/5", {}, 3),
    ("SUB", "i8q i8q", "i8q", {}, 2),
    ("SUB", "i64 i64/5", "i64/5", {}, 4),
    ("SUB", "i16q i16q/5", "i16q/5", {"pot_scale_int16": False}, 5),
    ("MUL", "f32 f32", "f32", {}, 1),
    ("MUL", "i8q i8q", "i8", {}, 2),
    ("MUL", "i8q i8q", "i8q", {}, 2),
    ("MUL", "i16q i16q", "i16q", {}, 4),
    ("MUL", "i64 i64", "i64", {}, 5),
    ("MUL", "c64 c64", "c64", {}, 6),
    ("MUL", "i16 i16", "i16", {}, 7),
    ("MUL", "u32 u32", "u32", {}, 7),
    ("MUL", "f16 f16", "f16", {}, 8),
    ("DIV", "f32 f32", "f32", {}, 1),
    ("DIV", "f32 f32/5", "f32/5", {}, 2),
    ("FLOOR_DIV", "i32 i32", "i32", {}, 1),
    ("FLOOR_DIV", "f32 f32", "f32", {}, 2),
    ("FLOOR_DIV", "i8 i8", "i8", {}, 3),
    ("FLOOR_MOD", "f32 f32", "f32", {}, 1),
    ("FLOOR_MOD", "i16 i16", "i16", {}, 2),
    ("POW", "f32 f32", "f32", {}, 1),
    *((name, "f32 f32", "f32", {}, 1) for name in ("MAXIMUM", "MINIMUM")),
    *((name, "i8q i8q", "i8q", {}, 2) for name in ("MAXIMUM", "MINIMUM")),
    *((name, "i8q i8q/5", "i8q/5", {}, 3) for name in ("MAXIMUM", "MINIMUM")),
    *((name, "i16q i16q/5", "i16q/5", {}, 4) for name in ("MAXIMUM", "MINIMUM")),
    *((name, "f32 f32", "f32", {}, 1) for name in EIGHT_BIT),
    *((name, "i8q i8q", "i8q", {}, 2) for name in EIGHT_BIT),
    *((name, "i16q i16q", "i16q", {}, 1) for name in EIGHT_BIT),
    *((name, "f32 i32/1", "f32", {}, 1) for name in EIGHT_AND_SIXTEEN_BIT),
    *((name, "i8q i32/1", "i8q", {}, 2) for name in EIGHT_AND_SIXTEEN_BIT),
    *((name, "i16q i32/1", "i16q", {}, 3) for name in EIGHT_AND_SIXTEEN_BIT),
    ("EQUAL", "i8 i8", "bool", {}, 2),
    ("EQUAL", "string string", "bool", {}, 3),
    ("EQUAL", "i16 i16", "bool", {}, 5),
    ("NOT_EQUAL", "i8 i8", "bool", {}, 2),
    ("NOT_EQUAL", "string string", "bool", {}, 3),
    ("NOT_EQUAL", "i16 i16", "bool", {}, 4),
    *((name, "i8 i8", "bool", {}, 2) for name in ("LESS", "GREATER_EQUAL")),
    *((name, "i16 i16", "bool", {}, 3) for name in ("LESS", "GREATER_EQUAL")),
    ("SELECT", "bool f32 f32", "f32", {}, 1),
    ("SELECT", "i8 f32 f32", "f32", {}, 2),
    ("SELECT", "bool f32/5 f32/5", "f32/5", {}, 3),
    ("SELECT", "u32 f32/5 f32/5", "f32/5", {}, 4),
    ("SELECT_V2", "bool f32 f32", "f32", {}, 1),
    ("SELECT_V2", "u32 f32 f32", "f32", {}, 2),
    ("ABS", "f32", "f32", {}, 1),
    ("ABS", "u8q", "u8q", {}, 2),
    ("ABS", "i16q", "i16q", {}, 3),
    ("ABS", "i16", "i16", {}, 4),
    ("ABS", "i32", "i32", {}, 5),
    ("SIGN", "f32", "f32", {}, 1),
    ("SIGN", "i32", "i32", {}, 2),
    *((name, "i8q", "i8q", {}, 2) for name in ("SQRT", "EXP", "LOG")),
    *((name, "i16q", "i16q", {}, 2) for name in ("SQRT", "EXP", "LOG")),
    *((name, "f16", "f16", {}, 2) for name in ("SIN", "COS")),
    ("RELU", "f32", "f32", {}, 1),
    ("RELU", "u8q", "u8q", {}, 2),
    ("RELU", "i16q", "i16q", {}, 3),
    ("LEAKY_RELU", "i8q", "i8q", {}, 1),
    ("LEAKY_RELU", "i16q", "i16q", {}, 2),
    ("GELU", "f32", "f32", {}, 1),
    ("GELU", "u8q", "u8q", {}, 2),
    ("GELU", "f16", "f16", {}, 3),
    *((name, "i8q", "i8q", {}, 2) for name in ("LOGISTIC", "TANH")),
    *((name, "i16q", "i16q", {}, 3) for name in ("LOGISTIC", "TANH")),
    *((name, "i16q", "f32", {}, 1) for name in ("LOGISTIC", "TANH")),
    ("SOFTMAX", "u8q", "u8q", {}, 1),
    ("SOFTMAX", "i8q", "i8q", {}, 2),
    ("SOFTMAX", "i16q", "i16q", {}, 3),
    ("SOFTMAX", "f16", "f16", {}, 4),
    ("L2_NORMALIZATION", "f32", "f32", {}, 1),
    ("L2_NORMALIZATION", "i8q", "i8q", {}, 2),
    ("FAKE_QUANT", "f32", "f32", {}, 1),
    ("FAKE_QUANT", "f32", "f32", {"narrow_range": True}, 2),
    ("CAST", "f32", "i32", {}, 1),
    ("CAST", "f32", "u32", {}, 2),
    ("CAST", "i8", "u32", {}, 3),
    ("CAST", "i8", "u16", {}, 4),
    ("CAST", "u16", "f16", {}, 5),
    ("CAST", "i4", "f32", {}, 6),
    ("CAST", "i4", "i8", {}, 3),
    ("CAST", "i4", "bf16", {}, 7),
    ("CAST", "i2", "f32", {}, 8),
    ("CAST", F8, "f32", {}, 9),
    ("QUANTIZE", "f32", "i8q", {}, 1),
    ("QUANTIZE", "f32", "i16q", {}, 2),
    ("QUANTIZE", "f32", "i16c", {}, 3),
    ("QUANTIZE", "f32", "i4c", {}, 4),
    ("QUANTIZE", "u4q", "i4q", {}, 5),
    ("DEQUANTIZE", "u8q", "f32", {}, 1),
    ("DEQUANTIZE", "i8q", "f32", {}, 2),
    ("DEQUANTIZE", "f16", "f32", {}, 3),
    ("DEQUANTIZE", "i16q", "f32", {}, 3),
    ("DEQUANTIZE", "i8c", "f32", {}, 5),
    ("DEQUANTIZE", "i4c", "f32", {}, 6),
    ("DEQUANTIZE", "i2q", "f32", {}, 7),
    ("DEQUANTIZE", "u4q", "f32", {}, 8),
    ("DEQUANTIZE", F8, "f32", {}, 9),
    ("CONV_2D", "f32 f32 f32/1", "f32", {}, 1),
    ("CONV_2D", "u8q u8q i32q/1", "u8q", {}, 1),
    ("CONV_2D", "f32 i8q f32/1", "f32", {}, 2),
    ("CONV_2D", "i8q i8c i32c/1", "i8q", {}, 3),
    ("CONV_2D", "i16q i16q i64q/1", "i16q", {}, 4),
    ("CONV_2D", "f32 i8c f32/1", "f32", {}, 5),
    ("CONV_2D", "i8q i4c i32c/1", "i8q", {}, 7),
    ("CONV_2D", "i16q i8c i32c/1", "i16q", {"quantized_bias_type": "INT32"}, 8),
    ("DEPTHWISE_CONV_2D", "f32 f32 f32/1", "f32", {}, 1),
    ("DEPTHWISE_CONV_2D", "f32 f32 f32/1", "f32", {"dilation_w_factor": 2}, 2),
    ("DEPTHWISE_CONV_2D", "i8q i8c i32c/1", "i8q", {"dilation_w_factor": 2}, 3),
    ("DEPTHWISE_CONV_2D", "f32 i8q f32/1", "f32", {}, 4),
    ("DEPTHWISE_CONV_2D", "i16q i16q i64q/1", "i16q", {}, 5),
    ("DEPTHWISE_CONV_2D", "f32 i8c f32/1", "f32", {}, 6),
    ("DEPTHWISE_CONV_2D", "i8q i4c i32c/1", "i8q", {}, 7),
    ("TRANSPOSE_CONV", "f32 f32 - i32/1", "f32", {}, 1),
    ("TRANSPOSE_CONV", "i8q i8q - i32/1", "i8q", {}, 2),
    ("TRANSPOSE_CONV", "i8q i8q i32q/1 i32/1", "i8q", {}, 3),
    ("TRANSPOSE_CONV", "f32 f32 f32/1 i32/1", "f32", {"fused_activation_function": "RELU"}, 4),
    ("TRANSPOSE_CONV", "i16q i8q i32q/1 i32/1", "i16q", {"quantized_bias_type": "INT32"}, 5),
    *((name, "f32", "f32", {}, 1) for name in ("AVERAGE_POOL_2D", "MAX_POOL_2D", "L2_POOL_2D")),
    *((name, "i8q", "i8q", {}, 2) for name in ("AVERAGE_POOL_2D", "MAX_POOL_2D")),
    *((name, "i16q", "i16q", {}, 3) for name in ("AVERAGE_POOL_2D", "MAX_POOL_2D")),
    *((name, "i8q i32/1", "i8q", {}, 2) for name in RESIZES),
    *((name, "i8q i32/1", "i8q", {"half_pixel_centers": True}, 3) for name in RESIZES),
    *((name, "i16q i32/1", "i16q", {"half_pixel_centers": True}, 4) for name in RESIZES),
    ("RESIZE_BILINEAR", "f32 i32/1", "f32", {"align_corners": True}, 1),
    ("RESIZE_NEAREST_NEIGHBOR", "f32 i32/1", "f32", {"align_corners": True}, 3),
    ("FULLY_CONNECTED", "f32 f32/2 f32/1", "f32", {}, 1),
    ("FULLY_CONNECTED", "u8q u8q/2 i32q/1", "u8q", {"weights_format": "SHUFFLED4x16INT8"}, 2),
    ("FULLY_CONNECTED", "f32 i8q/2 f32/1", "f32", {}, 3),
    ("FULLY_CONNECTED", "i8q i8q/2 i32q/1", "i8q", {}, 4),
    ("FULLY_CONNECTED", "i8q i8q/2 i32q/1", "i8q", {"keep_num_dims": True}, 5),
    ("FULLY_CONNECTED", "i8q i8q/2 -", "i8q", {"keep_num_dims": True}, 6),
    ("FULLY_CONNECTED", "i8q i4q/2 -", "i8q", {}, 6),
    ("FULLY_CONNECTED", "i16q i16q/2 i64q/1", "i16q", {"keep_num_dims": True}, 7),
    ("FULLY_CONNECTED", "f32 i8q/2 f32/1", "f32", {"asymmetric_quantize_inputs": True}, 9),
    ("FULLY_CONNECTED", "f32 i8q/2 f32/1", "f32", {"asymmetric_quantize_inputs": True, "keep_num_dims": True}, 5),
    ("FULLY_CONNECTED", "i8q i4q/2 i32q/1", "i8q", {}, 10),
    ("FULLY_CONNECTED", "i16q i8q/2 i32q/1", "i16q", {"quantized_bias_type": "INT32"}, 11),
    ("FULLY_CONNECTED", "f32 i8c/2 -", "f32", {"asymmetric_quantize_inputs": True}, 12),
    ("FULLY_CONNECTED", "i16q i4q/2 -", "i16q", {}, 13),
    ("FULLY_CONNECTED", "f32 i2q/2 -", "f32", {}, 14),
    ("BATCH_MATMUL", "f32 f32", "f32", {}, 1),
    ("BATCH_MATMUL", "i8q i8q", "i8q", {}, 2),
    ("BATCH_MATMUL", "i16q i8q", "i16q", {}, 3),
    ("BATCH_MATMUL", "f32 i8q", "f32", {"asymmetric_quantize_inputs": True}, 4),
    ("BATCH_MATMUL", "f32 i8q", "f32", {}, 1),
    ("SQUEEZE", "f32", "f32", {}, 1),
    ("SQUEEZE", "string", "string", {}, 2),
    ("TRANSPOSE", "f32 i32/1", "f32", {}, 1),
    ("TRANSPOSE", "i8 i32/1", "i8", {}, 2),
    ("TRANSPOSE", "bool i32/1", "bool", {}, 3),
    ("TRANSPOSE", "bool/5 i32/1", "bool/5", {}, 4),
    ("TRANSPOSE", "i16/5 i32/1", "i16/5", {}, 5),
    ("TRANSPOSE", "i16/6 i32/1", "i16/6", {}, 6),
    ("TRANSPOSE", "i4/6 i32/1", "i4/6", {}, 7),
    ("TRANSPOSE", "f32/7 i32/1", "f32/7", {}, 8),
    ("TRANSPOSE", "bf16 i32/1", "bf16", {}, 8),
    ("TRANSPOSE", "f16/7 i32/1", "f16/7", {}, 9),
    ("PACK", "f32 f32", "f32", {}, 1),
    ("PACK", "i8 i8", "i8", {}, 2),
    ("PACK", "i16 i16", "i16", {}, 3),
    ("PACK", "u32 u32", "u32", {}, 4),
    ("PACK", f"{F8} {F8}", F8, {}, 5),
    ("UNPACK", "f32", "f32", {}, 1),
    ("UNPACK", "u8", "u8", {}, 2),
    ("UNPACK", "bool", "bool", {}, 3),
    ("UNPACK", "i16", "i16", {}, 4),
    ("UNPACK", "f16", "f16", {}, 5),
    ("UNPACK", F8, F8, {}, 6),
    ("SPLIT", "i32/1 f32", "f32", {}, 1),
    ("SPLIT", "i32/1 i8", "i8", {}, 2),
    ("SPLIT", "i32/1 i32", "i32", {}, 3),
    ("SPLIT", "i32/1 i16", "i16", {}, 4),
    ("SPLIT", f"i32/1 {F8}", F8, {}, 5),
    ("SPLIT_V", "i8 i32/1 i32/1", "i8", {}, 2),
    ("SPLIT_V", f"{F8} i32/1 i32/1", F8, {}, 3),
    ("CONCATENATION", "f32 f32", "f32", {}, 1),
    ("CONCATENATION", "i8 i8", "i8", {}, 2),
    ("CONCATENATION", "i16 i16", "i16", {}, 3),
    ("CONCATENATION", "u32", "u32", {}, 4),
    ("CONCATENATION", "i4", "i4", {}, 5),
    ("CONCATENATION", "f16", "f16", {}, 6),
    ("CONCATENATION", F8, F8, {}, 7),
    ("SLICE", "f32 i32/1 i32/1", "f32", {}, 1),
    ("SLICE", "i8 i32/1 i32/1", "i8", {}, 2),
    ("SLICE", "string i32/1 i32/1", "string", {}, 3),
    ("SLICE", "i16 i32/1 i32/1", "i16", {}, 4),
    ("SLICE", "i16/5 i32/1 i32/1", "i16/5", {}, 5),
    ("SLICE", "u32/5 i32/1 i32/1", "u32/5", {}, 6),
    ("SLICE", "i4/5 i32/1 i32/1", "i4/5", {}, 7),
    ("SLICE", "f16/5 i32/1 i32/1", "f16/5", {}, 8),
    ("STRIDED_SLICE", "i8 i32/1 i32/1 i32/1", "i8", {}, 2),
    ("STRIDED_SLICE", "bool i32/1 i32/1 i32/1", "bool", {}, 3),
    ("STRIDED_SLICE", "bool/5 i32/1 i32/1 i32/1", "bool/5", {}, 4),
    ("STRIDED_SLICE", "string/5 i32/1 i32/1 i32/1", "string/5", {}, 5),
    ("STRIDED_SLICE", "f32/5 i32/1 i32/1 i32/1", "f32/5", {"ellipsis_mask": 1}, 6),
    ("STRIDED_SLICE", "u32 i32/1 i32/1 i32/1", "u32", {"new_axis_mask": 1}, 7),
    ("STRIDED_SLICE", "u32 i32/1 i32/1 i32/1", "u32", {"offset": True}, 8),
    ("GATHER", "f32 i32/1", "f32", {}, 1),
    ("GATHER", "i8 i32/1", "i8", {}, 2),
    ("GATHER", "bool i32/1", "bool", {}, 3),
    ("GATHER", "i16 i32/1", "i16", {}, 4),
    ("GATHER", "i16 i32/1", "i16", {"batch_dims": 1}, 5),
    ("GATHER", "i16 i16/1", "i16", {"batch_dims": 1}, 6),
    ("GATHER", "i4 i16/1", "i4", {}, 7),
    ("GATHER", f"{F8} i32/1", F8, {}, 8),
    ("GATHER_ND", "f32 i32", "f32", {}, 1),
    ("GATHER_ND", "string i32", "string", {}, 2),
    ("GATHER_ND", "i16 i32", "i16", {}, 3),
    ("GATHER_ND", "i16 i16", "i16", {}, 4),
    ("GATHER_ND", "bool i16", "bool", {}, 5),
    ("GATHER_ND", f"{F8} i32", F8, {}, 6),
    ("DYNAMIC_UPDATE_SLICE", "f32 f32 i32/1", "f32", {}, 1),
    ("DYNAMIC_UPDATE_SLICE", "f32 f32 i64/1", "f32", {}, 2),
    ("DYNAMIC_UPDATE_SLICE", "f16 f16 i64/1", "f16", {}, 3),
    ("DYNAMIC_UPDATE_SLICE", "i16 i16 i64/1", "i16", {}, 4),
    ("DYNAMIC_UPDATE_SLICE", "i4 i4 i64/1", "i4", {}, 5),
    ("DYNAMIC_UPDATE_SLICE", "bf16 bf16 i64/1", "bf16", {}, 6),
    *((name, "i8 i32/2 i8/0", "i8", {}, 2) for name in ("PAD", "PADV2")),
    *((name, "i16 i32/2 i16/0", "i16", {}, 3) for name in ("PAD", "PADV2")),
    *((name, "i16/5 i32/2 i16/0", "i16/5", {}, 4) for name in ("PAD", "PADV2")),
    *((name, "bool/5 i32/2 bool/0", "bool/5", {}, 5) for name in ("PAD", "PADV2")),
    *((name, f"{F8} i32/2 {F8}/0", F8, {}, 6) for name in ("PAD", "PADV2")),
    ("TILE", "f32 i32/1", "f32", {}, 1),
    ("TILE", "string i32/1", "string", {}, 2),
    ("TILE", "i8 i32/1", "i8", {}, 3),
    ("BROADCAST_TO", "f32 i32/1", "f32", {}, 2),
    ("BROADCAST_TO", "i16 i32/1", "i16", {}, 3),
    ("BROADCAST_TO", f"{F8} i32/1", F8, {}, 4),
    *((name, "i8 i32/1 i32/2", "i8", {}, 2) for name in ("SPACE_TO_BATCH_ND", "BATCH_TO_SPACE_ND")),
    *((name, "i8/3 i32/1 i32/2", "i8/3", {}, 3) for name in ("SPACE_TO_BATCH_ND", "BATCH_TO_SPACE_ND")),
    *((name, "i16/3 i32/1 i32/2", "i16/3", {}, 4) for name in ("SPACE_TO_BATCH_ND", "BATCH_TO_SPACE_ND")),
    ("REVERSE_V2", "bool i32/1", "bool", {}, 2),
    ("REVERSE_V2", "i8 i32/1", "i8", {}, 3),
    ("REVERSE_V2", f"{F8} i32/1", F8, {}, 4),
    ("FILL", "i32/1 f32/0", "f32", {}, 1),
    ("FILL", "i32/1 string/0", "string", {}, 2),
    ("FILL", "i32/1 i8/0", "i8", {}, 3),
    ("FILL", "i32/1 f16/0", "f16", {}, 4),
    ("FILL", f"i32/1 {F8}/0", F8, {}, 5),
    ("SPARSE_TO_DENSE", "i32 i32/1 f32/1 f32/0", "f32", {}, 1),
    ("SPARSE_TO_DENSE", "i32 i32/1 i64/1 i64/0", "i64", {}, 2),
    ("SPARSE_TO_DENSE", "i32 i32/1 u8/1 u8/0", "u8", {}, 3),
    ("RANGE", "i32/0 i32/0 i32/0", "i32", {}, 1),
    ("RANGE", "i64/0 i64/0 i64/0", "i64", {}, 2),
    ("REDUCE_PROD", "f32 i32/1", "f32", {}, 1),
    ("REDUCE_PROD", "i16q i32/1", "i16q", {}, 2),
    *((name, "i8 i32/0", "i32", {}, 2) for name in ("ARG_MAX", "ARG_MIN")),
    *((name, "bool i32/0", "i32", {}, 3) for name in ("ARG_MAX", "ARG_MIN")),
    ("TOPK_V2", "f32 i32/0", "f32", {}, 1),
    ("TOPK_V2", "i8 i32/0", "i8", {}, 2),
    ("TOPK_V2", "i8 i16/0", "i8", {}, 3),
    ("WHERE", "bool", "i64", {}, 1),
    ("WHERE", "f32", "i64", {}, 2),
    ("SVDF", "f32/2 f32/2 f32/2 - f32/2", "f32", {}, 1),
    ("SVDF", "f32/2 i8q/2 f32/2 - f32/2", "f32", {}, 2),
    ("SVDF", "i8q/2 i8q/2 i16q/2 - i16q/2", "i8q", {}, 3),
    ("SVDF", "f32/2 i8q/2 f32/2 - f32/2", "f32", {"asymmetric_quantize_inputs": True}, 4),
    *((name, "f32 i8q/2 i8q/2", "f32", {}, 2) for name in RNNS),
    *(
        (name, "f32 i8q/2 i8q/2", "f32", {"asymmetric_quantize_inputs": True}, 3)
        for name in RNNS
    ),
    ("LSTM", "f32 f32 f32", "f32", {}, 1),
    ("LSTM", "f32 i8q i8q", "f32", {"kernel_type": "BASIC"}, 2),
    ("LSTM", "f32 i8q i8q", "f32", {}, 3),
    ("LSTM", "f32 i8q i8q", "f32", {"asymmetric_quantize_inputs": True}, 4),
    ("LSTM", "i16q i8q i8q", "i16q", {}, 5),
    ("UNIDIRECTIONAL_SEQUENCE_LSTM", "f32 f32 f32", "f32", {}, 1),
    ("UNIDIRECTIONAL_SEQUENCE_LSTM", "f32 i8q i8q", "f32", {}, 2),
    ("UNIDIRECTIONAL_SEQUENCE_LSTM", "f32 i8q i8q", "f32", {"asymmetric_quantize_inputs": True}, 3),
    ("UNIDIRECTIONAL_SEQUENCE_LSTM", "f32 i8q i8q", "f32", {"diagonal_recurrent_tensors": True}, 4),
    ("UNIDIRECTIONAL_SEQUENCE_LSTM", "i16q i8q i8q", "i16q", {"diagonal_recurrent_tensors": True}, 5),
    ("BIDIRECTIONAL_SEQUENCE_LSTM", "f32 f32 f32", "f32", {}, 1),
    ("BIDIRECTIONAL_SEQUENCE_LSTM", "f32 i8q i8q", "f32", {}, 2),
    ("BIDIRECTIONAL_SEQUENCE_LSTM", "f32 i8q i8q", "f32", {"asymmetric_quantize_inputs": True}, 3),
    ("EMBEDDING_LOOKUP", "i32/1 f32/2", "f32/2", {}, 1),
    ("EMBEDDING_LOOKUP", "i32/1 i4q/2", "f32/2", {}, 4),
    ("EMBEDDING_LOOKUP", "i32/1 i2c/2", "f32/2", {}, 4),
    ("EMBEDDING_LOOKUP", "i32/1 i2q/2", "f32/2", {}, 5),
]  # fmt: skip

ELSEWHERE = {("CONV_2D", 6), ("FULLY_CONNECTED", 8), ("MUL", 3)}
"""Versions that depend on sizes, on scales and on how a constant is stored: below, and in test_builtin_versions.py."""


@pytest.mark.parametrize(("name", "operands", "result", "attributes", "wanted"), ROWS)
def test_the_version_is_the_public_rules(
    name: str, operands: str, result: str, attributes: dict[str, Any], wanted: int
) -> None:
    declaration = builtin_declarations()[name]
    every = {each: spec.default for each, spec in declaration.attributes.items()} | attributes
    results = [tensor(result)] * len(declaration.results or ())
    assert (
        declaration.version([tensor(each) for each in operands.split()], [each for each in results if each], every)
        == wanted
    )


def test_the_table_has_every_version_of_every_operator() -> None:
    said = {(name, rule.number) for name, each in builtin_declarations().items() for rule in each.versions}
    assert said == {(name, number) for name, *_, number in ROWS if (name, number) in said} | ELSEWHERE


def test_operators_without_a_rule_have_version_1() -> None:
    assert builtin_declarations()["NEG"].version([tensor("i8q")], [], {}) == 1


def test_sparse_weights_come_before_what_is_said_of_bias_and_dimensions(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Tensor, "is_sparse", property(lambda _: True))
    every = {"keep_num_dims": True, "quantized_bias_type": "FLOAT32"}
    given = [tensor("f32"), tensor("f32/2")]
    result = tensor("f32")
    assert result is not None
    assert builtin_declarations()["FULLY_CONNECTED"].version(given, [result], every) == 8
