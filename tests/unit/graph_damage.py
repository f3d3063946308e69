"""Kinds of damage to a graph: each is done to a model in place, and says what the graph check has to say of it."""

from __future__ import annotations

from math import nan
from typing import TYPE_CHECKING

from attrs import evolve, frozen

from rewriter.model import Buffer, OperatorCode, Quantization, Tensor

if TYPE_CHECKING:
    from collections.abc import Iterator

    from rewriter.model import Model, Operator, Subgraph


@frozen
class Expected:
    """What a complaint of the damage has to say: the rule, the operator by its first result, a tensor, some words."""

    rule: str
    operator: Operator | None
    tensor: Tensor | None
    words: str = ""


Damage = "Callable[[Model], Expected | None]"
"""Does damage where it finds the place for it; None: this model has none."""


def chained(model: Model) -> tuple[Subgraph, Operator, Operator, Tensor] | None:
    """Two operators of which the second reads a result of the first."""
    for subgraph in model.subgraphs:
        for operator in subgraph.operators:
            for tensor in operator.inputs:
                if tensor is not None and tensor.producer is not None and tensor.producer is not operator:
                    return subgraph, tensor.producer, operator, tensor
    return None


def operators(model: Model, *names: str) -> Iterator[Operator]:
    return (each for each in model.operators() if not names or each.name in names)


def constants(model: Model) -> list[Tensor]:
    every = [tensor for subgraph in model.subgraphs for tensor in subgraph.tensors]
    return [each for each in every if each.is_constant and not each.is_sparse and each.dtype not in ("string",)]


def quantized(tensor: Tensor | None) -> bool:
    return (
        tensor is not None
        and tensor.dtype in ("i8", "u8", "i16", "i32")
        and tensor.quantization is not None
        and bool(tensor.quantization.scale)
    )


def steps(model: Model) -> list[Tensor]:
    """The quantized tensors, constants last."""
    every = [tensor for subgraph in model.subgraphs for tensor in subgraph.tensors if quantized(tensor)]
    return sorted(every, key=lambda each: each.is_constant)


# -- who computes what ------------------------------------------------------------------------------------------------


def run_too_early(model: Model) -> Expected | None:
    found = chained(model)
    if found is None:
        return None
    subgraph, first, second, tensor = found
    subgraph.operators.remove(second)
    subgraph.operators.insert(subgraph.operators.index(first), second)
    return Expected("order", second, tensor, "before it is computed")


def run_in_a_circle(model: Model) -> Expected | None:
    found = chained(model)
    if found is None or not found[2].outputs:
        return None
    _, first, second, _ = found
    first.inputs = [second.outputs[0], *first.inputs[1:]]
    return Expected("cycle", first, second.outputs[0], "depends on its own results")


def compute_twice(model: Model) -> Expected | None:
    found = chained(model)
    if found is None:
        return None
    _, _, second, tensor = found
    second.outputs = [*second.outputs, tensor]
    return Expected("producer", second, tensor, "which is there already")


def compute_an_input(model: Model) -> Expected:
    subgraph = model.subgraphs[0]
    operator = subgraph.operators[-1]
    operator.outputs = [subgraph.inputs[0]]
    return Expected("producer", operator, subgraph.inputs[0], "which is there already")


def compute_a_constant(model: Model) -> Expected | None:
    for operator in model.operators():
        for tensor in operator.inputs:
            if tensor is not None and tensor.is_constant:
                operator.outputs = [*operator.outputs, tensor]
                return Expected("producer", operator, tensor, "which is a constant")
    return None


def lose_the_producer_of_an_output(model: Model) -> Expected | None:
    for subgraph in model.subgraphs:
        for tensor in subgraph.outputs:
            if tensor.producer is not None:
                subgraph.operators.remove(tensor.producer)
                return Expected("value", None, tensor, "nothing computes it")
    return None


def lose_the_producer_of_an_operand(model: Model) -> Expected | None:
    for subgraph in model.subgraphs:
        for operator in subgraph.operators:
            for tensor in operator.inputs:
                if tensor is not None and tensor.producer is not None and operator.name[:6] != "CUSTOM":
                    subgraph.operators.remove(tensor.producer)
                    return Expected("value", operator, tensor, "which nothing computes")
    return None


# -- what is named ----------------------------------------------------------------------------------------------------


