"""Constants that a replacement computes: NumPy's arithmetic on what the pattern says is constant, and on literals."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, cast

from rewriter.dialect.options import flexbuffer
from rewriter.dialect.types import QuantizedArray, is_list
from rewriter.language import syntax
from rewriter.language.brackets import NO_OPTIONS, OPTIONS_HINT, key_of, options_bytes
from rewriter.language.expressions import ARITHMETIC, FUNCTIONS, Evaluate, Frame, Undefined, Value, compile_expression
from rewriter.language.extent import check_broadcast, check_elements, check_integer, elements_of_call
from rewriter.language.suggestions import builtin_called, function_for
from rewriter.model import Tensor
from rewriter.source import Diagnostic, nearest

if TYPE_CHECKING:
    from rewriter.language.program import Register
    from rewriter.language.scope import RuleScope

LITERAL_TYPES = ("f16", "f32", "f64", "i8", "i16", "i32", "i64", "u8", "u16", "u32", "u64", "bool")

# What can be given by name; a function of a pack takes any of them.
_ARGUMENTS: Mapping[str, tuple[str, ...]] = {
    "concat": ("axis",),
    "pad": ("constant_values",),
    "sum": ("axis", "keepdims"),
}
_ANY_ARGUMENT = tuple(sorted({name for names in _ARGUMENTS.values() for name in names}))

Named = Mapping[str, tuple[Evaluate, bool]]

Evaluated = Callable[[syntax.Name], "Register | None"]
"""The register in which a replacement finds what the operator of a name computes; None after a mistake."""


def compile_constant(
    node: syntax.Syntax, scope: RuleScope, named: Named, evaluated: Evaluated | None = None
) -> tuple[Evaluate, bool]:
    """Compile a constant. Returns its evaluation, and whether it is a literal.

    A literal takes its type from where it stands.

    Args:
        node: A literal, a call of a function of constants, or arithmetic.
        scope: The rule's names; only those that the pattern says are constant can be computed with.
        named: Constants that have been given names on the way, and whether each is a literal.
        evaluated: For `evaluate(y)`.
    """
    compiler = _ConstantCompiler(scope, named, evaluated)
    evaluate = compiler.compile(node)
    return evaluate, not compiler.typed


def compile_custom_options(node: syntax.Syntax, scope: RuleScope, named: Named) -> Evaluate:
    """Compile custom options that a replacement gives: their bytes, empty where there are to be none.

    Args:
        node: `absent`, `bytes("...")`, `flexbuffer{...}`, or a name that captured some.
        scope: The rule's names.
        named: Constants that have been given names on the way, and whether each is a literal.
    """
    compiler = _ConstantCompiler(scope, named)
    match node:
        case syntax.Absent():
            return lambda _: b""
        case syntax.Call(function=syntax.Name(text="bytes"), operands=(syntax.String() as text,)):
            data = options_bytes(text, scope.diagnostics)
            return lambda _: data
        case syntax.Flexbuffer():
            value = compiler.entries(node)
            return lambda frame: flexbuffer(value(frame))
        case syntax.Name(text=text) if text in scope.bindings and scope.bindings[text].kind == "number":
            scope.bindings[text].used = True
            register = scope.bindings[text].register
            return lambda frame: _bytes(frame[register], text)
        case _:
            return compiler.error("E257", NO_OPTIONS, node, OPTIONS_HINT)


def _bytes(value: Value, name: str) -> bytes:
    if value is not None and not isinstance(value, bytes):
        raise Undefined(f"{name} is no custom options")
    return value or b""


class _ConstantCompiler:
    def __init__(self, scope: RuleScope, named: Named, evaluated: Evaluated | None = None) -> None:
        self.scope = scope
        self.named = named
        self.evaluated = evaluated
        self.typed = False

    def error(self, code: str, message: str, node: syntax.Syntax, hint: str | None = None) -> Evaluate:
        self.scope.diagnostics.append(Diagnostic(code, message, node.span, hint))
        return lambda _: None

    def compile(self, node: syntax.Syntax) -> Evaluate:
        match node:
            case syntax.Name(text=text) if text in self.named:
                evaluate, literal = self.named[text]
                self.typed = self.typed or not literal
                return evaluate
            case syntax.Name(text=text) if text in self.scope.bindings:
                return self.capture(node, text)
            case syntax.Binary(operator="+" | "-" | "*" | "/" | "//" as sign, left=left, right=right):
                return _arithmetic(sign, self.compile(left), self.compile(right))
            case syntax.Unary(operator="-", operand=operand):
                return _negative(self.compile(operand))
            case syntax.List(elements=elements):
                parts = [self.compile(element) for element in elements]
                return lambda frame: [part(frame) for part in parts]
            case syntax.Call(function=function):
                return self.call(node, function.text)
            case syntax.Operator() | syntax.Again():
                return self.error("E303", "an operator's result is not constant", node, "arithmetic on constants only")
            case _:
                return compile_expression(node, self.scope)

    def call(self, node: syntax.Call, name: str) -> Evaluate:
        if name in OF_CAPTURES:
            return {"quantize": self.quantize, "dequantize": self.dequantize, "evaluate": self.evaluate}[name](node)
        if name in MOVING:
            return self.moved(node, name)
        if name == "attr" or (name in FUNCTIONS and name not in CONSTANT_FUNCTIONS):
            return compile_expression(node, self.scope)
        apply = CONSTANT_FUNCTIONS.get(name) or self.scope.functions().get(name)
        if apply is None:
            own = sorted({*CONSTANT_FUNCTIONS, *FUNCTIONS, *MOVING, *OF_CAPTURES})
            hint = function_for(name, own, self.scope.functions(), builtin_called(name))
            return self.error("E344", f"unknown function {name!r}", node.function, hint)
        if name == "cast":
            self.check_cast(node)
        arguments: list[Evaluate] = []
        keywords: dict[str, Evaluate] = {}
        known = _ARGUMENTS.get(name, ()) if name in CONSTANT_FUNCTIONS else _ANY_ARGUMENT
        for operand in node.operands:
            if not isinstance(operand, syntax.Named):
                arguments.append(self.compile(operand))
            elif operand.name.text in known:
                keywords[operand.name.text] = self.compile(operand.value)
            else:
                hint = ", ".join(known) or "it without a name, in its place"
                self.error("E347", f"{name} has no argument {operand.name.text!r}", operand.name, hint)

        def evaluate(frame: Frame) -> Value:
            given = [argument(frame) for argument in arguments]
            named = {key: argument(frame) for key, argument in keywords.items()}
            return _apply(name, apply, given, named)

        return evaluate

    def evaluate(self, node: syntax.Call) -> Evaluate:
        """`evaluate(y)`: what the operator of `y` computes from its constants."""
        match node.operands:
            case (syntax.Name() as name,) if self.evaluated is not None:
                self.typed = True
                register = self.evaluated(name)
                return _nought if register is None else lambda frame: frame[register]
            case _:
                hint = "y = OPERATOR(c: const) -> evaluate(y)"
                return self.error("E258", "evaluate takes the result of an operator of the left side", node, hint)

    def dequantize(self, node: syntax.Call) -> Evaluate:
        """`dequantize(w)`: the real values of a quantized constant, in f32."""
        match node.operands:
            case (syntax.Name(text=text) as name,) if text in self.scope.bindings:
                get = self.constant_tensor(name, text)
                self.typed = True
                return lambda frame: _each(_dequantized, get(frame), text)
            case _:
                return self.error("E258", "dequantize takes one capture", node, "dequantize(w)")

    def moved(self, node: syntax.Call, name: str) -> Evaluate:
        """`part(w, 0, n, axis=0)`: elements of a constant as they are stored; quantized ones keep their steps."""
        unnamed = [each for each in node.operands if not isinstance(each, syntax.Named)]
        keywords = {each.name.text: each for each in node.operands if isinstance(each, syntax.Named)}
        wrong = sorted(keywords.keys() - ({"axis"} if name == "part" else set()))
        if wrong:
            hint = "axis" if name == "part" else f"{name}({MOVING[name]})"
            return self.error("E347", f"{name} has no argument {wrong[0]!r}", keywords[wrong[0]].name, hint)
        match unnamed:
            case [syntax.Name(text=text) as capture, *others] if text in self.scope.bindings and len(others) == MOVING[
                name
            ].count(","):
                get = self.constant_tensor(capture, text)
                self.typed = True
                places = [self.compile(each) for each in others]
                axis = self.compile(keywords["axis"].value) if keywords else None

                def evaluate(frame: Frame) -> Value:
                    named = {} if axis is None else {"axis": axis(frame)}
                    return _moved(name, get(frame), text, [place(frame) for place in places], named)

                return evaluate
            case _:
                hint = f"{name}({MOVING[name]})"
                return self.error("E258", f"{name} takes a capture and where its elements go", node, hint)

    def quantize(self, node: syntax.Call) -> Evaluate:
        """`quantize(values, w)`: as `w` is; or with scale, zero point and element type of one's own.

        `axis=` says along which dimension the scales of channels go; without it, along that of `w`, or the first.
        """
        unnamed = [each for each in node.operands if not isinstance(each, syntax.Named)]
        keywords = {each.name.text: each for each in node.operands if isinstance(each, syntax.Named)}
        self.typed = True
        wrong = sorted(keywords.keys() - {"axis"})
        if wrong:
            return self.error("E347", f"quantize has no argument {wrong[0]!r}", keywords[wrong[0]].name, "axis")
        match unnamed:
            case [values, syntax.Name(text=text)] if self.is_tensor(text):
                binding = self.scope.bindings[text]
                binding.used = True
                register, value = binding.register, self.compile(values)
                along = self.compile(keywords["axis"].value) if "axis" in keywords else None
                return lambda frame: _quantized_like(value(frame), frame[register], text, along and along(frame))
            case [values, scale, zero_point, word]:
                if isinstance(word, syntax.String) and word.value not in QUANTIZED_TYPES:
                    return self.error("E207", f"cannot quantize to {word.value!r}", word, ", ".join(QUANTIZED_TYPES))
                parts = [self.compile(each) for each in (values, scale, zero_point, word)]
                axis = self.compile(keywords["axis"].value) if "axis" in keywords else _nought
                real, steps, zeros, kind = parts
                return lambda frame: _quantized(real(frame), steps(frame), zeros(frame), kind(frame), axis(frame))
            case _:
                hint = 'quantize(values, w) as w is, or quantize(values, scale, zero_point, "i8", axis=0)'
                return self.error("E258", "quantize takes values and what to quantize them to", node, hint)

    def is_tensor(self, name: str) -> bool:
        binding = self.scope.bindings.get(name)
        return name not in self.named and binding is not None and binding.kind == "tensor"

    def entries(self, node: syntax.Syntax) -> Evaluate:
        """A flexbuffer's value, or one inside it."""
        match node:
            case syntax.Flexbuffer(entries=entries):
                parts = [(key_of(entry), self.entries(entry.value)) for entry in entries]
                return lambda frame: {key: part(frame) for key, part in parts}
            case syntax.List(elements=elements):
                each = [self.entries(element) for element in elements]
                return lambda frame: [part(frame) for part in each]
            case _:
                value = self.compile(node)
                return lambda frame: _listed(value(frame))

    def check_cast(self, node: syntax.Call) -> None:
        """The result has a type of its own, whatever the argument has; the text has to say a type that there is."""
        self.typed = True
        match node.operands:
            case (_, syntax.String(value=dtype) as word) if dtype not in LITERAL_TYPES:
                hint = nearest(dtype, LITERAL_TYPES) or ", ".join(LITERAL_TYPES)
                self.error("E207", f"cannot cast to {dtype!r}", word, hint)
            case _:
                pass

    def capture(self, node: syntax.Name, name: str) -> Evaluate:
        binding = self.scope.bindings[name]
        if binding.kind == "number":
            binding.used = True
            register = binding.register
            return lambda frame: _each(_size, frame[register], name)
        get = self.constant_tensor(node, name)
        self.typed = True
        return lambda frame: _each(_array, get(frame), name)

    def constant_tensor(self, node: syntax.Name, name: str) -> Evaluate:
        """A capture that is said to be constant, as the tensor that it is."""
        binding = self.scope.bindings[name]
        binding.used = True
        register = binding.register
        if binding.kind != "tensor" or not binding.constant:
            return self.error("E304", f"{name!r} is not said to be constant", node, f"{name}: const on the left side")
        return lambda frame: frame[register]


