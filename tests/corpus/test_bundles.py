"""MediaPipe's own bundles."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from rewriter.bundle import rewrite_bundle
from rewriter.cli import main
from rewriter.model import read
from tests.shared import SHARED
from tests.unit.bundle_contents import check_rewritten, encoded_anew, entries, misaligned, unchanged

if TYPE_CHECKING:
    from pathlib import Path

BUNDLES = sorted((SHARED / "models" / "mediapipe").glob("*.task"))

pytestmark = pytest.mark.skipif(not BUNDLES, reason=f"MediaPipe's bundles are not at hand in {SHARED}")


@pytest.fixture(params=BUNDLES, ids=lambda path: path.name)
def bundle(request: pytest.FixtureRequest) -> Path:
    return request.param


def test_a_bundle_in_which_nothing_changes_is_the_same_bytes(bundle: Path) -> None:
    source = bundle.read_bytes()
    assert rewrite_bundle(source, bundle.name, unchanged) == source


def test_every_model_of_a_bundle_is_rewritten_and_everything_else_kept(bundle: Path) -> None:
    source = bundle.read_bytes()
    check_rewritten(source, rewrite_bundle(source, bundle.name, encoded_anew))


def test_apply_rewrites_what_its_rules_match(bundle: Path, tmp_path: Path) -> None:
    rules, out = tmp_path / "r.pat", tmp_path / "out.task"
    # Every model in these bundles has an operator of one of these kinds.
    rules.write_text(
        "DEQUANTIZE(x) -> CUSTOM[Dequantize](x)\n"
        "FULLY_CONNECTED[fused_activation_function=_](x, w, b?) -> CUSTOM[FullyConnected](x, w, b)\n"
    )
    assert main(["apply", str(bundle), "-r", str(rules), "-o", str(out), "--check", "none", "-q"]) == 0
    check_applied(bundle.read_bytes(), out.read_bytes())


def check_applied(before: bytes, after: bytes) -> None:
    assert misaligned(after) == []
    for name, (_, old) in entries(before).items():
        new = entries(after)[name][1]
        if name.endswith(".tflite"):
            assert [each for each in read(new).histogram() if each in ("DEQUANTIZE", "FULLY_CONNECTED")] == []
            assert new != old
        elif name.endswith(".task"):
            check_applied(old, new)
        else:
            assert new == old
