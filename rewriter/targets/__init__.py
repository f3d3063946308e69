"""Delegates, by what they take: the partitions that a model is cut into, what stays outside, and what could be done.

from rewriter import load
from rewriter.targets import installed_targets, predict

found = predict(load("in.tflite"), installed_targets()["nnapi_1_2"])
print(found.partitions, [each.reason for each in found.blocked])
"""

from rewriter import packs
from rewriter.language.target import Target
from rewriter.targets.lifting import Lift, Study, study
from rewriter.targets.partition import cut, left_over
from rewriter.targets.prediction import Blocked, Prediction, predict

__all__ = [
    "Blocked",
    "Lift",
    "Prediction",
    "Study",
    "Target",
    "cut",
    "installed_targets",
    "left_over",
    "predict",
    "study",
]


def installed_targets() -> dict[str, Target]:
    """The targets of all packs that load, by name; where two packs have one of the same name, that of the first."""
    found: dict[str, Target] = {}
    for rules in packs.load_all()[0].values():
        for target in rules.targets:
            found.setdefault(target.name, target)
    return found
