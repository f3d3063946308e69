"""The only code that changes what operators a graph has and what they read.

A replacement is made in two steps. First everything is made beside the graph: constants, operators, inferred types; any
condition that fails on the way raises `Mismatch`, and nothing has happened. Then it is put in place in one go, and
producers, consumers, the order of execution, operator codes and constants are right again.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Mapping
from functools import cached_property

from attrs import define, evolve, field

from rewriter.builder import Builder, Built, Mismatch
from rewriter.changes import PLANNED, has_memory_plan
from rewriter.dialect.declaration import EFFECTS, Declaration
from rewriter.dialect.dialect import bodies_of
from rewriter.language.evaluation import Evaluator
from rewriter.language.expressions import Frame
from rewriter.language.rules import Rule
from rewriter.model import Model, Operator, OperatorCode, Subgraph, Tensor


@define
class Applied:
    """One replacement that was made: what came in, what went, and the tensors between them before and after.

    Attributes:
        outputs: Where outputs were dropped: the subgraph's outputs before and after.
    """

    roots: list[Tensor]
    results: list[Tensor]
    inputs: list[tuple[Tensor, Tensor]]
    inserted: list[Operator]
    removed: list[Operator]
    dropped: list[Tensor] = field(factory=list[Tensor])
    outputs: tuple[tuple[Tensor, ...], tuple[Tensor, ...]] | None = None


class Rewriter:
    """Changes one subgraph of a model.

    While it holds the subgraph, the order of execution is the chain of `previous` and `next`; `finish` writes it back.

    Attributes:
        evaluator: Computes what `evaluate` asks for; None where there is nobody to ask.
    """

    def __init__(self, model: Model, subgraph: Subgraph, evaluator: Evaluator | None = None) -> None:
        self.model = model
        self.subgraph = subgraph
        self.evaluator = evaluator
        self.names: set[str] | None = None
        self._numbers: dict[str, int] = {}
        self._planned = has_memory_plan(model)
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

    @cached_property
    def is_entry(self) -> bool:
        """Whether the subgraph is what a user of the model calls, and no body of an operator."""
        index = self.subgraph.index
        called = index == 0 or any(signature.subgraph is self.subgraph for signature in self.model.signatures)
        return called and not any(index in bodies_of(operator) for operator in self.model.operators())

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
        built = Builder(self, rule, frame).build()
        if self._planned and not _keeps_tensors(built):
            raise Mismatch(PLANNED)
        return built

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

    def order(self, matched: tuple[Operator, ...], built: Built) -> list[Operator]:
        """The order in which the operators from a match's first to its last have to run once it is replaced.

        Each new operator wants to stand where the root stood that it helps to make; what cannot stay where it is moves
        behind what it reads.

        Raises:
            Mismatch: There is none: the replacement would read what depends on itself.
        """
        between = self._between(matched)
        makers = {tensor: operator for operator in built.operators for tensor in operator.outputs}
        instead = dict(built.roots)
        old = {operator for operator in between if any(tensor in instead for tensor in operator.outputs)}
        wanted: list[Operator] = []
        for operator in between:
            if operator in old:
                mine = [makers[tensor] for tensor in operator.outputs if tensor in makers]
                wanted += [each for each in _with_makers(mine, makers) if each not in wanted]
            wanted.append(operator)
        wanted += [each for each in built.operators if each not in wanted]
        computed = {tensor: operator for operator in between for tensor in operator.outputs} | makers
        ready: dict[Operator, None] = {}
        effects: Operator | None = None
        needs: dict[Operator, list[Operator]] = {}
        for operator in wanted:
            read = [instead.get(tensor, tensor) for tensor in operator.inputs if tensor is not None]
            needs[operator] = [computed[tensor] for tensor in read if tensor in computed]
            if _keeps_its_turn(operator):
                needs[operator] += [effects] if effects is not None else []
                effects = operator
        for operator in wanted:
            _place(operator, needs, ready)
        return list(ready)

    def _between(self, operators: tuple[Operator, ...]) -> list[Operator]:
        """The operators from the first to the last of some, in the order in which they run."""
        missing = set(operators)
        found: deque[Operator] = deque()
        before: Operator | None = operators[0]
        after = operators[0].next
        # It is not known in which direction the others are, so both are followed in turn.
        while missing:
            if before is not None:
                found.appendleft(before)
                missing.discard(before)
                before = before.previous
            if missing and after is not None:
                found.append(after)
                missing.discard(after)
                after = after.next
        wanted = set(operators)
        while found[0] not in wanted:
            found.popleft()
        while found[-1] not in wanted:
            found.pop()
        return list(found)

    def apply(self, matched: tuple[Operator, ...], built: Built) -> Applied:
        """Put a replacement where the operators of its match stand, and drop what nobody reads any more."""
        self.model.modified = True
        given = [*(old for old, _ in built.roots), *built.dropped]
        roots = list(dict.fromkeys(old.producer for old in given if old.producer is not None))
        outputs = tuple(self.subgraph.outputs)
        if built.order is not None:
            self._reorder(built.order)
        at: Operator = roots[-1]
        for operator in built.operators:
            if built.order is None:
                self._link(operator, at)
                at = operator
            self._connect(operator)
        for tensor in built.constants:
            tensor.buffer = self.model.new_buffer(tensor.buffer.data) if tensor.buffer and tensor.buffer.data else None
            self._added.append(tensor)
        for old, new in built.inputs:
            self._exchange_input(old, new)
        for old, new in built.roots:
            if old is not new:
                self._redirect(old, new)
        for old in built.dropped:
            self._drop_output(old)
        removed, staying = self._remove_dead(roots, matched)
        for tensor in built.constants:
            if not tensor.consumers:
                self._drop(tensor)  # it took the place of a root that nobody reads
        return Applied(
            [old for old, _ in built.roots],
            [new for _, new in built.roots],
            built.inputs,
            [*built.operators, *staying],
            removed,
            built.dropped,
            (outputs, tuple(self.subgraph.outputs)) if built.dropped else None,
        )

    def remove(self, operator: Operator) -> None:
        """Take an operator out that nobody reads, and the constants that it alone reads."""
        self.model.modified = True
        self._unlink(operator)
        for tensor in operator.outputs:
            tensor.producer = None
            self._drop(tensor)
        for tensor in operator.inputs:
            if tensor is None or tensor.consumers.pop(operator, None) is None:
                continue
            if not tensor.is_read and tensor.producer is None:
                self._drop(tensor)

    def merge(self, operator: Operator, into: Operator) -> None:
        """Let the readers of an operator's results read those of an earlier one, and take the operator out."""
        for old, new in zip(operator.outputs, into.outputs, strict=True):
            self._redirect(old, new)
        self.remove(operator)

    def exchange(self, tensor: Tensor, new: Tensor) -> None:
        """Let the readers of a constant read another one, and take the first out."""
        self.model.modified = True
        self._redirect(tensor, new)
        self._drop(tensor)

    def drop(self, tensor: Tensor) -> None:
        """Take a tensor out that nothing refers to."""
        self.model.modified = True
        self._drop(tensor)

    def _reorder(self, order: list[Operator]) -> None:
        """Let operators that follow each other, and new ones, run in this order."""
        new = {operator for operator in order if operator.previous is None and operator is not self._first}
        old = [operator for operator in order if operator not in new]
        inside = set(old)
        first = next(each for each in old if each.previous not in inside)
        last = next(each for each in old if each.next not in inside)
        before, after = first.previous, last.next
        for operator, follows in zip([before, *order], [*order, after], strict=True):
            if operator is None:
                self._first = follows
            else:
                operator.next = follows
            if follows is not None:
                follows.previous = operator

    def _link(self, operator: Operator, after: Operator) -> None:
        operator.previous = after
        operator.next = after.next
        if after.next is not None:
            after.next.previous = operator
        after.next = operator

    def _connect(self, operator: Operator) -> None:
        """Let tensors and model know of a new operator."""
        if operator.code not in self._listed:
            self._listed.add(operator.code)
            self.model.operator_codes.append(operator.code)
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

    def _drop_output(self, old: Tensor) -> None:
        old.is_output = False
        self.subgraph.outputs = [tensor for tensor in self.subgraph.outputs if tensor is not old]
        for signature in self.model.signatures:
            if signature.subgraph is self.subgraph:
                signature.outputs = [(name, tensor) for name, tensor in signature.outputs if tensor is not old]

    def _exchange_input(self, old: Tensor, new: Tensor) -> None:
        """Let an input of another type take the place of one that nothing but the match reads."""
        new.is_input, old.is_input = True, False
        self._added.append(new)
        self.subgraph.inputs = [new if tensor is old else tensor for tensor in self.subgraph.inputs]
        for signature in self.model.signatures:
            if signature.subgraph is self.subgraph:
                signature.inputs = [(name, new if tensor is old else tensor) for name, tensor in signature.inputs]

    def _remove_dead(
        self, roots: list[Operator], matched: tuple[Operator, ...]
    ) -> tuple[list[Operator], list[Operator]]:
        """Remove the roots' operators, and then whatever lost its last reader and does nothing but compute.

        Returns:
            What went, and what stands for an operator that lost some of its results while others are read.
        """
        removed: dict[Operator, None] = {}
        staying: list[Operator] = []
        pending = list(reversed(roots))
        if len(roots) > 1:
            # What a spread match found downwards may have been read by nobody but its own operators.
            pending = [each for each in reversed(matched) if each not in roots and not _is_read(each)] + pending
        while pending:
            operator = pending.pop()
            if operator in removed:
                continue
            if _is_read(operator):
                if any(reader in pending for tensor in operator.outputs for reader in tensor.consumers):
                    pending.insert(0, operator)  # what reads it may go yet
                    continue
                if any(tensor.producer is not operator for tensor in operator.outputs):
                    staying.append(self._without_lost(operator))
                    removed[operator] = None
                continue
            self._unlink(operator)
            removed[operator] = None
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
        return list(removed), staying

    def _without_lost(self, operator: Operator) -> Operator:
        """An operator in the place of one that has lost results: nobody reads what it has for them.

        The old one keeps all its results, for whoever asks later what the replacement stands for.
        """
        results = [tensor if tensor.producer is operator else self._unread(tensor) for tensor in operator.outputs]
        made = evolve(operator, inputs=[*operator.inputs], outputs=results, index=-1, previous=None, next=None)
        self._link(made, operator)
        self._unlink(operator)
        for tensor in operator.inputs:
            if tensor is not None and operator in tensor.consumers:
                tensor.consumers[made] = tensor.consumers.pop(operator)
        for tensor in results:
            tensor.producer = made
        return made

    def _unread(self, like: Tensor) -> Tensor:
        """A result that nobody reads, in the place of one that is computed elsewhere now."""
        tensor = Tensor.make(
            self.fresh_name(like.name),
            like.dtype,
            like.shape,
            quantization=like.quantization,
            shape_signature=like.shape_signature,
        )
        self._added.append(tensor)
        return tensor

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


