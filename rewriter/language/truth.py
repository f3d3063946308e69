"""Conditions that hold, or fail, wherever the pattern matches: evaluated with what the pattern alone says.

A value stands for all those that an expression can have in any match. What cannot be told is left open, so an answer is
given only where it is certain.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Literal

from attrs import evolve, frozen

from rewriter.language import syntax
from rewriter.language.expressions import ARITHMETIC
from rewriter.language.sizes import Sizes
from rewriter.language.terms import Setting, Term, TermTensor, Text
from rewriter.model import DTYPES, schema

Kind = Literal["number", "bool", "text", "list", "array", "nothing", "any"]

# How surely an expression has a value: not at all; unless a constant is empty or holds a NaN; always.
_UNSURE, _NEARLY, _SURE = range(3)

_MOST_OPTIONS = 400
_EVERY_BOOL = (True, False)


@frozen
class Value:
    """What an expression can be.

    Attributes:
        options: All values that it can have, where they are few; no value at all where it is empty.
        low: The least number that it, or an array's element, can be.
        high: The greatest.
        items: A list's elements.
        sure: How surely it has a value.
        key: The same for expressions that have the same value.
        filled: Whether an array surely has elements.
        scalar: Whether an array surely has the shape [].
    """

    kind: Kind = "any"
    options: tuple[object, ...] | None = None
    low: float = -math.inf
    high: float = math.inf
    items: tuple[Value, ...] | None = None
    sure: int = _UNSURE
    key: object = None
    filled: bool = False
    scalar: bool = False


ANYTHING = Value()
_NEVER = Value("nothing", ())


def exactly(value: object) -> Value:
    """One value."""
    match value:
        case bool():
            return Value("bool", (value,), sure=_SURE)
        case int() | float():
            return Value("number", (value,), value, value, sure=_SURE)
        case str():
            return Value("text", (value,), sure=_SURE)
        case None:
            return Value("nothing", (None,), sure=_SURE)
        case _:
            return ANYTHING


@frozen
class Number:
    """What a name of a number is.

    Attributes:
        setting: The attribute that it names; None for a dimension.
        known: Its value, or what all names of the same number share.
    """

    setting: Setting | None
    words: frozenset[str] = frozenset()
    kind: Kind = "any"
    known: object = None


Meaning = TermTensor | Number | None


class Truth:
    """Evaluates conditions in one term.

    Args:
        meaning: What a name of the conditions stands for.
        sizes: What the term knows of numbers.
        runs: The tensors that stand for lists of operands.
    """

    def __init__(self, meaning: Callable[[str], Meaning], sizes: Sizes, runs: Sequence[TermTensor] = ()) -> None:
        self.meaning = meaning
        self.sizes = sizes
        self.lists = runs

    def verdict(self, node: syntax.Syntax) -> tuple[bool | None, bool]:
        """Whether a condition always holds or never does, and whether that is so but for NaNs and empty constants."""
        value = self.value(node)
        if value.kind == "array" and not value.scalar:
            return (False if value.options is not None and True not in value.options else None), False
        if value.kind in ("number", "text", "list"):
            return False, False
        if value.options is None or value.kind == "any":
            return None, False
        if True not in value.options:
            return False, False
        return (True if value.options == (True,) and value.sure else None), value.sure == _NEARLY

    def value(self, node: syntax.Syntax) -> Value:
        """What an expression can be."""
        match node:
            case syntax.Number(value=value) | syntax.String(value=value) | syntax.Boolean(value=value):
                return exactly(value)
            case syntax.Word(text=text):
                return exactly(text)
            case syntax.Absent():
                return exactly(None)
            case syntax.List(elements=elements):
                items = tuple(self.value(each) for each in elements)
                return Value("list", items=items, sure=min((each.sure for each in items), default=_SURE))
            case syntax.Name(text=text):
                return self.name(text)
            case syntax.Unary(operator=sign, operand=operand):
                return self.unary(sign, self.value(operand))
            case syntax.Binary(operator="and" | "or" as sign, left=left, right=right):
                return _both_or_either(sign, self.value(left), self.value(right))
            case syntax.Binary(operator=sign, left=left, right=right):
                return _keyed(_arithmetic(sign, self.value(left), self.value(right)), node)
            case syntax.Compare():
                return self.comparison(node)
            case syntax.Attribute(value=syntax.Name(text=text), name=name):
                return _keyed(self.asked(text, name.text), node)
            case syntax.Index(value=value, index=index):
                return _keyed(self.index(self.value(value), index), node)
            case syntax.Call(function=function, operands=operands):
                return _keyed(self.call(function.text, operands), node)
            case _:
                return ANYTHING

    # -- names and what is asked of them ------------------------------------------------------------------------------

    def name(self, text: str) -> Value:
        found = self.meaning(text)
        if isinstance(found, TermTensor):
            return Value("list", sure=_SURE) if found in self.lists else ANYTHING
        if found is None:
            return ANYTHING
        if isinstance(found.known, Text):
            return exactly(found.known.text)
        if isinstance(found.known, int | float):
            return exactly(found.known)
        key = ("size", found.known or text)
        if found.setting is None:
            # Open dimensions are names' too, and have no size to compute with.
            return Value("number", low=0, key=key)
        options = tuple(sorted(found.words)) or None
        return Value(found.kind, options, sure=_SURE if found.kind != "any" else _UNSURE, key=key)

    def asked(self, text: str, name: str) -> Value:
        """`x.name`."""
        tensor = self.meaning(text)
        if not isinstance(tensor, TermTensor) or tensor in self.lists:
            return ANYTHING
        if tensor.presence == "absent":
            return _NEVER
        found = self.property(tensor, name)
        if found is None:
            found = self.attribute(tensor, name)
        return found if tensor.presence == "present" else evolve(found, sure=_UNSURE)

    def property(self, tensor: TermTensor, name: str) -> Value | None:
        match name:
            case "dtype":
                return Value("text", tuple(sorted(tensor.kinds)) if tensor.kinds else _every_dtype(), sure=_SURE)
            case "rank":
                return self.rank(tensor)
            case "shape":
                sizes = self.sizes.exact(tensor)
                if sizes is None:
                    return Value("list", sure=_SURE)
                return Value(
                    "list", items=tuple(self.size(tensor, n, each) for n, each in enumerate(sizes)), sure=_SURE
                )
            case "is_const":
                known = (True,) if tensor.const else (False,) if tensor.producer else _EVERY_BOOL
                return Value("bool", known, sure=_SURE)
            case "quantized" | "is_input" | "is_output":
                return Value("bool", _EVERY_BOOL, sure=_SURE)
            case "uses":
                return Value("number", low=0, sure=_SURE)
            case "name":
                return Value("text", sure=_SURE)
            case "value":
                return self.contents(tensor)
            case "op":
                heads = tensor.producer[0].heads if tensor.producer and not tensor.others else None
                if tensor.const and not tensor.producer:
                    return exactly(None)
                return Value("text", tuple(sorted(heads)), sure=_SURE) if heads else ANYTHING
            case "growth":
                return Value("number")
            case "scale" | "zero_point" | "readers":
                return ANYTHING
            case _:
                return None

    def rank(self, tensor: TermTensor) -> Value:
        sizes = self.sizes.exact(tensor)
        if sizes is not None:
            return exactly(len(sizes))
        return Value("number", low=self.sizes.least(tensor), sure=_SURE)

    def size(self, tensor: TermTensor, place: int, size: float | str | None) -> Value:
        if isinstance(size, int | float):
            return exactly(size)
        return Value("number", low=0, key=("size", size or (tensor, place)))

    def contents(self, tensor: TermTensor) -> Value:
        if tensor.producer is not None:
            return _NEVER
        kinds = tensor.kinds or frozenset({"f32"})
        sure = _UNSURE
        if tensor.const is not None:
            sure = _NEARLY if any(kind[0] in "fbc" for kind in kinds) else _SURE
        sizes = self.sizes.exact(tensor)
        filled = bool(tensor.contents) or (sizes is not None and all(isinstance(each, int) and each for each in sizes))
        found = Value("array", sure=sure, filled=filled, scalar=sizes == ())
        for contents in tensor.contents:
            numbers = [each for each in contents.elements if isinstance(each, int | float)]
            if numbers and len(numbers) == len(contents.elements):
                found = evolve(found, low=min(numbers), high=max(numbers), sure=_SURE)
        return found

    def attribute(self, tensor: TermTensor, name: str) -> Value:
        if tensor.producer is None or tensor.others:
            return ANYTHING
        operator = tensor.producer[0]
        specs = [each.attributes[name] for each in operator.declarations.values() if name in each.attributes]
        setting = operator.setting(name)
        if setting.values is not None:
            values = [exactly(each) for each in setting.values]
            if len({each.kind for each in values}) == 1 and values[0].kind not in ("list", "any"):
                return Value(values[0].kind, setting.values, *_bounds(setting.values), sure=_SURE)
            return ANYTHING
        if not specs or any(spec.same_type(specs[0]) is False for spec in specs):
            return ANYTHING
        words = {word for spec in specs for word in spec.words}
        coded = any(each.code is not None for each in operator.declarations.values())
        sure = _SURE if operator.has(name) and not words and not coded else _UNSURE
        kind: Kind = "text" if words else _KINDS.get(specs[0].kind, "any")
        return Value(kind, tuple(sorted(words)) or (_EVERY_BOOL if kind == "bool" else None), sure=sure)

    # -- operations ---------------------------------------------------------------------------------------------------

    def unary(self, sign: str, value: Value) -> Value:
        if sign == "not":
            value = _boolean(value)
            return evolve(value, options=tuple(not each for each in value.options or ()), key=None)
        if sign == "+" or value.kind not in ("number", "array"):
            return value
        options = None if value.options is None or value.kind == "array" else tuple(-each for each in value.options)  # type: ignore[operator]
        return evolve(value, options=options, low=-value.high, high=-value.low, key=None)

    def comparison(self, node: syntax.Compare) -> Value:
        found: Value | None = None
        for sign, left, right in zip(node.operators, node.operands, node.operands[1:], strict=False):
            one = self.presence(left, right) if sign in ("is", "is not") else None
            if one is None:
                one = _compared(sign, self.value(left), self.value(right))
            elif sign == "is not":
                one = self.unary("not", one)
            found = one if found is None else _chained(found, one)
        assert found is not None
        return found

    def presence(self, left: syntax.Syntax, right: syntax.Syntax) -> Value | None:
        """`b is absent`."""
        tensor = self.meaning(left.text) if isinstance(left, syntax.Name) else None
        if not isinstance(tensor, TermTensor) or not isinstance(right, syntax.Absent):
            return None
        if tensor in self.lists:
            return exactly(False)
        known = {"present": (False,), "absent": (True,)}.get(tensor.presence, _EVERY_BOOL)
        return Value("bool", known, sure=_SURE)

    def index(self, value: Value, index: syntax.Syntax) -> Value:
        if value.items is None:
            return ANYTHING
        if isinstance(index, syntax.Slice):
            bounds = [None if each is None else self.value(each) for each in (index.start, index.stop)]
            if any(each is not None and not _is_index(each) for each in bounds):
                return ANYTHING
            start, stop = (None if each is None else each.options[0] for each in bounds)  # type: ignore[index]
            return Value("list", items=value.items[start:stop], sure=value.sure)  # type: ignore[misc]
        place = self.value(index)
        if not _is_index(place):
            return ANYTHING
        (number,) = place.options or (0,)
        assert isinstance(number, int)
        if not -len(value.items) <= number < len(value.items):
            return _NEVER
        return value.items[number]

    def call(self, name: str, operands: Sequence[syntax.Syntax]) -> Value:
        match name, [self.value(each) for each in operands if not isinstance(each, syntax.Named)]:
            case "len", [Value(items=tuple(items), sure=sure)]:
                return evolve(exactly(len(items)), sure=sure)
            case "len", [Value(kind="list", sure=sure)]:
                return Value("number", low=0, sure=sure)
            case "abs", [Value(kind="number" | "array", low=low, high=high) as value]:
                least = 0.0 if low <= 0 <= high else min(abs(low), abs(high))
                return evolve(value, options=None, low=least, high=max(abs(low), abs(high)), key=None)
            case "min" | "max", [Value(kind="array") as value]:
                sure = value.sure if value.filled else min(value.sure, _NEARLY)
                return Value("number", low=value.low, high=value.high, sure=sure)
            case "min" | "max", [Value(kind="list", items=tuple(items))] if items:
                return _least_or_greatest(name, items)
            case "min" | "max", [_, _, *_] as items:
                return _least_or_greatest(name, items)
            case "all" | "any", [Value(kind="array", options=options) as value] if options is not None:
                return _all_or_any(name, value)
            case "attr", _:
                return self.attr(operands)
            case _:
                return ANYTHING

    def attr(self, operands: Sequence[syntax.Syntax]) -> Value:
        match operands:
            case (syntax.Name(text=text), syntax.String(value=name)):
                tensor = self.meaning(text)
                return self.attribute(tensor, name) if isinstance(tensor, TermTensor) else ANYTHING
            case _:
                return ANYTHING


_KINDS: dict[str, Kind] = {"int": "number", "float": "number", "bool": "bool", "string": "text", "list": "list"}


def meaning_in(term: Term, sizes: Sizes) -> Callable[[str], Meaning]:
    """What names stand for in a term."""
    numbers: dict[str, Number] = {}
    for operator in term.operators:
        for name, setting in operator.settings.items():
            if not isinstance(setting.key, str):
                continue
            specs = [each.attributes[name] for each in operator.declarations.values() if name in each.attributes]
            kinds: set[Kind] = {_KINDS.get(spec.kind, "any") for spec in specs}
            words = frozenset(word for spec in specs for word in spec.words)
            kind: Kind = "text" if words else kinds.pop() if len(kinds) == 1 else "any"
            numbers.setdefault(setting.key, Number(setting, words, kind))

    def meaning(name: str) -> Meaning:
        return term.names.get(name) or evolve(numbers.get(name, _DIMENSION), known=sizes.known(name))

    return meaning


_DIMENSION = Number(None)


def _every_dtype() -> tuple[str, ...]:
    words = schema().enums["TensorType"]
    return tuple(sorted({*DTYPES, *(word.lower() for word in words)} - _OLD_NAMES))


# The schema's own words, for which the language has others.
_OLD_NAMES = {word.lower() for word, _ in DTYPES.values()} - DTYPES.keys()


def _keyed(value: Value, node: syntax.Syntax) -> Value:
    return value if value.key is not None else evolve(value, key=node)


def _is_index(value: Value) -> bool:
    return value.options is not None and len(value.options) == 1 and type(value.options[0]) is int


def _boolean(value: Value) -> Value:
    """A value where `and`, `or` and `not` ask for one boolean; an array is one if it has a single element."""
    match value.kind:
        case "bool":
            return value if value.options is not None else evolve(value, options=_EVERY_BOOL)
        case "array":
            sure = value.sure if value.scalar and value.options is not None else _UNSURE
            return Value("bool", value.options if value.options is not None else _EVERY_BOOL, sure=sure)
        case "any":
            return Value("bool", _EVERY_BOOL)
        case _:
            return Value("bool", ())


def _bounds(options: Sequence[object]) -> tuple[float, float]:
    numbers = [each for each in options if isinstance(each, int | float)]
    return (min(numbers), max(numbers)) if numbers and len(numbers) == len(options) else (-math.inf, math.inf)


def _both_or_either(sign: str, one: Value, other: Value) -> Value:
    """`and`, `or`: the second is only asked where the first does not decide."""
    decides = sign == "or"
    one, other = _boolean(one), _boolean(other)
    ones, others = one.options or (), other.options or ()
    if all(each is decides for each in ones):
        return one
    options = {bool(each) for each in ones if each is decides} | {bool(each) for each in others}
    return Value("bool", tuple(sorted(options)), sure=min(one.sure, other.sure))


def _chained(one: Value, other: Value) -> Value:
    """`a < b < c`: element by element where an array is among them."""
    if "array" not in (one.kind, other.kind) or one.options == (False,):
        return _both_or_either("and", one, other)
    parts = [each for each in (one, other) if each.kind == "array"]
    options = {bool(a) and bool(b) for a in one.options or _EVERY_BOOL for b in other.options or _EVERY_BOOL}
    return Value(
        "array",
        tuple(sorted(options)),
        sure=min(one.sure, other.sure),
        filled=all(each.filled for each in parts),
        scalar=all(each.scalar for each in parts),
    )


def _numeric(value: Value) -> Value:
    """Python takes booleans for 0 and 1."""
    if value.kind != "bool":
        return value
    numbers = tuple(int(bool(each)) for each in value.options or _EVERY_BOOL)
    return Value("number", numbers, min(numbers), max(numbers), sure=value.sure, key=value.key) if numbers else _NEVER


def _arithmetic(sign: str, one: Value, other: Value) -> Value:
    one, other = _numeric(one), _numeric(other)
    if "any" in (one.kind, other.kind):
        return ANYTHING
    kinds = {one.kind, other.kind}
    if not kinds <= {"number", "array"}:
        return ANYTHING if "list" in kinds or kinds == {"text"} else _NEVER
    sure = min(one.sure, other.sure)
    kind: Kind = "array" if "array" in kinds else "number"
    arrays = [each for each in (one, other) if each.kind == "array"]
    filled, scalar = all(each.filled for each in arrays), bool(arrays) and all(each.scalar for each in arrays)
    if one.options is not None and other.options is not None and kind == "number":
        return _computed(sign, one, other)
    match sign:
        case "+":
            low, high = one.low + other.low, one.high + other.high
        case "-":
            low, high = one.low - other.high, one.high - other.low
        case "*":
            corners = [_product(a, b) for a in (one.low, one.high) for b in (other.low, other.high)]
            low, high = min(corners), max(corners)
        case "%" if other.low == other.high and other.low > 0 and kind == "number":
            low, high = 0, other.high
            return Value(kind, None, low, math.nextafter(high, 0), sure=sure)
        case _:
            return Value(kind, filled=filled, scalar=scalar)
    return Value(kind, None, low, high, sure=sure, filled=filled, scalar=scalar)


def _product(one: float, other: float) -> float:
    return 0.0 if 0 in (one, other) else one * other


def _computed(sign: str, one: Value, other: Value) -> Value:
    assert one.options is not None
    assert other.options is not None
    if len(one.options) * len(other.options) > _MOST_OPTIONS:
        return Value("number")
    found: list[object] = []
    sure = min(one.sure, other.sure)
    for a in one.options:
        for b in other.options:
            if sign == "**" and not (isinstance(b, int | float) and abs(b) <= 64):
                return Value("number")
            try:
                result = ARITHMETIC[sign](a, b)
            except (ArithmeticError, TypeError):
                sure = _UNSURE
                continue
            if isinstance(result, complex) or not -(1 << 64) <= result <= 1 << 64:
                return Value("number")
            found.append(result)
    return Value("number", tuple(found), *_bounds(found), sure=sure) if found else _NEVER


def _compared(sign: str, one: Value, other: Value) -> Value:
    """A comparison of two values; of an array's elements where one is an array."""
    if sign in ("in", "not in"):
        return _contained(one, other, wanted=sign == "in")
    if one.kind != other.kind:
        one, other = _numeric(one), _numeric(other)
    kind: Kind = "array" if "array" in (one.kind, other.kind) else "bool"
    arrays = [each for each in (one, other) if each.kind == "array"]
    shared = Value(
        kind,
        _EVERY_BOOL,
        sure=min(one.sure, other.sure),
        filled=all(each.filled for each in arrays),
        scalar=bool(arrays) and all(each.scalar for each in arrays),
    )
    if "any" in (one.kind, other.kind):
        return evolve(shared, kind="any", sure=_UNSURE)
    if one.options == () or other.options == ():
        return _NEVER
    if one.key is not None and one.key == other.key and kind == "bool":
        # An open dimension equals itself, though it has no size.
        sure = _SURE if sign in ("==", "!=") and one.kind in ("number", "list") else shared.sure
        return evolve(shared, options=(sign in ("==", "<=", ">="),), sure=sure) if sign in _EQUALITIES else shared
    if kind == "bool" and one.options is not None and other.options is not None:
        return _each_with_each(sign, one, other, shared)
    if {one.kind, other.kind} <= {"number", "array"}:
        known = _ordered(sign, one, other)
        return shared if known is None else evolve(shared, options=(known,))
    if one.items is not None and other.items is not None and sign in ("==", "!="):
        return _lists(sign, one.items, other.items, shared)
    if one.kind != other.kind and kind == "bool":
        if sign in ("==", "!="):
            return evolve(shared, options=(sign == "!=",))
        return _NEVER
    return shared


