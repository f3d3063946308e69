"""The reference kernels that declarations name, in the form in which the check calls them."""

from __future__ import annotations

from inspect import signature
from typing import TYPE_CHECKING, cast

from attrs import frozen

from rewriter.dialect.options import OptionsError

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from rewriter.dialect.declaration import Declaration, OperandSpec
    from rewriter.model import Model, Operator, Tensor
    from rewriter.verify.hybrid import KernelCall
    from rewriter.verify.protocol import Array


@frozen
class DeclaredKernel:
    """The kernel that a declaration names, called with operands in the file's order.

    Attributes:
        declaration: The operator's.
    """

    declaration: Declaration

    def __call__(self, operator: Operator, operands: list[Array | None]) -> Sequence[Array]:
        """Compute the operator's results."""
        declaration = self.declaration
        assert declaration.kernel is not None
        try:
            attributes = {name: declaration.attribute(operator, name) for name in declaration.attributes}
        except OptionsError as error:
            raise ValueError(str(error)) from error
        kernel = declaration.kernel()
        if "quantization" in signature(kernel).parameters:
            # Without it a kernel sees integers and nothing of what they stand for.
            tensors = declaration.in_logical_order(operator.inputs)
            attributes["quantization"] = [each and each.quantization for each in tensors]
        result = kernel(*declaration.in_logical_order(operands), **attributes)
        return cast("tuple[Array, ...]", result) if isinstance(result, tuple) else (result,)


def has_private_form(operators: Iterable[Operator], calls: Mapping[str, KernelCall]) -> bool:
    """Whether some of these operators read or leave a tensor that runtimes may keep in a form of their own."""
    return any(any(_private(operator, calls)) for operator in operators)


def is_private_form_seen(model: Model, calls: Mapping[str, KernelCall]) -> bool:
    """Whether a tensor that runtimes may keep in a form of their own is made, read or given away by anything else.

    A runtime's own kernels then need not mean what their declarations say: XNNPACK keeps other numbers than MediaPipe
    in the indices that pass from MaxPoolingWithArgmax2D to MaxUnpooling2D.
    """
    read: set[Tensor] = set()
    made: set[Tensor] = set()
    for operator in model.operators():
        operands, results = _private(operator, calls)
        read |= operands
        made |= results
    return not read <= made or any(
        tensor.is_output or any(tensor not in _private(reader, calls)[0] for reader in tensor.consumers)
        for tensor in made
    )


def _private(operator: Operator, calls: Mapping[str, KernelCall]) -> tuple[set[Tensor], set[Tensor]]:
    """Of an operator's operands and of its results those that may be in a form of the runtime's own."""
    call = calls.get(operator.name)
    if not isinstance(call, DeclaredKernel):
        return set(), set()
    declaration = call.declaration
    return (
        _marked(declaration.operands, declaration.logical(operator)),
        _marked(declaration.results, operator.outputs),
    )


def _marked(specs: Sequence[OperandSpec] | None, tensors: Sequence[Tensor | None]) -> set[Tensor]:
    pairs = zip(specs or (), tensors, strict=False)
    return {tensor for spec, tensor in pairs if spec.private and tensor is not None}


def kernel_calls(declarations: Iterable[Declaration]) -> dict[str, KernelCall]:
    """The kernels of those declarations that name one, by operator name.

    A kernel gets its operands in logical order and its attributes by name, enum values as words, and gives an array, or
    a tuple of them where there are several results. It is imported when it is first called.
    """
    return {each.name: DeclaredKernel(each) for each in declarations if each.kernel is not None}
