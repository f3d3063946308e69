"""Model, Subgraph, Operator, Tensor, Buffer: the graph of a `.tflite` file as Python objects.

Objects that came out of a file know where they stand in it (`at`) and read their details from there when first asked;
what nobody asks for is never decoded, and what nobody changes is written again as it stands.
"""

from __future__ import annotations

import struct
from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING

from attrs import Factory, define, evolve, field, frozen

from rewriter.model.flatbuffer import Damage, TooNew, unpack_u32
from rewriter.model.schema import SCALAR, SCALARS, STRING, STRINGS, Field, Schema, Table, schema

if TYPE_CHECKING:
    import os

    from rewriter.model.binary import Binary
    from rewriter.model.flatbuffer import FlatBuffer

# The schema's element types by the words of the `.pat` language, and bits per element (0: no fixed size).
DTYPES = {
    "f16": ("FLOAT16", 16),
    "f32": ("FLOAT32", 32),
    "f64": ("FLOAT64", 64),
    "bf16": ("BFLOAT16", 16),
    "i2": ("INT2", 2),
    "i4": ("INT4", 4),
    "i8": ("INT8", 8),
    "i16": ("INT16", 16),
    "i32": ("INT32", 32),
    "i64": ("INT64", 64),
    "u4": ("UINT4", 4),
    "u8": ("UINT8", 8),
    "u16": ("UINT16", 16),
    "u32": ("UINT32", 32),
    "u64": ("UINT64", 64),
    "bool": ("BOOL", 8),
    "string": ("STRING", 0),
    "c64": ("COMPLEX64", 64),
    "c128": ("COMPLEX128", 128),
}
_LAZY = ("name", "dtype", "shape", "shape_signature", "quantization")
_BESIDES = ("sparsity", "variant_tensors", "external_buffer")
_OPTIONS_UNIONS = (("BuiltinOptions", 4), ("BuiltinOptions2", 12))  # the slots of Operator that hold them
_DTYPE_OF_WORD = {word: name for name, (word, _) in DTYPES.items()}


def dtype_of(number: int) -> str:
    """The language's word for a TensorType of the schema; those that it has no word for (RESOURCE) in lower case."""
    word = schema().words("TensorType").get(number)
    if word is None:
        raise TooNew(f"tensor type {number} is newer than the schema known here")
    return _DTYPE_OF_WORD.get(word, word.lower())


def type_number(dtype: str) -> int:
    """The schema's TensorType number for one of the language's words."""
    return schema().enums["TensorType"][DTYPES[dtype][0] if dtype in DTYPES else dtype.upper()]


@define(eq=False)
class Buffer:
    """The bytes of a constant, or none.

    Attributes:
        index: Its place in the model's list of buffers. Place 0 is always empty: "no data".
        start: Where its bytes stand in the source.
        size: How many bytes.
        external: Addressed by `offset` and `size`, outside the flatbuffer.
        data: The bytes of a buffer that was made here; None: they are in the source.
    """

    index: int
    at: int = 0
    start: int = 0
    size: int = 0
    external: bool = False
    data: bytes | None = None

    def content(self, source: FlatBuffer | None) -> memoryview:
        """Its bytes; `source` is the file that it came out of, if it did."""
        if self.data is not None:
            return memoryview(self.data)
        if not self.size:
            return memoryview(b"")
        assert source is not None
        return memoryview(source.data)[self.start : self.start + self.size]


@frozen
class Quantization:
    """Quantization parameters: real = scale * (stored - zero_point), per tensor or along `dimension`."""

    scale: tuple[float, ...] = ()
    zero_point: tuple[int, ...] = ()
    dimension: int = 0
    minimum: tuple[float, ...] = ()
    maximum: tuple[float, ...] = ()

    @property
    def per_channel(self) -> bool:
        """Whether each slice along `dimension` has parameters of its own."""
        return len(self.scale) > 1

    def same_steps(self, other: Quantization | None) -> bool:
        """Whether stored values mean the same in both: scale, zero point and, per channel, the dimension."""
        return (
            other is not None
            and self.scale == other.scale
            and self.zero_point == other.zero_point
            and (not self.per_channel or self.dimension == other.dimension)
        )


@frozen
class Sparsity:
    """How a constant made here is stored without its zeros; dimensions are stored in their order, without blocks.

    Attributes:
        dimensions: For each one its size, where all places are stored, or where only some are: how many of them there
            are before each row of what is outside, and which.
    """

    dimensions: tuple[int | tuple[tuple[int, ...], tuple[int, ...]], ...]


