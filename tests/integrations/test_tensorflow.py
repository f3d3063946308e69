"""TensorFlow's own converter, run for real: what it makes, rewritten, gives what it gives as it is."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pytest
from attrs import frozen

import rewriter
from rewriter.integrations.tensorflow import convert, wrap
from tests.integrations.agreement import agree

tf = pytest.importorskip("tensorflow", reason="the tests of TensorFlow as a host need it: make hosts HOSTS=tensorflow")
# A host may warn as it likes; what it gives is what is tested.
pytestmark = pytest.mark.filterwarnings("ignore")

Converter = Any
SEED = 7
BIAS_APART = """
rule bias_apart
  "The bias of a transposed convolution is added by an operator of its own, for runtimes that know three operands."
  TRANSPOSE_CONV[padding=p, stride_h=sh, stride_w=sw, fused_activation_function=act](x, w, b: const)
  -> ADD[fused_activation_function=act](TRANSPOSE_CONV[padding=p, stride_h=sh, stride_w=sw](x, w), b)
  equal within 1e-5
"""


def keras(layers: Callable[[Any], list[Any]]) -> Any:
    """A Keras model for images of 16 by 16, whose weights and names are the same each time that it is made."""
    tf.keras.backend.clear_session()
    tf.keras.utils.set_random_seed(SEED)
    return tf.keras.Sequential([tf.keras.Input((16, 16, 3), batch_size=1), *layers(tf.keras.layers)])


def fully_quantized(converter: Converter, shape: tuple[int, ...], interface: Any = None) -> Converter:
    def samples() -> Iterator[list[Any]]:
        random = np.random.default_rng(SEED)
        for _ in range(8):
            yield [random.normal(size=shape).astype(np.float32)]

    converter.optimizations = [tf.lite.Optimize.DEFAULT]
    converter.representative_dataset = samples
    converter.target_spec.supported_ops = [tf.lite.OpsSet.TFLITE_BUILTINS_INT8]
    if interface is not None:
        converter.inference_input_type = interface
        converter.inference_output_type = interface
    return converter


def decoder() -> Any:
    return keras(
        lambda layers: [
            layers.Conv2D(8, 3, strides=2, padding="same", activation="relu"),
            layers.Conv2DTranspose(4, 2, strides=2, bias_initializer="normal"),
            layers.ReLU(),
        ]
    )


def transposed_convolution() -> Converter:
    return tf.lite.TFLiteConverter.from_keras_model(decoder())


def head() -> Any:
    """DeepLab's: a mean over the image beside a dilated convolution, brought to a size with corners aligned."""
    random = np.random.default_rng(SEED)
    depthwise, pointwise, classes = (
        tf.constant(random.normal(size=size) * 0.3, tf.float32) for size in ((3, 3, 8, 1), (1, 1, 8, 8), (1, 1, 16, 5))
    )
    resize = tf.compat.v1.image.resize_bilinear

    class Head(tf.Module):
        @tf.function(input_signature=[tf.TensorSpec((1, 17, 17, 8), tf.float32, name="features")])
        def segment(self, features: Any) -> Any:
            atrous = tf.nn.depthwise_conv2d(features, depthwise, [1, 1, 1, 1], "SAME", dilations=[2, 2])
            whole = tf.nn.relu(tf.nn.conv2d(tf.nn.avg_pool2d(features, 17, 1, "VALID"), pointwise, 1, "SAME"))
            whole = resize(whole, (17, 17), align_corners=True)
            scores = tf.nn.conv2d(tf.concat([whole, tf.nn.relu6(atrous)], -1), classes, 1, "SAME")
            scores = resize(scores, (33, 33), align_corners=True)
            return {"scores": scores, "classes": tf.argmax(scores, -1)}

    return Head()


def deeplab_head() -> Converter:
    module = head()
    return tf.lite.TFLiteConverter.from_concrete_functions([module.segment.get_concrete_function()], module)


def quantized_deeplab_head() -> Converter:
    return fully_quantized(deeplab_head(), (1, 17, 17, 8), tf.int8)


def classifier() -> Any:
    return keras(
        lambda layers: [
            layers.ZeroPadding2D(((0, 1), (0, 1))),
            layers.Conv2D(8, 3, strides=2, use_bias=False),
            layers.BatchNormalization(),
            layers.ReLU(6.0),
            layers.DepthwiseConv2D(3, padding="same"),
            layers.ReLU(6.0),
            layers.Flatten(),
            layers.Dense(10, activation="softmax"),
        ]
    )


def float_classifier() -> Converter:
    return tf.lite.TFLiteConverter.from_keras_model(classifier())


def dynamic_range_classifier() -> Converter:
    converter = float_classifier()
    converter.optimizations = [tf.lite.Optimize.DEFAULT]
    return converter


def quantized_classifier() -> Converter:
    return fully_quantized(float_classifier(), (1, 16, 16, 3))


