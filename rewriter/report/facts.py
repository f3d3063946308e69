"""What can be said of a model's operators and tensors: the facts behind text and JSON."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import Any

from attrs import define, field

from rewriter.dialect.declaration import Declaration
from rewriter.dialect.dialect import Dialect
from rewriter.dialect.options import OptionsError, shown_options
from rewriter.model import Buffer, Model, Operator, Subgraph, Tensor
from rewriter.packs import finder


@define
class Facts:
    """Looks up what declarations say of the operators of one model, each kind once."""

    model: Model
    _declarations: dict[str, Declaration | None] = field(factory=dict[str, "Declaration | None"])

    def declaration(self, operator: Operator) -> Declaration | None:
        """An operator's declaration; None if the schema does not know it."""
        name = operator.name
        if name not in self._declarations:
            dialect = Dialect(elsewhere=finder())
            self._declarations[name] = dialect.find(operator.code.builtin, operator.code.custom_code)
        return self._declarations[name]

    def operands(self, operator: Operator) -> list[tuple[str, Tensor | None]]:
        """The operands in the file's order, with the names that their declaration gives them."""
        declaration = self.declaration(operator)
        specs = () if declaration is None else declaration.operands or ()
        stored = () if declaration is None else declaration.stored
        names: list[str] = []
        for place in range(len(operator.inputs)):
            logical = stored[place] if place < len(stored) else place
            variadic = bool(specs) and specs[-1].variadic
            known = logical < len(specs) and not (variadic and logical >= len(specs) - 1)
            names.append(specs[logical].name if known else "")
        return list(zip(names, operator.inputs, strict=True))

    def results(self, operator: Operator) -> list[tuple[str, Tensor]]:
        """The results with their declared names."""
        declaration = self.declaration(operator)
        specs = () if declaration is None else declaration.results or ()
        fixed = [spec.name for spec in specs if not spec.variadic]
        names = [fixed[place] if place < len(fixed) else "" for place in range(len(operator.outputs))]
        return list(zip(names, operator.outputs, strict=True))

    def attributes(self, operator: Operator) -> dict[str, Any]:
        """An operator's attributes by name; those of a custom one if they are declared."""
        declaration = self.declaration(operator)
        if declaration is not None and declaration.codec is not None:
            try:
                return declaration.codec.decode(operator.custom_options)
            except OptionsError as error:
                return {"custom_options": str(error)}
        options = operator.custom_options
        return operator.attributes() | ({"custom_options": shown_options(options)} if options else {})

    def told(self, operator: Operator) -> dict[str, Any]:
        """The attributes that say something: those that are not what the schema says where nothing is stored."""
        declaration = self.declaration(operator)
        defaults = {name: spec.default for name, spec in declaration.attributes.items()} if declaration else {}
        return {
            name: given
            for name, given in self.attributes(operator).items()
            if name == "padding" or name not in defaults or given not in (defaults[name], [], "", None)
        }

    def constants_by_kind(self) -> dict[str, int]:
        """How many bytes of constants the operators of each kind read; what two kinds read counts for both."""
        read: dict[str, set[Buffer]] = {}
        for operator in self.model.operators():
            buffers = read.setdefault(operator.name, set())
            for tensor in operator.inputs:
                if tensor is not None and tensor.is_constant and tensor.buffer is not None:
                    buffers.add(tensor.buffer)
        return {name: sum(buffer.size for buffer in buffers) for name, buffers in read.items()}

    def largest_constants(self, count: int) -> list[tuple[Subgraph, Tensor]]:
        """The tensors that hold the largest constants, each constant once."""
        seen: set[Buffer] = set()
        found: list[tuple[Subgraph, Tensor]] = []
        for subgraph, tensor in self.tensors():
            if tensor.is_constant and tensor.buffer is not None and tensor.buffer not in seen:
                seen.add(tensor.buffer)
                found.append((subgraph, tensor))
        return sorted(found, key=lambda each: -bytes_of(each[1]))[:count]

    def tensors(self) -> Iterator[tuple[Subgraph, Tensor]]:
        """All tensors of all subgraphs."""
        for subgraph in self.model.subgraphs:
            for tensor in subgraph.tensors:
                yield subgraph, tensor

    def types(self) -> dict[str, tuple[int, int, int]]:
        """By element type: how many tensors, how many of them with one scale, and how many with several."""
        counts: Counter[str] = Counter()
        single: Counter[str] = Counter()
        several: Counter[str] = Counter()
        for _, tensor in self.tensors():
            counts[tensor.dtype] += 1
            parameters = tensor.quantization
            if parameters is not None and parameters.scale:
                (several if parameters.per_channel else single)[tensor.dtype] += 1
        return {dtype: (count, single[dtype], several[dtype]) for dtype, count in counts.most_common()}

    def dynamic(self) -> list[tuple[Subgraph, Tensor]]:
        """The tensors with a size that is left open."""
        return [(subgraph, tensor) for subgraph, tensor in self.tensors() if tensor.dynamic]


def bytes_of(tensor: Tensor) -> int:
    """How many bytes of constant a tensor has."""
    return tensor.buffer.size if tensor.is_constant and tensor.buffer is not None else 0
