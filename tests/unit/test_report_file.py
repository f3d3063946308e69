"""`--report`: the same facts as JSON and as a page, and what it says where it cannot be written."""

from __future__ import annotations

import json
import math
import re
from typing import TYPE_CHECKING, Any

import pytest

import rewriter as program
from rewriter.cli import main
from rewriter.demo import demo_model
from rewriter.errors import UsageError
from rewriter.report.graph import plain
from rewriter.report.page import embedded, page
from tests.unit.commands import RIGHT, WRONG
from tests.unit.networks import Network

if TYPE_CHECKING:
    from pathlib import Path

EVIL = "</script><b>\u2028{{data}}<!--"


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("REWRITER_CACHE_DIR", str(tmp_path / "cache"))  # what others showed of these rules is not known
    demo_model().save("in.tflite")
    (tmp_path / "right.pat").write_text(RIGHT)
    (tmp_path / "wrong.pat").write_text(WRONG)
    return tmp_path


def data_of(text: str) -> Any:
    """The document in a page."""
    (found,) = re.findall(r'<script type="application/json" id="data">(.*?)</script>', text, re.DOTALL)
    return json.loads(found)


def run(*arguments: str) -> int:
    return main(list(arguments))


def test_the_page_and_the_json_file_hold_the_same_facts(place: Path) -> None:
    options = ["apply", "in.tflite", "-r", "right.pat", "-q", "--check", "none", "--target", "nnapi_1_2"]
    assert run(*options, "--report", "a.json", "-o", "out.tflite") == 0
    assert run(*options, "--report", "a.html", "-o", "out.tflite") == 0
    document = json.loads((place / "a.json").read_text())
    shown = data_of((place / "a.html").read_text())
    for each in (document, shown):
        for step in each["models"][0]["seconds"]:
            each["models"][0]["seconds"][step] = 0.0
    assert shown == {name: document[name] for name in shown}
    assert (document["input"], document["output"], document["program"]) == (
        "in.tflite",
        "out.tflite",
        program.__version__,
    )
    # What `--json` prints is there as well.
    assert document["rules_applied"] == {"right:1": 1}


def test_a_report_says_what_happened_to_each_operator(place: Path) -> None:
    assert run("apply", "in.tflite", "-r", "right.pat", "-q", "--report", "a.json", "-o", "out.tflite") == 0
    (model,) = json.loads((place / "a.json").read_text())["models"]
    (rule,) = model["rules"]
    assert (rule["rule"], rule["count"], rule["shown"], rule["equal"]) == ("right:1", 1, "claimed", "equal")
    assert rule["text"] == RIGHT.strip()
    (application,) = model["applications"]
    assert (application["root"], application["before"], application["after"]) == ("decoder", [[0, 1]], [[0, 1], [0, 2]])
    assert application["check"]["equal"] is True
    before, after = (model["graphs"][side][0] for side in ("before", "after"))
    assert [each.get("same") for each in before["operators"]] == [[0, 0], None, [0, 3]]
    assert [each.get("same") for each in after["operators"]] == [[0, 0], None, None, [0, 2]]
    convolution = after["operators"][1]
    assert convolution["operator"] == "TRANSPOSE_CONV"
    assert convolution["attributes"]["stride_h"] == 2
    assert convolution["operands"][:3] == ["output_shape", "filter", "input"]
    shape, filter_ = (after["tensors"][index] for index in convolution["inputs"][:2])
    assert (shape["type"], shape["values"]) == ("i32", [1, 16, 16, 2])
    assert (filter_["shape"], filter_["constant_bytes"], "values" in filter_) == ([2, 2, 2, 8], 256, False)
    assert model["sizes"]["after"]["bytes"] == (place / "out.tflite").stat().st_size
    assert model["sizes"]["before"]["operators"] == 3
    assert (model["targets"], model["times"]) == ([], {})


def test_times_are_there_where_they_were_measured(place: Path) -> None:
    options = ["--check", "none", "-q", "--time", "--report", "a.json", "--dry-run"]
    assert run("apply", "in.tflite", "-r", "right.pat", *options) == 0
    (model,) = json.loads((place / "a.json").read_text())["models"]
    assert [len(model["times"][side]["operators"]) for side in ("before", "after")] == [3, 4]


