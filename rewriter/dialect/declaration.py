"""What an operator is: its operands, results and attributes, and what follows from them."""

from __future__ import annotations

import functools
from collections.abc import Callable, Mapping
from typing import Any

from attrs import field, frozen

from rewriter.dialect.options import Codec
from rewriter.dialect.types import TensorType
from rewriter.model import Operator, schema
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
        "STABLEHLO_RNG_BIT_GENERATOR",
        "STABLEHLO_WHILE",
        "VAR_HANDLE",
        "WHILE",
    }
)

ShapeFunction = Callable[..., TensorType | tuple[TensorType, ...]]
Kernel = Callable[..., Any]


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
    """An operand or a result; `dtypes` is empty where any will do."""

    name: str
    dtypes: tuple[str, ...] = ()
    optional: bool = False
    variadic: bool = False
    implied: bool = False
    variable: bool = False


@frozen
class VersionRule:
    """An operator version and what asks for it: conditions on (operand types by name, attributes by name)."""

    number: int
    conditions: tuple[Callable[[Mapping[str, object]], bool], ...]


@frozen(eq=False)
class Declaration:
    """An operator as patterns, replacements, inference and checks see it.

    Attributes:
        builtin: Its name in the schema; `CUSTOM` for a custom one.
        code: A custom operator's code.
        operands: In logical order, the order of patterns; None where nothing is declared, and any will do.
        stored: For each place in the file, which operand stands there.
        codec: How a custom operator's options are stored; None where they are not declared.
        shape: Infers the results' types from the operands' and the attributes; None where they cannot be inferred.
        elementwise: Whether a result has its operands' shape, but for broadcasting.
        versions: In order: the first whose conditions hold is the version; 1 if none does.
        conditions: What the runtime demands.
    """

    builtin: str
    code: str | None = None
    doc: str = ""
    operands: tuple[OperandSpec, ...] | None = None
    results: tuple[OperandSpec, ...] | None = None
    stored: tuple[int, ...] = ()
    attributes: Mapping[str, AttributeSpec] = field(factory=dict[str, AttributeSpec])
    implied_attributes: frozenset[str] = frozenset()
    codec: Codec | None = None
    shape: ShapeFunction | None = None
    kernel: Callable[[], Kernel] | None = None
    elementwise: bool = False
    commutative: bool = False
    side_effects: bool = False
    versions: tuple[VersionRule, ...] = ()
    conditions: tuple[tuple[str, Callable[[Mapping[str, object]], bool]], ...] = ()

    @property
    def name(self) -> str:
        """As a pattern would write it: `CONV_2D`, `CUSTOM[Foo]`."""
        return f"CUSTOM[{self.code}]" if self.code is not None else self.builtin

    @property
    def variadic(self) -> bool:
        """Whether it takes any number of operands."""
        return any(spec.variadic for spec in self.operands or ())

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
