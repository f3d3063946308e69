"""A converter's post-pass without a host of its own: bytes in, bytes out, by a call and in a pipe."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

import rewriter
from rewriter.errors import LanguageError, ModelError
from tests.rules.transpose_conv import Case, custom_model
from tests.unit.commands import RIGHT, WRONG
from tests.unit.commands import rewriter as command

CASE = Case(1, rows=(5, 3, 2), columns=(4, 3, 2), channels=3, out_channels=2, padding="SAME", seed=0)
FULL = Path("/dev/full")


@pytest.fixture
def model() -> bytes:
    return custom_model(CASE, (1, 9, 8, 2))


def test_bytes_go_in_and_rewritten_bytes_come_out(model: bytes) -> None:
    written = rewriter.apply_bytes(model, rules=[rewriter.compile_rules(RIGHT)])
    assert written == rewriter.apply(model, rules=[rewriter.compile_rules(RIGHT)]).model.to_bytes()
    names = [each.name for each in rewriter.load(written).subgraphs[0].operators]
    assert names == ["TRANSPOSE_CONV", "ADD"]


def test_bytes_that_no_rule_matches_come_back(model: bytes) -> None:
    assert rewriter.apply_bytes(model, rules=[rewriter.compile_rules("RELU(RELU(x)) -> RELU(x)")]) == model


@pytest.mark.parametrize("data", [b"", b"not a model", b"\x1c\0\0\0TFL3" + bytes(9)])
def test_bytes_that_are_no_model_are_an_error(data: bytes) -> None:
    with pytest.raises(ModelError, match="<bytes>: "):
        rewriter.apply_bytes(data, packs=["mediapipe"])


def test_a_mistake_in_a_rule_is_an_error_of_its_own(model: bytes) -> None:
    with pytest.raises(LanguageError):
        rewriter.apply_bytes(model, rules=[rewriter.compile_rules("RELO(x) -> x")])


def test_a_failed_check_gives_no_bytes(model: bytes) -> None:
    with pytest.raises(rewriter.CheckError, match="drops_bias"):
        rewriter.apply_bytes(model, rules=[rewriter.compile_rules(WRONG)])


def test_a_pipe_gives_what_the_call_gives(model: bytes, tmp_path: Path) -> None:
    (tmp_path / "right.pat").write_text(RIGHT)
    (tmp_path / "wrong.pat").write_text(WRONG)
    good = command("apply", "-", "-r", "right.pat", "-o", "-", cwd=tmp_path, given=model)
    assert (good.code, good.out) == (0, rewriter.apply_bytes(model, rules=[rewriter.compile_rules(RIGHT)]))
    assert "check passed" in good.err
    bad = command("apply", "-", "-r", "wrong.pat", "-o", "-", cwd=tmp_path, given=model)
    assert (bad.code, bad.out) == (1, b"")


@pytest.mark.parametrize(
    ("before", "kept", "said"),
    [
        (b"", 0, "standard input is empty"),
        (b"", 300, "standard input: damaged model"),
        (
            b"Saved artifact at /tmp/x\n",
            None,
            "standard input: 25 bytes stand before the model; they begin with b'Saved",
        ),
        (b"usage: convert [-h]", 0, "standard input: not a TFLite model: it looks like text"),
        (b"PK\3\4", 0, "standard input: "),
    ],
)
def test_what_is_no_model_ends_a_pipe_with_one_message(
    model: bytes, before: bytes, kept: int | None, said: str, tmp_path: Path
) -> None:
    found = command("apply", "-", "-p", "mediapipe", "-o", "-", cwd=tmp_path, given=before + model[:kept])
    assert (found.code, found.out) == (2, b"")
    assert found.err.startswith(f"error: {said}")
    assert found.err.count("error:") == 1


@pytest.mark.skipif(not FULL.exists(), reason="this system has no device that is always full")
def test_an_output_that_takes_nothing_is_an_error_with_its_reason(model: bytes, tmp_path: Path) -> None:
    program = "import sys; from rewriter.cli import main; sys.exit(main())"
    words = [sys.executable, "-c", program, "apply", "-", "-p", "mediapipe", "--check", "none", "-q"]
    with FULL.open("wb") as full:
        done = subprocess.run(words, input=model, stdout=full, stderr=subprocess.PIPE, check=False, cwd=tmp_path)
    assert done.returncode == 2
    assert done.stderr.decode() == f"error: standard output: cannot be written: {os.strerror(28)}\n"
