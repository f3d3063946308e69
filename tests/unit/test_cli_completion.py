"""Completion, asked for as shells do and in real shells: what fits is offered, and nothing slow is imported for it."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from rewriter.cli import VARIABLE
from rewriter.cli.complete import SHELLS
from rewriter.cli.group import program
from tests.unit.commands import RIGHT
from tests.unit.commands import rewriter as command

pexpect = pytest.importorskip("pexpect", reason="needs a pseudo-terminal")

PROGRAM = Path(sys.executable).parent / "rewriter"


@pytest.fixture
def place(tmp_path: Path) -> Path:
    (tmp_path / "models").mkdir()
    (tmp_path / "models" / "first.tflite").write_bytes(b"")
    (tmp_path / "models" / "first.txt").write_bytes(b"")
    (tmp_path / "my rules.pat").write_text(f"rule mine_alone {RIGHT}target chip_of_mine\n")
    return tmp_path


@pytest.fixture
def in_place(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(place)


def offered(*words: str) -> set[str]:
    """What is offered for the last word."""
    shell = SHELLS["zsh"](program, {}, "rewriter", VARIABLE)
    return {str(item.value) for item in shell.get_completions(list(words[:-1]), words[-1])}


@pytest.mark.parametrize(
    ("words", "wanted", "unwanted"),
    [
        (["ap"], {"apply"}, {"packs"}),
        (["apply", "--ch"], {"--check"}, {"--json"}),
        (["apply", "--check", ""], {"model", "rules", "none"}, set[str]()),
        (["apply", "m"], {"models/"}, set[str]()),
        (["apply", "models/"], {"models/first.tflite"}, {"models/first.txt"}),
        (["apply", "x.tflite", "-r", ""], {"my rules.pat", "models/"}, set[str]()),
        (["apply", "x.tflite", "-p", "t"], {"toco", "tflm", "targets"}, {"quant"}),
        (["apply", "-p", "toco", "--rule", "remove_ide"], {"remove_identity_reshape"}, set[str]()),
        (["apply", "-p", "nnapi", "--rule", ""], {"dilated_valid"}, {"remove_identity_reshape"}),
        (["apply", "--without", "toco.remove_ide"], {"toco.remove_identity_reshape"}, set[str]()),
        (["apply", "-r", "my rules.pat", "--rule", ""], {"mine_alone"}, {"remove_identity_reshape"}),
        (["targets", "x.tflite", "--target", "nnapi_1"], {"nnapi_1_2"}, {"tflm"}),
        (["targets", "-r", "my rules.pat", "--target", "ch"], {"chip_of_mine"}, {"tflm"}),
        (["test", "m"], {"mediapipe", "my rules.pat"}, {"toco"}),
        (["ops", "conv_"], {"CONV_2D"}, {"ADD"}),
        (["completion", ""], set(SHELLS), set[str]()),
    ],
)
def test_what_fits_is_offered(words: list[str], wanted: set[str], unwanted: set[str], in_place: None) -> None:
    found = offered(*words)
    assert wanted <= found
    assert not unwanted & found


def test_completing_imports_nothing_slow(place: Path) -> None:
    whole = """
import sys
from rewriter.cli import main
main()
slow = {"numpy", "rich", "flatbuffers", "hypothesis", "ai_edge_litert", "lark", "distributed", "fsspec"}
slow &= sys.modules.keys()
assert not slow, slow
"""
    for words in (["apply", "-p", "toco", "--rule", "remove"], ["targets", "--target", "n"], [""]):
        environment = os.environ | {
            "_REWRITER_COMPLETE": "bash_complete",
            "COMP_WORDS": "\n".join(("rewriter", *words)),
            "COMP_CWORD": str(len(words)),
        }
        # Click ends the program when it has answered, so what was imported is looked at on the way out.
        watched = whole.replace("main()\nslow = ", "try:\n    main()\nexcept SystemExit:\n    pass\nslow = ")
        done = subprocess.run(
            [sys.executable, "-c", watched], cwd=place, env=environment, capture_output=True, text=True
        )
        assert (done.returncode, done.stderr) == (0, "")
        assert done.stdout


def test_an_unknown_shell_is_one_line(tmp_path: Path) -> None:
    done = command("completion", "tcsh", cwd=tmp_path)
    assert done.code == 2
    assert "'bash', 'zsh', 'fish'" in done.err


STARTS = {
    "bash": (["--norc", "--noprofile", "-i"], 'eval "$(rewriter completion bash)"'),
    "zsh": (["-f", "-i"], 'autoload -U compinit; compinit -u -D; eval "$(rewriter completion zsh)"'),
    "fish": (["--no-config", "-i"], "rewriter completion fish | source"),
}


@pytest.mark.parametrize("shell", list(SHELLS))
def test_a_real_shell_completes(shell: str, place: Path) -> None:
    if shutil.which(shell) is None:
        pytest.skip(f"{shell} is not installed")
    words, begin = STARTS[shell]
    # What the line has become is shown, not run.
    wrapper = place / "bin" / "rewriter"
    wrapper.parent.mkdir()
    asked = '[ -n "$_REWRITER_COMPLETE" ] || [ "$1" = completion ]'
    wrapper.write_text(f'#!/bin/sh\n{asked} && exec "{PROGRAM}" "$@"\nprintf "<%s>" ran "$@"\n')
    wrapper.chmod(0o755)
    environment = os.environ | {
        "PATH": f"{wrapper.parent}{os.pathsep}{os.environ['PATH']}",
        "TERM": "dumb",
        "HOME": str(place),
        "INPUTRC": "/dev/null",
    }
    terminal = pexpect.spawn(
        shell, words, cwd=str(place), env=environment, encoding="utf-8", dimensions=(50, 200), timeout=30
    )
    try:
        terminal.sendline(f"{begin}; echo loa''ded")
        terminal.expect("loaded")
        for typed, completed in [
            ("ins\t", "<inspect>"),
            ("inspect mod\tfir\t", "<inspect><models/first.tflite>"),
            ("apply -p media\t", "<apply><-p><mediapipe>"),
            ("apply -p toco --rule remove_identity_resh\t", "<apply><-p><toco><--rule><remove_identity_reshape>"),
            ("targets --target nnapi_1_2\t", "<targets><--target><nnapi_1_2>"),
        ]:
            terminal.send(f"rewriter {typed}")
            terminal.send("\r")
            terminal.expect_exact(f"<ran>{completed}")
    finally:
        terminal.close(force=True)
