"""What an operator's results are, by its declaration: for those who hold an operator of a model."""

from __future__ import annotations

import struct
from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any

from rewriter.dialect.declaration import Declaration
from rewriter.dialect.types import FORMATS, TensorType
from rewriter.model import Operator, Tensor

_SIZES = {"i16": 2, "i32": 4, "i64": 8}


def tensor_type(tensor: Tensor) -> TensorType:
    """A tensor's element type and shape, None for an open dimension; integers of a constant can be read."""
    readable = tensor.is_constant and tensor.dtype in _SIZES
    return TensorType(tensor.dtype, sizes_of(tensor), partial(integers, tensor) if readable else None)


def sizes_of(tensor: Tensor) -> tuple[int | None, ...]:
    """The sizes of a tensor; None where the model leaves one open."""
    signature = tensor.shape_signature
    if not signature or len(signature) != len(tensor.shape):
        signature = tensor.shape
    return tuple(None if min(known, size) < 0 else size for known, size in zip(signature, tensor.shape, strict=True))


def integers(tensor: Tensor) -> tuple[int, ...]:
    """The values of a constant of i16, i32 or i64, in order."""
    data = tensor.data
    assert data is not None
    form = FORMATS[tensor.dtype]
    count = len(data) // _SIZES[tensor.dtype]
    return struct.unpack_from(f"<{count}{form}", data)


def operand_types(
    declaration: Declaration, operands: Sequence[Tensor | None], attributes: Mapping[str, object]
) -> list[TensorType | None]:
    """The operands' types in logical order; one that the declaration has a value for is there, if the file lacks it."""
    types = [None if tensor is None else tensor_type(tensor) for tensor in operands]
    for index, spec in enumerate(declaration.operands or ()):
        evaluate = declaration.operand_values.get(spec.name)
        if evaluate is not None and (index >= len(types) or types[index] is None):
            value: Any = evaluate(declaration.names(operands, (), attributes))
            sizes = tuple(value)
            types += [None] * (index + 1 - len(types))
            types[index] = TensorType(spec.dtypes[0], (len(sizes),), lambda sizes=sizes: sizes)
    return types


def infer(
    declaration: Declaration, types: Sequence[TensorType | None], attributes: Mapping[str, object]
) -> tuple[TensorType | None, ...] | None:
    """The results' types; None where the declaration cannot infer them, and in the place of one that it cannot.

    Args:
        declaration: The operator's.
        types: The operands' in logical order, None for an absent one.
        attributes: By name; those without a value can be left out.

    Raises:
        ValueError: The runtime would refuse; the message says why.
    """
    if declaration.shape is None:
        return None
    known = {name: value for name, value in attributes.items() if value is not None}
    try:
        found = declaration.shape(*types, **known)
    except (TypeError, AttributeError) as error:
        # An operand that has to be there is absent, or there are too many.
        raise ValueError(f"{declaration.name} cannot have these operands: {error}") from None
    return found if isinstance(found, tuple) else (found,)


def infer_operator(declaration: Declaration, operator: Operator) -> tuple[TensorType | None, ...] | None:
    """The types of an operator's results, as `infer` gives them.

    Raises:
        ValueError: The runtime would refuse the operator.
    """
    attributes = {name: declaration.attribute(operator, name) for name in declaration.attributes}
    return infer(declaration, operand_types(declaration, declaration.logical(operator), attributes), attributes)
