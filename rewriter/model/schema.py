"""The TFLite schema as data: tables, fields, enums and unions, read from the installed bindings' text.

The bindings are not imported: importing them costs half a second and NumPy, and reading a model needs only which field
stands in which slot. Reading their text instead brings a newer schema's fields with the bindings, and what was read is
kept in the cache under the bindings' size and time.
"""

from __future__ import annotations

import functools
import importlib.util
import os
import re
from collections.abc import Mapping

from attrs import frozen

from rewriter.cache import cached
from rewriter.errors import RewriterError

SCALAR, STRING, TABLE, UNION, SCALARS, STRINGS, TABLES = range(7)

_FORMATS = {
    "Bool": "?",
    "Int8": "b",
    "Uint8": "B",
    "Int16": "h",
    "Uint16": "H",
    "Int32": "i",
    "Uint32": "I",
    "Int64": "q",
    "Uint64": "Q",
    "Float32": "f",
    "Float64": "d",
}
SIZES = {"?": 1, "b": 1, "B": 1, "h": 2, "H": 2, "i": 4, "I": 4, "q": 8, "Q": 8, "f": 4, "d": 8}

# Which fields hold an enum is the one thing that the generated Python does not say. By field name, then by table where
# the name means something else there.
_ENUM_OF_FIELD = {
    "fused_activation_function": "ActivationFunctionType",
    "padding": "Padding",
    "type": "TensorType",
    "in_data_type": "TensorType",
    "out_data_type": "TensorType",
    "out_type": "TensorType",
    "output_type": "TensorType",
    "idx_out_type": "TensorType",
    "quantized_bias_type": "TensorType",
    "mode": "MirrorPadMode",
    "combiner": "CombinerType",
    "kernel_type": "LSTMKernelType",
    "weights_format": "FullyConnectedOptionsWeightsFormat",
    "reduce_function": "ReduceWindowFunction",
    "comparison_direction": "StablehloComparisonDirection",
    "compare_type": "StablehloComparisonType",
    "algorithm": "RngAlgorithm",
    "format": "DimensionType",
    "builtin_code": "BuiltinOperator",
    "custom_options_format": "CustomOptionsFormat",
    "composite_attributes_format": "CustomOptionsFormat",
    "key_dtype": "TensorType",
    "value_dtype": "TensorType",
}
_ENUM_OF_TABLE_FIELD = {("LSHProjectionOptions", "type"): "LSHProjectionType"}

# Fields that the schema has withdrawn, so that the bindings do not show them, and that old files still bring along.
_WITHDRAWN = {"SignatureDef": [("deprecated_tag", 3, STRING, "", None, None)]}

# Fields that stock rules name and that the oldest bindings of those the program runs with (ai-edge-litert 2.1) lack:
# converters pin their own version of that package, and rules have to load beside each of them.
_NEWER = {"FullyConnectedOptions": [("quant_spec", 5, SCALARS, "B", None, None)]}

# Operators whose options table is not called like the operator.
_OPTIONS_OF_OPERATOR = {
    "AVERAGE_POOL_2D": "Pool2DOptions",
    "MAX_POOL_2D": "Pool2DOptions",
    "L2_POOL_2D": "Pool2DOptions",
    "L2_NORMALIZATION": "L2NormOptions",
    "MAXIMUM": "MaximumMinimumOptions",
    "MINIMUM": "MaximumMinimumOptions",
    "MEAN": "ReducerOptions",
    "SUM": "ReducerOptions",
    "REDUCE_PROD": "ReducerOptions",
    "REDUCE_MAX": "ReducerOptions",
    "REDUCE_MIN": "ReducerOptions",
    "REDUCE_ANY": "ReducerOptions",
    "REDUCE_ALL": "ReducerOptions",
    "UNIDIRECTIONAL_SEQUENCE_RNN": "SequenceRNNOptions",
    "BIDIRECTIONAL_SEQUENCE_RNN": "BidirectionalSequenceRNNOptions",
    "CONV_3D_TRANSPOSE": "Conv3DOptions",
    "RANDOM_STANDARD_NORMAL": "RandomOptions",
    "RANDOM_UNIFORM": "RandomOptions",
    "MULTINOMIAL": "RandomOptions",
}


@frozen
class Field:
    """One field of a table.

    `kind` is SCALAR, STRING, TABLE, UNION (its value; the type stands in the slot before), SCALARS, STRINGS or TABLES;
    `type` the `struct` format of a scalar, the name of the table, or the name of the union; `enum` names the enum that
    a scalar holds, where it holds one, and `words` are its words by number.
    """

    name: str
    slot: int
    kind: int
    type: str
    default: int | float | bool | None = None
    enum: str | None = None
    words: Mapping[int, str] | None = None


@frozen(eq=False)
class Table:
    """A table of the schema; `fields` has None where the slot belongs to a deprecated field."""

    name: str
    fields: tuple[Field | None, ...]
    by_name: Mapping[str, Field]