def _nought(_: Frame) -> Value:
    return 0


def _each(function: Callable[[Value, str], Value], value: Value, name: str) -> Value:
    """A function of what a name stands for, or of each element of the list that it stands for."""
    if isinstance(value, list):
        return [function(each, name) for each in cast("list[Value]", value)]
    return function(value, name)


def _listed(value: Value) -> Value:
    """A value in the form in which a flexbuffer takes it."""
    if value is None:
        raise Undefined("something absent or open cannot stand in a flexbuffer")
    return value.tolist() if hasattr(value, "tolist") else value


OF_CAPTURES = ("quantize", "dequantize", "evaluate")
"""Functions that take the tensor that a name stands for, and not its values."""

MOVING: Mapping[str, str] = {"part": "w, begin, end", "reshaped": "w, shape", "transposed": "w, axes"}
"""Functions of a constant as it is stored, with what they take."""


def _moved(name: str, value: Value, of: str, places: list[Value], named: Mapping[str, Value]) -> Value:
    from rewriter.dialect import moved

    if not isinstance(value, Tensor):
        raise Undefined(f"{of} is absent")
    try:
        return getattr(moved, name)(
            value, *map(_checked, places), **{key: _checked(each) for key, each in named.items()}
        )
    except (ValueError, TypeError, OverflowError) as error:
        raise Undefined(f"{name}: {error}") from None


