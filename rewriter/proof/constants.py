"""Contents of an instance's constants: what the pattern writes, what an operand has to say, and otherwise anything."""

from __future__ import annotations

from math import prod
from typing import TYPE_CHECKING, Any

import numpy as np
from attrs import frozen

from rewriter.dialect.types import is_list
from rewriter.language.terms import Contents
from rewriter.model import Quantization
from rewriter.proof.kinds import Kind
from rewriter.proof.plan import PlanTensor
from rewriter.proof.tracked import plain
from rewriter.proof.values import draw_values
from rewriter.verify.arrays import numpy_dtype

if TYPE_CHECKING:
    from rewriter.proof.draft import Drafter
    from rewriter.verify.protocol import Array

_ELEMENTS = (1, 2, 0, 3)


@frozen(eq=False)
class Content:
    """What a constant holds.

    Attributes:
        shape: Its shape; sizes may be tracked numbers.
        numbers: Its elements in order where they say how an operator works, else None. They may be tracked numbers.
        array: Stored values where they are data.
    """

    shape: list[Any]
    numbers: list[Any] | None = None
    array: Array | None = None

    def values(self, kind: Kind, quantization: Quantization | None) -> Array:
        """The stored values, in the shape."""
        shape = [int(size) for size in self.shape]
        if self.array is not None:
            return self.array.reshape(shape)
        assert self.numbers is not None
        return stored(np.asarray(plain(self.numbers)), kind, quantization).reshape(shape)

    def bytes(self, kind: Kind, quantization: Quantization | None) -> bytes:
        """The stored values as a file holds them."""
        values = self.values(kind, quantization)
        if kind.dtype == "string":
            return _packed([*values.flat])
        return np.ascontiguousarray(values).tobytes()


def _packed(words: list[bytes]) -> bytes:
    # The runtime's own layout: a count, count + 1 offsets, the characters.
    offsets = np.cumsum([4 * (len(words) + 2), *map(len, words)])
    return np.asarray([len(words), *offsets], np.int32).tobytes() + b"".join(words)


def stored(real: Any, kind: Kind, quantization: Quantization | None) -> Array:
    """Real values as a tensor of a kind stores them."""
    dtype = numpy_dtype(kind.dtype)
    if quantization is None or not kind.quantized:
        with np.errstate(all="ignore"):
            return np.asarray(real).astype(dtype)
    limits = np.iinfo(dtype)
    steps = np.round(np.asarray(real, np.float64) / quantization.scale[0]) + quantization.zero_point[0]
    return np.clip(steps, limits.min, limits.max).astype(dtype)


def written(drafter: Drafter, tensor: PlanTensor, made: Any) -> Content:
    """The content of an operand of which single elements matter.

    Args:
        drafter: Makes the choices.
        tensor: The operand.
        made: What suits its operator: a number, or a list, possibly of lists; None where nothing is known of that.
    """
    shape, flat = _flat(made) if made is not None else ([], [])
    for contents in tensor.said.contents:
        shape, flat = _said(drafter, tensor, contents, shape, flat, known=made is not None)
    for said in tensor.said.shapes:
        # A list's length may have a name; what was made says it.
        if said.back is None and len(said.front) == len(shape):
            shape = [
                drafter.size(each, "")
                if isinstance(each, str) and prod(map(int, shape)) == len(flat) and int(drafter.size(each, "")) == size
                else size
                for each, size in zip(said.front, shape, strict=True)
            ]
    return Content(shape, flat)


def _said(
    drafter: Drafter, tensor: PlanTensor, contents: Contents, shape: list[Any], flat: list[Any], *, known: bool
) -> tuple[list[Any], list[Any]]:
    if contents.splat:
        return shape, [contents.elements[0]] * len(flat)
    elements: list[Any] = []
    for place, each in enumerate(contents.elements):
        if isinstance(each, str):
            elements.append(drafter.size(each, ""))
        elif each is not None:
            elements.append(each)
        elif known and len(flat) == len(contents.elements):
            elements.append(flat[place])
        else:
            elements.append(drafter.number(f"{tensor.key}({place})", _ELEMENTS, open=True))
    if contents.shape is not None:
        return list(contents.shape), elements
    scalar = len(elements) == 1 and (not shape if known else drafter.chance(f"{tensor.key}.scalar", 20))
    return [] if scalar else [len(elements)], elements


def filled(
    drafter: Drafter, tensor: PlanTensor, shape: list[int], quantization: Quantization | None, *, constant: bool
) -> Content | None:
    """The content of an operand that is data; None where a run gives it."""
    kind = drafter.kinds[tensor]
    for contents in tensor.said.contents:
        if contents.splat and not isinstance(contents.elements[0], str):
            value = np.full(shape, contents.elements[0])
            return Content(list(shape), None, stored(value, kind, quantization))
    if not constant:
        return None
    if tensor.name is not None and tensor.name in drafter.generators:
        value = drafter.generators[tensor.name](tuple(shape), kind.dtype, drafter.source.below(1 << 16))
        return Content(list(shape), None, np.asarray(value, numpy_dtype(kind.dtype)))
    seed = drafter.pick(f"{tensor.key}.seed", range(1 << 16))
    hints = list(drafter.hints.get(tensor.name or "", ()))
    if (tensor.name or "") in drafter.hints:
        # A condition may compare it with a size or an attribute.
        hints += [each.value for name, each in drafter.variables.items() if name.startswith("named ")]
    if hints and kind.dtype != "string" and drafter.chance(f"{tensor.key}.hinted", 60):
        value = drafter.pick(f"{tensor.key}.hint", hints)
        return Content(list(shape), None, stored(np.full(shape, value), kind, quantization))
    style = drafter.pick(f"{tensor.key}.style", CONSTANT_STYLES if not drafter.integral else ("whole",))
    array = draw_values(shape, kind, np.random.default_rng(seed), style, special=drafter.special)
    return Content(list(shape), None, array)


CONSTANT_STYLES = (
    "whole",
    "real",
    "real",
    "positive",
    "large",
    "zeros",
    "ones",
    "alike",
    "negative",
    "highest",
    "lowest",
)


def _flat(made: Any) -> tuple[list[Any], list[Any]]:
    """The shape and the elements of a nested list."""
    if not is_list(made):
        return [], [made]
    shape: list[Any] = [len(made)]
    flat: list[Any] = []
    inner: list[Any] = []
    for each in made:
        inner, part = _flat(each)
        flat += part
    return [*shape, *inner], flat
