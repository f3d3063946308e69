"""Expressions of `where` clauses and declarations, compiled to closures.

An expression sees the values of its match and nothing else: what a name or an attribute of a capture means comes from
tables here, never from Python's own attribute access. Evaluation is total: whatever cannot be computed is raised as
`Undefined`, with a reason, and the rule does not match there.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Protocol, cast

from attrs import frozen

from rewriter.dialect.types import is_list
from rewriter.language import syntax
from rewriter.language.extent import LARGEST, check_broadcast
from rewriter.language.suggestions import function_for
from rewriter.source import Diagnostic, nearest

if TYPE_CHECKING:
    from rewriter.source import Span

Value = Any
Frame = list[Any]
Evaluate = Callable[[Frame], Value]

_LONGEST = 1 << 16  # of a list that `range` may give


class Undefined(Exception):
    """An expression has no value in this match; the message is the reason."""


@frozen
class Symbol:
    """What a name stands for: how to get its value, and what can be asked of it by `.name`.

    Attributes:
        properties: None for a plain value; what has properties is a tensor, and no value itself.
        attributes: Reads an attribute of the operator that made the tensor; None where the name is not such a tensor's.
        known_attributes: The attributes that there are; None where only the match knows.
        many: Whether it is a list of tensors; what is asked of it is then asked of each.
    """

    get: Evaluate
    properties: Mapping[str, Callable[[Value], Value]] | None = None
    attributes: Callable[[Value, str], Value] | None = None
    known_attributes: frozenset[str] | None = None
    many: bool = False

    def has_attribute(self, name: str) -> bool:
        """Whether an attribute of this name may be asked for."""
        return self.attributes is not None and (self.known_attributes is None or name in self.known_attributes)

    @property
    def known(self) -> list[str]:
        """All that can be asked for, for a hint."""
        return sorted({*(self.properties or ()), *(self.known_attributes or ())})


class Scope(Protocol):
    """Where the names of an expression are looked up, and where its mistakes are reported."""

    diagnostics: list[Diagnostic]

    def symbol(self, name: str) -> Symbol | None:
        """What the name stands for, or None."""
        ...

    def names(self) -> Sequence[str]:
        """The names that there are, for a hint."""
        ...

    def is_word(self, word: str) -> bool:
        """Whether some enum has this word."""
        ...

    def functions(self) -> Mapping[str, Callable[..., Value]]:
        """Functions that packs add."""
        ...


def compile_expression(node: syntax.Syntax, scope: Scope) -> Evaluate:
    """Compile an expression. Mistakes go to the scope's diagnostics; the result is then of no use."""
    return _Compiler(scope).compile(node)


def compile_condition(node: syntax.Expression, scope: Scope) -> Callable[[Frame], bool]:
    """Compile an expression whose value must be one boolean."""
    evaluate = compile_expression(node, scope)

    def condition(frame: Frame) -> bool:
        value = _plain(evaluate(frame))
        if not isinstance(value, bool):
            raise Undefined(f"the condition is not one boolean but {_kind(value)}; all(...) or any(...) makes it one")
        return value

    return condition


def asked(node: syntax.Expression, scope: Scope) -> Iterator[tuple[str, Evaluate]]:
    """The parts of a condition that a match answers, as they are written: `x.rank`, `w.shape[3]`, `n`, `max(c.value)`.

    Args:
        node: The condition, in which there are no mistakes.
        scope: What its names stand for.
    """
    match node:
        case syntax.Name(text=text):
            symbol = scope.symbol(text)
            if symbol is not None and symbol.properties is None and not symbol.many:
                yield text, symbol.get
            return
        case syntax.Attribute() | syntax.Index():
            yield node.span.content, compile_expression(node, scope)
            return
        case syntax.Call(function=function, operands=operands):
            yield node.span.content, compile_expression(node, scope)
            # Of these two the operands are captures, and no values.
            parts = () if function.text in ("attr", "len") else operands
        case _:
            parts = syntax.children(node)
    for part in parts:
        yield from asked(cast("syntax.Expression", part), scope)


