"""Values on their way into a model: constants as bytes, attributes as the file will give them back.

A ValueError says why a value cannot be stored as it should. Plain numbers and flat lists need no NumPy.
"""

from __future__ import annotations

import struct
from typing import Any, cast

from rewriter.dialect.declaration import AttributeSpec
from rewriter.dialect.types import FORMATS, is_list


def encoded(value: object, dtype: str | None) -> tuple[bytes, tuple[int, ...], str]:
    """A constant's bytes, shape and element type.

    Args:
        value: A number, a list, possibly of lists, or an array.
        dtype: The element type; None: the array's own.

    Raises:
        ValueError: The type cannot hold the value, or the value is no constant at all.
    """
    flat: list[Any] = list(value) if is_list(value) else [value]
    if any(each is None for each in flat):
        raise ValueError("a dimension that the model leaves open cannot stand in a constant")
    if dtype is not None and dtype not in FORMATS:
        raise ValueError(f"a constant of type {dtype} cannot be made")
    if dtype is None or not all(isinstance(each, int | float) for each in flat):
        return _encoded_array(value, dtype)
    numbers = [_number(each, FORMATS[dtype], dtype) for each in flat]
    try:
        data = struct.pack(f"<{len(flat)}{FORMATS[dtype]}", *numbers)
    except (struct.error, OverflowError):
        raise ValueError(f"{dtype} cannot hold {value!r}") from None
    return data, (len(flat),) if isinstance(value, list | tuple) else (), dtype


def _number(value: Any, form: str, dtype: str) -> int | float:
    if form in "efd":
        return float(value)
    if value not in (0, 1) if form == "?" else not float(value).is_integer():
        raise ValueError(f"{value!r} is no {dtype}")
    return int(value)


def _encoded_array(value: object, dtype: str | None) -> tuple[bytes, tuple[int, ...], str]:
    import numpy as np

    from rewriter.dialect.values import NUMPY_DTYPES

    try:
        given = np.asarray(value)
    except ValueError:
        raise ValueError(f"{value!r} has rows of different lengths") from None
    array = given if dtype is None else _converted(given, NUMPY_DTYPES[dtype], dtype)
    word = next((word for word, kind in NUMPY_DTYPES.items() if array.dtype == kind), None)
    if word is None:
        raise ValueError(f"{value!r} is no constant that can be stored")
    return np.ascontiguousarray(array).tobytes(), array.shape, word


def _converted(given: Any, kind: Any, dtype: str) -> Any:
    import numpy as np

    if given.dtype.kind not in "biuf":
        raise ValueError(f"{given.tolist()!r} is no {dtype}")
    with np.errstate(all="ignore"):
        array = given.astype(kind)
    exact = array.dtype.kind == "f" and (given.dtype.kind != "f" or array.dtype.itemsize <= given.dtype.itemsize)
    if not exact and not np.array_equal(array, given):
        raise ValueError(f"{dtype} cannot hold {given.tolist()!r}")
    if array.dtype.kind == "f" and np.isinf(array).sum() != np.isinf(given).sum():
        raise ValueError(f"{dtype} cannot hold {given.tolist()!r}")
    return array


def stored_attribute(spec: AttributeSpec, value: Any) -> object:
    """An attribute's value in the form in which a file gives it back: a float in single precision, say.

    Raises:
        ValueError: It is of another type, or out of range; the message completes "stride_h of CONV_2D ...".
    """
    value = value.item() if getattr(value, "shape", None) == () else value
    if hasattr(value, "tolist"):
        value = value.tolist()
    if spec.enum:
        if not isinstance(value, str) or value not in spec.words:
            raise ValueError(f"cannot be {value!r}")
        return value
    match spec.kind:
        case "int" | "float" | "bool":
            return _scalar(spec, value)
        case "list" if isinstance(value, list | tuple):
            elements = cast("list[object]", value)
            return [_scalar(spec, each) if spec.format else _text(each) for each in elements]
        case "string":
            return _text(value)
        case _:
            raise ValueError(f"cannot be {value!r}")


def _scalar(spec: AttributeSpec, value: object) -> int | float | bool:
    form = spec.format
    wanted = "a boolean" if form == "?" else "a number" if form in ("f", "d") else "an integer"
    right = bool if form == "?" else int | float if form in ("f", "d") else int
    if not isinstance(value, right) or (isinstance(value, bool) and form != "?"):
        raise ValueError(f"is {wanted}, not {value!r}")
    try:
        return struct.unpack("<" + form, struct.pack("<" + form, value))[0]
    except (struct.error, OverflowError):
        raise ValueError(f"cannot hold {value!r}") from None


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise ValueError(f"is text, not {value!r}")
    return value