def read_a_tensor_that_is_not_there(model: Model) -> Expected:
    operator = next(each for each in model.operators() if each.inputs and each.outputs)
    stray = Tensor.make("stray", "f32", [1])
    operator.inputs = [stray, *operator.inputs[1:]]
    return Expected("reference", operator, stray, "no tensor of its subgraph")


def lose_a_buffer(model: Model) -> Expected | None:
    for tensor in constants(model):
        model.buffers = [each for each in model.buffers if each is not tensor.buffer]
        return Expected("reference", None, tensor, "in a buffer that the model does not have")
    return None


def lose_an_operator_code(model: Model) -> Expected:
    operator = model.subgraphs[-1].operators[0]
    model.operator_codes = [each for each in model.operator_codes if each is not operator.code]
    return Expected("reference", operator, None, "an operator code that the model does not have")


def run_a_subgraph_that_is_not_there(model: Model) -> Expected | None:
    for operator in operators(model, "WHILE", "IF"):
        name = "body_subgraph_index" if operator.name == "WHILE" else "then_subgraph_index"
        operator.options = {**(operator.options or {}), name: 99}
        return Expected("reference", operator, None, f"{name} is 99")
    return None


def give_a_body_another_input(model: Model) -> Expected | None:
    for operator in operators(model, "WHILE"):
        body = model.subgraphs[int(str(operator.attribute("body_subgraph_index")))]
        body.inputs[0].edit(dtype="c64")
        return Expected("call", operator, body.inputs[0], "of the inputs of body_subgraph_index")
    return None


def give_a_body_more_outputs(model: Model) -> Expected | None:
    for operator in operators(model, "WHILE"):
        body = model.subgraphs[int(str(operator.attribute("body_subgraph_index")))]
        body.outputs = [*body.outputs, body.inputs[0]]
        return Expected("call", operator, None, "outputs, body_subgraph_index has")
    return None


def name_an_input_twice(model: Model) -> Expected:
    subgraph = model.subgraphs[0]
    subgraph.inputs = [*subgraph.inputs, subgraph.inputs[0]]
    return Expected("interface", None, subgraph.inputs[0], "is there 2 times")


def name_two_outputs_alike(model: Model) -> Expected | None:
    subgraph = model.subgraphs[0]
    first = subgraph.outputs[0]
    other = next((each for each in subgraph.tensors if each.producer and each is not first), None)
    if other is None:
        return None
    other.edit(name=first.name)
    subgraph.outputs = [*subgraph.outputs, other]
    return Expected("interface", None, other, "two outputs have one name")


def name_an_inner_tensor_in_a_signature(model: Model) -> Expected | None:
    for signature in model.signatures:
        subgraph = signature.subgraph
        for tensor in subgraph.tensors:
            if signature.outputs and tensor not in subgraph.outputs:
                signature.outputs = [(signature.outputs[0][0], tensor), *signature.outputs[1:]]
                return Expected("signature", None, tensor, "which is no output there")
    return None


def name_two_signatures_alike(model: Model) -> Expected | None:
    if not model.signatures:
        return None
    model.signatures.append(model.signatures[0])
    return Expected("signature", None, None, "its key stands for 2 signatures")


# -- operators --------------------------------------------------------------------------------------------------------


def lose_a_custom_code(model: Model) -> Expected:
    operator = next(each for each in model.operators() if each.outputs)
    operator.code = OperatorCode("CUSTOM", None, 1)
    return Expected("operator", operator, None, "without a code")


def lose_an_operand(model: Model) -> Expected | None:
    for operator in operators(model, "CONV_2D", "DEPTHWISE_CONV_2D", "FULLY_CONNECTED"):
        operator.inputs = [operator.inputs[0], None, *operator.inputs[2:]]
        return Expected("arity", operator, None, "lacks its operand filter")
    return None


def take_an_operand_too_many(model: Model) -> Expected | None:
    for operator in operators(model, "LOGISTIC", "RELU", "SOFTMAX", "DEQUANTIZE", "QUANTIZE", "ADD", "CONV_2D", "LESS"):
        operator.inputs = [*operator.inputs, *[operator.inputs[0]] * 3]
        return Expected("arity", operator, None, "operands, it takes")
    return None


def give_a_result_too_many(model: Model) -> Expected | None:
    for subgraph in model.subgraphs:
        for operator in subgraph.operators:
            if operator.name in ("RESHAPE", "CONV_2D", "ADD", "SOFTMAX"):
                extra = Tensor.make("extra", "f32", [1])
                subgraph.tensors.append(extra)
                operator.outputs = [*operator.outputs, extra]
                return Expected("arity", operator, None, "has 2 results, it gives 1")
    return None


