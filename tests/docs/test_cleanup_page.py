"""What the page about cleanups shows is what happens, in a pack."""

from __future__ import annotations

import re
import sys
from typing import TYPE_CHECKING, get_args

import pytest

from rewriter import changes, run
from tests.shared import CHECKOUT
from tests.unit.networks import Network
from tests.unit.test_packs import installed

if TYPE_CHECKING:
    from pathlib import Path

HOW_TO = CHECKOUT / "docs" / "how-to"
PREFIX = "StatefulPartitionedCall/"


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
