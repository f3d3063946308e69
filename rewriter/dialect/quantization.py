"""Quantisation rules: which parameters an operator's results have, and what has to hold between its tensors.

A `quantization` clause names an operand whose parameters the results keep, or one of the functions here. Each takes the
operands in logical order, the attributes, the result's inferred type and its place among the results, and gives that
result's parameters; None: it has none. A ValueError says why they cannot be derived.

Source: LiteRT's 8-bit quantization specification, and the conditions that its kernels check when they are prepared.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from math import prod
from typing import Any, Protocol

from attrs import frozen

from rewriter.dialect.types import TensorType
from rewriter.model import Quantization, Tensor

Operands = Sequence[Tensor | None]
QuantizationFunction = Callable[[Operands, Mapping[str, Any], TensorType, int], Quantization | None]

# Types whose values can be steps of a scale; of the others no result is ever quantized.
_STEPS = frozenset({"i2", "i4", "i8", "i16", "i32", "i64", "u4", "u8", "u16"})

# Zero points for the range that a function's results are known to have: by element type, steps and zero point.
_FIXED: Mapping[str, Mapping[str, tuple[float, int]]] = {
    "softmax": {"i8": (1 / 256, -128), "u8": (1 / 256, 0), "i16": (1 / 32768, 0)},
    "logistic": {"i8": (1 / 256, -128), "u8": (1 / 256, 0), "i16": (1 / 32768, 0)},
    "tanh": {"i8": (1 / 128, 0), "u8": (1 / 128, 128), "i16": (1 / 32768, 0)},
    "log_softmax": {"i8": (16 / 256, 127), "u8": (16 / 256, 255)},
    "l2_normalization": {"i8": (1 / 128, 0), "u8": (1 / 128, 128)},
}

# How far scales that have to be equal may differ, relative to the larger: products round, and so do some writers.
_TOLERANCE = 1e-4


def quantized(tensor: Tensor | None) -> Quantization | None:
    """A tensor's parameters, if its values are steps; what has a range only (`min`, `max`) is not quantized."""
    if tensor is None or tensor.dtype not in _STEPS:
        return None
    parameters = tensor.quantization
    return parameters if parameters is not None and parameters.scale else None


# -- results ----------------------------------------------------------------------------------------------------------


def kept(index: int, *, variadic: bool = False) -> QuantizationFunction:
    """The results keep the parameters of the operand at this place, or the equal ones of all operands from there on."""

    def function(operands: Operands, _: Mapping[str, Any], result: TensorType, __: int) -> Quantization | None:
        return _common(operands[index:] if variadic else operands[index : index + 1], result)

    return function


def alike(operands: Operands, _: Mapping[str, Any], result: TensorType, __: int) -> Quantization | None:
    """The result keeps the parameters of the operands, which have to be equal: CONCATENATION, MAXIMUM, PACK."""
    return _common(operands, result)


def unquantized(_: Operands, __: Mapping[str, Any], ___: TensorType, ____: int) -> None:
    """The result is never quantized: booleans, indices, shapes, real values."""


def chosen(operands: Operands, _: Mapping[str, Any], result: TensorType, __: int) -> None:
    """Whoever quantizes the model chooses the result's parameters, from the values that it sees.

    Raises:
        ValueError: The result is quantized.
    """
    if result.dtype in _STEPS and any(quantized(operand) for operand in operands):
        raise ValueError("a quantized result's parameters are chosen, they follow from nothing")


def weighted(operands: Operands, attributes: Mapping[str, Any], result: TensorType, place: int) -> None:
    """As `chosen`: convolutions and matrix products, whose bias has to fit input and filter."""
    chosen(operands, attributes, result, place)


def softmax(operands: Operands, _: Mapping[str, Any], result: TensorType, __: int) -> Quantization | None:
    """Results in 0 to 1: steps of 1/256 (i8, u8) or 1/32768 (i16); i16 of 8-bit operands counts from -32768."""
    if result.dtype == "i16" and operands[0] is not None and operands[0].dtype != "i16":
        return Quantization((1 / 65536,), (-32768,)) if quantized(operands[0]) else None
    return _fixed("softmax", operands, result)


def logistic(operands: Operands, _: Mapping[str, Any], result: TensorType, __: int) -> Quantization | None:
    """Results in 0 to 1: steps of 1/256 (i8, u8) or 1/32768 (i16)."""
    return _fixed("logistic", operands, result)


