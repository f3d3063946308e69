"""What must be so of an operator: what its declaration says of operands, results, attributes and parameters."""

from __future__ import annotations

import functools
import struct
from collections.abc import Callable, Mapping, Sequence
from typing import Any, cast

from attrs import define, field, frozen

from rewriter.dialect.declaration import Declaration, OperandSpec
from rewriter.dialect.dialect import Dialect
from rewriter.dialect.inference import infer, operand_types
from rewriter.dialect.options import OptionsError
from rewriter.dialect.quantization import Bias, quantized
from rewriter.dialect.types import TensorType, is_list
from rewriter.model import Operator, Subgraph, Tensor
from rewriter.wellformed.complaint import Findings

Find = Callable[[str], Declaration | None]
"""Finds the declaration of a custom operator by its code."""

# Attributes that count steps or places, of which there is at least one, in whatever operator they stand.
_POSITIVE = frozenset(
    {
        "block_size",
        "depth_multiplier",
        "dilation_d_factor",
        "dilation_h_factor",
        "dilation_w_factor",
        "filter_height",
        "filter_width",
        "num",
        "num_splits",
        "stride_d",
        "stride_h",
        "stride_w",
        "values_count",
    }
)

# The attributes that count an operator's results, and those that count its operands.
_COUNTS_RESULTS = {"SPLIT": "num_splits", "SPLIT_V": "num_splits", "UNPACK": "num"}
_COUNTS_OPERANDS = {"PACK": "values_count"}

# Attributes that name a dimension of the first operand; PACK and ONE_HOT name one of their result, which has one more.
_AXES = {
    "CONCATENATION": ("axis", 0),
    "GATHER": ("axis", 0),
    "ONE_HOT": ("axis", 1),
    "PACK": ("axis", 1),
    "UNPACK": ("axis", 0),
}
_AXES_OF_FIRST = {"SQUEEZE": "squeeze_dims"}

# What a shape function raises on sizes and numbers that no model has.
_BEYOND = (ArithmeticError, LookupError, struct.error)

# Types that hold steps of a scale wherever an operator that computes with quantized values gives them.
_STEPS = frozenset({"i4", "i8", "u8", "i16"})


@frozen(eq=False)
class Kind:
    """What is asked of all operators of one kind, prepared once.

    Attributes:
        operands: The declared operands in the file's order; None where any will do, or there is any number.
        least: How many operands must be there at least.
        results: The declared results; None where there may be any number.
        positive: Attributes that have to be.
        words: Attributes that hold a word of an enum.
        variables: Where in the logical order operands stand that keep the operator's state.
        typed: Whether the declaration says any element type.
    """

    declaration: Declaration
    operands: tuple[OperandSpec, ...] | None
    least: int
    results: tuple[OperandSpec, ...] | None
    positive: tuple[str, ...]
    words: tuple[str, ...]
    variables: tuple[int, ...]
    typed: bool

    @classmethod
    def of(cls, declaration: Declaration) -> Kind:
        """Prepare a declaration."""
        operands, results = declaration.operands, declaration.results
        least = sum(not spec.variadic and not spec.optional for spec in operands or ())
        if operands is not None and not declaration.variadic and declaration.stored:
            operands = tuple(operands[logical] for logical in declaration.stored)
        if declaration.variadic:
            operands = None
        if results is not None and any(spec.variadic for spec in results):
            results = None
        return cls(
            declaration,
            operands,
            least,
            results,
            tuple(name for name in declaration.attributes if name in _POSITIVE),
            tuple(name for name, spec in declaration.attributes.items() if spec.words),
            tuple(place for place, spec in enumerate(declaration.operands or ()) if spec.variable),
            any(spec.dtypes for spec in (*(declaration.operands or ()), *(declaration.results or ()))),
        )


@functools.cache
def _kind(declaration: Declaration) -> Kind:
    return Kind.of(declaration)


