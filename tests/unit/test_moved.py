"""Constants that are cut, reshaped and transposed as they are stored, with their scales."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from rewriter.dialect.moved import part, reshaped, transposed
from rewriter.dialect.types import QuantizedArray
from tests.unit.networks import Network, apply_rules, shown, value_of

VALUES = np.arange(24).reshape(4, 2, 3)


def constant(dimension: int | None = 0, **more: Any) -> Any:
    """A constant of i8 with a scale for each place of a dimension, or with one scale."""
    scales = [0.5] if dimension is None else [0.5 + at for at in range(VALUES.shape[dimension])]
    return Network().constant("w", VALUES, "i8", scale=scales, dimension=dimension or 0, **more)


def test_a_part_along_the_scales_has_its_own() -> None:
    found = part(constant(), 1, 3)
    assert isinstance(found, QuantizedArray)
    assert (found.dtype, found.scale, found.zero_point, found.dimension) == ("i8", (1.5, 2.5), (0, 0), 0)
    assert found.stored.tolist() == VALUES[1:3].tolist()


def test_a_part_across_the_scales_has_all_of_them() -> None:
    found = part(constant(), 0, 2, axis=-1)
    assert (found.scale, found.dimension) == ((0.5, 1.5, 2.5, 3.5), 0)
    assert found.stored.tolist() == VALUES[:, :, :2].tolist()


def test_a_part_of_one_channel_has_one_scale_along_nothing() -> None:
    found = part(constant(2), 2, 3, axis=2)
    assert (found.scale, found.zero_point, found.dimension) == ((2.5,), (0,), 0)


def test_what_is_not_quantized_is_a_plain_array() -> None:
    plain = Network().constant("w", VALUES, "i32")
    assert part(plain, 0, 1).tolist() == VALUES[:1].tolist()
    assert reshaped(plain, [8, -1]).tolist() == VALUES.reshape(8, 3).tolist()
    assert transposed(plain, [2, 0, 1]).tolist() == VALUES.transpose(2, 0, 1).tolist()


def test_scales_go_along_the_dimension_that_holds_their_channels() -> None:
    assert reshaped(constant(), [4, 6]).dimension == 0
    assert reshaped(constant(2), [8, 3]).dimension == 1
    assert reshaped(constant(2), [1, 4, 2, 1, 3]).dimension == 4
    assert reshaped(constant(None), [24]).scale == (0.5,)
    assert transposed(constant(), [1, 2, 0]).dimension == 2
    assert transposed(constant(2), [2, 0, -2]).dimension == 0


@pytest.mark.parametrize(
    ("move", "message"),
    [
        (lambda w: part(w, 0, 5), "there is no part from 0 to 5 of 4 places"),
        (lambda w: part(w, 2, 2), "there is no part from 2 to 2 of 4 places"),
        (lambda w: part(w, -1, 2), "there is no part from -1 to 2 of 4 places"),
        (lambda w: part(w, 0, 1, axis=3), r"there is no dimension 3 of \[4, 2, 3\]"),
        (lambda w: reshaped(w, [2, 12]), r"no dimension of \[2, 12\] goes along the 4 scales"),
        (lambda w: reshaped(w, [5, 5]), "cannot reshape"),
        (lambda w: transposed(w, [0, 1]), "axes"),
    ],
)
def test_what_does_not_fit_is_refused(move: Any, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        move(constant())


def test_sums_of_32_bits_are_cut_without_being_rounded() -> None:
    net = Network()
    x = net.input("x", (1, 2), "i8", scale=0.5)
    w = net.constant("w", [[1, 2], [3, 4]], "i8", scale=0.5)
    b = net.constant("b", [2**31 - 1, 2**24 + 1], "i32", scale=0.25)
    model = net.build(net.add("FULLY_CONNECTED", [x, w, b], net.tensor("y", (1, 2), "i8", scale=2.0), version=4))
    apply_rules(
        model,
        """
        rule halves
          f = FULLY_CONNECTED(x, w: const [2, _], b: const)
          -> CONCATENATION[axis=1](
            @f(x, part(w, 0, 1), part(b, 0, 1)): like f,
            @f(x, part(w, 1, 2), part(b, 1, 2)): like f,
          )
          equal exact
        """,
    )
    assert shown(model)[-1] == "y = CONCATENATION(y/3, y/6)"
    first, second = (each for each in model.operators() if each.name == "FULLY_CONNECTED")
    assert value_of(first.inputs[2]).tolist() == [2**31 - 1]
    assert value_of(second.inputs[2]).tolist() == [2**24 + 1]
