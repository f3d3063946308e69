"""The tree of a `.pat` file: one frozen class per construct, as close to the text as it can be.

Nothing is resolved here. A `Name` may be a capture, a dimension, an attribute's value, a constant or a named pattern;
which of these it is, the checker finds out. Both sides of a rule are made of the same classes, for with `<->` each is a
pattern in one direction and a replacement in the other.

Every class has the `span` of its text as first field. Spans take no part in equality: two texts that mean the same
give equal trees, however they are laid out.
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any, Literal, cast

from attrs import evolve, field, fields, frozen

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from rewriter.source import Span


@frozen
class Syntax:
    """The base of all classes of the tree."""

    span: Span = field(eq=False, repr=False)


# Names and literals


@frozen
class Name(Syntax):
    """A lower-case name: `x`, `stride_h`. A CUSTOM operator's code may be written as any plain word."""

    text: str


@frozen
class DottedName(Syntax):
    """A name with any number of dots, as written: `mediapipe.transpose_conv_bias`."""

    text: str


@frozen
class Word(Syntax):
    """A word that begins in upper case: an enum word (`SAME`), an operator (`ADD`), an enum (`Padding`)."""

    text: str


@frozen
class Number(Syntax):
    """A number with its sign; `2` is an int and `2.0` a float, and they are not equal."""

    value: int | float = field(eq=repr)


@frozen
class String(Syntax):
    """A string, escapes resolved; strings that stand side by side are one."""

    value: str


@frozen
class Boolean(Syntax):
    """`true` or `false`."""

    value: bool


@frozen
class Absent(Syntax):
    """`absent`: an operand that is not there, an attribute without a value."""


@frozen
class Wildcard(Syntax):
    """`_`: anything, captured under no name."""


@frozen
class Rest(Syntax):
    """`..` as an operator's only operand: whatever operands there are."""


@frozen
class Run(Syntax):
    """`...` in a shape or a list: any run of elements, possibly empty."""


@frozen
class List(Syntax):
    """`[1, _, n]`."""

    elements: tuple[Element, ...]


@frozen
class Entry(Syntax):
    """`key: value` in a flexbuffer; the key is a name or a string."""

    key: Name | String
    value: Expression


@frozen
class Flexbuffer(Syntax):
    """`flexbuffer{cores: 4, ...}`; a map inside it, written with bare braces, is one too."""

    entries: tuple[Entry, ...]


# Expressions


@frozen
class Unary(Syntax):
    """`-a`, `+a`, `not a`. A sign before a number is part of the `Number`."""

    operator: Literal["-", "+", "not"]
    operand: Expression


@frozen
class Binary(Syntax):
    """Arithmetic, `and` and `or` between two operands."""

    operator: Literal["+", "-", "*", "/", "//", "%", "**", "and", "or"]
    left: Expression
    right: Expression


Comparison = Literal["==", "!=", "<", "<=", ">", ">=", "in", "not in", "is", "is not"]


@frozen
class Compare(Syntax):
    """`a < b <= c`: n comparisons between n + 1 operands, as in Python."""

    operands: tuple[Expression, ...]
    operators: tuple[Comparison, ...]


@frozen
class Attribute(Syntax):
    """`value.name`."""

    value: Expression
    name: Name


@frozen
class Slice(Syntax):
    """`start:stop` between an index's brackets; either may be missing."""

    start: Expression | None
    stop: Expression | None


@frozen
class Index(Syntax):
    """`value[index]`."""

    value: Expression
    index: Expression | Slice


@frozen
class Call(Syntax):
    """`function(...)` with a lower-case name: a function of constants or numbers, or a named pattern.

    `Named` operands are keyword arguments.
    """

    function: Name
    operands: tuple[Operand, ...]


# Types and shapes


@frozen
class Shape(Syntax):
    """`[n, h, _, 3]`, `[..., c]`, `[]`."""

    dimensions: tuple[Element, ...]


@frozen
class Type(Syntax):
    """`const f32[o, i]`, with any part missing; several element types stand for any one of them."""

    const: bool
    dtypes: tuple[Name, ...]
    shape: Shape | None


@frozen
class Like(Syntax):
    """`like y`, `like y[dtype="i8", zero_point=3]`: of the quantisation that `y` has, or one that differs in this."""

    name: Name
    changes: tuple[OperatorAttribute, ...]


# Operators and what stands between their brackets


@frozen
class Head(Syntax):
    """An operator's name: `ADD`, `ANY`, `CUSTOM["a.b"]`. `code` is None where none is written."""

    name: Word
    code: String | None


@frozen
class OperatorAttribute(Syntax):
    """`padding=SAME|VALID`: one value, or several of which any will do."""

    name: Name
    values: tuple[Element, ...]