class Schema:
    """All tables, enums and unions of one version of the schema."""

    def __init__(self, raw: tuple[dict[str, list[tuple[object, ...]]], dict[str, dict[str, int]]]) -> None:
        self._tables, self.enums = raw
        self._made: dict[str, Table] = {}
        self._words: dict[str, dict[int, str]] = {}

    def table(self, name: str) -> Table:
        """The table called `name`; KeyError if there is none."""
        made = self._made.get(name)
        if made is None:
            rows = [Field(*row, self._words_of(row[-1])) for row in self._tables[name]]  # type: ignore[arg-type]
            fields: list[Field | None] = [None] * (max((field.slot for field in rows), default=-1) + 1)
            for field in rows:
                fields[field.slot] = field
            made = self._made[name] = Table(name, tuple(fields), {field.name: field for field in rows})
        return made

    def _words_of(self, enum: object) -> dict[int, str] | None:
        return self.words(enum) if isinstance(enum, str) else None

    def words(self, enum: str) -> dict[int, str]:
        """The words of an enum by number."""
        words = self._words.get(enum)
        if words is None:
            words = self._words[enum] = {number: word for word, number in self.enums[enum].items()}
        return words

    @functools.cached_property
    def operators(self) -> Mapping[int, str]:
        """The builtin operators' names by number."""
        return self.words("BuiltinOperator")

    @functools.cached_property
    def _options(self) -> dict[str, str]:
        folded = {name.lower(): name for name in self._tables}
        options: dict[str, str] = {}
        for operator in self.enums["BuiltinOperator"]:
            name = folded.get(operator.replace("_", "").lower() + "options")
            name = _OPTIONS_OF_OPERATOR.get(operator, name)
            if name:
                options[operator] = name
        return options

    def options_table(self, operator: str) -> Table | None:
        """The options table that goes with a builtin operator, or None if it has no options."""
        name = self._options.get(operator)
        return self.table(name) if name else None

    def options_union(self, table: str) -> tuple[str, int]:
        """The Operator field that holds options of this table, and the table's number in that union."""
        for field, union in (("builtin_options", "BuiltinOptions"), ("builtin_options_2", "BuiltinOptions2")):
            if table in self.enums[union]:
                return field, self.enums[union][table]
        raise KeyError(table)


@functools.cache
def schema() -> Schema:
    """The schema of the installed bindings."""
    spec = importlib.util.find_spec("ai_edge_litert")
    folders = list(spec.submodule_search_locations or ()) if spec else []
    path = os.path.join(folders[0], "schema_py_generated.py") if folders else ""
    if not os.path.exists(path):
        raise RewriterError("the TFLite schema is not installed", hint="pip install ai-edge-litert")
    state = os.stat(path)

    def read() -> tuple[dict[str, list[tuple[object, ...]]], dict[str, dict[str, int]]]:
        with open(path, encoding="utf-8") as file:
            return parse_bindings(file.read())

    return Schema(cached("schema", f"6 {path} {state.st_size} {state.st_mtime_ns}", read))


_CLASS = re.compile(r"^class (\w+)\(object\):\n(.*?)(?=^class |^def |\Z)", re.M | re.S)
_ENUM = re.compile(r"(?:\A|\n)    (\w+) = (-?\d+)")
_METHOD = re.compile(r"^    def (\w+)\(self(, j)?\):\n(.*?)(?=^    def |\Z|^    # )", re.M | re.S)
_SLOT = re.compile(r"self\._tab\.Offset\((\d+)\)")
_FLAG = re.compile(r"self\._tab\.Get\(flatbuffers\.number_types\.(\w+)Flags")
_OBJECT = re.compile(r"obj = (\w+)\(\)")
_RETURN = re.compile(r"return ([-\w.]+)\s*\Z")
_UNION = re.compile(r"self\.(\w+) = (\w+)Creator\(")


def parse_bindings(text: str) -> tuple[dict[str, list[tuple[object, ...]]], dict[str, dict[str, int]]]:
    """Read tables and enums out of the text of the generated Python bindings."""
    tables: dict[str, list[tuple[object, ...]]] = {}
    enums: dict[str, dict[str, int]] = {}
    unions = {_snake(field): union for field, union in _UNION.findall(text)}
    for name, body in _CLASS.findall(text):
        if "__slots__ = ['_tab']" in body:
            rows = tables[name] = []
            seen: set[int] = set()
            for method, repeated, code in _METHOD.findall(body):
                slot = _SLOT.search(code)
                if slot is None or int(slot[1]) in seen:
                    continue
                seen.add(int(slot[1]))
                rows.append(_field(name, _snake(method), (int(slot[1]) - 4) // 2, bool(repeated), code, unions))
            added = (*_WITHDRAWN.get(name, ()), *_NEWER.get(name, ()))
            rows += [row for row in added if row[1] not in [known[1] for known in rows]]
        elif name.removesuffix("T") not in tables:
            words = {word: int(number) for word, number in _ENUM.findall(body)}
            if words:
                enums[name] = words
    return tables, enums


def _field(
    table: str, name: str, slot: int, repeated: bool, code: str, unions: Mapping[str, str]
) -> tuple[object, ...]:
    flag = _FLAG.search(code)
    if flag:
        form = _FORMATS[flag[1]]
        if repeated:
            return name, slot, SCALARS, form, None, None
        written = _RETURN.search(code.rstrip())
        default = _number(written[1] if written else "0", form)
        enum = _ENUM_OF_TABLE_FIELD.get((table, name), _ENUM_OF_FIELD.get(name)) if form in "biI" else None
        return name, slot, SCALAR, form, default, enum
    if "_tab.Union(" in code:
        return name, slot, UNION, unions[name], None, None
    obj = _OBJECT.search(code)
    if obj:
        return name, slot, TABLES if repeated else TABLE, obj[1], None, None
    return name, slot, STRINGS if repeated else STRING, "", None, None


def _number(text: str, form: str) -> int | float | bool:
    if form == "?":
        return text == "True"
    return float(text) if form in "fd" else int(text)


def _snake(name: str) -> str:
    """`StrideW` and `strideW` as the schema writes them: `stride_w`; `builtinOptions2` is `builtin_options_2` there."""
    name = re.sub(r"(?<!^)(?=[A-Z])", "_", name).lower()
    return "builtin_options_2" + name.removeprefix("builtin_options2") if name.startswith("builtin_options2") else name