@define
class OperatorCheck:
    """Checks operators of a model, each kind by its declaration.

    Attributes:
        find: Finds declarations of custom operators.
    """

    findings: Findings
    find: Find | None = None
    kinds: dict[tuple[str, str | None], Kind | None] = field(factory=dict[tuple[str, str | None], "Kind | None"])

    def kind(self, operator: Operator) -> Kind | None:
        """What is asked of this operator's kind; None if the schema does not know it."""
        code = operator.code
        key = code.builtin, code.custom_code
        if key not in self.kinds:
            declaration = Dialect(elsewhere=self.find).find(*key)
            self.kinds[key] = None if declaration is None else _kind(declaration)
        return self.kinds[key]

    def check(self, subgraph: Subgraph, operator: Operator) -> None:
        """Check an operator."""
        if operator.code.version < 1:
            self.say("version", subgraph, operator, f"version {operator.code.version} is none")
        kind = self.kind(operator)
        if kind is None:
            message = "no operator of this name is in the schema known here"
            self.findings.operator("operator", subgraph, operator, message, severity="remark")
            return
        if operator.code.builtin == "CUSTOM" and operator.code.custom_code is None:
            self.say("operator", subgraph, operator, "is a custom operator without a code")
            return
        before = len(self.findings.complaints)
        self.arity(subgraph, operator, kind)
        attributes = self.attributes(subgraph, operator, kind)
        if kind.typed:
            self.types(subgraph, operator, kind)
        if len(self.findings.complaints) > before or attributes is None:
            return  # what follows from them is not worth a word
        declaration = kind.declaration
        operands = declaration.logical(operator)
        for place in kind.variables:
            state = operands[place] if place < len(operands) else None
            if state is not None and not state.is_variable:
                self.say(
                    "variable", subgraph, operator, f"keeps its state in {state.name!r}, which is no variable", state
                )
        if declaration.shape is not None:
            self.shapes(subgraph, operator, declaration, operands, attributes)
        self.quantization(subgraph, operator, declaration, operands, attributes)
        self.conditions(subgraph, operator, declaration, operands, attributes)
        if declaration.versions:
            wanted = declaration.version(operands, operator.outputs, attributes)
            if operator.code.version < wanted:
                # Runtimes do not look: they find an operator by its name, and old converters knew older rules.
                message = f"has version {operator.code.version}, what it uses came with {wanted}"
                self.findings.operator("version", subgraph, operator, message, severity="remark")

    def say(self, rule: str, subgraph: Subgraph, operator: Operator, message: str, *tensors: Tensor | None) -> None:
        """Complain."""
        self.findings.operator(rule, subgraph, operator, message, *tensors)

    def say_of_shapes(
        self, rule: str, subgraph: Subgraph, operator: Operator, message: str, *tensors: Tensor | None
    ) -> None:
        """Complain of what depends on stored shapes: where a tensor has none, it is no more than a remark."""
        unknown = [each for each in (*operator.inputs, *operator.outputs) if each is not None and _has_no_shape(each)]
        if not unknown:
            self.say(rule, subgraph, operator, message, *tensors)
            return
        message += f" ({unknown[0].name!r} has no shape in the file)"
        self.findings.operator(rule, subgraph, operator, message, *tensors, severity="remark")

    def arity(self, subgraph: Subgraph, operator: Operator, kind: Kind) -> None:
        """As many operands and results as are declared, and all there that must be."""
        declaration = kind.declaration
        count = len(operator.inputs)
        if kind.operands is not None:
            if count > len(kind.operands):
                self.say("arity", subgraph, operator, f"has {count} operands, it takes {len(kind.operands)}")
            for place, spec in enumerate(kind.operands):
                if spec.optional or spec.name in declaration.operand_values:
                    continue
                if place >= count or operator.inputs[place] is None:
                    self.say("arity", subgraph, operator, f"lacks its operand {spec.name}")
        elif declaration.operands is not None and count < kind.least:
            self.say("arity", subgraph, operator, f"has {count} operands, it takes at least {kind.least}")
        results = len(operator.outputs)
        if kind.results is not None:
            least = sum(not spec.optional for spec in kind.results)
            if not least <= results <= len(kind.results):
                number = str(least) if least == len(kind.results) else f"{least} to {len(kind.results)}"
                self.say("arity", subgraph, operator, f"has {results} results, it gives {number}")

    def attributes(self, subgraph: Subgraph, operator: Operator, kind: Kind) -> dict[str, Any] | None:
        """The attributes, in range; None if they cannot be read."""
        declaration = kind.declaration
        try:
            if declaration.codec is not None:
                values: dict[str, Any] = declaration.codec.decode(operator.custom_options)
            else:
                values = {name: operator.attribute(name) for name in declaration.attributes}
        except (OptionsError, KeyError) as error:
            reason = f"has options of another operator: no {error}" if isinstance(error, KeyError) else str(error)
            self.say("attribute", subgraph, operator, reason)
            return None
        for name in kind.positive:
            if values[name] < 1:
                self.say("attribute", subgraph, operator, f"{name} is {values[name]}, it has to be positive")
        for name in kind.words:
            value = values[name]
            if not isinstance(value, str) and not is_list(value):
                enum = declaration.attributes[name].enum
                self.say("attribute", subgraph, operator, f"{name} is {value}, which is no {enum}")
        self.counts(subgraph, operator, values)
        return values

    def counts(self, subgraph: Subgraph, operator: Operator, values: Mapping[str, Any]) -> None:
        """Attributes that count operands or results, or name a dimension of the first operand."""
        builtin = operator.code.builtin
        for table, tensors, what in (
            (_COUNTS_RESULTS, operator.outputs, "results"),
            (_COUNTS_OPERANDS, operator.inputs, "operands"),
        ):
            name = table.get(builtin)
            if name is not None and values[name] != len(tensors):
                message = f"{name} is {values[name]}, and it has {len(tensors)} {what}"
                self.say("attribute", subgraph, operator, message)
        first = next((tensor for tensor in operator.inputs if tensor is not None), None)
        if first is None:
            return
        if builtin in _AXES:
            name, more = _AXES[builtin]
            axes, rank = [values[name]], len(first.shape) + more
        elif builtin in _AXES_OF_FIRST:
            name = _AXES_OF_FIRST[builtin]
            axes, rank = values[name], len(first.shape)
        else:
            return
        wrong = [axis for axis in axes if not -rank <= axis < rank]
        if wrong:
            message = f"{name} is {wrong[0]}, {first.name!r} has {len(first.shape)} dimensions"
            self.say_of_shapes("attribute", subgraph, operator, message, first)

    def types(self, subgraph: Subgraph, operator: Operator, kind: Kind) -> None:
        """Element types that the declaration takes."""
        declaration = kind.declaration
        for specs, tensors in (
            (declaration.operands, declaration.logical(operator)),
            (declaration.results, operator.outputs),
        ):
            for index, spec in enumerate(specs or ()):
                if not spec.dtypes:
                    continue
                for tensor in tensors[index:] if spec.variadic else tensors[index : index + 1]:
                    if tensor is not None and tensor.dtype not in spec.dtypes:
                        wanted = " or ".join(spec.dtypes)
                        message = f"{spec.name} {tensor.name!r} is {tensor.dtype}, it has to be {wanted}"
                        self.say("type", subgraph, operator, message, tensor)

    def shapes(
        self,
        subgraph: Subgraph,
        operator: Operator,
        declaration: Declaration,
        operands: Sequence[Tensor | None],
        attributes: Mapping[str, object],
    ) -> None:
        """Results have the type and shape that follow."""
        try:
            inferred = infer(declaration, operand_types(declaration, operands, attributes), attributes)
        except ValueError as error:
            self.say_of_shapes("operands", subgraph, operator, str(error), *_named(str(error), operator))
            return
        except _BEYOND as error:
            self.say("operands", subgraph, operator, f"nothing can be inferred of it: {error}")
            return
        for tensor, found in zip(operator.outputs, inferred or (), strict=False):
            if found is None:
                continue
            if found.dtype != tensor.dtype:
                message = f"gives {tensor.name!r} as {tensor.dtype}, it computes {found.dtype}"
                self.say("type", subgraph, operator, message, tensor)
            elif not _agrees(tensor, found):
                message = f"gives {tensor.name!r} the shape {list(tensor.shape)}, it computes {found}"
                self.say_of_shapes("shape", subgraph, operator, message, tensor)

    def conditions(
        self,
        subgraph: Subgraph,
        operator: Operator,
        declaration: Declaration,
        operands: Sequence[Tensor | None],
        attributes: Mapping[str, object],
    ) -> None:
        """What the declaration says that the runtime demands."""
        if not declaration.conditions:
            return
        known = declaration.names(operands, operator.outputs, attributes)
        for text, condition in declaration.conditions:
            if not condition(known):
                self.say("operands", subgraph, operator, f"the runtime demands {text}")

    def quantization(
        self,
        subgraph: Subgraph,
        operator: Operator,
        declaration: Declaration,
        operands: Sequence[Tensor | None],
        attributes: Mapping[str, object],
    ) -> None:
        """Parameters are there, and agree."""
        if declaration.quantization is None:
            return
        if not any(quantized(tensor) for tensor in (*operands, *operator.outputs)):
            return
        for message in declaration.quantization_complaints(operands, operator.outputs, attributes):
            self.say("quantization", subgraph, operator, message, *_named(message, operator))
        if not any(quantized(tensor) for tensor in operands):
            return
        for demand in declaration.quantization_demands:
            if isinstance(demand, Bias):
                self.weights(subgraph, operator, declaration, operands, demand)
        for place, tensor in enumerate(operator.outputs):
            if tensor.dtype not in _STEPS or quantized(tensor) is not None:
                continue
            try:
                lacks = declaration.quantization(operands, attributes, TensorType(tensor.dtype, tensor.shape), place)
            except ValueError:
                lacks = True  # it has parameters, whoever quantized the model chose them
            if lacks:
                message = f"computes with quantized values, and its result {tensor.name!r} has no parameters"
                self.say("quantization", subgraph, operator, message, tensor)

    def weights(
        self,
        subgraph: Subgraph,
        operator: Operator,
        declaration: Declaration,
        operands: Sequence[Tensor | None],
        demand: Bias,
    ) -> None:
        """A quantized input asks for a filter and a bias with parameters."""
        names = [spec.name for spec in declaration.operands or ()]
        named = dict(zip(names, operands, strict=False))
        input_ = named.get(demand.input)
        if input_ is None or input_.dtype not in _STEPS or quantized(input_) is None:
            return
        for name in (demand.filter, demand.bias):
            tensor = named.get(name)
            if tensor is not None and tensor.dtype in (*_STEPS, "i32", "i64") and quantized(tensor) is None:
                message = f"computes with quantized values, and its {name} {tensor.name!r} has no parameters"
                self.say("quantization", subgraph, operator, message, tensor)