@define(eq=False, repr=False)
class Tensor:
    """A tensor of a subgraph.

    Attributes:
        index: Its place in the subgraph's list when it was read; after changes, when it was written.
        buffer: Where its constant stands; None where the file gives it buffer 0.
        producer: The operator that computes it, if one does.
        consumers: How many times each operator reads it.
        is_input, is_output: Whether it is one of its subgraph's.
        is_variable: Whether it keeps its value from one run to the next.
        key: What identifies the tensor from run to run: its index in the source, or a hash of how it was made.
        sparsity: How a constant made here is stored, where that is in a sparse format; a file's own is kept in it.
    """

    index: int
    buffer: Buffer | None = None
    at: int = 0
    file: FlatBuffer | None = None
    producer: Operator | None = None
    consumers: dict[Operator, int] = field(factory=dict)  # pyright: ignore[reportUnknownVariableType]
    key: int = 0
    edited: frozenset[str] = frozenset()
    is_input: bool = False
    is_output: bool = False
    is_variable: bool = False
    sparsity: Sparsity | None = None

    # Read from the file when first asked for.
    name: str = field(init=False)
    dtype: str = field(init=False)
    shape: tuple[int, ...] = field(init=False)
    shape_signature: tuple[int, ...] | None = field(init=False)
    quantization: Quantization | None = field(init=False)

    def __getattr__(self, name: str) -> object:
        # Python comes here only for slots that are still empty.
        if name == "name":
            self.name = self._text()
        elif name in _LAZY:
            self._load()
        else:
            raise AttributeError(name)
        return object.__getattribute__(self, name)

    def __repr__(self) -> str:
        return f"Tensor({self.index}, {self.name!r}, {self.dtype}{list(self.shape)})"

    @classmethod
    def make(
        cls,
        name: str,
        dtype: str,
        shape: Iterable[int],
        *,
        buffer: Buffer | None = None,
        quantization: Quantization | None = None,
        shape_signature: tuple[int, ...] | None = None,
    ) -> Tensor:
        """A tensor that no file has yet."""
        tensor = cls(-1, buffer)
        tensor.name = name
        tensor.dtype = dtype
        tensor.shape = tuple(shape)
        tensor.shape_signature = shape_signature
        tensor.quantization = quantization
        return tensor

    @property
    def is_read(self) -> bool:
        """Whether an operator or the user of the subgraph reads it."""
        return bool(self.consumers) or self.is_output

    @property
    def is_constant(self) -> bool:
        """Whether its data is in the file; where it has no elements, there is nothing that could be missing."""
        if self.is_variable:
            return False
        if self.buffer is not None and self.buffer.size > 0:
            return True
        return self.producer is None and not self.is_input and 0 in self.shape

    @property
    def data(self) -> memoryview | None:
        """The bytes of its constant, or None."""
        if not self.is_constant:
            return None
        return memoryview(b"") if self.buffer is None else self.buffer.content(self.file)

    @property
    def dynamic(self) -> bool:
        """Whether a dimension is left open."""
        return self.shape_signature is not None and -1 in self.shape_signature

    @property
    def has_rank(self) -> bool:
        """Whether the file says that an empty shape is a scalar's, and not one that nobody knew; true if made here."""
        if self.file is None or not self.at or "shape" in self.edited:
            return True
        with self.file.reading:
            return bool(self.file.scalar(self.at, schema().table("Tensor"), "has_rank"))

    @property
    def is_sparse(self) -> bool:
        """Whether its constant is stored in a sparse format."""
        if self.file is None or not self.at:
            return self.sparsity is not None
        with self.file.reading:
            return self.file.follow(self.at, schema().table("Tensor"), "sparsity") > 0

    @property
    def is_plain(self) -> bool:
        """Whether the file says no more of it than this class has: no sparsity, no other scheme of quantization."""
        if self.file is None or not self.at:
            return True
        table = schema().table("Tensor")
        with self.file.reading:
            if any(self.file.layout(self.at, table).offsets[table.by_name[name].slot] for name in _BESIDES):
                return False
            quantization = self.file.follow(self.at, table, "quantization")
            return not quantization or not self.file.follow(
                quantization, schema().table("QuantizationParameters"), "details"
            )

    def edit(self, **values: object) -> None:
        """Give fields of a tensor that came out of a file new values; the others stay as the file has them."""
        self._load()
        for name, value in values.items():
            setattr(self, name, value)
        self.edited |= values.keys()

    def _text(self) -> str:
        assert self.file is not None
        with self.file.reading:
            at = self.file.follow(self.at, schema().table("Tensor"), "name")
            return self.file.text(at) if at else ""

    def _load(self) -> None:
        file = self.file
        if file is None:
            return
        table = schema().table("Tensor")
        with file.reading:
            shape = file.follow(self.at, table, "shape")
            signature = file.follow(self.at, table, "shape_signature")
            quantization = file.follow(self.at, table, "quantization")
            self.dtype = dtype_of(int(file.scalar(self.at, table, "type")))
            self.shape = file.vector(shape, "i") if shape else ()  # type: ignore[assignment]
            self.shape_signature = file.vector(signature, "i") if signature else None  # type: ignore[assignment]
            self.quantization = _quantization(file, quantization) if quantization else None


