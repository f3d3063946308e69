"""From the left side of a rule to a program, and to the names that it binds."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from functools import cache, partial

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
    is_optional,
    is_variadic,
    result_names,
    takes_results,
)
from rewriter.language.choices import Divide, Each, Reader, Swap
from rewriter.language.detail import MatchedOperator
from rewriter.language.expressions import Undefined, asked, compile_condition
from rewriter.language.program import (
    Absent,
    First,
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
from rewriter.language.suggestions import builtin_called, close, operator_for
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
        steps += [
            Holds(compile_condition(condition, self.scope), condition.span, partial(asked, condition, self.scope))
            for condition in conditions
        ]
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


_Way = tuple[syntax.Name, list[tuple[syntax.Operator, int, int | None]]]
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
            self.no_root(value)
            return None
        # A list is divided last, as where an equation is met: what it is divided into has many ways.
        registers = [] if last.has_list else self.take_results(last, 0)
        root = self.root(value, last)
        if root is None:
            return None
        registers = registers or self.take_results(last, 0)
        roots = [
            self.result(name, register, root) for name, register in zip(last.results, registers, strict=False)
        ] or [ResultOf(None, registers[0], root)]
        if names or kinds:
            self.named_whole(names, kinds, last, registers[0], root)
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

    def no_root(self, node: syntax.Syntax) -> None:
        hint = self.meant(node.function) if isinstance(node, syntax.Call) else None
        self.error("E208", "a pattern is an operator: its root", node.span, hint or "OPERATOR(operands), in upper case")

    # -- equations and roots ------------------------------------------------------------------------------------------

    def declare(self, equation: Equation) -> None:
        """Take note of an equation, to be matched when one of its results is met."""
        if not equation.node.results:
            message = "only the last equation may stand without a name"
            self.error("E231", message, equation.node.span, "a name for each result: (a, b) = ...")
        for name in equation.node.names:
            if name.text in self.equations:
                self.error("E214", f"{name.text!r} is the result of two equations", name.span, "two names")
            self.equations[name.text] = equation

    def take_results(self, equation: syntax.Equation, operator: Register) -> list[Register]:
        """Load the results of an operator, a register for each that the equation writes and at least one."""
        results = equation.results
        registers = [self.register() for _ in results or (None,)]
        wanted = [index for index, each in enumerate(results) if syntax.named(each) is not None]
        if equation.has_list:
            lists = [isinstance(each, syntax.Variadic) for each in results]
            parts = tuple((int(not many), many) for many in lists)
            division = self.register()
            self.find(Divide(operator, parts, division, results=True, span=equation.span))
            for index in wanted:
                many, out = lists[index], registers[index]
                self.find(
                    LoadPart(operator, division, index, many, out, required=True, results=True, span=equation.span)
                )
            return registers
        for index in dict.fromkeys((0, *wanted)):
            self.find(Result(operator, index, len(registers), registers[index], equation.span))
        return registers

    def result(self, result: syntax.Result, register: Register, made: MatchedOperator) -> ResultOf | None:
        """Bind a result that an equation names, or a list of them."""
        name, many = syntax.named(result), isinstance(result, syntax.Variadic)
        if name is None:
            return None
        known = name.text in self.scope.bindings
        self.bind(name, "tensor", register, operator=made, many=many, whole=many)
        found = ResultOf(name, register, made, many)
        if not known:
            self.results[name.text] = found
        return found

    def named_whole(
        self,
        names: list[syntax.Name],
        kinds: list[syntax.Type | syntax.Like],
        equation: syntax.Equation,
        register: Register,
        made: MatchedOperator,
    ) -> None:
        """Names and types of all that an equation matched: those of its first result."""
        if equation.has_list and names:
            message = "a list of results stands before the '='; another name for it there is none"
            self.error("E249", message, names[0].span, "only the names in brackets")
            return
        for name in names:
            self.bind(name, "tensor", register, operator=made)
        if kinds and (len(equation.results) > 1 or equation.has_list):
            self.error("E212", "several results cannot be given one type", kinds[0].span, "a type where one is read")
        for kind in kinds:
            self.typed(kind, register)

    def root(self, node: syntax.Operator | syntax.Alternatives, equation: syntax.Equation) -> MatchedOperator | None:
        if isinstance(node, syntax.Operator):
            return self.operator(node, 0, equation)
        return self.choose(node, lambda branch: self.root_branch(branch, equation), 0)

    def root_branch(self, branch: syntax.Operand, equation: syntax.Equation) -> MatchedOperator | None:
        value, names, kinds = unwrapped(branch)
        if isinstance(value, syntax.Alternatives):
            found = self.root(value, equation)
        elif isinstance(value, syntax.Operator):
            if not _is_any(value):
                self.find(IsKind(0, frozenset(self.declarations(value)), value.span))
            found = self.operator(value, 0, equation)
        else:
            self.no_root(value)
            return None
        if found is not None and (names or kinds):
            out = self.register()
            self.find(Result(0, 0, None if equation.has_list else max(len(equation.results), 1), out, branch.span))
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
            place: int
            count: int | None
            place, count = 0, 1
            if isinstance(inner, syntax.Operator):
                before = self.way_into(inner)
            elif isinstance(inner, syntax.Name):
                known = self.scope.bindings.get(inner.text)
                if known is not None and known.kind == "tensor" and not known.many and not known.optional:
                    return inner, [(value, 0, 1)]
                if inner.text in self.equations:
                    found = _place_of(inner, self.equations[inner.text].node)
                    if found is not None:
                        place, count = found
                        before = self.way_to(self.equations[inner.text])
            if before is not None:
                name, way = before
                return name, [*way[:-1], (way[-1][0], place, count), (value, 0, 1)]
        return None

    def follow(self, equation: Equation, name: syntax.Name, way: list[tuple[syntax.Operator, int, int | None]]) -> None:
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
        equation.open = True
        made = self.operator(node, register, equation.node)
        equation.open = False
        equation.matched = made
        registers = self.take_results(equation.node, register)
        for result, out in zip(equation.node.results, registers, strict=True):
            self.result(result, out, made)
        _, names, kinds = unwrapped(equation.node.value)
        if names or kinds:
            self.named_whole(names, kinds, equation.node, registers[0], made)
        return made

    # -- operators ----------------------------------------------------------------------------------------------------

    def operator(self, node: syntax.Operator, register: Register, equation: syntax.Equation | None) -> MatchedOperator:
        """An operator that has been found in `register`, with everything that the pattern says of it.

        `equation` is that whose operator it is; None where it stands inside another operator.
        """
        declarations = self.declarations(node)
        matched = MatchedOperator(register, node, declarations, self.guards, anything=_is_any(node))
        self.operators.append(matched)
        self.check_results(node, declarations, equation)
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

    def check_results(
        self, node: syntax.Operator, declarations: dict[str, Declaration], equation: syntax.Equation | None
    ) -> None:
        """An operator with several results is written in an equation that has a name or `_` for each."""
        for declaration in declarations.values():
            if equation is None and not takes_results(declaration, 1, several=False):
                message = f"{declaration.name} has several results, and stands in an equation of its own"
                hint = f"{result_names(declaration)} = {declaration.name}(...); OPERATOR(...)"
                self.error("E245", message, node.span, hint)
            elif equation is not None:
                count = max(sum(not isinstance(each, syntax.Variadic) for each in equation.results), 1)
                check_results(declaration, count, node.span, self.scope.diagnostics, more=equation.has_list)

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
                self.error("E201", f"unknown operator {name!r}", head.span, operator_for(name, self.dialect))
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
        self.find(Divide(matched.register, parts, division, span=matched.node.span))
        for part, operand in enumerate(operands):
            out = self.register()
            many = is_variadic(operand)
            required = not _may_be_absent(operand)
            self.find(LoadPart(matched.register, division, part, many, out, required, span=operand.span))
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
                many = is_variadic(value)
                self.bind(name, "tensor", out, operator=made, many=many, whole=many and not _is_mapped(value))
                return made
            case syntax.Operator():
                return self.produced(node, out, reader)
            case syntax.Alternatives():
                return self.choose(node, lambda branch: self.operand(branch, out, reader), None)
            case syntax.Variadic(value=syntax.Name() as name) if name.text in self.equations:
                return self.meet_list(self.equations[name.text], name, out, reader)
            case syntax.Variadic(value=syntax.Name() as name):
                self.capture(name, out, many=True)
            case syntax.Variadic():
                return self.each(node, out, reader)
            case syntax.Number() | syntax.Boolean() | syntax.List() | syntax.Unary():
                self.value(node, out)
            case syntax.Call(function=function):
                hint = self.meant(function) or f"pattern {function.text}(x) = OPERATOR(x)"
                self.error("E251", f"there is no pattern {function.text!r}", function.span, hint)
            case _:
                self.error(
                    "E213", "this cannot be an operand of a pattern", node.span, "a capture, an operator or a constant"
                )
        return None

    def meant(self, function: syntax.Name) -> str | None:
        """The patterns, and the operator, that somebody may have meant who wrote a function."""
        meant = [close(function.text, self.scope.patterns), builtin_called(function.text)]
        return ", ".join(filter(None, meant)) or None

    def produced(self, node: syntax.Operator, out: Register, reader: MatchedOperator) -> MatchedOperator:
        register = self.register()
        names = None if _is_any(node) else frozenset(self.declarations(node))
        self.find(Produced(out, names, register, span=node.span))
        matched = self.operator(node, register, None)
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
        results, value = equation.node.results, unwrapped(equation.node.value)[0]
        if any(isinstance(each, syntax.Variadic) and each.value == name for each in results):
            message = f"{name.text!r} is a list of results"
            self.error(
                "E249", message, name.span, f"{name.text}... where an operator reads all of them, in their order"
            )
            return None
        if equation.matched is not None:
            self.bind(name, "tensor", out, operator=equation.matched)
            reader.reads.append(equation.matched)
            return equation.matched
        if isinstance(value, syntax.Operator):
            register = self.register()
            index = results.index(name)
            count = None if equation.node.has_list else len(results)
            names = None if _is_any(value) else frozenset(self.declarations(value))
            self.find(Produced(out, names, register, index, count, value.span))
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

    def meet_list(
        self, equation: Equation, name: syntax.Name, out: Register, reader: MatchedOperator
    ) -> MatchedOperator | None:
        """A list of an earlier equation's results: the operands are they, all of them, in their order."""
        results, value = equation.node.results, unwrapped(equation.node.value)[0]
        if not any(isinstance(each, syntax.Variadic) and each.value == name for each in results):
            message = f"{name.text!r} is one result, and no list"
            self.error("E249", message, name.span, f"{name.text}, or ({name.text}...) = where it is made")
            return None
        if equation.open:
            message = f"{name.text!r} is computed from itself"
            self.error("E248", message, name.span, "an operand that comes from elsewhere")
            return None
        first = self.register()
        self.find(First(out, first, name.span))
        made = equation.matched
        if made is None:
            if not isinstance(value, syntax.Operator):
                hint = "(rs...) = OPERATOR(operands)"
                self.error("E208", "several results are those of one operator", value.span, hint)
                return None
            register = self.register()
            names = None if _is_any(value) else frozenset(self.declarations(value))
            self.find(Produced(first, names, register, 0, None, value.span))
            made = self.found(equation, value, register)
        self.bind(name, "tensor", out, operator=made, many=True, whole=True)
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
            if binding.name in self.equations:
                # What is mapped reads the results of an equation, each its own.
                name = syntax.Name(binding.span, binding.name)
                feeding = self.meet_list(self.equations[binding.name], name, binding.register, reader)
                if feeding is not None:
                    for each in lists.values():
                        each.reads.append(feeding)
            elif known is None:
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


def _place_of(name: syntax.Name, equation: syntax.Equation) -> tuple[int, int | None] | None:
    """Which result a name stands for, counted from the end behind a list, and of how many; None where that is open."""
    results = equation.results
    if name not in results:
        return None
    place = results.index(name)
    if not equation.has_list:
        return place, len(results)
    lists = [index for index, each in enumerate(results) if isinstance(each, syntax.Variadic)]
    if place < lists[0]:
        return place, None
    return (place - len(results), None) if place > lists[-1] else None


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
