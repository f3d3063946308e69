"""Shapes of an instance's leaves: sizes that suit the operator that reads them first."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from rewriter.proof.plan import PlanOperator, PlanTensor

if TYPE_CHECKING:
    from rewriter.proof.draft import Drafter

_KERNELS = (1, 2, 3, 4)
_IMAGES = (1, 2, 3, 4, 5, 6, 7, 8)
_CHANNELS = (2, 1, 3, 4)
_RANKS = (2, 1, 3, 4, 0, 5)

# Operators whose first operand has to have this many dimensions.
RANKS: Mapping[str, int] = {
    **dict.fromkeys(
        (
            "CONV_2D",
            "DEPTHWISE_CONV_2D",
            "TRANSPOSE_CONV",
            "AVERAGE_POOL_2D",
            "MAX_POOL_2D",
            "L2_POOL_2D",
            "RESIZE_BILINEAR",
            "RESIZE_NEAREST_NEIGHBOR",
            "DEPTH_TO_SPACE",
            "SPACE_TO_DEPTH",
            "SPACE_TO_BATCH_ND",
            "BATCH_TO_SPACE_ND",
            "LOCAL_RESPONSE_NORMALIZATION",
        ),
        4,
    ),
    "CONV_3D": 5,
    "CONV_3D_TRANSPOSE": 5,
}
# Operators whose result has as many dimensions as their first operand.
_KEEPING = frozenset(
    {
        "PAD",
        "PADV2",
        "MIRROR_PAD",
        "TRANSPOSE",
        "SLICE",
        "TILE",
        "CONCATENATION",
        "QUANTIZE",
        "REVERSE_V2",
        "CUMSUM",
        "SPLIT",
        "SPLIT_V",
        "GATHER",
        "BROADCAST_TO",
        "DYNAMIC_UPDATE_SLICE",
        *RANKS,
    }
)

# What the runtime makes of a scalar here is what happened to stand in memory.
_LEAST = {"TRANSPOSE": 1, "MATRIX_SET_DIAG": 2}

Sizes = Callable[["Drafter", PlanOperator, str], "Sequence[Any] | None"]


def leaf_shape(drafter: Drafter, operator: PlanOperator, place: int, tensor: PlanTensor) -> list[Any]:
    """Sizes for an operand that the pattern takes from outside."""
    rank = None
    for shape in tensor.said.shapes:
        if shape.back is None:
            return _filled(drafter, operator, place, tensor, shape.front)
        rank = max(rank or 0, shape.least)
    sizes = _suggested(drafter, operator, place, tensor, rank)
    for shape in tensor.said.shapes:
        for number, each in enumerate(shape.front):
            if each is not None and number < len(sizes):
                sizes[number] = drafter.size(each, "")
        behind = shape.back or ()
        for number, each in enumerate(behind):
            if each is not None and len(behind) <= len(sizes):
                sizes[len(sizes) - len(behind) + number] = drafter.size(each, "")
    return sizes


def _filled(
    drafter: Drafter, operator: PlanOperator, place: int, tensor: PlanTensor, said: Sequence[int | str | None]
) -> list[Any]:
    """A shape whose rank the pattern fixes, with the sizes that suit the operator where it says nothing of them."""
    suggested: list[Any] | None = None
    sizes: list[Any] = []
    for number, each in enumerate(said):
        if each is None and suggested is None:
            suggested = _suggested(drafter, operator, place, tensor, len(said))
        if each is None and suggested is not None and len(suggested) == len(said):
            sizes.append(suggested[number])
        else:
            sizes.append(drafter.size(each, f"{tensor.key}[{number}]"))
    return sizes


def _suggested(
    drafter: Drafter, operator: PlanOperator, place: int, tensor: PlanTensor, least: int | None
) -> list[Any]:
    name = operator.declaration.builtin
    fitting = _FITTING.get((name, operator.spec(place).name)) or _CUSTOM.get(operator.spec(place).name)
    key = tensor.key
    if fitting is not None and (name != "CUSTOM" or place):
        found = fitting(drafter, operator, key)
        if found is not None:
            return list(found)
    beside = [
        each
        for number, each in enumerate(operator.operands)
        if each in drafter.made and each is not tensor and not operator.spec(number).dtypes
    ]
    wanted = demanded(operator, place)
    other = drafter.shape(beside[0]) if beside and name not in RANKS else None
    if (other is None or len(other) <= 1) and name not in RANKS:
        # What has few dimensions says little of what stands beside it.
        cousin = _cousin(drafter, operator)
        if cousin is not None:
            return _beside(drafter, cousin[0], tensor, cousin[1])
    elementwise = operator.declaration.elementwise
    apart = elementwise and (drafter.chance(f"{key}.apart", 30) or (wanted is not None and len(other or ()) <= 1))
    if other is not None and not apart:
        return _beside(drafter, operator, tensor, other)
    if wanted is None:
        least = max(least or 0, _LEAST.get(name, 0))
        options = [rank for rank in _RANKS if rank >= least]
        wanted = drafter.pick(f"{key}.rank", options)
    images = wanted in (4, 5)
    sizes: list[Any] = []
    for number in range(wanted):
        outer = number in (0, wanted - 1)
        domain = (
            ((1, 2, 3) if number == 0 else _CHANNELS) if images and outer else _IMAGES if images else (2, 1, 3, 4, 5)
        )
        sizes.append(drafter.number(f"{key}[{number}]", domain, open=True))
    return sizes


def demanded(operator: PlanOperator, place: int) -> int | None:
    """How many dimensions an operand has to have, as this operator and those that read its result ask for."""
    if place == 0 and operator.declaration.builtin in RANKS:
        return RANKS[operator.declaration.builtin]
    return _demanded_of(operator)


def _demanded_of(operator: PlanOperator) -> int | None:
    """How many dimensions the operands of an operator have to have, for its result to be what is asked for."""
    declaration = operator.declaration
    if not declaration.elementwise and declaration.builtin not in _KEEPING:
        return None
    for result in operator.results:
        for shape in result.said.shapes:
            if shape.back is None:
                return len(shape.front)
        for reader, place in result.readers:
            if place == 0 and reader.declaration.builtin in RANKS:
                return RANKS[reader.declaration.builtin]
            found = _demanded_of(reader)
            if found is not None:
                return found
    return None


def _beside(drafter: Drafter, operator: PlanOperator, tensor: PlanTensor, other: list[Any]) -> list[Any]:
    """A shape that goes with that of another operand: the same, or one that broadcasts with it."""
    key = tensor.key
    if not operator.declaration.elementwise and operator.declaration.builtin != "SELECT_V2":
        if operator.declaration.builtin == "CONCATENATION":
            return _joined(drafter, operator, key, other)
        if operator.declaration.builtin == "DYNAMIC_UPDATE_SLICE":
            return [
                drafter.number(f"{key}[{number}]", range(int(size), 0, -1) or (0,)) for number, size in enumerate(other)
            ]
        if operator.declaration.variadic:
            return list(other)
        if tensor in operator.operands and operator.spec(operator.operands.index(tensor)).name in _SINGLE:
            return []
        return list(other)
    style = drafter.pick(
        f"{key}.beside", ["same", "last", "scalar", "ones", "mixed", "one", "larger", "same", "same", "longer", "tail"]
    )
    rank = len(other)
    match style:
        case "last":
            return list(other[-1:])
        case "scalar":
            return []
        case "one":
            return [1]
        case "ones":
            return [1] * (rank - 1) + list(other[-1:])
        case "tail":
            return list(other[drafter.pick(f"{key}.cut", range(rank + 1)) :])
        case "mixed":
            return [size if drafter.chance(f"{key}.keep{number}", 50) else 1 for number, size in enumerate(other)]
        case "larger":
            return [
                drafter.number(f"{key}[{number}]", (2, 3, 1), open=True) if int(size) == 1 else size
                for number, size in enumerate(other)
            ]
        case "longer" if rank < 4:
            return [drafter.number(f"{key}.more", (2, 1, 3)), *other]
        case _:
            return list(other)


def _cousin(drafter: Drafter, operator: PlanOperator) -> tuple[PlanOperator, list[Any]] | None:
    """An operator further on that takes this one's result beside something that is there already."""
    if not operator.declaration.elementwise:
        return None
    for result in operator.results:
        for reader, place in result.readers:
            for number, each in enumerate(reader.operands):
                data = each is not None and number != place and not reader.spec(number).dtypes
                if data and each in drafter.made and reader.declaration.builtin not in RANKS:
                    return reader, drafter.shape(each)
            found = _cousin(drafter, reader)
            if found is not None:
                return found
    return None