class _Compiler:
    def __init__(self, scope: Scope) -> None:
        self.scope = scope

    def error(self, code: str, message: str, span: Span, hint: str | None = None) -> Evaluate:
        self.scope.diagnostics.append(Diagnostic(code, message, span, hint))
        return _nothing

    def compile(self, node: syntax.Syntax) -> Evaluate:
        match node:
            case syntax.Number(value=value) | syntax.String(value=value) | syntax.Boolean(value=value):
                return _constant(value)
            case syntax.Absent():
                return _constant(None)
            case syntax.Word(text=text):
                if not self.scope.is_word(text):
                    return self.error(
                        "E340", f"unknown word {text!r}", node.span, "the words of the schema's enums, as SAME"
                    )
                return _constant(text)
            case syntax.List(elements=elements):
                parts = [self.compile(element) for element in elements]
                return lambda frame: [part(frame) for part in parts]
            case syntax.Name(text=text):
                symbol = self.scope.symbol(text)
                if symbol is None:
                    names = self.scope.names()
                    word = text.upper() if self.scope.is_word(text.upper()) else None
                    hint = nearest(text, names) or word or ", ".join(names) or "a name of the left side"
                    return self.error("E301", f"nothing here is called {text!r}", node.span, hint)
                if symbol.many:
                    hint = f"len({text}), {text}[0].shape, all({text}.is_const)"
                    return self.error("E346", f"{text!r} is a list of tensors, not a value", node.span, hint)
                if symbol.properties is not None:
                    hint = f"{text}.value, {text}.shape, {text} is absent"
                    return self.error("E346", f"{text!r} is a tensor, not a value", node.span, hint)
                return symbol.get
            case syntax.Unary(operator=sign, operand=operand):
                return _unary(sign, self.compile(operand))
            case syntax.Binary(operator="and", left=left, right=right):
                first, second = self.compile(left), self.compile(right)
                return lambda frame: _boolean(first(frame)) and _boolean(second(frame))
            case syntax.Binary(operator="or", left=left, right=right):
                first, second = self.compile(left), self.compile(right)
                return lambda frame: _boolean(first(frame)) or _boolean(second(frame))
            case syntax.Binary(operator=sign, left=left, right=right):
                return _binary(sign, self.compile(left), self.compile(right))
            case syntax.Compare(operands=operands, operators=operators):
                return self.comparison(operands, operators)
            case syntax.Attribute():
                return self.attribute(node)
            case syntax.Index(value=value, index=index):
                return self.index(value, index)
            case syntax.Call():
                return self.call(node)
            case _:
                hint = "names, numbers, lists, functions and the operators of Python"
                return self.error("E341", "this cannot stand in an expression", node.span, hint)

    def comparison(self, operands: Sequence[syntax.Syntax], operators: Sequence[str]) -> Evaluate:
        values = [
            self.presence(operand) if "is" in sign.split() else None
            for operand, sign in zip(operands, operators, strict=False)
        ]
        compiled = [value or self.compile(operand) for value, operand in zip([*values, None], operands, strict=True)]
        return _comparison(compiled, operators)

    def presence(self, node: syntax.Syntax) -> Evaluate | None:
        """A tensor before `is`: only whether it is there can be asked of the tensor itself."""
        symbol = self.scope.symbol(node.text) if isinstance(node, syntax.Name) else None
        return symbol.get if symbol is not None else None

    def index(self, value: syntax.Expression, index: syntax.Expression | syntax.Slice) -> Evaluate:
        place = self.place(index)
        if isinstance(value, syntax.Name):
            symbol = self.scope.symbol(value.text)
            if symbol is not None and symbol.many:
                if isinstance(index, syntax.Slice):
                    return _item_of(symbol.get, [place])
                hint = f"{value.text}[0].shape"
                return self.error("E346", f"{value.text}[...] is a tensor, not a value", value.span, hint)
        base = self.compile(value)
        return lambda frame: _item(base(frame), place(frame))

    def attribute(self, node: syntax.Attribute) -> Evaluate:
        name = node.name.text
        base = node.value
        indices: list[Evaluate] = []
        while isinstance(base, syntax.Index):
            indices.append(self.place(base.index))
            base = base.value
        if not isinstance(base, syntax.Name):
            return self.error(
                "E342", f"nothing can be asked of this by '.{name}'", node.span, "ask a capture, as x.shape"
            )
        symbol = self.scope.symbol(base.text)
        if symbol is None:
            return self.compile(base)
        if indices and not symbol.many:
            what = f"{base.text!r} is no list of tensors"
            return self.error("E342", what, base.span, f"{base.text}.{name}[0]")
        get = _item_of(symbol.get, indices)
        if symbol.properties is not None and name in symbol.properties:
            return _of_each(get, symbol.properties[name], name)
        if symbol.has_attribute(name):
            return _of_each(get, _reader(symbol, name), name)
        hint = nearest(name, symbol.known) or ", ".join(symbol.known) or None
        return self.error("E343", f"{base.text!r} has no {name!r}", node.name.span, hint)

    def place(self, index: syntax.Expression | syntax.Slice) -> Evaluate:
        """What stands between an index's brackets."""
        if not isinstance(index, syntax.Slice):
            return self.compile(index)
        start = self.compile(index.start) if index.start else _constant(None)
        stop = self.compile(index.stop) if index.stop else _constant(None)
        return lambda frame: slice(start(frame), stop(frame))

    def call(self, node: syntax.Call) -> Evaluate:
        name = node.function.text
        if name == "attr":
            return self.attr(node)
        function = FUNCTIONS.get(name) or self.scope.functions().get(name)
        if function is None:
            hint = function_for(name, [*FUNCTIONS, "attr"], self.scope.functions())
            return self.error("E344", f"unknown function {name!r}", node.function.span, hint)
        match node.operands:
            case (syntax.Name(text=text),) if name == "len" and (symbol := self.scope.symbol(text)) and symbol.many:
                arguments = [symbol.get]
            case _:
                arguments = [self.compile(operand) for operand in node.operands]
        return _call(name, function, arguments)

    def attr(self, node: syntax.Call) -> Evaluate:
        """`attr(c, "shape")`: an attribute whose name is taken by something that can be asked of any capture."""
        match node.operands:
            case (syntax.Name(text=text), syntax.String(value=value)):
                symbol = self.scope.symbol(text)
                if symbol is not None and symbol.has_attribute(value):
                    return _of_each(symbol.get, _reader(symbol, value), value)
                if symbol is not None and symbol.attributes is not None:
                    known = sorted(symbol.known_attributes or ())
                    hint = nearest(value, known) or ", ".join(known) or None
                    return self.error("E343", f"{text!r} has no {value!r}", node.operands[1].span, hint)
            case _:
                pass
        return self.error(
            "E345", "attr takes the name of an operator's result and an attribute", node.span, 'attr(c, "shape")'
        )