def test_a_check_that_failed_has_its_report(place: Path) -> None:
    assert run("apply", "in.tflite", "-r", "wrong.pat", "-q", "--report", "a.html", "-o", "out.tflite") == 1
    document = data_of((place / "a.html").read_text())
    assert document["output"] is None
    assert document["models"][0]["check"]["status"] == "failed"
    assert document["models"][0]["applications"][0]["check"]["equal"] is False


def test_names_from_a_model_end_no_element() -> None:
    document = {"input": f"{EVIL}.tflite", "output": None, "name": EVIL}
    text = page(document)
    assert data_of(text) == document
    assert "</script><b>" not in text
    assert "<b>" not in embedded(document)
    assert "<title>script&gt;&lt;b&gt;\u2028{{data}}&lt;!--.tflite · rewriter</title>" in text


def test_figures_that_json_has_not_are_words() -> None:
    assert plain({"a": [math.inf, -math.inf, 1.5], "b": None}) == {"a": ["inf", "-inf", 1.5], "b": None}
    assert plain(math.nan) == "nan"
    assert len(plain(list(range(100)))) == 65
    assert plain("x" * 1000) == "x" * 500 + "…"


def test_a_name_that_is_not_utf_8_is_reported_as_it_stands(place: Path) -> None:
    network = Network()
    network.build(network.add("NEG", [network.input("b\udcff")], "y\udcff")).save("odd.tflite")
    (place / "neg.pat").write_text("NEG(x: f32) -> MUL(x, -1.0)\n")
    for name in ("a.html", "a.json"):
        assert run("apply", "odd.tflite", "-r", "neg.pat", "-q", "--check", "none", "--dry-run", "--report", name) == 0
        text = (place / name).read_text(encoding="utf-8")
        document = json.loads(text) if name == "a.json" else data_of(text)
        assert document["models"][0]["applications"][0]["root"] == "y\udcff"


def test_a_difference_is_reported_in_the_same_form(place: Path) -> None:
    assert run("apply", "in.tflite", "-r", "right.pat", "-q", "--check", "none", "-o", "out.tflite") == 0
    assert run("diff", "in.tflite", "out.tflite", "-q", "--report", "a.json") == 0
    (model,) = json.loads((place / "a.json").read_text())["models"]
    (application,) = model["applications"]
    assert (application["rule"], application["before"], application["after"]) == (None, [[0, 1]], [[0, 1], [0, 2]])
    assert [each.get("same") for each in model["graphs"]["before"][0]["operators"]] == [[0, 0], None, [0, 3]]
    assert run("diff", "in.tflite", "out.tflite", "-q", "--report", "a.html") == 0
    assert data_of((place / "a.html").read_text())["models"][0] == model


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["--report", "a.txt"], "a.txt: a report is written as .html"),
        (["--report", "nowhere/a.html"], "nowhere/a.html: cannot be written"),
        (["--report", "a.html", "--target", "nnapi_1_9"], "there is no target 'nnapi_1_9'"),
        (["--target", "nnapi_1_2"], "--target adds to a report, and none is written"),
        (["--time"], "--time adds to a report, and none is written"),
    ],
)
def test_what_cannot_be_written_is_said(
    place: Path, options: list[str], said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    arguments = ["apply", "in.tflite", "-r", "right.pat", "--check", "none", "--dry-run", *options]
    assert run(*arguments) == 2
    error = capsys.readouterr().err
    assert said in error
    assert "Traceback" not in error


def test_a_report_is_saved_from_python(place: Path) -> None:
    result = program.apply("in.tflite", rules=["right.pat"], check="none")
    result.report.save(place / "a.html")
    assert data_of((place / "a.html").read_text())["input"] == "in.tflite"
    result.report.save(place / "a.json", source="mine.tflite")
    document = json.loads((place / "a.json").read_text())
    assert (document["input"], document["rules_applied"]) == ("mine.tflite", {"right:1": 1})
    with pytest.raises(UsageError, match=r"report\.txt"):
        result.report.save(place / "report.txt")


def test_a_model_in_which_nothing_matches_is_shown_as_it_is(place: Path) -> None:
    (place / "none.pat").write_text("CUSTOM[Nowhere](x) -> x\n")
    assert run("apply", "in.tflite", "-r", "none.pat", "-q", "--dry-run", "--report", "a.json") == 0
    (model,) = json.loads((place / "a.json").read_text())["models"]
    assert model["applications"] == []
    assert [each["same"] for each in model["graphs"]["after"][0]["operators"]] == [[0, 0], [0, 1], [0, 2]]
