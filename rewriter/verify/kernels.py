"""The reference kernels that declarations name, in the form in which the check calls them."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from rewriter.dialect.options import OptionsError

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from rewriter.dialect.declaration import Declaration
    from rewriter.model import Operator
    from rewriter.verify.hybrid import KernelCall
    from rewriter.verify.protocol import Array


def kernel_calls(declarations: Iterable[Declaration]) -> dict[str, KernelCall]:
    """The kernels of those declarations that name one, by operator name.

    A kernel gets its operands in logical order and its attributes by name, enum values as words, and gives an array, or
    a tuple of them where there are several results. It is imported when it is first called.
    """
    return {each.name: _call(each) for each in declarations if each.kernel is not None}


def _call(declaration: Declaration) -> KernelCall:
    def call(operator: Operator, operands: list[Array | None]) -> Sequence[Array]:
        assert declaration.kernel is not None
        places = declaration.stored or range(len(operands))
        order = sorted(range(len(operands)), key=lambda place: places[place])
        try:
            attributes = {name: declaration.attribute(operator, name) for name in declaration.attributes}
        except OptionsError as error:
            raise ValueError(str(error)) from error
        result = declaration.kernel()(*(operands[place] for place in order), **attributes)
        return cast("tuple[Array, ...]", result) if isinstance(result, tuple) else (result,)

    return call
