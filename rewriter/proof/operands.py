"""Operands that say how an operator works: orders of axes, shapes, paddings, places. Each is made to fit the others.

A maker gives nested lists of numbers. Numbers that are tracked can be changed where something does not fit after all;
those that are picked as a whole, as a permutation is, are picked anew.

Source: the operators' definitions in the TFLite schema; `rewriter.dialect` holds the conditions.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from itertools import permutations
from math import prod
from typing import TYPE_CHECKING, Any

from rewriter.dialect.types import is_list
from rewriter.proof.plan import PlanOperator, Unfit

if TYPE_CHECKING:
    from rewriter.proof.draft import Drafter

Maker = Callable[["Drafter", PlanOperator, str], Any]
_FEW = 4


def maker(operator: str, operand: str) -> Maker | None:
    """What makes an operand of an operator, by its declared name; None where any numbers will do."""
    return _MAKERS.get((operator, operand)) or _BY_NAME.get(operand)


def _input(drafter: Drafter, operator: PlanOperator) -> list[Any]:
    return drafter.shape(_data(operator))


def _data(operator: PlanOperator) -> Any:
    for place, tensor in enumerate(operator.operands):
        if tensor is not None and not operator.spec(place).dtypes:
            return tensor
    return operator.operands[0]


def _permutation(drafter: Drafter, operator: PlanOperator, key: str) -> Any:
    rank = len(_input(drafter, operator))
    if not rank:
        raise Unfit("the runtime reads nothing of a scalar to transpose")
    if rank > _FEW:
        order = list(range(rank))
        for place in range(rank - 1, 0, -1):
            other = drafter.pick(f"{key}.{place}", range(place, -1, -1))
            order[place], order[other] = order[other], order[place]
        return order
    return list(drafter.pick(key, list(permutations(range(rank)))))


def _axes(drafter: Drafter, operator: PlanOperator, key: str) -> Any:
    rank = len(_input(drafter, operator))
    if not rank:
        return []
    if drafter.chance(f"{key}.last", 20):
        # Rows are what is reduced most often.
        return [drafter.pick(f"{key}.end", [rank - 1, -1])]
    chosen = [place for place in range(rank) if drafter.chance(f"{key}.{place}", 45)]
    chosen = chosen or [drafter.pick(f"{key}.one", range(rank))]
    style = drafter.pick(f"{key}.style", ["list", "negative", "mixed", "scalar", "reversed"])
    if style == "negative":
        return [place - rank for place in chosen]
    if style == "mixed":
        return [place - rank if number % 2 else place for number, place in enumerate(chosen)]
    if style == "reversed":
        return chosen[::-1]
    return chosen[0] if style == "scalar" and len(chosen) == 1 else chosen


def _axis(drafter: Drafter, operator: PlanOperator, key: str) -> Any:
    rank = len(_input(drafter, operator)) + (operator.declaration.builtin == "EXPAND_DIMS")
    number = drafter.number(f"{key}.axis", [*range(rank), *range(-1, -rank - 1, -1)] or [0])
    return [number] if drafter.pick(f"{key}.list", [False, True]) else number


def _list_of_axes(drafter: Drafter, operator: PlanOperator, key: str) -> Any:
    found = _axes(drafter, operator, key)
    return found if is_list(found) else [found]


def _paddings(drafter: Drafter, operator: PlanOperator, key: str) -> Any:
    rank = len(_input(drafter, operator))
    return _pairs(drafter, key, rank)


def _pairs(drafter: Drafter, key: str, rows: int) -> Any:
    domains = ((0, 1, 2), (0, 1, 2), (0,), (0, 1), (1, 0, 2), (0,))
    style = drafter.pick(f"{key}.style", ["any", "inner", "none", "even"])
    table: list[list[Any]] = []
    for row in range(rows):
        outer = row in (0, rows - 1)
        still = style == "none" or (style == "inner" and outer and rows > 2)
        domain = (0, 1, 2, 3) if still else domains[(row + len(key)) % len(domains)] if style != "any" else (0, 1, 2, 3)
        first = drafter.number(f"{key}[{row}][0]", (0, *domain) if still else domain, start=0 if still else None)
        second = drafter.number(f"{key}[{row}][1]", (0, *domain) if still else domain, start=0 if still else None)
        table.append([first, first if style == "even" else second])
    return table


def _begin(drafter: Drafter, operator: PlanOperator, key: str) -> Any:
    shape = _input(drafter, operator)
    return [
        drafter.number(
            f"{key}[{place}]", range(int(size) or 1), start=None if drafter.chance(f"{key}.{place}", 60) else 0
        )
        for place, size in enumerate(shape)
    ]


def _size(drafter: Drafter, operator: PlanOperator, key: str) -> Any:
    shape = _input(drafter, operator)
    begin = drafter.contents(operator.operands[1])
    found: list[Any] = []
    for place, whole in enumerate(shape):
        start = int(begin[place]) if begin is not None and place < len(begin) else 0
        left = max(int(whole) - start, 0)
        rest = drafter.pick(f"{key}.{place}", ["rest", "part", "all", "-1"])
        if rest == "-1":
            found.append(-1)
        elif rest == "rest" and begin is not None and place < len(begin):
            found.append(whole - begin[place])
        elif rest == "all":
            found.append(whole)
        else:
            found.append(drafter.number(f"{key}[{place}]", [*range(1, left + 1), 0], open=True))
    return found


def _end(drafter: Drafter, operator: PlanOperator, key: str) -> Any:
    shape = _input(drafter, operator)
    return [
        drafter.number(f"{key}[{place}]", [int(size), *range(int(size) - 1, 0, -1), -1, 0, int(size) + 2])
        for place, size in enumerate(shape)
    ]


def _slice_begin(drafter: Drafter, operator: PlanOperator, key: str) -> Any:
    shape = _input(drafter, operator)
    return [drafter.number(f"{key}[{place}]", [*range(int(size) or 1), -1]) for place, size in enumerate(shape)]


def _strides(drafter: Drafter, operator: PlanOperator, key: str) -> Any:
    return [drafter.number(f"{key}[{place}]", (1, 1, 2, -1, 3)) for place in range(len(_input(drafter, operator)))]


def _positive(domain: tuple[int, ...]) -> Maker:
    """One number of `domain` for each dimension of the input."""

    def make(drafter: Drafter, operator: PlanOperator, key: str) -> Any:
        return [drafter.number(f"{key}[{place}]", domain) for place in range(len(_input(drafter, operator)))]

    return make


def _several(count: int, domain: tuple[int, ...]) -> Maker:
    def make(drafter: Drafter, operator: PlanOperator, key: str) -> Any:
        return [drafter.number(f"{key}[{place}]", domain, open=True) for place in range(count)]

    return make


def _single(domain: tuple[int, ...]) -> Maker:
    def make(drafter: Drafter, operator: PlanOperator, key: str) -> Any:
        return drafter.number(key, domain)

    return make


def _new_size(drafter: Drafter, operator: PlanOperator, key: str) -> Any:
    shape = _input(drafter, operator)
    style = drafter.pick(f"{key}.style", ["any", "same", "double", "any"])
    if style == "any" or len(shape) != 4:
        return [drafter.number(f"{key}[{place}]", (2, 1, 3, 4, 5, 7), open=True) for place in range(2)]
    return [size * 2 if style == "double" else size for size in shape[1:3]]


def _new_shape(drafter: Drafter, operator: PlanOperator, key: str) -> Any:
    """The shape operand of RESHAPE: as the pattern says of the result, else some way to arrange as many elements."""
    said = drafter.said_shape(operator.results[0])
    if said is not None:
        return said
    shape = _input(drafter, operator)
    count = prod(int(size) for size in shape)
    style = drafter.pick(f"{key}.style", ["any", "flat", "merge", "one", "same", "swap", "rest", "squeeze"])
    if style == "any":
        return _factors(drafter, key, count)
    if style == "rest":
        found = _factors(drafter, key, count)
        return [*found[:-1], -1] if found and count else found
    if style == "flat":
        return [prod(shape, start=1)] if shape else [1]
    if style == "merge" and len(shape) > 1:
        at = drafter.pick(f"{key}.at", range(len(shape) - 1))
        return [*shape[:at], shape[at] * shape[at + 1], *shape[at + 2 :]]
    if style == "one":
        at = drafter.pick(f"{key}.at", range(len(shape) + 1))
        return [*shape[:at], 1, *shape[at:]]
    if style == "swap" and len(shape) > 1:
        at = drafter.pick(f"{key}.at", range(len(shape) - 1))
        return [*shape[:at], shape[at + 1], shape[at], *shape[at + 2 :]]
    if style == "squeeze":
        return [size for size in shape if int(size) != 1]
    return list(shape)


def _factors(drafter: Drafter, key: str, count: int) -> list[int]:
    """Some sizes with a given product."""
    left, found = count, list[int]()
    for place in range(drafter.pick(f"{key}.rank", (2, 1, 3, 4)) - 1):
        divisors = [each for each in range(1, left + 1) if left % each == 0]
        chosen = drafter.pick(f"{key}.factor{place}", divisors) if divisors else left
        found.append(chosen)
        left = left // chosen if chosen else left
    return [*found, left]


def _wider_shape(drafter: Drafter, operator: PlanOperator, key: str) -> Any:
    said = drafter.said_shape(operator.results[0])
    if said is not None:
        return said
    shape = _input(drafter, operator)
    found = [
        drafter.number(f"{key}[{place}]", (2, 1, 3), open=True) if int(size) == 1 else size
        for place, size in enumerate(shape)
    ]
    return [drafter.number(f"{key}.more", (2, 1, 3)), *found] if drafter.chance(f"{key}.longer", 30) else found


def _dims(drafter: Drafter, operator: PlanOperator, key: str) -> Any:
    said = drafter.said_shape(operator.results[0])
    if said is not None:
        return said
    rank = drafter.pick(f"{key}.rank", (2, 1, 3, 4, 0))
    return [drafter.number(f"{key}[{place}]", (2, 1, 3, 4), open=True) for place in range(rank)]


def _grown(drafter: Drafter, operator: PlanOperator, key: str) -> Any:
    """TRANSPOSE_CONV's output_shape: a size from which a convolution would give the input's."""
    image, weights = drafter.shape(operator.operands[0]), drafter.shape(operator.operands[1])
    if len(image) != 4 or len(weights) != 4:
        return [1, 1, 1, 1]
    settings = drafter.settings[operator]
    found: list[Any] = [image[0]]
    for axis, letter in ((1, "h"), (2, "w")):
        stride = settings[f"stride_{letter}"]
        if settings["padding"] == "SAME":
            found.append(image[axis] * stride - drafter.number(f"{key}[{axis}]", range(int(stride) or 1)))
        else:
            more = drafter.number(f"{key}[{axis}]", range(int(stride) or 1))
            found.append((image[axis] - 1) * stride + weights[axis] + more)
    return [*found, weights[0]]


def _grown_3d(drafter: Drafter, operator: PlanOperator, key: str) -> Any:
    image, weights = drafter.shape(operator.operands[0]), drafter.shape(operator.operands[1])
    settings = drafter.settings[operator]
    if len(image) != 5 or len(weights) != 5:
        return [1] * 5
    sizes = [
        size * settings[f"stride_{letter}"]
        if settings["padding"] == "SAME"
        else (size - 1) * settings[f"stride_{letter}"] + kernel
        for size, letter, kernel in zip(image[1:4], "dhw", weights[:3], strict=True)
    ]
    return [image[0], *sizes, weights[3]]


def _blocks(drafter: Drafter, operator: PlanOperator, key: str) -> Any:
    rank = len(_input(drafter, operator))
    return [drafter.number(f"{key}[{place}]", (2, 1, 3)) for place in range(max(rank - 2, 1))]


def _crops(drafter: Drafter, operator: PlanOperator, key: str) -> Any:
    """What BATCH_TO_SPACE_ND cuts off: what was added before the batches were made, or anything."""
    for other in drafter.plan.operators:
        added = drafter.contents(other.operands[2]) if other.declaration.builtin == "SPACE_TO_BATCH_ND" else None
        if added and drafter.chance(f"{key}.same", 60):
            return [added[place : place + 2] for place in range(0, len(added), 2)]
    return _block_edges(drafter, operator, key)


def _block_edges(drafter: Drafter, operator: PlanOperator, key: str) -> Any:
    rank = len(_input(drafter, operator))
    return [
        [drafter.number(f"{key}[{place}][{side}]", (0, 1, 2, 3)) for side in range(2)]
        for place in range(max(rank - 2, 1))
    ]


def _parts(drafter: Drafter, operator: PlanOperator, key: str) -> Any:
    count = len(operator.results)
    found: list[Any] = [drafter.number(f"{key}[{place}]", (1, 2, 3), open=True) for place in range(count)]
    if drafter.chance(f"{key}.rest", 20):
        found[drafter.pick(f"{key}.which", range(count))] = -1
    return found


def _indices(drafter: Drafter, operator: PlanOperator, key: str) -> Any:
    """GATHER's places: a list, a table or a single one; as many as the pattern says."""
    shape = _input(drafter, operator)
    axis = drafter.settings[operator].get("axis", 0)
    size = int(shape[axis]) if shape and -len(shape) <= axis < len(shape) else 1
    said = drafter.said_shape(operator.operands[1])
    batches = int(drafter.settings[operator].get("batch_dims", 0))
    sizes = said
    if sizes is None:
        rank = drafter.pick(f"{key}.rank", (1, 2, 0, 1))
        sizes = [drafter.number(f"{key}.size{place}", (2, 1, 3, 4)) for place in range(rank)]
        if batches > 0:
            sizes = [*shape[:batches], *sizes[batches:]] if len(sizes) > batches else [*shape[:batches], *sizes]
    style = drafter.pick(f"{key}.values", ["any", "rising", "same"])
    return _filled(drafter, key, [int(each) for each in sizes], size, style)


