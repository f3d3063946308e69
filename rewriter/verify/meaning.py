"""What an integer input means to the operators that read it: an index into a table, a shape, an order of axes."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rewriter.model import Operator, Tensor

_KEEP_VALUES = frozenset({"RESHAPE", "CAST", "EXPAND_DIMS", "SQUEEZE", "TRANSPOSE", "CONCATENATION", "SLICE", "PACK"})


def table_limit(tensor: Tensor, depth: int = 4) -> int | None:
    """The rows of the smallest table that a tensor's values index, directly or through operators that keep them.

    None where no such operator is found.
    """
    limits: list[int] = []
    for operator in tensor.consumers:
        found = _rows(operator, tensor)
        if found is None and depth and operator.name in _KEEP_VALUES and operator.inputs[0] is tensor:
            found = table_limit(operator.outputs[0], depth - 1)
        if found is not None:
            limits.append(found)
    return min(limits, default=None)


def fixed_value(tensor: Tensor) -> tuple[int, ...] | None:
    """The value that fits the shapes recorded in the model, where the tensor is an operand that says what they are."""
    count = 1
    for size in tensor.shape:
        count *= size
    for operator in tensor.consumers:
        found = _fixed(operator, next(at for at, each in enumerate(operator.inputs) if each is tensor))
        if found is not None and len(found) == count:
            return found
    return None


def _rows(operator: Operator, tensor: Tensor) -> int | None:
    operands = operator.inputs
    first = operands[0]
    second = operands[1] if len(operands) > 1 else None
    match operator.name:
        case "GATHER" if tensor is second and first is not None and first.shape:
            axis = operator.attribute("axis")
            return first.shape[axis] if isinstance(axis, int) and -len(first.shape) <= axis < len(first.shape) else None
        case "GATHER_ND" if tensor is second and first is not None and first.shape:
            return min(first.shape)
        case "EMBEDDING_LOOKUP" if tensor is first and second is not None and second.shape:
            return second.shape[0]
        case "SCATTER_ND" if tensor is first and operator.outputs[0].shape:
            return min(operator.outputs[0].shape)
        case _:
            return None


def _fixed(operator: Operator, operand: int) -> tuple[int, ...] | None:
    result = operator.outputs[0].shape
    match operator.name, operand:
        case ("TRANSPOSE_CONV" | "FILL", 0) | ("RESHAPE" | "BROADCAST_TO", 1) | ("SCATTER_ND" | "SLICE", 2):
            return result
        case ("RESIZE_BILINEAR" | "RESIZE_NEAREST_NEIGHBOR", 1):
            return result[1:3]
        case ("SLICE", 1):
            return (0,) * len(result)
        case ("TRANSPOSE", 1):
            # Of all orders the one that fits: which axis of the operand has which size of the result.
            return _order(operator.inputs[0], result)
        case _:
            return None


def _order(operand: Tensor | None, result: tuple[int, ...]) -> tuple[int, ...] | None:
    if operand is None or sorted(operand.shape) != sorted(result):
        return None
    free = list(range(len(result)))
    order: list[int] = []
    for size in result:
        axis = next(axis for axis in free if operand.shape[axis] == size)
        free.remove(axis)
        order.append(axis)
    return tuple(order)