def tanh(operands: Operands, _: Mapping[str, Any], result: TensorType, __: int) -> Quantization | None:
    """Results in -1 to 1: steps of 1/128 (i8, u8) or 1/32768 (i16)."""
    return _fixed("tanh", operands, result)


def log_softmax(operands: Operands, _: Mapping[str, Any], result: TensorType, __: int) -> Quantization | None:
    """Results in -16 to 0: steps of 1/16."""
    return _fixed("log_softmax", operands, result)


def l2_normalization(operands: Operands, _: Mapping[str, Any], result: TensorType, __: int) -> Quantization | None:
    """Results in -1 to 1: steps of 1/128."""
    return _fixed("l2_normalization", operands, result)


def reshaped(operands: Operands, _: Mapping[str, Any], result: TensorType, __: int) -> Quantization | None:
    """The first operand's parameters; channels go with the dimension that holds them on.

    Raises:
        ValueError: No dimension of the result holds the channels, or sizes that would tell are open.
    """
    operand = operands[0]
    parameters = quantized(operand)
    if operand is None or parameters is None or operand.dtype != result.dtype or not parameters.per_channel:
        return _common(operands[:1], result)
    before = prod(operand.shape[: parameters.dimension])
    for axis, size in enumerate(result.shape):
        sizes = result.shape[:axis]
        if None in sizes or size is None:
            break
        if size == len(parameters.scale) and prod(each or 0 for each in sizes) == before:
            return Quantization(parameters.scale, parameters.zero_point, axis)
    raise ValueError(f"no dimension of {result} holds the {len(parameters.scale)} channels")


def transposed(operands: Operands, attributes: Mapping[str, Any], result: TensorType, _: int) -> Quantization | None:
    """The first operand's parameters; the channels move as the permutation says.

    Raises:
        ValueError: There are channels, and the permutation is not known.
    """
    operand = operands[0]
    parameters = quantized(operand)
    if operand is None or parameters is None or operand.dtype != result.dtype or not parameters.per_channel:
        return _common(operands[:1], result)
    order = attributes.get("permutation") or (_integers(operands[1]) if len(operands) > 1 else None)
    places = None if order is None else [each % len(result.shape) for each in order]
    if places is None or parameters.dimension not in places:
        raise ValueError("where the channels go is not known")
    return Quantization(parameters.scale, parameters.zero_point, places.index(parameters.dimension))


def _common(operands: Operands, result: TensorType) -> Quantization | None:
    """The parameters that all quantized operands of the result's type share."""
    found = [(each, quantized(each)) for each in operands if each is not None and each.dtype == result.dtype]
    known = [(each, parameters) for each, parameters in found if parameters is not None]
    if not known:
        return None
    first, parameters = known[0]
    if parameters.per_channel:
        raise ValueError(f"{first.name!r} has a scale for each channel, and where the channels go is not known")
    for other, others in known[1:]:
        if not parameters.same_steps(others):
            raise ValueError(f"{first.name!r} and {other.name!r} are quantized differently")
    return parameters


def _fixed(name: str, operands: Operands, result: TensorType) -> Quantization | None:
    if not any(quantized(operand) for operand in operands) or result.dtype not in _STEPS:
        return None
    if result.dtype not in _FIXED[name]:
        raise ValueError(f"there is no quantized {name} that gives {result.dtype}")
    scale, zero_point = _FIXED[name][result.dtype]
    return Quantization((scale,), (zero_point,))


def _integers(tensor: Tensor | None) -> list[int] | None:
    if tensor is None or tensor.data is None or tensor.dtype not in ("i32", "i64"):
        return None
    return tensor.data.cast("B").cast("i" if tensor.dtype == "i32" else "q").tolist()


# -- what has to hold -------------------------------------------------------------------------------------------------

Tensors = Mapping[str, Sequence[Tensor]]
Derive = Callable[[int], Quantization | None]


class Demand(Protocol):
    """Something that has to hold between the parameters of an operator's tensors."""

    def violations(self, tensors: Tensors, results: Sequence[Tensor], derive: Derive) -> Iterator[str]:
        """What does not hold, each as a sentence.

        Args:
            tensors: The operands and results that are there, by declared name; all of a variadic one under its name.
            results: The results in order.
            derive: The parameters that the operator's `quantization` rule gives the result at a place.
        """
        ...


