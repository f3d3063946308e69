"""Quantization parameters of an instance's tensors: such as the operators' rules allow, and otherwise any."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from rewriter.dialect.types import TensorType
from rewriter.model import Quantization, Tensor
from rewriter.proof.plan import PlanOperator, PlanTensor

if TYPE_CHECKING:
    from rewriter.proof.draft import Drafter

_SCALES = (0.5, 0.25, 0.1, 0.0625, 1.0, 0.0371, 0.02, 0.0078125)
# A multiple of the operands' own scale: what a calibrated result has, not one that it never reaches.
_RESULTS = (1.0, 2.0, 0.5, 1.7, 8.0)
_ZEROS = {"i8": (0, -128, 3, -7, 127), "u8": (128, 0, 3, 131, 255), "i16": (0,)}


def leaf_scale(
    drafter: Drafter, operator: PlanOperator, place: int, tensor: PlanTensor, shape: list[Any]
) -> Quantization:
    """Parameters for an operand that the pattern takes from outside."""
    kind = drafter.kinds[tensor]
    name = operator.spec(place).name
    how = operator.declaration.clauses.get("quantization")
    if how == "weighted" and place == 1:
        return _of_weights(drafter, operator, tensor, shape)
    if how == "weighted" and name == "bias":
        return _of_bias(drafter, operator)
    others = _beside(drafter, operator, kind.dtype)
    # Bytes are brought to one scale by CONCATENATION itself; all else that is put together has one already.
    together = how in ("alike", "with_zeros") or (how == "concatenated" and kind.dtype != "u8")
    if others and (together or drafter.chance(f"{tensor.key}.alike", 35)):
        return others[0]
    if how == "with_zeros":
        return Quantization((_scale(drafter, tensor.key, _SCALES),), (0,))
    for contents in tensor.said.contents:
        if contents.splat or len(contents.elements) == 1:
            # The number has to be a whole number of steps away.
            return Quantization((0.0625,), (drafter.pick(f"{tensor.key}.zero", _ZEROS.get(kind.dtype, (0,))[:1]),))
    zero = drafter.pick(f"{tensor.key}.zero", _ZEROS.get(kind.dtype, (0,)))
    return Quantization((_scale(drafter, tensor.key, _SCALES),), (zero,))


def _scale(drafter: Drafter, key: str, options: tuple[float, ...]) -> float:
    return float(np.float32(drafter.pick(f"{key}.scale", options)))


def _beside(drafter: Drafter, operator: PlanOperator, dtype: str) -> list[Quantization]:
    made = [drafter.made[each] for each in operator.operands if each is not None and each in drafter.made]
    return [each.quantization for each in made if each.quantization is not None and each.dtype == dtype]


def _of_weights(drafter: Drafter, operator: PlanOperator, tensor: PlanTensor, shape: list[Any]) -> Quantization:
    kind = drafter.kinds[tensor]
    builtin = operator.declaration.builtin
    zero = drafter.pick(f"{tensor.key}.zero", _ZEROS["u8"]) if kind.dtype == "u8" else 0
    axis = 3 if builtin == "DEPTHWISE_CONV_2D" else 0
    channels = int(shape[axis]) if axis < len(shape) else 0
    data = operator.operands[0]
    # The kernel for bytes that meet floats reads a scale for every channel, whether there is one or not.
    every = builtin == "DEPTHWISE_CONV_2D" and data is not None and not drafter.kinds[data].quantized
    if kind.dtype == "i8" and channels > 1 and (every or drafter.chance(f"{tensor.key}.channels", 55)):
        first = drafter.pick(f"{tensor.key}.first", range(len(_SCALES)))
        scales = tuple(float(np.float32(_SCALES[(first + number) % len(_SCALES)])) for number in range(channels))
        return Quantization(scales, (0,) * channels, axis)
    return Quantization((_scale(drafter, tensor.key, _SCALES),), (zero,))


def _of_bias(drafter: Drafter, operator: PlanOperator) -> Quantization:
    data, weights = (drafter.made[each].quantization for each in operator.operands[:2] if each is not None)
    if data is None or weights is None:
        return Quantization((1.0,), (0,))
    scales = tuple(float(np.float32(data.scale[0]) * np.float32(scale)) for scale in weights.scale)
    return Quantization(scales, (0,) * len(scales), 0)


def result_scale(
    drafter: Drafter,
    operator: PlanOperator,
    operands: list[Tensor | None],
    settings: dict[str, Any],
    kind: TensorType,
    place: int,
) -> Quantization | None:
    """Parameters for a result: derived where the operator's rule derives them, else chosen."""
    tensor = operator.results[place]
    declaration = operator.declaration
    if declaration.quantization is not None:
        try:
            return declaration.quantization(operands, settings, kind, place)
        except ValueError:
            pass
    known = [each.quantization for each in operands if each is not None and each.quantization is not None]
    same = next((each.quantization for each in operands if each is not None and each.dtype == kind.dtype), None)
    if same is not None and not same.per_channel and drafter.chance(f"{tensor.key}.alike", 40):
        return same
    zero = drafter.pick(f"{tensor.key}.zero", _ZEROS.get(kind.dtype, (0,)))
    if not known:
        return Quantization((_scale(drafter, tensor.key, _SCALES),), (zero,))
    base = known[0].scale[0]
    return Quantization((float(np.float32(base * drafter.pick(f"{tensor.key}.scale", _RESULTS))),), (zero,))
