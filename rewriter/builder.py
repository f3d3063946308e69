"""Making a replacement beside the graph, without touching it.

Constants, operators and inferred types are made; any condition that fails on the way raises `Mismatch`, and nothing has
happened.
"""

from __future__ import annotations

import struct
from collections.abc import Mapping, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any

from attrs import define, field

from rewriter.dialect.declaration import Declaration, OperandSpec, undeclared
from rewriter.dialect.encoding import encoded, stored_attribute
from rewriter.dialect.options import OptionsError
from rewriter.dialect.types import FORMATS, TensorType, is_list
from rewriter.language.expressions import Frame, Undefined
from rewriter.language.program import MISSING, dimensions_of, read_attribute
from rewriter.language.replacement import Captured, Constant, Implied, Made, MakeOperator, Nothing, Source
from rewriter.language.rules import Rule
from rewriter.model import Buffer, Operator, Tensor

if TYPE_CHECKING:
    from rewriter.rewriter import Rewriter

_ANY = OperandSpec("")
_UNKNOWN = "its type cannot be inferred"


class Mismatch(Exception):
    """The replacement cannot stand where the match stands; the message is the reason."""


@define
class Built:
    """A replacement that has been made, not yet put in place."""

    operators: list[Operator] = field(factory=list[Operator])
    constants: list[Tensor] = field(factory=list[Tensor])
    root: Tensor | None = None


