"""Where the rules of group I fire, and where they must not."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tests.language.catalogue.sample import Group, floats

if TYPE_CHECKING:
    from tests.unit.networks import Network

ANNOTATE = Group("annotate")
sample = ANNOTATE.sample

NOTED: dict[str, dict[str, Any]] = {"it has a note": {"custom": b"noted"}}


@sample("execution_annotation", ["y = CONV_2D(x, w, b)"], NOTED, {"y": {"padding": "SAME"}})
def _(net: Network, custom: bytes | None = None) -> Any:
    operands = [net.input("x", (1, 4, 4, 2)), floats(net, "w", (6, 3, 3, 2)), floats(net, "b", (6,))]
    given = {"padding": "SAME", "stride_h": 1, "stride_w": 1}
    return net.add("CONV_2D", operands, "y", (1, 4, 4, 6), attributes=given, custom=custom)


@sample("execution_annotation_bytes", ["y = FULLY_CONNECTED(x, w)"], NOTED)
def _(net: Network, custom: bytes | None = None) -> Any:
    return net.add("FULLY_CONNECTED", [net.input(), floats(net, "w", (4, 3))], "y", (2, 4), custom=custom)


@sample(
    "device_transform_gpu",
    ["y/2 = RESHAPE(a, y/1)", "y/4 = RESHAPE(b, y/3)", "y = CONCATENATION(y/2, y/4)"],
    {"they are stacked along another dimension": {"axis": 1}},
)
def _(net: Network, axis: int = 0) -> Any:
    shape = [2, 3]
    shape.insert(axis, 2)
    given = {"axis": axis, "values_count": 2}
    return net.add("PACK", [net.input("a"), net.input("b")], "y", shape, attributes=given)
