"""A difference as something to show: the models as text, the values, and what would exclude it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rewriter.model import Model, Tensor, read
from rewriter.proof.trial import Instance, Outcome
from rewriter.proof.verdict import Counterexample
from rewriter.verify.arrays import constant

if TYPE_CHECKING:
    from collections.abc import Iterator

_SHOWN = 12


def counterexample(instance: Instance, outcome: Outcome) -> Counterexample:
    """What is shown of a difference."""
    found = outcome.difference
    assert found is not None
    before = read(instance.model)
    after = None if found.after is None else read(found.after)
    series = instance.series[found.series or 0] if instance.series else ()
    output = None if found.output is None else before.subgraphs[0].outputs[found.output].name
    return Counterexample(
        instance.model,
        found.after,
        tuple(series),
        found.reason,
        found.kernels,
        output,
        found.left,
        found.right,
        found.comparison,
        tuple(listing(before)),
        tuple(listing(after)) if after is not None else (),
    )


def listing(model: Model) -> Iterator[str]:
    """A model as text: its inputs, operators and constants, one a line."""
    main = model.subgraphs[0]
    for tensor in main.inputs:
        yield f"{tensor.name}: {_type(tensor)}"
    for tensor in main.tensors:
        if tensor.is_constant and tensor.consumers:
            yield f"{tensor.name}: const {_type(tensor)}{_values(tensor)}"
    for operator in main.operators:
        shown = {name: value for name, value in operator.attributes().items() if value not in (None, "", [])}
        attributes = ", ".join(f"{name}={_attribute(value)}" for name, value in shown.items())
        operands = ", ".join("absent" if each is None else each.name for each in operator.inputs)
        results = ", ".join(f"{each.name}: {_type(each)}" for each in operator.outputs)
        yield f"{results} = {operator.name}{f'[{attributes}]' if attributes else ''}({operands})"
    yield "outputs: " + ", ".join(tensor.name for tensor in main.outputs)


def _type(tensor: Tensor) -> str:
    text = f"{tensor.dtype}{list(tensor.shape)}"
    quantization = tensor.quantization
    if quantization is None or not quantization.scale:
        return text
    if quantization.per_channel:
        return f"{text} scales {list(quantization.scale)} along {quantization.dimension}"
    return f"{text} scale {quantization.scale[0]:g} zero point {quantization.zero_point[0]}"


def _values(tensor: Tensor) -> str:
    try:
        values = constant(tensor)
    except ValueError:
        return ""
    return f" = {values.tolist()}" if values.size <= _SHOWN else ""


def _attribute(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)