QUANTIZED_TYPES = ("i8", "u8", "i16", "i32", "i64")


def _dequantized(value: Value, name: str) -> Value:
    from rewriter.dialect.values import real_values

    if not isinstance(value, Tensor):
        raise Undefined(f"{name} is absent")
    if value.quantization is None or not value.quantization.scale:
        raise Undefined(f"{name} is not quantized")
    try:
        return real_values(value)
    except ValueError as error:
        raise Undefined(str(error)) from None


def _quantized_like(values: Value, like: Value, name: str, axis: Value = None) -> QuantizedArray:
    if not isinstance(like, Tensor) or like.quantization is None or not like.quantization.scale:
        raise Undefined(f"{name} is not quantized")
    form = like.quantization
    dimension = form.dimension if axis is None else axis
    return _quantized(values, list(form.scale), list(form.zero_point), like.dtype, dimension)


def _quantized(values: Value, scale: Value, zero_point: Value, dtype: Value, axis: Value) -> QuantizedArray:
    from rewriter.dialect.values import quantized

    if dtype not in QUANTIZED_TYPES:
        raise Undefined(f"quantize: {dtype!r} is no type of steps")
    try:
        return quantized(_checked(values), _checked(scale), _checked(zero_point), dtype, axis)
    except (ValueError, TypeError, OverflowError) as error:
        raise Undefined(f"quantize: {error}") from None


