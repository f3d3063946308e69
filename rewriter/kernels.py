"""Reference kernels of custom operators, ready to be called with an operator of a model."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from rewriter import packs
from rewriter.dialect.declaration import Declaration
from rewriter.model import Model, Operator

Call = Callable[[Operator, list[Any]], list[Any]]


def kernels_for(models: tuple[Model, ...], declared: Mapping[str, Declaration]) -> dict[str, Call]:
    """The kernels of the custom operators in some models, by operator name.

    Args:
        models: The models.
        declared: Declarations that come before those of the installed packs, by code.
    """
    found: dict[str, Call] = {}
    for code in {code for model in models for code in model.operator_codes if code.builtin == "CUSTOM"}:
        if code.custom_code is None or code.name in found:
            continue
        declaration = declared.get(code.custom_code) or packs.find_declaration(code.custom_code)
        if declaration is not None and declaration.kernel is not None:
            found[code.name] = _call(declaration)
    return found


def _call(declaration: Declaration) -> Call:
    def call(operator: Operator, operands: list[Any]) -> list[Any]:
        assert declaration.kernel is not None
        count = len(declaration.operands or operands)
        stored = [*operands, *[None] * (count - len(operands))]
        logical = [stored[declaration.file_index(place)] for place in range(count)]
        attributes = declaration.codec.decode(operator.custom_options) if declaration.codec else {}
        results: Any = declaration.kernel()(*logical, **attributes)
        return [*results] if isinstance(results, tuple) else [results]

    return call
