"""The pack `toco`: the graph transformations of the converters, as rules and cleanups."""

from rewriter.patterns.toco.baggage import (
    eliminate_dead_subgraph,
    remove_duplicate_constants,
    remove_unused_parts,
    shorten_variable_names,
    strip_names,
)
from rewriter.patterns.toco.operators import common_subexpression_elimination, remove_dead_operators

__all__ = [
    "common_subexpression_elimination",
    "eliminate_dead_subgraph",
    "remove_dead_operators",
    "remove_duplicate_constants",
    "remove_unused_parts",
    "shorten_variable_names",
    "strip_names",
]
