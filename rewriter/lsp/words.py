"""What the words of the language mean, in a line each."""

from __future__ import annotations

CONDITION_FUNCTIONS = {
    "abs": ("abs(x)", "the magnitude, element by element"),
    "all": ("all(list)", "whether all elements are true"),
    "any": ("any(list)", "whether an element is true"),
    "attr": ('attr(c, "name")', "an attribute of the operator that made `c`, where a property has the same name"),
    "len": ("len(list)", "how many elements there are"),
    "max": ("max(list)", "the largest element"),
    "min": ("min(list)", "the smallest element"),
    "prod": ("prod(list)", "the product of all elements"),
    "range": ("range(stop)", "the integers from 0, or from a start, up to a stop that is not one of them"),
    "subset": ("subset(list, list)", "in a target: whether each element of the first is one of the second"),
    "sum": ("sum(list)", "the sum of all elements"),
}
"""Functions of `where`: how they are called, and what they give."""

CONSTANT_FUNCTIONS = {
    "arange": ("arange(start, stop, step)", "a constant that counts"),
    "broadcast_to": ("broadcast_to(c, shape)", "the constant repeated to a shape"),
    "cast": ('cast(c, "f32")', "the constant with another element type"),
    "concat": ("concat([c, d], axis)", "constants joined along an axis"),
    "dequantize": ("dequantize(c)", "a quantised constant's real values"),
    "evaluate": ("evaluate(y)", "what the operator of `y` computes from its constants, as the runtime's kernels do"),
    "exp": ("exp(c)", "the exponential, element by element"),
    "full": ("full(shape, value)", "a constant all of whose elements are one value"),
    "pad": ("pad(c, widths)", "the constant with elements added at its ends"),
    "part": (
        "part(c, begin, end, axis=0)",
        "places along an axis, as they are stored; quantised ones keep their steps",
    ),
    "quantize": ("quantize(c, like)", "real values as a quantised constant"),
    "reshape": ("reshape(c, shape)", "the same elements in another shape; -1 is what is left"),
    "reshaped": (
        "reshaped(c, shape)",
        "the elements as they are stored in another shape; quantised ones keep their steps",
    ),
    "rsqrt": ("rsqrt(c)", "one over the square root, element by element"),
    "sqrt": ("sqrt(c)", "the square root, element by element"),
    "sum": ("sum(c, axis)", "the sum along axes"),
    "transpose": ("transpose(c, axes)", "the constant with its dimensions in another order"),
    "transposed": ("transposed(c, axes)", "the same as it is stored; a quantised constant keeps its steps"),
}
"""Functions of replacements, which compute constants."""

PROPERTIES = {
    "dtype": "the element type, as a string",
    "growth": "by how many bytes the file's constants grow where this result becomes one",
    "is_const": "whether its data is in the file",
    "is_sparse": "whether its data is stored in a sparse format",
    "is_input": "whether it is an input of its subgraph",
    "is_output": "whether it is an output of its subgraph",
    "name": "its name in the model",
    "op": "the operator that made it, or absent",
    "quantized": "whether it has a scale",
    "rank": "how many dimensions it has",
    "readers": "the operators that read it, a list",
    "scale": "real units per step; a list where it is quantised per channel",
    "shape": "the sizes of its dimensions, a list",
    "uses": "how many readers it has, the subgraph's outputs included",
    "value": "a constant's real values",
    "zero_point": "the step that stands for 0; a list where it is quantised per channel",
}
"""What can be asked of a tensor in `where`."""

KEYWORDS = {
    "pack": "names the pack and says which of its rules are used unasked",
    "op": "declares an operator",
    "pattern": "names a pattern that rules use in place of writing it out",
    "rule": "a named rule: documentation, pattern, `where`, `->`, replacement",
    "target": "lists what a delegate takes",
    "cleanup": "changes to a model that no pattern describes, made by a Python function of a pack",
    "by": "the function that makes a cleanup's changes: pack.function, or pack.module.function",
    "accepts": "an operator that a target takes; several lines for one are alternatives",
    "extends": "a target takes what another one takes, and what stands here besides",
    "partitions": "which partitions a target is given: `largest 1`, or `first`",
    "requires": "what a target asks of every operator",
    "unpacks": "an operator that a target runs once, before the model, so that its results are constants",
    "where": "conditions, all of which must hold",
    "equal exact": "both sides give the same bits",
    "equal within": "both sides differ by at most this",
    "lossy within": "an approximation; applied only where the user allows it",
    "changes interface": "inputs or outputs change type or shape, or outputs go; applied only where the user allows it",
    "benefit": "rules with a higher one are tried first; 1 where nothing is said",
    "phase": "phases run in rising order, each to its fixed point; 0 where nothing is said",
    "shared": "matches also where other operators read what would disappear; the old operators stay for these",
    "const": "a tensor whose data is in the file",
    "like": "with the quantisation of another tensor",
    "absent": "an operand that is not there, an attribute without a value",
}
"""The words that begin items and clauses, and a few that stand in types and expressions."""
