"""Attributes of an instance's operators: what each can be, with an eye on the operands' shapes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from rewriter.dialect.declaration import AttributeSpec
from rewriter.dialect.options import FlexbufferValue, flexbuffer
from rewriter.dialect.shapes import dtype_of_word
from rewriter.language.terms import ACTIVATION, Setting
from rewriter.model.graph import DTYPES
from rewriter.proof.plan import PlanOperator, words_of

if TYPE_CHECKING:
    from rewriter.proof.draft import Drafter

# The words that kernels take of enums of which they do not take all.
_WORDS = {
    ACTIVATION: ("NONE", "RELU", "RELU6", "RELU_N1_TO_1"),
    "weights_format": ("DEFAULT",),
    "quantized_bias_type": ("FLOAT32", "INT32"),
    "padding": ("SAME", "VALID"),
    "out_type": ("INT32", "INT64"),
    "output_type": ("INT32", "INT64"),
    "idx_out_type": ("INT32", "INT64"),
    "reduce_function": ("ADD", "MUL", "MINIMUM", "MAXIMUM"),
    "kernel_type": ("FULL",),
}
_FLOATS = {
    "alpha": (0.5, 0.1, 1.0, 0.0, 1.5, -0.25),
    "beta": (1.0, 0.5, 2.0, 0.1),
    "bias": (1.0, 0.5, 2.0),
    "min": (-1.0, 0.0, -6.0),
    "max": (1.0, 6.0, 2.5),
}
# Of what a custom operator's author calls as they like.
_ANY_FLOATS = (1.0, 0.5, 2.0, 0.0, -0.75)
_WHOLE = {
    "stride": (1, 2, 3),
    "dilation": (1, 2, 3),
    "filter": (1, 2, 3, 4),
    "block_size": (2, 1, 3),
    "radius": (1, 2, 0),
    "num_bits": (8, 4),
    "num_splits": (1, 2, 3),
}
_MASKS = ("begin_mask", "end_mask", "ellipsis_mask", "new_axis_mask", "shrink_axis_mask")
# What stands in custom options does not matter to a kernel.
_NOTES = (b"\x01note", None)
# How many values of an attribute are asked of a pack that brings some.
_HELP = 16
# What an attribute counts that is there to be seen.
_RESULTS = {"num_splits", "num"}
_AXES = {"axis", "batch_dim", "seq_dim"}


def choose_settings(drafter: Drafter, operator: PlanOperator) -> dict[str, Any]:
    """All attributes of an operator by name, enum values as words."""
    chosen: dict[str, Any] = {}
    for name, spec in operator.declaration.attributes.items():
        chosen[name] = _choose(drafter, operator, name, spec)
    return chosen


def choose_notes(drafter: Drafter, operator: PlanOperator) -> bytes:
    """The custom options of a builtin operator: those that the text asks for, or where it names them some or none."""
    setting = operator.said.settings.get("custom_options", Setting((None,)))
    found = drafter.pick(f"{operator.key}.custom_options", list(setting.values or _NOTES))
    if isinstance(found, FlexbufferValue):
        return flexbuffer(found.value)
    return found if isinstance(found, bytes) else b""


def _choose(drafter: Drafter, operator: PlanOperator, name: str, spec: AttributeSpec) -> Any:
    setting = operator.said.settings.get(name, Setting(None, (operator.said, name)))
    key = f"{operator.key}.{name}"
    if setting.values is not None:
        return drafter.pick(key, list(setting.values))
    if isinstance(setting.key, str):
        # Captured: everything of this name is one number, or one word.
        key = f"named {setting.key}"
    helped = drafter.generators.get(setting.key if isinstance(setting.key, str) else name)
    if helped is not None and spec.kind in ("int", "float", "bool"):
        values = [helped((), spec.format, seed) for seed in range(_HELP)]
        return drafter.number(key, values) if spec.kind == "int" else drafter.pick(key, values)
    if spec.enum:
        return _word(drafter, operator, name, spec, key)
    match spec.kind:
        case "bool":
            return drafter.pick(key, [bool(spec.default), not spec.default])
        case "int":
            return _whole(drafter, operator, name, key)
        case "float":
            custom = operator.declaration.codec is not None
            return drafter.pick(key, _FLOATS.get(name, _ANY_FLOATS if custom else (0.0,)))
        case "list":
            return _list(drafter, operator, spec, key)
        case "string":
            return ""
        case _:
            return None


def _word(drafter: Drafter, operator: PlanOperator, name: str, spec: AttributeSpec, key: str) -> str:
    assert spec.enum
    if name in ("in_data_type", "out_data_type", "output_type", "out_type"):
        tensor = operator.operands[0] if name == "in_data_type" else operator.results[0]
        assert tensor is not None
        dtype = drafter.kinds[tensor].dtype
        return next(word for word in words_of(spec.enum) if dtype_of_word(word) == dtype) if dtype in DTYPES else ""
    if name == ACTIVATION and drafter.integral:
        # All others make cases, of which exact arithmetic knows nothing.
        return "NONE"
    words = [word for word in _WORDS.get(name, ()) if word in spec.words]
    if name == "quantized_bias_type":
        # The kernel for 16 bits reads a bias as wide as this says, whatever the bias is.
        kinds = [drafter.kinds[each].dtype for each in operator.operands if each is not None]
        words = ["INT32"] if kinds[:1] == ["i16"] and kinds[2:] == ["i32"] else words
        words = ["FLOAT32"] if kinds[:1] == ["i16"] and kinds[2:] == ["i64"] else words
    if operator.declaration.codec is None and words:
        return drafter.pick(key, words)
    return drafter.pick(key, [word for word in words_of(spec.enum) if word in spec.words])


def _whole(drafter: Drafter, operator: PlanOperator, name: str, key: str) -> Any:
    rank = drafter.rank(operator.operands[0]) if operator.operands else 0
    if name in _RESULTS:
        return len(operator.results)
    if name == "values_count":
        return len(operator.operands)
    if name == "depth_multiplier":
        data, weights = (drafter.shape(each) for each in operator.operands[:2])
        return int(weights[-1]) // max(int(data[-1]), 1) if weights and data else 1
    if name in _AXES:
        most = rank + (operator.declaration.builtin in ("PACK", "ONE_HOT"))
        return drafter.number(key, [*range(most), *range(-1, -most - 1, -1)] or [0])
    if name == "batch_dims":
        return drafter.number(key, [0, *range(1, max(rank, 1)), -1])
    if name in _MASKS:
        return _mask(drafter, name, key, rank)
    for stem, domain in _WHOLE.items():
        if name.startswith(stem):
            return drafter.number(key, domain)
    return drafter.number(key, (0, 1, 2))


def _mask(drafter: Drafter, name: str, key: str, rank: int) -> Any:
    if name == "ellipsis_mask":
        return drafter.number(key, [0, *(1 << place for place in range(min(rank, 4)))])
    if name == "new_axis_mask":
        return drafter.number(key, [0, 0, 0, 1, 2])
    return drafter.number(key, range(1 << min(rank, 4)))


def _list(drafter: Drafter, operator: PlanOperator, spec: AttributeSpec, key: str) -> Any:
    name = spec.name
    codec = operator.declaration.codec
    if codec is not None and spec.format:
        length = next(each.length for each in codec.fields if each.name == name)
        length = length or drafter.pick(f"{key}.length", (2, 1, 3, 0))
        domain = _ANY_FLOATS if spec.format in "efd" else (0, 1, 2, 3)
        return [drafter.pick(f"{key}[{place}]", domain) for place in range(length)]
    if name == "squeeze_dims":
        shape = drafter.shape(operator.operands[0])
        ones = [place for place, size in enumerate(shape) if int(size) == 1]
        options: list[list[int]] = [[], ones, ones[:1], ones[-1:], [place - len(shape) for place in ones]]
        return drafter.pick(key, options)
    if name == "boundaries":
        return drafter.pick(key, [[0.0, 1.0], [-1.0, 0.5, 2.0]])
    # RESHAPE's attribute repeats its operand, in most files; the kernel reads the operand.
    return []
