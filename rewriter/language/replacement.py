"""From the right side of a rule to a plan: which operators to make, of what, and with which attributes."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from functools import cached_property
from itertools import count as counter

from attrs import define, evolve, field, frozen

from rewriter.dialect.declaration import Declaration
from rewriter.dialect.dialect import Dialect
from rewriter.dialect.encoding import encoded
from rewriter.language import syntax
from rewriter.language.brackets import (
    assign_operands,
    attribute_literal,
    check_results,
    is_variadic,
    unknown_attribute,
)
from rewriter.language.constants import LITERAL_TYPES, compile_constant, compile_custom_options
from rewriter.language.detail import ACTIVATION
from rewriter.language.evaluation import Evaluation, check_evaluated
from rewriter.language.expressions import Evaluate
from rewriter.language.pattern import Pattern, ResultOf
from rewriter.language.program import Register
from rewriter.language.scope import Binding, RuleScope
from rewriter.language.suggestions import operator_for, word_for
from rewriter.source import Diagnostic, Span, nearest

CUSTOM_OPTIONS = "custom_options"
_ALIKE = ("dtype", "scale", "zero_point")


@frozen
class Captured:
    """A tensor of the match; None where it is absent."""

    register: Register


@frozen
class Item:
    """One tensor of a list that the match captured."""

    register: Register
    place: Evaluate


@frozen
class Spread:
    """All tensors of a list that the match captured or a new operator gives, or of a part of it."""

    register: Register
    part: Evaluate | None = None


@frozen(eq=False)
class Mapped:
    """Something made for each element of a list.

    Attributes:
        operators: What is made for one element.
        value: The operand that comes of it.
        lists: Registers in which an element stands for its list meanwhile.
    """

    operators: tuple[MakeOperator, ...]
    value: Source
    lists: tuple[Register, ...]
    span: Span


@frozen
class Made:
    """A result of an operator of the plan, by the operator's index."""

    index: int
    result: int = 0


@frozen
class Constant:
    """A constant that is computed.

    Attributes:
        evaluate: Gives a number, a list, an array or a `QuantizedArray`.
        dtype: Its element type where the text says one; None: that of the operand it stands for.
        literal: Whether it takes its type from its surroundings; what is computed from captures has one.
    """

    evaluate: Evaluate
    dtype: str | None
    literal: bool
    span: Span


@frozen(eq=False)
class Alike:
    """What `like` says: another tensor's element type and quantisation, or such as differ from them.

    Attributes:
        source: The other tensor.
        changes: What differs, by name: its `dtype`, `scale` or `zero_point`.
    """

    source: Source
    changes: Mapping[str, Evaluate]


@frozen(eq=False)
class Retyped:
    """An input of the model that comes in another element type or in other steps."""

    register: Register
    alike: Alike
    span: Span


@frozen
class Nothing:
    """An operand that is absent; as the source of a root, an output that is dropped."""


@frozen
class Implied:
    """An operand that follows from the recorded shape of a root, by its place among the roots."""

    root: int


Source = Captured | Item | Spread | Mapped | Made | Constant | Nothing | Implied | Retyped


@frozen(eq=False)
class MakeOperator:
    """One operator to make.

    Attributes:
        index: What `Made` calls it.
        declaration: What it is; None for an operator of the match that is made again.
        again: The register of the operator that is made again.
        declarations: What that one may be, by name; empty where it may be anything.
        attributes: Those that the text gives, by name.
        custom_options: Its custom options, where the text gives them.
        operands: In logical order; in the file's where it may be anything.
        results: How many results it has, a list of them counted once.
        runs: Which of them are lists, by place; empty where none is.
        lists: Where a list that is no root is kept meanwhile, by place.
        like: Whose quantisation its first result takes.
        root: Which root it helps to make; that one hands on its attributes.
    """

    index: int
    declaration: Declaration | None
    again: Register | None
    declarations: Mapping[str, Declaration]
    attributes: tuple[tuple[str, Evaluate, Span], ...]
    custom_options: Evaluate | None
    operands: tuple[Source, ...]
    results: int
    like: Alike | None
    span: Span
    runs: tuple[bool, ...] = ()
    lists: Mapping[int, Register] = field(factory=dict[int, Register])
    root: int = 0

    @property
    def name(self) -> str:
        """What it is, for a reader."""
        return self.declaration.name if self.declaration is not None else "the operator made again"


