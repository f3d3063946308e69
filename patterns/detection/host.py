"""The post-processing of one model, for whoever runs the model without it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from attrs import field, frozen

from rewriter.errors import UsageError
from rewriter.model import Model, read
from rewriter.packs import find_declaration
from rewriter.patterns.detection.kernels import Detections, dequantized, postprocess
from rewriter.verify.arrays import constant

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    from rewriter.model import Operator, Tensor
    from rewriter.patterns.detection.kernels import Floats

_CODE = "TFLite_Detection_PostProcess"
_BEFORE = "give the model as it was before its post-processing was cut off"

Steps = tuple[float, int]


@frozen(eq=False)
class PostProcess:
    """What the operator TFLite_Detection_PostProcess of a model does, as a function.

    Attributes:
        options: The operator's fields, by name.
        anchors: float32 ``[anchors, 4]``: centre y, centre x, height, width.
        steps: Scale and zero point of box encodings and class predictions as the cut model gives them; None for floats.
        places: Where the cut model has these two among its outputs; None where the operator's results are no outputs.
    """

    options: Mapping[str, Any]
    anchors: Floats = field(repr=False)
    steps: tuple[Steps | None, Steps | None] = (None, None)
    places: tuple[int, int] | None = None

    @classmethod
    def of(cls, model: Model | bytes | str | Path) -> PostProcess:
        """Read the operator and its anchors from a model that has it.

        Args:
            model: The model before it was cut: a path, the bytes of its file, or one that was read.

        Raises:
            UsageError: It has no such operator, or several, or one whose anchors are no constant.
            ModelError: It is no model.
        """
        given = model if isinstance(model, Model) else read(model)
        found = [each for each in given.operators() if each.code.custom_code == _CODE]
        if len(found) != 1:
            raise UsageError(f"the model has {len(found) or 'no'} operators {_CODE}, not one", hint=_BEFORE)
        (operator,) = found
        declaration = find_declaration(_CODE)
        assert declaration is not None
        boxes, scores, anchors = operator.inputs
        if boxes is None or scores is None or anchors is None or not anchors.is_constant:
            raise UsageError(f"the anchors of {operator.outputs[0].name!r} are no constant of the model", hint=_BEFORE)
        options = {name: declaration.attribute(operator, name) for name in declaration.attributes}
        steps = _steps(anchors)
        values = constant(anchors)
        real = dequantized(values, *steps) if steps is not None else values.astype(np.float32)
        return cls(options, real, (_steps(_stored(boxes)), _steps(_stored(scores))), _places(given, operator))

    def __call__(self, box_encodings: NDArray[Any], class_predictions: NDArray[Any]) -> Detections:
        """The detections that the operator gives for these operands.

        Args:
            box_encodings: ``[1, anchors, 4 or more]``: float32, or integers as the model stores them.
            class_predictions: ``[1, anchors, classes]``: likewise.

        Raises:
            ValueError: They do not fit the operator.
        """
        boxes, scores = (
            _real(value, steps) for value, steps in zip((box_encodings, class_predictions), self.steps, strict=True)
        )
        return Detections(*postprocess(boxes, scores, self.anchors, **self.options))

    def of_outputs(self, outputs: Sequence[NDArray[Any]]) -> Detections:
        """The detections for all outputs of the cut model, in its own order.

        Raises:
            UsageError: The operator's results were no outputs of the model, so that none was cut off there.
            ValueError: The outputs do not fit the operator.
        """
        if self.places is None or max(self.places) >= len(outputs):
            raise UsageError(f"these {len(outputs)} arrays are not the outputs of this model, cut", hint=_BEFORE)
        return self(*(outputs[place] for place in self.places))

    def save(self, path: str | Path) -> None:
        """Write all of it to an ``.npz`` file, to go with the cut model."""
        said = {"options": self.options, "steps": self.steps, "places": self.places}
        with Path(path).open("wb") as file:
            np.savez(file, anchors=self.anchors, said=np.array(json.dumps(said)))

    @classmethod
    def load(cls, path: str | Path) -> PostProcess:
        """Read what `save` wrote.

        Raises:
            UsageError: The file holds something else.
        """
        try:
            with np.load(path, allow_pickle=False) as file:
                anchors, said = file["anchors"], json.loads(str(file["said"]))
            boxes, scores = (None if each is None else (float(each[0]), int(each[1])) for each in said["steps"])
            places = said["places"] and tuple(said["places"])
            return cls(said["options"], anchors, (boxes, scores), places)
        except (OSError, KeyError, ValueError, TypeError) as error:
            raise UsageError(f"{str(path)!r} holds no post-processing: {error}", hint="PostProcess.save") from error


def _stored(tensor: Tensor) -> Tensor:
    """What the cut model gives for an operand: a DEQUANTIZE in front of it is cut off, too."""
    producer = tensor.producer
    before = producer.inputs[0] if producer is not None and producer.name == "DEQUANTIZE" else None
    return before or tensor


def _steps(tensor: Tensor) -> Steps | None:
    quantization = tensor.quantization
    if quantization is None or len(quantization.scale) != 1:
        return None
    return quantization.scale[0], quantization.zero_point[0] if quantization.zero_point else 0


def _real(value: NDArray[Any], steps: Steps | None) -> Floats:
    if value.dtype.kind == "f":
        return value.astype(np.float32, copy=False)
    if steps is None:
        raise ValueError(f"the model gives floats here, and {value.dtype} is none")
    return dequantized(value, *steps)


def _places(model: Model, operator: Operator) -> tuple[int, int] | None:
    """Where the rules put box encodings and class predictions: in the places of boxes and scores."""
    boxes, classes, scores, count = operator.outputs
    subgraph = next(each for each in model.subgraphs if operator in each.operators)
    left = [tensor for tensor in subgraph.outputs if tensor not in (classes, count)]
    return (left.index(boxes), left.index(scores)) if boxes in left and scores in left else None
