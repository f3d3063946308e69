"""Rules over elementwise operators of 8-bit values: every value of every operand, and of two operands every pair."""

from __future__ import annotations

import numpy as np

from rewriter.language.rules import Rule
from rewriter.proof.choice import RandomSource
from rewriter.proof.forms import Form, Maker
from rewriter.proof.plan import PlanTensor, Unfit
from rewriter.proof.trial import Instance, Outcome, Trials
from rewriter.verify.arrays import numpy_dtype
from rewriter.verify.protocol import Array

_OPERANDS = 2
# Scales and zero points stay open: so many of them are tried with all values.
_DRAWS = 4
_FORMS = 12
_ELEMENTWISE = frozenset({"QUANTIZE", "DEQUANTIZE"})
# Their results have their operands' shape, but each element depends on others beside it.
_BY_ROWS = frozenset({"SOFTMAX", "LOG_SOFTMAX", "L2_NORMALIZATION", "LOCAL_RESPONSE_NORMALIZATION"})


def all_values(
    rule: Rule, forms: list[Form], maker: Maker, trials: Trials, seed: int
) -> bool | tuple[Instance, Outcome]:
    """Whether both sides agree on all values, in every form of a rule; or the instance on which they do not.

    Args:
        rule: The rule.
        forms: Its forms of which there are instances.
        maker: Makes these.
        trials: Runs them.
        seed: For what stays open.
    """
    if rule.changes_interface or not forms or not all(_is_small(form) for form in forms):
        return False
    for number, form in enumerate(forms[:_FORMS]):
        agreed = 0
        for draw in range(_DRAWS):
            source = RandomSource.seeded(seed, number, draw)
            try:
                instance = maker.instance(form, source, tries=60, grid=_grid(form))
            except Unfit:
                continue
            outcome = trials.run(instance)
            if outcome.fate == "differs":
                return instance, outcome
            agreed += outcome.fate == "agrees"
        if not agreed:
            return False
    return len(forms) <= _FORMS


def _is_small(form: Form) -> bool:
    """Whether a form has only elementwise operators, on few enough operands of 8 bits."""
    operators = form.plan.operators
    elementwise = all(
        (each.declaration.elementwise and each.name not in _BY_ROWS) or each.name in _ELEMENTWISE for each in operators
    )
    return (
        elementwise
        and 0 < len(_open(form)) <= _OPERANDS
        and all(form.kinds[leaf].dtype in ("i8", "u8") for leaf in form.plan.leaves)
    )


def _open(form: Form) -> list[PlanTensor]:
    """The operands whose values the pattern does not write."""
    return [leaf for leaf in form.plan.leaves if not leaf.said.contents]


def _grid(form: Form) -> dict[PlanTensor, Array]:
    """All combinations of the values of a form's operands."""
    leaves = _open(form)
    dtypes = [numpy_dtype(form.kinds[leaf].dtype) for leaf in leaves]
    limits = [np.iinfo(dtype) for dtype in dtypes]
    axes: list[Array] = [np.arange(each.min, each.max + 1) for each in limits]
    tables: tuple[Array, ...] = np.meshgrid(*axes, indexing="ij")
    flat = [table.reshape(-1).astype(dtype) for table, dtype in zip(tables, dtypes, strict=True)]
    return dict(zip(leaves, flat, strict=True))
