"""Small detectors: raw boxes and scores, with or without what makes them, and TFLite_Detection_PostProcess behind."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from attrs import evolve, frozen
from hypothesis import strategies as st

from rewriter.dialect.options import flexbuffer
from rewriter.model import Signature
from rewriter.model import read as read_model
from tests.unit.networks import Network

if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import TypeAlias

    from numpy.typing import NDArray

    from rewriter.model import Model, Tensor

    Array: TypeAlias = NDArray[Any]

CUSTOM = "CUSTOM[TFLite_Detection_PostProcess]"
NAMES = ("boxes", "classes", "scores", "count")


@frozen
class Detector:
    """What a detector is like: its operator's options, its sizes, and how its operands are stored."""

    anchors: int = 30
    columns: int = 4
    classes: int = 3
    max_detections: int = 10
    per_box: int = 1
    per_class: int = 5
    regular: bool = False
    score_threshold: float = 0.3
    iou_threshold: float = 0.5
    scales: tuple[float, float, float, float] = (10.0, 10.0, 5.0, 5.0)
    stored: str = "f32"
    seed: int = 0

    @property
    def options(self) -> dict[str, Any]:
        names = ("y_scale", "x_scale", "h_scale", "w_scale")
        return {
            "max_detections": self.max_detections,
            "max_classes_per_detection": self.per_box,
            "detections_per_class": self.per_class,
            "use_regular_nms": self.regular,
            "nms_score_threshold": self.score_threshold,
            "nms_iou_threshold": self.iou_threshold,
            "num_classes": self.classes,
            **dict(zip(names, self.scales, strict=True)),
        }

    @property
    def anchor_values(self) -> Array:
        rng = np.random.default_rng(self.seed)
        if self.stored == "u8":
            return rng.integers(0, 256, (self.anchors, 4)).astype(np.uint8)
        values = rng.random((self.anchors, 4))
        values[:, 2:] *= rng.choice([0.0, 0.2, 0.4], (self.anchors, 2))
        return values.astype(np.float32)

    def inputs(self, seed: int, *, grid: int = 0) -> tuple[Array, Array]:
        """Raw boxes and scores; `grid` lets scores take so many values only, so that some are equal."""
        rng = np.random.default_rng([seed, 1])
        shapes = (1, self.anchors, 4), (1, self.anchors, self.columns)
        if self.stored == "u8":
            boxes, scores = (rng.integers(0, 256, shape).astype(np.uint8) for shape in shapes)
            return boxes, scores
        scores = rng.random(shapes[1])
        if grid:
            scores = np.round(scores * grid) / grid
        return rng.normal(0.0, 2.0, shapes[0]).astype(np.float32), scores.astype(np.float32)

    def network(self) -> tuple[Network, list[Tensor]]:
        """The operator on two inputs, and its results."""
        network = Network()
        kind = {"dtype": self.stored}
        if self.stored == "u8":
            b = network.input("b", (1, self.anchors, 4), scale=0.05, zero=128, **kind)
            s = network.input("s", (1, self.anchors, self.columns), scale=1 / 256, **kind)
        else:
            b = network.input("b", (1, self.anchors, 4))
            s = network.input("s", (1, self.anchors, self.columns))
        return network, self.behind(network, b, s)

    def behind(
        self, network: Network, b: Tensor, s: Tensor, *, options: Mapping[str, Any] | None = None
    ) -> list[Tensor]:
        quantized: dict[str, Any] = {"scale": 1 / 255} if self.stored == "u8" else {}
        anchors = network.constant("anchors", self.anchor_values, self.stored, **quantized)
        size = self.max_detections * self.per_box
        shapes = (1, size, 4), (1, size), (1, size), (1,)
        results = [network.tensor(name, shape) for name, shape in zip(NAMES, shapes, strict=True)]
        network.add(CUSTOM, [b, s, anchors], results, custom=flexbuffer(dict(options or self.options)))
        return results

    def model(self) -> Model:
        network, results = self.network()
        return network.build(*results)

    def dequantized(self) -> Model:
        """As after post-training quantization: bytes, and floats only behind two DEQUANTIZE."""
        network = Network()
        real: list[Tensor] = []
        for name, columns, scale, zero in (("b", 4, 0.05, 3), ("s", self.columns, 1 / 256, -128)):
            form: Any = {"shape": (1, self.anchors, columns), "dtype": "i8", "scale": scale, "zero": zero}
            made = network.add("RELU", [network.input(name, **form)], network.tensor(f"stored_{name}", **form))
            real.append(network.add("DEQUANTIZE", [made], f"real_{name}", made.shape, "f32", version=2))
        return network.build(*self.behind(network, *real))

    def hold_detections(self, counts: int) -> Array:
        """Which rows of the results the kernel fills: the others hold what was there before."""
        if self.regular:
            return np.arange(counts)
        rows = np.arange(counts * self.per_box)
        return rows[rows % self.per_box < min(self.per_box, self.classes)]


def with_signature(model: Model) -> Model:
    """The model with a signature that names its inputs and outputs as TensorFlow's exporter does."""
    (subgraph,) = model.subgraphs
    outputs = [(f"detection_{each.name}", each) for each in subgraph.outputs]
    inputs = [(f"serving_{each.name}", each) for each in subgraph.inputs]
    model.signatures = [Signature("serving_default", subgraph, inputs, outputs)]
    model.modified = True
    return read_model(model.to_bytes())


@st.composite
def detectors(draw: st.DrawFn) -> Detector:
    """Detectors of every kind that the runtime takes."""
    classes = draw(st.integers(1, 4))
    made = Detector(
        anchors=draw(st.integers(1, 40)),
        columns=classes + draw(st.integers(0, 1)),
        classes=classes,
        max_detections=draw(st.integers(1, 12)),
        per_class=draw(st.integers(1, 8)),
        regular=draw(st.booleans()),
        score_threshold=draw(st.sampled_from([-20.0, 0.0, 0.25, 0.3, 0.9])),
        iou_threshold=draw(st.sampled_from([0.01, 0.3, 0.5, 0.6, 1.0])),
        scales=draw(st.sampled_from([(10.0, 10.0, 5.0, 5.0), (1.0, 2.0, 3.0, 4.0), (0.1, 0.1, 0.2, 0.2)])),
        stored=draw(st.sampled_from(["f32", "u8"])),
        seed=draw(st.integers(0, 1 << 16)),
    )
    return evolve(made, per_box=draw(st.integers(1, 3)) if made.stored == "f32" else 1)