@frozen
class Version(Syntax):
    """`@<=2`."""

    operator: Literal["==", "<=", ">="]
    number: Number


@frozen
class Operator(Syntax):
    """`CONV_2D[padding=SAME]@<=2(x, w)`; `(ADD|SUB)(x, y)` has two heads.

    In `CUSTOM[Name, padding=SAME](x)` the code is the head's and the rest are attributes.
    """

    heads: tuple[Head, ...]
    attributes: tuple[OperatorAttribute, ...]
    version: Version | None
    operands: tuple[Operand, ...]


@frozen
class Again(Syntax):
    """`@c[attr=value](...)`: the operator that `name` named, on new operands."""

    name: Name
    attributes: tuple[OperatorAttribute, ...]
    operands: tuple[Operand, ...]


@frozen
class Alternatives(Syntax):
    """`(LOGISTIC(x) | TANH(x))`."""

    branches: tuple[Operand, ...]


@frozen
class Optional(Syntax):
    """`b?`: may be absent."""

    value: Expression


@frozen
class Variadic(Syntax):
    """`xs...` and `RELU(xs)...`: any number of operands; before `=`, where it may be `_...`, of results."""

    value: Expression | Wildcard


@frozen
class Typed(Syntax):
    """`x: f32[n]`, `b?: f32`, `xs...: f32`, `2.0:f16`, `OP(...): like y`."""

    value: Expression | Wildcard | Optional | Variadic
    type: Type | Like


@frozen
class Named(Syntax):
    """`NAME = P`: names an operand, what `P` matched, or a function's argument."""

    name: Name
    value: Operand


@frozen
class Equation(Syntax):
    """One equation of a side: `(a, b) = P`, `a = P`, or just `P`, which has no results written.

    A result can be a list of them, `rs...`: a `Variadic` of a name or of `_`.
    """

    results: tuple[Result, ...]
    value: Operand

    @property
    def names(self) -> tuple[Name, ...]:
        """The names of its results, those of lists included."""
        return tuple(name for name in map(named, self.results) if name is not None)

    @property
    def has_list(self) -> bool:
        """Whether one of its results is a list."""
        return any(isinstance(result, Variadic) for result in self.results)


# Items


@frozen
class Pack(Syntax):
    """`pack NAME "doc"`, then perhaps `serves TARGET, ...`, and `uses RULE, RULE.backward`: what its users get unasked.

    `uses` is None where the clause is not written; `leaves RULE, ...` may stand in its place, for what they do not get.
    """

    name: Name
    doc: String | None
    serves: tuple[Name, ...]
    uses: tuple[DottedName, ...] | None
    leaves: tuple[DottedName, ...]


@frozen
class Parameter(Syntax):
    """An operand or a result in a declaration: `bias?: f32`, `xs...`, `axis: i32|i64 implied`."""

    name: Name
    type: Type | None
    optional: bool
    variadic: bool
    implied: bool
    variable: bool
    private: bool


@frozen
class EnumWord(Syntax):
    """`SAME=1`: the number that stands for a word in a file."""

    word: Word
    number: Number


@frozen
class OptionsField(Syntax):
    """`padding: i32 as Padding(SAME=1)`; `length` is the 4 of `i32[4]`, None for a single value and for `i32[]`.

    `listed` says that there are brackets, `enum` without `words` takes the schema's numbers. `default` is what a
    flexbuffer means that lacks the field.
    """

    name: Name
    dtype: Name
    listed: bool
    length: Number | None
    enum: Word | None
    words: tuple[EnumWord, ...]
    default: Number | Boolean | Absent | None = None


@frozen
class Options(Syntax):
    """How a custom operator's options are stored. `bytes` has no fields."""

    kind: Literal["struct", "flexbuffer", "bytes"]
    fields: tuple[OptionsField, ...]


@frozen
class Implication(Syntax):
    """`new_shape = output.shape`: what an implied attribute or operand is worth; `value` is None where none is said."""

    name: Name
    value: Expression | None


@frozen
class VersionClause(Syntax):
    """`version 3 where ...`: the operator version that these conditions ask for."""

    number: Number
    conditions: tuple[Expression, ...]


@frozen
class Op(Syntax):
    """The declaration of an operator, builtin or custom. Operands stand in logical order.

    Attributes:
        stored: The operands' order in the file; None where it is the logical one.
        implied: Attributes that follow from operands and results, and operands that some files do without.
        conditions: What the runtime demands of operands and attributes.
        quantization: An operand whose quantisation the results keep, or a function of the pack.
    """

    head: Head
    operands: tuple[Parameter, ...]
    results: tuple[Parameter, ...]
    doc: String | None
    options: Options | None
    shape: DottedName | None
    kernel: DottedName | None
    quantization: DottedName | None
    stored: tuple[Name, ...] | None
    implied: tuple[Implication, ...]
    commutative: bool
    side_effects: bool
    versions: tuple[VersionClause, ...]
    conditions: tuple[Expression, ...]


