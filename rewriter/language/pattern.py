"""From the left side of a rule to a program, and to the names that it binds."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from functools import cache

from attrs import define, evolve

from rewriter.dialect.declaration import Declaration
from rewriter.dialect.dialect import Dialect
from rewriter.dialect.encoding import encoded
from rewriter.dialect.options import OptionsError
from rewriter.language import syntax
from rewriter.language.alternatives import AlternativesCompiler, Equation, ResultOf, unwrapped
from rewriter.language.brackets import (
    assign_operands,
    check_results,
    close,
    is_optional,
    is_variadic,
    result_names,
    takes_results,
)
from rewriter.language.choices import Divide, Each, Reader, Swap
from rewriter.language.detail import MatchedOperator
from rewriter.language.expressions import Undefined, compile_condition
from rewriter.language.program import (
    Absent,
    Guards,
    HasVersion,
    Holds,
    Instruction,
    IsKind,
    Load,
    LoadPart,
    LoadSwapped,
    NoMore,
    Produced,
    Program,
    Register,
    Replaceable,
    Result,
)
from rewriter.language.scope import Binding, RuleScope
from rewriter.model import Buffer, Operator, Tensor
from rewriter.source import Span


@define
class Pattern:
    """A compiled left side, still open for conditions.

    Attributes:
        roots: The results of the last equation, in order; those that it does not name left out.
        results: All results that equations name, by name; those of the roots included.
        unions: What stands for whichever operator an alternative turned out to be.
        names: What the root may be; None for any operator.
        spread: Whether it can hold operators that do not lead to the root.
    """

    scope: RuleScope
    root: MatchedOperator
    roots: tuple[ResultOf, ...]
    results: dict[str, ResultOf]
    operators: list[MatchedOperator]
    unions: list[MatchedOperator]
    steps: list[Instruction]
    registers: int
    depth: int
    span: Span
    spread: bool

    @property
    def names(self) -> frozenset[str] | None:
        """What the root may be; None for any operator."""
        heads = [each for each in self.operators if each.register == self.root.register]
        if any(each.anything for each in heads):
            return None
        return frozenset(name for each in heads for name in each.declarations)

    def finish(
        self,
        conditions: tuple[syntax.Expression, ...],
        staying: list[MatchedOperator],
        given: list[ResultOf],
        read: tuple[Register, ...] = (),
        *,
        shared: bool,
    ) -> Program:
        """The program: what finds operators first, then details, conditions, and whether the match may go.

        Args:
            conditions: The rule's `where`.
            staying: Operators whose results the replacement reads, and those that feed them.
            given: Results that the replacement gives anew.
            read: Tensors, and lists of them, that the replacement reads.
            shared: Whether old operators stay for whoever else reads them.
        """
        steps = [*self.steps]
        steps += [Holds(compile_condition(condition, self.scope), condition.span) for condition in conditions]
        replaced = [each.operator.register for each in given]
        going = tuple(each.ref for each in self.operators if each not in staying)
        touched = tuple(each.ref for each in self.operators if each not in staying or each.register in replaced)
        if shared:
            going = ()
            touched = tuple(each.ref for each in self.operators if each.register in replaced)
        roots = tuple(each.register for each in given)
        steps.append(Replaceable(going, touched, roots, read, self.root.node.span))
        refs = tuple(each.ref for each in self.operators)
        spread = self.spread or len(set(replaced)) > 1
        # A root whose other results the replacement reads is replaced all the same.
        kept = tuple(each.ref for each in staying if each.register not in replaced)
        return Program(self.names, tuple(steps), self.registers, refs, self.depth, kept, spread)


def compile_pattern(
    side: tuple[syntax.Equation, ...], dialect: Dialect, scope: RuleScope, types: Mapping[str, syntax.Type]
) -> Pattern | None:
    """Check a left side and compile it; mistakes go to the scope's diagnostics. None where it has no root to speak of.

    `types` are types that captures have been given elsewhere, on the other side of a `<->`.
    """
    return _PatternCompiler(dialect, scope, types).compile(side)


_Way = tuple[syntax.Name, list[tuple[syntax.Operator, int, int]]]
"""A name, and the operators that lead down from it, each with the place among how many results that leads on."""


class _PatternCompiler(AlternativesCompiler):
    def __init__(self, dialect: Dialect, scope: RuleScope, types: Mapping[str, syntax.Type]) -> None:
        super().__init__(dialect, scope, types)
        self.spread = False
        # By the node: an operand of a named pattern stands in every alternative that the pattern has.
        self.declared: dict[int, dict[str, Declaration]] = {}

    def compile(self, side: tuple[syntax.Equation, ...]) -> Pattern | None:
        *before, last = side
        equations = [Equation(equation) for equation in before]
        for equation in equations:
            self.declare(equation)
        value, names, kinds = unwrapped(last.value)
        if not isinstance(value, syntax.Operator | syntax.Alternatives):
            self.error("E208", "a pattern is an operator: its root", value.span, "OPERATOR(operands), in upper case")
            return None
        count = max(len(last.results), 1)
        registers = [self.register() for _ in range(count)]
        for index, register in enumerate(registers):
            if index == 0 or isinstance(last.results[index], syntax.Name):
                self.find(Result(0, index, count, register, last.span))
        root = self.root(value, count)
        if root is None:
            return None
        roots = [
            self.result(name, register, root) for name, register in zip(last.results, registers, strict=False)
        ] or [ResultOf(None, registers[0], root)]
        for name in names:
            self.bind(name, "tensor", registers[0], operator=root)
        if kinds and count > 1:
            self.error("E212", "several results cannot be given one type", kinds[0].span, "a type where one is read")
        for kind in kinds:
            self.typed(kind, registers[0])
        self.connect(equations)
        self.finish_types()
        self.settle()
        depth = max((self.depth(each) for each in self.operators), default=1)
        return Pattern(
            self.scope,
            root,
            tuple(each for each in roots if each is not None),
            self.results,
            self.operators,
            self.unions,
            [*self.structure, *self.details],
            self.registers,
            depth,
            last.span,
            self.spread,
        )

    def depth(self, operator: MatchedOperator) -> int:
        return 1 + max((self.depth(read) for read in operator.reads), default=0)

    # -- equations and roots ------------------------------------------------------------------------------------------

    def declare(self, equation: Equation) -> None:
        """Take note of an equation, to be matched when one of its results is met."""
        if not equation.node.results:
            message = "only the last equation may stand without a name"
            self.error("E231", message, equation.node.span, "a name for each result: (a, b) = ...")
        for name in equation.node.results:
            if not isinstance(name, syntax.Name):
                continue
            if name.text in self.equations:
                self.error("E214", f"{name.text!r} is the result of two equations", name.span, "two names")
            self.equations[name.text] = equation

    def result(self, name: syntax.Name | syntax.Wildcard, register: Register, made: MatchedOperator) -> ResultOf | None:
        """Bind a result that an equation names."""
        if not isinstance(name, syntax.Name):
            return None
        known = name.text in self.scope.bindings
        self.bind(name, "tensor", register, operator=made)
        found = ResultOf(name, register, made)
        if not known:
            self.results[name.text] = found
        return found

    def root(self, node: syntax.Operator | syntax.Alternatives, count: int) -> MatchedOperator | None:
        if isinstance(node, syntax.Operator):
            return self.operator(node, 0, count)
        return self.choose(node, lambda branch: self.root_branch(branch, count), 0)

    def root_branch(self, branch: syntax.Operand, count: int) -> MatchedOperator | None:
        value, names, kinds = unwrapped(branch)
        if isinstance(value, syntax.Alternatives):
            found = self.root(value, count)
        elif isinstance(value, syntax.Operator):
            if not _is_any(value):
                self.find(IsKind(0, frozenset(self.declarations(value)), value.span))
            found = self.operator(value, 0, count)
        else:
            self.error("E208", "a pattern is an operator: its root", value.span, "OPERATOR(operands), in upper case")
            return None
        if found is not None and (names or kinds):
            out = self.register()
            self.find(Result(0, 0, count, out, branch.span))
            for name in names:
                self.bind(name, "tensor", out, operator=found)
            for kind in kinds:
                self.typed(kind, out)
        return found

    def connect(self, equations: list[Equation]) -> None:
        """Match the equations that the root does not lead to, from the tensors that they read downwards."""
        waiting = [each for each in equations if each.matched is None and each.names]
        while waiting:
            # What another of them reads is met from there, as everywhere else in a pattern.
            read = {name for each in waiting for name in _names(each.node.value)}
            for equation in sorted(waiting, key=lambda each: not read.isdisjoint(each.names)):
                way = self.way_to(equation)
                if way is not None:
                    self.follow(equation, *way)
                    break
            else:
                for equation in waiting if not self.scope.diagnostics else ():
                    message = "nothing connects this equation with the root"
                    self.error("E247", message, equation.node.span, "an operand that another equation has, too")
                return
            waiting = [each for each in waiting if each.matched is None]

    def way_to(self, equation: Equation) -> _Way | None:
        """A name inside an equation that is bound, and the operators that lead from it to the equation's own."""
        if equation.open:
            return None  # computed from itself, which is reported where it is matched
        equation.open = True
        found = self.way_into(equation.node.value)
        equation.open = False
        return found

    def way_into(self, node: syntax.Syntax) -> _Way | None:
        value, _, _ = unwrapped(node)
        if not isinstance(value, syntax.Operator):
            return None
        for operand in value.operands:
            inner, _, _ = unwrapped(operand)
            before: _Way | None = None
            place, count = 0, 1
            if isinstance(inner, syntax.Operator):
                before = self.way_into(inner)
            elif isinstance(inner, syntax.Name):
                known = self.scope.bindings.get(inner.text)
                if known is not None and known.kind == "tensor" and not known.many and not known.optional:
                    return inner, [(value, 0, 1)]
                if inner.text in self.equations:
                    results = self.equations[inner.text].node.results
                    place, count = results.index(inner), len(results)
                    before = self.way_to(self.equations[inner.text])
            if before is not None:
                name, way = before
                return name, [*way[:-1], (way[-1][0], place, count), (value, 0, 1)]
        return None

    def follow(self, equation: Equation, name: syntax.Name, way: list[tuple[syntax.Operator, int, int]]) -> None:
        self.spread = True
        tensor = self.scope.bindings[name.text].register
        others = tuple(each.ref for each in self.operators)
        last, _, _ = way[-1]
        for node, place, count in way:
            names = None if _is_any(node) else frozenset(self.declarations(node))
            state, reader = self.register(), self.register()
            # Only the equation's own operator has to be another one: what leads to it may have matched already.
            taken = others if node is last else ()
            self.find(Reader(tensor, names, taken, next(self.choices), state, reader, node.span))
            if node is last:
                self.found(equation, node, reader)
            else:
                tensor = self.register()
                self.find(Result(reader, place, count, tensor, node.span))

    def found(self, equation: Equation, node: syntax.Operator, register: Register) -> MatchedOperator:
        """Match an equation whose operator has been found, and bind its results."""
        results = equation.node.results
        equation.open = True
        made = self.operator(node, register, len(results))
        equation.open = False
        equation.matched = made
        registers = [self.register() for _ in results]
        for index, (name, out) in enumerate(zip(results, registers, strict=True)):
            self.find(Result(register, index, len(results), out, equation.node.span))
            self.result(name, out, made)
        _, names, kinds = unwrapped(equation.node.value)
        for name in names:
            self.bind(name, "tensor", registers[0], operator=made)
        for kind in kinds:
            self.typed(kind, registers[0])
        return made

    # -- operators ----------------------------------------------------------------------------------------------------

    def operator(
        self, node: syntax.Operator, register: Register, count: int, *, inside: bool = False
    ) -> MatchedOperator:
        """An operator that has been found in `register`, with everything that the pattern says of it.

        `count` is how many results the pattern gives it; `inside` says that it stands inside another operator.
        """
        declarations = self.declarations(node)
        matched = MatchedOperator(register, node, declarations, self.guards, anything=_is_any(node))
        self.operators.append(matched)
        self.check_results(node, declarations, None if inside else count)
        self.attributes(matched)
        if node.version is not None:
            version = node.version
            self.test(HasVersion(register, version.operator, int(version.number.value), version.span))
        known = list(declarations.values())
        if any(isinstance(operand, syntax.Rest) for operand in node.operands):
            if len(node.operands) > 1:
                self.error("E209", "'..' stands for all operands", node.span, "leave the others out, or name them all")
            return matched
        declared = next((each for each in known if each.operands is not None), None)
        if declared is None or any(each.variadic for each in known) or any(map(is_variadic, node.operands)):
            self.plain_operands(matched, declared)
        elif any(not _same_operands(each, declared) for each in known):
            message = "operators of one set need the same operands in the same order"
            self.error("E210", message, node.span, "a rule for each of them")
        else:
            self.declared_operands(matched, declared)
        return matched

    def check_results(self, node: syntax.Operator, declarations: dict[str, Declaration], count: int | None) -> None:
        """An operator with several results is written in an equation that has a name or `_` for each."""
        for declaration in declarations.values():
            if count is None and not takes_results(declaration, 1, several=False):
                message = f"{declaration.name} has several results, and stands in an equation of its own"
                hint = f"{result_names(declaration)} = {declaration.name}(...); OPERATOR(...)"
                self.error("E245", message, node.span, hint)
            elif count is not None:
                check_results(declaration, count, node.span, self.scope.diagnostics)

    def declarations(self, node: syntax.Operator) -> dict[str, Declaration]:
        """What an operator of the pattern may be, by name."""
        known = self.declared.get(id(node))
        if known is not None:
            return known
        found = self.declared[id(node)] = {}
        for head in node.heads:
            name, code = head.name.text, head.code.value if head.code else None
            if name == "ANY":
                continue
            if name == "CUSTOM" and code is None:
                self.error("E202", "a custom operator needs its code", head.span, "CUSTOM[code](...)")
                continue
            declaration = self.dialect.find(name, code)
            if declaration is None:
                self.error("E201", f"unknown operator {name!r}", head.span, close(name, self.dialect.names))
            elif declaration.side_effects:
                self.error("E211", f"{name} has side effects, and is never replaced", head.span, "a pattern without it")
            else:
                found[declaration.name] = declaration
        return found

    def plain_operands(self, matched: MatchedOperator, declaration: Declaration | None) -> None:
        """Operands as they stand in the file: those of an operator that nobody declares, or that takes any number."""
        operands = [self.without_name(each, declaration) for each in matched.node.operands]
        if not any(map(is_variadic, operands)):
            for index, operand in enumerate(operands):
                out = self.register()
                self.find(Load(matched.register, index, out, not _may_be_absent(operand), span=operand.span))
                self.operand(operand, out, matched)
            self.find(NoMore(matched.register, len(operands), matched.node.span))
            return
        if declaration is not None and declaration.stored:
            message = f"{declaration.name} does not store its operands in this order"
            self.error("E249", message, matched.node.span, "each operand written")
        parts = tuple((int(not is_variadic(each) or _is_mapped(each)), is_variadic(each)) for each in operands)
        division = self.register()
        self.find(Divide(matched.register, parts, division, matched.node.span))
        for part, operand in enumerate(operands):
            out = self.register()
            many = is_variadic(operand)
            required = not _may_be_absent(operand)
            self.find(LoadPart(matched.register, division, part, many, out, required, operand.span))
            self.operand(operand, out, matched)

    def without_name(self, operand: syntax.Operand, declaration: Declaration | None) -> syntax.Operand:
        """An operand whose declared name is written, without it."""
        specs = declaration.operands if declaration is not None else None
        if isinstance(operand, syntax.Named) and any(spec.name == operand.name.text for spec in specs or ()):
            return operand.value
        return operand

    def declared_operands(self, matched: MatchedOperator, declaration: Declaration) -> None:
        assert declaration.operands is not None
        written = assign_operands(
            matched.node.operands, declaration, declaration.operands, matched.node.span, self.scope.diagnostics
        )
        swap = self.swap(matched, declaration, written)
        for logical, spec in enumerate(declaration.operands):
            operand = written.get(logical)
            index = declaration.file_index(logical)
            if operand is None and spec.implied:
                continue
            out = self.register()
            if operand is None:
                if spec.optional:
                    self.find(Load(matched.register, index, out, False, span=matched.node.span))
                    self.find(Absent(out, matched.node.span))
                continue
            if swap is not None:
                other = declaration.file_index(1 - logical)
                self.find(LoadSwapped(matched.register, index, other, swap, out, operand.span))
            else:
                required = not _may_be_absent(operand)
                instead = operand_value(declaration, spec.name)
                self.find(Load(matched.register, index, out, required, instead, operand.span))
            self.operand(operand, out, matched)
        self.find(NoMore(matched.register, len(declaration.operands), matched.node.span))

    def swap(
        self, matched: MatchedOperator, declaration: Declaration, written: dict[int, syntax.Operand]
    ) -> Register | None:
        """A choice of order, where the operator has two operands in either order and neither is named."""
        named = any(
            isinstance(each, syntax.Named) and any(spec.name == each.name.text for spec in declaration.operands or ())
            for each in matched.node.operands
        )
        commutative = any(each.commutative for each in matched.declarations.values())
        if not commutative or named or len(written) != 2:
            return None
        if all(isinstance(each, syntax.Wildcard) for each in written.values()):
            return None
        register = self.register()
        names = frozenset(each.name for each in matched.declarations.values() if each.commutative)
        self.find(Swap(matched.register, names, register, matched.node.span))
        return register

    # -- operands -----------------------------------------------------------------------------------------------------

    def operand(self, node: syntax.Operand, out: Register, reader: MatchedOperator) -> MatchedOperator | None:
        """What the pattern says of the tensor in `out`, or of the list there. Returns the operator that makes it."""
        match node:
            case syntax.Wildcard():
                pass
            case syntax.Absent():
                self.find(Absent(out, node.span))
            case syntax.Name(text=text) if text in self.equations:
                return self.meet(self.equations[text], node, out, reader)
            case syntax.Name():
                self.capture(node, out)
            case syntax.Optional(value=syntax.Name() as name):
                self.capture(name, out, optional=True)
            case syntax.Typed(value=value, type=kind):
                made = self.operand(value, out, reader)
                self.typed(kind, out, optional=_may_be_nothing(value))
                captured = value.value if isinstance(value, syntax.Optional | syntax.Variadic) else value
                if isinstance(captured, syntax.Name) and isinstance(kind, syntax.Type) and kind.const:
                    self.constant(captured.text)
                return made
            case syntax.Named(name=name, value=value):
                made = self.operand(value, out, reader)
                self.bind(name, "tensor", out, operator=made, many=is_variadic(value))
                return made
            case syntax.Operator():
                return self.produced(node, out, reader)
            case syntax.Alternatives():
                return self.choose(node, lambda branch: self.operand(branch, out, reader), None)
            case syntax.Variadic(value=syntax.Name() as name) if name.text not in self.equations:
                self.capture(name, out, many=True)
            case syntax.Variadic():
                return self.each(node, out, reader)
            case syntax.Number() | syntax.Boolean() | syntax.List() | syntax.Unary():
                self.value(node, out)
            case syntax.Call(function=function):
                self.error(
                    "E251", f"there is no pattern {function.text!r}", function.span, self.known_patterns(function)
                )
            case _:
                self.error(
                    "E213", "this cannot be an operand of a pattern", node.span, "a capture, an operator or a constant"
                )
        return None

    def known_patterns(self, function: syntax.Name) -> str:
        return close(function.text, self.scope.patterns) or f"pattern {function.text}(x) = OPERATOR(x)"

    def produced(self, node: syntax.Operator, out: Register, reader: MatchedOperator) -> MatchedOperator:
        register = self.register()
        names = None if _is_any(node) else frozenset(self.declarations(node))
        self.find(Produced(out, names, register, span=node.span))
        matched = self.operator(node, register, 1, inside=True)
        reader.reads.append(matched)
        return matched

    def capture(self, name: syntax.Name, out: Register, *, optional: bool = False, many: bool = False) -> None:
        self.bind(name, "tensor", out, optional=optional, many=many)
        if name.text in self.types:
            kind = self.types[name.text]
            self.typed(kind, out, optional=optional or many)
            if kind.const:
                self.constant(name.text)

    def meet(
        self, equation: Equation, name: syntax.Name, out: Register, reader: MatchedOperator
    ) -> MatchedOperator | None:
        """A result of an earlier equation: its operator is matched where the first of them is met."""
        if equation.open:
            message = f"{name.text!r} is computed from itself"
            self.error("E248", message, name.span, "an operand that comes from elsewhere")
            return None
        if equation.matched is not None:
            self.bind(name, "tensor", out, operator=equation.matched)
            reader.reads.append(equation.matched)
            return equation.matched
        results, value = equation.node.results, unwrapped(equation.node.value)[0]
        if isinstance(value, syntax.Operator):
            register = self.register()
            index = next(place for place, each in enumerate(results) if each == name)
            names = None if _is_any(value) else frozenset(self.declarations(value))
            self.find(Produced(out, names, register, index, len(results), value.span))
            made = self.found(equation, value, register)
            self.bind(name, "tensor", out, operator=made)
        elif len(results) == 1:
            equation.open = True
            made = self.operand(equation.node.value, out, reader)
            equation.open = False
            if made is None:
                hint = "OPERATOR(operands), in upper case"
                self.error("E208", "an equation of a pattern is an operator", equation.node.value.span, hint)
                return None
            equation.matched = made
            self.result(name, out, made)
        else:
            self.error("E208", "several results are those of one operator", value.span, "(a, b) = OPERATOR(operands)")
            return None
        reader.reads.append(made)
        return made

    def each(self, node: syntax.Variadic, out: Register, reader: MatchedOperator) -> MatchedOperator | None:
        """A pattern that every tensor of a list matches; the names in it become names of lists."""
        scope = RuleScope(self.scope.diagnostics, added=self.scope.added, patterns=self.scope.patterns)
        inner = _PatternCompiler(self.dialect, scope, self.types)
        outer = MatchedOperator(0, reader.node, {})
        made = inner.operand(node.value, 0, outer)
        inner.finish_types()
        inner.settle()
        refs = tuple(each.ref for each in inner.operators)
        program = Program(None, (*inner.structure, *inner.details), inner.registers, refs, 1)
        fills: list[tuple[Register, Guards, Register]] = []

        def listed(register: Register, guards: Guards = ()) -> Register:
            made = self.register()
            fills.append((register, guards, made))
            return made

        lists: dict[MatchedOperator, MatchedOperator] = {}
        for each in (*inner.operators, *inner.unions):
            lists[each] = evolve(each, register=listed(each.register, each.guards), guards=self.guards, reads=[])
        for each, listed_operator in lists.items():
            listed_operator.reads = [lists[read] for read in each.reads if read in lists]
        self.operators += [lists[each] for each in inner.operators]
        self.unions += [lists[each] for each in inner.unions]
        reader.reads += [lists[read] for read in outer.reads if read in lists]
        names: list[Binding] = []
        for binding in scope.bindings.values():
            if binding.many:
                self.error("E249", "a list inside a list cannot be named", binding.span, "'_', or '..'")
                continue
            operator = None if binding.operator is None else listed(binding.operator)
            names.append(evolve(binding, register=listed(binding.register), operator=operator, many=True))
        self.find(Each(out, program, tuple(fills), self.register(), node.span))
        for binding in names:
            known = self.scope.bindings.get(binding.name)
            if known is None:
                self.scope.bindings[binding.name] = binding
            else:
                self.bind(syntax.Name(binding.span, binding.name), binding.kind, binding.register, many=True)
        return lists.get(made) if made is not None else None