def _agrees(tensor: Tensor, found: TensorType) -> bool:
    """Whether a stored shape is the inferred one, as far as both are known; an open size is stored as 1, or as -1."""
    if len(tensor.shape) != found.rank:
        return False
    signature = tensor.shape_signature
    if not signature or len(signature) != len(tensor.shape):
        signature = tensor.shape
    return all(
        wanted is None or open_ < 0 or size == wanted
        for size, open_, wanted in zip(tensor.shape, signature, found.shape, strict=True)
    )


def _has_no_shape(tensor: Tensor) -> bool:
    """Whether a file says nothing of a tensor's shape; old converters write such a shape like a scalar's."""
    return not tensor.shape and not tensor.is_constant and not tensor.has_rank


def _named(message: str, operator: Operator) -> list[Tensor]:
    """The tensors of an operator that a sentence names."""
    tensors = [each for each in (*operator.outputs, *operator.inputs) if each is not None]
    return [each for each in dict.fromkeys(tensors) if repr(each.name) in message]


def called(operator: Operator, declaration: Declaration) -> list[tuple[str, int]]:
    """The subgraphs that an operator names, each with the attribute that does."""
    found: list[tuple[str, int]] = []
    for name in declaration.subgraph_attributes:
        value: Any = declaration.attribute(operator, name)
        numbers = cast("list[int]", value) if is_list(value) else [value]
        found += [(name, int(number)) for number in numbers if int(number) >= 0]
    return found
