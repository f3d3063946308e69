"""Delegates, by what they take: the partitions that a model is cut into, what stays outside, and what could be done."""

from rewriter.language.target import Target
from rewriter.targets.lifting import Lift, Study, study
from rewriter.targets.partition import cut, left_over
from rewriter.targets.prediction import Blocked, Prediction, predict

__all__ = ["Blocked", "Lift", "Prediction", "Study", "Target", "cut", "left_over", "predict", "study"]