@frozen
class NamedPattern(Syntax):
    """`pattern relu(x) = ...`; the last equation is what the pattern's name stands for."""

    name: Name
    parameters: tuple[Name, ...]
    doc: String | None
    body: tuple[Equation, ...]


@frozen
class Equality(Syntax):
    """`equal exact`, `equal within 4 ulp`, `lossy within 1e-2`. `bound` is None for `exact` only."""

    kind: Literal["exact", "within", "ulp", "step"]
    bound: Number | None
    lossy: bool


@frozen
class Rule(Syntax):
    """A rule, named or bare (`name` None). The last equation of either side holds its root or roots."""

    name: Name | None
    doc: String | None
    left: tuple[Equation, ...]
    conditions: tuple[Expression, ...]
    both_ways: bool
    right: tuple[Equation, ...]
    equality: Equality | None
    changes_interface: bool
    benefit: Number | None
    phase: Number | None
    shared: bool


@frozen
class Accept(Syntax):
    """`accepts OP(input: f32) where ...`; `unpacks OP` of one that computes constants before the model runs.

    Attributes:
        whole: `unpacks whole OP`: only where the delegate then takes everything.
    """

    unpacks: bool
    whole: bool
    heads: tuple[Head, ...]
    attributes: tuple[OperatorAttribute, ...]
    version: Version | None
    types: tuple[Parameter, ...]
    conditions: tuple[Expression, ...]


@frozen
class Requires(Syntax):
    """`requires ...`: what a target asks of every operator."""

    conditions: tuple[Expression, ...]


@frozen
class Limit(Syntax):
    """`partitions largest 1` and, with no number, `partitions first`: which partitions a target is given."""

    largest: Number | None


@frozen
class Target(Syntax):
    """`target NAME "doc"` with what it accepts, beside what those accept that it extends."""

    name: Name
    doc: String | None
    extends: tuple[Name, ...]
    clauses: tuple[Accept | Requires | Limit, ...]

    @property
    def accepts(self) -> tuple[Accept, ...]:
        """The clauses that list operators."""
        return tuple(clause for clause in self.clauses if isinstance(clause, Accept))


@frozen
class Cleanup(Syntax):
    """`cleanup NAME "doc" by pack.function`: changes to a model that no pattern describes, made by a function."""

    name: Name
    doc: String | None
    function: DottedName


@frozen
class File(Syntax):
    """A whole file; its span covers all of the text."""

    items: tuple[Item, ...]


Expression = (
    Name
    | Word
    | Number
    | String
    | Boolean
    | Absent
    | List
    | Flexbuffer
    | Unary
    | Binary
    | Compare
    | Attribute
    | Index
    | Call
    | Operator
    | Again
    | Alternatives
)
Element = Expression | Wildcard | Run
Result = Name | Wildcard | Variadic
Operand = Expression | Wildcard | Rest | Optional | Variadic | Typed | Named
Item = Pack | Op | NamedPattern | Rule | Target | Cleanup


def named(result: Result) -> Name | None:
    """The name of a result, or of a list of them; None for `_`."""
    value = result.value if isinstance(result, Variadic) else result
    return value if isinstance(value, Name) else None


@cache
def _field_names(kind: type[Syntax]) -> tuple[str, ...]:
    return tuple(attribute.name for attribute in fields(kind) if attribute.name != "span")


def children(tree: Syntax) -> Iterator[Syntax]:
    """The parts that `tree` is made of, in the order of its fields; not the parts of these."""
    for name in _field_names(type(tree)):
        value: Any = getattr(tree, name)
        for part in cast("tuple[Any, ...]", value) if isinstance(value, tuple) else (value,):
            if isinstance(part, Syntax):
                yield part


def changed(tree: Syntax, change: Callable[[Syntax], Syntax]) -> Syntax:
    """The tree with each of its `children` put through `change`; the tree itself if none of them differs."""
    values: dict[str, Any] = {}
    for name in _field_names(type(tree)):
        value: Any = getattr(tree, name)
        if isinstance(value, tuple):
            parts = cast("tuple[Any, ...]", value)
            made: Any = tuple(change(part) if isinstance(part, Syntax) else part for part in parts)
            if any(one is not other for one, other in zip(made, parts, strict=True)):
                values[name] = made
        elif isinstance(value, Syntax):
            made = change(value)
            if made is not value:
                values[name] = made
    return evolve(tree, **values) if values else tree
