"""From a Model to the bytes of a `.tflite` file: the graph first, the constants streamed behind it."""

from __future__ import annotations

import contextlib
import io
import os
import stat
import struct
import tempfile
from typing import TYPE_CHECKING, Any, BinaryIO

from rewriter.errors import ModelError
from rewriter.model.encoder import LIMIT, Encoder, Item
from rewriter.model.flatbuffer import Damage, Reading, Stored, pack_u32
from rewriter.model.graph import (
    Buffer,
    Metadata,
    Model,
    Operator,
    OperatorCode,
    Signature,
    Sparsity,
    Subgraph,
    Tensor,
    type_number,
)
from rewriter.model.reader import IDENTIFIER
from rewriter.model.schema import schema
from rewriter.model.tail import read_tail

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from rewriter.model.binary import Binary

_ALIGNMENT = 16  # what the schema asks of the bytes of a buffer
_SMALL = 1 << 16  # shorter stretches are gathered and written together
_COMPILED = "DISPATCH_OP"  # the custom operator of models that LiteRT has compiled ahead of time
_DEAD = 1 << 16
# The kernel copies faster between equal places of a page than between others, and a page is little to a large constant.
_LARGE, _PAGE = 1 << 20, 1 << 12
# Slots that the hot loops use by number.
_TENSOR_BUFFER, _INTERMEDIATES, _LARGE_OPTIONS = 2, 8, 9
_EDITABLE = frozenset({"name", "dtype", "shape", "shape_signature", "quantization"})


def save(model: Model, path: str | os.PathLike[str]) -> None:
    """Write a model beside `path` and rename it into place.

    Raises:
        ModelError: The file cannot be written, or the model uses something newer than the schema known here.
    """
    replace_file(path, lambda file: write(model, file))


def write_file(path: str | os.PathLike[str], data: bytes) -> None:
    """Write bytes beside `path` and rename them into place.

    Raises:
        ModelError: The file cannot be written.
    """
    replace_file(path, lambda file: file.write(data))


def replace_file(path: str | os.PathLike[str], fill: Callable[[BinaryIO], object]) -> None:
    """Make a file beside `path`, fill it and rename it into place: whoever looks sees the old file or the new one.

    A pipe or a device has no place that could be taken over, and is written to.
    """
    name = os.path.realpath(path)  # the target of a symbolic link, not the link, is replaced
    if is_protected(name):
        raise ModelError(
            f"{os.fspath(path)} is write-protected", hint=f"chmod u+w {os.fspath(path)}, or write another file"
        )
    made = ""
    try:
        if os.path.exists(name) and not os.path.isfile(name):
            with open(name, "wb") as file:
                fill(file)
            return
        handle, made = tempfile.mkstemp(prefix=f".{os.path.basename(name)}.", dir=os.path.dirname(name) or ".")
        with open(handle, "wb") as file:
            fill(file)
        os.chmod(made, _mode(name))
        os.replace(made, name)
        made = ""
    except OSError as error:
        raise ModelError(f"{os.fspath(path)}: cannot be written: {error.strerror}") from error
    finally:
        if made:
            with contextlib.suppress(OSError):
                os.unlink(made)


def is_protected(path: str | os.PathLike[str]) -> bool:
    """Whether there is a file that nobody may write to: renaming would replace it all the same."""
    try:
        mode = os.stat(path).st_mode
    except OSError:
        return False
    return stat.S_ISREG(mode) and not mode & (stat.S_IWUSR | stat.S_IWGRP | stat.S_IWOTH)


def _mode(name: str) -> int:
    """The permissions of the file that is replaced, or what a new file would get."""
    try:
        return os.stat(name).st_mode & 0o7777
    except OSError:
        mask = os.umask(0)
        os.umask(mask)
        return 0o666 & ~mask


def to_bytes(model: Model) -> bytes:
    """The model as the bytes of a file."""
    out = io.BytesIO()
    write(model, out)
    return out.getvalue()