_EQUALITIES = ("==", "!=", "<=", ">=")


def _each_with_each(sign: str, one: Value, other: Value, shared: Value) -> Value:
    assert one.options is not None
    assert other.options is not None
    if len(one.options) * len(other.options) > _MOST_OPTIONS:
        return shared
    found: set[bool] = set()
    sure = shared.sure
    for a in one.options:
        for b in other.options:
            try:
                found.add(bool(_PYTHON[sign](a, b)))
            except TypeError:
                sure = _UNSURE
    return evolve(shared, options=tuple(sorted(found)), sure=sure)


_PYTHON: dict[str, Callable[[object, object], object]] = {
    "==": lambda a, b: a == b,
    "!=": lambda a, b: a != b,
    "<": lambda a, b: a < b,  # type: ignore[operator]
    "<=": lambda a, b: a <= b,  # type: ignore[operator]
    ">": lambda a, b: a > b,  # type: ignore[operator]
    ">=": lambda a, b: a >= b,  # type: ignore[operator]
    "is": lambda a, b: a is b,
    "is not": lambda a, b: a is not b,
}


def _ordered(sign: str, one: Value, other: Value) -> bool | None:
    """What two ranges alone say of a comparison."""
    if sign in (">", ">="):
        return _ordered({">": "<", ">=": "<="}[sign], other, one)
    apart = one.high < other.low or other.high < one.low
    fixed = one.low == one.high == other.low == other.high
    match sign:
        case "<":
            return True if one.high < other.low else False if one.low >= other.high else None
        case "<=":
            return True if one.high <= other.low else False if one.low > other.high else None
        case "==" | "!=":
            return (sign == "!=") if apart else (sign == "==") if fixed else None
        case _:
            return None


