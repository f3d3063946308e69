"""New operators that the runtime would refuse wherever they stood are warned of, and no others."""

from __future__ import annotations

import pytest

from rewriter.language.check import compile_rules
from rewriter.language.findings import findings
from rewriter.packs import installed, load


def refused(text: str) -> list[tuple[str, str, str | None]]:
    return [
        (each.span.content, each.message, each.hint)
        for each in findings([compile_rules(text, "r.pat")])
        if each.code == "W410"
    ]


STRIDES = "strides and dilations are at least 1"


def test_the_warning_says_why_and_what_to_write() -> None:
    (found,) = refused("RELU(x) -> NEG(MAX_POOL_2D[padding=VALID](x))")
    assert found == (
        "MAX_POOL_2D[padding=VALID](x)",
        f"MAX_POOL_2D can never stand here: {STRIDES}",
        "attributes: MAX_POOL_2D[stride_w=..., stride_h=..., filter_width=..., filter_height=...](...);"
        " or @name(...), a matched operator made again",
    )


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("RELU(x) -> MAX_POOL_2D[stride_w=2, stride_h=2](x)", "a window of 0 x 0 has no size"),
        ("RELU(x) -> MAX_POOL_2D[stride_w=x.rank](x)", STRIDES),
        ("CUSTOM[A](x, w) -> CONV_2D(x, w)", STRIDES),
        ("CUSTOM[A](x, w, b) -> CONV_2D[stride_w=1](x, w, b)", STRIDES),
        ("CUSTOM[A](x, w) -> CONV_3D(x, w)", STRIDES),
        ("RELU(x) -> SPACE_TO_DEPTH(x)", "? has no blocks of 0 x 0"),
        ("RELU(x) -> PACK(x)", "1 operands, and values_count is 0"),
        ("CUSTOM[A](xs...) -> CUSTOM[B](NEG(MAX_POOL_2D(xs))...)", STRIDES),
    ],
)
def test_defaults_that_the_runtime_refuses(text: str, reason: str) -> None:
    (found,) = refused(text)
    assert reason in found[1].replace("[?, ?, ?, ?]", "?")


@pytest.mark.parametrize(
    "text",
    [
        "AVERAGE_POOL_2D(x) -> MAX_POOL_2D(x)",
        "(AVERAGE_POOL_2D(x) | RELU(x)) -> MAX_POOL_2D(x)",
        "RELU(x) -> MAX_POOL_2D[stride_w=1, stride_h=1, filter_width=2, filter_height=2](x)",
        "CUSTOM[A](x, w) -> CONV_2D[stride_w=1, stride_h=1](x, w)",
        "RELU(x: [_, h, w, _]) -> MAX_POOL_2D[stride_w=w, stride_h=h, filter_width=w, filter_height=h](x)",
        "c = MAX_POOL_2D[padding=SAME](x) -> NEG(@c[padding=VALID](x))",
        "RELU(x: [s, ...]) -> SPACE_TO_DEPTH[block_size=s](x)",
        "CUSTOM[A](xs...) -> PACK(xs...)",
        "RELU(x) -> CUSTOM[MAX_POOL_2D](x)",
    ],
)
def test_what_may_stand_is_not_warned_of(text: str) -> None:
    assert refused(text) == []


def test_no_rule_of_the_stock_packs_is_warned_of() -> None:
    packs = [load(name) for name, pack in installed().items() if pack.distribution == "rewriter"]
    codes = [code for pack in packs for code in pack.declarations]
    assert len(codes) > 5
    found = [each for pack in packs for each in findings([pack], lambda: codes)]
    assert [each.message for each in found if each.code in ("W409", "W410")] == []
