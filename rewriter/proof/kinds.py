"""Element types of an instance: which ones a plan's tensors can have together."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from attrs import frozen

from rewriter.language.terms import TermTensor
from rewriter.proof.plan import Plan, PlanOperator, PlanTensor

MOST = 48


@frozen
class Kind:
    """An element type, and whether its values are steps of a scale."""

    dtype: str
    quantized: bool = False

    def __str__(self) -> str:
        return f"{self.dtype}q" if self.quantized else self.dtype


F32, F16, I32, I64, BOOL = (Kind(dtype) for dtype in ("f32", "f16", "i32", "i64", "bool"))
I8Q, U8Q, I16Q, I32Q, I64Q = (Kind(dtype, True) for dtype in ("i8", "u8", "i16", "i32", "i64"))
# The usual ones first: where there are more ways than are looked at, those are.
_ALL = (
    F32,
    I8Q,
    I32,
    U8Q,
    I64,
    I16Q,
    BOOL,
    Kind("i8"),
    Kind("u8"),
    Kind("i16"),
    F16,
    Kind("u32"),
    Kind("f64"),
    Kind("u16"),
    Kind("u64"),
    Kind("c64"),
    Kind("string"),
)
_WEIGHTED = (
    ((F32, F32, F32), F32),
    ((I8Q, I8Q, I32Q), I8Q),
    ((U8Q, U8Q, I32Q), U8Q),
    ((I16Q, I8Q, I64Q), I16Q),
    ((F32, I8Q, F32), F32),
    ((I16Q, I8Q, I32Q), I16Q),
    ((F16, F16, F16), F16),
)
_PRODUCTS = (((F32, F32), F32), ((I8Q, I8Q), I8Q), ((I16Q, I16Q), I16Q), ((F32, I8Q), F32))
_STEPS = (F32, I8Q, U8Q, I16Q)
_PLAIN = (F32, I32, I64, Kind("i8"), Kind("u8"), BOOL, Kind("i16"), F16, Kind("f64"), Kind("u32"))
# Operators whose kernels compute with real values: of 8 and 16 bits they take quantized ones only.
_REAL = frozenset({"chosen", "logistic", "tanh", "softmax", "log_softmax", "l2_normalization"})
# Where these cut something off, or average, the kernels reckon with a scale: without one what they give is anything.
_SCALED = frozenset(
    {
        *("AVERAGE_POOL_2D", "MAX_POOL_2D", "RELU", "RELU6", "RELU_N1_TO_1", "RELU_0_TO_1", "LEAKY_RELU", "PRELU"),
        *("ELU", "GELU", "HARD_SWISH", "LOGISTIC", "TANH", "SOFTMAX", "LOG_SOFTMAX", "L2_NORMALIZATION"),
    }
)

Row = tuple[tuple[Kind | None, ...], tuple[Kind, ...]]
Assignment = dict[PlanTensor, Kind]


def assignments(plan: Plan) -> list[Assignment]:
    """The ways in which a plan's tensors can have element types, as declarations and the pattern say."""
    found: list[Assignment] = []
    # By the kind of the first leaf, so that a pattern with many ways is tried with all of these.
    for known in _extended(plan.operators, {}):
        found.append(known)
        if len(found) >= 16 * MOST:
            break
    if len(found) <= MOST:
        return found
    step = len(found) / MOST
    return [found[int(place * step)] for place in range(MOST)]


def _extended(operators: Sequence[PlanOperator], known: Assignment) -> Iterator[Assignment]:
    if not operators:
        yield known
        return
    first, *rest = operators
    for row in _rows(first, known):
        more = dict(known)
        if all(_put(more, tensor, kind) for tensor, kind in zip(first.operands, row[0], strict=True)) and all(
            _put(more, tensor, kind) for tensor, kind in zip(first.results, row[1], strict=True)
        ):
            yield from _extended(rest, more)


def _put(known: Assignment, tensor: PlanTensor | None, kind: Kind | None) -> bool:
    """Give a tensor its kind; False where it has, or needs, another one."""
    if tensor is None:
        return True
    if kind is None:
        return False
    if tensor in known:
        return known[tensor] == kind
    if not allowed(tensor.said, kind):
        return False
    known[tensor] = kind
    return True


