"""The adapters that Model Explorer finds under this name, in its own classes."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any, ClassVar

from rewriter.integrations.model_explorer import preview, read_report
from rewriter.report.overlay import colours, graph_id

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

# A program that not everybody has, and whose types are unknown where it is not.
_explorer: Any = import_module("model_explorer")
Adapter: Any = _explorer.Adapter
graph_builder: Any = _explorer.graph_builder

_GONE: Any = graph_builder.GraphNodeStyle("#fdecea", "#b3261e", "#b3261e")
_INPUTS, _OUTPUTS = "inputs", "outputs"


class ReportAdapter(Adapter):
    """A report of `rewriter apply`, before and after."""

    metadata: ClassVar[Any] = _explorer.AdapterMetadata(
        id="rewriter_report",
        name="rewriter report",
        description="What rules replaced in a model, and what they made.",
        fileExts=["json"],
    )

    def convert(self, model_path: str, settings: Mapping[str, Any]) -> Any:
        """Both graphs of every model in a report."""
        return shown(read_report(model_path))


class PreviewAdapter(Adapter):
    """A model, and what the default packs would make of it."""

    metadata: ClassVar[Any] = _explorer.AdapterMetadata(
        id="rewriter_preview",
        name="rewriter preview",
        description="What the default packs would make of a model.",
        fileExts=["tflite"],
    )

    def convert(self, model_path: str, settings: Mapping[str, Any]) -> Any:
        """Both graphs."""
        return shown(preview(model_path))


def shown(document: Mapping[str, Any]) -> dict[str, Any]:
    """A document's graphs, as Model Explorer takes them: a collection for each side of each model."""
    found: list[Any] = []
    for model in document["models"]:
        for side in ("before", "after"):
            graphs = [_graph(model, side, graph) for graph in model["graphs"][side]]
            label = f"{model['name']} {side}".strip()
            found.append(graph_builder.GraphCollection(label, graphs))
    return {"graphCollections": found}


def _graph(model: Mapping[str, Any], side: str, graph: Mapping[str, Any]) -> Any:
    makers = {
        tensor: (str(index), str(place))
        for index, operator in enumerate(graph["operators"])
        for place, tensor in enumerate(operator["outputs"])
    }
    makers |= {tensor: (_INPUTS, str(place)) for place, tensor in enumerate(graph["inputs"])}
    touched = _touched(model, side, graph["index"])
    names = {each["index"]: graph_id(each) for each in model["graphs"][side]}
    nodes: list[Any] = [
        graph_builder.GraphNode(_INPUTS, "GraphInputs", outputsMetadata=_metadata(graph, graph["inputs"]))
    ]
    nodes += [
        graph_builder.GraphNode(
            str(index),
            operator["operator"],
            _namespace(graph, operator),
            [names[body] for body in operator.get("bodies", ()) if body in names],
            [*touched.get(index, ((), None))[0], *_attributes(graph, operator)],
            _edges(operator["inputs"], makers),
            _metadata(graph, operator["outputs"]),
            style=touched.get(index, ((), None))[1],
        )
        for index, operator in enumerate(graph["operators"])
    ]
    nodes.append(graph_builder.GraphNode(_OUTPUTS, "GraphOutputs", incomingEdges=_edges(graph["outputs"], makers)))
    rules = {rule["rule"]: f"{rule['count']}, {rule['equal']}, {rule['shown']}" for rule in model["rules"]}
    return graph_builder.Graph(graph_id(graph), nodes, {"": {"side": side, **rules}})


def _touched(model: Mapping[str, Any], side: str, subgraph: int) -> dict[int, tuple[list[Any], Any]]:
    """For each operator that an application has to do with: what to say of it, and how to show it."""
    chosen = colours(model)
    verb = {"before": "replaced by", "after": "made by"}[side]
    found: dict[int, tuple[list[Any], Any]] = {}
    for application in model["applications"]:
        rule = application["rule"] or "a difference"
        colour = chosen.get(rule, "#e6f5ea")
        style: Any = _GONE if side == "before" else graph_builder.GraphNodeStyle(colour, "#17713a", "#17713a")
        told: list[Any] = [graph_builder.KeyValue(verb, rule), graph_builder.KeyValue("at", application["root"])]
        found |= {index: (told, style) for where, index in application[side] if where == subgraph}
    return found


def _attributes(graph: Mapping[str, Any], operator: Mapping[str, Any]) -> Iterator[Any]:
    for name, value in operator["attributes"].items():
        yield graph_builder.KeyValue(name, str(value))
    for place, tensor in enumerate(operator["inputs"]):
        if tensor >= 0 and "constant_bytes" in graph["tensors"][tensor]:
            constant = graph["tensors"][tensor]
            name = operator["operands"][place] or f"operand {place}"
            values = f" = {constant['values']}" if "values" in constant else ""
            yield graph_builder.KeyValue(name, f"{constant['name']} {_kind(constant)}{values}")


def _edges(tensors: list[int], makers: Mapping[int, tuple[str, str]]) -> list[Any]:
    return [
        graph_builder.IncomingEdge(*makers[tensor], str(place))
        for place, tensor in enumerate(tensors)
        if tensor in makers
    ]


def _metadata(graph: Mapping[str, Any], tensors: list[int]) -> list[Any]:
    found: list[Any] = []
    for place, index in enumerate(tensors):
        tensor = graph["tensors"][index]
        pairs = {"tensor_name": tensor["name"], "tensor_shape": _kind(tensor), "tensor_index": str(index)}
        if "quantization" in tensor:
            pairs["quantization"] = str(tensor["quantization"])
        attributes: list[Any] = [graph_builder.KeyValue(*pair) for pair in pairs.items()]
        found.append(graph_builder.MetadataItem(str(place), attributes))
    return found


def _namespace(graph: Mapping[str, Any], operator: Mapping[str, Any]) -> str:
    """The folders in the first result's name, of the first of those that a converter joined."""
    if not operator["outputs"]:
        return ""
    name: str = graph["tensors"][operator["outputs"][0]]["name"]
    return name.partition(";")[0].rpartition("/")[0]


def _kind(tensor: Mapping[str, Any]) -> str:
    return f"{tensor['type']}[{','.join('?' if size is None else str(size) for size in tensor['shape'])}]"
