"""Where the rules of group B about convolutions' and products' constants fire, and where they must not."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tests.language.catalogue.sample import Group, floats, ints

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from rewriter.model import Tensor
    from tests.unit.networks import Network

AFFINE = Group("affine")
sample = AFFINE.sample

RELU: dict[str, Any] = {"fused_activation_function": "RELU"}
RELU6: dict[str, Any] = {"fused_activation_function": "RELU6"}
READ = {"another operator reads what is between": {"read": True}}
ACTIVE = {"there is an activation between": {"inner": RELU}}


def read_too(net: Network, root: Tensor, between: Tensor, read: bool) -> Any:
    """The root, and perhaps another reader of what only the root should read."""
    return (root, net.add("ABS", [between], "n")) if read else root


def conv(net: Network, x: Tensor | None = None, name: Any = "c", *, bias: bool = True, **attributes: Any) -> Tensor:
    """A convolution of 4 channels with a filter of 3 by 3, without padding."""
    x = x or net.input("x", (1, 5, 5, 2))
    operands = [x, floats(net, "w", (4, 3, 3, 2)), *([floats(net, "b", (4,))] if bias else [])]
    given: dict[str, Any] = {"padding": "VALID", "stride_h": 1, "stride_w": 1} | attributes
    return net.add("CONV_2D", operands, name, (1, 3, 3, 4), attributes=given)


def depthwise(net: Network, x: Tensor | None = None, name: Any = "c", **attributes: Any) -> Tensor:
    """A convolution that makes 2 of each of 2 channels."""
    x = x or net.input("x", (1, 5, 5, 2))
    given = {"padding": "VALID", "stride_h": 1, "stride_w": 1, "depth_multiplier": 2} | attributes
    operands = [x, floats(net, "w", (1, 3, 3, 4)), floats(net, "b", (4,))]
    return net.add("DEPTHWISE_CONV_2D", operands, name, (1, 3, 3, 4), attributes=given)


def volume(net: Network, x: Tensor | None = None, name: Any = "c", *, bias: bool = True, **attributes: Any) -> Tensor:
    """A convolution of a volume to 4 channels."""
    x = x or net.input("x", (1, 3, 3, 3, 2))
    given: dict[str, Any] = {"padding": "VALID", "stride_d": 1, "stride_h": 1, "stride_w": 1} | attributes
    operands = [x, floats(net, "w", (2, 2, 2, 2, 4)), *([floats(net, "b", (4,))] if bias else [])]
    return net.add("CONV_3D", operands, name, (1, 2, 2, 2, 4), attributes=given)


def spread(net: Network, x: Tensor | None = None, name: Any = "c", *, bias: bool = True, **attributes: Any) -> Tensor:
    """A transposed convolution, from 2 by 2 places to 3 by 3."""
    x = x or net.input("x", (1, 2, 2, 2))
    given: dict[str, Any] = {"padding": "VALID", "stride_h": 1, "stride_w": 1} | attributes
    operands = [ints(net, "os", [1, 3, 3, 4]), floats(net, "w", (4, 2, 2, 2)), x]
    version = 4 if "fused_activation_function" in attributes else 3 if bias else 1
    operands += [floats(net, "b", (4,))] if bias else []
    return net.add("TRANSPOSE_CONV", operands, name, (1, 3, 3, 4), "f32", attributes=given, version=version)


def connected(
    net: Network, x: Tensor | None = None, name: Any = "c", *, bias: bool = True, **attributes: Any
) -> Tensor:
    """A matrix product of 3 values to 4."""
    operands = [x or net.input(), floats(net, "w", (4, 3)), *([floats(net, "b", (4,))] if bias else [])]
    return net.add("FULLY_CONNECTED", operands, name, (2, 4), attributes=attributes)


def after(
    net: Network,
    code: str,
    affine: Callable[..., Tensor],
    size: Sequence[int] = (4,),
    read: bool = False,
    inner: Any = None,
    first: bool = False,
    **given: Any,
) -> Any:
    """A constant that meets a product."""
    c = affine(net, **(inner or {}))
    operands = [c, floats(net, "s", size)]
    y = net.add(code, operands[::-1] if first else operands, "y", c.shape, attributes=RELU6 | given)
    return read_too(net, y, c, read)


def unbiased(affine: Callable[..., Tensor]) -> Callable[..., Tensor]:
    return lambda net, **inner: affine(net, bias=False, **inner)


# The rule, the operator, the product, the constant's shape, what is left, and whether the constant stands first.
PRECEDING: tuple[tuple[str, str, Callable[..., Tensor], Sequence[int], str, bool], ...] = (
    ("fuse_add_into_preceding_affine", "ADD", depthwise, (4,), "y = DEPTHWISE_CONV_2D(x, w, y/1)", True),
    (
        "fuse_add_into_preceding_affine_without_bias",
        "ADD",
        unbiased(connected),
        (1, 4),
        "y = FULLY_CONNECTED(x, w, y/1)",
        False,
    ),
    ("fuse_sub_into_preceding_affine", "SUB", conv, (), "y = CONV_2D(x, w, y/1)", False),
    (
        "fuse_sub_into_preceding_affine_without_bias",
        "SUB",
        unbiased(spread),
        (1, 1, 1, 4),
        "y = TRANSPOSE_CONV(y/2, w, x, y/1)",
        False,
    ),
    ("fuse_sub_into_preceding_affine_from", "SUB", volume, (4,), "y = CONV_3D(x, y/1, y/2)", True),
    (
        "fuse_sub_into_preceding_affine_from_without_bias",
        "SUB",
        unbiased(connected),
        (),
        "y = FULLY_CONNECTED(x, y/1, y/2)",
        True,
    ),
    ("fuse_mul_into_preceding_affine", "MUL", spread, (4,), "y = TRANSPOSE_CONV(y/3, y/1, x, y/2)", False),
    (
        "fuse_mul_into_preceding_affine_without_bias",
        "MUL",
        unbiased(volume),
        (1, 1, 4),
        "y = CONV_3D(x, y/1)",
        True,
    ),
    ("fuse_div_into_preceding_affine", "DIV", depthwise, (4,), "y = DEPTHWISE_CONV_2D(x, y/1, y/2)", False),
    (
        "fuse_div_into_preceding_affine_without_bias",
        "DIV",
        unbiased(connected),
        (1,),
        "y = FULLY_CONNECTED(x, y/1)",
        False,
    ),
)

for rule, code, affine, shape, leaves, first in PRECEDING:
    elsewhere = (2, 1) if "FULLY" in leaves else (2, 1, 1) if "CONV_3D" in leaves else (3, 1)

    @sample(
        rule,
        [leaves],
        {"the constant varies over other dimensions": {"size": elsewhere}} | READ | ACTIVE,
        {"y": RELU6},
    )
    def _(
        net: Network,
        code: str = code,
        affine: Callable[..., Tensor] = affine,
        size: Sequence[int] = shape,
        first: bool = first,
        **changes: Any,
    ) -> Any:
        return after(net, code, affine, size, first=first, **changes)


@sample(
    "fuse_mul_into_preceding_affine_qdq",
    ["y/2 = DEQUANTIZE(y/1)", "y = CONV_2D(x, y/2, y/3)"],
    {"one scale is below 0": {"least": -0.5}, "a clamp follows": {"activation": RELU6}} | READ,
)
def _(net: Network, least: float = 0.5, activation: dict[str, Any] = RELU, read: bool = False) -> Any:
    filters = [[[each] * 3] * 3 for each in ([3, -7], [9, 5], [-4, 6], [1, 2])]
    q = net.constant("q", filters, "i8", scale=[0.02, 0.03, 0.01, 0.05])
    w = net.add("DEQUANTIZE", [q], "w", (4, 3, 3, 2), "f32", version=5)
    given = {"padding": "VALID", "stride_h": 1, "stride_w": 1}
    operands = [net.input("x", (1, 5, 5, 2)), w, floats(net, "b", (4,))]
    c = net.add("CONV_2D", operands, "c", (1, 3, 3, 4), attributes=given)
    product = net.add("MUL", [c, net.constant("s", [least, 2.0, 1.5, 0.75])], attributes=activation)
    return read_too(net, product, c, read)


def before(
    net: Network,
    code: str,
    affine: Callable[..., Tensor],
    x: Sequence[int],
    size: Sequence[int],
    inner: Any = None,
    read: bool = False,
    first: bool = False,
    **attributes: Any,
) -> Any:
    """A constant that meets what a product reads."""
    operands = [net.input("x", x), floats(net, "s", size)]
    t = net.add(code, operands[::-1] if first else operands, "t", x, attributes=inner)
    y = net.tensor("y", (1, 5, 5, 4)) if attributes.get("padding") == "SAME" else "y"
    return read_too(net, affine(net, t, y, **attributes), t, read)


IMAGE, ROWS = (1, 5, 5, 2), (2, 3)
PADDED = {"there is padding, which nothing is added to": {"padding": "SAME"}}

FOLLOWING: tuple[tuple[str, str, Callable[..., Tensor], Sequence[int], Sequence[int], str, bool, Any], ...] = (
    ("fuse_add_into_following_affine", "ADD", conv, IMAGE, (2,), "y = CONV_2D(x, w, y/1)", True, PADDED),
    (
        "fuse_add_into_following_affine_without_bias",
        "ADD",
        lambda net, *given, **more: connected(net, *given, bias=False, **more),
        ROWS,
        (1, 3),
        "y = FULLY_CONNECTED(x, w, y/1)",
        False,
        {},
    ),
    (
        "fuse_sub_into_following_affine",
        "SUB",
        depthwise,
        IMAGE,
        (2,),
        "y = DEPTHWISE_CONV_2D(x, w, y/1)",
        False,
        PADDED,
    ),
    ("fuse_sub_into_following_affine_from", "SUB", connected, ROWS, (), "y = FULLY_CONNECTED(x, y/1, y/2)", True, {}),
    ("fuse_mul_into_following_affine", "MUL", depthwise, IMAGE, (1, 2), "y = DEPTHWISE_CONV_2D(x, y/1, b)", True, {}),
    (
        "fuse_div_into_following_affine",
        "DIV",
        spread,
        (1, 2, 2, 2),
        (2,),
        "y = TRANSPOSE_CONV(y/2, y/1, x, b)",
        False,
        {},
    ),
)

for rule, code, affine, shape, size, leaves, first, unless in FOLLOWING:

    @sample(
        rule,
        [leaves],
        {"the constant varies over other dimensions": {"size": (shape[-2], 1)}} | unless | READ | ACTIVE,
    )
    def _(
        net: Network,
        code: str = code,
        affine: Callable[..., Tensor] = affine,
        shape: Sequence[int] = shape,
        size: Sequence[int] = size,
        first: bool = first,
        **changes: Any,
    ) -> Any:
        return before(net, code, affine, shape, size, first=first, **changes)


def normalized(
    net: Network,
    x: Tensor,
    offset: Sequence[int] = (4,),
    between: Any = None,
    read: bool = False,
    act: Any = RELU,
    scale: Sequence[int] = (4,),
) -> Any:
    """A scale and an offset for each channel."""
    m = net.add("MUL", [x, floats(net, "s", scale)], "m", attributes=between)
    return read_too(net, net.add("ADD", [m, floats(net, "t", offset)], attributes=act), m, read)


@sample(
    "fuse_batchnorm_conv",
    ["y = CONV_2D(x, y/1, y/2)"],
    {"the offset varies over the image": {"offset": (3, 1)}, "there is an activation": {"between": RELU}} | READ,
    {"y": RELU},
)
def _(net: Network, **changes: Any) -> Any:
    return normalized(net, conv(net), **changes)


@sample(
    "mul_add_to_depthwise",
    ["y = DEPTHWISE_CONV_2D(x, y/1, y/2)"],
    {
        "these are no images": {"shape": (3, 4)},
        "there is an activation between": {"between": RELU},
        "there is none behind": {"act": None},
        "the offset is one for all": {"offset": (1,)},
    }
    | READ,
    {"y": RELU},
)
def _(net: Network, shape: Sequence[int] = (1, 3, 3, 4), **changes: Any) -> Any:
    return normalized(net, net.input("x", shape), **({"scale": (1, 1, 1, 4)} if len(shape) == 4 else {}), **changes)


@sample(
    "fuse_conv2d_gather",
    ["y = CONV_2D(x, y/1, y/2)"],
    {"columns are taken": {"axis": 2}, "there are more than before": {"places": [0, 1, 2, 3, 0]}} | READ,
    {"y": RELU},
)
def _(net: Network, axis: int = -1, places: Sequence[int] = (2, 0), read: bool = False) -> Any:
    c = conv(net, **RELU)
    shape = (1, 3, 2, 4) if axis == 2 else (1, 3, 3, len(places))
    y = net.add("GATHER", [c, ints(net, "i", places)], "y", shape, attributes={"axis": axis})
    return read_too(net, y, c, read)


@sample(
    "fuse_gather_conv2d",
    ["y = CONV_2D(x, y/1, b)"],
    {"a channel is read twice": {"places": [1, 1]}, "columns are taken": {"axis": 2}} | READ,
)
def _(net: Network, places: Sequence[int] = (1, 0), axis: int = 3, read: bool = False) -> Any:
    x = net.input("x", (1, 5, 5, 2) if axis == 3 else (1, 5, 2, 2))
    if axis == 2:
        places = [1, 0, 0, 1, 1]
    t = net.add("GATHER", [x, ints(net, "i", places)], "t", (1, 5, 5, 2), attributes={"axis": axis})
    return read_too(net, conv(net, t, "y"), t, read)


@sample(
    "fuse_horizontal_fc",
    ["y/3 = FULLY_CONNECTED(x, y/1, y/2)", "y, a = SPLIT(y/4, y/3)"],
    {"one has an activation": RELU, "the inputs differ": {"other": True}, "the sizes differ": {"units": 5}},
)
def _(net: Network, other: bool = False, units: int = 4, **attributes: Any) -> Any:
    x = net.input()
    return connected(net, x, "a"), connected_too(net, net.input("u") if other else x, "y", units, **attributes)


def connected_too(net: Network, x: Tensor, name: str, units: int = 4, **attributes: Any) -> Tensor:
    """Another matrix product."""
    operands = [x, floats(net, "v", (units, 3)), floats(net, "d", (units,))]
    return net.add("FULLY_CONNECTED", operands, name, (2, units), attributes=attributes)


@sample(
    "fuse_horizontal_fc_sum",
    ["y = FULLY_CONNECTED(x, y/1, y/2)"],
    {"one has an activation": RELU, "the inputs differ": {"other": True}} | READ,
    {"y": RELU6},
)
def _(net: Network, other: bool = False, read: bool = False, **attributes: Any) -> Any:
    x = net.input()
    a, d = connected(net, x, "a"), connected_too(net, net.input("u") if other else x, "e", **attributes)
    return read_too(net, net.add("ADD", [a, d], attributes=RELU6), a, read)


@sample(
    "fuse_horizontal_conv",
    ["y/3 = CONV_2D(x, y/1, y/2)", "y, a = SPLIT_V(y/3, y/4, y/5)"],
    {"one is dilated": {"dilation_h_factor": 2}, "the filters' sizes differ": {"size": 1}},
)
def _(net: Network, size: int = 3, **attributes: Any) -> Any:
    x = net.input("x", (1, 5, 5, 2))
    a = conv(net, x, "a")
    given: dict[str, Any] = {"padding": "VALID", "stride_h": 1, "stride_w": 1} | attributes
    shape = (1, 1 if attributes else 6 - size, 6 - size, 3)
    operands = [x, floats(net, "v", (3, size, size, 2)), floats(net, "d", (3,))]
    return a, net.add("CONV_2D", operands, "y", shape, attributes=given)