def _size(value: Value, name: str) -> Value:
    if value is None:
        raise Undefined(f"{name} is a dimension that the model leaves open")
    return value


def _array(value: Value, name: str) -> Value:
    from rewriter.dialect.values import stored_values

    if not isinstance(value, Tensor):
        raise Undefined(f"{name} is absent")
    if value.quantization is not None and value.quantization.scale:
        raise Undefined(f"{name} is quantized: it must go through dequantize")
    try:
        return stored_values(value)
    except ValueError as error:
        raise Undefined(str(error)) from None


def _checked(value: Value) -> Any:
    if isinstance(value, list | tuple):
        return [_checked(each) for each in cast("list[Value]", value)]
    if value is None:
        raise Undefined("a dimension that the model leaves open, or something absent, cannot be computed with")
    if isinstance(value, bool | str | QuantizedArray):
        what = "a quantized constant" if isinstance(value, QuantizedArray) else repr(value)
        raise Undefined(f"{what} cannot be computed with")
    return value


def _negative(operand: Evaluate) -> Evaluate:
    def negative(frame: Frame) -> Any:
        value = operand(frame)
        floats = isinstance(value, float) or (hasattr(value, "dtype") and value.dtype.kind not in "biu")
        # 0 - 0.0 is 0.0; the negative of 0.0 is -0.0.
        return _arithmetic("-", lambda _: -0.0 if floats else 0, lambda _: value)(frame)

    return negative


def _arithmetic(sign: str, left: Evaluate, right: Evaluate) -> Evaluate:
    apply = ARITHMETIC[sign]

    def typed(a: Any, b: Any) -> Any:
        kinds: list[Any] = list(dict.fromkeys(value.dtype for value in (a, b) if hasattr(value, "dtype")))
        if len(kinds) > 1:
            raise ValueError(f"constants of types {kinds[0]} and {kinds[1]}: cast one of them")
        check_broadcast(a, b)
        if kinds:
            if sign in ("/", "//") and (sign == "/") != (kinds[0].kind in "fc"):
                raise ValueError("'/' is for floats, '//' for integers")
            return apply(_as(a, kinds[0]), _as(b, kinds[0]))
        if is_list(a) or is_list(b):
            import numpy as np

            one, other = np.asarray(a), np.asarray(b)
            check_broadcast(one, other, literal=True)
            if one.dtype.kind in "iu" and other.dtype.kind in "iu":
                # NumPy's integers of 64 bits would come round to other numbers without a word.
                one, other = one.astype(object), other.astype(object)
            found = np.asarray(apply(one, other))
            for number in found.flat if found.dtype.kind == "O" else ():
                check_integer(number)
            return found.tolist()
        number = apply(a, b)
        check_integer(number)
        return number

    return lambda frame: _apply(sign, typed, [_checked(left(frame)), _checked(right(frame))])