def write(model: Model, out: BinaryIO) -> None:
    """Write a model to an open binary file; one that was not modified as its source, byte for byte."""
    if not model.modified and model.binary is not None:
        model.binary.copy(0, model.binary.size, out)
        return
    with Reading(model.binary.name if model.binary else "model"):
        _Writer(model).write(out)


class _Writer:
    def __init__(self, model: Model) -> None:
        self.model = model
        self.schema = schema()
        self.operator_table = self.schema.table("Operator")
        self.encoder = Encoder(self.schema, model.file)
        self.buffers = {buffer: number for number, buffer in enumerate(model.buffers)}
        self.codes = {code: number for number, code in enumerate(model.operator_codes)}
        # Where the head has to learn the place of bytes that follow it: inside the flatbuffer, and behind it.
        self.inline: list[tuple[int, Buffer]] = []
        self.external: list[tuple[int, Buffer]] = []
        held = sum(buffer.size for buffer in model.buffers if not buffer.external)
        self.all_external = held > LIMIT - (1 << 28)  # leaves the graph 256 MiB
        self.vectors = [struct.Struct(f"<I{count}i") for count in range(16)]

    # -- the whole ----------------------------------------------------------------------------------------------------

    def write(self, out: BinaryIO) -> None:
        tail = read_tail(self.model)
        self._head()
        self._refuse_stray_bytes(tail.start if tail else self.model.binary.size if self.model.binary else 0)
        places, end = self._place()
        stream = _Stream(self.model.binary, out)
        stream.put(self.encoder.out)
        for start, buffer, inline in places:
            if inline:
                stream.fill(start - 4)
                stream.put(buffer.size.to_bytes(4, "little"))
            else:
                stream.fill(start)
            stream.put_buffer(buffer)
        stream.fill(end)
        if tail is not None:
            stream.put(tail.at(end))
        stream.close()

    def _refuse_stray_bytes(self, end: int) -> None:
        """Refuse to move a model whose operators find code by its place in the file, or much that nothing refers to.

        Old converters leave dead tables behind, so a little is no sign of anything.
        """
        binary = self.model.binary
        if binary is None or not self.model.at:
            return
        if self.encoder.reach > binary.size:
            raise Damage(f"something in it ends at byte {self.encoder.reach}, but the file ends at {binary.size}")
        compiled = next((code.name for code in self.codes if code.custom_code == _COMPILED), None)
        reach = max(self.encoder.reach, self.model.constants_end, self.model.file.reach if self.model.file else 0)
        if compiled or (end - reach > _DEAD and any(binary.peek(reach, end - reach))):
            what = "nothing in the model refers to"
            if compiled:
                what = f"{compiled} finds its code by its place in the file"
            raise ModelError(
                f"{binary.name}: {what}: {end - reach} bytes behind the flatbuffer, from byte {reach} on",
                hint="rewrite the model before it is compiled for an accelerator",
            )

    def _place(self) -> tuple[list[tuple[int, Buffer, bool]], int]:
        """Give every constant its place behind the head and tell the head; (place, buffer, inside the flatbuffer?)."""
        head = self.encoder.out
        end = len(head)
        places: list[tuple[int, Buffer, bool]] = []
        taken: dict[int, int] = {}  # constants that stand in one place of the source still share one
        for inline, references in ((True, self.inline), (False, self.external)):
            for where, buffer in references:
                start = taken.get(buffer.start, 0) if buffer.data is None else 0
                if not start:
                    start = end + 4 * inline
                    start += -start % _ALIGNMENT
                    if buffer.size >= _LARGE and buffer.data is None and buffer.start % _ALIGNMENT == 0:
                        start += (buffer.start - start) % _PAGE
                    end = start + buffer.size
                    places.append((start, buffer, inline))
                    if buffer.data is None:
                        taken[buffer.start] = start
                if inline:
                    pack_u32(head, where, start - 4 - where)
                else:
                    struct.pack_into("<Q", head, where, start)
            taken.clear()
        return places, end + -end % 4

    def _head(self) -> None:
        model, encoder = self.model, self.encoder
        out = encoder.out
        out += bytes(4) + IDENTIFIER
        values: dict[str, object] = {"version": model.version, "description": model.description}
        if model.at:
            assert model.file is not None
            values |= model.file.fields(model.at, self.schema.table("Model"))
        listed: Any = values.get("metadata_buffer")
        if listed:
            numbers = {buffer.index: number for buffer, number in self.buffers.items()}
            values["metadata_buffer"] = [numbers.get(index, 0) for index in listed]

        def vector(items: Sequence[Item], write: Callable[[Item], int]) -> Callable[[], int]:
            return lambda: encoder.write_vector_of(items, write)

        parts: dict[str, tuple[Sequence[object], object]] = {
            "operator_codes": (model.operator_codes, vector(model.operator_codes, self._code)),
            "subgraphs": (model.subgraphs, vector(model.subgraphs, self._subgraph)),
            "buffers": (model.buffers, vector(model.buffers, self._buffer)),
            "metadata": (model.metadata, vector(model.metadata, self._metadata)),
            "signature_defs": (model.signatures, vector(model.signatures, self._signature)),
        }
        values |= {name: part for name, (items, part) in parts.items() if items or name in values}
        pack_u32(out, 0, encoder.write_table("Model", values))

    def _code(self, code: OperatorCode) -> int:
        if code.at:
            return self.encoder.copy_table(code.at, "OperatorCode")
        number = self.schema.enums["BuiltinOperator"][code.builtin]
        return self.encoder.write_table(
            "OperatorCode",
            {
                # Readers older than the wider field see 127: "look there".
                "deprecated_builtin_code": min(number, 127),
                "builtin_code": number,
                "custom_code": code.custom_code,
                "version": code.version,
            },
        )

    def _metadata(self, metadata: Metadata) -> int:
        values = self._fields(metadata.at, "Metadata")
        if not metadata.at:
            values["name"] = metadata.name
        return self.encoder.write_table("Metadata", values | {"buffer": self.buffers[metadata.buffer]})

    def _signature(self, signature: Signature) -> int:
        values = self._fields(signature.at, "SignatureDef")
        for name, named in (("inputs", signature.inputs), ("outputs", signature.outputs)):
            if named or name in values or not signature.at:
                values[name] = self._named_tensors(values.get(name), named)
        if not signature.at:
            values["signature_key"] = signature.key
        if not signature.at or signature.subgraph.index != values.get("subgraph_index", 0):
            values["subgraph_index"] = signature.subgraph.index
        return self.encoder.write_table("SignatureDef", values)

    def _named_tensors(self, stored: object, named: list[tuple[str, Tensor]]) -> list[dict[str, object]]:
        maps: list[dict[str, object]] = [{"name": name, "tensor_index": tensor.index} for name, tensor in named]
        if not isinstance(stored, Stored):
            return maps
        assert self.model.file is not None
        before = [self._fields(at, "TensorMap") for at in self.model.file.references(stored.at)]
        if len(before) != len(maps):
            return maps  # an output was dropped, and its name with it
        return [old | {"tensor_index": new["tensor_index"]} for old, new in zip(before, maps, strict=True)]

    def _fields(self, at: int, table: str) -> dict[str, object]:
        if not at:
            return {}
        assert self.model.file is not None
        return self.model.file.fields(at, self.schema.table(table))

    # -- subgraphs ----------------------------------------------------------------------------------------------------

    def _subgraph(self, subgraph: Subgraph) -> int:
        encoder = self.encoder
        values = self._fields(subgraph.at, "SubGraph")
        if not subgraph.at:
            values["name"] = subgraph.name or None
        parts: dict[str, tuple[Sequence[object], object]] = {
            "tensors": (subgraph.tensors, lambda: encoder.write_vector_of(subgraph.tensors, self._tensor)),
            "inputs": (subgraph.inputs, [tensor.index for tensor in subgraph.inputs]),
            "outputs": (subgraph.outputs, [tensor.index for tensor in subgraph.outputs]),
            "operators": (subgraph.operators, lambda: encoder.write_vector_of(subgraph.operators, self._operator)),
        }
        values |= {name: part for name, (items, part) in parts.items() if items or name in values or not subgraph.at}
        return encoder.write_table("SubGraph", values)

    def _tensor(self, tensor: Tensor) -> int:
        encoder = self.encoder
        number = self.buffers[tensor.buffer] if tensor.buffer is not None else 0
        if tensor.at and not tensor.edited:
            start, layout = encoder.copy_inline(tensor.at, "Tensor")
            if number:
                pack_u32(encoder.out, start + layout.offsets[_TENSOR_BUFFER], number)
            encoder.copy_references(tensor.at, start, layout)
            return start
        values = self._fields(tensor.at, "Tensor")
        changed = tensor.edited if tensor.at else _EDITABLE
        if "name" in changed:
            values["name"] = tensor.name
        if "dtype" in changed:
            values["type"] = type_number(tensor.dtype)
        if "shape" in changed:
            values["shape"] = list(tensor.shape)
        if "shape_signature" in changed:
            values["shape_signature"] = tensor.shape_signature and list(tensor.shape_signature)
        if "quantization" in changed:
            values["quantization"] = _quantization(tensor)
        values["buffer"] = number
        if tensor.sparsity is not None:
            values["sparsity"] = self._sparsity(tensor.sparsity)
        return encoder.write_table("Tensor", values)

    def _sparsity(self, sparsity: Sparsity) -> tuple[str, dict[str, object]]:
        encoder = self.encoder

        def dimension(stored: int | tuple[tuple[int, ...], tuple[int, ...]]) -> int:
            if isinstance(stored, int):
                return encoder.write_table("DimensionMetadata", {"format": "DENSE", "dense_size": stored})
            segments, indices = (("Int32Vector", {"values": list(each)}) for each in stored)
            values = {"format": "SPARSE_CSR", "array_segments": segments, "array_indices": indices}
            return encoder.write_table("DimensionMetadata", values)

        dimensions = sparsity.dimensions
        values: dict[str, object] = {"traversal_order": list(range(len(dimensions)))}
        values["dim_metadata"] = lambda: encoder.write_vector_of(dimensions, dimension)
        return "SparsityParameters", values

    def _operator(self, operator: Operator) -> int:
        encoder = self.encoder
        number = self.codes[operator.code]
        if operator.at and operator.options is None and operator.custom is None:
            assert self.model.file is not None
            layout = self.model.file.layout(operator.at, self.operator_table)
            offsets = layout.offsets
            if (offsets[0] or not number) and not offsets[_LARGE_OPTIONS] and offsets[1] and offsets[2]:
                out = encoder.out
                start, _ = encoder.copy_inline(operator.at, "Operator")
                if offsets[0]:
                    pack_u32(out, start + offsets[0], number)
                lists = [(offsets[1], operator.inputs), (offsets[2], operator.outputs)]
                if offsets[_INTERMEDIATES]:
                    lists.append((offsets[_INTERMEDIATES], operator.intermediates))
                for offset, tensors in lists:
                    where = start + offset
                    pack_u32(out, where, len(out) - where)
                    out += self._indices(tensors)
                if len(layout.references) > len(lists):
                    encoder.copy_references(operator.at, start, layout, [offset for offset, _ in lists])
                return start
        return self._made_operator(operator, number)

    def _indices(self, tensors: Sequence[Tensor | None]) -> bytes:
        count = len(tensors)
        form = self.vectors[count] if count < 16 else struct.Struct(f"<I{count}i")
        return form.pack(count, *[-1 if tensor is None else tensor.index for tensor in tensors])

    def _made_operator(self, operator: Operator, number: int) -> int:
        values = self._fields(operator.at, "Operator")
        values["opcode_index"] = number
        lists = {"inputs": operator.inputs, "outputs": operator.outputs, "intermediates": operator.intermediates}
        for name, tensors in lists.items():
            # A list that the source leaves out stays out: absent is not empty.
            if tensors or name in values:
                values[name] = [-1 if tensor is None else tensor.index for tensor in tensors]
        if operator.options is not None:
            table = operator.options_table
            assert table is not None
            field, _ = self.schema.options_union(table.name)
            before = values.get(field)
            old = self._fields(before.at, table.name) if isinstance(before, Stored) else {}
            values[field] = (table.name, old | operator.options)
            # A cut-down `options` dictionary of an operator made here means: the schema's defaults for the rest.
        if operator.custom is not None:
            for name in ("custom_options", "large_custom_options_offset", "large_custom_options_size"):
                values.pop(name, None)
            if operator.custom:
                values["custom_options"] = operator.custom
        start = self.encoder.write_table("Operator", values)
        large = values.get("large_custom_options_offset")
        if isinstance(large, int) and large > 1:
            size = int(values["large_custom_options_size"])  # type: ignore[arg-type]
            where = self.encoder.field_at(start, "Operator", "large_custom_options_offset")
            self.external.append((where, Buffer(-1, start=large, size=size, external=True)))
            self.encoder.reach = max(self.encoder.reach, large + size)
        return start

    # -- constants ----------------------------------------------------------------------------------------------------

    def _buffer(self, buffer: Buffer) -> int:
        encoder = self.encoder
        external = buffer.size > 0 and (buffer.external or self.all_external)
        if buffer.at and external == buffer.external:
            start, layout = encoder.copy_inline(buffer.at, "Buffer")
            data, offset, _ = layout.offsets
            if external:
                self.external.append((start + offset, buffer))
            elif buffer.size:
                self.inline.append((start + data, buffer))
            elif data:
                encoder.copy_references(buffer.at, start, layout)
            if external and data:
                encoder.copy_references(buffer.at, start, layout)
            return start
        if external:
            start = encoder.write_table("Buffer", {"offset": 1, "size": buffer.size})
            self.external.append((encoder.field_at(start, "Buffer", "offset"), buffer))
        elif buffer.size:
            start = encoder.write_table("Buffer", {"data": lambda: len(encoder.out)})  # filled in when places are known
            self.inline.append((encoder.field_at(start, "Buffer", "data"), buffer))
        else:
            start = encoder.write_table("Buffer", {})
        return start


