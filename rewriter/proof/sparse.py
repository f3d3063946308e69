"""Constants in the sparse format, of which DENSIFY makes plain ones."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from rewriter.model import Sparsity
from rewriter.proof.plan import Unfit

if TYPE_CHECKING:
    from rewriter.verify.protocol import Array


def sparse(values: Array, seed: int) -> tuple[bytes, Sparsity]:
    """A constant about half of whose elements have become zeros, each row of the last dimension stored without them.

    Args:
        values: Stored values.
        seed: Which elements.

    Returns:
        The bytes of those that are left, and where they stand.

    Raises:
        Unfit: A scalar has no rows.

    Source:
        The schema's SparsityParameters; LiteRT's FormatConverter.
    """
    if not values.ndim:
        raise Unfit("a scalar is not stored in a sparse format")
    dropped = np.random.default_rng(seed).random(values.size) < 0.5
    kept = values.copy().reshape(-1)
    kept[dropped] = 0
    rows = kept.reshape(-1, values.shape[-1])
    there = rows != 0
    segments = (0, *np.cumsum(there.sum(axis=1)).tolist())
    indices = tuple(np.nonzero(there)[1].tolist())
    return rows[there].tobytes(), Sparsity((*values.shape[:-1], (segments, indices)))
