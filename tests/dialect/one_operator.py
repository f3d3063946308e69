"""One operator as a model of its own: what is inferred of its results, and what the runtime makes of them."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np
from attrs import evolve, field, frozen

from rewriter.dialect.dialect import builtin_declarations
from rewriter.dialect.inference import infer
from rewriter.dialect.types import TensorType
from rewriter.verify.runtime import RuntimeFailure
from tests.unit.networks import Network, edited

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from rewriter.model import Model, Tensor
    from rewriter.verify.runtime import Runtime

NUMPY: dict[str, Any] = {
    "f16": np.float16,
    "f32": np.float32,
    "f64": np.float64,
    "i8": np.int8,
    "u8": np.uint8,
    "i16": np.int16,
    "i32": np.int32,
    "u32": np.uint32,
    "i64": np.int64,
    "u64": np.uint64,
    "bool": np.bool_,
    "c64": np.complex64,
    "string": np.object_,
}


@frozen(repr=False)
class Operand:
    """An operand: what the model knows of it, and the values that it has when the model runs.

    Attributes:
        values: What it holds; None: anything will do.
        constant: Whether the values stand in the file.
        variable: Whether it is a variable, which the operator changes.
        scale: Parameters of a quantized one.
    """

    dtype: str
    shape: tuple[int, ...]
    values: Any = None
    constant: bool = False
    variable: bool = False
    scale: float | None = None
    zero_point: int = 0

    def __repr__(self) -> str:
        kind = "const " * self.constant + "variable " * self.variable
        held = "" if self.values is None else f" {self.values}"
        return f"{kind}{self.dtype}{list(self.shape)}{held}"

    def _repr_pretty_(self, printer: Any, _: bool) -> None:
        printer.text(repr(self))

    @property
    def type(self) -> TensorType:
        """What inference is told."""
        if not self.constant or self.dtype not in ("i16", "i32", "i64"):
            return TensorType(self.dtype, self.shape)
        return TensorType(self.dtype, self.shape, partial(np.ravel(self.values).tolist))

    @property
    def data(self) -> Any:
        """Its values as an array."""
        kind = NUMPY[self.dtype]
        if self.values is not None:
            return np.asarray(self.values, kind).reshape(self.shape)
        if self.dtype == "string":
            return np.full(self.shape, b"a b c d e", kind)
        numbers = np.arange(np.prod(self.shape, dtype=np.int64)) * 7 % 5
        return (numbers - (0 if self.dtype.startswith("u") else 2)).astype(kind).reshape(self.shape)


@frozen
class Case:
    """An operator with its operands in logical order.

    Attributes:
        attributes: Those that are not the schema's defaults.
        results: How many there are.
        scale, zero_point: Parameters of quantized results.
        recorded: What the model says of results of which nothing can be inferred.
        body: An operator on two scalars that makes up the subgraph of index 1.
    """

    name: str
    operands: tuple[Operand | None, ...]
    attributes: Mapping[str, Any] = field(factory=dict[str, Any])
    results: int = 1
    scale: float | None = None
    zero_point: int = 0
    body: str | None = None
    recorded: TensorType | None = None

    def _repr_pretty_(self, printer: Any, _: bool) -> None:
        given = ", ".join([*map(repr, self.operands), *(f"{name}={value}" for name, value in self.attributes.items())])
        printer.text(f"{self.name}({given})")

    @property
    def types(self) -> list[TensorType | None]:
        """The operands' types."""
        return [None if each is None else each.type for each in self.operands]

    def known(self) -> Case:
        """The same case, with all values that are given in the file."""
        operands = [
            each if each is None or each.values is None else evolve(each, constant=True) for each in self.operands
        ]
        return evolve(self, operands=tuple(operands))

    def infer(self, types: Sequence[TensorType | None] | None = None) -> tuple[TensorType | None, ...]:
        """The results' types. ValueError where the runtime would refuse."""
        declaration = builtin_declarations()[self.name]
        every = {name: spec.default for name, spec in declaration.attributes.items()} | dict(self.attributes)
        found = infer(declaration, self.types if types is None else types, every)
        assert found is not None, f"{self.name} has no inference"
        return found

    def run(self, runtime: Runtime, results: Sequence[TensorType | None]) -> list[Any]:
        """The results as the runtime computes them, or RuntimeFailure where it refuses.

        Args:
            runtime: Runs the model.
            results: What the model says of them; the runtime finds their shapes by itself.
        """
        with runtime.load(self.model(results), "builtin", side=self.name) as program:
            return program.run(self.given)

    @property
    def given(self) -> list[Any]:
        """What the model is run with."""
        return [each.data for each in self.operands if each is not None and not each.constant and not each.variable]

    def model(self, results: Sequence[TensorType | None]) -> Model:
        """The operator as a model; `results` is what it says of them."""
        network = Network()
        tensors = [
            None if each is None else _add(network, each, f"x{place}") for place, each in enumerate(self.operands)
        ]
        declaration = builtin_declarations()[self.name]
        stored = declaration.inputs(tensors)
        outs: list[Tensor] = []
        for place in range(max(len(results), self.results)):
            known = (results[place] if place < len(results) else None) or self.recorded
            dtype, shape = (
                ("f32", ()) if known is None else (known.dtype, [-1 if size is None else size for size in known.shape])
            )
            scaled = (
                {"scale": self.scale, "zero": self.zero_point} if known and self.scale and known.dtype != "i32" else {}
            )
            outs.append(network.tensor(f"y{place}", shape, dtype, **scaled))
        every = {name: spec.default for name, spec in declaration.attributes.items()} | dict(self.attributes)
        version = declaration.version(tensors, outs, every)
        network.add(self.name, stored, outs, version=version, attributes=self.attributes)
        bodies = [] if self.body is None else [_body(self.body, outs[0].dtype)]
        model = network.build(*outs, others=bodies)
        variables = [tensor.index for tensor in network.tensors if tensor.is_variable]
        if variables:

            def mark(unpacked: Any) -> None:
                for index in variables:
                    unpacked.subgraphs[0].tensors[index].isVariable = True

            model = edited(model, mark)
        return model