@frozen
class NewRoot:
    """A result of the match that is given anew.

    Attributes:
        tensor: The register of the old one, or of the list of them.
        operator: The register of the operator that computed it.
        declarations: What that operator may be, by name.
        source: What takes its place.
        many: Whether it is a list of results.
    """

    tensor: Register
    operator: Register
    declarations: Mapping[str, Declaration]
    source: Source
    span: Span
    many: bool = False


@frozen(eq=False)
class Replacement:
    """What stands where the match stood: operators in an order in which they can run, and what the roots become.

    Attributes:
        evaluations: What has to be computed by operators of the match before.
    """

    operators: tuple[MakeOperator, ...]
    roots: tuple[NewRoot, ...]
    evaluations: tuple[Evaluation, ...] = ()
    registers: int = 0
    """How many registers it needs besides those of the match."""

    @cached_property
    def drops_outputs(self) -> bool:
        """Whether a root is given as `absent`: an output of the model that goes."""
        return any(isinstance(root.source, Nothing) for root in self.roots)

    @cached_property
    def retyped(self) -> tuple[Retyped, ...]:
        """The inputs of the model that it gives another type."""
        return tuple(_retyped(self.operators))

    @cached_property
    def targets(self) -> Mapping[tuple[int, int], int]:
        """Which root a new operator's result becomes, by the operator's index and the result's place."""
        return {
            (root.source.index, root.source.result): place
            for place, root in enumerate(self.roots)
            if isinstance(root.source, Made)
        }


@define
class Compiled:
    """A replacement, and what it uses of the match.

    Attributes:
        given: The results that it gives anew.
        tensors: Registers of the operators whose results it reads.
        read: Registers of the tensors, and lists of them, that it reads.
        again: Registers of the operators that it makes again.
    """

    replacement: Replacement
    given: list[ResultOf]
    tensors: set[Register] = field(factory=set[int])
    read: dict[Register, None] = field(factory=dict[int, None])
    again: set[Register] = field(factory=set[int])


def compile_replacement(
    side: tuple[syntax.Equation, ...], dialect: Dialect, scope: RuleScope, pattern: Pattern, *, both_ways: bool
) -> Compiled | None:
    """Check a right side and compile it; mistakes go to the scope's diagnostics."""
    compiler = _ReplacementCompiler(dialect, scope, pattern, both_ways=both_ways)
    before = len(scope.diagnostics)
    roots = compiler.compile(side)
    if roots is None or len(scope.diagnostics) > before:
        return None
    helped = _helped(compiler.operators, roots, compiler.lists)
    operators = _knowing(compiler.operators, helped)
    given = [given for given, _, _ in roots]
    new = tuple(
        NewRoot(
            each.register,
            each.operator.register,
            each.operator.declarations,
            evolve(source, operators=_knowing(source.operators, helped)) if isinstance(source, Mapped) else source,
            span,
            each.many,
        )
        for each, source, span in roots
    )
    replacement = Replacement(operators, new, tuple(compiler.evaluations.values()), len(compiler.lists))
    return Compiled(replacement, given, compiler.tensors, compiler.read, compiler.again)


def _helped(
    operators: list[MakeOperator], roots: list[tuple[ResultOf, Source, Span]], lists: Mapping[Register, int]
) -> dict[int, int]:
    """Which root each operator helps to make, by its index: the first one, where there are several."""
    mapped = [make for _, source, _ in roots if isinstance(source, Mapped) for make in source.operators]
    by_index = {make.index: make for make in _every([*operators, *mapped])}
    helped: dict[int, int] = {}
    for number, (_, source, _) in enumerate(roots):
        waiting = list(_made_in(source, lists))
        while waiting:
            index = waiting.pop()
            if index not in helped:
                helped[index] = number
                waiting += [each for operand in by_index[index].operands for each in _made_in(operand, lists)]
    return helped


def _knowing(operators: Iterable[MakeOperator], helped: Mapping[int, int]) -> tuple[MakeOperator, ...]:
    """The operators, each knowing which root it helps to make."""
    return tuple(
        evolve(
            make,
            root=helped.get(make.index, 0),
            operands=tuple(
                evolve(each, operators=_knowing(each.operators, helped)) if isinstance(each, Mapped) else each
                for each in make.operands
            ),
        )
        for make in operators
    )


def _every(operators: Iterable[MakeOperator]) -> Iterator[MakeOperator]:
    for make in operators:
        yield make
        for operand in make.operands:
            if isinstance(operand, Mapped):
                yield from _every(operand.operators)


