"""The reference kernels that declarations name, in the form in which the check calls them."""

from __future__ import annotations

from inspect import signature
from typing import TYPE_CHECKING, TypeVar, cast

from attrs import frozen

from rewriter.dialect.options import OptionsError

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from rewriter.dialect.declaration import Declaration, OperandSpec
    from rewriter.model import Model, Operator, Tensor
    from rewriter.verify.hybrid import KernelCall
    from rewriter.verify.protocol import Array

T = TypeVar("T")


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
            attributes["quantization"] = [each and each.quantization for each in self._logical(operator.inputs)]
        result = kernel(*self._logical(operands), **attributes)
        return cast("tuple[Array, ...]", result) if isinstance(result, tuple) else (result,)

    def _logical(self, operands: Sequence[T]) -> list[T]:
        places = self.declaration.stored or range(len(operands))
        return [operands[place] for place in sorted(range(len(operands)), key=lambda place: places[place])]

    def private_operands(self, operator: Operator) -> set[Tensor]:
        """The tensors that the operator reads in a form that may be the runtime's own."""
        return _private(self.declaration.operands, self._logical(operator.inputs))

    def private_results(self, operator: Operator) -> set[Tensor]:
        """The tensors that it leaves in such a form."""
        return _private(self.declaration.results, operator.outputs)


def _private(specs: Sequence[OperandSpec] | None, tensors: Sequence[Tensor | None]) -> set[Tensor]:
    pairs = zip(specs or (), tensors, strict=False)
    return {tensor for spec, tensor in pairs if spec.private and tensor is not None}


def has_private_form(operators: Iterable[Operator], calls: Mapping[str, KernelCall]) -> bool:
    """Whether some of these operators read or leave a tensor that runtimes may keep in a form of their own."""
    for operator in operators:
        call = calls.get(operator.name)
        if isinstance(call, DeclaredKernel) and (call.private_operands(operator) or call.private_results(operator)):
            return True
    return False


def is_private_form_seen(model: Model, calls: Mapping[str, KernelCall]) -> bool:
    """Whether a tensor that runtimes may keep in a form of their own is made, read or given away by anything else.

    A runtime's own kernels then need not mean what their declarations say: XNNPACK keeps other numbers than MediaPipe
    in the indices that pass from MaxPoolingWithArgmax2D to MaxUnpooling2D.
    """
    read: set[Tensor] = set()
    made: set[Tensor] = set()
    for operator in model.operators():
        call = calls.get(operator.name)
        if isinstance(call, DeclaredKernel):
            read |= call.private_operands(operator)
            made |= call.private_results(operator)
    if not read <= made:
        return True
    for tensor in made:
        for reader in tensor.consumers:
            call = calls.get(reader.name)
            if not isinstance(call, DeclaredKernel) or tensor not in call.private_operands(reader):
                return True
    return any(tensor.is_output for tensor in made)


def kernel_calls(declarations: Iterable[Declaration]) -> dict[str, KernelCall]:
    """The kernels of those declarations that name one, by operator name.

    A kernel gets its operands in logical order and its attributes by name, enum values as words, and gives an array, or
    a tuple of them where there are several results. It is imported when it is first called.
    """
    return {each.name: DeclaredKernel(each) for each in declarations if each.kernel is not None}