def _filled(drafter: Drafter, key: str, sizes: list[int], below: int, style: str) -> Any:
    count = 0

    def fill(left: list[int]) -> Any:
        nonlocal count
        if left:
            return [fill(left[1:]) for _ in range(left[0])]
        count += 1
        if style == "rising":
            return (count - 1) % max(below, 1)
        return 0 if style == "same" else drafter.pick(f"{key}[{count}]", range(max(below, 1)))

    return fill(sizes)


def _places(drafter: Drafter, operator: PlanOperator, key: str) -> Any:
    """Rows of indices for GATHER_ND: each a place in the first dimensions."""
    shape = [int(size) for size in _input(drafter, operator)]
    if not shape:
        raise Unfit("a scalar has no places")
    # What was picked before may have been for more dimensions.
    depth = min(drafter.pick(f"{key}.depth", range(min(len(shape), 2), 0, -1)), len(shape))
    rows = drafter.pick(f"{key}.rows", (2, 1, 3))
    return [
        [drafter.pick(f"{key}[{row}][{place}]", range(max(shape[place], 1))) for place in range(depth)]
        for row in range(rows)
    ]


def _lookups(drafter: Drafter, operator: PlanOperator, key: str) -> Any:
    """A list of rows of a table, as long as the pattern says."""
    shape = [int(size) for size in _input(drafter, operator)]
    said = drafter.said_shape(operator.operands[0])
    sizes = [drafter.number(f"{key}.size", (2, 1, 3, 4))] if said is None else said
    style = drafter.pick(f"{key}.values", ["any", "rising", "same"])
    return _filled(drafter, key, [int(size) for size in sizes], shape[0] if shape else 1, style)


