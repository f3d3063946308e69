"""Many models: which are meant and where they go, what runs them, and what becomes of those that fail."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import threading
import time
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from multiprocessing import get_context
from typing import TYPE_CHECKING

import pytest

import rewriter
from rewriter.errors import ModelError, UsageError
from rewriter.many import Stopped, WorkerDied, Workers, verify_many
from rewriter.many.naming import beside, sources, targets_of
from rewriter.many.running import run_tasks
from rewriter.report import many as report
from tests.rules.transpose_conv import Case, custom_model
from tests.unit.commands import RIGHT, WRONG
from tests.unit.commands import rewriter as command
from tests.unit.many_tasks import Crashing, Good, Greedy, Mistaken, Slow

if TYPE_CHECKING:
    from pathlib import Path

MODEL = custom_model(
    Case(1, rows=(5, 3, 2), columns=(4, 3, 2), channels=3, out_channels=2, padding="SAME", seed=0), (1, 9, 8, 2)
)
REWRITTEN = rewriter.apply(MODEL, rules=[rewriter.compile_rules(RIGHT)], check="none").model.to_bytes()
UNCHANGED = REWRITTEN


NEWS = [("unchanged", number) for number in range(40)] + [("equal", number) for number in range(4)]
NEWS += [("rewritten", 0), ("check failed", 0)]


@pytest.fixture
def zoo(tmp_path: Path) -> Path:
    """A folder of three models that the rule fires in or not, a damaged one, and files that are none."""
    for name, data in {
        "a.tflite": MODEL,
        "deep/er/b.tflite": MODEL,
        "deep/c.bin": UNCHANGED,
        "deep/bad.tflite": b"hello",
        "deep/weights.bin": b"\0" * 20,
        ".hidden/d.tflite": MODEL,
        "notes.txt": b"none",
    }.items():
        path = tmp_path / "zoo" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
    (tmp_path / "right.pat").write_text(RIGHT)
    (tmp_path / "wrong.pat").write_text(WRONG)
    return tmp_path / "zoo"


def names(folder: Path) -> set[str]:
    return {str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file()}


# -- which models, and where to ---------------------------------------------------------------------------------------


def test_a_folder_stands_for_the_models_below_it(zoo: Path) -> None:
    found = [each.below for each in sources([zoo])]
    assert found == ["a.tflite", "deep/bad.tflite", "deep/c.bin", "deep/er/b.tflite"]


def test_a_model_that_is_named_twice_is_done_once(zoo: Path) -> None:
    assert [each.below for each in sources([zoo / "a.tflite", zoo, zoo / "deep" / ".." / "a.tflite"])] == [
        "a.tflite",
        "deep/bad.tflite",
        "deep/c.bin",
        "deep/er/b.tflite",
    ]


def test_results_keep_the_folders_below_the_one_given(zoo: Path) -> None:
    pairs, _ = targets_of(sources([zoo / "deep", zoo / "a.tflite"]), "out")
    assert [output for _, output in pairs] == [
        os.path.join("out", "bad.tflite"),
        os.path.join("out", "c.bin"),
        os.path.join("out", "er", "b.tflite"),
        os.path.join("out", "a.tflite"),
    ]


def test_two_that_would_be_written_to_one_place_are_an_error_before_anything_runs(zoo: Path, tmp_path: Path) -> None:
    (zoo / "deep" / "a.tflite").write_bytes(MODEL)
    with pytest.raises(UsageError, match=r"a\.tflite and .*a\.tflite would both be written to .*out"):
        rewriter.apply_many([zoo / "a.tflite", zoo / "deep"], tmp_path / "out", rules=[tmp_path / "right.pat"])
    assert not (tmp_path / "out").exists()


def test_a_model_is_not_written_over_one_that_is_read(zoo: Path) -> None:
    with pytest.raises(UsageError, match="would be written over"):
        targets_of(sources([zoo]), str(zoo))


def test_results_inside_the_folder_are_no_sources_the_next_time(zoo: Path) -> None:
    out = zoo / "out"
    out.mkdir()
    (out / "a.tflite").write_bytes(MODEL)
    assert "out/a.tflite" not in {each.below for each in sources([zoo], besides=str(out))}
    assert "out/a.tflite" in {each.below for each in sources([zoo], besides="elsewhere")}


def test_without_a_folder_results_stand_beside_and_are_left_out_the_next_time(zoo: Path) -> None:
    path = zoo / "a.tflite"
    written = beside(str(path))
    assert written.endswith("a.rewritten.tflite")
    (zoo / "a.rewritten.tflite").write_bytes(MODEL)
    pairs, left_out = targets_of(sources([zoo]), None)
    assert [each.below for each in left_out] == ["a.rewritten.tflite"]
    assert written in [output for _, output in pairs]


@pytest.mark.parametrize("given", ["-", "none.tflite"])
def test_what_is_no_file_is_an_error_before_anything_runs(given: str, zoo: Path) -> None:
    with pytest.raises((UsageError, ModelError)):
        sources([zoo, given])


# -- what runs them ---------------------------------------------------------------------------------------------------


def check_zoo(result: rewriter.ManyResult, out: Path) -> None:
    assert [(os.path.basename(row["input"]), row["result"]) for row in result.rows] == [
        ("a.tflite", "rewritten"),
        ("bad.tflite", "error"),
        ("c.bin", "unchanged"),
        ("b.tflite", "rewritten"),
    ]
    assert result.exit_code == 2
    assert "not a TFLite model" in result.rows[1]["error"]["message"]
    (rule,) = result.rules()
    assert (rule["models"], rule["places"]) == (2, 2)
    assert names(out) == {"a.tflite", "deep/c.bin", "deep/er/b.tflite"}
    assert (out / "a.tflite").read_bytes() == (out / "deep/er/b.tflite").read_bytes() == REWRITTEN
    assert (out / "deep/c.bin").read_bytes() == UNCHANGED


def test_our_own_processes_rewrite_a_zoo_and_go_on_after_a_bad_model(zoo: Path, tmp_path: Path) -> None:
    told: list[tuple[int, int, str]] = []
    result = rewriter.apply_many(
        zoo,
        tmp_path / "out",
        rules=[tmp_path / "right.pat"],
        jobs=2,
        check="rules",
        progress=lambda *each: told.append(each),
    )
    check_zoo(result, tmp_path / "out")
    assert [each[:2] for each in told] == [(1, 4), (2, 4), (3, 4), (4, 4)]
    assert {row["check"]["status"] for row in result.rows if row["result"] == "rewritten"} == {"passed"}


@pytest.mark.parametrize("kind", ["threads", "processes"])
def test_any_executor_rewrites_a_zoo(kind: str, zoo: Path, tmp_path: Path) -> None:
    make = {
        "threads": lambda: ThreadPoolExecutor(2),
        "processes": lambda: ProcessPoolExecutor(1, mp_context=get_context("spawn")),
    }[kind]
    with make() as executor:
        result = rewriter.apply_many(
            zoo, tmp_path / "out", rules=[tmp_path / "right.pat"], check="none", executor=executor
        )
    check_zoo(result, tmp_path / "out")


def test_a_model_that_fails_its_check_is_not_written(zoo: Path, tmp_path: Path) -> None:
    result = rewriter.apply_many(
        [zoo / "a.tflite", zoo / "deep" / "c.bin"], tmp_path / "out", rules=[tmp_path / "wrong.pat"], jobs=1
    )
    failed, unchanged = result.rows
    assert (failed["result"], failed["output"], failed["check"]["status"]) == ("check failed", None, "failed")
    assert unchanged["result"] == "unchanged"
    assert result.exit_code == 1
    assert names(tmp_path / "out") == {"c.bin"}
    assert failed["rules_applied"] == {"drops_bias": 1}
    assert result.rules() == [], "what a rule did there was thrown away"


def test_models_are_compared_with_those_called_alike(zoo: Path, tmp_path: Path) -> None:
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "a.tflite").write_bytes(REWRITTEN)
    result = verify_many([zoo / "a.tflite", zoo / "deep" / "c.bin"], tmp_path / "out", jobs=1, seeds=1)
    assert [row["result"] for row in result.rows] == ["equal", "error"]
    assert "c.bin: cannot be read" in result.rows[1]["error"]["message"], "it is the other one that is missing"


def test_models_that_hold_the_same_bytes_are_not_run(zoo: Path, tmp_path: Path) -> None:
    (tmp_path / "out").mkdir()
    for name, data in {"a.tflite": MODEL, "bad.tflite": b"hello"}.items():
        (tmp_path / "out" / name).write_bytes(data)
    result = verify_many([zoo / "a.tflite", zoo / "deep" / "bad.tflite"], tmp_path / "out", jobs=1)
    assert [row["result"] for row in result.rows] == ["equal", "error"]
    (row, _) = result.rows
    assert (row["outputs"], row["warnings"]) == ([], ["both hold the same bytes: they were not run"])


def test_compiled_rules_are_refused_in_words(zoo: Path) -> None:
    with pytest.raises(UsageError, match="RuleSet"):
        rewriter.apply_many(zoo, rules=[rewriter.compile_rules(RIGHT)])  # pyright: ignore[reportArgumentType]


# -- what becomes of those that fail ----------------------------------------------------------------------------------


def test_a_worker_dies_with_its_task_alone() -> None:
    with Workers(1) as workers:
        first = workers.submit(os.getpid)
        dying = workers.submit(os.abort)
        last = workers.submit(os.getpid)
        assert first.result() != last.result() != os.getpid()
        with pytest.raises(WorkerDied, match="SIGABRT"):
            dying.result()
        with pytest.raises(ZeroDivisionError):
            workers.submit(divmod, 1, 0).result()
        assert workers.submit(os.getpid).result() == last.result()


TASKS = [Good("one"), Crashing("two"), Mistaken("three"), Greedy("four"), Good("five")]


def check_failures(rows: list[dict[str, object]]) -> None:
    assert [row["result"] for row in rows] == ["unchanged", "crashed", "error", "error", "unchanged"]
    errors = [str(row["error"]) for row in rows]
    assert "SIGSEGV" in errors[1]
    assert "ZeroDivisionError: of nothing" in errors[2]
    assert "out of memory" in errors[3]
    assert [row["exit"] for row in rows] == [0, 2, 2, 2, 0]


def test_a_crash_and_a_mistake_are_rows() -> None:
    with Workers(2) as workers:
        check_failures(run_tasks(TASKS, workers))


def test_what_a_broken_pool_leaves_is_done_all_the_same() -> None:
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as executor:
        check_failures(run_tasks(TASKS, executor))


def test_ctrl_c_gives_what_was_done_and_leaves_no_process(monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupt(*_: object) -> None:
        raise KeyboardInterrupt

    start = time.monotonic()
    with pytest.raises(Stopped) as stopped, Workers(2) as workers:
        run_tasks([Good("one"), Slow("two"), Slow("three"), Slow("four")], workers, interrupt)
    assert [row and row["result"] for row in stopped.value.rows] == ["unchanged", None, None, None]
    assert time.monotonic() - start < 30, "a sleeping worker was waited for"
    assert not [each for each in threading.enumerate() if each.name.startswith("rewriter-many")]


def test_a_worker_of_another_version_says_so() -> None:
    (row,) = run_tasks([Good("one", version="0.0.1")], ThreadPoolExecutor(1))
    assert "was asked by 0.0.1" in str(row["error"])


def test_at_a_terminal_a_long_table_shows_what_is_news() -> None:
    rows = [{"input": f"zoo/{name}/{number}.tflite", "result": name, "error": None} for name, number in NEWS]
    result = rewriter.ManyResult(tuple(rows))
    assert report.shown_rows(result, 80) == ([44, 45], "40 unchanged, 4 equal")
    assert report.shown_rows(result, None) == report.shown_rows(result, 80, verbose=True) == (list(range(46)), "")
    assert report.shown_rows(rewriter.ManyResult(tuple(rows[:40])), 80) == (list(range(40)), "")
    assert report.common_folder(result) == "zoo/"
    assert report.common_folder(rewriter.ManyResult(tuple(rows[:40]))) == "zoo/unchanged/"
    assert report.common_folder(rewriter.ManyResult(tuple(rows[:1]))) == ""


# -- the command ------------------------------------------------------------------------------------------------------


def test_the_command_ends_with_a_table_and_the_worst_exit_code(zoo: Path, tmp_path: Path) -> None:
    words = ["apply", "zoo", "-r", "right.pat", "-o", "out", "--check", "none", "--report", "report.json", "-j", "1"]
    done = command(*words, cwd=tmp_path)
    assert done.code == 2
    assert done.text.startswith("in zoo/\nmodel ")
    assert re.search(r"^a\.tflite +rewritten +1  1 -> 2 ", done.text, re.MULTILINE)
    assert "4 models in" in done.text
    assert "1 error" in done.text
    assert "zoo/deep/bad.tflite: not a TFLite model: it looks like text\n  = try: " in done.text
    assert "written: 3 models to out" in done.text
    report = json.loads((tmp_path / "report.json").read_text())
    assert report["summary"]["results"] == {"rewritten": 2, "error": 1, "unchanged": 1}
    assert report["rules"] == [{"rule": "right:1", "models": 2, "places": 2}]


def test_the_json_document_is_all_of_standard_output(zoo: Path, tmp_path: Path) -> None:
    before = names(zoo)
    done = command("apply", "zoo", "-r", "right.pat", "--dry-run", "--check", "none", "--json", cwd=tmp_path)
    assert [row["result"] for row in done.document["models"]] == ["rewritten", "error", "unchanged", "rewritten"]
    assert [row["output"] for row in done.document["models"]] == [None] * 4
    assert names(zoo) == before
    assert "bad.tflite" in done.err


def test_targets_of_many_models(zoo: Path, tmp_path: Path) -> None:
    done = command("targets", "zoo", "--target", "tflm", "-j", "1", cwd=tmp_path)
    assert done.code == 2
    assert re.search(r"^a\.tflite ", done.text, re.MULTILINE)
    assert "target  models whole  with rules" in done.text


def test_folders_are_compared_by_the_command(zoo: Path, tmp_path: Path) -> None:
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "c.bin").write_bytes(MODEL)
    done = command("verify", "zoo/deep/c.bin", "zoo/a.tflite", "out", "--seeds", "1", "-j", "1", cwd=tmp_path)
    assert done.code == 2
    assert re.search(r"^deep/c\.bin +equal +1 ", done.text, re.MULTILINE)
    assert re.search(r"^2 models in .*: 1 equal, 1 error$", done.text, re.MULTILINE)


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["apply", "zoo", "-o", "x.tflite"], "written to a folder"),
        (["apply", "zoo", "-r", "right.pat", "-o", "right.pat/out"], "right.pat is no folder"),
        (["verify", "zoo", "missing"], "missing does not exist: several models are compared with those of a folder"),
        (["verify", "zoo", "right.pat"], "right.pat is a file"),
        (["apply", "zoo", "-o", "-"], "cannot go to standard output"),
        (["apply", "zoo", "-", "-o", "out"], "standard input is one model"),
        (["apply", "zoo/a.tflite", "--scheduler", "tcp://127.0.0.1:1"], "--scheduler is for several"),
        (["apply", "zoo", "-j", "2", "--scheduler", "tcp://127.0.0.1:1"], "--jobs is for this machine"),
        (["apply", "zoo", "-p", "no_such"], "there is no pack"),
    ],
)
def test_a_command_line_that_asks_too_much_is_one_line_of_error(words: list[str], message: str, zoo: Path) -> None:
    done = command(*words, cwd=zoo.parent)
    assert done.code == 2
    assert message in done.err.splitlines()[0]


@pytest.mark.skipif(sys.platform == "win32", reason="sends a signal")
def test_ctrl_c_at_the_command_ends_all_its_processes(zoo: Path, tmp_path: Path) -> None:
    for number in range(200):
        (zoo / f"{number}.tflite").write_bytes(MODEL)
    program = "import sys; from rewriter.cli import main; sys.exit(main())"
    words = [sys.executable, "-c", program, "apply", "zoo", "-r", "right.pat", "-o", "out", "-j", "1"]
    # A group of its own, all of which gets the signal, as at a terminal.
    running = subprocess.Popen(
        words, cwd=tmp_path, stdout=subprocess.PIPE, stderr=subprocess.PIPE, start_new_session=True
    )
    while not (tmp_path / "out").exists():
        time.sleep(0.05)
    os.killpg(running.pid, signal.SIGINT)
    out, err = running.communicate(timeout=300)
    assert running.returncode == 130
    assert b"Traceback" not in err
    assert b"not done" in out
    deadline = time.monotonic() + 120
    while _is_there(running.pid) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert not _is_there(running.pid)


def _is_there(group: int) -> bool:
    try:
        os.killpg(group, 0)
    except ProcessLookupError:
        return False
    return True