# -- evaluation -------------------------------------------------------------------------------------------------------


def _nothing(_: Frame) -> Value:
    raise Undefined("the expression has an error")


def _constant(value: Value) -> Evaluate:
    return lambda _: value


def _item_of(get: Evaluate, indices: Sequence[Evaluate]) -> Evaluate:
    """An element, or a part, of a list of tensors."""
    for index in reversed(indices):
        get = _indexed(get, index)
    return get


def _indexed(get: Evaluate, index: Evaluate) -> Evaluate:
    return lambda frame: _item(get(frame), index(frame))


def _of_each(get: Evaluate, read: Callable[[Value], Value], name: str) -> Evaluate:
    """What is asked of a tensor, or of each one of a list."""

    def evaluate(frame: Frame) -> Value:
        value = get(frame)
        if isinstance(value, list):
            return [read(_present(each, name)) for each in cast("list[Value]", value)]
        return read(_present(value, name))

    return evaluate


def _reader(symbol: Symbol, name: str) -> Callable[[Value], Value]:
    attributes = symbol.attributes
    assert attributes is not None

    def read(value: Value) -> Value:
        try:
            return attributes(value, name)
        except KeyError:
            raise Undefined(f"the operator has no attribute {name!r}") from None

    return read


def _present(value: Value, name: str) -> Value:
    if value is None:
        raise Undefined(f"'.{name}' of an operand that is absent")
    return value


def _kind(value: Value) -> str:
    if value is None:
        return "absent"
    if is_list(value):
        return f"a list of {len(value)}"
    if hasattr(value, "shape"):
        return "an array"
    return repr(value)


def _plain(value: Value) -> Value:
    """A single number or boolean of NumPy's as Python's own; anything else as it is."""
    return value.item() if getattr(value, "shape", None) == () else value


def _boolean(value: Value) -> bool:
    value = _plain(value)
    if not isinstance(value, bool):
        raise Undefined(f"and, or and not need booleans, not {_kind(value)}")
    return value


def _unary(sign: str, operand: Evaluate) -> Evaluate:
    if sign == "not":
        return lambda frame: not _boolean(operand(frame))
    apply = operator.neg if sign == "-" else operator.pos
    return lambda frame: _guard(apply, operand(frame))


ARITHMETIC: dict[str, Callable[[Any, Any], Any]] = {
    "+": lambda a, b: a + b,
    "-": lambda a, b: a - b,
    "*": lambda a, b: a * b,
    "/": lambda a, b: a / b,
    "//": lambda a, b: a // b,
    "%": lambda a, b: a % b,
    "**": lambda a, b: a**b,
}
COMPARISONS: dict[str, Callable[[Any, Any], Any]] = {
    "==": lambda a, b: a == b,
    "!=": lambda a, b: a != b,
    "<": lambda a, b: a < b,
    "<=": lambda a, b: a <= b,
    ">": lambda a, b: a > b,
    ">=": lambda a, b: a >= b,
}


def _binary(sign: str, left: Evaluate, right: Evaluate) -> Evaluate:
    apply = ARITHMETIC[sign]

    def evaluate(frame: Frame) -> Value:
        a, b = left(frame), right(frame)
        if sign == "**" and isinstance(a, int) and isinstance(b, int) and b * a.bit_length() > LARGEST.bit_length():
            raise Undefined("a number became too large")
        if sign in ("*", "%") and (isinstance(a, list | str) or isinstance(b, list | str)):
            raise Undefined(f"'{sign}' is for numbers, not for lists and strings")
        value = _guard(_bounded, apply, _listed(a), _listed(b))
        if isinstance(value, int) and not -LARGEST <= value <= LARGEST:
            raise Undefined("a number became too large")
        return value

    return evaluate


