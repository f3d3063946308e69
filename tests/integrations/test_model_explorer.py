"""Model Explorer itself, with the extension and the node data that are written for it."""

from __future__ import annotations

import json
import os
from importlib import import_module
from typing import TYPE_CHECKING, Any

import pytest

from rewriter.cli import main
from rewriter.demo import demo_model
from rewriter.errors import UsageError
from rewriter.integrations.model_explorer import read_report
from rewriter.report.overlay import node_data
from tests.unit.commands import RIGHT
from tests.unit.networks import Network

if TYPE_CHECKING:
    from pathlib import Path

REASON = "the tests of Model Explorer as a host need it: pip install ai-edge-model-explorer"
EXTENSION = "rewriter.integrations.model_explorer"


@pytest.fixture
def explorer() -> Any:
    """Its own manager of extensions, with ours, as `model-explorer --extensions=...` starts it."""
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    pytest.importorskip("model_explorer", reason=REASON)
    manager: Any = import_module("model_explorer.extension_manager").ExtensionManager([EXTENSION])
    manager.load_extensions()
    return manager


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    demo_model().save("in.tflite")
    (tmp_path / "right.pat").write_text(RIGHT)
    arguments = ["apply", "in.tflite", "-r", "right.pat", "-o", "out.tflite", "--check", "none", "-q"]
    assert main([*arguments, "--report", "report.json", "--node-data", "node_data.json"]) == 0
    return tmp_path


def graphs(explorer: Any, extension: str, path: Path) -> dict[str, list[dict[str, Any]]]:
    """The graphs that an adapter makes of a file, by the label of their collection."""
    command = {"cmdId": "convert", "extensionId": extension, "modelPath": str(path), "settings": {}}
    found = explorer.run_cmd({**command, "deleteAfterConversion": False})
    return {each["label"]: each["graphs"] for each in found["graphCollections"]}


def named(pairs: list[dict[str, str]]) -> dict[str, str]:
    return {each["key"]: each["value"] for each in pairs}


def test_a_report_is_shown_before_and_after(explorer: Any, place: Path) -> None:
    found = graphs(explorer, "rewriter_report", place / "report.json")
    assert list(found) == ["before", "after"]
    ((before,), (after,)) = found.values()
    assert [node["label"] for node in before["nodes"]] == [
        "GraphInputs",
        "CONV_2D",
        "CUSTOM[Convolution2DTransposeBias]",
        "LOGISTIC",
        "GraphOutputs",
    ]
    assert [node["label"] for node in after["nodes"][2:4]] == ["TRANSPOSE_CONV", "ADD"]
    replaced, made = before["nodes"][2], after["nodes"][2]
    assert named(replaced["attrs"])["replaced by"] == named(made["attrs"])["made by"] == "right:1"
    assert replaced["style"]["backgroundColor"] != made["style"]["backgroundColor"] != ""
    assert [node["style"] for node in (before["nodes"][1], after["nodes"][1])] == [None, None]
    attributes = named(made["attrs"])
    assert attributes["stride_h"] == "2"
    assert attributes["filter"] == "decoder/filter f32[2,2,2,8]"
    assert [edge["sourceNodeId"] for edge in made["incomingEdges"]] == [after["nodes"][1]["id"]]
    assert named(made["outputsMetadata"][0]["attrs"])["tensor_name"] == "decoder/2"
    for graph in (before, after):
        ids = {node["id"] for node in graph["nodes"]}
        assert len(ids) == len(graph["nodes"])
        assert {edge["sourceNodeId"] for node in graph["nodes"] for edge in node["incomingEdges"]} <= ids


def test_a_model_is_shown_with_what_the_default_packs_would_make_of_it(explorer: Any, place: Path) -> None:
    found = graphs(explorer, "rewriter_preview", place / "in.tflite")
    made = [node["label"] for node in found["after"][0]["nodes"] if node["style"]]
    assert [node["label"] for node in found["before"][0]["nodes"] if node["style"]] == [
        "CUSTOM[Convolution2DTransposeBias]"
    ]
    assert made == ["TRANSPOSE_CONV"]


def test_it_is_offered_for_the_files_that_it_reads(explorer: Any) -> None:
    offered = {each["id"]: each["fileExts"] for each in explorer.get_extensions_metadata()}
    assert offered["rewriter_report"] == ["json"]
    assert offered["rewriter_preview"] == ["tflite"]


def test_node_data_finds_the_operators_in_its_own_view_of_the_model(explorer: Any, place: Path) -> None:
    node_data_builder: Any = import_module("model_explorer").node_data_builder
    written = json.loads((place / "node_data.json").read_text())
    ((graph,),) = graphs(explorer, "builtin_tflite_flatbuffer", place / "out.tflite").values()
    assert list(written) == [graph["id"]]
    results = written[graph["id"]]["results"]
    marked = {
        node["label"]
        for node in graph["nodes"]
        for output in node["outputsMetadata"]
        if named(output["attrs"]).get("tensor_name") in results and node["label"] != "pseudo_const"
    }
    assert marked == {"transpose_conv", "add"}
    assert {each["value"] for each in results.values()} == {"right:1"}
    # It is what its own builder would write.
    built = node_data_builder.GraphNodeData(
        {name: node_data_builder.NodeDataResult(**each) for name, each in results.items()}, name="rewriter"
    )
    again = json.loads(node_data_builder.ModelNodeData({graph["id"]: built}).to_json_string())
    assert written[graph["id"]].items() <= again[graph["id"]].items()


def test_subgraphs_are_named_as_it_names_them(explorer: Any, tmp_path: Path) -> None:
    network, body = Network(), Network()
    inner = body.add("NEG", [body.input("b")], "c")
    path = tmp_path / "in.tflite"
    network.build(network.add("ABS", [network.input()], "y"), others=[(body, [inner])]).save(path)
    (theirs,) = graphs(explorer, "builtin_tflite_flatbuffer", path).values()
    ours = graphs(explorer, "rewriter_preview", path)["before"]
    assert [graph["id"] for graph in ours] == [graph["id"] for graph in theirs] == ["s0", "s1"]


def test_node_data_tells_both_sides() -> None:
    import rewriter

    document = rewriter.apply(demo_model(), rules=[rewriter.compile_rules(RIGHT)], check="none").report.document()
    (model,) = document["models"]
    before, after = (node_data(model, side) for side in ("before", "after"))
    assert list(before["main"]["results"]) == ["decoder"]
    assert sorted(after["main"]["results"]) == ["decoder", "decoder/2"]


def test_what_is_no_report_is_refused(tmp_path: Path) -> None:
    (tmp_path / "list.json").write_text("[]")
    (tmp_path / "text.json").write_text("no JSON")
    for name, said in (("list.json", "is no report"), ("text.json", "cannot be read"), ("none.json", "cannot be read")):
        with pytest.raises(UsageError, match=said):
            read_report(str(tmp_path / name))
