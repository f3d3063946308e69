"""Making a replacement beside the graph, without touching it.

Constants, operators and inferred types are made; any condition that fails on the way raises `Mismatch`, and nothing has
happened.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from attrs import define, field

from rewriter.dialect.declaration import Declaration, OperandSpec, undeclared
from rewriter.dialect.encoding import encoded, stored_attribute
from rewriter.dialect.inference import infer, infer_operator, operand_types
from rewriter.dialect.options import OptionsError
from rewriter.dialect.types import QuantizedArray, TensorType, is_list
from rewriter.language.evaluation import evaluated
from rewriter.language.expressions import Frame, Undefined
from rewriter.language.program import MISSING, dimensions_of, read_attribute
from rewriter.language.replacement import (
    Alike,
    Captured,
    Constant,
    Implied,
    Item,
    Made,
    MakeOperator,
    Mapped,
    Nothing,
    Retyped,
    Source,
    Spread,
    inherited_names,
)
from rewriter.language.rules import Rule
from rewriter.model import Buffer, Operator, OperatorCode, Quantization, Tensor

if TYPE_CHECKING:
    from rewriter.rewriter import Rewriter

_ANY = OperandSpec("")
# The element types that steps can have, and the least and the greatest that each holds.
STEPS = {
    **{f"i{bits}": (-(2 ** (bits - 1)), 2 ** (bits - 1) - 1) for bits in (4, 8, 16, 32)},
    **{f"u{bits}": (0, 2**bits - 1) for bits in (4, 8, 16)},
}
_UNKNOWN = "its type cannot be inferred"


class Mismatch(Exception):
    """The replacement cannot stand where the match stands; the message is the reason."""


@define
class Built:
    """A replacement that has been made, not yet put in place.

    Attributes:
        operators: In an order in which they can run.
        constants: New ones, and those that stand for operands which the file leaves out.
        roots: The old results, and what takes the place of each; where the two are one, a new operator computes it.
        dropped: Outputs of the subgraph in whose place nothing comes.
        inputs: Inputs of the subgraph that change their type, and what takes their places.
        order: Where the match is spread over the graph: the operators between its first and last, the new ones
            included, in the order in which they have to run.
    """

    operators: list[Operator] = field(factory=list[Operator])
    constants: list[Tensor] = field(factory=list[Tensor])
    roots: list[tuple[Tensor, Tensor]] = field(factory=list[tuple[Tensor, Tensor]])
    dropped: list[Tensor] = field(factory=list[Tensor])
    inputs: list[tuple[Tensor, Tensor]] = field(factory=list[tuple[Tensor, Tensor]])
    order: list[Operator] | None = None


class Builder:
    """Makes one replacement."""

    def __init__(self, rewriter: Rewriter, rule: Rule, frame: Frame) -> None:
        self.rewriter = rewriter
        self.rule = rule
        if rule.replacement.registers:
            frame = [*frame, *[None] * rule.replacement.registers]
        self.frame = frame
        # The frame of the match, also while an element of a list stands for it in the other.
        self.whole = frame
        # What is given anew, a list of results as such; for each the tensor that speaks for it.
        self.given: list[list[Tensor]] = [
            frame[root.tensor] if root.many else [frame[root.tensor]] for root in rule.replacement.roots
        ]
        some = next(tensors[0] for tensors in self.given if tensors)
        self.roots: list[Tensor] = [tensors[0] if tensors else some for tensors in self.given]
        self.old = self.roots[0]
        self.made: dict[int, Operator] = {}
        # Where each result of a new operator begins, a list of them counted as one.
        self.bounds: dict[int, list[int]] = {}
        # The root that a result becomes which is made for one element of a list.
        self.onto: dict[tuple[int, int], Tensor] = {}
        self.built = Built()

    def build(self) -> Built:
        replacement = self.rule.replacement
        try:
            for each in replacement.evaluations:
                tensor = self.frame[each.tensor]
                self.frame[each.out] = evaluated(self.rewriter.model, tensor, self.rewriter.evaluator)
            for make in replacement.operators:
                self.make(make)
            for root, olds in zip(replacement.roots, self.given, strict=True):
                if isinstance(root.source, Nothing):
                    self.drop(olds[0])
                    continue
                self.built.roots += zip(olds, self.new_roots(root.source, olds), strict=True)
        except (Undefined, OptionsError) as error:
            raise Mismatch(str(error)) from None
        outputs = [new for old, new in self.built.roots if old.is_output]
        if len(outputs) > 1 and len(set(outputs)) < len(outputs):
            raise Mismatch("two outputs of the subgraph cannot be one tensor")
        if self.built.dropped:
            self.check_cut()
        if self.rule.program.spread:
            self.built.order = self.rewriter.order(self.rule.program.matched(self.frame), self.built)
        return self.built

    def drop(self, old: Tensor) -> None:
        """Leave out an output of the model."""
        if not self.may_change(old):
            what = "something reads it" if old.consumers else "it is no output of the model"
            raise Mismatch(f"{old.name!r} cannot be dropped: {what}")
        self.built.dropped.append(old)

    def check_cut(self) -> None:
        """What is cut off must be able to compute the old outputs from the new ones: the check does just that."""
        results = {new for _, new in self.built.roots}
        program = self.rule.program
        gone = program.replaced(self.frame, program.matched(self.frame))
        made = {tensor for operator in gone for tensor in operator.outputs}
        read = dict.fromkeys(tensor for operator in gone for tensor in operator.inputs if tensor is not None)
        for tensor in read:
            if tensor not in made and tensor not in results and not tensor.is_constant:
                raise Mismatch(f"what is cut off reads {tensor.name!r}, which becomes no output")
        for old, new in self.built.roots:
            if not old.is_output or old.consumers:
                raise Mismatch(f"{old.name!r} is no output of its own, and {new.name!r} cannot become one in its place")

    def make(self, make: MakeOperator) -> None:
        """Make an operator; it joins the others once its operands have."""
        self.old = self.roots[make.root]
        made = self.operator(make)
        self.made[make.index] = made
        self.built.operators.append(made)

    def new_roots(self, source: Source, olds: list[Tensor]) -> list[Tensor]:
        """What takes the place of one root, or of a list of them."""
        match source:
            case Made(index=index, result=result):
                return self.results_of(index, result)
            case Spread() | Mapped():
                self.old = olds[0] if olds else self.old
                news = self.several(source, onto=olds)
                if len(news) != len(olds):
                    raise Mismatch(f"the replacement gives {len(news)} results in the place of {len(olds)}")
                made = {tensor for operator in self.built.operators for tensor in operator.outputs}
                return [
                    new if new is old and new in made else self.new_root(new, old)
                    for new, old in zip(news, olds, strict=True)
                ]
            case _:
                (old,) = olds
                self.old = old
                return [self.new_root(self.operand(source, None, []), old)]

    def results_of(self, index: int, result: int) -> list[Tensor]:
        """A result of a new operator, or the list that is one."""
        start, end = self.bounds[index][result : result + 2]
        return self.made[index].outputs[start:end]

    def new_root(self, tensor: Tensor | None, old: Tensor) -> Tensor:
        """The tensor that all readers of a root take instead; there is no new operator for it."""
        if tensor is None:
            raise Mismatch("the replacement is absent here")
        if not self.may_change(old):
            if self.rule.changes_interface and tensor.is_input and not _alike(tensor, old):
                return self.new_input(tensor, old)
            if tensor.dtype != old.dtype or dimensions_of(tensor) != dimensions_of(old):
                raise Mismatch(f"the replacement is {_described(tensor)}, the root {_described(old)}")
            _agree_quantization(tensor, old)
        if old.is_output and (tensor.is_output or tensor.producer is None or tensor.is_input):
            raise Mismatch(f"the root is the output {old.name!r}, and what replaces it cannot take its name")
        return tensor

    def may_change(self, root: Tensor) -> bool:
        """Whether a root may change its type and shape: as an output of the model that nothing in it reads."""
        return self.rule.changes_interface and root.is_output and not root.consumers and self.rewriter.is_entry

    def new_input(self, old: Tensor, root: Tensor) -> Tensor:
        """An input of the type that the root has, in the place of one that only what was matched reads."""
        if root.is_output:
            raise Mismatch(f"the type of the input {old.name!r} cannot change: something else uses it")
        return self.exchanged(
            old,
            Tensor.make(
                old.name, root.dtype, root.shape, quantization=root.quantization, shape_signature=root.shape_signature
            ),
        )

    def retyped(self, source: Retyped) -> Tensor:
        """An input in the element type and the steps that the text says."""
        old = self.frame[source.register]
        known = next((new for before, new in self.built.inputs if before is old), None)
        if known is not None:
            return known
        if not isinstance(old, Tensor) or not old.is_input:
            raise Mismatch(f"{old.name if isinstance(old, Tensor) else 'what is absent'!r} is no input")
        dtype, quantization = self.alike(source.alike)
        made = Tensor.make(old.name, dtype, old.shape, quantization=quantization, shape_signature=old.shape_signature)
        return self.exchanged(old, made)

    def exchanged(self, old: Tensor, new: Tensor) -> Tensor:
        """An input in the place of one that only what was matched reads."""
        program = self.rule.program
        gone = program.replaced(self.frame, program.matched(self.frame))
        read = old.is_output or any(reader not in gone for reader in old.consumers)
        if not self.rewriter.is_entry or read:
            raise Mismatch(f"the type of the input {old.name!r} cannot change: something else uses it")
        new.key = old.key
        self.built.inputs.append((old, new))
        return new

    # -- operators ----------------------------------------------------------------------------------------------------

    def operator(self, make: MakeOperator) -> Operator:
        if make.declaration is not None:
            return self.new_operator(make, make.declaration)
        assert make.again is not None
        old = self.frame[make.again]
        if not isinstance(old, Operator):
            raise Mismatch("the operator that is to be made again is not part of this match")
        return self.repeated(make, old)

    def new_operator(self, make: MakeOperator, declaration: Declaration) -> Operator:
        """An operator of the dialect: attributes as written, implied, inherited or by default, the lowest version."""
        values = self.written(make, declaration)
        operands = self.operands(make, declaration)
        attributes: dict[str, Any] = {}
        unknown: Sequence[str] = ()
        if declaration.attributes:
            values = self.inherited(make, declaration, values)
            if declaration.implied_values:
                values |= self.implied(declaration, values, operands, self.targets_of(make))
                unknown = [name for name in declaration.implied_values if name not in values]
            attributes = self.with_defaults(declaration, values, unknown)
        results = self.results(make, declaration, operands, attributes)
        if unknown:
            # What follows from a result that is not recorded can be said only now that it has been inferred.
            values |= self.implied(declaration, values, operands, results)
            attributes = self.with_defaults(declaration, values)
        version = declaration.version(operands, results, attributes)
        made = Operator(self.rewriter.code(declaration, version), declaration.inputs(operands), results)
        if make.custom_options is not None:
            made.custom = make.custom_options(self.frame)
        elif declaration.codec is not None:
            made.custom = declaration.codec.encode(attributes)
        if declaration.code is None and values:
            # What equals the schema's default is left out, as every flatbuffer writer does.
            specs = declaration.attributes
            made.options = {name: value for name, value in values.items() if value != specs[name].default}
        self.refuse(declaration, operands, results, attributes)
        return made

    def repeated(self, make: MakeOperator, old: Operator) -> Operator:
        """An operator of the match on new operands, with all that it has besides them."""
        declaration = self.declaration_of(old, make.declarations)
        values = self.written(make, declaration)
        operands = self.operands(make, declaration)
        if make.declarations:
            logical, inputs = operands, declaration.inputs(operands)
        else:
            # Nothing is known of it where the rule is checked, so its operands are written as the file has them.
            inputs = operands
            places = [declaration.file_index(place) for place in range(len(declaration.stored))]
            logical = [operands[at] if at < len(operands) else None for at in places] if places else operands
        attributes = {
            name: spec.default if (value := read_attribute({old.name: declaration}, old, name)) is MISSING else value
            for name, spec in declaration.attributes.items()
        } | values
        results = self.results(make, declaration, logical, attributes)
        code = self.raised(declaration, old, logical, results, attributes)
        made = Operator(code, inputs, results, old.at, old.file, intermediates=list(old.intermediates))
        made.options = {**(old.options or {}), **values} if values or old.options else None
        made.custom = old.custom
        if declaration.codec is not None and values:
            made.options = None
            made.custom = declaration.codec.encode(attributes, old.custom_options)
        if make.custom_options is not None:
            made.custom = make.custom_options(self.frame)
        # Where something is wrong with the old one already, the new one is held to no more than it was.
        self.refuse(declaration, logical, results, attributes, quantization=not _complaints(declaration, old))
        return made

    def raised(
        self,
        declaration: Declaration,
        old: Operator,
        operands: list[Tensor | None],
        results: list[Tensor],
        attributes: dict[str, Any],
    ) -> OperatorCode:
        """The code of an operator that is made again: a newer version where the new operands ask for one."""
        needed = declaration.version(operands, results, attributes)
        if needed <= old.code.version:
            return old.code
        before = {name: read_attribute({old.name: declaration}, old, name) for name in declaration.attributes}
        # Some converters write versions that are too low, and the runtime takes them; these stay.
        if needed <= declaration.version(declaration.logical(old), old.outputs, before):
            return old.code
        return self.rewriter.code(declaration, needed)

    def written(self, make: MakeOperator, declaration: Declaration) -> dict[str, object]:
        """The attributes that the rule's text gives, in the form in which a file gives them back."""
        frame = self.frame
        return {name: self.attribute(declaration, name, evaluate(frame)) for name, evaluate, _ in make.attributes}

    def targets_of(self, make: MakeOperator) -> list[Tensor]:
        """The roots that an operator's results become; empty where some other result comes before one of them."""
        found = self.targets(make)
        return [] if None in found else [tensor for tensors in found for tensor in tensors or ()]

    def targets(self, make: MakeOperator) -> list[list[Tensor] | None]:
        """For each result of an operator the root that it becomes, or the list of them; None for one in between."""
        targets = self.rule.replacement.targets
        found: list[list[Tensor] | None] = []
        for place in range(make.results):
            onto, target = self.onto.get((make.index, place)), targets.get((make.index, place))
            found.append([onto] if onto is not None else None if target is None else self.given[target])
        return found

    def implied(
        self,
        declaration: Declaration,
        values: Mapping[str, object],
        operands: list[Tensor | None],
        results: Sequence[Tensor],
    ) -> dict[str, object]:
        """The attributes that nobody wrote and that follow from operands and results, as far as these are known."""
        known = declaration.names(operands, results, values)
        found: dict[str, object] = {}
        for name, evaluate in declaration.implied_values.items():
            if name not in values:
                try:
                    found[name] = evaluate(known)
                except Undefined:
                    continue
        return found

    def inherited(self, make: MakeOperator, declaration: Declaration, written: dict[str, object]) -> dict[str, object]:
        """What is written, and the attributes that the matched root hands on: those of the same name and type."""
        operator = self.frame[self.rule.replacement.roots[make.root].operator]
        known = self.rule.replacement.roots[make.root].declarations
        giver = self.declaration_of(operator, known)
        values = dict(written)
        for name in inherited_names(declaration, giver, written):
            value = read_attribute({operator.code.name: giver}, operator, name)
            if value is MISSING:
                raise Mismatch(f"{name} of {operator.name} has no value that can be handed on")
            values[name] = value
        return values

    def results(
        self, make: MakeOperator, declaration: Declaration, operands: list[Tensor | None], attributes: Mapping[str, Any]
    ) -> list[Tensor]:
        """The tensors that a new operator computes: roots, whose types must agree, and new ones in between."""
        inferred = self.infer(declaration, operands, attributes)
        targets = self.one_by_one(make, declaration, None if inferred is None else len(inferred))
        results: list[Tensor] = []
        for place, root in enumerate(targets):
            kind = None if inferred is None else inferred[place]
            if root is None:
                results.append(self.intermediate(make, declaration, kind, operands, attributes, place))
                continue
            if kind is not None and self.is_unrecorded(root, kind):
                results.append(root)  # as before, the runtime finds its shape
                continue
            # What QUANTIZE gives stands on its result alone: there, `like` says it.
            if self.may_change(root) and (kind is not None or make.like is not None):
                new = self.intermediate(make, declaration, kind, operands, attributes, place)
                results.append(root if _alike(new, root) else new)
                continue
            self.agree(declaration, kind, root)
            results.append(root)
        for place, register in make.lists.items():
            start, end = self.bounds[make.index][place : place + 2]
            self.frame[register] = results[start:end]
        return results

    def one_by_one(self, make: MakeOperator, declaration: Declaration, count: int | None) -> list[Tensor | None]:
        """For each tensor that an operator gives the root that it becomes, None for those in between.

        `count`: how many there are; None where the declaration does not say.
        """
        targets = self.targets(make)
        runs = make.runs or (False,) * make.results
        lengths = [
            len(target) if target is not None else 0 if run else 1 for target, run in zip(targets, runs, strict=True)
        ]
        open_lists = [place for place, target in enumerate(targets) if target is None and runs[place]]
        if open_lists:
            if count is None:
                raise Mismatch(f"how many results {declaration.name} gives here is not known")
            lengths[open_lists[0]] = max(count - sum(lengths), 0)
        if count is not None and count != sum(lengths):
            raise Mismatch(f"{declaration.name} gives {count} results here, not {sum(lengths)}")
        bounds = [0]
        found: list[Tensor | None] = []
        for target, length in zip(targets, lengths, strict=True):
            bounds.append(bounds[-1] + length)
            found += target if target is not None else [None] * length
        self.bounds[make.index] = bounds
        return found

    def is_unrecorded(self, root: Tensor, kind: TensorType) -> bool:
        """Whether the file says nothing of a root's shape, and its own operator computes just what the new one does.

        Converters write no shape for the results of custom operators that they do not know.
        """
        operator = root.producer
        if root.shape or operator is None or not kind.shape:
            return False
        place = next(place for place, tensors in enumerate(self.given) if root in tensors)
        new = self.rule.replacement.roots[place]
        declaration = new.declarations.get(operator.name)
        if declaration is None or declaration.code is None:
            return False
        try:
            inferred = infer_operator(declaration, operator)
        except (ValueError, KeyError):
            return False
        return inferred is not None and inferred[operator.outputs.index(root)] == kind

    def declaration_of(self, operator: Operator, known: Mapping[str, Declaration]) -> Declaration:
        from rewriter.dialect.dialect import builtin_declarations

        builtin = operator.code.builtin
        return known.get(operator.code.name) or builtin_declarations().get(builtin) or undeclared(builtin)

    def attribute(self, declaration: Declaration, name: str, value: object) -> object:
        """An attribute's value in the form in which a file gives it back."""
        spec = declaration.attributes.get(name)
        if spec is None:
            raise Mismatch(f"{declaration.name} has no attribute {name!r}")
        try:
            return stored_attribute(spec, value)
        except ValueError as error:
            raise Mismatch(f"{name} of {declaration.name} {error}") from None

    def with_defaults(
        self, declaration: Declaration, values: Mapping[str, object], unknown: Sequence[str] = ()
    ) -> dict[str, Any]:
        """Every attribute of a new operator, the schema's defaults included; not those that nothing is known of yet."""
        attributes = {
            name: values.get(name, spec.default) for name, spec in declaration.attributes.items() if name not in unknown
        }
        if declaration.codec is not None:
            for name, value in attributes.items():
                if value is None:
                    raise Mismatch(f"{name} of {declaration.name} is given no value")
        return attributes

    def operands(self, make: MakeOperator, declaration: Declaration) -> list[Tensor | None]:
        """The operands, in logical order where the rule knows of one."""
        in_file_order = make.declaration is None and not make.declarations
        declared = declaration.operands is not None and not declaration.variadic and not in_file_order
        specs = declaration.operands if declared else None
        tensors: list[Tensor | None] = []
        literals: list[tuple[int, OperandSpec, Constant]] = []
        for source in make.operands:
            spec = specs[len(tensors)] if specs is not None and len(tensors) < len(specs) else _ANY
            if specs is None and declaration.operands:
                spec = _variadic_spec(declaration.operands, len(tensors)) if not in_file_order else _ANY
            match source:
                case Implied() if specs is not None and len(tensors) >= len(specs):
                    pass  # another alternative of the pattern has it
                case Constant(literal=True, dtype=None):
                    literals.append((len(tensors), spec, source))
                    tensors.append(None)
                case Spread() | Mapped():
                    tensors += self.several(source)
                case _:
                    tensors.append(self.operand(source, spec, ()))
        # A literal takes its type from the operands beside it, so these come first.
        for place, spec, source in literals:
            tensors[place] = self.operand(source, spec, tensors)
        if specs is not None:
            if len(tensors) > len(specs):
                raise Mismatch(f"{declaration.name} takes at most {len(specs)} operands, not {len(tensors)}")
            tensors += [None] * (len(specs) - len(tensors))
            for spec, tensor in zip(specs, tensors, strict=True):
                if tensor is not None and spec.dtypes and tensor.dtype not in spec.dtypes:
                    raise Mismatch(f"{spec.name} of {declaration.name} cannot be {tensor.dtype}")
        return tensors

    def several(self, source: Spread | Mapped, onto: Sequence[Tensor] = ()) -> list[Tensor | None]:
        """The operands that a list gives; `onto`: the roots that they become, where they are such."""
        if isinstance(source, Spread):
            found = self.frame[source.register] if source.part is None else source.part(self.frame)
            return [self.in_graph(tensor) for tensor in found]
        lengths = {len(self.frame[register]) for register in source.lists}
        if len(lengths) != 1:
            shown = " and ".join(map(str, sorted(lengths)))
            raise Mismatch(f"lists of {shown} elements cannot be gone through together")
        tensors: list[Tensor | None] = []
        for place in range(lengths.pop()):
            self.frame = list(self.whole)
            for register in source.lists:
                self.frame[register] = self.whole[register][place]
            if isinstance(source.value, Made) and place < len(onto):
                self.onto[source.value.index, source.value.result] = onto[place]
            for make in source.operators:
                self.make(make)
            tensors.append(self.operand(source.value, _ANY, ()))
        self.frame = self.whole
        return tensors

    def operand(self, source: Source, spec: OperandSpec | None, others: Sequence[Tensor | None]) -> Tensor | None:
        match source:
            case Captured(register=register):
                found = self.frame[register]
                assert found is None or isinstance(found, Tensor)
                return self.in_graph(found)
            case Item(register=register, place=place):
                tensors, at = self.whole[register], place(self.whole)
                if not isinstance(at, int) or not -len(tensors) <= at < len(tensors):
                    raise Mismatch(f"the list has {len(tensors)} elements, and none at {at}")
                return self.in_graph(tensors[at])
            case Made(index=index, result=result):
                return self.results_of(index, result)[0]
            case Retyped():
                return self.retyped(source)
            case Nothing():
                return None
            case Implied(root=root):
                tensor = self.roots[root]
                self.trust_recorded(root)
                sizes = dimensions_of(tensor)
                if None in sizes:
                    raise Mismatch(f"the result {tensor.name!r} has an open dimension, which no constant can hold")
                return self.constant(list(sizes), "i32")
            case Constant(evaluate=evaluate, dtype=dtype, literal=literal):
                value = evaluate(self.frame)
                return self.constant(value, dtype or (self.literal_dtype(value, spec, others) if literal else None))
            case Spread() | Mapped():
                raise Mismatch("a list cannot stand for one tensor")

    def in_graph(self, tensor: Tensor | None) -> Tensor | None:
        """A captured tensor; one that stands for an operand which the file leaves out becomes a constant."""
        if tensor is None or tensor.index >= 0 or tensor.consumers or tensor.buffer is None or tensor.buffer.index >= 0:
            return tensor
        if tensor not in self.built.constants:
            tensor.edit(name=self.rewriter.fresh_name(self.old.name))
            self.built.constants.append(tensor)
        return tensor

    def trust_recorded(self, root: int) -> None:
        """What follows from a root's recorded shape is right only if that shape is what the root computes."""
        new, old = self.rule.replacement.roots[root], self.roots[root]
        operator: Operator = self.frame[new.operator]
        declaration = new.declarations.get(operator.name)
        if declaration is None or old not in operator.outputs:
            return
        try:
            inferred = infer_operator(declaration, operator)
        except (ValueError, KeyError) as error:
            raise Mismatch(f"{operator.name}: {error}") from None
        if inferred is not None:
            self.agree(declaration, inferred[operator.outputs.index(old)], old)

    def literal_dtype(self, value: Any, spec: OperandSpec | None, others: Sequence[Tensor | None]) -> str:
        """The element type that a literal takes from its place: what the declaration fixes, or its neighbour's."""
        if spec is not None and spec.dtypes:
            return "i32" if "i32" in spec.dtypes else spec.dtypes[0]
        beside = next((tensor for tensor in others if tensor is not None), None) or self.old
        if beside.quantization is not None and beside.quantization.scale:
            raise Mismatch("a literal cannot stand for a quantized value")
        if spec is _ANY and is_list(value) and beside.dtype.startswith(("f", "b")) and _integers(value):
            # Axes, say, or a shape; which they are, only a declaration could tell.
            raise Mismatch(f"the operator is not declared: say the type of {value}, as in {value}:i32")
        return beside.dtype

    def constant(self, value: object, dtype: str | None) -> Tensor:
        """A new constant from a number, a list or an array."""
        quantization: Quantization | None = None
        if isinstance(value, QuantizedArray):
            quantization = Quantization(value.scale, value.zero_point, value.dimension)
            value, dtype = value.stored, value.dtype
        try:
            data, shape, dtype = encoded(value, dtype)
        except ValueError as error:
            raise Mismatch(str(error)) from None
        tensor = Tensor.make(
            self.rewriter.fresh_name(self.old.name),
            dtype,
            shape,
            buffer=Buffer(-1, size=len(data), data=data),
            quantization=quantization,
        )
        tensor.key = hash((dtype, shape, data))
        self.built.constants.append(tensor)
        return tensor

    # -- types --------------------------------------------------------------------------------------------------------

    def infer(
        self, declaration: Declaration, operands: list[Tensor | None], attributes: Mapping[str, Any]
    ) -> tuple[TensorType | None, ...] | None:
        """The results' types; None where the declaration does not say how they follow."""
        if declaration.shape is None:
            return None
        for spec, tensor in zip(declaration.operands or (), operands, strict=False):
            if tensor is None and not (spec.optional or spec.implied or declaration.variadic):
                raise Mismatch(f"{spec.name} of {declaration.name} is absent here")
        try:
            return infer(declaration, operand_types(declaration, operands, attributes), attributes)
        except ValueError as error:
            raise Mismatch(f"{declaration.name}: {error}") from None

    def intermediate(
        self,
        make: MakeOperator,
        declaration: Declaration,
        inferred: TensorType | None,
        operands: list[Tensor | None],
        attributes: Mapping[str, Any],
        place: int,
    ) -> Tensor:
        """A tensor between two new operators, or a result that nobody reads."""
        name = declaration.name
        like = self.alike(make.like) if make.like is not None else None
        if name == "QUANTIZE" and like is not None and operands[0] is not None:
            # What it gives stands on its result's tensor alone, and `like` says that.
            inferred = TensorType(like[0], dimensions_of(operands[0]))
        if inferred is None:
            raise Mismatch(f"{name} stands inside the replacement, and {_UNKNOWN}")
        quantization: Quantization | None = None
        if like is not None:
            quantization = like[1]
        elif declaration.quantization is not None:
            try:
                quantization = declaration.quantization(operands, attributes, inferred, place)
            except ValueError as error:
                reason = f"its quantisation is not known ({error})"
                raise Mismatch(f"{name} stands inside the replacement, and {reason}: add ': like y'") from None
        elif any(map(_is_quantized, operands)):
            raise Mismatch(f"{name} stands inside the replacement, and its quantisation is not known: add ': like y'")
        signature = tuple(-1 if size is None else size for size in inferred.shape)
        tensor = Tensor.make(
            self.rewriter.fresh_name(self.old.name),
            inferred.dtype,
            [1 if size is None else size for size in inferred.shape],
            quantization=quantization,
            shape_signature=signature if -1 in signature else None,
        )
        tensor.key = hash((name, place, tuple(each.key if each is not None else None for each in operands)))
        return tensor

    def alike(self, like: Alike) -> tuple[str, Quantization | None]:
        """The element type and quantisation that `like` says; real values have none."""
        tensor = self.operand(like.source, None, [])
        if tensor is None:
            raise Mismatch("what the result is to be like is absent here")
        values: dict[str, Any] = {name: evaluate(self.frame) for name, evaluate in like.changes.items()}
        dtype, old = values.get("dtype", tensor.dtype), tensor.quantization
        if dtype not in STEPS:
            if dtype != "f32":
                raise Mismatch(f"{dtype!r} is no element type of real values or steps")
            return dtype, None
        scale, zero = (_listed(values[name]) if name in values else None for name in ("scale", "zero_point"))
        if old is None and scale is None:
            return dtype, None
        try:
            scales = tuple(map(float, scale)) if scale is not None else old.scale if old is not None else ()
            zeros = tuple(map(int, zero)) if zero is not None else old.zero_point if old is not None else (0,)
        except (TypeError, ValueError, OverflowError):
            raise Mismatch("a scale or zero point is no number") from None
        least, most = STEPS[dtype]
        if not all(math.isfinite(each) and each > 0 for each in scales) or not all(
            least <= each <= most for each in zeros
        ):
            raise Mismatch(f"steps of {dtype} with scale {scale} and zero point {zero} are none")
        return dtype, Quantization(scales, zeros, old.dimension if old is not None else 0)

    def agree(self, declaration: Declaration, inferred: TensorType | None, root: Tensor) -> None:
        """The new root's type must be the one that is recorded for the tensor it takes over."""
        if inferred is None:
            return
        if inferred.dtype != root.dtype or not _sizes_agree(inferred.shape, dimensions_of(root)):
            raise Mismatch(f"{declaration.name} gives {inferred}, but {root.name!r} is {_described(root)}")

    def refuse(
        self,
        declaration: Declaration,
        operands: list[Tensor | None],
        results: list[Tensor],
        attributes: Mapping[str, Any],
        *,
        quantization: bool = True,
    ) -> None:
        """What the runtime demands of operands and attributes."""
        if declaration.conditions:
            known = declaration.names(operands, results, attributes)
            for text, condition in declaration.conditions:
                if not condition(known):
                    raise Mismatch(f"{declaration.name} needs {text}")
        if quantization and declaration.quantization_demands:
            for complaint in declaration.quantization_complaints(operands, results, attributes):
                raise Mismatch(f"{declaration.name}: {complaint}")


