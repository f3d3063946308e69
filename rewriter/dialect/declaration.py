"""What an operator is: its operands, results and attributes, and what follows from them."""

from __future__ import annotations

import functools
from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeVar

from attrs import field, frozen

from rewriter.dialect.options import Codec
from rewriter.dialect.quantization import Demand, QuantizationFunction
from rewriter.dialect.types import TensorType
from rewriter.model import Operator, Quantization, Tensor, schema
from rewriter.model.schema import SCALAR, SCALARS, STRING, STRINGS, Field

# Operators that do more than compute their results, or compute others each time: never matched away, never dropped.
EFFECTS = frozenset(
    {
        "ASSIGN_VARIABLE",
        "CALL",
        "CALL_ONCE",
        "DELEGATE",
        "HASHTABLE",
        "HASHTABLE_IMPORT",
        "IF",
        "MULTINOMIAL",
        "RANDOM_STANDARD_NORMAL",
        "RANDOM_UNIFORM",
        "READ_VARIABLE",
        "STABLEHLO_CASE",
        "STABLEHLO_CUSTOM_CALL",
        "STABLEHLO_RNG_BIT_GENERATOR",
        "STABLEHLO_WHILE",
        "VAR_HANDLE",
        "WHILE",
    }
)

# A None among the results is one of which nothing can be said beforehand.
ShapeFunction = Callable[..., TensorType | tuple[TensorType | None, ...] | None]
Kernel = Callable[..., Any]
Names = Mapping[str, object]
Item = TypeVar("Item")

# How the schema calls an attribute that holds a subgraph's index, or several.
_SUBGRAPHS = ("subgraph", "called_computations")
_SUBGRAPH_ENDINGS = ("_subgraph_index", "_subgraph_indices")


@frozen
class AttributeSpec:
    """An attribute.

    Attributes:
        kind: `int`, `float`, `bool`, `string`, `list` or `other`.
        format: How `struct` packs it, or each of its elements; empty for strings and what is no scalar.
        enum: The enum that its words belong to, by the schema's name; None for a plain value.
        words: The enum's words.
        default: What the schema says where nothing is stored; None where there is no such thing.
    """

    name: str
    kind: str
    enum: str | None = None
    words: frozenset[str] = frozenset()
    default: object = None
    format: str = ""

    def same_type(self, other: AttributeSpec) -> bool:
        """Whether a value of one is one of the other."""
        return self.kind == other.kind and self.enum == other.enum


@frozen
class OperandSpec:
    """An operand or a result.

    Attributes:
        dtypes: Element types; empty where any will do.
        private: Whether runtimes may keep the tensor in a form of their own, which only private operands can read.
    """

    name: str
    dtypes: tuple[str, ...] = ()
    optional: bool = False
    variadic: bool = False
    implied: bool = False
    variable: bool = False
    private: bool = False


@frozen
class VersionRule:
    """An operator version and what asks for it: conditions on what `Declaration.names` gives.

    Attributes:
        text: The conditions as the declaration writes them, on one line.
    """

    number: int
    conditions: tuple[Callable[[Names], bool], ...]
    text: str = ""


