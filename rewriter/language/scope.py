"""What the names of a rule, or of a declaration, stand for."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from math import prod
from typing import TYPE_CHECKING, Literal

from attrs import define, field

from rewriter.dialect.types import BITS, TensorType
from rewriter.language.expressions import Evaluate, Frame, Symbol, Undefined, Value
from rewriter.language.program import MISSING, dimensions_of, read_attribute
from rewriter.model import Tensor, schema
from rewriter.source import Diagnostic, Span

if TYPE_CHECKING:
    from rewriter.dialect.declaration import Declaration

Kind = Literal["tensor", "number", "computed"]

_ALL_WORDS: set[str] = set()


@define
class Binding:
    """A name that a pattern binds.

    Attributes:
        kind: A tensor; a number (a dimension or an attribute); a constant computed on the right side.
        register: Where a match keeps it.
        operator: The register of the operator whose result it names, or None.
        declarations: What that operator may be.
        constant: Whether the pattern says that it is a constant.
        optional: Whether it may be absent.
        many: Whether it stands for a list of them.
        whole: Whether the list is one operator's results, and `operator` that one; else there is a list of operators.
        unsure: Whether there may be nothing that it stands for: a size of an operand that is absent.
    """

    name: str
    kind: Kind
    register: int
    span: Span
    operator: int | None = None
    declarations: Mapping[str, Declaration] = field(factory=dict[str, "Declaration"])
    constant: bool = False
    optional: bool = False
    many: bool = False
    whole: bool = False
    unsure: bool = False
    used: bool = False

    @property
    def described(self) -> str:
        """What it is, in words."""
        return f"a list of {self.kind}s" if self.many else f"a {self.kind}"


@define
class RuleScope:
    """The names of one rule; `expressions.Scope` for its `where`.

    Attributes:
        added: Functions that packs add.
        patterns: The named patterns that there are, for a hint.
        meant: The enum words that some captures may have been meant for: `SAME`, where `[padding=same]` captures.
    """

    diagnostics: list[Diagnostic]
    bindings: dict[str, Binding] = field(factory=dict[str, Binding])
    added: Mapping[str, Callable[..., Value]] = field(factory=dict[str, Callable[..., Value]])
    patterns: Sequence[str] = ()
    meant: dict[str, str] = field(factory=dict[str, str])

    def symbol(self, name: str) -> Symbol | None:
        """What a name stands for in an expression; asking counts as a use."""
        binding = self.bindings.get(name)
        if binding is None:
            return None
        binding.used = True
        get = _register(binding.register)
        if binding.kind != "tensor":
            return Symbol(get)
        if binding.operator is None:
            return Symbol(get, PROPERTIES, many=binding.many)
        declarations = binding.declarations
        known = frozenset(name for each in declarations.values() for name in each.attributes) if declarations else None
        return Symbol(get, PROPERTIES, _operator_attribute(declarations), known, binding.many)

    def names(self) -> Sequence[str]:
        """The names that are bound."""
        return list(self.bindings)

    def is_word(self, word: str) -> bool:
        """Whether some enum of the schema has this word."""
        return is_word(word)

    def functions(self) -> Mapping[str, Callable[..., Value]]:
        """Functions that packs add."""
        return self.added


@define
class DeclarationScope:
    """The names in a declaration's conditions: operands and results as tensors, attributes as values."""

    diagnostics: list[Diagnostic]
    tensors: frozenset[str]
    values: frozenset[str]

    def symbol(self, name: str) -> Symbol | None:
        """What a name stands for."""
        if name in self.tensors:
            return Symbol(_named(name), PROPERTIES)
        return Symbol(_named(name)) if name in self.values else None

    def names(self) -> Sequence[str]:
        """The operands, results and attributes."""
        return sorted({*self.tensors, *self.values})

    def is_word(self, word: str) -> bool:
        """Whether some enum of the schema has this word."""
        return is_word(word)

    def functions(self) -> Mapping[str, Callable[..., Value]]:
        """None: declarations use what is built in."""
        return {}


def is_word(word: str) -> bool:
    """Whether some enum of the schema has this word."""
    if not _ALL_WORDS:
        _ALL_WORDS.update(*schema().enums.values())
    return word in _ALL_WORDS


def _register(register: int) -> Evaluate:
    return lambda frame: frame[register]