def _quantization(file: FlatBuffer, at: int) -> Quantization | None:
    """The parameters, or None for the empty table that converters give to tensors that are not quantized."""
    table = schema().table("QuantizationParameters")

    def vector(name: str, form: str) -> tuple[float, ...]:
        where = file.follow(at, table, name)
        return file.vector(where, form) if where else ()

    scale = vector("scale", "f")
    minimum, maximum = vector("min", "f"), vector("max", "f")
    if not scale and not minimum and not maximum:
        return None
    zero_point = tuple(int(zero) for zero in vector("zero_point", "q")) or (0,) * len(scale)
    return Quantization(scale, zero_point, int(file.scalar(at, table, "quantized_dimension")), minimum, maximum)


@frozen(eq=False)
class OperatorCode:
    """What kind of operator: its builtin name, the code of a custom one, and the version.

    Attributes:
        at: Where it stands in the source, so that an old file's way of writing it is kept.
        name: As a pattern would write it: `CONV_2D`, `CUSTOM[Foo]`.
    """

    builtin: str
    custom_code: str | None = None
    version: int = 1
    at: int = 0
    name: str = field(init=False, default=Factory(lambda self: _full_name(self), takes_self=True))


def _full_name(code: OperatorCode) -> str:
    return f"CUSTOM[{code.custom_code}]" if code.builtin == "CUSTOM" else code.builtin


