"""What the property tests of the rules are made of where a constant has to be one number, or places of a kind."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rewriter.testing import values_for

if TYPE_CHECKING:
    from typing import Any


def _full(shape: tuple[int, ...], value: float) -> Any:
    import numpy as np

    return np.full(shape, value, np.float32)


@values_for("identify_hardswish", "c")
def sample_sixth(shape: tuple[int, ...], dtype: str, seed: int) -> Any:
    """The factor of a hard swish."""
    return _full(shape, 1 / 6)


@values_for("identify_gelu_tanh", "c")
def sample_cube_factor(shape: tuple[int, ...], dtype: str, seed: int) -> Any:
    """What a GELU by tanh multiplies the cube with."""
    return _full(shape, 0.044715)


@values_for("identify_gelu_tanh", "s")
def sample_tanh_factor(shape: tuple[int, ...], dtype: str, seed: int) -> Any:
    """What it multiplies the sum with."""
    return _full(shape, (2 / 3.141592653589793) ** 0.5)


@values_for("identify_gelu_erf", "s")
def sample_root_of_half(shape: tuple[int, ...], dtype: str, seed: int) -> Any:
    """What the error function of a GELU multiplies with."""
    return _full(shape, 0.5**0.5)


@values_for("identify_gelu_erf_div", "s")
def sample_root_of_two(shape: tuple[int, ...], dtype: str, seed: int) -> Any:
    """What it divides by."""
    return _full(shape, 2**0.5)


@values_for("identify_gelu_erfc", "s")
def sample_negative_root_of_half(shape: tuple[int, ...], dtype: str, seed: int) -> Any:
    """What its complement multiplies with."""
    return _full(shape, -(0.5**0.5))


@values_for("identify_l2_normalization", "e")
def sample_bound(shape: tuple[int, ...], dtype: str, seed: int) -> Any:
    """The operator's own bound of a square."""
    return _full(shape, 1e-12)


@values_for("identify_l2_normalization_added", "e")
def sample_little(shape: tuple[int, ...], dtype: str, seed: int) -> Any:
    """What is added to a square, to keep it from 0."""
    return _full(shape, (1e-6, 1e-7, 1e-12)[seed % 3])


@values_for("identify_nearest_upsample_gather", "i")
@values_for("identify_nearest_upsample_gather", "j")
def sample_doubled_places(shape: tuple[int, ...], dtype: str, seed: int) -> Any:
    """Each place twice, where their number is even."""
    import numpy as np

    (size,) = shape
    return (np.arange(size) // (1 if size % 2 else 2)).astype(np.int32)
