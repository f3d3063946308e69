"""Makes the changes that cleanups ask for, and refuses those that would change what the model computes."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from attrs import define, field

from rewriter.changes import (
    Change,
    EditOperator,
    EditTensor,
    MergeBuffers,
    MergeConstants,
    MergeOperators,
    RemoveBuffer,
    RemoveMetadata,
    RemoveOperator,
    RemoveOperatorCode,
    RemoveSubgraph,
    RemoveTensor,
    View,
    alike,
)
from rewriter.dialect.dialect import bodies_of, builtin_declarations
from rewriter.dialect.types import is_list
from rewriter.errors import PackError
from rewriter.model import Buffer, Model, Operator, Subgraph, Tensor
from rewriter.rewriter import Rewriter

_EDITABLE = frozenset({"name", "shape_signature", "quantization"})


@define
class Cleaned:
    """One change that was made.

    Attributes:
        subgraph: Which subgraph of the source it is in; 0 for what belongs to no subgraph.
        name: What changed, by its name.
        what: How it changed, in words.
        roots, results: Tensors that their readers read no longer, and what they read instead.
        matched: The operator that went.
        staying: The one whose results are read instead.
    """

    subgraph: int
    name: str
    what: str
    roots: tuple[Tensor, ...] = ()
    results: tuple[Tensor, ...] = ()
    matched: tuple[Operator, ...] = ()
    staying: tuple[Operator, ...] = ()


@define(eq=False)
class Cleaner:
    """Makes the changes of one cleanup. `finish` writes the lists of the model anew.

    Attributes:
        view: The model.
        cleanup: Whose changes they are, for the errors.
        changed: The subgraphs whose operators changed.
    """

    view: View
    cleanup: str
    changed: list[Subgraph] = field(factory=list[Subgraph], init=False)
    _rewriters: dict[Subgraph, Rewriter] = field(factory=dict[Subgraph, Rewriter], init=False)
    _holders: dict[Buffer, list[Tensor]] | None = field(default=None, init=False)
    _buffers: set[Buffer] = field(factory=set[Buffer], init=False)
    _subgraphs: list[Subgraph] = field(factory=list[Subgraph], init=False)

    @property
    def model(self) -> Model:
        """The model that is changed."""
        return self.view.model

    def make(self, change: Change) -> Cleaned | None:
        """Make a change; None where there is nothing to make.

        Raises:
            PackError: The model would not be what it was.
        """
        match change:
            case RemoveOperator(subgraph, operator):
                return self._remove_operator(subgraph, operator)
            case MergeOperators(subgraph, operator, into):
                return self._merge_operators(subgraph, operator, into)
            case MergeConstants(subgraph, tensor, into):
                return self._merge_constants(subgraph, tensor, into)
            case MergeBuffers(buffer, into):
                return self._merge_buffers(buffer, into)
            case EditTensor(subgraph, tensor, values):
                return self._edit_tensor(subgraph, tensor, values)
            case EditOperator(subgraph, operator, values):
                self.model.modified = True
                operator.options = {**(operator.options or {}), **values}
                return Cleaned(subgraph.key, _name(operator), f"{operator.name} has another {_listed(values)}")
            case RemoveTensor(subgraph, tensor):
                return self._remove_tensor(subgraph, tensor)
            case RemoveBuffer(buffer):
                self.model.modified = True
                self._buffers.add(buffer)
                return Cleaned(0, f"buffer {buffer.index}", f"is left out: {buffer.size} bytes that nothing refers to")
            case RemoveOperatorCode(code):
                if any(operator.code is code for operator in self.model.operators()):
                    raise self._refused(f"to remove the operator code {code.name}, which an operator has")
                self.model.modified = True
                self.model.operator_codes.remove(code)
                return Cleaned(0, f"operator code {code.name}", "is left out: no operator has it")
            case RemoveSubgraph(subgraph):
                return self._remove_subgraph(subgraph)
            case RemoveMetadata(metadata):
                self.model.modified = True
                self.model.metadata = [each for each in self.model.metadata if each is not metadata]
                return Cleaned(0, f"metadata {metadata.name}", "is left out")
            case _:
                return None

    def finish(self) -> None:
        """Write the new lists back into the model.

        Raises:
            PackError: A buffer was to go that something refers to.
        """
        model = self.model
        for rewriter in self._rewriters.values():
            rewriter.finish()
        if self._subgraphs:
            self._renumber()
        if self._buffers:
            used = {tensor.buffer for subgraph in model.subgraphs for tensor in subgraph.tensors}
            used |= self.view.metadata_buffers()
            for buffer in self._buffers:
                if buffer in used:
                    raise self._refused(f"to remove buffer {buffer.index}, which something refers to")
            model.buffers = [each for each in model.buffers if each not in self._buffers]

    # -- operators ----------------------------------------------------------------------------------------------------

    def _remove_operator(self, subgraph: Subgraph, operator: Operator) -> Cleaned:
        if any(tensor.consumers or self.view.is_named(tensor) for tensor in operator.outputs):
            raise self._refused(f"to remove {operator.name}, whose results are read")
        self._demand_computes(operator)
        self._rewriter(subgraph).remove(operator)
        self._note(subgraph)
        what = f"{operator.name} is left out: nobody reads its results"
        return Cleaned(subgraph.key, _name(operator), what, matched=(operator,))

    def _merge_operators(self, subgraph: Subgraph, operator: Operator, into: Operator) -> Cleaned:
        if operator is into or len(operator.outputs) != len(into.outputs):
            raise self._refused(f"to read the results of {into.name} in place of those of {operator.name}")
        for old, new in zip(operator.outputs, into.outputs, strict=True):
            if old.is_output and new.is_output:
                raise self._refused(f"to give two outputs of the model as one: {old.name!r} and {new.name!r}")
            if not old.is_output and self.view.is_named(old):
                raise self._refused(f"to remove {old.name!r}, which something refers to")
            if not alike(old, new):
                raise self._refused(f"to read {new.name!r} in place of {old.name!r}, which is of another type")
        self._demand_computes(operator)
        self._demand_computes(into)
        name = _name(operator)
        self._rewriter(subgraph).merge(operator, into)
        self._note(subgraph)
        what = f"{operator.name} is left out: {_name(into)!r} is the same"
        return Cleaned(subgraph.key, name, what, tuple(operator.outputs), tuple(into.outputs), (operator,), (into,))

    def _demand_computes(self, operator: Operator) -> None:
        if not self.view.computes(operator):
            raise self._refused(f"to remove {operator.name}, which does more than compute its results")

    # -- tensors and buffers ------------------------------------------------------------------------------------------

    def _merge_constants(self, subgraph: Subgraph, tensor: Tensor, into: Tensor) -> Cleaned:
        if not _is_fixed(tensor) or not _is_fixed(into) or self.view.is_named(tensor):
            raise self._refused(f"to read {into.name!r} in place of {tensor.name!r}")
        if not alike(tensor, into) or tensor.data != into.data:
            raise self._refused(f"to read {into.name!r} in place of {tensor.name!r}, which is another constant")
        self._rewriter(subgraph).exchange(tensor, into)
        return Cleaned(subgraph.key, tensor.name, f"is left out: the constant {into.name!r} is the same")

    def _merge_buffers(self, buffer: Buffer, into: Buffer) -> Cleaned:
        source = self.model.file
        if buffer is into or buffer.content(source) != into.content(source):
            raise self._refused(f"to share the bytes of buffer {into.index} with buffer {buffer.index}")
        if self._holders is None:
            self._holders = {}
            for subgraph in self.model.subgraphs:
                for tensor in subgraph.tensors:
                    if tensor.buffer is not None:
                        self._holders.setdefault(tensor.buffer, []).append(tensor)
        moved = self._holders.pop(buffer, [])
        for tensor in moved:
            tensor.buffer = into
        self._holders.setdefault(into, []).extend(moved)
        self._buffers.add(buffer)
        self.model.modified = True
        return Cleaned(
            0, f"buffer {buffer.index}", f"is left out: buffer {into.index} has the same {buffer.size} bytes"
        )

    def _edit_tensor(self, subgraph: Subgraph, tensor: Tensor, values: Mapping[str, object]) -> Cleaned:
        if not _EDITABLE.issuperset(values):
            raise self._refused(f"to change {_listed(values.keys() - _EDITABLE)} of {tensor.name!r}")
        name = tensor.name
        tensor.edit(**values)
        self.model.modified = True
        return Cleaned(subgraph.key, name, f"has another {_listed(values)}")

    def _remove_tensor(self, subgraph: Subgraph, tensor: Tensor) -> Cleaned:
        if tensor.consumers or tensor.producer is not None or tensor.is_variable or self.view.is_named(tensor):
            raise self._refused(f"to remove the tensor {tensor.name!r}, which something refers to")
        self._rewriter(subgraph).drop(tensor)
        return Cleaned(subgraph.key, tensor.name, "is left out: nothing refers to the tensor")

    # -- subgraphs ----------------------------------------------------------------------------------------------------

    def _remove_subgraph(self, subgraph: Subgraph) -> Cleaned:
        index = subgraph.index
        if not index or any(each.subgraph is subgraph for each in self.model.signatures):
            raise self._refused(f"to remove subgraph {index}, which users of the model call")
        self._subgraphs.append(subgraph)
        self.model.modified = True
        what = f"is left out: no operator runs it, {len(subgraph.operators)} operators"
        return Cleaned(subgraph.key, f"subgraph {subgraph.name or index}", what)

    def _renumber(self) -> None:
        """Take the subgraphs out, and let operators refer to the others by their new places."""
        model, gone = self.model, set(self._subgraphs)
        staying = [each for each in model.subgraphs if each not in gone]
        places = {each.index: place for place, each in enumerate(staying)}
        for subgraph in staying:
            for operator in subgraph.operators:
                bodies = bodies_of(operator)
                if any(index not in places for index in bodies):
                    raise self._refused(f"to remove a subgraph that {operator.name} runs")
                if any(places[index] != index for index in bodies):
                    _refer(operator, places)
        for place, subgraph in enumerate(staying):
            subgraph.index = place
        model.subgraphs = staying
        removed = [operator for each in self._subgraphs for operator in each.operators]
        used = {operator.code for operator in model.operators()}
        went = {operator.code for operator in removed} - used
        model.operator_codes = [code for code in model.operator_codes if code not in went]
        buffers = {tensor.buffer for each in self._subgraphs for tensor in each.tensors if tensor.buffer is not None}
        buffers -= {tensor.buffer for each in staying for tensor in each.tensors}
        buffers -= self.view.metadata_buffers()
        model.buffers = [each for each in model.buffers if each not in buffers]

    # -- the rest -----------------------------------------------------------------------------------------------------

    def _rewriter(self, subgraph: Subgraph) -> Rewriter:
        found = self._rewriters.get(subgraph)
        if found is None:
            found = self._rewriters[subgraph] = Rewriter(self.model, subgraph)
        return found

    def _note(self, subgraph: Subgraph) -> None:
        if subgraph not in self.changed:
            self.changed.append(subgraph)

    def _refused(self, what: str) -> PackError:
        return PackError(
            f"the cleanup {self.cleanup} asks {what}", hint="this is a mistake of the pack: its author needs to know"
        )


def _refer(operator: Operator, places: Mapping[int, int]) -> None:
    """Let an operator refer to subgraphs by their new places; negative numbers stand for none."""

    def now(value: object) -> object:
        return places[value] if isinstance(value, int) and value >= 0 else value

    options = dict(operator.options or {})
    for name in builtin_declarations()[operator.code.builtin].subgraph_attributes:
        value = operator.attribute(name)
        options[name] = [now(each) for each in value] if is_list(value) else now(value)
    operator.options = options


def _is_fixed(tensor: Tensor) -> bool:
    """Whether nothing but the file says what a tensor holds: no user, and no operator."""
    return tensor.is_constant and not tensor.is_input and tensor.producer is None


def _name(operator: Operator) -> str:
    return operator.outputs[0].name if operator.outputs else operator.name


def _listed(names: Iterable[str]) -> str:
    return " and ".join(sorted(names))
