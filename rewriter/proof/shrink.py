"""A difference made smaller by its values, after Hypothesis has made it small by its sizes."""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import TYPE_CHECKING

import numpy as np
from attrs import evolve

from rewriter.errors import ModelError
from rewriter.model import read
from rewriter.proof.trial import Instance, Outcome, Trials
from rewriter.verify.arrays import numpy_dtype

if TYPE_CHECKING:
    from rewriter.verify.protocol import Array

_SECONDS = 2.0
_ELEMENTS = 24


def smaller(trials: Trials, instance: Instance, outcome: Outcome) -> tuple[Instance, Outcome]:
    """The same difference with one series of inputs, and with as many plain values as it bears."""
    until = time.monotonic() + _SECONDS
    difference = outcome.difference
    if difference is not None and difference.series is not None:
        alone = evolve(instance, series=(instance.series[difference.series],))
        found = trials.run(alone)
        if found.fate == "differs":
            instance, outcome = alone, found
    changed = True
    while changed and time.monotonic() < until:
        changed = False
        for candidate in _candidates(instance):
            if time.monotonic() > until:
                break
            try:
                found = trials.run(candidate)
            except ModelError:
                continue
            if found.fate == "differs":
                instance, outcome, changed = candidate, found, True
                break
    return instance, outcome


def _candidates(instance: Instance) -> Iterator[Instance]:
    """Instances of which one array is plainer: an input, or a constant of the model."""
    series = instance.series[0] if instance.series else ()
    for place, value in enumerate(series):
        if place in instance.fixed:
            continue
        for plainer in _plainer(value):
            changed = (*series[:place], plainer, *series[place + 1 :])
            yield evolve(instance, series=(changed,))
    model = read(instance.model)
    for number, tensor in enumerate(model.subgraphs[0].tensors):
        if tensor.dtype not in ("f32", "f64") or tensor.data is None:
            continue
        values = np.frombuffer(tensor.data, numpy_dtype(tensor.dtype))
        for plainer in _plainer(values):
            other = read(instance.model)
            other.subgraphs[0].tensors[number].edit(buffer=other.new_buffer(plainer.tobytes()))
            other.modified = True
            yield evolve(instance, model=other.to_bytes())


def _plainer(value: Array) -> Iterator[Array]:
    if value.dtype.kind not in "fiu" or not value.size:
        return
    with np.errstate(all="ignore"):
        for whole in (np.zeros_like(value), np.ones_like(value)):
            if not np.array_equal(value, whole) and not _is_plain(value):
                yield whole
        if value.dtype.kind == "f":
            rounded = np.where(np.isfinite(value), np.round(value), value).astype(value.dtype)
            if not np.array_equal(rounded, value, equal_nan=True):
                yield rounded
    flat = value.reshape(-1)
    if flat.size > _ELEMENTS:
        return
    for place in range(flat.size):
        for plain in (0, 1):
            if flat[place] != plain and not (plain and flat[place] == 0):
                made = flat.copy()
                made[place] = plain
                yield made.reshape(value.shape)


def _is_plain(value: Array) -> bool:
    return bool(np.isin(value, (0, 1)).all())
