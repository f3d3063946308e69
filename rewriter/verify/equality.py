"""What a rule's statement of equality means for one result."""

from __future__ import annotations

from rewriter.language.rules import Equality

FLOATS = frozenset({"f16", "bf16", "f32", "f64", "c64", "c128"})
EXACT = Equality("exact")
DEFAULT = Equality("default")
_WITHIN = Equality("within", 1e-5)
_NARROW = {"f16": Equality("within", 1e-2), "bf16": Equality("within", 1e-2)}


def for_result(equality: Equality, dtype: str, *, quantized: bool = False) -> Equality:
    """What a statement means for a result: the kinds that do not speak of its type give way to the default.

    Args:
        equality: The statement.
        dtype: The result's element type, in the language's words.
        quantized: Whether the result carries quantization parameters.

    Returns:
        A statement of kind `exact`, `within`, `ulp` or `step`.
    """
    if dtype in FLOATS:
        return _NARROW.get(dtype, _WITHIN) if equality.kind in ("default", "step") else equality
    counts = quantized or dtype[0] in "iu"
    return equality if equality.kind == "step" and counts and dtype not in ("bool", "string") else EXACT
