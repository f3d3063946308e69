"""Which rule made each operator, as node data that Model Explorer lays over a model's graph.

Source:
    Model Explorer, "Custom node data": results by graph and by the name of a result tensor.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

COLOURS = ("#8ecae6", "#ffb703", "#b7e4c7", "#ffafcc", "#cdb4db", "#f4a261", "#a3b18a", "#e5989b", "#bde0fe", "#e9c46a")
"""Rules take turns with them. Text on all of them is dark."""
_INK = "#1b2330"


def graph_id(subgraph: Mapping[str, Any]) -> str:
    """What Model Explorer calls a subgraph of a model."""
    return subgraph["name"] or ("main" if not subgraph["index"] else f"subgraph_{subgraph['index']}")


def colours(model: Mapping[str, Any]) -> dict[str, str]:
    """A colour for each rule that fired.

    Args:
        model: One model of a report's document.
    """
    return {rule["rule"]: COLOURS[place % len(COLOURS)] for place, rule in enumerate(model["rules"])}


def node_data(model: Mapping[str, Any], side: str = "after") -> dict[str, Any]:
    """Node data for a model: the rule that made an operator, or, for the model before, that replaced it.

    Args:
        model: One model of a report's document.
        side: `before` or `after`.
    """
    chosen = colours(model)
    graphs = model["graphs"][side]
    found: dict[str, Any] = {graph_id(each): {"name": "rewriter", "results": {}} for each in graphs}
    for application in model["applications"]:
        rule = application["rule"] or "differs"
        for subgraph, index in application[side]:
            graph = graphs[subgraph]
            for tensor in graph["operators"][index]["outputs"]:
                result = {"value": rule, "bgColor": chosen.get(rule, COLOURS[0]), "textColor": _INK}
                found[graph_id(graph)]["results"][graph["tensors"][tensor]["name"]] = result
    return found
