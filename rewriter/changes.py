"""What a cleanup looks at, and the changes that it can ask for.

A cleanup is a function that takes a `View` of a model and gives changes, one after the other. Each is made before the
next is asked for: the function sees the model as its own changes left it, and changes nothing itself.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import TYPE_CHECKING

from attrs import define, field, frozen

from rewriter.dialect.declaration import EFFECTS, Declaration
from rewriter.dialect.dialect import bodies_of, builtin_declarations
from rewriter.model import schema

if TYPE_CHECKING:
    from rewriter.model import Buffer, Metadata, Model, Operator, OperatorCode, Subgraph, Tensor

MEMORY_PLAN = "OfflineMemoryAllocation"
"""The metadata in which a memory plan made ahead of time finds its tensors by their numbers."""
PLANNED = f"the model's memory plan (metadata {MEMORY_PLAN}) finds tensors by their numbers: all of them stay"
"""Why something is left as it is in a model with such a plan."""

# They do what their bodies do, and nothing besides.
_CONTROL = frozenset({"CALL", "IF", "STABLEHLO_CASE", "STABLEHLO_WHILE", "WHILE"})
_HANDLES = frozenset({"resource", "variant"})


@frozen(eq=False)
class RemoveOperator:
    """An operator goes whose results nobody reads, and what it alone reads goes with it."""

    subgraph: Subgraph
    operator: Operator


@frozen(eq=False)
class MergeOperators:
    """An operator goes; its readers read the results of one that runs earlier and computes the same."""

    subgraph: Subgraph
    operator: Operator
    into: Operator


@frozen(eq=False)
class MergeConstants:
    """A constant goes; its readers read one that is equal."""

    subgraph: Subgraph
    tensor: Tensor
    into: Tensor


@frozen(eq=False)
class MergeBuffers:
    """A buffer goes; its tensors share one that has the same bytes."""

    buffer: Buffer
    into: Buffer


@frozen(eq=False)
class EditTensor:
    """A tensor gets other fields: any of `name`, `shape_signature` and `quantization`."""

    subgraph: Subgraph
    tensor: Tensor
    values: Mapping[str, object]


@frozen(eq=False)
class EditOperator:
    """An operator gets other attributes."""

    subgraph: Subgraph
    operator: Operator
    values: Mapping[str, object]


@frozen(eq=False)
class RemoveTensor:
    """A tensor goes that nothing refers to."""

    subgraph: Subgraph
    tensor: Tensor


@frozen(eq=False)
class RemoveBuffer:
    """A buffer goes that nothing refers to."""

    buffer: Buffer


@frozen(eq=False)
class RemoveOperatorCode:
    """An operator code goes that no operator has."""

    code: OperatorCode


@frozen(eq=False)
class RemoveSubgraph:
    """A subgraph goes that no operator runs and no signature names; those behind it move up."""

    subgraph: Subgraph


@frozen(eq=False)
class RemoveMetadata:
    """An entry of the model's metadata goes; its buffer stays."""

    metadata: Metadata


@frozen
class Leave:
    """Nothing is changed, and the report says why."""

    what: str
    reason: str


Change = (
    RemoveOperator
    | MergeOperators
    | MergeConstants
    | MergeBuffers
    | EditTensor
    | EditOperator
    | RemoveTensor
    | RemoveBuffer
    | RemoveOperatorCode
    | RemoveSubgraph
    | RemoveMetadata
    | Leave
)

MOVES_TENSORS = (RemoveOperator, MergeOperators, MergeConstants, RemoveTensor, RemoveSubgraph)
"""After these, tensors behind the one that went have other numbers."""


def has_memory_plan(model: Model) -> bool:
    """Whether a model brings a memory plan that finds tensors by their numbers."""
    return any(each.name == MEMORY_PLAN for each in model.metadata)


@define(eq=False)
class View:
    """A model, and what is known of its operators.

    Attributes:
        model: The model. Only the changes that a cleanup gives may change it.
        declaration: The declaration of a custom operator by its code; None where nobody declares it.
    """

    model: Model
    declaration: Callable[[str], Declaration | None]
    _named: set[Tensor] | None = field(default=None, init=False)
    _pure: dict[tuple[str, str | None], bool] = field(factory=dict, init=False)  # pyright: ignore[reportUnknownVariableType]

    def metadata_buffers(self) -> set[Buffer]:
        """The buffers that metadata refers to, those of the older list among them."""
        model = self.model
        found = {each.buffer for each in model.metadata}
        if model.at and model.file is not None:
            with model.file.reading:
                where = model.file.follow(model.at, schema().table("Model"), "metadata_buffer")
                numbers = frozenset(model.file.vector(where, "i") if where else ())
            found.update(each for each in model.buffers if each.index in numbers and each.at)
        return found

    def is_named(self, tensor: Tensor) -> bool:
        """Whether a tensor is an input or an output, or something else than operands and results refers to it."""
        if self._named is None:
            self._named = {each for made in self.model.signatures for _, each in (*made.inputs, *made.outputs)}
            for operator in self.model.operators():
                if operator.intermediates:
                    self._named.update(each for each in operator.intermediates if each is not None)
        return tensor.is_input or tensor.is_output or tensor in self._named

    def computes(self, operator: Operator) -> bool:
        """Whether all that an operator does is to compute its results from its operands, the same for the same ones.

        A custom operator does where its declaration has a kernel and no side effects. An operator that runs subgraphs
        does where all of their operators do.
        """
        return self._computes(operator, set())

    def _computes(self, operator: Operator, inside: set[int]) -> bool:
        code = operator.code
        key = code.builtin, code.custom_code
        pure = self._pure.get(key)
        if pure is None:
            pure = self._pure[key] = self._is_pure(*key)
        if not pure:
            return False
        for tensor in (*operator.inputs, *operator.outputs):
            if tensor is not None and (tensor.is_variable or tensor.dtype in _HANDLES):
                return False
        if code.builtin == "CUSTOM" or not builtin_declarations()[code.builtin].subgraph_attributes:
            return True
        for index in bodies_of(operator):
            if index in inside:
                continue
            inside.add(index)
            if index >= len(self.model.subgraphs):
                return False
            if not all(self._computes(each, inside) for each in self.model.subgraphs[index].operators):
                return False
        return True

    def _is_pure(self, builtin: str, custom: str | None) -> bool:
        if builtin == "CUSTOM":
            declared = self.declaration(custom or "")
            return declared is not None and declared.kernel is not None and not declared.side_effects
        if builtin not in builtin_declarations():
            return False
        return builtin in _CONTROL or builtin not in EFFECTS


def alike(one: Tensor, other: Tensor) -> bool:
    """Whether two tensors have the same type, shape and quantization, as their readers see them."""
    if (one.dtype, one.shape, one.shape_signature) != (other.dtype, other.shape, other.shape_signature):
        return False
    if not one.is_plain or not other.is_plain:
        return False
    if one.has_rank != other.has_rank and not one.shape:
        return False
    if one.quantization is None or other.quantization is None:
        return one.quantization is other.quantization
    return one.quantization.same_steps(other.quantization)


def said(names: Iterable[str]) -> str:
    """Some names in a sentence; many are counted."""
    listed = list(dict.fromkeys(names))
    shown = ", ".join(listed[:3])
    return f"{shown} and {len(listed) - 3} more" if len(listed) > 3 else shown