@define(eq=False, repr=False)
class Operator:
    """An operator of a subgraph.

    Attributes:
        inputs: Its operands in the file's order; None where an optional one is absent.
        options: Attributes that differ from what stands at `at`, or all of them where it is 0. Enum values are words.
        custom: New custom options; None: those at `at`, if any. Absent ones are written `b""`.
        previous, next: Its neighbours in the order of execution while a rewriter holds the subgraph.
        located: What `_locate` found.
    """

    code: OperatorCode
    inputs: list[Tensor | None]
    outputs: list[Tensor]
    at: int = 0
    file: FlatBuffer | None = None
    index: int = -1
    intermediates: list[Tensor | None] = field(factory=list)  # pyright: ignore[reportUnknownVariableType]
    options: dict[str, object] | None = None
    custom: bytes | None = None
    previous: Operator | None = None
    next: Operator | None = None
    located: tuple[Table | None, int] | None = None

    def __repr__(self) -> str:
        return f"Operator({self.index}, {self.name})"

    @property
    def name(self) -> str:
        """As a pattern would write it: `CONV_2D`, `CUSTOM[Foo]`."""
        return self.code.name

    def as_it_stands(self) -> Operator:
        """A record of it, which keeps its operands and attributes whatever a rewriter gives it later."""
        return Operator(
            self.code,
            self.inputs,  # a rewriter gives an operator new lists and leaves the old ones as they are
            self.outputs,
            self.at,
            self.file,
            self.index,
            self.intermediates,
            self.options,
            self.custom,
            located=self.located,
        )

    @property
    def options_table(self) -> Table | None:
        """The schema's table of its attributes; None where it has none."""
        return self._locate()[0]

    def _locate(self) -> tuple[Table | None, int]:
        """The table of its attributes, and where the source stores them (0: nowhere, all are defaults)."""
        if self.located is None:
            self.located = self._stored_options() or (schema().options_table(self.code.builtin), 0)
        return self.located

    def _stored_options(self) -> tuple[Table, int] | None:
        if not self.at:
            return None
        assert self.file is not None
        file, at = self.file, self.at
        with file.reading:
            offsets = file.layout(at, file.operator_table).offsets
            for union, slot in _OPTIONS_UNIONS:
                number = file.data[at + offsets[slot - 1]] if offsets[slot - 1] else 0
                if number and offsets[slot]:
                    where = at + offsets[slot]
                    return file.member(union, number), where + unpack_u32(file.data, where)[0]
        return None

    def attribute(self, name: str) -> object:
        """An attribute's value: a number, bool, string, list, or an enum's word; the schema's default where absent.

        Raises:
            KeyError: The operator has no attribute of this name.
        """
        if self.options is not None and name in self.options:
            return self.options[name]
        table, at = self.located or self._locate()
        if table is None:
            raise KeyError(name)
        spec = table.by_name[name]
        number = spec.default
        if at:
            file = self.file
            assert file is not None
            with file.reading:
                offset = file.layout(at, table).offsets[spec.slot]
                if spec.kind != SCALAR:
                    return _part(file, file.follow(at, table, name), spec)
                if offset:
                    (number,) = struct.unpack_from("<" + spec.type, file.data, at + offset)
        elif spec.kind != SCALAR:
            return "" if spec.kind == STRING else []
        return spec.words.get(int(number or 0), number) if spec.words else number

    def attributes(self) -> dict[str, object]:
        """All attributes by name."""
        table = self.options_table
        return {each.name: self.attribute(each.name) for each in table.fields if each} if table else {}

    @property
    def custom_options(self) -> bytes | None:
        """The bytes of its custom options; None where there are none."""
        if self.custom is not None:
            return self.custom or None
        if not self.at:
            return None
        assert self.file is not None
        table = schema().table("Operator")
        with self.file.reading:
            at = self.file.follow(self.at, table, "custom_options")
            if at:
                return self.file.raw(at)
            start = int(self.file.scalar(self.at, table, "large_custom_options_offset"))
            size = int(self.file.scalar(self.at, table, "large_custom_options_size"))
            if start > 1 and start + size > self.file.size:
                raise Damage(f"custom options end at byte {start + size}, but the file ends at {self.file.size}")
        return bytes(self.file.data[start : start + size]) if start > 1 else None


def _part(file: FlatBuffer, at: int, spec: Field) -> object:
    """The value of a field that refers to something outside its table; `at` is 0 where the field is absent."""
    if spec.kind == STRING:
        return file.text(at) if at else ""
    if not at:
        return []
    if spec.kind == SCALARS:
        return list(file.vector(at, spec.type))
    return [file.text(each) for each in file.references(at)] if spec.kind == STRINGS else None


@define(eq=False, repr=False)
class Subgraph:
    """One graph of the model. `operators` stand in the order in which they run.

    Attributes:
        index: Its place in the model's list, by which operators refer to it.
        key: Its place in the source, whatever became of the list since.
    """

    index: int
    tensors: list[Tensor]
    inputs: list[Tensor]
    outputs: list[Tensor]
    operators: list[Operator]
    name: str = ""
    at: int = 0
    key: int = field(init=False, default=Factory(lambda self: self.index, takes_self=True))

    def __repr__(self) -> str:
        return f"Subgraph({self.index}, {self.name!r}, {len(self.operators)} operators)"

    def connect(self) -> None:
        """Set every tensor's producer, consumers and place among inputs and outputs."""
        for tensor in self.tensors:
            tensor.producer = None
            tensor.consumers = {}
            tensor.is_input = tensor.is_output = False
        for tensor in self.inputs:
            tensor.is_input = True
        for tensor in self.outputs:
            tensor.is_output = True
        for operator in self.operators:
            for tensor in operator.inputs:
                if tensor is not None:
                    consumers = tensor.consumers
                    consumers[operator] = consumers.get(operator, 0) + 1
            for tensor in operator.outputs:
                tensor.producer = operator


@define(eq=False)
class Metadata:
    """A named block of bytes that travels with the model."""

    name: str
    buffer: Buffer
    at: int = 0


@define(eq=False)
class Signature:
    """A named entry point: its inputs and outputs by name."""

    key: str
    subgraph: Subgraph
    inputs: list[tuple[str, Tensor]]
    outputs: list[tuple[str, Tensor]]
    at: int = 0


