"""How a profile reads."""

from __future__ import annotations

from rewriter.report.profile import describe_profile, profile_json
from rewriter.verify.profile_result import KernelTime, OperatorTime, Profile
from tests.unit.verify_models import conv


def profile(*seconds: float | None, whole: float | None = None, delegate: tuple[KernelTime, ...] = ()) -> Profile:
    operators = [
        OperatorTime(0, operator, each, delegated=each is None)
        for operator, each in zip(conv().operators(), seconds, strict=True)
    ]
    return Profile("runtime", None, "default", 1, 20, tuple(operators), delegate, whole)


def text(*profiles: Profile, verbose: bool = False) -> str:
    return "\n".join(describe_profile("m.tflite", profiles, None, verbose=verbose))


def test_kinds_come_by_time_with_their_share_and_then_the_slowest_operators() -> None:
    assert text(profile(0.001, 0.003, whole=0.0045)) == (
        "m.tflite: time of each operator by the runtime's profiler, default kernels, 1 thread, least of 20 runs\n"
        "\n"
        "kind         count     ms   share\n"
        "ABS              1  3.000  75.0 %\n"
        "CONV_2D          1  1.000  25.0 %\n"
        "all              2  4.000\n"
        "whole model         4.500\n"
        "\n"
        "slowest operators\n"
        "  3.000  1  ABS      y\n"
        "  1.000  0  CONV_2D  c"
    )


def test_before_and_after_stand_in_a_row_with_the_change() -> None:
    kernel = KernelTime(0, "Absolute (NC)", 0.0005)
    rows = text(profile(0.001, 0.003, whole=0.0045), profile(0.001, None, whole=0.002, delegate=(kernel,))).split("\n")
    assert rows[2:8] == [
        "kind                    count     ms before  after    change",
        "ABS                         1  -      3.000      -  -100.0 %",
        "CONV_2D                     1  1      1.000  1.000    +0.0 %",
        "XNNPACK: Absolute (NC)      -  1          -  0.500",
        "all                         2  2      4.000  1.500   -62.5 %",
        "whole model                           4.500  2.000   -55.6 %",
    ]


def test_only_ten_operators_are_shown_unless_more_is_asked_for() -> None:
    kernels = tuple(KernelTime(place, f"Kernel {place}", 0.001) for place in range(12))
    found = profile(None, None, delegate=kernels)
    assert "slowest operators (of 12; -v shows all)\n" in text(found)
    assert text(found).endswith("  1.000  9  XNNPACK: Kernel 9")
    assert "  1.000  11  XNNPACK: Kernel 11" in text(found, verbose=True)


def test_a_busy_machine_is_told_by_parts_that_were_faster_than_any_whole() -> None:
    warning = "other programs kept the machine busy"
    assert warning in text(profile(0.001, 0.03, whole=0.05))
    assert warning not in text(profile(0.001, 0.03, whole=0.033))


def test_json_has_no_time_as_null_and_less_than_the_clock_tells_as_zero() -> None:
    document = profile_json(profile(0.0, None))
    assert [each["ms"] for each in document["operators"]] == [0.0, None]
    assert [each["delegated"] for each in document["operators"]] == [False, True]
    assert document["kinds"] == [{"kind": "CONV_2D", "delegate": False, "count": 1, "ms": 0.0, "share": 0.0}]
    assert document["whole_ms"] is None
