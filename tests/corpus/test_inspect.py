"""`inspect` shows every real model, and its check says of each what the graph check does."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from rewriter.cli import main
from tests.corpus.test_complaints import KNOWN

if TYPE_CHECKING:
    from pathlib import Path

    import pytest


def test_every_model_can_be_shown(path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["inspect", str(path)]) == 0
    overview = capsys.readouterr().out
    assert main(["inspect", str(path), "-v"]) == 0
    assert len(capsys.readouterr().out) >= len(overview) > 0
    assert main(["inspect", str(path), "--json"]) == 0
    document = json.loads(capsys.readouterr().out)
    count = sum(len(each["operators"]) for each in document["subgraphs"])
    assert f"{count:,} operator" in overview
    assert main(["inspect", str(path), "--check"]) == (1 if path.name in KNOWN else 0)
    assert "graph check: " in capsys.readouterr().out
    if count:
        subgraph = next(each for each in document["subgraphs"] if each["operators"])
        assert main(["inspect", str(path), "--op", f"{subgraph['index']}:0"]) == 0
        assert f" version {subgraph['operators'][0]['version']}" in capsys.readouterr().out
        assert main(["inspect", str(path), "--tensor", f"#{subgraph['index']}:0"]) == 0