def _quantization(tensor: Tensor) -> tuple[str, dict[str, object]] | None:
    parameters = tensor.quantization
    if parameters is None:
        return None
    values: dict[str, object] = {"scale": parameters.scale, "zero_point": parameters.zero_point}
    values |= {"min": parameters.minimum or None, "max": parameters.maximum or None}
    values["quantized_dimension"] = parameters.dimension or None
    return "QuantizationParameters", values


class _Stream:
    """Writes to a file in order, gathering what is short and letting the kernel copy what is long."""

    def __init__(self, binary: Binary | None, out: BinaryIO) -> None:
        self._binary = binary
        self._out = out
        self._pending = bytearray()
        self._position = 0

    def put(self, data: bytes | bytearray) -> None:
        self._pending += data
        self._position += len(data)
        if len(self._pending) >= _SMALL:
            self.close()

    def fill(self, position: int) -> None:
        """Zeros up to `position`."""
        if position > self._position:
            self.put(bytes(position - self._position))

    def put_buffer(self, buffer: Buffer) -> None:
        if buffer.data is not None:
            self.put(buffer.data)
            return
        assert self._binary is not None
        if buffer.size < _SMALL:
            self.put(self._binary.peek(buffer.start, buffer.size))
            return
        self.close()
        self._binary.copy(buffer.start, buffer.size, self._out)
        self._position += buffer.size

    def close(self) -> None:
        """Hand over what has been gathered."""
        self._out.write(self._pending)
        self._pending.clear()
        self._out.flush()
