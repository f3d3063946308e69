"""What the how-to pages show is what happens, on the models that they speak of."""

from __future__ import annotations

import re
import sys
from typing import TYPE_CHECKING, get_args

import pytest

from rewriter import changes, run
from rewriter.demo import demo_model
from tests.docs.sessions import replay
from tests.shared import CHECKOUT
from tests.unit.commands import RIGHT
from tests.unit.networks import Network
from tests.unit.test_packs import installed

if TYPE_CHECKING:
    from pathlib import Path

HOW_TO = CHECKOUT / "docs" / "how-to"
PREFIX = "StatefulPartitionedCall/"


def test_mediapipe_without_its_runtime(shared: Path, tmp_path: Path) -> None:
    for name in ("face_landmark_with_attention.tflite", "face_landmarker_with_blendshapes.task"):
        model = shared / "models" / "mediapipe" / name
        if not model.exists():
            pytest.skip(f"{name} is not at hand in {shared}")
        (tmp_path / name).symlink_to(model)
    replay(HOW_TO / "mediapipe-without-its-runtime.md", tmp_path)


def test_running_over_a_zoo(tmp_path: Path) -> None:
    pytest.importorskip("fsspec", reason="needs the extra `fsspec`")
    (tmp_path / "models" / "more").mkdir(parents=True)
    for name in ("first.tflite", "more/other.tflite"):
        demo_model().save(tmp_path / "models" / name)
    (tmp_path / "models" / "bad.tflite").write_text("hello")
    (tmp_path / "mine.pat").write_text(RIGHT)
    replay(HOW_TO / "run-over-a-zoo.md", tmp_path)


def test_looking_at_a_report(shared: Path, tmp_path: Path) -> None:
    model = shared / "models" / "mediapipe" / "face_landmark_with_attention.tflite"
    if not model.exists():
        pytest.skip(f"{model.name} is not at hand in {shared}")
    (tmp_path / model.name).symlink_to(model)
    page = HOW_TO / "look-at-a-report.md"
    replay(page, tmp_path)
    for name in ("report.html", "difference.html", "report.json", "rules.json"):
        assert (tmp_path / name).stat().st_size < 5_000_000
    for picture in re.findall(r"\]\(([^)]*\.png)\)", page.read_text()):
        assert (page.parent / picture).read_bytes().startswith(b"\x89PNG")


def test_writing_a_cleanup(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    page = (HOW_TO / "write-a-cleanup.md").read_text()
    (python,) = re.findall(r"^```python\n(.*?)^```", page, re.MULTILINE | re.DOTALL)
    (pat,) = re.findall(r"^```text\n(.*?)^```", page, re.MULTILINE | re.DOTALL)
    folder = tmp_path / "my_rules"
    folder.mkdir()
    for name, text in (("__init__.py", ""), ("names.py", python), ("names.pat", pat)):
        (folder / name).write_text(text)
    installed(tmp_path, monkeypatch, {"mypack": "my_rules"})
    monkeypatch.delitem(sys.modules, "my_rules.names", raising=False)
    network = Network()
    inner = network.add("NEG", [network.input(f"{PREFIX}x")], f"{PREFIX}inner")
    result = run.apply(network.build(network.add("ABS", [inner], f"{PREFIX}y")), packs=["mypack"])
    assert result.report.rewriting.rules_applied() == {"mypack.without_prefix": 1}
    assert [each.name for each in result.model.subgraphs[0].tensors] == [f"{PREFIX}x", "inner", f"{PREFIX}y"]


def test_every_change_that_a_cleanup_can_ask_for_is_on_the_page() -> None:
    page = (HOW_TO / "write-a-cleanup.md").read_text()
    named = set(re.findall(r"`([A-Z]\w+)\(", page))
    assert named == {each.__name__ for each in get_args(changes.Change)}
