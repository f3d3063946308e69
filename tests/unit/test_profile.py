"""Time per operator: all operators are there, whatever the runtime does, and what has no time says why."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest

from rewriter.errors import LimitError, ModelError
from rewriter.model import read
from rewriter.verify import profile_models
from tests.unit import profile_child_broken
from tests.unit.verify_models import Maker, conv

if TYPE_CHECKING:
    from collections.abc import Sequence

    from rewriter.model import Model, Operator
    from rewriter.verify.profile_result import Profile
    from rewriter.verify.protocol import Array


def child_that(fault: str) -> tuple[str, ...]:
    return (sys.executable, str(Path(profile_child_broken.__file__)), fault)


def between_customs() -> Model:
    """x -> CUSTOM[First] -> MUL by 2 -> CUSTOM[Second]: operators that no runtime knows, around one that all do."""
    maker = Maker()
    for name in ("x", "a", "b", "y"):
        maker.tensor(name, "f32", (2, 3))
    maker.tensor("two", "f32", (), 2.0)
    maker.operator("CUSTOM[First]", ["x"], ["a"])
    maker.operator("MUL", ["a", "two"], ["b"], table="MulOptions")
    maker.operator("CUSTOM[Second]", ["b"], ["y"])
    return maker.build(["x"], ["y"])


def conditional() -> Model:
    """IF(c) ABS(x) else NEG(x), and RELU behind it."""
    maker = Maker()
    bodies: list[int] = []
    for code in ("ABS", "NEG"):
        maker.tensor("x", "f32", (4,))
        maker.tensor("y", "f32", (4,))
        maker.operator(code, ["x"], ["y"], table="AbsOptions" if code == "ABS" else "NegOptions")
        bodies.append(maker.enclose(["x"], ["y"]))
    for name, kind, shape in (("c", "bool", (1,)), ("x", "f32", (4,)), ("i", "f32", (4,)), ("y", "f32", (4,))):
        maker.tensor(name, kind, shape)
    maker.operator("IF", ["c", "x"], ["i"], table="IfOptions", thenSubgraphIndex=bodies[0], elseSubgraphIndex=bodies[1])
    maker.operator("RELU", ["i"], ["y"])
    return maker.build(["c", "x"], ["y"])


def is_whole(profile: Profile, model: Model) -> None:
    """Every operator of the model appears once, and the parts are no more than the whole."""
    listed = [(each.subgraph, each.operator) for each in profile.operators]
    assert listed == [(subgraph.index, each) for subgraph in model.subgraphs for each in subgraph.operators]
    top = [each for each in profile.operators if not each.nested]
    timed = [each.seconds for each in top if each.seconds is not None] + [each.seconds for each in profile.delegate]
    assert profile.total == pytest.approx(sum(timed))
    assert sum(each.count for each in profile.kinds) == len(timed)
    if profile.whole is not None:
        # Holds of every run, so of the least ones. The clock counts microseconds: what takes less takes none.
        assert 0 <= profile.total <= profile.whole + 1e-6
        assert profile.whole > 0


@pytest.mark.parametrize("kernels", ["builtin", "reference"])
def test_without_a_delegate_every_operator_has_the_runtimes_time(kernels: str) -> None:
    model = conv()
    (profile,) = profile_models([model], kernels=kernels, runs=3)  # type: ignore[arg-type]
    is_whole(profile, model)
    assert (profile.measured, profile.reason, profile.delegate) == ("runtime", None, ())
    assert all(each.seconds is not None and each.seconds >= 0 and each.note is None for each in profile.operators)
    assert {each.kind for each in profile.kinds} == {"CONV_2D", "ABS"}


def test_under_default_kernels_the_delegates_kernels_stand_for_what_it_took_over() -> None:
    model = conv()
    (profile,) = profile_models([model], runs=3)
    is_whole(profile, model)
    assert profile.measured == "runtime"
    assert [each.delegated for each in profile.operators] == [True, True]
    assert all(each.seconds is None and each.note is None for each in profile.operators)
    assert profile.delegate
    assert [each.place for each in profile.delegate] == list(range(len(profile.delegate)))
    assert any("Convolution" in each.kernel for each in profile.delegate)
    assert all(each.delegate for each in profile.kinds)


def test_operators_of_a_branch_are_part_of_the_operator_that_calls_it() -> None:
    model = conditional()
    (profile,) = profile_models([model], kernels="builtin", runs=2)
    is_whole(profile, model)
    assert profile.measured == "runtime", profile.reason
    times = {(each.subgraph > 0, each.kind): each for each in profile.operators}
    assert times[False, "IF"].seconds is not None
    nested = [each for each in profile.operators if each.nested]
    assert sorted(each.kind for each in nested) == ["ABS", "NEG"]
    # The condition decides which one runs.
    assert sorted(each.seconds is None for each in nested) == [False, True]
    assert [each.note for each in nested if each.seconds is None] == ["the runtime did not run it by itself"]
    assert {each.kind for each in profile.kinds} == {"IF", "RELU"}


def test_inputs_of_open_sizes_and_without_axes_are_given() -> None:
    maker = Maker()
    maker.tensor("x", "f32", (1, 3))
    maker.graph.tensors[0].shapeSignature = [-1, 3]
    maker.tensor("s", "f32", ())
    maker.tensor("y", "f32", (1, 3))
    maker.operator("MUL", ["x", "s"], ["y"], table="MulOptions")
    model = maker.build(["x", "s"], ["y"])
    (profile,) = profile_models([model], kernels="builtin", runs=2)
    is_whole(profile, model)
    assert profile.operators[0].seconds is not None


def test_a_model_before_and_after_is_measured_in_one_way() -> None:
    models = [conv(), conv(negate=True)]
    before, after = profile_models(models, kernels="builtin", runs=2)
    for profile, model in zip((before, after), models, strict=True):
        is_whole(profile, model)
    assert [each.kind for each in after.operators] == ["CONV_2D", "NEG"]
    customs = between_customs()
    both = profile_models([conv(), customs], kernels="builtin", runs=2)
    assert [each.measured for each in both] == ["one-operator models"] * 2
    assert both[0].reason == both[1].reason
    assert both[0].reason is not None
    assert both[0].reason.startswith("after: ")
    assert all(each.seconds is not None for each in both[0].operators)


def test_what_no_runtime_knows_has_no_time_and_the_rest_is_timed_alone() -> None:
    model = between_customs()
    (profile,) = profile_models([model], runs=2)
    is_whole(profile, model)
    assert (profile.measured, profile.whole) == ("one-operator models", None)
    assert profile.reason is not None
    assert "First" in profile.reason
    first, middle, second = profile.operators
    assert middle.seconds is not None
    assert middle.seconds > 0
    for each in (first, second):
        assert each.seconds is None
        assert each.note is not None
        assert each.kind.removeprefix("CUSTOM[").removesuffix("]") in each.note


def test_operators_alone_run_on_what_those_before_them_gave() -> None:
    given: list[Array] = []

    def first(_: Operator, operands: Sequence[Array | None]) -> list[Array]:
        return [np.full((2, 3), 3.0, np.float32)]

    def second(_: Operator, operands: Sequence[Array | None]) -> list[Array]:
        assert operands[0] is not None
        given.append(operands[0])
        return [operands[0]]

    profile_models([between_customs()], runs=2, calls={"CUSTOM[First]": first, "CUSTOM[Second]": second})
    assert given
    assert all((each == 6.0).all() for each in given)


def test_a_reference_kernel_is_given_the_constants_that_the_model_unpacks() -> None:
    maker = Maker()
    maker.tensor("x", "f32", (2, 3))
    maker.tensor("h", "f16", (2, 3), 0.5)
    maker.tensor("w", "f32", (2, 3))
    maker.tensor("a", "f32", (2, 3))
    maker.tensor("y", "f32", (2, 3))
    maker.operator("DEQUANTIZE", ["h"], ["w"])
    maker.operator("CUSTOM[Add]", ["x", "w"], ["a"])
    maker.operator("ABS", ["a"], ["y"], table="AbsOptions")
    given: list[Array] = []

    def add(_: Operator, operands: Sequence[Array | None]) -> list[Array]:
        first, second = operands
        assert first is not None
        assert second is not None
        given.append(second)
        return [first + second]

    (profile,) = profile_models([maker.build(["x"], ["y"])], runs=1, kernels="builtin", calls={"CUSTOM[Add]": add})
    assert given
    assert all((each == 0.5).all() for each in given)
    assert [each.seconds is None for each in profile.operators] == [True, True, False]


def test_an_operator_that_the_runtime_puts_others_in_place_of_is_timed_whole(shared: Path) -> None:
    model = read(shared / "models/litert/simple_group_norm_op.tflite")
    (profile,) = profile_models([model], kernels="builtin", runs=1)
    is_whole(profile, model)
    assert profile.measured == "one-operator models"
    assert profile.reason is not None
    assert "what it runs are not the model's own operators: it runs SUB as operator " in profile.reason
    assert [(each.kind, each.seconds is None) for each in profile.operators if not each.nested] == [
        ("STABLEHLO_COMPOSITE", False)
    ]


def test_a_constant_that_is_unpacked_goes_with_its_reader() -> None:
    maker = Maker()
    maker.tensor("x", "f32", (1, 4))
    maker.tensor("h", "f16", (3, 4), 0.5)
    maker.tensor("w", "f32", (3, 4))
    maker.tensor("m", "f32", (1, 3))
    maker.tensor("y", "f32", (1, 3))
    maker.operator("DEQUANTIZE", ["h"], ["w"])
    maker.operator("FULLY_CONNECTED", ["x", "w", ""], ["m"], table="FullyConnectedOptions")
    maker.operator("CUSTOM[Last]", ["m"], ["y"])
    model = maker.build(["x"], ["y"])
    given: list[Array] = []

    def last(_: Operator, operands: list[Array | None]) -> list[Array]:
        assert operands[0] is not None
        given.append(operands[0])
        return [operands[0]]

    (profile,) = profile_models([model], runs=2, calls={"CUSTOM[Last]": last})
    unpacking, connected, _ = profile.operators
    assert unpacking.seconds is None
    assert unpacking.note == "it unpacks a constant, which is done once, before the first run"
    assert connected.seconds is not None
    assert connected.note is None
    # Each output adds up half the inputs, which no made value in place of the weights would give.
    assert given
    assert all(np.ptp(each) == 0 for each in given)


@pytest.mark.parametrize(
    ("fault", "reason"),
    [
        ("aborts", "crash on it: its process was ended by SIGABRT; F0000 check failed: size == 4"),
        ("has other events", "lays its profiler's events out in an unknown way"),
        ("lacks a function", "the runtime's library has no LiteRtGetProfilerMood"),
        ("hangs", "no result within 2 seconds"),
    ],
)
def test_where_the_profiler_fails_operators_are_timed_alone(fault: str, reason: str) -> None:
    model = conv()
    (profile,) = profile_models([model], runs=2, time_limit=2.0, command=child_that(fault))
    is_whole(profile, model)
    assert profile.measured == "one-operator models"
    assert profile.reason is not None
    assert reason in profile.reason
    assert all(each.seconds is not None for each in profile.operators)


def test_a_runtime_that_always_crashes_is_an_error_in_one_line() -> None:
    with pytest.raises(ModelError, match=r"no operator of the model could be timed: .*SIGABRT") as caught:
        profile_models([conv()], runs=2, command=child_that("aborts always"))
    assert "\n" not in caught.value.message


def test_an_operator_that_does_not_finish_is_a_limit() -> None:
    with pytest.raises(LimitError, match=r"operator 0, CONV_2D at 'c' does not finish: no result within 0.5 seconds"):
        profile_models([conv()], runs=2, time_limit=0.5, command=child_that("hangs always"))


def test_real_models_are_profiled_by_the_runtime(shared: Path) -> None:
    model = read(shared / "models/mlperf_tiny/kws_ref_model.tflite")
    (profile,) = profile_models([model], kernels="builtin", runs=2)
    is_whole(profile, model)
    assert profile.measured == "runtime"
    assert all(each.seconds is not None for each in profile.operators)
    (profile,) = profile_models([model], runs=2)
    is_whole(profile, model)
    assert [each.kind for each in profile.operators if not each.delegated] == ["AVERAGE_POOL_2D", "SOFTMAX"]


def test_a_real_model_with_operators_that_no_runtime_knows_is_timed_but_for_them(shared: Path) -> None:
    model = read(shared / "models/mediapipe/face_landmark_with_attention.tflite")
    (profile,) = profile_models([model], runs=1)
    is_whole(profile, model)
    assert profile.measured == "one-operator models"
    without = {each.kind for each in profile.operators if each.seconds is None}
    assert without == {
        "CUSTOM[Landmarks2TransformMatrix]",
        "CUSTOM[TransformTensorBilinear]",
        "CUSTOM[TransformLandmarks]",
        "DEQUANTIZE",
    }


def test_a_real_model_on_which_the_runtime_aborts_is_timed_operator_by_operator(shared: Path) -> None:
    model = read(shared / "models/tflm/hello_world.tflite")
    (profile,) = profile_models([model], runs=2)
    is_whole(profile, model)
    assert profile.reason is not None
    assert "SIGABRT" in profile.reason
    assert all(each.seconds is not None for each in profile.operators)
