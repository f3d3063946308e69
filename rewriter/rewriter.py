"""The only code that changes a graph.

A replacement is made in two steps. First everything is made beside the graph: constants, operators, inferred types; any
condition that fails on the way raises `Mismatch`, and nothing has happened. Then it is put in place in one go, and
producers, consumers, the order of execution, operator codes and constants are right again.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from attrs import define

from rewriter.builder import Builder, Built
from rewriter.dialect.declaration import EFFECTS, Declaration
from rewriter.language.expressions import Frame
from rewriter.language.rules import Rule
from rewriter.model import Model, Operator, OperatorCode, Subgraph, Tensor

if TYPE_CHECKING:
    from rewriter.language.program import Register


@define
class Applied:
    """One replacement that was made: what came in, what went, and the tensors that stayed between them."""

    root: Tensor
    inserted: list[Operator]
    removed: list[Operator]


class Rewriter:
    """Changes one subgraph of a model.

    While it holds the subgraph, the order of execution is the chain of `previous` and `next`; `finish` writes it back.
    """

    def __init__(self, model: Model, subgraph: Subgraph) -> None:
        self.model = model
        self.subgraph = subgraph
        self.names: set[str] | None = None
        self._numbers: dict[str, int] = {}
        self._first: Operator | None = None
        self._added: list[Tensor] = []
        self._dropped: set[Tensor] = set()
        self._codes: dict[tuple[str, str | None, int], OperatorCode] = {}
        self._listed = set(model.operator_codes)
        last: Operator | None = None
        for operator in subgraph.operators:
            operator.previous = last
            operator.next = None
            if last is None:
                self._first = operator
            else:
                last.next = operator
            last = operator

    def operators(self) -> Iterator[Operator]:
        """The operators as they run now."""
        operator = self._first
        while operator is not None:
            yield operator
            operator = operator.next

    # -- making -------------------------------------------------------------------------------------------------------

    def build(self, rule: Rule, frame: Frame) -> Built:
        """Make a rule's replacement for a match, without touching the graph.

        Raises:
            Mismatch: It cannot stand there.
        """
        return Builder(self, rule, frame).build()

    def fresh_name(self, base: str) -> str:
        """A name under `base` that no tensor has."""
        if self.names is None:
            self.names = {tensor.name for tensor in self.subgraph.tensors}
        number = self._numbers.get(base, 1)
        while f"{base}/{number}" in self.names:
            number += 1
        self._numbers[base] = number + 1
        name = f"{base}/{number}"
        self.names.add(name)
        return name

    def code(self, declaration: Declaration, version: int) -> OperatorCode:
        """The model's operator code of this kind, an old one where there is one.

        A new one joins the model with the first operator that has it: a replacement may still turn out not to fit.
        """
        if not self._codes:
            for code in reversed(self.model.operator_codes):
                self._codes[code.builtin, code.custom_code, code.version] = code
        key = (declaration.builtin, declaration.code, version)
        found = self._codes.get(key)
        if found is None:
            found = self._codes[key] = OperatorCode(*key)
        return found

    # -- putting in place ---------------------------------------------------------------------------------------------

    def apply(self, frame: Frame, matched: tuple[Register, ...], built: Built) -> Applied:
        """Put a replacement where its match stands, and drop what nobody reads any more."""
        root = frame[0]
        assert isinstance(root, Operator)
        (old,) = root.outputs
        self.model.modified = True
        for operator in built.operators:
            self._insert(operator, root)
        for tensor in built.constants:
            tensor.buffer = self.model.new_buffer(tensor.buffer.data) if tensor.buffer and tensor.buffer.data else None
            self._added.append(tensor)
        if built.root is not None:
            self._redirect(old, built.root)
        removed = self._remove_dead(root, [frame[register] for register in matched])
        for tensor in built.constants:
            if not tensor.consumers:
                self._drop(tensor)  # it took the place of a root that nobody reads
        return Applied(old if built.root is None else built.root, built.operators, removed)

    def _insert(self, operator: Operator, before: Operator) -> None:
        if operator.code not in self._listed:
            self._listed.add(operator.code)
            self.model.operator_codes.append(operator.code)
        operator.previous = before.previous
        operator.next = before
        if before.previous is None:
            self._first = operator
        else:
            before.previous.next = operator
        before.previous = operator
        for tensor in operator.inputs:
            if tensor is not None:
                tensor.consumers[operator] = tensor.consumers.get(operator, 0) + 1
        for tensor in operator.outputs:
            if tensor.producer is None and tensor.index < 0:
                self._added.append(tensor)
            tensor.producer = operator

    def _redirect(self, old: Tensor, new: Tensor) -> None:
        """All readers of `old` read `new`; where `old` is an output, `new` takes over its name and place."""
        for reader, times in old.consumers.items():
            reader.inputs = [new if tensor is old else tensor for tensor in reader.inputs]
            new.consumers[reader] = new.consumers.get(reader, 0) + times
        old.consumers = {}
        if old.is_output:
            new.edit(name=old.name)
            new.is_output, old.is_output = True, False
            self.subgraph.outputs = [new if tensor is old else tensor for tensor in self.subgraph.outputs]
            for signature in self.model.signatures:
                if signature.subgraph is self.subgraph:
                    signature.outputs = [(name, new if tensor is old else tensor) for name, tensor in signature.outputs]

    def _remove_dead(self, root: Operator, matched: list[object]) -> list[Operator]:
        """Remove the root, and then whatever lost its last reader and does nothing but compute."""
        removed: list[Operator] = []
        pending: list[Operator] = [root]
        while pending:
            operator = pending.pop()
            if operator is not root and any(tensor.consumers or tensor.is_output for tensor in operator.outputs):
                continue
            self._unlink(operator)
            removed.append(operator)
            for tensor in operator.outputs:
                if tensor.producer is operator:
                    tensor.producer = None
                    self._drop(tensor)
            for tensor in operator.inputs:
                if tensor is None or tensor.consumers.pop(operator, None) is None:
                    continue
                if tensor.consumers or tensor.is_output:
                    continue
                producer = tensor.producer
                if producer is None:
                    self._drop(tensor)
                elif producer in matched or _computes(producer):
                    pending.append(producer)
        return removed

    def _unlink(self, operator: Operator) -> None:
        if operator.previous is None:
            self._first = operator.next
        else:
            operator.previous.next = operator.next
        if operator.next is not None:
            operator.next.previous = operator.previous

    def _drop(self, tensor: Tensor) -> None:
        if not tensor.is_input and not tensor.is_output and not tensor.is_variable:
            self._dropped.add(tensor)

    def finish(self) -> None:
        """Write the new order, tensors and constants back into the model."""
        subgraph, model = self.subgraph, self.model
        subgraph.operators = list(self.operators())
        for index, operator in enumerate(subgraph.operators):
            operator.index = index
            operator.previous = operator.next = None
        if not self._added and not self._dropped:
            return
        gone = {tensor for tensor in self._dropped if not tensor.consumers and tensor.producer is None}
        gone -= {tensor for signature in model.signatures for _, tensor in (*signature.inputs, *signature.outputs)}
        subgraph.tensors = [tensor for tensor in (*subgraph.tensors, *self._added) if tensor not in gone]
        for index, tensor in enumerate(subgraph.tensors):
            tensor.index = index
        self._added.clear()
        self._dropped.clear()
        buffers = {tensor.buffer for tensor in gone if tensor.buffer is not None}
        if buffers:
            buffers -= {tensor.buffer for each in model.subgraphs for tensor in each.tensors}
            buffers -= {metadata.buffer for metadata in model.metadata}
            model.buffers = [buffer for buffer in model.buffers if buffer not in buffers]


def _computes(operator: Operator) -> bool:
    """Whether dropping an operator that nobody reads drops nothing else; of custom ones only their author knows."""
    return operator.code.builtin not in EFFECTS and operator.code.builtin != "CUSTOM"