def _named(name: str) -> Evaluate:
    # A declaration's frame holds one dictionary, from names to tensors and values.
    def get(frame: Frame) -> Value:
        if name not in frame[0]:
            raise Undefined(f"{name} is not known here")
        return frame[0][name]

    return get


def _operator_attribute(declarations: Mapping[str, Declaration]) -> Callable[[Value, str], Value]:
    def read(value: Value, name: str) -> Value:
        assert isinstance(value, Tensor)
        assert value.producer is not None
        found = read_attribute(declarations, value.producer, name)
        if found is MISSING:
            raise KeyError(name)
        return found

    return read


def _shape(value: Value) -> list[int | None]:
    return list(dimensions_of(value)) if isinstance(value, Tensor) else list(_known(value).shape)


def _known(value: Value) -> TensorType:
    if not isinstance(value, TensorType):
        raise Undefined("this is asked of a tensor")
    return value


def _array(value: Value) -> Value:
    from rewriter.dialect.values import real_values

    if not isinstance(value, Tensor) or not value.is_constant:
        raise Undefined("'.value' of something that is not constant")
    try:
        return real_values(value)
    except ValueError as error:
        raise Undefined(str(error)) from None


def _of_tensor(read: Callable[[Tensor], Value]) -> Callable[[Value], Value]:
    def checked(value: Value) -> Value:
        if not isinstance(value, Tensor):
            raise Undefined("this is asked of a tensor")
        return read(value)

    return checked


def _single(values: Sequence[float] | None) -> Value:
    """Per-tensor parameters as a number, per-channel ones as a list."""
    if not values:
        raise Undefined("the tensor is not quantized")
    return values[0] if len(values) == 1 else list(values)


def _growth(tensor: Tensor) -> int:
    """By how many bytes a file's constants grow where a result becomes one: its own, less those of the operands that
    its operator alone reads."""
    operator = tensor.producer
    if operator is None:
        raise Undefined(f"{tensor.name!r} is computed by no operator")
    sizes = dimensions_of(tensor)
    if tensor.dtype not in BITS or None in sizes:
        raise Undefined(f"how many bytes {tensor.name!r} has is not known")
    alone = (
        each.buffer.size
        for each in dict.fromkeys(operator.inputs)
        if each is not None and each.buffer is not None and list(each.consumers) == [operator] and not each.is_output
    )
    return (prod(tensor.shape) * BITS[tensor.dtype] + 7) // 8 - sum(alone)


PROPERTIES: Mapping[str, Callable[[Value], Value]] = {
    "shape": _shape,
    "rank": lambda value: len(_shape(value)),
    "dtype": lambda value: value.dtype,
    "is_const": _of_tensor(lambda tensor: tensor.is_constant),
    "is_sparse": _of_tensor(lambda tensor: tensor.is_sparse),
    "value": _array,
    "scale": _of_tensor(lambda tensor: _single(tensor.quantization and tensor.quantization.scale)),
    "zero_point": _of_tensor(lambda tensor: _single(tensor.quantization and tensor.quantization.zero_point)),
    "quantized": _of_tensor(lambda tensor: bool(tensor.quantization and tensor.quantization.scale)),
    "uses": _of_tensor(lambda tensor: sum(tensor.consumers.values()) + tensor.is_output),
    "readers": _of_tensor(lambda tensor: [reader.code.name for reader in tensor.consumers]),
    "is_input": _of_tensor(lambda tensor: tensor.is_input),
    "is_output": _of_tensor(lambda tensor: tensor.is_output),
    "name": _of_tensor(lambda tensor: tensor.name),
    "op": _of_tensor(lambda tensor: tensor.producer and tensor.producer.code.name),
    "growth": _of_tensor(_growth),
}


TARGET_PROPERTIES: Mapping[str, Callable[[Value], Value]] = {
    **PROPERTIES,
    "scales": _of_tensor(lambda tensor: len(tensor.quantization.scale) if tensor.quantization else 0),
}
"""What can be asked of a tensor in a target; of a list of tensors, `scale` cannot be where one is not quantized."""


def evaluate_named(evaluate: Callable[[Frame], bool]) -> Callable[[Mapping[str, object]], bool]:
    """A declaration's condition as a function of names; what cannot be computed does not hold."""

    def holds(values: Mapping[str, object]) -> bool:
        try:
            return evaluate([values])
        except Undefined:
            return False

    return holds