@frozen
class Equal:
    """Quantized operands and results of these names, or of all where there are none, have equal parameters.

    Attributes:
        besides: Element types for which the kernels bring unequal ones to the result's by themselves.
    """

    names: tuple[str, ...] = ()
    besides: frozenset[str] = frozenset()

    def violations(self, tensors: Tensors, results: Sequence[Tensor], derive: Derive) -> Iterator[str]:
        group = [each for name in self.names or tensors for each in tensors.get(name, ())]
        known = [each for each in group if quantized(each) and each.dtype not in self.besides]
        for other in known[1:]:
            if other.dtype == known[0].dtype and not _same(known[0].quantization, other.quantization):
                yield f"{known[0].name!r} and {other.name!r} need the same quantisation"


@frozen
class Derived:
    """The results' parameters are those that the operator's rule gives."""

    def violations(self, tensors: Tensors, results: Sequence[Tensor], derive: Derive) -> Iterator[str]:
        for place, result in enumerate(results):
            found = quantized(result)
            try:
                wanted = derive(place)
            except ValueError:
                continue
            if found is not None and wanted is not None and not _same(found, wanted):
                yield f"{result.name!r} needs {_shown(wanted)}, and has {_shown(found)}"


@frozen
class Bias:
    """A quantized bias counts in steps of the products: input scale * filter scale, channel by channel, from 0."""

    bias: str = "bias"
    input: str = "input"
    filter: str = "filter"

    def violations(self, tensors: Tensors, results: Sequence[Tensor], derive: Derive) -> Iterator[str]:
        parts = [next(iter(tensors.get(name, ())), None) for name in (self.bias, self.input, self.filter)]
        bias, input_, filter_ = (quantized(part) for part in parts)
        tensor = parts[0]
        if bias is None or input_ is None or filter_ is None or tensor is None:
            return
        if any(bias.zero_point):
            yield f"the zero point of the bias {tensor.name!r} has to be 0"
        if tensor.dtype not in ("i32", "i64"):
            yield f"the bias {tensor.name!r} has to be i32 or i64, not {tensor.dtype}"
        wanted = [input_.scale[0] * scale for scale in filter_.scale]
        if len(bias.scale) == 1:
            channels = list(zip(wanted, bias.scale * len(wanted), strict=True))
        elif len(wanted) in (1, len(bias.scale)):
            channels = list(zip(wanted * (len(bias.scale) // len(wanted)), bias.scale, strict=True))
        else:
            yield f"the bias {tensor.name!r} has {len(bias.scale)} scales, the filter {len(wanted)}"
            return
        for channel, (one, other) in enumerate(channels):
            if not _close(one, other):
                yield (
                    f"the scale of the bias {tensor.name!r} in channel {channel} is {other:g}, "
                    f"input scale * filter scale {one:g}"
                )
                return


DEMANDS: Mapping[str, tuple[Demand, ...]] = {
    "alike": (Equal(),),
    "concatenated": (Equal(besides=frozenset({"u8"})),),
    "weighted": (Bias(),),
    **dict.fromkeys(("reshaped", "transposed", *_FIXED), (Derived(),)),
}
"""What has to hold where a builtin operator's `quantization` clause names one of the functions here."""


def concatenated(operands: Operands, attributes: Mapping[str, Any], result: TensorType, place: int) -> Any:
    """As `alike`; but the runtime also brings u8 operands of other parameters to those of the result."""
    return alike(operands, attributes, result, place)


def _same(one: Quantization | None, other: Quantization | None) -> bool:
    if one is None or other is None or len(one.scale) != len(other.scale):
        return one is other
    return (
        one.zero_point == other.zero_point
        and all(map(_close, one.scale, other.scale))
        and (not one.per_channel or one.dimension == other.dimension)
    )


def _close(one: float, other: float) -> bool:
    return abs(one - other) <= _TOLERANCE * max(abs(one), abs(other))


def _shown(parameters: Quantization) -> str:
    if parameters.per_channel:
        return f"{len(parameters.scale)} scales along dimension {parameters.dimension}"
    return f"scale {parameters.scale[0]:g} and zero point {parameters.zero_point[0] if parameters.zero_point else 0}"
