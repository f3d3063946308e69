"""DeepLab, rewritten by the pack `nnapi`: every tensor that is still there keeps every bit.

Images are smooth: noise gives one class everywhere, and then anything agrees.
"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any

import flatbuffers
import numpy as np
import pytest
from ai_edge_litert import schema_py_generated as schema
from ai_edge_litert.interpreter import Interpreter
from attrs import frozen

import rewriter
from tests.rules.models import KERNELS, operators

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

    Array = NDArray[Any]

CORAL = "coral/deeplabv3_mnv2_pascal_quant.tflite"
REEXPORTED = "deeplab_nnapi/deeplabv3_mnv2_pascal_513_os16_quant.tflite"
DILATED = "deeplab_nnapi/deeplabv3_mnv2_pascal_257_os8_quant.tflite"
OTHERS = [REEXPORTED, DILATED, "deeplab_nnapi/deeplabv3_mnv2_ade20k_513_os16_dummy_quant.tflite"]
RUN = ("builtin", "default")

# Converters write it in blocks, which these files no longer have. Places are added until the blocks divide the image.
UNFOLD = """
rule unfold
  c = DEPTHWISE_CONV_2D[
    padding=SAME, stride_h=1, stride_w=1, dilation_h_factor=d, dilation_w_factor=d, fused_activation_function=_
  ](x: [_, h, w, _], f: [_, 3, 3, _], b)
  where d > 1
  -> BATCH_TO_SPACE_ND(
    @c[padding=VALID, dilation_h_factor=1, dilation_w_factor=1](
      SPACE_TO_BATCH_ND(x, [d, d], [[d, d + (d - h % d) % d], [d, d + (d - w % d) % d]]), f, b
    ): like c,
    [d, d],
    [[0, (d - h % d) % d], [0, (d - w % d) % d]],
  )
  equal exact
"""


def model_of(models: Path, name: str) -> bytes:
    if not (models / name).exists():
        pytest.skip(f"shared/models/{name} is not at hand beside the checkout")
    return (models / name).read_bytes()


def rewritten(model: bytes, *only: str, allow: tuple[str, ...] = ("interface",)) -> bytes:
    return rewriter.apply(model, packs=["nnapi"], only=only, allow=allow, check="none").model.to_bytes()


@frozen
class Look:
    """A few random colours, interpolated: how many along each axis, how far beyond what a pixel holds, and which."""

    colours: int
    beyond: int
    seed: int

    def image(self, size: int) -> Array:
        """uint8, ``[1, size, size, 3]``."""
        few = np.random.default_rng(self.seed).uniform(-self.beyond, 255 + self.beyond, (self.colours, self.colours, 3))
        places = np.linspace(0, self.colours - 1, size)
        low = np.minimum(places.astype(int), self.colours - 2)
        part = (places - low)[:, None, None]
        rows = few[low] * (1 - part) + few[low + 1] * part
        image = rows[:, low] * (1 - part[:, 0, :]) + rows[:, low + 1] * part[:, 0, :]
        return np.clip(image, 0, 255).astype(np.uint8)[None]


THREE_CLASSES = Look(colours=12, beyond=100, seed=3)
"""Coral's model sees background, bottles and cars in it."""

TWO_CLASSES = [Look(colours=6, beyond=150, seed=seed) for seed in (1, 7)]


def tapped(model: bytes, names: set[str]) -> bytes:
    """The model with all of these tensors as outputs; delegates hide what is none."""
    tree: Any = schema.ModelT.InitFromPackedBuf(model, 0)
    graph = tree.subgraphs[0]
    outputs = {int(each) for each in graph.outputs}
    graph.outputs = [
        *graph.outputs,
        *(at for at, each in enumerate(graph.tensors) if each.name.decode() in names and at not in outputs),
    ]
    builder = flatbuffers.Builder(len(model))
    builder.Finish(tree.Pack(builder), b"TFL3")
    return bytes(builder.Output())


def computed(model: bytes) -> set[str]:
    return {name for row in operators(model) for name in row.results}


def values(model: bytes, image: Array, kernels: str) -> dict[str, Array]:
    interpreter = Interpreter(model_content=model, experimental_op_resolver_type=KERNELS[kernels], num_threads=1)
    interpreter.allocate_tensors()
    interpreter.set_tensor(interpreter.get_input_details()[0]["index"], image)
    interpreter.invoke()
    return {each["name"]: interpreter.get_tensor(each["index"]) for each in interpreter.get_output_details()}


def assert_no_bit_changes(before: bytes, after: bytes, kernels: str, look: Look) -> dict[str, Array]:
    """All tensors that both models compute are equal on an image; what the model before computes."""
    names = computed(before) & computed(after)
    first, second = tapped(before, names), tapped(after, names)
    size = Interpreter(model_content=before).get_input_details()[0]["shape"][1]
    image = look.image(int(size))
    ours, theirs = values(second, image, kernels), values(first, image, kernels)
    assert ours.keys() == theirs.keys() == names
    different = [name for name in names if not np.array_equal(ours[name], theirs[name])]
    assert different == []
    return theirs