def _bounded(apply: Callable[[Any, Any], Any], one: Any, other: Any) -> Any:
    check_broadcast(one, other)
    return apply(one, other)


def _listed(value: Value) -> Value:
    return list(value) if is_list(value) else value


def _comparison(operands: Sequence[Evaluate], operators: Sequence[str]) -> Evaluate:
    def evaluate(frame: Frame) -> Value:
        left = operands[0](frame)
        result: Value = True
        for sign, operand in zip(operators, operands[1:], strict=True):
            right = operand(frame)
            held = _compare(sign, left, right)
            if held is False:
                return False
            result = held if result is True else _guard(_both, result, held)
            left = right
        return result

    return evaluate


def _both(one: Any, other: Any) -> Any:
    check_broadcast(one, other)
    return one & other


def _compare(sign: str, left: Value, right: Value) -> Value:
    if sign in ("is", "is not"):
        return (left is right) == (sign == "is")
    if sign in ("in", "not in"):
        if not (is_list(right) or isinstance(right, range | str)):
            raise Undefined(f"'{sign}' needs a list, not {_kind(right)}")
        return _guard(operator.contains, right, left) == (sign == "in")
    if (left is None or right is None) and sign not in ("==", "!="):
        raise Undefined(f"'{sign}' of something that is absent or open")
    if sign in ("==", "!=") and _guard(_open, left, right):
        raise Undefined(f"'{sign}' of a dimension that the model leaves open")
    return _guard(_bounded, COMPARISONS[sign], _listed(left), _listed(right))


def _open(one: Value, other: Value) -> bool:
    """Whether two sizes, or lists of sizes, are equal or not depending on what a dimension turns out to be."""
    if is_list(one) and is_list(other):
        pairs = list(zip(one, other, strict=False))
        told_apart = len(one) != len(other) or any(None not in pair and pair[0] != pair[1] for pair in pairs)
        return not told_apart and any(_open(*pair) for pair in pairs)
    return (one is None) != (other is None) and all(isinstance(each, int | None) for each in (one, other))


def _guard(apply: Callable[..., Value], *operands: Value) -> Value:
    """Apply an operation; whatever cannot be done is a reason, not an exception of Python's."""
    try:
        if any(hasattr(operand, "dtype") for operand in operands):
            import numpy as np

            with np.errstate(all="ignore"):
                return apply(*operands)
        return apply(*operands)
    except ZeroDivisionError:
        raise Undefined("division by zero") from None
    except (IndexError, KeyError):
        raise Undefined("an index outside its list") from None
    except MemoryError:
        raise Undefined("it cannot be computed: there is not enough memory") from None
    except (TypeError, ValueError, OverflowError, ArithmeticError) as error:
        raise Undefined(f"it cannot be computed: {error}") from None


def _item(value: Value, place: Value) -> Value:
    return _guard(operator.getitem, value, place)


def _call(name: str, function: Callable[..., Value], arguments: Sequence[Evaluate]) -> Evaluate:
    def evaluate(frame: Frame) -> Value:
        values = [argument(frame) for argument in arguments]
        if None in [value for value in values if not hasattr(value, "shape")]:
            raise Undefined(f"{name} of something that is absent or open")
        return _guard(function, *values)

    return evaluate


def _flat(values: tuple[Value, ...]) -> Value:
    """What an aggregate runs over: its one list or array, or its several arguments."""
    return values[0] if len(values) == 1 else values


def _prod(*values: Value) -> Value:
    from math import prod

    if any(size is None for size in _flat(values)):
        raise Undefined("prod of an open dimension")
    over = _flat(values)
    return over.prod() if hasattr(over, "prod") else prod(over)


def _aggregate(name: str, plain: Callable[..., Value]) -> Callable[..., Value]:
    def over(*values: Value) -> Value:
        flat = _flat(values)
        return getattr(flat, name)() if hasattr(flat, "shape") else plain(flat)

    return over


def _range(*bounds: int) -> list[int]:
    numbers = range(*bounds)
    if len(numbers) > _LONGEST:
        raise Undefined("range of more than 65,536 numbers")
    return list(numbers)


def _len(value: Value) -> int:
    return len(value)


FUNCTIONS: Mapping[str, Callable[..., Value]] = {
    "prod": _prod,
    "len": _len,
    "min": _aggregate("min", min),
    "max": _aggregate("max", max),
    "sum": _aggregate("sum", sum),
    "all": _aggregate("all", all),
    "any": _aggregate("any", any),
    "abs": abs,
    "range": _range,
}
