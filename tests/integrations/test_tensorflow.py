"""TensorFlow's own converter, run for real: what it makes, rewritten, gives what it gives as it is."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pytest

from rewriter import run
from rewriter.integrations.tensorflow import wrap

tf = pytest.importorskip("tensorflow", reason="the tests of TensorFlow as a host need it: pip install tensorflow")

Converter = Any
SEED = 7


def keras(*layers: Any, shape: tuple[int, ...]) -> Any:
    """A Keras model with weights that do not change from run to run."""
    tf.keras.utils.set_random_seed(SEED)
    return tf.keras.Sequential([tf.keras.Input(shape, batch_size=1), *layers])


def transposed_convolution() -> Converter:
    layers = tf.keras.layers
    model = keras(
        layers.Conv2D(8, 3, strides=2, padding="same", activation="relu"),
        layers.Conv2DTranspose(4, 2, strides=2, bias_initializer="normal"),
        layers.ReLU(),
        shape=(16, 16, 3),
    )
    return tf.lite.TFLiteConverter.from_keras_model(model)


class Head(tf.Module):
    """DeepLab's: an image-wide mean beside a dilated convolution, brought to a size and asked for the best class."""

    def __init__(self) -> None:
        super().__init__()
        random = np.random.default_rng(SEED)
        self.filters = [tf.constant(random.normal(size=size), tf.float32) for size in ((3, 3, 8, 8), (1, 1, 8, 8))]
        self.classes = tf.constant(random.normal(size=(1, 1, 16, 5)), tf.float32)

    @tf.function(input_signature=[tf.TensorSpec((1, 17, 17, 8), tf.float32, name="features")])
    def __call__(self, features: Any) -> Any:
        atrous = tf.nn.relu(tf.nn.conv2d(features, self.filters[0], 1, "SAME", dilations=2))
        whole = tf.reduce_mean(features, [1, 2], keepdims=True)
        whole = tf.nn.relu(tf.nn.conv2d(whole, self.filters[1], 1, "SAME"))
        whole = tf.image.resize(whole, (17, 17))
        scores = tf.nn.conv2d(tf.concat([whole, atrous], -1), self.classes, 1, "SAME")
        return {"scores": tf.image.resize(scores, (33, 33))}


def deeplab_head() -> Converter:
    head = Head()
    return tf.lite.TFLiteConverter.from_concrete_functions([head.__call__.get_concrete_function()], head)


def classifier() -> Any:
    layers = tf.keras.layers
    return keras(
        layers.ZeroPadding2D(((0, 1), (0, 1))),
        layers.Conv2D(8, 3, strides=2, use_bias=False),
        layers.BatchNormalization(moving_variance_initializer="ones", gamma_initializer="ones"),
        layers.ReLU(6.0),
        layers.DepthwiseConv2D(3, padding="same"),
        layers.ReLU(6.0),
        layers.GlobalAveragePooling2D(),
        layers.Dense(10, activation="softmax"),
        shape=(16, 16, 3),
    )


def quantised_classifier() -> Converter:
    converter = tf.lite.TFLiteConverter.from_keras_model(classifier())
    converter.optimizations = [tf.lite.Optimize.DEFAULT]
    converter.representative_dataset = images
    converter.target_spec.supported_ops = [tf.lite.OpsSet.TFLITE_BUILTINS_INT8]
    converter.inference_input_type = tf.int8
    converter.inference_output_type = tf.int8
    return converter


def images() -> Iterator[list[Any]]:
    random = np.random.default_rng(SEED)
    for _ in range(20):
        yield [random.uniform(-1, 1, (1, 16, 16, 3)).astype(np.float32)]


def dynamic_range_classifier() -> Converter:
    converter = tf.lite.TFLiteConverter.from_keras_model(classifier())
    converter.optimizations = [tf.lite.Optimize.DEFAULT]
    return converter


def float_classifier() -> Converter:
    return tf.lite.TFLiteConverter.from_keras_model(classifier())


MADE: list[Callable[[], Converter]] = [
    transposed_convolution,
    deeplab_head,
    float_classifier,
    dynamic_range_classifier,
    quantised_classifier,
]


@pytest.mark.parametrize("made", MADE, ids=lambda each: each.__name__)
def test_a_rewritten_conversion_gives_what_the_plain_one_gives(made: Callable[[], Converter]) -> None:
    plain = made().convert()
    wrapped = wrap(made())
    rewritten = wrapped.convert()
    found = run.verify(plain, rewritten)
    assert found.equal, found.failures
    assert wrapped.report is not None
    check = wrapped.report.check
    assert check is None or check.status == "passed"
    if check is None:
        assert rewritten == plain
    interpreters = [tf.lite.Interpreter(model_content=data) for data in (plain, rewritten)]
    assert len({str(each.get_signature_list()) for each in interpreters}) == 1