def _scattered(drafter: Drafter, operator: PlanOperator, key: str) -> Any:
    """Rows of one number: where in the first dimension of SCATTER_ND's result each update goes."""
    shape = [int(size) for size in _input(drafter, operator)]
    if not shape:
        raise Unfit("a scalar is no list of updates")
    rows = _scattered_rows(drafter, operator)
    return [[drafter.pick(f"{key}[{place}]", range(rows))] for place in range(shape[0])]


def _scattered_shape(drafter: Drafter, operator: PlanOperator, key: str) -> Any:
    return [_scattered_rows(drafter, operator), *_input(drafter, operator)[1:]]


def _scattered_rows(drafter: Drafter, operator: PlanOperator) -> int:
    return drafter.pick(f"{operator.key}.rows", (3, 2, 4))


def _rising_places(drafter: Drafter, operator: PlanOperator, key: str) -> Any:
    """Places of SPARSE_TO_DENSE's values in a list."""
    shape = [int(size) for size in _input(drafter, operator)]
    steps = [drafter.pick(f"{key}[{place}]", (1, 2, 3)) for place in range(shape[0] if shape else 1)]
    return [sum(steps[: place + 1]) - 1 for place in range(len(steps))]


def _dense_shape(drafter: Drafter, operator: PlanOperator, key: str) -> Any:
    places = drafter.contents(operator.operands[0])
    return [max((int(each) for each in places or ()), default=0) + drafter.pick(f"{key}.more", (1, 2, 3))]