@define(eq=False, repr=False)
class Model:
    """A model: subgraphs, the buffers that hold their constants, and what travels with them.

    Attributes:
        at: Where its root table stands in the source; 0 for a model made here.
        constants_end: Where the last constant of the source ends.
        modified: Whether it differs from its source. One that does not is written as the source, byte for byte.
    """

    subgraphs: list[Subgraph]
    buffers: list[Buffer]
    operator_codes: list[OperatorCode]
    metadata: list[Metadata] = field(factory=list)  # pyright: ignore[reportUnknownVariableType]
    signatures: list[Signature] = field(factory=list)  # pyright: ignore[reportUnknownVariableType]
    version: int = 3
    description: str | None = None
    at: int = 0
    constants_end: int = 0
    binary: Binary | None = None
    file: FlatBuffer | None = None
    modified: bool = True

    def __repr__(self) -> str:
        return f"Model({len(self.subgraphs)} subgraphs, {sum(1 for _ in self.operators())} operators)"

    @property
    def schema(self) -> Schema:
        """The schema that it was read with."""
        return schema()

    def operators(self) -> Iterator[Operator]:
        """All operators of all subgraphs."""
        for subgraph in self.subgraphs:
            yield from subgraph.operators

    def histogram(self) -> Mapping[str, int]:
        """How many operators of each kind, most frequent first."""
        counts: dict[str, int] = {}
        for operator in self.operators():
            counts[operator.name] = counts.get(operator.name, 0) + 1
        return dict(sorted(counts.items(), key=lambda item: (-item[1], item[0])))

    def new_buffer(self, data: bytes) -> Buffer:
        """Add a constant's bytes."""
        buffer = Buffer(len(self.buffers), size=len(data), data=data)
        self.buffers.append(buffer)
        return buffer

    def save(self, path: str | os.PathLike[str]) -> None:
        """Write the model to a file, beside its place first and then renamed, so that no half file is ever seen.

        Raises:
            ModelError: The file cannot be written, or the model cannot be without losing something.
        """
        from rewriter.model.writer import save

        save(self, path)

    def to_bytes(self) -> bytes:
        """The model as the bytes of a file."""
        from rewriter.model.writer import to_bytes

        return to_bytes(self)


def extract(operators: Iterable[Operator], inputs: Iterable[Tensor], outputs: Iterable[Tensor], model: Model) -> Model:
    """A model of its own made of some operators of `model`.

    Constants that the operators read come along, and all subgraphs but the first where an operator may refer to one;
    nothing else does. The originals are not changed.

    Args:
        operators: In the order in which they run.
        inputs: Tensors that become the inputs. They may have a producer in `model`.
        outputs: Tensors that become the outputs.
        model: Where they come from.
    """
    chosen = list(operators)
    made_inputs = list(dict.fromkeys(inputs))
    copies: dict[Tensor, Tensor] = {}

    def copy(tensor: Tensor) -> Tensor:
        made = copies.get(tensor)
        if made is None:
            made = copies[tensor] = evolve(tensor, index=len(copies), producer=None, consumers={})
            for name in _LAZY:
                setattr(made, name, getattr(tensor, name))
            if tensor in made_inputs:
                # What becomes an input must not bring a constant with it.
                made.edit(buffer=None)
        return made

    new_operators = [
        evolve(
            operator,
            inputs=[tensor and copy(tensor) for tensor in operator.inputs],
            outputs=[copy(tensor) for tensor in operator.outputs],
            intermediates=[tensor and copy(tensor) for tensor in operator.intermediates],
            index=index,
            previous=None,
            next=None,
        )
        for index, operator in enumerate(chosen)
    ]
    first = Subgraph(
        0,
        [],
        [copy(tensor) for tensor in made_inputs],
        [copy(tensor) for tensor in dict.fromkeys(outputs)],
        new_operators,
    )
    first.tensors = list(copies.values())
    first.connect()
    subgraphs = [first, *(model.subgraphs[1:] if any(map(refers_to_subgraph, chosen)) else ())]
    read = {tensor.buffer for subgraph in subgraphs for tensor in subgraph.tensors}
    buffers = [buffer for buffer in model.buffers if buffer in read]
    codes = list(dict.fromkeys(operator.code for subgraph in subgraphs for operator in subgraph.operators))
    return Model(subgraphs, [Buffer(0), *buffers], codes, binary=model.binary, file=model.file)


def refers_to_subgraph(operator: Operator) -> bool:
    """Whether an operator's attributes name other subgraphs, as those of IF and WHILE do."""
    table = operator.options_table
    return table is not None and any("subgraph" in name or name == "branches" for name in table.by_name)