def allowed(said: TermTensor, kind: Kind) -> bool:
    """Whether what a pattern says of a tensor allows for a kind."""
    if said.kinds is not None and kind.dtype not in said.kinds:
        return False
    for contents in said.contents:
        for each in contents.elements:
            if isinstance(each, bool) or each is None or isinstance(each, str):
                continue
            if kind == BOOL or kind.dtype in ("string", "c64"):
                return False
            real = kind.quantized or kind.dtype[0] == "f"
            if not real and (each != int(each) or (kind.dtype[0] == "u" and each < 0)):
                return False
    return True


def _rows(operator: PlanOperator, known: Assignment) -> Iterator[Row]:
    """The kinds of an operator's operands and results, given those that are known already."""
    declaration = operator.declaration
    name, count = declaration.builtin, len(operator.operands)
    how = declaration.clauses.get("quantization")
    results = len(operator.results)
    if how == "weighted":
        for operands, result in _WEIGHTED:
            given = [operands[min(place, 2)] for place in range(count)]
            yield tuple(I32 if operator.spec(place).dtypes else kind for place, kind in enumerate(given)), (result,)
        return
    if name == "BATCH_MATMUL":
        yield from (((one, other), (result,)) for (one, other), result in _PRODUCTS)
        return
    if name == "QUANTIZE":
        yield from (((one,), (other,)) for other in (I8Q, U8Q, I16Q) for one in _STEPS)
        return
    if name == "DEQUANTIZE":
        yield from (((one,), (F32,)) for one in (I8Q, F16, U8Q, I16Q))
        return
    if name == "CAST":
        yield from (((one,), (other,)) for one in _PLAIN for other in _PLAIN)
        return
    free = [place for place in range(count) if not operator.spec(place).dtypes]
    kinds = _data_kinds(operator, free, known, how)
    for data in kinds:
        for fixed in _fixed_kinds(operator, count):
            given = tuple(data if place in free else fixed.get(place) for place in range(count))
            for result in _result_kinds(operator, data if free or not count else given[0]):
                yield given, (result + (result[-1],) * results)[:results]


def _data_kinds(
    operator: PlanOperator, free: Sequence[int], known: Assignment, how: str | None
) -> Sequence[Kind | None]:
    plain: tuple[str, ...] = ()
    if operator.declaration.builtin in _SCALED:
        plain = ("i8", "u8", "i16")
    elif how in _REAL:
        plain = ("i8", "u8")
    kinds = tuple(kind for kind in _ALL if kind.quantized or kind.dtype not in plain)
    for place in free:
        tensor = operator.operands[place]
        if tensor is not None and tensor in known:
            return (known[tensor],) if known[tensor] in kinds or known[tensor] not in _ALL else ()
    return kinds if free else (None,)


def _fixed_kinds(operator: PlanOperator, count: int) -> Iterator[dict[int, Kind]]:
    """Kinds of the operands whose element types are declared: all as the first word says, then as the next."""
    declared = {place: operator.spec(place).dtypes for place in range(count) if operator.spec(place).dtypes}
    said = {place: tensor.said.kinds for place, tensor in enumerate(operator.operands) if tensor is not None}
    for way in range(max((len(dtypes) for dtypes in declared.values()), default=1)):
        chosen: dict[int, Kind] = {}
        for place, dtypes in declared.items():
            wanted = said.get(place)
            options = [dtype for dtype in _i32_first(dtypes) if wanted is None or dtype in wanted] or list(dtypes)
            chosen[place] = Kind(options[min(way, len(options) - 1)])
        yield chosen


def _i32_first(dtypes: Sequence[str]) -> list[str]:
    return sorted(dtypes, key=lambda dtype: dtype != "i32")


def _result_kinds(operator: PlanOperator, data: Kind | None) -> Iterator[tuple[Kind, ...]]:
    specs = operator.declaration.results or ()
    options = [[Kind(dtype) for dtype in spec.dtypes] if spec.dtypes else [data or F32] for spec in specs] or [
        [data or F32]
    ]
    for way in range(max(len(each) for each in options)):
        yield tuple(each[min(way, len(each) - 1)] for each in options)