def _lists(sign: str, ones: tuple[Value, ...], others: tuple[Value, ...], shared: Value) -> Value:
    if len(ones) != len(others):
        return evolve(shared, options=(sign == "!=",))
    pairs = [_compared("==", *pair) for pair in zip(ones, others, strict=True)]
    if any(pair.options == (False,) for pair in pairs):
        return evolve(shared, options=(sign == "!=",))
    if all(pair.options == (True,) for pair in pairs):
        sure = min((pair.sure for pair in pairs), default=_SURE)
        return evolve(shared, options=(sign == "==",), sure=sure)
    return evolve(shared, sure=_UNSURE)


def _contained(one: Value, other: Value, *, wanted: bool) -> Value:
    if other.items is None or one.kind == "array":
        return ANYTHING
    if one.options == ():
        return _NEVER
    found = [_compared("==", one, item) for item in other.items]
    sure = min([one.sure, *(each.sure for each in found)])
    if all(each.options is not None and True not in each.options for each in found):
        return Value("bool", (not wanted,), sure=sure)
    if any(each.options == (True,) for each in found) or _covers(one, other.items):
        return Value("bool", (wanted,), sure=sure)
    return Value("bool", _EVERY_BOOL, sure=sure)


def _covers(one: Value, items: Sequence[Value]) -> bool:
    """Whether each of the values that something can have is in a list."""
    known = [option for item in items if item.options is not None and len(item.options) == 1 for option in item.options]
    return bool(one.options) and all(option in known for option in one.options or ())


def _least_or_greatest(name: str, items: Sequence[Value]) -> Value:
    if any(each.kind != "number" for each in items):
        return ANYTHING
    choose = min if name == "min" else max
    low, high = choose(each.low for each in items), choose(each.high for each in items)
    return Value("number", None, low, high, sure=min(each.sure for each in items))


def _all_or_any(name: str, value: Value) -> Value:
    """`all` of nothing holds, `any` of nothing does not."""
    assert value.options is not None
    if value.options == (True,):
        sure = value.sure if name == "all" or value.filled else min(value.sure, _NEARLY)
        return Value("bool", (True,), sure=sure)
    if value.options == (False,) and (name == "any" or value.filled):
        return Value("bool", (False,), sure=value.sure)
    return Value("bool", _EVERY_BOOL, sure=value.sure)