class Builder:
    """Makes one replacement."""

    def __init__(self, rewriter: Rewriter, rule: Rule, frame: Frame) -> None:
        self.rewriter = rewriter
        self.rule = rule
        self.frame = frame
        root = frame[0]
        assert isinstance(root, Operator)
        self.root = root
        self.old = root.outputs[0]
        self.made: list[Operator] = []
        self.built = Built()

    def build(self) -> Built:
        replacement = self.rule.replacement
        try:
            for make in replacement.operators:
                last = isinstance(replacement.root, Made) and len(self.made) == replacement.root.index
                self.made.append(self.operator(make, last=last))
            self.built.operators = self.made
            if not isinstance(replacement.root, Made):
                self.built.root = self.new_root(replacement.root)
        except (Undefined, OptionsError) as error:
            raise Mismatch(str(error)) from None
        return self.built

    def new_root(self, source: Source) -> Tensor:
        """The tensor that all readers of the root take instead; there is no new operator."""
        old = self.old
        tensor = self.operand(source, None, [])
        if tensor is None:
            raise Mismatch("the replacement is absent here")
        if tensor.dtype != old.dtype or dimensions_of(tensor) != dimensions_of(old):
            raise Mismatch(f"the replacement is {_described(tensor)}, the root {_described(old)}")
        _agree_quantization(tensor, old)
        if old.is_output and (tensor.is_output or tensor.producer is None or tensor.is_input):
            raise Mismatch(f"the root is the output {old.name!r}, and what replaces it cannot take its name")
        return tensor

    # -- operators ----------------------------------------------------------------------------------------------------

    def operator(self, make: MakeOperator, *, last: bool) -> Operator:
        again = self.frame[make.again] if make.again is not None else None
        if isinstance(again, Operator):
            declaration = self.declaration_of(again, make.declarations)
        else:
            assert make.declaration is not None
            declaration = make.declaration
        values = {
            name: self.attribute(declaration, name, evaluate(self.frame)) for name, evaluate, _ in make.attributes
        }
        for name in make.inherited:
            value = read_attribute(self.root_declarations(), self.root, name)
            if value is MISSING:
                raise Mismatch(f"{name} of {self.root.name} has no value that can be handed on")
            values[name] = value
        logical = self.operands(make, declaration)
        order = declaration.stored or range(len(logical))
        inputs = [logical[place] if place < len(logical) else None for place in order]
        while inputs and inputs[-1] is None:
            inputs.pop()
        attributes = self.all_attributes(declaration, values, again if isinstance(again, Operator) else None)
        inferred = self.infer(declaration, logical, attributes)
        result = self.old if last else self.intermediate(make, inferred, logical)
        if last:
            self.agree(declaration, inferred, result)
        if isinstance(again, Operator):
            made = Operator(again.code, inputs, [result], again.at, again.file, intermediates=list(again.intermediates))
            made.options = {**(again.options or {}), **values} if values or again.options else None
            made.custom = again.custom
            if declaration.codec is not None and values:
                made.options = None
                made.custom = declaration.codec.encode(attributes, again.custom_options)
        else:
            version = self.version(declaration, logical, result, attributes)
            made = Operator(self.rewriter.code(declaration, version), inputs, [result])
            if declaration.codec is not None:
                made.custom = declaration.codec.encode(attributes)
            elif declaration.code is None and declaration.attributes:
                # What equals the schema's default is left out, as every flatbuffer writer does.
                specs = declaration.attributes
                made.options = {name: value for name, value in values.items() if value != specs[name].default}
        self.refuse(declaration, logical, result, attributes)
        return made

    def declaration_of(self, operator: Operator, known: Mapping[str, Declaration]) -> Declaration:
        from rewriter.dialect.dialect import builtin_declarations

        builtin = operator.code.builtin
        return known.get(operator.code.name) or builtin_declarations().get(builtin) or undeclared(builtin)

    def root_declarations(self) -> Mapping[str, Declaration]:
        return self.rule.declarations

    def attribute(self, declaration: Declaration, name: str, value: object) -> object:
        """An attribute's value in the form in which a file gives it back."""
        spec = declaration.attributes.get(name)
        if spec is None:
            raise Mismatch(f"{declaration.name} has no attribute {name!r}")
        try:
            return stored_attribute(spec, value)
        except ValueError as error:
            raise Mismatch(f"{name} of {declaration.name} {error}") from None

    def all_attributes(
        self, declaration: Declaration, values: Mapping[str, object], again: Operator | None
    ) -> dict[str, Any]:
        """Every attribute of the operator as it will be, defaults included."""
        if again is not None:
            kept: dict[str, Any] = {}
            for name, spec in declaration.attributes.items():
                value = read_attribute({again.code.name: declaration}, again, name)
                kept[name] = spec.default if value is MISSING else value
            return kept | dict(values)
        attributes = {name: spec.default for name, spec in declaration.attributes.items()} | dict(values)
        missing = [name for name, value in attributes.items() if value is None]
        if declaration.codec is not None and missing:
            raise Mismatch(f"{missing[0]} of {declaration.name} is given no value")
        return attributes

    def operands(self, make: MakeOperator, declaration: Declaration) -> list[Tensor | None]:
        declared = declaration.operands is not None and not declaration.variadic
        specs = declaration.operands if declared else (_ANY,) * len(make.operands)
        assert specs is not None
        tensors: list[Tensor | None] = []
        literals: list[tuple[int, OperandSpec, Constant]] = []
        for spec, source in zip(specs, make.operands, strict=False):
            if type(source) is Constant and source.literal and source.dtype is None:
                literals.append((len(tensors), spec, source))
                tensors.append(None)
            else:
                tensors.append(self.operand(source, spec, ()))
        # A literal takes its type from the operands beside it, so these come first.
        for place, spec, source in literals:
            tensors[place] = self.operand(source, spec, tensors)
        if declared:
            for spec, tensor in zip(specs, tensors, strict=False):
                if tensor is not None and spec.dtypes and tensor.dtype not in spec.dtypes:
                    raise Mismatch(f"{spec.name} of {declaration.name} cannot be {tensor.dtype}")
        return tensors

    def operand(self, source: Source, spec: OperandSpec | None, others: Sequence[Tensor | None]) -> Tensor | None:
        match source:
            case Captured(register=register):
                found = self.frame[register]
                assert found is None or isinstance(found, Tensor)
                return found
            case Made(index=index):
                return self.made[index].outputs[0]
            case Nothing():
                return None
            case Implied():
                self.trust_recorded()
                sizes = dimensions_of(self.old)
                if None in sizes:
                    raise Mismatch(f"the result {self.old.name!r} has an open dimension, which no constant can hold")
                return self.constant(list(sizes), "i32")
            case Constant(evaluate=evaluate, dtype=dtype, literal=literal):
                value = evaluate(self.frame)
                return self.constant(value, dtype or (self.literal_dtype(value, spec, others) if literal else None))

    def trust_recorded(self) -> None:
        """What follows from the root's recorded shape is right only if that shape is what the root computes."""
        declaration = self.root_declarations().get(self.root.name)
        if declaration is None or declaration.shape is None or self.root.outputs[0] is not self.old:
            return
        count = len(declaration.operands or ())
        stored = [*self.root.inputs, *[None] * (count - len(self.root.inputs))]
        logical = [stored[declaration.file_index(place)] for place in range(count)]
        attributes = self.all_attributes(declaration, {}, self.root)
        self.agree(declaration, self.infer(declaration, logical, attributes), self.old)

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
        try:
            data, shape, dtype = encoded(value, dtype)
        except ValueError as error:
            raise Mismatch(str(error)) from None
        tensor = Tensor.make(
            self.rewriter.fresh_name(self.old.name), dtype, shape, buffer=Buffer(-1, size=len(data), data=data)
        )
        tensor.key = hash((dtype, shape, data))
        self.built.constants.append(tensor)
        return tensor

    # -- types --------------------------------------------------------------------------------------------------------

    def infer(
        self, declaration: Declaration, operands: list[Tensor | None], attributes: Mapping[str, Any]
    ) -> TensorType | None:
        if declaration.shape is None:
            return None
        for spec, tensor in zip(declaration.operands or (), operands, strict=False):
            if tensor is None and not spec.optional and not declaration.variadic:
                raise Mismatch(f"{spec.name} of {declaration.name} is absent here")
        types = [None if tensor is None else _type(tensor) for tensor in operands]
        known = {name: value for name, value in attributes.items() if value is not None}
        try:
            found = declaration.shape(*types, **known)
        except ValueError as error:
            raise Mismatch(f"{declaration.name}: {error}") from None
        except TypeError as error:
            raise Mismatch(f"{declaration.name} cannot have these operands: {error}") from None
        return found[0] if isinstance(found, tuple) else found

    def intermediate(self, make: MakeOperator, inferred: TensorType | None, operands: list[Tensor | None]) -> Tensor:
        """A tensor between two new operators."""
        name = make.declaration.name if make.declaration else "the operator made again"
        if inferred is None:
            raise Mismatch(f"{name} stands inside the replacement, and {_UNKNOWN}")
        quantization = None
        if any(each is not None and each.quantization and each.quantization.scale for each in operands):
            if make.like is None:
                raise Mismatch(f"the quantisation of {name} inside the replacement is not known: add ': like y'")
            like = self.operand(make.like, None, [])
            quantization = like.quantization if like is not None else None
        signature = tuple(-1 if size is None else size for size in inferred.shape)
        tensor = Tensor.make(
            self.rewriter.fresh_name(self.old.name),
            inferred.dtype,
            [1 if size is None else size for size in inferred.shape],
            quantization=quantization,
            shape_signature=signature if -1 in signature else None,
        )
        tensor.key = hash((name, tuple(each.key if each is not None else None for each in operands)))
        return tensor

    def agree(self, declaration: Declaration, inferred: TensorType | None, root: Tensor) -> None:
        """The new root's type must be the one that is recorded for the tensor it takes over."""
        if inferred is None:
            return
        if inferred.dtype != root.dtype or not _sizes_agree(inferred.shape, dimensions_of(root)):
            raise Mismatch(f"{declaration.name} gives {inferred}, but {root.name!r} is {_described(root)}")

    def version(
        self, declaration: Declaration, operands: list[Tensor | None], result: Tensor, attributes: Mapping[str, Any]
    ) -> int:
        """The lowest operator version that covers what is used: the first rule of the declaration that holds."""
        if not declaration.versions:
            return 1
        known = self.environment(declaration, operands, result, attributes)
        for rule in declaration.versions:
            if all(condition(known) for condition in rule.conditions):
                return rule.number
        return 1

    def refuse(
        self, declaration: Declaration, operands: list[Tensor | None], result: Tensor, attributes: Mapping[str, Any]
    ) -> None:
        if not declaration.conditions:
            return
        known = self.environment(declaration, operands, result, attributes)
        for text, condition in declaration.conditions:
            if not condition(known):
                raise Mismatch(f"{declaration.name} needs {text}")

    def environment(
        self, declaration: Declaration, operands: list[Tensor | None], result: Tensor, attributes: Mapping[str, Any]
    ) -> dict[str, object]:
        known: dict[str, object] = dict(attributes)
        for index, spec in enumerate(declaration.operands or ()):
            known[spec.name] = operands[index] if index < len(operands) else None
        for spec in declaration.results or ():
            known[spec.name] = result
        return known


def _type(tensor: Tensor) -> TensorType:
    readable = tensor.is_constant and tensor.dtype in ("i32", "i64")
    return TensorType(tensor.dtype, dimensions_of(tensor), partial(_integers_of, tensor) if readable else None)


def _integers_of(tensor: Tensor) -> tuple[int, ...]:
    """The values of a constant of i32 or i64."""
    assert tensor.data is not None
    count = len(tensor.data) // (4 if tensor.dtype == "i32" else 8)
    size = struct.calcsize(f"<{count}{FORMATS[tensor.dtype]}")
    return struct.unpack(f"<{count}{FORMATS[tensor.dtype]}", tensor.data[:size])


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