_SINGLE = frozenset({"constant_values", "padding_value", "init_value", "on_value", "off_value", "default_value"})


def _joined(drafter: Drafter, operator: PlanOperator, key: str, other: list[Any]) -> list[Any]:
    """As the other, but for one dimension, along which they may be joined."""
    if not other:
        return []
    along = drafter.pick(f"{key}.along", range(len(other) - 1, -1, -1))
    # Where an earlier draft has chosen it already.
    setting = operator.said.settings.get("axis")
    name = setting.key if setting is not None and isinstance(setting.key, str) else None
    axis = drafter.variables.get(f"{operator.key}.axis" if name is None else f"named {name}")
    if axis is not None and -len(other) <= axis.value < len(other) and drafter.chance(f"{key}.on", 80):
        along = axis.value % len(other)
    mine = drafter.number(f"{key}[{along}]", (2, 1, 3, 0) if drafter.empty else (2, 1, 3), open=True)
    return [mine if number == along else size for number, size in enumerate(other)]


# -- operands that belong to a first one ------------------------------------------------------------------------------


def _channels(drafter: Drafter, operator: PlanOperator) -> Any:
    image = drafter.shape(operator.operands[0])
    return image[-1] if image else 1


def _filter(drafter: Drafter, operator: PlanOperator, key: str) -> Sequence[Any]:
    depth = _channels(drafter, operator)
    if drafter.chance(f"{key}.groups", 10) and int(depth) % 2 == 0 and operator.declaration.builtin == "CONV_2D":
        depth = depth // 2
    return [
        drafter.number(f"{key}[0]", _CHANNELS, open=True),
        drafter.number(f"{key}[1]", _KERNELS),
        drafter.number(f"{key}[2]", _KERNELS),
        depth,
    ]


