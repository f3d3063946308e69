"""Evaluate a model's graph over the integers modulo a prime."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

import numpy as np
from attrs import define, field, frozen

from rewriter.dialect.dialect import builtin_declarations
from rewriter.proof.field import convolutions, elementwise, movements, reductions
from rewriter.proof.field.arithmetic import PRIME, exact, residues
from rewriter.proof.field.call import Call, place_of
from rewriter.proof.field.value import Degree, NoReference, Value, ZeroDivisor
from rewriter.verify.arrays import constant

if TYPE_CHECKING:
    from collections.abc import Sequence

    from rewriter.model import Model, Operator, Subgraph, Tensor
    from rewriter.proof.field.call import Reference
    from rewriter.verify.protocol import Array

REFERENCES: dict[str, Reference] = {
    **elementwise.OPERATORS,
    **movements.OPERATORS,
    **reductions.OPERATORS,
    **convolutions.OPERATORS,
}
"""The operators that have an exact reference, by name."""

DTYPES = ("f16", "f32", "f64", "i32", "i64")
"""The element types that have one."""

DRAWS = 8
"""So many points are tried before a divisor counts as one that is 0 everywhere."""

_FLOATS = ("f16", "f32", "f64")
_LIMITS = {"i32": 1 << 31, "i64": 1 << 63}


@frozen(eq=False)
class FieldResult:
    """An output of a model at one point, in exact arithmetic.

    Attributes:
        values: int64 residues modulo `PRIME`, in the output's shape.
        degree: An upper bound of its total degree as a polynomial in the elements of the inputs; of a quotient,
            numerator and denominator together. 0: it does not depend on them.
        numerator, denominator: The same, one by one.
    """

    values: Array
    numerator: int
    denominator: int

    @property
    def degree(self) -> int:
        """Of numerator and denominator together."""
        return self.numerator + self.denominator


@frozen(eq=False)
class Point:
    """The outputs of a model at one point.

    Attributes:
        divisors: The sum of the degrees of all that was divided by: at most `divisors` / `PRIME` of all points are left
            out because a divisor is 0 there.
    """

    outputs: list[FieldResult]
    divisors: int


def refusal(model: Model, entry: int = 0) -> str | None:
    """Why a model has no exact reference; None if it has one.

    Args:
        model: Of any size; but the graph is evaluated once to find out.
        entry: The subgraph that is run.
    """
    try:
        examine(model, entry)
        rng = np.random.default_rng(0)
        for attempt in range(DRAWS):
            try:
                evaluate_at(model, draw(model, rng, entry), entry)
            except ZeroDivisor as zero:
                if attempt == DRAWS - 1:
                    return f"{zero.message}, and at all others that were tried"
            else:
                break
    except NoReference as reason:
        return reason.message
    return None


def evaluate(model: Model, inputs: Sequence[Array], entry: int = 0) -> list[FieldResult]:
    """The outputs of a model at one point.

    Args:
        inputs: For each input of the subgraph, in order, int64 residues in its shape.
        entry: The subgraph that is run.

    Raises:
        NoReference: The model has no exact reference; `refusal` gives the reason beforehand.
        ZeroDivisor: A divisor is 0 at this point.
    """
    examine(model, entry)
    return evaluate_at(model, inputs, entry).outputs


def rounded_constant(model: Model, entry: int = 0) -> str | None:
    """The name of a constant that may have been rounded when it was computed (`exact`); None if there is none."""
    found = (tensor for tensor in _constants(model.subgraphs[entry]) if tensor.dtype in _FLOATS)
    return next((tensor.name for tensor in found if not exact(_stored(tensor))), None)


def draw(model: Model, rng: np.random.Generator, entry: int = 0) -> list[Array]:
    """A random point: residues for each input. A dimension that the model leaves open has the recorded size."""
    # Some files record an open dimension as -1.
    return [rng.integers(PRIME, size=tuple(map(abs, each.shape))) for each in model.subgraphs[entry].inputs]


def examine(model: Model, entry: int = 0) -> None:
    """Refuse a model for what can be seen of it without a run.

    Raises:
        NoReference: An operator, an activation, an element type, or a constant has no exact reference.
    """
    main = model.subgraphs[entry]
    for operator in main.operators:
        _examine_operator(operator)
    for tensor in [*main.inputs, *main.outputs]:
        _examine_type(tensor)
    for tensor in _constants(main):
        if tensor.is_sparse:
            raise NoReference(f"the constant {tensor.name!r} is stored in a sparse format")
        if tensor.dtype in _FLOATS and not bool(np.isfinite(_stored(tensor)).all()):
            raise NoReference(f"the constant {tensor.name!r} holds an infinity or a NaN")


def _examine_operator(operator: Operator) -> None:
    if operator.name not in REFERENCES:
        raise NoReference(f"{place_of(operator)} has no exact reference")
    table = operator.options_table
    if table is not None and "fused_activation_function" in table.by_name:
        activation = cast("str", operator.attribute("fused_activation_function"))
        if activation != "NONE":
            raise NoReference(f"the activation {activation} of {place_of(operator)} is no polynomial")
    for tensor in operator.outputs:
        _examine_type(tensor)
    for tensor in operator.inputs:
        if tensor is not None and not (tensor.dtype == "i16" and tensor.is_constant):
            _examine_type(tensor)


def _examine_type(tensor: Tensor) -> None:
    if tensor.quantization is not None and tensor.quantization.scale:
        raise NoReference(f"{tensor.name!r} is quantized")
    if tensor.dtype not in DTYPES:
        raise NoReference(f"{tensor.name!r} is {tensor.dtype}; there is an exact reference for {', '.join(DTYPES)}")
    if tensor.is_variable:
        raise NoReference(f"{tensor.name!r} is a variable")


def _constants(main: Subgraph) -> list[Tensor]:
    """The constants that the operators of a subgraph read, or that are its outputs."""
    read = [tensor for operator in main.operators for tensor in operator.inputs if tensor is not None]
    given = set(main.inputs)
    return [tensor for tensor in dict.fromkeys([*read, *main.outputs]) if tensor.is_constant and tensor not in given]


def _stored(tensor: Tensor) -> Array:
    try:
        return constant(tensor)
    except ValueError as error:
        raise NoReference(f"the constant {tensor.name!r} cannot be read: {error}") from error


def evaluate_at(model: Model, inputs: Sequence[Array], entry: int = 0) -> Point:
    """As `evaluate`, for a model that `examine` lets pass.

    Raises:
        NoReference: What says how depends on an input, or operands do not fit.
        ZeroDivisor: A divisor is 0 at this point.
    """
    main = model.subgraphs[entry]
    run = _Run()
    for tensor, given in zip(main.inputs, inputs, strict=True):
        run.values[tensor] = Value(np.asarray(given, np.int64) % PRIME, Degree(1))
    for operator in main.operators:
        run.compute(operator)
    outputs = [run.value(tensor) for tensor in main.outputs]
    return Point(
        [FieldResult(each.residues, each.degree.numerator, each.degree.denominator) for each in outputs],
        sum(run.divisors),
    )


@define(eq=False)
class _Run:
    """The values of the tensors that are known so far."""

    values: dict[Tensor, Value] = field(factory=dict["Tensor", Value])
    divisors: list[int] = field(factory=list[int])

    def value(self, tensor: Tensor) -> Value:
        """A tensor's value: computed, or stored in the file."""
        found = self.values.get(tensor)
        if found is None:
            if not tensor.is_constant:
                raise NoReference(f"nothing computes {tensor.name!r}")
            stored = _stored(tensor)
            integers = None if tensor.dtype in _FLOATS else stored.astype(object)
            found = self.values[tensor] = Value(residues(stored), integers=integers)
        return found

    def compute(self, operator: Operator) -> None:
        """Add the values of an operator's results."""
        tensors = tuple(builtin_declarations()[operator.name].logical(operator))
        values = tuple(None if tensor is None else self.value(tensor) for tensor in tensors)
        call = Call(operator, tensors, values, self.divisors)
        try:
            found = REFERENCES[operator.name](call)
        except (ValueError, LookupError, ArithmeticError) as error:
            raise NoReference(f"the operands of {call.where} do not fit: {error}") from error
        results = [found] if isinstance(found, Value) else list(found)
        if len(results) != len(operator.outputs):
            raise NoReference(f"{call.where} has {len(operator.outputs)} results, and not {len(results)}")
        for tensor, result in zip(operator.outputs, results, strict=True):
            self.values[tensor] = _limited(result, tensor)


def _limited(value: Value, tensor: Tensor) -> Value:
    """A value whose integers, where they overflow in the tensor's element type, are not known."""
    limit = _LIMITS.get(tensor.dtype)
    known = value.integers
    if known is None or limit is None or bool(np.all((known >= -limit) & (known < limit))):
        return value
    return Value(value.residues, value.degree)