def take_an_operand_of_another_type(model: Model) -> Expected | None:
    for operator in operators(model, "PAD", "MEAN", "RESIZE_BILINEAR", "TRANSPOSE", "STRIDED_SLICE", "ARG_MAX"):
        tensor = operator.inputs[1]
        assert tensor is not None
        tensor.edit(dtype="f32")
        return Expected("type", operator, tensor, "is f32, it has to be")
    return None


def give_a_result_of_another_type(model: Model) -> Expected | None:
    for operator in operators(model, "CONV_2D", "ADD", "RESHAPE", "FULLY_CONNECTED"):
        tensor = operator.outputs[0]
        tensor.edit(dtype="u64")
        return Expected("type", operator, tensor, "as u64, it computes")
    return None


def stand_still(model: Model) -> Expected | None:
    for operator in operators(model, "CONV_2D", "DEPTHWISE_CONV_2D", "AVERAGE_POOL_2D", "MAX_POOL_2D"):
        operator.options = {**(operator.options or {}), "stride_w": 0}
        return Expected("attribute", operator, None, "stride_w is 0")
    return None


def have_a_word_that_is_none(model: Model) -> Expected | None:
    for operator in operators(model, "CONV_2D", "FULLY_CONNECTED", "ADD", "MUL"):
        operator.options = {**(operator.options or {}), "fused_activation_function": 77}
        return Expected("attribute", operator, None, "fused_activation_function is 77, which is no Activation")
    return None


def count_wrong(model: Model) -> Expected | None:
    for operator in operators(model, "SPLIT", "UNPACK", "PACK"):
        name = {"SPLIT": "num_splits", "UNPACK": "num", "PACK": "values_count"}[operator.name]
        operator.options = {**(operator.options or {}), name: 17}
        return Expected("attribute", operator, None, f"{name} is 17, and it has")
    return None


def have_an_axis_too_high(model: Model) -> Expected | None:
    for operator in operators(model, "CONCATENATION", "PACK", "GATHER"):
        operator.options = {**(operator.options or {}), "axis": 9}
        return Expected("attribute", operator, operator.inputs[0], "axis is 9, ")
    return None


def take_an_image_of_three_dimensions(model: Model) -> Expected | None:
    for operator in operators(model, "CONV_2D", "DEPTHWISE_CONV_2D", "AVERAGE_POOL_2D"):
        tensor = operator.inputs[0]
        assert tensor is not None
        tensor.edit(shape=tensor.shape[1:], shape_signature=None)
        return Expected("operands", operator, None, "four dimensions")
    return None


def add_what_does_not_fit(model: Model) -> Expected | None:
    for operator in operators(model, "ADD", "MUL", "SUB"):
        tensor = operator.inputs[0]
        if tensor is not None and tensor.shape and tensor.shape[-1] > 1 and operator.inputs[1] is not tensor:
            other = operator.inputs[1]
            if other is None or not other.shape or other.shape[-1] == 1:
                continue
            tensor.edit(shape=(*tensor.shape[:-1], tensor.shape[-1] + 1), shape_signature=None)
            return Expected("operands", operator, None, "broadcast")
    return None


def give_another_size(model: Model) -> Expected | None:
    for operator in operators(model, "CONV_2D", "DEPTHWISE_CONV_2D", "FULLY_CONNECTED", "ADD", "SOFTMAX"):
        tensor = operator.outputs[0]
        if not tensor.shape:
            continue
        tensor.edit(shape=(*tensor.shape[:-1], tensor.shape[-1] + 3), shape_signature=None)
        return Expected("shape", operator, tensor, "it computes")
    return None


def give_another_rank(model: Model) -> Expected | None:
    for operator in operators(model, "CONV_2D", "RESHAPE", "LOGISTIC", "ADD"):
        tensor = operator.outputs[0]
        if not tensor.shape:
            continue
        tensor.edit(shape=(1, 1, *tensor.shape), shape_signature=None)
        return Expected("shape", operator, tensor, "it computes")
    return None


def have_version_0(model: Model) -> Expected:
    operator = next(each for each in model.operators() if each.outputs)
    operator.code = OperatorCode(operator.code.builtin, operator.code.custom_code, 0)
    model.operator_codes.append(operator.code)
    return Expected("version", operator, None, "version 0 is none")