def _body(name: str, dtype: str) -> tuple[Network, list[Tensor]]:
    network = Network()
    result = network.add(name, [network.input("a", (), dtype), network.input("b", (), dtype)], "c")
    return network, [result]


def _add(network: Network, operand: Operand, name: str) -> Tensor:
    scaled = {} if operand.scale is None else {"scale": operand.scale, "zero": operand.zero_point}
    if operand.constant:
        return network.constant(name, operand.data, operand.dtype, **scaled)
    if operand.variable:
        made = network.tensor(name, operand.shape, operand.dtype, **scaled)
        made.is_variable = True
        return made
    return network.input(name, operand.shape, operand.dtype, **scaled)


def agrees(inferred: TensorType | None, found: Any) -> bool:
    """Whether a result is what was inferred of it, where something was."""
    if inferred is None:
        return True
    return (
        found.dtype == NUMPY[inferred.dtype]
        and found.ndim == inferred.rank
        and all(size in (None, wanted) for size, wanted in zip(inferred.shape, found.shape, strict=True))
    )


def weaker(known: TensorType | None, less: TensorType | None) -> bool:
    """Whether what is said with less knowledge says nothing else, only less."""
    if less is None:
        return True
    return (
        known is not None
        and known.dtype == less.dtype
        and known.rank == less.rank
        and all(size is None or size == wanted for size, wanted in zip(less.shape, known.shape, strict=True))
    )


def opened(case: Case, choices: Sequence[int]) -> list[TensorType | None]:
    """The operands' types with some dimensions left open and some constants unread, as the choices say."""
    types: list[TensorType | None] = []
    at = 0

    def choose() -> bool:
        nonlocal at
        at += 1
        return bool(choices[at % len(choices)])

    for each in case.types:
        if each is None:
            types.append(None)
            continue
        shape = tuple(None if choose() else size for size in each.shape)
        types.append(TensorType(each.dtype, shape, None if choose() else each.values))
    return types


__all__ = ["Case", "Operand", "RuntimeFailure", "agrees", "evolve", "opened", "weaker"]