def _depthwise(drafter: Drafter, operator: PlanOperator, key: str) -> Sequence[Any]:
    times = drafter.number(f"{key}.times", (1, 2, 1, 3))
    sizes = [drafter.number(f"{key}[{number}]", _KERNELS) for number in (1, 2)]
    return [1, *sizes, _channels(drafter, operator) * times]


def _filter_3d(drafter: Drafter, operator: PlanOperator, key: str) -> Sequence[Any]:
    sizes = [drafter.number(f"{key}[{number}]", (1, 2, 3)) for number in range(3)]
    out = drafter.number(f"{key}[3]", (2, 1, 3), open=True)
    ends = [_channels(drafter, operator), out]
    return [*sizes, *(ends if operator.declaration.builtin == "CONV_3D" else ends[::-1])]


def _weights(drafter: Drafter, operator: PlanOperator, key: str) -> Sequence[Any]:
    return [drafter.number(f"{key}[0]", (2, 1, 3, 4), open=True), _channels(drafter, operator)]


def _bias(drafter: Drafter, operator: PlanOperator, key: str) -> Sequence[Any] | None:
    weights = drafter.shape(operator.operands[1])
    if not weights:
        return None
    last = operator.declaration.builtin in ("DEPTHWISE_CONV_2D", "CONV_3D")
    return [weights[-1 if last else 3 if operator.declaration.builtin == "CONV_3D_TRANSPOSE" else 0]]


def _left_matrix(drafter: Drafter, operator: PlanOperator, key: str) -> Sequence[Any]:
    rank = drafter.pick(f"{key}.rank", (2, 3, 4))
    return [drafter.number(f"{key}[{number}]", (2, 1, 3, 4), open=True) for number in range(rank)]