def have_a_version_too_low(model: Model) -> Expected | None:
    for operator in model.operators():
        if operator.code.version > 1 and operator.name in ("CONV_2D", "DEPTHWISE_CONV_2D", "ADD", "DEQUANTIZE"):
            operator.code = OperatorCode(operator.code.builtin, None, 1)
            model.operator_codes.append(operator.code)
            return Expected("version", operator, None, "has version 1, what it uses came with")
    return None


# -- tensors ----------------------------------------------------------------------------------------------------------


def have_a_negative_size(model: Model) -> Expected:
    tensor = model.subgraphs[0].inputs[0]
    tensor.edit(shape=(-1, *tensor.shape[1:]))
    return Expected("shape", None, tensor, "a negative size")


def have_a_signature_of_another_rank(model: Model) -> Expected:
    tensor = model.subgraphs[0].inputs[0]
    tensor.edit(shape_signature=(-1, *tensor.shape))
    return Expected("shape", None, tensor, "and signature")


def have_a_signature_of_another_size(model: Model) -> Expected | None:
    tensor = model.subgraphs[0].inputs[0]
    if not tensor.shape:
        return None
    tensor.edit(shape_signature=(tensor.shape[0] + 1, *tensor.shape[1:]))
    return Expected("shape", None, tensor, "only an open size may differ")


def _requantize(model: Model, **values: object) -> Tensor | None:
    for tensor in steps(model):
        assert tensor.quantization is not None
        if len(tensor.quantization.scale) == 1 and tensor.dtype in ("i8", "u8"):
            tensor.edit(quantization=evolve(tensor.quantization, **values))  # type: ignore[arg-type]
            return tensor
    return None


def have_a_scale_of_0(model: Model) -> Expected | None:
    tensor = _requantize(model, scale=(0.0,))
    return tensor and Expected("quantization", None, tensor, "has a scale of 0")


def have_a_scale_that_is_no_number(model: Model) -> Expected | None:
    tensor = _requantize(model, scale=(nan,))
    return tensor and Expected("quantization", None, tensor, "has a scale of nan")


def have_a_negative_scale(model: Model) -> Expected | None:
    tensor = _requantize(model, scale=(-0.25,))
    return tensor and Expected("quantization", None, tensor, "has a scale of -0.25")


def have_a_zero_point_out_of_range(model: Model) -> Expected | None:
    tensor = _requantize(model, zero_point=(300,))
    return tensor and Expected("quantization", None, tensor, "has zero point 300")


def lose_a_zero_point(model: Model) -> Expected | None:
    tensor = _requantize(model, zero_point=())
    return tensor and Expected("quantization", None, tensor, "1 scales and 0 zero points")


def _per_channel(model: Model) -> Iterator[tuple[Tensor, Quantization]]:
    for tensor in steps(model):
        assert tensor.quantization is not None
        if tensor.quantization.per_channel and len(tensor.shape) > 1:
            yield tensor, tensor.quantization


def lose_a_channel(model: Model) -> Expected | None:
    for tensor, old in _per_channel(model):
        tensor.edit(quantization=Quantization(old.scale[1:], old.zero_point[1:], old.dimension))
        return Expected("quantization", None, tensor, f"has {len(old.scale) - 1} scales for {len(old.scale)} channels")
    return None


def quantize_a_dimension_that_is_not_there(model: Model) -> Expected | None:
    for tensor, old in _per_channel(model):
        tensor.edit(quantization=Quantization(old.scale, old.zero_point, 7))
        return Expected("quantization", None, tensor, "scales along dimension 7 of")
    return None


def scale_a_bias_anew(model: Model) -> Expected | None:
    for operator in operators(model, "CONV_2D", "DEPTHWISE_CONV_2D", "FULLY_CONNECTED"):
        bias = operator.inputs[2] if len(operator.inputs) > 2 else None
        if bias is not None and quantized(bias) and quantized(operator.inputs[0]):
            assert bias.quantization is not None
            scales = tuple(scale * 1.5 for scale in bias.quantization.scale)
            bias.edit(quantization=evolve(bias.quantization, scale=scales))
            return Expected("quantization", operator, bias, "input scale * filter scale")
    return None