@cache
def operand_value(declaration: Declaration, name: str) -> Callable[[Operator], Tensor | None] | None:
    """What an operator is worth that lacks an implied operand, as a constant; None where nothing is said of that."""
    evaluate = declaration.operand_values.get(name)
    dtype = next((spec.dtypes[0] for spec in declaration.operands or () if spec.name == name and spec.dtypes), "i32")
    if evaluate is None:
        return None

    def value(operator: Operator) -> Tensor | None:
        try:
            attributes = {each: declaration.attribute(operator, each) for each in declaration.attributes}
            found = evaluate(declaration.names(declaration.logical(operator), operator.outputs, attributes))
            data, shape, kind = encoded(found, dtype)
        except (Undefined, OptionsError, ValueError):
            return None
        if not data:
            return None  # no file can hold it: a buffer without bytes is none
        return Tensor.make("", kind, shape, buffer=Buffer(-1, size=len(data), data=data))

    return value


def _names(node: syntax.Syntax) -> Iterator[str]:
    if isinstance(node, syntax.Name):
        yield node.text
    for child in syntax.children(node):
        yield from _names(child)


def _is_any(node: syntax.Operator) -> bool:
    return any(head.name.text == "ANY" for head in node.heads)


def _is_mapped(node: syntax.Operand) -> bool:
    while isinstance(node, syntax.Typed | syntax.Named):
        node = node.value
    return isinstance(node, syntax.Variadic) and not isinstance(node.value, syntax.Name)


def _may_be_nothing(operand: syntax.Operand) -> bool:
    """Whether a match can have no tensor here: an optional operand, or a list that may be empty."""
    return isinstance(operand, syntax.Optional) or (
        isinstance(operand, syntax.Variadic) and isinstance(operand.value, syntax.Name)
    )


def _may_be_absent(operand: syntax.Operand) -> bool:
    return is_optional(operand) or isinstance(operand, syntax.Absent)


def _same_operands(one: Declaration, other: Declaration) -> bool:
    """Whether operands at the same place of a pattern stand at the same place of the file in both."""
    if one.operands is None or other.operands is None:
        return one is other
    flags = [(spec.optional, spec.variadic, spec.implied) for spec in one.operands]
    return one.stored == other.stored and flags == [
        (spec.optional, spec.variadic, spec.implied) for spec in other.operands
    ]