def _keeps_tensors(built: Built) -> bool:
    """Whether each new operator reads and makes what an old one did, so that no tensor goes, comes or lives longer."""
    if built.constants or built.inputs or built.dropped or any(old is not new for old, new in built.roots):
        return False
    return all(
        maker is not None and maker.inputs == operator.inputs and maker.outputs == operator.outputs
        for operator in built.operators
        for maker in (operator.outputs[0].producer if operator.outputs else None,)
    )


def _is_read(operator: Operator) -> bool:
    return any(tensor.producer is operator and (tensor.consumers or tensor.is_output) for tensor in operator.outputs)


def _keeps_its_turn(operator: Operator) -> bool:
    """Whether it must not change places with others of its kind: what it does shows elsewhere than in its results."""
    return operator.code.builtin in EFFECTS or any(
        tensor is not None and tensor.is_variable for tensor in operator.inputs
    )


def _with_makers(operators: list[Operator], makers: Mapping[Tensor, Operator]) -> list[Operator]:
    """Some new operators and the new ones that they read, in an order in which they can run."""
    order: dict[Operator, None] = {}
    for operator in operators:
        read = [makers[tensor] for tensor in operator.inputs if tensor is not None and tensor in makers]
        order |= dict.fromkeys([*_with_makers(read, makers), operator])
    return list(order)


def _place(operator: Operator, needs: Mapping[Operator, list[Operator]], ready: dict[Operator, None]) -> None:
    """Add an operator to those that are ready, behind what it needs."""
    stack = [operator]
    waiting: set[Operator] = set()
    while stack:
        top = stack[-1]
        if top in ready:
            stack.pop()
            continue
        missing = [each for each in needs[top] if each not in ready]
        if not missing:
            ready[stack.pop()] = None
            waiting.discard(top)
            continue
        waiting.add(top)
        for each in missing:
            if each in waiting:
                raise Mismatch("the replacement would read what depends on its own results")
        stack += missing


def _computes(operator: Operator) -> bool:
    """Whether dropping an operator that nobody reads drops nothing else; of custom ones only their author knows."""
    return operator.code.builtin not in EFFECTS and operator.code.builtin != "CUSTOM"