def _made_in(source: Source, lists: Mapping[Register, int]) -> Iterator[int]:
    """The operators that a source is made of; `lists` says which of them gives the list of a register."""
    match source:
        case Made(index=index):
            yield index
        case Mapped(operators=operators, value=value):
            yield from _made_in(value, lists)
            yield from (make.index for make in operators)
            yield from (lists[register] for register in source.lists if register in lists)
        case Spread(register=register) | Item(register=register) if register in lists:
            yield lists[register]
        case _:
            pass


def _retyped(operators: Iterable[MakeOperator]) -> Iterator[Retyped]:
    for make in _every(operators):
        for operand in make.operands:
            each = operand.value if isinstance(operand, Mapped) else operand
            if isinstance(each, Retyped):
                yield each


class _ReplacementCompiler:
    def __init__(self, dialect: Dialect, scope: RuleScope, pattern: Pattern, *, both_ways: bool) -> None:
        self.dialect = dialect
        self.scope = scope
        self.pattern = pattern
        self.both_ways = both_ways
        self.operators: list[MakeOperator] = []
        self.names: dict[str, Source] = {}
        self.unused: dict[str, syntax.Name] = {}
        self.indices = counter()
        # What is given anew: the register of the old tensor, and once it is made, what takes its place.
        self.anew: dict[Register, ResultOf] = {}
        self.tensors: set[Register] = set()
        self.read: dict[Register, None] = {}
        self.again: set[Register] = set()
        self.evaluations: dict[Register, Evaluation] = {}
        self.mapping = False
        # Registers of lists that new operators give, and which operator it is.
        self.lists: dict[Register, int] = {}

    def error(self, code: str, message: str, span: Span, hint: str | None = None) -> None:
        self.scope.diagnostics.append(Diagnostic(code, message, span, hint))

    def compile(self, side: tuple[syntax.Equation, ...]) -> list[tuple[ResultOf, Source, Span]] | None:
        """What the roots become, in the order of the text."""
        results = self.pattern.results
        for name in (name for equation in side for name in equation.names):
            if name.text in results:
                self.anew[results[name.text].register] = results[name.text]
        only = None if self.anew else self.only_root(side[-1])
        if only is not None:
            self.anew[only.register] = only
        places = {result.register: place for place, result in enumerate(self.anew.values())}
        roots: list[tuple[ResultOf, Source, Span]] = []
        for equation in side:
            if equation.results:
                roots += self.named(equation, places)
            elif equation is not side[-1]:
                self.error("E231", "only the last equation may stand without a name", equation.span, "s = ...;")
            elif only is None:
                if self.anew:
                    message = "the roots are given by name, and this has none"
                    self.error("E256", message, equation.span, "a root's name before it, or leave it out")
            else:
                source = self.source(equation.value, top=True, expected=0)
                if source is not None:
                    roots.append((only, source, equation.span))
        for name in self.unused.values() if roots else ():
            self.error("E238", f"{name.text!r} is made and never used", name.span, "leave the equation out")
        for name in [name for name, each in self.scope.bindings.items() if each.register in self.lists]:
            del self.scope.bindings[name]  # conditions are asked before it is made
        self.check_dropped(roots)
        made = [source for _, source, _ in roots if isinstance(source, Made)]
        if len(set(made)) < len(made):
            self.error("E256", "one result cannot take the place of two roots", side[-1].span, "a name for each root")
        return roots or None

    def check_dropped(self, roots: list[tuple[ResultOf, Source, Span]]) -> None:
        """Where an output is dropped, the left side has to compute it again from what the others become."""
        sources = [source for _, source, _ in roots]
        if Nothing() not in sources:
            return
        if all(source == Nothing() for source in sources):
            message = "all results are dropped, and no output is left that they could be computed from"
            self.error("E268", message, roots[0][2], "a capture for one of them")
        for _, source, span in roots:
            if not isinstance(source, Captured | Nothing):
                message = "where an output is dropped, the others become what the match captured"
                self.error("E268", message, span, "a capture, or absent")

    def only_root(self, last: syntax.Equation) -> ResultOf | None:
        """The root that a right side gives which names none."""
        roots = self.pattern.roots
        known = ", ".join(each.name.text for each in roots if each.name is not None)
        if last.results:
            message = "the right side gives no result of the left one"
            self.error("E256", message, last.span, f"{known} = ..." if known else "no name before the last expression")
        elif len(roots) == 1 and roots[0].many:
            message = f"{known} is a list of results, and each is given anew"
            self.error("E256", message, last.span, f"({known}...) = ...")
        elif len(roots) == 1:
            return roots[0]
        elif roots:
            message = f"which of {known} is this?"
            self.error("E256", message, last.span, f"{roots[0].name.text if roots[0].name else 'a'} = ...")
        else:
            message = "the pattern names no result that could be given anew"
            self.error("E256", message, self.pattern.span, "a name for the root on the left")
        return None

    def named(self, equation: syntax.Equation, places: Mapping[Register, int]) -> list[tuple[ResultOf, Source, Span]]:
        """An equation with names: results of the left side given anew, or values on the way."""
        names = [syntax.named(each) for each in equation.results]
        runs = tuple(isinstance(each, syntax.Variadic) for each in equation.results)
        results = [self.pattern.results.get(each.text) if each is not None else None for each in names]
        root = next((each for each in results if each is not None), None)
        expected = None if root is None else places[root.register]
        lone = len(names) == 1 and not any(runs)
        spread = isinstance(equation.value, syntax.Variadic)
        if root is not None and lone and isinstance(equation.value, syntax.Absent):
            source: Source | None = Nothing()
        elif lone:
            source = self.source(equation.value, top=True, expected=expected)
        elif spread:
            source = self.one_by_one(equation, root)
        else:
            source = self.several(equation.value, equation, expected)
        found: list[tuple[ResultOf, Source, Span]] = []
        for place, (name, result) in enumerate(zip(names, results, strict=True)):
            if name is None:
                continue
            if name.text in self.names or (result is None and name.text in self.scope.bindings):
                self.error("E214", f"{name.text!r} has a meaning already", name.span, "another name")
            if result is not None and result.many != runs[place]:
                what = "a list of results" if result.many else "one result"
                hint = f"{name.text}..." if result.many else name.text
                self.error("E249", f"{name.text!r} is {what} on the left", name.span, hint)
                continue
            if source is None:
                continue
            each = source if lone or spread else evolve(source, result=place)  # type: ignore[type-var]
            if runs[place] and result is None and isinstance(each, Made):
                self.made_list(name, each)
            else:
                self.names[name.text] = each
            if result is not None:
                found.append((result, each, name.span))
            else:
                self.unused[name.text] = name
        return found

    def one_by_one(self, equation: syntax.Equation, root: ResultOf | None) -> Source | None:
        """The equation of a list of results that takes another list, or something made for each element of one."""
        assert isinstance(equation.value, syntax.Variadic)
        if len(equation.results) != 1 or root is None:
            message = "a list, element for element, takes the place of one list of results"
            self.error("E249", message, equation.value.span, "(rs...) = xs..., with the results of the left side")
            return None
        return self.source(equation.value)

    def made_list(self, name: syntax.Name, made: Made) -> None:
        """A list of results of a new operator: a name like that of a list that the match captured."""
        register = self.pattern.registers + len(self.lists)
        self.lists[register] = made.index
        place = next(place for place, each in enumerate(self.operators) if each.index == made.index)
        make = self.operators[place]
        self.operators[place] = evolve(make, lists={**make.lists, made.result: register})
        self.scope.bindings[name.text] = Binding(name.text, "tensor", register, name.span, many=True, used=True)

    # -- sources ------------------------------------------------------------------------------------------------------

    def source(self, node: syntax.Operand, *, top: bool = False, expected: int | None = None) -> Source | None:
        """Where a value comes from. `expected`: the root whose recorded shape says what its shape will be."""
        root = top and expected is not None
        match node:
            case syntax.Operator():
                return self.operator(node, None, expected=expected, root=root)
            case syntax.Again():
                return self.repeated(node, None, expected=expected)
            case syntax.Typed(value=syntax.Operator() as operator, type=syntax.Like() as kind):
                return self.operator(operator, self.alike(kind), expected=expected, root=root)
            case syntax.Typed(value=syntax.Again() as again, type=syntax.Like() as kind):
                return self.repeated(again, self.alike(kind), expected=expected)
            case syntax.Typed(value=syntax.Name() as name, type=syntax.Like() as kind) if not top:
                return self.retyped(name, kind)
            case syntax.Typed(value=syntax.Variadic(value=value), type=syntax.Like() as kind) if not top:
                return self.spread(syntax.Typed(node.span, value, kind), node.span)
            case syntax.Typed(value=syntax.Variadic() as value, type=syntax.Type()) if self.both_ways:
                return self.source(value, top=top)
            case syntax.Typed(value=value, type=syntax.Type() as kind):
                return self.typed(value, kind)
            case syntax.Optional(value=syntax.Name() as name) | (syntax.Name() as name):
                return self.captured(name)
            case syntax.Absent() if not top:
                return Nothing()
            case syntax.Variadic(value=value) if not top:
                return self.spread(value, node.span)
            case syntax.Index(value=syntax.Name(text=text), index=index) if self.is_list(text):
                if isinstance(index, syntax.Slice):
                    self.error("E249", "several operands, written '...'", node.span, "xs[1:]...")
                    return None
                return Item(self.list_of(node.value), self.computed(index)[0])
            case (
                syntax.Named()
                | syntax.Wildcard()
                | syntax.Rest()
                | syntax.Alternatives()
                | syntax.Absent()
                | syntax.Variadic()
            ):
                self.error(
                    "E232", "this cannot stand in a replacement", node.span, "a capture, an operator or a constant"
                )
                return None
            case _:
                return self.constant(node, None)

    def is_list(self, name: str) -> bool:
        binding = self.scope.bindings.get(name)
        return binding is not None and binding.kind == "tensor" and binding.many

    def list_of(self, node: syntax.Syntax) -> Register:
        """The register of a list of tensors. What computes these stays, where an operator of the match does."""
        assert isinstance(node, syntax.Name)
        binding = self.scope.bindings[node.text]
        binding.used = True
        self.unused.pop(node.text, None)
        if binding.register in self.lists:
            return binding.register
        self.check_replaced(node, binding)
        if binding.operator is not None:
            self.tensors.add(binding.operator)
        self.read[binding.register] = None
        return binding.register

    def spread(self, value: syntax.Syntax, span: Span) -> Source | None:
        """`xs...`, `xs[1:]...`, or something made for each element of a list."""
        match value:
            case syntax.Name(text=text) if self.is_list(text):
                return Spread(self.list_of(value))
            case syntax.Index(value=syntax.Name(text=text) as name, index=syntax.Slice()) if self.is_list(text):
                return Spread(self.list_of(name), self.computed(value)[0])
            case _:
                return self.mapped(value, span)

    def mapped(self, value: syntax.Syntax, span: Span) -> Source | None:
        lists: dict[Register, None] = {}
        for name in _names(value):
            binding = self.scope.bindings.get(name)
            if binding is not None and binding.many:
                self.unused.pop(name, None)
                made_by = [] if binding.operator is None or binding.whole else [binding.operator]
                lists |= dict.fromkeys([binding.register, *made_by])
        if not lists or self.mapping:
            self.error("E249", "nothing here is a list that could be spread", span, "a list of the left side: xs...")
            return None
        operators, self.operators, self.mapping = self.operators, [], True
        self.check_items(value)
        made = self.source(value)  # type: ignore[arg-type]
        inner, self.operators, self.mapping = self.operators, operators, False
        return None if made is None else Mapped(tuple(inner), made, tuple(lists), span)

    def check_items(self, node: syntax.Syntax) -> None:
        """Where something is made for each element, a list's name stands for the element, and has none itself."""
        if isinstance(node, syntax.Index) and isinstance(node.value, syntax.Name) and not _is_slice(node):
            binding = self.scope.bindings.get(node.value.text)
            if binding is not None and binding.many:
                name = node.value.text
                message = f"under '...' {name!r} stands for each of its elements in turn"
                self.error("E249", message, node.span, f"a name before: s = {name}[0]; ...")
        for child in syntax.children(node):
            self.check_items(child)

    def several(self, node: syntax.Operand, equation: syntax.Equation, expected: int | None) -> Source | None:
        """The operator of an equation with several results."""
        runs = tuple(isinstance(each, syntax.Variadic) for each in equation.results)
        like: Alike | None = None
        if isinstance(node, syntax.Typed) and isinstance(node.type, syntax.Like):
            like, node = self.alike(node.type), node.value
        if isinstance(node, syntax.Operator):
            return self.operator(node, like, expected=expected, runs=runs, root=expected is not None)
        if isinstance(node, syntax.Again):
            return self.repeated(node, like, expected=expected, runs=runs)
        self.error("E232", "several results are those of one operator", node.span, "(a, b) = OPERATOR(...)")
        return None

    def typed(self, value: syntax.Operand, kind: syntax.Type) -> Source | None:
        if isinstance(value, syntax.Name | syntax.Optional | syntax.Operator | syntax.Again):
            if not self.both_ways:
                self.error("E233", "types are written on the left", kind.span, "the type there")
            return self.source(value)
        if kind.const or kind.shape is not None or len(kind.dtypes) != 1 or kind.dtypes[0].text not in LITERAL_TYPES:
            hint = nearest(kind.dtypes[0].text, LITERAL_TYPES) if kind.dtypes else None
            self.error("E207", "a literal is given one element type", kind.span, hint or "2.0:f16")
            return None
        made = self.constant(value, kind.dtypes[0].text)
        if isinstance(made, Constant) and not made.literal:
            self.error("E207", "only a literal is given a type", kind.span, f'cast(..., "{kind.dtypes[0].text}")')
        elif made is not None:
            self.check_literal(value, kind.dtypes[0].text)
        return made

    def check_literal(self, node: syntax.Operand, dtype: str) -> None:
        elements = node.elements if isinstance(node, syntax.List) else (node,)
        for each in elements:
            if isinstance(each, syntax.Number):
                try:
                    encoded(each.value, dtype)
                except ValueError as error:
                    self.error("E205", str(error), each.span, "another type, or another number")

    def captured(self, name: syntax.Name, *, like: bool = False) -> Source | None:
        """What a name stands for. `like`: only its quantisation is asked for."""
        if name.text in self.names:
            self.unused.pop(name.text, None)
            return self.names[name.text]
        binding = self.scope.bindings.get(name.text)
        if binding is None:
            known = [*self.scope.bindings, *self.names]
            hint = nearest(name.text, known) or ", ".join(known) or "a capture on the left"
            self.error("E301", f"the left side binds no {name.text!r}", name.span, hint)
            return None
        binding.used = True
        if binding.kind != "tensor":
            return self.constant(name, None)
        if binding.many and not self.mapping:
            message = f"{name.text!r} is a list"
            self.error("E249", message, name.span, f"{name.text}... for all of it, {name.text}[0] for one")
            return None
        if like or binding.register in self.lists:
            return Captured(binding.register)
        if self.check_replaced(name, binding):
            return None
        if binding.operator is not None:
            self.tensors.add(binding.operator)
        self.read[binding.register] = None
        return Captured(binding.register)

    def check_replaced(self, name: syntax.Name, binding: Binding) -> bool:
        """Say so where a name stands for what the replacement replaces."""
        if binding.register not in self.anew:
            return False
        message = "the replacement cannot be made of the result that it replaces"
        self.error("E234", message, name.span, f"@{name.text}(...) makes the operator again")
        return True

    def alike(self, kind: syntax.Like) -> Alike | None:
        """Whose element type and quantisation a tensor gets, and what in them differs."""
        source = self.captured(kind.name, like=True)
        changes: dict[str, Evaluate] = {}
        for each in kind.changes:
            name = each.name.text
            if name not in _ALIKE or name in changes:
                message = f"{name!r} is written twice" if name in changes else f"'like' changes no {name!r}"
                self.error("E269", message, each.span, ", ".join(_ALIKE))
            elif len(each.values) != 1:
                self.error("E237", "a replacement gives an attribute one value", each.span, f"[{name}=value]")
            else:
                changes[name] = self.computed(each.values[0])[0]
        return None if source is None else Alike(source, changes)

    def retyped(self, name: syntax.Name, kind: syntax.Like) -> Source | None:
        """`x: like x[dtype="f32"]`: an input of the model in another element type."""
        source, alike = self.captured(name), self.alike(kind)
        if source is None or alike is None:
            return None
        if not isinstance(source, Captured):
            self.error("E269", "only an input of the model can be given another type", kind.span, "a capture's name")
            return None
        return Retyped(source.register, alike, kind.span)

    def constant(self, node: syntax.Syntax, dtype: str | None) -> Source | None:
        before = len(self.scope.diagnostics)
        evaluate, literal = self.computed(node)
        return None if len(self.scope.diagnostics) > before else Constant(evaluate, dtype, literal, node.span)

    def computed(self, node: syntax.Syntax) -> tuple[Evaluate, bool]:
        """A value that is computed while rewriting, and whether it is a literal."""
        return compile_constant(node, self.scope, self.constants(node), self.evaluated)

    def evaluated(self, name: syntax.Name) -> Register | None:
        """The register for what the operator of a name computes."""
        if not check_evaluated(name, self.scope, self.pattern.operators, self.pattern.unions):
            return None
        binding = self.scope.bindings[name.text]
        assert binding.operator is not None
        # With all its attributes, as if it were made again.
        self.again.add(binding.operator)
        if binding.register not in self.evaluations:
            self.evaluations[binding.register] = Evaluation(binding.register, self.pattern.registers)
            self.pattern.registers += 1
        return self.evaluations[binding.register].out

    def constants(self, node: syntax.Syntax) -> dict[str, tuple[Evaluate, bool]]:
        """The constants that have been given names on the way; `node` uses those that it names."""
        for name in _names(node):
            self.unused.pop(name, None)
        return {name: (each.evaluate, each.literal) for name, each in self.names.items() if isinstance(each, Constant)}

    # -- operators ----------------------------------------------------------------------------------------------------

    def operator(
        self,
        node: syntax.Operator,
        like: Alike | None,
        *,
        expected: int | None,
        runs: tuple[bool, ...] = (False,),
        root: bool = False,
    ) -> Source | None:
        if len(node.heads) > 1 or node.version is not None:
            message = "a replacement makes one operator; its version follows from its operands"
            self.error("E235", message, node.span, "one operator, without @")
            return None
        head = next(iter(node.heads))
        name, code = head.name.text, head.code.value if head.code else None
        declaration = None if name == "ANY" else self.dialect.find(name, code)
        if declaration is None or (name == "CUSTOM" and code is None):
            hint = operator_for(name, self.dialect) if name != "CUSTOM" else "CUSTOM[code](...)"
            self.error("E201", f"unknown operator {name!r}", head.span, hint)
            for operand in node.operands:
                self.source(operand)  # for the mistakes in it
            return None
        check_results(declaration, runs.count(False), node.span, self.scope.diagnostics, more=any(runs))
        operands = self.operands(node.operands, declaration, node.span, expected=expected)
        attributes, options = self.attributes(node.attributes, {declaration.name: declaration})
        missing = frozenset[str]() if root else declaration.told_by_results - {name for name, _, _ in attributes}
        for name in sorted(missing):
            message = f"{name!r} of {declaration.name} has to be written here: nothing fixes it"
            self.error("E236", message, node.span, f"{declaration.name}[{name}=...](...)")
        return self.add(declaration, None, {}, attributes, options, operands, runs, like, node.span)

    def add(
        self,
        declaration: Declaration | None,
        again: Register | None,
        declarations: Mapping[str, Declaration],
        attributes: tuple[tuple[str, Evaluate, Span], ...],
        options: Evaluate | None,
        operands: tuple[Source, ...],
        runs: tuple[bool, ...],
        like: Alike | None,
        span: Span,
    ) -> Made:
        index, count = next(self.indices), len(runs)
        made = MakeOperator(index, declaration, again, declarations, attributes, options, operands, count, like, span)
        self.operators.append(evolve(made, runs=runs) if any(runs) else made)
        return Made(index)

    def operands(
        self, written: tuple[syntax.Operand, ...], declaration: Declaration, span: Span, *, expected: int | None
    ) -> tuple[Source, ...]:
        if declaration.operands is None or declaration.variadic or any(map(is_variadic, written)):
            return tuple(self.source(each) or Nothing() for each in written)
        placed = assign_operands(written, declaration, declaration.operands, span, self.scope.diagnostics)
        sources: list[Source] = []
        for index, spec in enumerate(declaration.operands):
            operand = placed.get(index)
            if isinstance(operand, syntax.Absent) and not spec.optional:
                message = f"{spec.name!r} of {declaration.name} cannot be absent"
                self.error("E239", message, operand.span, "an operand")
            if operand is not None:
                inner = expected if declaration.elementwise else None
                sources.append(self.source(operand, expected=inner) or Nothing())
            elif spec.implied:
                if expected is None:
                    message = f"{spec.name!r} of {declaration.name} has to be written here: nothing fixes it"
                    self.error("E236", message, span, f"{declaration.name}(..., {spec.name}=[...])")
                sources.append(Implied(expected or 0))
            else:
                sources.append(Nothing())
        return tuple(sources)

    def repeated(
        self,
        node: syntax.Again,
        like: Alike | None,
        *,
        expected: int | None,
        runs: tuple[bool, ...] = (False,),
    ) -> Source | None:
        binding = self.scope.bindings.get(node.name.text)
        if binding is None or binding.operator is None:
            known = [each.name for each in self.scope.bindings.values() if each.operator is not None]
            hint = nearest(node.name.text, known) or f"name it on the left: {node.name.text} = OPERATOR(...)"
            self.error("E302", f"{node.name.text!r} names no operator of the left side", node.name.span, hint)
            return None
        if binding.many and not binding.whole and not self.mapping:
            message = f"{node.name.text!r} names a list of operators"
            self.error("E249", message, node.name.span, f"@{node.name.text}(...)... makes each of them again")
            return None
        binding.used = True
        self.again.add(binding.operator)
        declarations = dict(binding.declarations)
        first = _most_demanding(declarations.values())
        if first is None:
            operands = tuple(self.source(each) or Nothing() for each in node.operands)
        else:
            operands = self.operands(node.operands, first, node.span, expected=expected)
        attributes, options = self.attributes(node.attributes, declarations, anything=not declarations)
        return self.add(None, binding.operator, declarations, attributes, options, operands, runs, like, node.span)

    def attributes(
        self,
        written: tuple[syntax.OperatorAttribute, ...],
        declarations: Mapping[str, Declaration],
        *,
        anything: bool = False,
    ) -> tuple[tuple[tuple[str, Evaluate, Span], ...], Evaluate | None]:
        """The attributes that are written, and the custom options where they are."""
        found: dict[str, tuple[str, Evaluate, Span]] = {}
        options: Evaluate | None = None
        known = {name for each in declarations.values() for name in each.attributes}
        for attribute in written:
            name = attribute.name.text
            if name not in known and not anything and name != CUSTOM_OPTIONS:
                unknown_attribute(attribute.name, declarations, self.scope.diagnostics)
                continue
            if name in found or (name == CUSTOM_OPTIONS and options is not None):
                self.error("E206", f"{name!r} is written twice", attribute.span, "once")
            if len(attribute.values) != 1:
                self.error("E237", "a replacement gives an attribute one value", attribute.span, f"[{name}=value]")
                continue
            (value,) = attribute.values
            if name == CUSTOM_OPTIONS:
                options = compile_custom_options(value, self.scope, self.constants(value))
            else:
                found[name] = (name, self.attribute_value(value, declarations, name), attribute.span)
        return tuple(found.values()), options

    def attribute_value(self, node: syntax.Syntax, declarations: Mapping[str, Declaration], name: str) -> Evaluate:
        if isinstance(node, syntax.Name) and node.text not in {*self.scope.bindings, *self.names}:
            word = word_for(node.text, declarations, name)
            if word is not None:
                self.error("E301", f"nothing here is called {node.text!r}", node.span, word)
                return lambda _: None
        if isinstance(node, syntax.Word | syntax.Number | syntax.Boolean | syntax.String):
            value = attribute_literal(node, declarations.values(), name, self.scope.diagnostics)
            return lambda _: value
        return self.computed(node)[0]


def _is_slice(node: syntax.Index) -> bool:
    return isinstance(node.index, syntax.Slice)


def inherited_names(declaration: Declaration, root: Declaration, written: Collection[str]) -> list[str]:
    """The attributes that a new operator takes from the matched root.

    They have the root's name and type, nobody wrote them, nothing implies them, and none is a fused activation.
    """
    names: list[str] = []
    for name, spec in declaration.attributes.items():
        if name not in written and name != ACTIVATION and name not in declaration.implied_attributes:
            found = root.attributes.get(name)
            if found is not None and found.same_type(spec):
                names.append(name)
    return names


def _names(node: syntax.Syntax) -> Iterator[str]:
    if isinstance(node, syntax.Name):
        yield node.text
    for child in syntax.children(node):
        yield from _names(child)


def _most_demanding(declarations: Iterable[Declaration]) -> Declaration | None:
    """By which of some alternatives' declarations the operands are written.

    The first, or one that has implied operands besides: these are left out again where another one is made.
    """
    found: Declaration | None = None
    for each in declarations:
        if each.operands is None:
            continue
        known = found.operands if found is not None else None
        if known is None or (
            len(each.operands) > len(known) and all(operand.implied for operand in each.operands[len(known) :])
        ):
            found = each
    return found