def int8_classifier() -> Converter:
    return fully_quantized(float_classifier(), (1, 16, 16, 3), tf.int8)


def two_signatures() -> Converter:
    """A module with two signatures, each of which resizes with corners aligned."""
    resize = tf.compat.v1.image.resize_bilinear

    class Both(tf.Module):
        @tf.function(input_signature=[tf.TensorSpec((1, 5, 5, 2), tf.float32, name="small")])
        def enlarge(self, small: Any) -> Any:
            return {"large": resize(small, (13, 13), align_corners=True)}

        @tf.function(input_signature=[tf.TensorSpec((1, 13, 13, 2), tf.float32, name="large")])
        def choose(self, large: Any) -> Any:
            return {"best": tf.argmax(large, -1), "same": large * 2.0}

    both = Both()
    concrete = [both.enlarge.get_concrete_function(), both.choose.get_concrete_function()]
    return tf.lite.TFLiteConverter.from_concrete_functions(concrete, both)


@frozen
class Conversion:
    """One conversion, with what is to rewrite it.

    Attributes:
        fired: The rules that have to fire.
    """

    made: Callable[[], Converter]
    fired: set[str]
    packs: tuple[str, ...] | None = None
    rules: tuple[str, ...] = ()


RELU6 = "toco.remove_trivial_quantized_activation_relu6"
CONVERSIONS = [
    Conversion(transposed_convolution, {"bias_apart"}, rules=(BIAS_APART,)),
    Conversion(
        deeplab_head,
        {"nnapi.resize_one_pixel_float", "nnapi.resize_twice_float", "nnapi.arg_as_int32"},
        packs=("nnapi",),
    ),
    Conversion(
        quantized_deeplab_head,
        {
            "nnapi.large_global_pool_i8",
            "nnapi.resize_one_pixel",
            "nnapi.resize_whole_ratio",
            "nnapi.arg_as_int32",
        },
        packs=("nnapi",),
    ),
    Conversion(float_classifier, {"tflm.remove_reshape_before_fc_flatten"}, packs=("tflm",)),
    Conversion(dynamic_range_classifier, {"tflm.remove_reshape_before_fc_flatten"}, packs=("tflm",)),
    Conversion(int8_classifier, {RELU6}),
    Conversion(quantized_classifier, {"quant.remove_trivial_quantized_activation"}, packs=("quant",)),
    Conversion(two_signatures, {"nnapi.resize_whole_ratio", "nnapi.arg_as_int32"}, packs=("nnapi",)),
]


@pytest.mark.parametrize("each", CONVERSIONS, ids=lambda each: each.made.__name__)
def test_a_rewritten_conversion_gives_what_the_plain_one_gives(
    each: Conversion, record_property: Callable[[str, object], None]
) -> None:
    plain = each.made().convert()
    rules = [rewriter.compile_rules(text) for text in each.rules]
    wrapped = wrap(each.made(), each.packs, rules)
    rewritten = wrapped.convert()
    # The converter, made anew, converts to the same bytes: what differs is what the rules did.
    for name, difference in agree(plain, rewritten, wrapped.report, tf.lite.Interpreter, each.fired).items():
        record_property(name, difference)


def test_a_converters_interface_is_changed_where_that_is_allowed() -> None:
    data = convert(quantized_classifier(), ["quant"], allow=["interface"])
    runner = tf.lite.Interpreter(model_content=data).get_signature_runner()
    (given,), (result,) = (each.values() for each in (runner.get_input_details(), runner.get_output_details()))
    assert given["dtype"] == result["dtype"] == np.int8
    plain = tf.lite.Interpreter(model_content=quantized_classifier().convert()).get_signature_runner()
    image = np.random.default_rng(SEED).normal(size=(1, 16, 16, 3)).astype(np.float32)
    (scale, zero), (out_scale, out_zero) = given["quantization"], result["quantization"]
    steps = np.clip(np.round(image / scale) + zero, -128, 127).astype(np.int8)
    (name,), (out,) = runner.get_input_details(), runner.get_output_details()
    real = (runner(**{name: steps})[out].astype(np.float32) - out_zero) * np.float32(out_scale)
    np.testing.assert_array_equal(real, plain(**{name: image})[out])


def test_code_that_makes_its_converter_from_the_class_stays_as_it_is() -> None:
    own = wrap(tf.lite.TFLiteConverter, rules=[rewriter.compile_rules(BIAS_APART)])
    plain = transposed_convolution().convert()
    converter = own.from_keras_model(decoder())
    converter.optimizations = []
    rewritten = converter.convert()
    agree(plain, rewritten, converter.report, tf.lite.Interpreter, {"bias_apart"})


def test_where_no_rule_matches_the_converters_own_bytes_come_back() -> None:
    assert convert(float_classifier(), ["nnapi"]) == float_classifier().convert()


def test_what_cannot_convert_is_refused() -> None:
    with pytest.raises(rewriter.UsageError, match=r"a Sequential has no convert\(\)"):
        convert(classifier())
