"""Cleanups of what a file carries without need: constants that are there twice, parts that nothing refers to."""

from __future__ import annotations

from collections.abc import Iterator
from hashlib import blake2b

from rewriter.changes import (
    EditOperator,
    EditTensor,
    Leave,
    MergeBuffers,
    MergeConstants,
    RemoveBuffer,
    RemoveOperatorCode,
    RemoveSubgraph,
    RemoveTensor,
    View,
    alike,
    said,
)
from rewriter.dialect.dialect import bodies_of
from rewriter.model import Buffer, Model, Operator, Subgraph, Tensor


def remove_duplicate_constants(view: View) -> Iterator[MergeConstants | MergeBuffers]:
    """Equal constants of a subgraph become one; then equal buffers, whatever the tensors are."""
    digests = _Digests(view.model)
    for subgraph in view.model.subgraphs:
        yield from _equal_constants(view, subgraph, digests)
    yield from _equal_buffers(view, digests)


class _Digests:
    """What stands for the bytes of a buffer; computed only where two buffers are equally long."""

    def __init__(self, model: Model) -> None:
        self.model = model
        self._sizes: dict[int, int] = {}
        self._found: dict[Buffer, bytes] = {}
        for buffer in model.buffers:
            self._sizes[buffer.size] = self._sizes.get(buffer.size, 0) + 1

    def of(self, buffer: Buffer) -> object:
        if self._sizes.get(buffer.size, 0) < 2:
            return buffer
        found = self._found.get(buffer)
        if found is None:
            found = self._found[buffer] = blake2b(buffer.content(self.model.file)).digest()
        return found


def _equal_constants(view: View, subgraph: Subgraph, digests: _Digests) -> Iterator[MergeConstants]:
    first: dict[object, list[Tensor]] = {}
    for tensor in subgraph.tensors:
        buffer = tensor.buffer
        if buffer is None or not _is_fixed(tensor) or not tensor.consumers:
            continue
        earlier = first.setdefault((buffer.size, digests.of(buffer)), [])
        same = None if view.is_named(tensor) else next((each for each in earlier if alike(tensor, each)), None)
        if same is None:
            earlier.append(tensor)
        else:
            yield MergeConstants(subgraph, tensor, same)


def _equal_buffers(view: View, digests: _Digests) -> Iterator[MergeBuffers]:
    tensors = [tensor for subgraph in view.model.subgraphs for tensor in subgraph.tensors]
    # Metadata finds its buffers by their numbers, and what is no constant may be written to.
    staying = view.metadata_buffers() | {tensor.buffer for tensor in tensors if not _is_fixed(tensor)}
    held = {tensor.buffer for tensor in tensors if tensor.consumers or tensor.is_output}
    first: dict[object, Buffer] = {}
    for buffer in view.model.buffers[1:]:
        if buffer.size and buffer in held and buffer not in staying:
            same = first.setdefault((buffer.size, digests.of(buffer)), buffer)
            if same is not buffer:
                yield MergeBuffers(buffer, same)


def _is_fixed(tensor: Tensor) -> bool:
    return tensor.is_constant and not tensor.is_input and tensor.producer is None


def remove_unused_parts(view: View) -> Iterator[RemoveTensor | RemoveOperatorCode | RemoveBuffer]:
    """Tensors and buffers that nothing refers to, and operator codes that no operator has."""
    model = view.model
    unused = [
        (subgraph, tensor) for subgraph in model.subgraphs for tensor in subgraph.tensors if _is_unused(view, tensor)
    ]
    for subgraph, tensor in unused:
        yield RemoveTensor(subgraph, tensor)
    codes = {operator.code for operator in model.operators()}
    for code in [each for each in model.operator_codes if each not in codes]:
        yield RemoveOperatorCode(code)
    # The buffers of tensors that go are theirs, and go with them.
    used = view.metadata_buffers() | {tensor.buffer for each in model.subgraphs for tensor in each.tensors}
    for buffer in model.buffers[1:]:
        if buffer not in used:
            yield RemoveBuffer(buffer)


def _is_unused(view: View, tensor: Tensor) -> bool:
    if tensor.consumers or tensor.producer is not None or tensor.is_variable:
        return False
    return not view.is_named(tensor)


def eliminate_dead_subgraph(view: View) -> Iterator[RemoveSubgraph | Leave]:
    """Subgraphs that no operator runs that can run itself, and that no signature names."""
    model = view.model
    reached = _reached(model)
    dead = [subgraph for subgraph in model.subgraphs if subgraph.index not in reached]
    if not dead:
        return
    unknown = [
        operator.name
        for subgraph in model.subgraphs
        if subgraph.index in reached
        for operator in subgraph.operators
        if operator.code.builtin == "CUSTOM" and view.declaration(operator.code.custom_code or "") is None
    ]
    names = said(subgraph.name or f"subgraph {subgraph.index}" for subgraph in dead)
    if unknown:
        yield Leave(names, f"{said(unknown)} may run subgraphs: nobody declares what it does")
    else:
        for subgraph in dead:
            yield RemoveSubgraph(subgraph)


def _reached(model: Model) -> set[int]:
    """The indices of the subgraphs that users call, and of those that operators of these run."""
    pending = [0, *(signature.subgraph.index for signature in model.signatures)]
    reached: set[int] = set()
    while pending:
        index = pending.pop()
        if index in reached or index >= len(model.subgraphs):
            continue
        reached.add(index)
        for operator in model.subgraphs[index].operators:
            pending += bodies_of(operator)
    return reached


def strip_names(view: View) -> Iterator[EditTensor]:
    """Names of tensors that are no input, no output and in no signature."""
    for subgraph in view.model.subgraphs:
        for tensor in subgraph.tensors:
            if tensor.name and not view.is_named(tensor):
                yield EditTensor(subgraph, tensor, {"name": ""})


def shorten_variable_names(view: View) -> Iterator[EditOperator]:
    """Names by which operators of one model find their variables, as short as they can be and still be different."""
    handles = [
        (subgraph, operator)
        for subgraph in view.model.subgraphs
        for operator in subgraph.operators
        if operator.code.builtin == "VAR_HANDLE"
    ]
    names = dict.fromkeys(_variable(operator) for _, operator in handles)
    # Those that are short already keep theirs, so that a second run finds nothing to do.
    most = len(f"{max(len(names) - 1, 0):x}")
    taken = {name for container, name in names if len(name) <= most and not container}
    free = (number for number in (f"{count:x}" for count in range(2 * len(names) + 1)) if number not in taken)
    short = {key: key[1] if not key[0] and key[1] in taken else next(free) for key in names}
    for subgraph, operator in handles:
        container, name = key = _variable(operator)
        if short[key] != name or container:
            yield EditOperator(subgraph, operator, {"container": "", "shared_name": short[key]})


def _variable(operator: Operator) -> tuple[str, str]:
    return str(operator.attribute("container")), str(operator.attribute("shared_name"))
