"""Constants that a replacement computes: NumPy's arithmetic on what the pattern says is constant, and on literals."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from rewriter.language import syntax
from rewriter.language.expressions import Evaluate, Frame, Undefined, Value, compile_expression
from rewriter.model import DTYPES, Tensor
from rewriter.source import Diagnostic, nearest

if TYPE_CHECKING:
    from rewriter.language.scope import RuleScope


def compile_constant(
    node: syntax.Syntax, scope: RuleScope, named: Mapping[str, Evaluate]
) -> tuple[Evaluate, bool]:
    """Compile a constant. Returns its evaluation, and whether it is a literal that takes its type from its surroundings.

    Args:
        node: A literal, a call of a function of constants, or arithmetic.
        scope: The rule's names; only those that the pattern says are constant can be computed with.
        named: Constants that have been given names on the way.
    """
    compiler = _ConstantCompiler(scope, named)
    evaluate = compiler.compile(node)
    return evaluate, not compiler.typed


class _ConstantCompiler:
    def __init__(self, scope: RuleScope, named: Mapping[str, Evaluate]) -> None:
        self.scope = scope
        self.named = named
        self.typed = False

    def error(self, code: str, message: str, node: syntax.Syntax, hint: str | None = None) -> Evaluate:
        self.scope.diagnostics.append(Diagnostic(code, message, node.span, hint))
        return lambda _: None

    def compile(self, node: syntax.Syntax) -> Evaluate:
        match node:
            case syntax.Name(text=text) if text in self.named:
                self.typed = True
                return self.named[text]
            case syntax.Name(text=text) if text in self.scope.bindings:
                return self.capture(node, text)
            case syntax.Binary(operator="+" | "-" | "*" | "/" | "//" as sign, left=left, right=right):
                return _arithmetic(sign, self.compile(left), self.compile(right))
            case syntax.Unary(operator="-", operand=operand):
                inner = self.compile(operand)
                return lambda frame: -_checked(inner(frame))
            case syntax.List(elements=elements):
                parts = [self.compile(element) for element in elements]
                return lambda frame: [part(frame) for part in parts]
            case syntax.Call(function=function) if function.text in _FUNCTIONS:
                self.typed = True
                apply = _FUNCTIONS[function.text]
                arguments = [self.compile(operand) for operand in node.operands]
                return lambda frame: _apply(function.text, apply, [argument(frame) for argument in arguments])
            case syntax.Call(function=function) if function.text not in self.scope.functions():
                known = [*_FUNCTIONS, *self.scope.functions()]
                hint = nearest(function.text, known) or ", ".join(known)
                return self.error("E344", f"unknown function {function.text!r}", function, hint)
            case syntax.Operator() | syntax.Again():
                return self.error("E303", "an operator's result is not constant", node, "arithmetic on constants only")
            case _:
                return compile_expression(node, self.scope)

    def capture(self, node: syntax.Name, name: str) -> Evaluate:
        binding = self.scope.bindings[name]
        binding.used = True
        register = binding.register
        if binding.kind == "number":
            return lambda frame: _size(frame[register], name)
        if not binding.constant:
            return self.error("E304", f"{name!r} is not said to be constant", node, f"{name}: const on the left side")
        self.typed = True
        return lambda frame: _array(frame[register], name)


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
    if value is None or isinstance(value, bool | str):
        raise Undefined(f"{value!r} cannot be computed with")
    return value


def _arithmetic(sign: str, left: Evaluate, right: Evaluate) -> Evaluate:
    import operator

    apply = {
        "+": operator.add,
        "-": operator.sub,
        "*": operator.mul,
        "/": operator.truediv,
        "//": operator.floordiv,
    }[sign]

    def evaluate(frame: Frame) -> Value:
        import numpy as np

        a, b = _checked(left(frame)), _checked(right(frame))
        kinds = [value.dtype for value in (a, b) if isinstance(value, np.ndarray | np.generic)]
        if len(set(kinds)) > 1:
            raise Undefined(f"constants of types {kinds[0]} and {kinds[1]}: cast one of them")
        if kinds:
            if (sign == "/") != (kinds[0].kind == "f") and sign in ("/", "//"):
                raise Undefined("'/' is for floats, '//' for integers")
            a, b = (np.asarray(value, kinds[0]) for value in (a, b))
        with np.errstate(all="ignore"):
            return _apply(sign, apply, [a, b])

    return evaluate


def _apply(name: str, function: Callable[..., Any], arguments: list[Value]) -> Value:
    if any(argument is None for argument in arguments):
        raise Undefined(f"{name} of something that is absent or open")
    try:
        return function(*arguments)
    except (ValueError, TypeError, IndexError, OverflowError, ZeroDivisionError, MemoryError) as error:
        raise Undefined(f"{name}: {error}") from None


def _numpy(name: str) -> Callable[..., Any]:
    def call(*arguments: Any) -> Any:
        import numpy as np

        with np.errstate(all="ignore"):
            return getattr(np, name)(*arguments)

    return call


def _keeping(name: str) -> Callable[..., Any]:
    """A function whose result has its argument's type, whatever NumPy would promote it to."""
    plain = _numpy(name)

    def call(value: Any, *arguments: Any) -> Any:
        import numpy as np

        found = plain(value, *arguments)
        return np.asarray(found, value.dtype) if isinstance(value, np.ndarray) else found

    return call


def _cast(value: Any, dtype: str) -> Any:
    import numpy as np

    from rewriter.dialect.values import NUMPY_DTYPES

    if dtype not in NUMPY_DTYPES:
        raise ValueError(f"cannot cast to {dtype!r}" if dtype in DTYPES else f"unknown element type {dtype!r}")
    return np.asarray(value).astype(NUMPY_DTYPES[dtype])


def _rsqrt(value: Any) -> Any:
    import numpy as np

    with np.errstate(all="ignore"):
        return np.asarray(1 / np.sqrt(value), value.dtype if isinstance(value, np.ndarray) else None)


_FUNCTIONS: Mapping[str, Callable[..., Any]] = {
    "reshape": _numpy("reshape"),
    "transpose": _numpy("transpose"),
    "broadcast_to": _numpy("broadcast_to"),
    "concat": _numpy("concatenate"),
    "pad": _numpy("pad"),
    "sum": _keeping("sum"),
    "sqrt": _keeping("sqrt"),
    "exp": _keeping("exp"),
    "rsqrt": _rsqrt,
    "cast": _cast,
    "full": _numpy("full"),
    "arange": _numpy("arange"),
}
