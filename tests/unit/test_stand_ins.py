"""What shape functions say of operands half known is what they say of the whole ones, for every declared operator."""

from __future__ import annotations

import random
from typing import TYPE_CHECKING, Any

import pytest

from rewriter.dialect.dialect import Dialect
from rewriter.dialect.types import TensorType
from rewriter.language.inference import Known, infer

if TYPE_CHECKING:
    from rewriter.dialect.declaration import AttributeSpec, Declaration, OperandSpec

DIALECT = Dialect()
DECLARED = [
    each for each in (DIALECT.find(name, None) for name in DIALECT.names) if each and each.shape and each.operands
]


def test_operators_are_declared() -> None:
    assert len(DECLARED) >= 10


def attribute(spec: AttributeSpec, rng: random.Random) -> object:
    if spec.enum:
        return rng.choice(sorted(spec.words))
    match spec.kind:
        case "bool":
            return rng.random() < 0.5
        case "float":
            return rng.choice([0.0, 0.5, 1.0])
        case "list":
            return [rng.choice([0, 1, 2, -1]) for _ in range(rng.choice([0, 1, 2]))]
        case "int":
            return rng.choice([0, 1, 1, 1, 2, 3, -1])
        case _:
            return None


def operand(spec: OperandSpec, dtype: str, base: list[int], rng: random.Random) -> Known | None:
    if spec.optional and rng.random() < 0.4:
        return None
    sizes = base if rng.random() < 0.6 else [rng.choice([1, 2, 3, 4]) for _ in range(rng.choice([0, 1, 1, 2, 4]))]
    shape = tuple(None if rng.random() < 0.1 else size for size in sizes)
    dtype = rng.choice(spec.dtypes) if spec.dtypes else dtype
    count = 1
    for size in shape:
        count *= size or 0
    values = None
    if dtype in ("i32", "i64") and len(shape) <= 2 and None not in shape and rng.random() < 0.6:
        values = tuple(rng.choice([0, 1, 2, -1, 3]) for _ in range(count))
    return Known(dtype, shape, values)


def whole(known: Known | None) -> TensorType | None:
    if known is None:
        return None
    assert known.dtype is not None
    assert known.shape is not None
    values = known.values
    return TensorType(known.dtype, known.shape, None if values is None else lambda: values)


def half(known: Known | None, rng: random.Random) -> Known | None:
    if known is None or known.shape is None:
        return known
    shape = None if rng.random() < 0.3 else tuple(size if rng.random() < 0.6 else None for size in known.shape)
    return Known(known.dtype if rng.random() < 0.6 else None, shape, None if shape is None else known.values)


def accepted(declaration: Declaration, rng: random.Random) -> tuple[list[Known | None], dict[str, object], Any] | None:
    """Operands and attributes that an operator takes, and what it makes of them."""
    assert declaration.shape is not None
    base = [rng.choice([1, 2, 3, 4]) for _ in range(rng.choice([0, 1, 2, 2, 3, 4, 4]))]
    dtype = rng.choice(["f32", "i8", "i32", "bool", "i64"])
    operands = [
        operand(spec, dtype, base, rng)
        for spec in declaration.operands or ()
        for _ in range(rng.choice([1, 2]) if spec.variadic else 1)
    ]
    drawn = {name: attribute(spec, rng) for name, spec in declaration.attributes.items()}
    attributes = {name: value for name, value in drawn.items() if value is not None}
    try:
        made: Any = declaration.shape(*(whole(each) for each in operands), **attributes)
    except (ValueError, TypeError, LookupError, ArithmeticError):
        return None
    return operands, attributes, made


@pytest.mark.parametrize("declaration", DECLARED, ids=lambda each: each.builtin)
def test_what_is_said_of_half_known_operands_holds_for_the_whole(declaration: Declaration) -> None:
    rng = random.Random(declaration.builtin)
    assert declaration.shape is not None
    for _ in range(60):
        case = accepted(declaration, rng)
        if case is None:
            continue
        operands, attributes, made = case
        unknown = [name for name in declaration.attributes if name not in attributes or rng.random() < 0.5]
        fixed = {name: value for name, value in attributes.items() if name not in unknown}
        said = infer(declaration.shape, [half(each, rng) for each in operands], fixed, unknown)
        if said is None:
            continue
        assert said.refusal is None, f"{operands} {attributes}"
        for known, result in zip(said.results, made if isinstance(made, tuple | list) else (made,), strict=False):
            if result is None:
                continue
            assert known.dtype in (None, result.dtype)
            if known.shape is not None:
                assert len(known.shape) == len(result.shape)
                assert all(None in pair or pair[0] == pair[1] for pair in zip(known.shape, result.shape, strict=True))