@frozen(eq=False)
class Declaration:
    """An operator as patterns, replacements, inference and checks see it.

    Attributes:
        builtin: Its name in the schema; `CUSTOM` for a custom one.
        code: A custom operator's code.
        operands: In logical order, the order of patterns; None where nothing is declared, and any will do.
        stored: For each place in the file, which operand stands there.
        codec: How a custom operator's options are stored; None where they are not declared.
        shape: Infers the results' types from the operands' (in logical order, variadic ones one by one, None for an
            absent one) and the attributes by name; None where they cannot be inferred. It gives a `TensorType`, a tuple
            of them where there are several results, or None for a result of which nothing can be said. A ValueError
            says why the runtime would refuse.
        elementwise: Whether a result has its operands' shape, but for broadcasting.
        versions: In order: the first whose conditions hold is the version; 1 if none does.
        conditions: What the runtime demands.
        implied_attributes: Attributes that follow from operands and results.
        implied_values: What such an attribute is worth, from what `names` gives, in the form in which a file gives it
            back. `expressions.Undefined` says why it cannot be computed.
        operand_values: The same for operands that a file may do without: a number or a list.
        quantization: Gives a result's parameters, from the operands in logical order, the attributes, the result's type
            and its place among the results. None: it has none. ValueError: they cannot be derived. Where this field is
            None nothing is known.
        quantization_demands: What has to hold between the parameters of operands and results.
        told_by_results: Implied attributes that nothing but the results' own records say.
        clauses: What `shape`, `kernel`, `quantization` and `options` say, as it is written, for those who show it.
    """

    builtin: str
    code: str | None = None
    doc: str = ""
    operands: tuple[OperandSpec, ...] | None = None
    results: tuple[OperandSpec, ...] | None = None
    stored: tuple[int, ...] = ()
    attributes: Mapping[str, AttributeSpec] = field(factory=dict[str, AttributeSpec])
    implied_attributes: frozenset[str] = frozenset()
    implied_values: Mapping[str, Callable[[Names], object]] = field(factory=dict[str, Callable[[Names], object]])
    operand_values: Mapping[str, Callable[[Names], object]] = field(factory=dict[str, Callable[[Names], object]])
    codec: Codec | None = None
    shape: ShapeFunction | None = None
    kernel: Callable[[], Kernel] | None = None
    elementwise: bool = False
    commutative: bool = False
    side_effects: bool = False
    versions: tuple[VersionRule, ...] = ()
    conditions: tuple[tuple[str, Callable[[Names], bool]], ...] = ()
    quantization: QuantizationFunction | None = None
    quantization_demands: tuple[Demand, ...] = ()
    clauses: Mapping[str, str] = field(factory=dict[str, str])
    told_by_results: frozenset[str] = frozenset()

    @property
    def name(self) -> str:
        """As a pattern would write it: `CONV_2D`, `CUSTOM[Foo]`."""
        return f"CUSTOM[{self.code}]" if self.code is not None else self.builtin

    @property
    def variadic(self) -> bool:
        """Whether it takes any number of operands."""
        return any(spec.variadic for spec in self.operands or ())

    @property
    def keeps_absent(self) -> bool:
        """Whether absent operands at the end are written: the kernels of recurrent networks count operands."""
        return any(spec.variable for spec in self.operands or ())

    @property
    def subgraph_attributes(self) -> tuple[str, ...]:
        """The attributes that hold a subgraph's index, or a list of such; -1 and less stand for none."""
        return tuple(name for name in self.attributes if name in _SUBGRAPHS or name.endswith(_SUBGRAPH_ENDINGS))

    def names(
        self, operands: Sequence[Tensor | TensorType | None], results: Sequence[Tensor | TensorType], attributes: Names
    ) -> dict[str, object]:
        """What the names in a declaration's conditions stand for.

        Args:
            operands: In logical order; those that are missing at the end are absent.
            results: In order.
            attributes: By name.

        Returns:
            Operands, results and attributes by name. Of several that share a name, as in `values...`, the first counts.
        """
        known: dict[str, object] = dict(attributes)
        for specs, tensors in ((self.operands or (), operands), (self.results or (), results)):
            for index, spec in enumerate(specs):
                known[spec.name] = tensors[index] if index < len(tensors) else None
        return known

    def version(
        self, operands: Sequence[Tensor | TensorType | None], results: Sequence[Tensor | TensorType], attributes: Names
    ) -> int:
        """The lowest version that covers what is used: that of the first rule that holds. Arguments as for `names`."""
        if not self.versions:
            return 1
        known = self.names(operands, results, attributes)
        holding = (rule.number for rule in self.versions if all(condition(known) for condition in rule.conditions))
        return next(holding, 1)

    def quantization_complaints(
        self, operands: Sequence[Tensor | None], results: Sequence[Tensor], attributes: Names
    ) -> list[str]:
        """What is wrong between the quantisation parameters of an operator's tensors, each as a sentence.

        Args:
            operands: In logical order.
            results: In order.
            attributes: By name.
        """
        tensors: dict[str, list[Tensor]] = {}
        for specs, group in ((self.operands or (), operands), (self.results or (), results)):
            for index, spec in enumerate(specs):
                named = group[index:] if spec.variadic else group[index : index + 1]
                tensors.setdefault(spec.name, []).extend(each for each in named if each is not None)

        def derive(place: int) -> Quantization | None:
            result = results[place]
            if self.quantization is None:
                return None
            return self.quantization(operands, attributes, TensorType(result.dtype, result.shape), place)

        return [text for each in self.quantization_demands for text in each.violations(tensors, results, derive)]

    def logical(self, operator: Operator) -> list[Tensor | None]:
        """An operator's operands in logical order; declared ones that the file leaves out at the end are None."""
        if self.operands is None or self.variadic:
            return list(operator.inputs)
        missing = len(self.operands) - len(operator.inputs)
        return self.in_logical_order([*operator.inputs, *[None] * missing])

    def in_logical_order(self, listed: Sequence[Item]) -> list[Item]:
        """What stands for operands in the file's order, one by one, in logical order."""
        if not self.stored:
            return list(listed)
        places = (*self.stored, *range(len(self.stored), len(listed)))
        return [listed[at] for at in sorted(range(len(listed)), key=places.__getitem__)]

    def inputs(self, operands: Sequence[Tensor | None]) -> list[Tensor | None]:
        """Operands in logical order as the file lists them.

        Absent ones at the end are left out where the runtime does not count them.
        """
        found = [operands[at] if at < len(operands) else None for at in self.stored] if self.stored else list(operands)
        while found and found[-1] is None and not self.keeps_absent:
            found.pop()
        return found

    def file_index(self, logical: int) -> int:
        """Where in the file's list the operand at this place of the logical order stands."""
        return self.stored.index(logical) if self.stored else logical

    def attribute(self, operator: Operator, name: str) -> object:
        """An attribute of an operator in a model.

        Raises:
            KeyError: There is no such attribute.
            OptionsError: The custom options do not hold what is declared.
        """
        if self.codec is not None:
            return self.codec.decode(operator.custom_options)[name]
        return operator.attribute(name)


def schema_attributes(builtin: str) -> dict[str, AttributeSpec]:
    """The attributes that the schema gives a builtin operator."""
    table = schema().options_table(builtin)
    if table is None:
        return {}
    return {each.name: _attribute_spec(each) for each in table.fields if each is not None}


def _attribute_spec(spec: Field) -> AttributeSpec:
    if spec.kind == SCALAR:
        if spec.enum:
            words = schema().words(spec.enum)
            assert spec.default is not None
            return AttributeSpec(
                spec.name, "int", spec.enum, frozenset(words.values()), words.get(int(spec.default)), spec.type
            )
        kind = {"?": "bool", "f": "float", "d": "float"}.get(spec.type, "int")
        return AttributeSpec(spec.name, kind, default=spec.default, format=spec.type)
    if spec.kind in (SCALARS, STRINGS):
        return AttributeSpec(spec.name, "list", format=spec.type if spec.kind == SCALARS else "")
    return AttributeSpec(spec.name, "string" if spec.kind == STRING else "other")


@functools.cache
def undeclared(builtin: str) -> Declaration:
    """A builtin operator of the schema that no item declares: its attributes are known, its operands are not."""
    return Declaration(builtin, attributes=schema_attributes(builtin), side_effects=builtin in EFFECTS)
