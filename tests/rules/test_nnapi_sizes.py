"""The pack `nnapi` on sizes, sums and ratios that real models have and property tests do not reach."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from rewriter import run as runs
from rewriter.driver import rewrite
from tests.rules.models import KERNELS, run
from tests.unit.networks import NUMPY, Network

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from rewriter.model import Model

    Array = NDArray[Any]


def applied(model: Model, rule: str) -> bytes:
    report = rewrite(model, runs.gather(packs=["nnapi"], only=[rule]))
    assert report.rules_applied() == {f"nnapi.{rule}": 1}
    return model.to_bytes()


def steps(dtype: str, zero: int) -> dict[str, Any]:
    return {} if dtype == "f32" else {"scale": 0.0473, "zero": zero}


def pool(dtype: str, size: tuple[int, int], channels: int, zero: int) -> Model:
    net = Network()
    h, w = size
    given = {"padding": "VALID", "stride_h": 1, "stride_w": 1, "filter_height": h, "filter_width": w}
    x = net.input("x", (1, h, w, channels), dtype, **steps(dtype, zero))
    y = net.tensor("y", (1, 1, 1, channels), dtype, **steps(dtype, zero))
    return net.build(net.add("AVERAGE_POOL_2D", [x], y, attributes=given, version=1 + (dtype == "i8")))


def near_halves(dtype: str, size: tuple[int, int], channels: int, seed: int = 0) -> Array:
    """Images whose sums are all around halves of their number of places, from one end of the type to the other."""
    rng = np.random.default_rng(seed)
    places = size[0] * size[1]
    ends = np.iinfo(NUMPY[dtype])
    means = rng.integers(ends.min, ends.max, channels)
    sums = means * places + places // 2 + rng.integers(-2, 3, channels)
    low = sums // places
    image = np.broadcast_to(low, (places, channels)).copy()
    image += np.arange(places)[:, None] < sums - low * places
    image = rng.permuted(image, axis=0)
    # Pairs of places drift apart, and their sum stays: the values are not all alike.
    half = places // 2
    room = np.minimum(image[:half] - ends.min, ends.max - image[half : 2 * half])
    apart = (rng.random((half, channels)) * (room + 1)).astype(np.int64)
    image[:half] -= apart
    image[half : 2 * half] += apart
    assert (image.sum(axis=0) == sums).all()
    return image.reshape(1, *size, channels).astype(NUMPY[dtype])


@pytest.mark.parametrize("kernels", KERNELS)
@pytest.mark.parametrize(
    ("dtype", "size", "zero"),
    [
        ("u8", (33, 33), 124),
        ("u8", (65, 65), 0),
        ("u8", (16, 20), 255),
        ("u8", (64, 64), 3),
        ("i8", (33, 33), -128),
        ("i8", (65, 65), 127),
        ("i8", (17, 19), 5),
    ],
)
def test_pools_are_exact_where_rounding_is_hardest(dtype: str, size: tuple[int, int], zero: int, kernels: str) -> None:
    channels = 256
    before = pool(dtype, size, channels, zero)
    image = near_halves(dtype, size, channels)
    (expected,) = run(before.to_bytes(), image, kernels=kernels)
    (found,) = run(applied(before, f"large_global_pool_{dtype}"), image, kernels=kernels)
    assert len(np.unique(expected)) > 100
    assert np.array_equal(expected, found)


@pytest.mark.parametrize("kernels", ["reference", "builtin"])
def test_a_mean_is_a_step_off_where_rounding_is_hardest(kernels: str) -> None:
    """Why `large_global_pool_to_mean` is what is used last."""
    before = pool("u8", (33, 33), 1024, 124)
    image = near_halves("u8", (33, 33), 1024)
    (expected,) = run(before.to_bytes(), image, kernels=kernels)
    (found,) = run(applied(before, "large_global_pool_to_mean"), image, kernels=kernels)
    apart = np.abs(expected.astype(int) - found.astype(int))
    assert apart.max() == 1
    assert 0.1 < apart.mean() < 0.3


def resize(dtype: str, before: Sequence[int], after: Sequence[int]) -> Model:
    net = Network()
    x = net.input("x", (1, *before, 3), dtype, **steps(dtype, 0))
    y = net.tensor("y", (1, *after, 3), dtype, **steps(dtype, 0))
    given = {"align_corners": True, "half_pixel_centers": False}
    return net.build(net.add("RESIZE_BILINEAR", [x, net.constant("s", after, "i32")], y, attributes=given, version=4))


def pixels(dtype: str, size: Sequence[int]) -> Array:
    rng = np.random.default_rng(0)
    if dtype == "f32":
        return rng.normal(size=(1, *size, 3)).astype(np.float32)
    ends = np.iinfo(NUMPY[dtype])
    return rng.integers(ends.min, ends.max, (1, *size, 3), NUMPY[dtype], endpoint=True)


@pytest.mark.parametrize("kernels", KERNELS)
@pytest.mark.parametrize("dtype", ["f32", "u8", "i8", "i16"])
def test_whole_ratios_of_real_models_are_exact(dtype: str, kernels: str) -> None:
    for before, after in [((33, 33), (513, 513)), ((17, 65), (33, 257)), ((129, 97), (513, 385)), ((7, 5), (61, 41))]:
        model = resize(dtype, before, after)
        image = pixels(dtype, before)
        (expected,) = run(model.to_bytes(), image, kernels=kernels)
        (found,) = run(applied(model, "resize_whole_ratio"), image, kernels=kernels)
        assert np.array_equal(expected, found), (before, after)


@pytest.mark.parametrize("kernels", KERNELS)
def test_other_ratios_of_floats_are_close(kernels: str) -> None:
    for before, after in [((33, 33), (512, 512)), ((65, 33), (100, 20)), ((10, 13), (16, 9)), ((1, 7), (5, 12))]:
        model = resize("f32", before, after)
        image = pixels("f32", before)
        (expected,) = run(model.to_bytes(), image, kernels=kernels)
        (found,) = run(applied(model, "resize_by_matrices"), image, kernels=kernels)
        assert np.abs(expected - found).max() <= 4e-6 * np.abs(expected).max(), (before, after)