def _starts(drafter: Drafter, operator: PlanOperator, key: str) -> Any:
    rank = len(_input(drafter, operator))
    return [drafter.number(f"{key}[{place}]", (0, 1, 2)) for place in range(rank)]


def _count(drafter: Drafter, operator: PlanOperator, key: str) -> Any:
    shape = _input(drafter, operator)
    return drafter.number(key, range(1, (int(shape[-1]) if shape else 1) + 1))


def _lengths(drafter: Drafter, operator: PlanOperator, key: str) -> Any:
    shape = [int(size) for size in _input(drafter, operator)]
    settings = drafter.settings[operator]
    batch, along = int(settings.get("batch_dim", 0)), int(settings.get("seq_dim", 0))
    if not shape or batch >= len(shape) or along >= len(shape):
        return [1]
    return [drafter.pick(f"{key}[{row}]", range(1, shape[along] + 1)) for row in range(shape[batch])]


def _rising(drafter: Drafter, operator: PlanOperator, key: str) -> Any:
    shape = _input(drafter, operator)
    rows, found, last = int(shape[0]) if shape else 1, list[int](), 0
    for row in range(rows):
        last += row > 0 and drafter.chance(f"{key}[{row}]", 50)
        found.append(last)
    return found


_MAKERS: Mapping[tuple[str, str], Maker] = {
    ("TRANSPOSE", "perm"): _permutation,
    ("MEAN", "axis"): _axes,
    ("SUM", "axis"): _axes,
    ("REDUCE_PROD", "axis"): _axes,
    ("REDUCE_MAX", "axis"): _axes,
    ("REDUCE_MIN", "axis"): _axes,
    ("REDUCE_ANY", "axis"): _axes,
    ("REDUCE_ALL", "axis"): _axes,
    ("REVERSE_V2", "axis"): _list_of_axes,
    ("EMBEDDING_LOOKUP", "lookup"): _lookups,
    ("SCATTER_ND", "indices"): _scattered,
    ("SCATTER_ND", "shape"): _scattered_shape,
    ("SPARSE_TO_DENSE", "sparse_indices"): _rising_places,
    ("SPARSE_TO_DENSE", "output_shape"): _dense_shape,
    ("SLICE", "begin"): _begin,
    ("SLICE", "size"): _size,
    ("STRIDED_SLICE", "begin"): _slice_begin,
    ("STRIDED_SLICE", "end"): _end,
    ("RESHAPE", "shape"): _new_shape,
    ("BROADCAST_TO", "shape"): _wider_shape,
    ("RESIZE_BILINEAR", "size"): _new_size,
    ("RESIZE_NEAREST_NEIGHBOR", "size"): _new_size,
    ("TRANSPOSE_CONV", "output_shape"): _grown,
    ("CONV_3D_TRANSPOSE", "output_shape"): _grown_3d,
    ("SPACE_TO_BATCH_ND", "paddings"): _block_edges,
    ("GATHER", "indices"): _indices,
    ("GATHER_ND", "indices"): _places,
    ("SEGMENT_SUM", "segment_ids"): _rising,
    ("UNSORTED_SEGMENT_SUM", "segment_ids"): _rising,
    ("UNSORTED_SEGMENT_PROD", "segment_ids"): _rising,
    ("UNSORTED_SEGMENT_MAX", "segment_ids"): _rising,
    ("UNSORTED_SEGMENT_MIN", "segment_ids"): _rising,
    ("RFFT2D", "fft_length"): _several(2, (2, 4)),
    ("RANDOM_UNIFORM", "shape"): _dims,
}
_BY_NAME: Mapping[str, Maker] = {
    "axis": _axis,
    "paddings": _paddings,
    "strides": _strides,
    "multiples": _positive((1, 2, 3)),
    "dilations": _positive((1, 2)),
    "dims": _dims,
    "block_shape": _blocks,
    "crops": _crops,
    "size_splits": _parts,
    "start_indices": _starts,
    "depth": _single((3, 2, 4)),
    "count": _count,
    "seq_lengths": _lengths,
    "num_segments": _single((3, 4, 2)),
    "max_output_size": _single((2, 1, 3)),
    "window_shape": _positive((1, 2)),
    "window_strides": _positive((1, 2)),
    "window_dilations": _positive((1,)),
}