def blockers(model: bytes) -> list[str]:
    """What NNAPI refuses in DeepLab."""
    found: list[str] = []
    for row in operators(model):
        if row.name == "AVERAGE_POOL_2D" and row.options.filterHeight * row.options.filterWidth > 256:
            found.append("large pool")
        if row.name == "RESIZE_BILINEAR" and row.options.alignCorners:
            found.append("aligned corners")
        if row.name in ("ARG_MAX", "CAST") and schema.TensorType.INT64 in (
            getattr(row.options, "outputType", None),
            getattr(row.options, "outDataType", None),
        ):
            found.append("int64")
    return found


@pytest.mark.parametrize("kernels", RUN)
def test_coral_model_keeps_every_bit_of_every_tensor_and_nothing_blocks_it(kernels: str, models: Path) -> None:
    before = model_of(models, CORAL)
    after = rewritten(before)
    assert Counter(blockers(before)) == {"large pool": 1, "aligned corners": 3, "int64": 1}
    assert blockers(after) == []
    kept = assert_no_bit_changes(before, after, kernels, THREE_CLASSES)
    # What the rewritten operators compute is among what is compared, and is not the same everywhere.
    for name in ("AvgPool2D/AvgPool", "ResizeBilinear", "ResizeBilinear_2", "ArgMax"):
        assert len(np.unique(kept[name])) > 1, name
    assert set(np.unique(kept["ArgMax"])) == {0, 5, 7}


def test_class_maps_of_other_images_are_equal_too(models: Path) -> None:
    before = model_of(models, CORAL)
    after = rewritten(before)
    for look in TWO_CLASSES:
        image = look.image(513)
        (ours,), (theirs,) = (values(model, image, "default").values() for model in (after, before))
        assert (ours.dtype, theirs.dtype) == (np.int32, np.int64)
        assert len(np.unique(theirs)) > 1
        assert np.array_equal(ours, theirs)


def test_without_leave_to_change_the_output_only_a_cast_stays_behind(models: Path) -> None:
    before = model_of(models, CORAL)
    after = rewritten(before, allow=())
    assert blockers(after) == ["int64"]
    assert [row.name for row in operators(after)[-2:]] == ["ARG_MAX", "CAST"]
    # With leave, the rest can be had later.
    later, at_once = rewritten(after), rewritten(before)
    assert [(row.name, row.operands) for row in operators(later)] == [
        (row.name, row.operands) for row in operators(at_once)
    ]


def test_published_way_changes_pixels_and_ours_none(models: Path) -> None:
    """The re-exported file has the weights of coral's. Its answer is another one."""
    coral, published = model_of(models, CORAL), model_of(models, REEXPORTED)
    for look in (THREE_CLASSES, TWO_CLASSES[0]):
        (theirs,), (other,), (ours,) = (
            values(model, look.image(513), "default").values() for model in (coral, published, rewritten(coral))
        )
        assert np.mean(other != theirs) > 0.03
        assert np.mean(ours != theirs) == 0


@pytest.mark.parametrize("name", OTHERS)
def test_reexported_models_keep_every_bit_and_lose_the_pool_that_blocks_them(name: str, models: Path) -> None:
    before = model_of(models, name)
    after = rewritten(before)
    assert (blockers(before), blockers(after)) == (["large pool"], [])
    kept = assert_no_bit_changes(before, after, "default", TWO_CLASSES[0])
    # The one for ADE20K has weights that nobody trained: one class is all it sees.
    assert len(np.unique(kept["ArgMax" if "pascal" in name else "ResizeBilinear_2"])) > 1


@pytest.mark.parametrize("kernels", RUN)
def test_dilations_written_as_blocks_are_found_again_and_no_bit_changes(kernels: str, models: Path) -> None:
    dilated = model_of(models, DILATED)
    unfold = rewriter.compile_rules(UNFOLD, filename="unfold.pat")
    blocks = rewriter.apply(dilated, rules=[unfold], check="none").model.to_bytes()
    count = Counter(row.name for row in operators(blocks))
    assert count["SPACE_TO_BATCH_ND"] == count["BATCH_TO_SPACE_ND"] > 5
    again = rewritten(blocks, "dilated_padded", "padded_same")
    assert [(row.name, row.results) for row in operators(again)] == [
        (row.name, row.results) for row in operators(dilated)
    ]
    assert_no_bit_changes(blocks, again, kernels, TWO_CLASSES[0])
    if kernels == "default":
        assert_no_bit_changes(dilated, again, kernels, TWO_CLASSES[0])