def have_parameters_that_differ(model: Model) -> Expected | None:
    for operator in operators(model, "RESHAPE", "MAX_POOL_2D", "AVERAGE_POOL_2D", "PAD", "SPLIT"):
        result = operator.outputs[0]
        if quantized(operator.inputs[0]) and quantized(result):
            assert result.quantization is not None
            result.edit(quantization=evolve(result.quantization, scale=(7.5,)))
            return Expected("quantization", operator, result)
    return None


def have_parameters_that_are_not_fixed(model: Model) -> Expected | None:
    for operator in operators(model, "SOFTMAX", "LOGISTIC", "TANH"):
        result = operator.outputs[0]
        if quantized(operator.inputs[0]) and quantized(result):
            result.edit(quantization=Quantization((1.25,), (3,)))
            return Expected("quantization", operator, result, "needs scale")
    return None


def lose_parameters(model: Model) -> Expected | None:
    for operator in operators(model, "CONV_2D", "DEPTHWISE_CONV_2D", "FULLY_CONNECTED", "ADD", "MAX_POOL_2D"):
        result = operator.outputs[0]
        if quantized(operator.inputs[0]) and quantized(result):
            result.edit(quantization=None)
            return Expected("quantization", operator, result, "has no parameters")
    return None


def shorten_a_constant(model: Model) -> Expected | None:
    for tensor in constants(model):
        assert tensor.buffer is not None
        made = Buffer(tensor.buffer.index, size=tensor.buffer.size - 1, data=bytes(tensor.data or b"")[1:])
        model.buffers = [made if each is tensor.buffer else each for each in model.buffers]
        tensor.edit(buffer=made)
        return Expected("constant", None, tensor, "its type and shape take")
    return None


def reshape_a_constant(model: Model) -> Expected | None:
    for tensor in constants(model):
        tensor.edit(shape=(*tensor.shape, 2), shape_signature=None)
        return Expected("constant", None, tensor, "its type and shape take")
    return None


def widen_a_constant(model: Model) -> Expected | None:
    for tensor in constants(model):
        tensor.edit(dtype="c128")
        return Expected("constant", None, tensor, "its type and shape take")
    return None


def make_a_constant_a_variable(model: Model) -> Expected | None:
    for tensor in constants(model):
        tensor.edit(is_variable=True)
        return Expected("variable", None, tensor, "is a variable, and has data")
    return None


def keep_state_in_what_is_no_variable(model: Model) -> Expected | None:
    for operator in operators(model, "LSTM", "UNIDIRECTIONAL_SEQUENCE_LSTM", "SVDF"):
        for tensor in operator.inputs:
            if tensor is not None and tensor.is_variable:
                tensor.edit(is_variable=False)
                return Expected("variable", operator, tensor, "which is no variable")
    return None


DAMAGE = [
    run_too_early,
    run_in_a_circle,
    compute_twice,
    compute_an_input,
    compute_a_constant,
    lose_the_producer_of_an_output,
    lose_the_producer_of_an_operand,
    read_a_tensor_that_is_not_there,
    lose_a_buffer,
    lose_an_operator_code,
    run_a_subgraph_that_is_not_there,
    give_a_body_another_input,
    give_a_body_more_outputs,
    name_an_input_twice,
    name_two_outputs_alike,
    name_an_inner_tensor_in_a_signature,
    name_two_signatures_alike,
    lose_a_custom_code,
    lose_an_operand,
    take_an_operand_too_many,
    give_a_result_too_many,
    take_an_operand_of_another_type,
    give_a_result_of_another_type,
    stand_still,
    have_a_word_that_is_none,
    count_wrong,
    have_an_axis_too_high,
    take_an_image_of_three_dimensions,
    add_what_does_not_fit,
    give_another_size,
    give_another_rank,
    have_version_0,
    have_a_version_too_low,
    have_a_negative_size,
    have_a_signature_of_another_rank,
    have_a_signature_of_another_size,
    have_a_scale_of_0,
    have_a_scale_that_is_no_number,
    have_a_negative_scale,
    have_a_zero_point_out_of_range,
    lose_a_zero_point,
    lose_a_channel,
    quantize_a_dimension_that_is_not_there,
    scale_a_bias_anew,
    have_parameters_that_differ,
    have_parameters_that_are_not_fixed,
    lose_parameters,
    shorten_a_constant,
    reshape_a_constant,
    widen_a_constant,
    make_a_constant_a_variable,
    keep_state_in_what_is_no_variable,
]