def _complaints(declaration: Declaration, operator: Operator) -> bool:
    """Whether something is wrong with an operator's quantisation as the model has it."""
    if not declaration.quantization_demands:
        return False
    attributes = {name: declaration.attribute(operator, name) for name in declaration.attributes}
    return bool(declaration.quantization_complaints(declaration.logical(operator), operator.outputs, attributes))


def _listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]  # pyright: ignore[reportUnknownVariableType]


def _alike(one: Tensor, other: Tensor) -> bool:
    """Whether two tensors have one type, shape and quantisation."""
    try:
        _agree_quantization(one, other)
    except Mismatch:
        return False
    return one.dtype == other.dtype and dimensions_of(one) == dimensions_of(other)


def _variadic_spec(specs: tuple[OperandSpec, ...], place: int) -> OperandSpec:
    """What is declared of an operand of an operator that takes any number of them."""
    at = next(index for index, spec in enumerate(specs) if spec.variadic)
    return specs[place] if place < at else specs[at]


def _is_quantized(tensor: Tensor | None) -> bool:
    return tensor is not None and tensor.quantization is not None and bool(tensor.quantization.scale)


def _described(tensor: Tensor) -> str:
    return str(TensorType(tensor.dtype, dimensions_of(tensor)))


def _sizes_agree(inferred: tuple[int | None, ...], recorded: tuple[int | None, ...]) -> bool:
    """An open dimension agrees only with an open one."""
    return tuple(inferred) == tuple(recorded)


def _agree_quantization(new: Tensor, old: Tensor) -> None:
    one, other = new.quantization, old.quantization
    scaled = [bool(each and each.scale) for each in (one, other)]
    if any(scaled) and not (all(scaled) and one is not None and one.same_steps(other)):
        raise Mismatch(f"{new.name!r} and {old.name!r} are quantized differently")


def _integers(value: object) -> bool:
    return all(_integers(each) for each in value) if is_list(value) else isinstance(value, int)