def _right_matrix(drafter: Drafter, operator: PlanOperator, key: str) -> Sequence[Any] | None:
    left = drafter.shape(operator.operands[0])
    if len(left) < 2:
        return None
    depth = left[-1]
    batches = [size if drafter.chance(f"{key}.batch{number}", 75) else 1 for number, size in enumerate(left[:-2])]
    batches = batches[drafter.pick(f"{key}.cut", [0, 0, 0, 1]) :]
    columns = drafter.number(f"{key}.columns", (2, 1, 3, 4), open=True)
    order = drafter.pick(f"{key}.order", [(depth, columns), (columns, depth)])
    return [*batches, *order]


def _alpha(drafter: Drafter, operator: PlanOperator, key: str) -> Sequence[Any]:
    shape = drafter.shape(operator.operands[0])
    style = drafter.pick(f"{key}.style", ["last", "channels", "same", "scalar", "ones"])
    match style:
        case "last":
            return shape[-1:]
        case "channels":
            return [*[1] * max(len(shape) - 2, 0), *shape[-1:]] if len(shape) > 1 else shape
        case "scalar":
            return [1] if shape else []
        case "ones":
            return [1] * len(shape)
        case _:
            return shape


def _condition(drafter: Drafter, operator: PlanOperator, key: str) -> Sequence[Any]:
    values = operator.operands[1]
    shape = drafter.shape(values)
    if not shape:
        return []
    style = drafter.pick(f"{key}.style", ["same", "rows", "scalar"])
    return shape if style == "same" else shape[:1] if style == "rows" else []


def _nothing(*_: object) -> Sequence[Any]:
    return ()


def _list(drafter: Drafter, operator: PlanOperator, key: str) -> Sequence[Any]:
    return [drafter.number(f"{key}.length", (2, 3, 1, 4))]


def _table(drafter: Drafter, operator: PlanOperator, key: str) -> Sequence[Any]:
    more = drafter.pick(f"{key}.more", (0, 1))
    return [drafter.number(f"{key}[{place}]", (3, 2, 4, 1)) for place in range(2 + more)]


def _diagonal(drafter: Drafter, operator: PlanOperator, key: str) -> Sequence[Any] | None:
    shape = drafter.shape(operator.operands[0])
    return [*shape[:-2], min(shape[-2:])] if len(shape) > 1 else None


_FITTING: Mapping[tuple[str, str], Sizes] = {
    ("MATRIX_SET_DIAG", "diagonal"): _diagonal,
    ("EMBEDDING_LOOKUP", "value"): _table,
    ("SCATTER_ND", "updates"): _table,
    ("SPARSE_TO_DENSE", "sparse_values"): _list,
    ("SPARSE_TO_DENSE", "default_value"): _nothing,
    ("PADV2", "constant_values"): _nothing,
    ("CONV_2D", "filter"): _filter,
    ("TRANSPOSE_CONV", "filter"): _filter,
    ("DEPTHWISE_CONV_2D", "filter"): _depthwise,
    ("CONV_3D", "filter"): _filter_3d,
    ("CONV_3D_TRANSPOSE", "filter"): _filter_3d,
    ("FULLY_CONNECTED", "filter"): _weights,
    ("CONV_2D", "bias"): _bias,
    ("TRANSPOSE_CONV", "bias"): _bias,
    ("DEPTHWISE_CONV_2D", "bias"): _bias,
    ("CONV_3D", "bias"): _bias,
    ("CONV_3D_TRANSPOSE", "bias"): _bias,
    ("FULLY_CONNECTED", "bias"): _bias,
    ("BATCH_MATMUL", "lhs"): _left_matrix,
    ("BATCH_MATMUL", "rhs"): _right_matrix,
    ("PRELU", "alpha"): _alpha,
    ("SELECT", "condition"): _condition,
    ("FILL", "value"): _nothing,
    ("RANGE", "start"): _nothing,
    ("RANGE", "limit"): _nothing,
    ("RANGE", "delta"): _nothing,
    ("ONE_HOT", "on_value"): _nothing,
    ("ONE_HOT", "off_value"): _nothing,
}
# What names in the declarations of custom operators usually mean.
_CUSTOM: Mapping[str, Sizes] = {"bias": _bias}
