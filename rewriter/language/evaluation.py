"""Constants that an operator of the match computes: what a replacement asks for, and who answers.

The language knows no interpreter. Whoever applies rules brings an `Evaluator`; it is asked when a replacement is made,
never while rules are matched.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from math import prod
from typing import Any

from attrs import frozen

from rewriter.dialect.types import QuantizedArray
from rewriter.language import syntax
from rewriter.language.detail import MatchedOperator
from rewriter.language.expressions import Undefined
from rewriter.language.extent import check_elements
from rewriter.language.program import Register, dimensions_of
from rewriter.language.scope import RuleScope
from rewriter.model import Model, Operator, Tensor
from rewriter.source import Diagnostic, Span

Evaluator = Callable[[Model, Operator], Sequence[Any]]
"""What an operator of a model computes, all of whose operands are constants: one NumPy array for each result, of stored
values. Raises `Undefined` where that cannot be found out."""


@frozen
class Evaluation:
    """A result of the match that a replacement wants as a constant.

    Attributes:
        tensor: The register of the result.
        out: The register that takes the constant.
    """

    tensor: Register
    out: Register


def check_evaluated(
    node: syntax.Name, scope: RuleScope, operators: Sequence[MatchedOperator], unions: Sequence[MatchedOperator]
) -> bool:
    """Whether what a name stands for can be evaluated, as far as the pattern says.

    Args:
        node: The name.
        scope: What names stand for; mistakes go to it.
        operators: Those of the pattern.
        unions: What stands for whichever operator an alternative turned out to be.
    """

    def error(code: str, message: str, span: Span, hint: str) -> bool:
        scope.diagnostics.append(Diagnostic(code, message, span, hint))
        return False

    binding = scope.bindings.get(node.text)
    if binding is None:
        return error("E301", f"the left side binds no {node.text!r}", node.span, f"{node.text} = OPERATOR(...)")
    binding.used = True
    if binding.operator is None:
        hint = f"name it on the left: {node.text} = OPERATOR(...)"
        return error("E302", f"{node.text!r} names no operator of the left side", node.span, hint)
    if binding.many:
        return error("E302", f"{node.text!r} names a list of operators", node.span, "the result of one operator")
    waiting = [each for each in (*unions, *operators) if each.register == binding.operator]
    seen: dict[MatchedOperator, None] = {}
    while waiting:
        matched = waiting.pop()
        if matched in unions:
            waiting += matched.reads
        else:
            seen[matched] = None
    for operand in (each for matched in seen for each in matched.node.operands):
        if not _is_constant(operand, scope):
            message = f"evaluate({node.text}) needs constants, and this operand is not said to be one"
            return error("E304", message, operand.span, _hint(operand))
    return True


def _is_constant(operand: syntax.Syntax, scope: RuleScope) -> bool:
    """Whether an operand is said to be a constant; its name is then used."""
    match operand:
        case syntax.Named(value=value) | syntax.Optional(value=value) | syntax.Variadic(value=value):
            return _is_constant(value, scope)
        case syntax.Typed(value=value, type=kind):
            return _is_constant(value, scope) or (isinstance(kind, syntax.Type) and kind.const)
        case syntax.Name(text=text):
            binding = scope.bindings.get(text)
            if binding is None or not binding.constant or binding.operator is not None:
                return False
            binding.used = True
            return True
        case syntax.Number() | syntax.Boolean() | syntax.List() | syntax.Unary() | syntax.Absent():
            return True
        case _:
            return False


def _hint(operand: syntax.Syntax) -> str:
    match operand:
        case syntax.Rest():
            return "_operands...: const"
        case syntax.Operator() | syntax.Alternatives():
            return "a constant; a rule of its own folds what computes this"
        case syntax.Wildcard():
            return "_: const"
        case _:
            return f"{operand.span.content.partition(':')[0]}: const"


def evaluated(model: Model, tensor: Tensor, evaluator: Evaluator | None) -> Any:
    """What the operator of a result computes, as a value of an expression.

    Args:
        model: Where it stands.
        tensor: The result.
        evaluator: Who knows.

    Returns:
        A NumPy array; for a quantized result a `QuantizedArray` with the result's own parameters.

    Raises:
        Undefined: It cannot be found out.
    """
    operator = tensor.producer
    if operator is None:
        raise Undefined(f"{tensor.name!r} is computed by no operator")
    for operand in operator.inputs:
        if operand is not None and (not operand.is_constant or operand.is_variable):
            raise Undefined(f"{operator.name} cannot be evaluated: its operand {operand.name!r} is not a constant")
    sizes = dimensions_of(tensor)
    if None in sizes:
        raise Undefined(f"{tensor.name!r} has an open dimension, which no constant can have")
    try:
        check_elements(prod(tensor.shape))
    except ValueError as error:
        raise Undefined(f"evaluate: {error}") from None
    if evaluator is None:
        raise Undefined(f"{operator.name} cannot be evaluated here: no interpreter is at hand")
    found = evaluator(model, operator)[operator.outputs.index(tensor)]
    form = tensor.quantization
    if form is None or not form.scale:
        return found
    return QuantizedArray(found, tensor.dtype, tuple(form.scale), tuple(form.zero_point), form.dimension)


def zeros(_: Model, operator: Operator) -> Sequence[Any]:
    """Zeros in place of what an operator computes: for who asks only whether a replacement can stand.

    Raises:
        Undefined: A result is of a type that no constant has.
    """
    import numpy as np

    from rewriter.dialect.values import NUMPY_DTYPES

    for tensor in operator.outputs:
        if tensor.dtype not in NUMPY_DTYPES:
            raise Undefined(f"constants of type {tensor.dtype} cannot be computed with")
    return [np.zeros([int(size) for size in each.shape], NUMPY_DTYPES[each.dtype]) for each in operator.outputs]