def _as(value: Any, dtype: Any) -> Any:
    """A literal in the type of the constant that it meets."""
    import numpy as np

    found = np.asarray(value, dtype)
    if found is not value and dtype.kind in "iub" and not np.array_equal(found, np.asarray(value)):
        raise ValueError(f"{value!r} is no {dtype}")
    return found


def _apply(
    name: str, function: Callable[..., Any], arguments: list[Value], keywords: Mapping[str, Value] | None = None
) -> Value:
    """Apply a function; what comes of literals alone is a literal again, with no type of its own."""
    import numpy as np

    if any(argument is None for argument in arguments):
        raise Undefined(f"{name} of something that is absent or open")
    literal = name != "cast" and not any(_is_array(argument) for argument in arguments)
    try:
        check_elements(elements_of_call(name, arguments, keywords or {}), literal=literal)
        with np.errstate(all="ignore"):
            found = function(*arguments, **(keywords or {}))
    except (ValueError, TypeError, IndexError, ArithmeticError, AttributeError, MemoryError) as error:
        raise Undefined(f"{name}: {error}") from None
    if literal:
        return found.tolist() if hasattr(found, "dtype") else found
    return found


def _is_array(value: Value) -> bool:
    if isinstance(value, list | tuple):
        return any(_is_array(each) for each in cast("list[Value]", value))
    return hasattr(value, "dtype")


def _numpy(name: str) -> Callable[..., Any]:
    def call(*arguments: Any, **keywords: Any) -> Any:
        import numpy as np

        return getattr(np, name)(*arguments, **keywords)

    return call


def _keeping(name: str, *, floats: bool = False) -> Callable[..., Any]:
    """A function whose result has its argument's type, whatever NumPy would promote it to."""
    plain = _numpy(name)

    def call(value: Any, *arguments: Any, **keywords: Any) -> Any:
        import numpy as np

        array = np.asarray(value)
        if floats and isinstance(value, np.ndarray) and array.dtype.kind not in "fc":
            raise ValueError("it is for floats; cast the constant")
        # NumPy wants several axes as a tuple, which the language does not have.
        if is_list(axes := keywords.get("axis")):
            keywords["axis"] = tuple(axes)
        found = plain(array, *arguments, **keywords)
        return np.asarray(found, array.dtype) if isinstance(value, np.ndarray) else found

    return call


def _concat(values: Any, *arguments: Any, **keywords: Any) -> Any:
    import numpy as np

    kinds: list[Any] = list(dict.fromkeys(each.dtype for each in values if hasattr(each, "dtype")))
    if len(kinds) > 1:
        raise ValueError(f"constants of types {kinds[0]} and {kinds[1]}: cast one of them")
    parts = [_as(each, kinds[0]) if kinds else np.asarray(each) for each in values]
    return np.concatenate(parts, *arguments, **keywords)


def _cast(value: Any, dtype: Any) -> Any:
    import numpy as np

    from rewriter.dialect.values import NUMPY_DTYPES

    if dtype not in NUMPY_DTYPES:
        raise ValueError(f"{dtype!r} is no element type of a constant")
    return np.asarray(value).astype(NUMPY_DTYPES[dtype])


def _rsqrt(value: Any) -> Any:
    import numpy as np

    root = _keeping("sqrt", floats=True)(value)
    return np.asarray(1 / root, root.dtype)


CONSTANT_FUNCTIONS: Mapping[str, Callable[..., Any]] = {
    "reshape": _numpy("reshape"),
    "transpose": _numpy("transpose"),
    "broadcast_to": _numpy("broadcast_to"),
    "concat": _concat,
    "pad": _numpy("pad"),
    "sum": _keeping("sum"),
    "sqrt": _keeping("sqrt", floats=True),
    "exp": _keeping("exp", floats=True),
    "rsqrt": _rsqrt,
    "cast": _cast,
    "full": _numpy("full"),
    "arange": _numpy("arange"),
}
