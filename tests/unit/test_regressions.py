"""Counterexamples come back as they were saved, and nothing that lies about in their folder does any harm."""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import pytest
from attrs import evolve

from rewriter.errors import UsageError
from rewriter.language.check import compile_rules
from rewriter.model import read
from rewriter.proof.regressions import DEFAULT, KEPT, Regressions
from rewriter.proof.verdict import Counterexample
from tests.unit.hand_prover import RULES, VALUES, refute
from tests.unit.networks import Network

(WRONG,) = (rule for rule in compile_rules(RULES) if rule.name == "wrong")


@pytest.fixture
def kept(tmp_path: Path) -> Regressions:
    return Regressions(tmp_path / "kept")


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> None:
    """Files that were saved one after the other differ in age, however coarse the file system's clock is."""
    saved = Regressions._write  # pyright: ignore[reportPrivateUsage]
    times = iter(range(1_000_000_000, 2_000_000_000, 10))

    def save(self: Regressions, place: Path, *given: object) -> None:
        saved(self, place, *given)  # type: ignore[arg-type]
        now = next(times)
        os.utime(place / "before.tflite", (now, now))

    monkeypatch.setattr(Regressions, "_write", save)


def numbered(number: int) -> Counterexample:
    found = refute(WRONG)
    return evolve(found, inputs=(found.inputs[0] + np.float32(number), found.inputs[1]))


def test_a_counterexample_comes_back_as_it_was_saved(kept: Regressions) -> None:
    found = refute(WRONG)
    saved = kept.save("mypack.wrong", found)
    assert saved.folder.parent == kept.folder / "mypack.wrong"
    assert saved.after is not None
    assert (saved.before.read_bytes(), saved.after.read_bytes()) == (found.before, found.after)
    (loaded,) = kept.load("mypack.wrong")
    assert (loaded.folder, loaded.before) == (saved.folder, found.before)
    for one, other in zip(loaded.inputs, VALUES, strict=True):
        np.testing.assert_array_equal(one, other, strict=True)
    assert kept.complaints == []


def test_the_report_beside_it_says_what_is_wrong(kept: Regressions) -> None:
    saved = kept.save("mypack.wrong", evolve(refute(WRONG), model=("y = SUB(x, y)",)))
    text = (saved.folder / "report.txt").read_text()
    assert text.startswith(
        "mypack.wrong is refuted under the runtime's reference kernels: the results differ\n"
        "'result' at [1, 0]: -2.0 became 8.0\n\nbefore\n  y = SUB(x, y)\n"
    )


def test_one_without_a_model_after_is_saved_without_it(kept: Regressions) -> None:
    saved = kept.save("wrong", evolve(refute(WRONG), after=None))
    assert saved.after is None
    assert sorted(path.name for path in saved.folder.iterdir()) == ["before.tflite", "inputs.npz", "report.txt"]
    assert len(kept.load("wrong")) == 1


@pytest.mark.usefixtures("clock")
def test_the_newest_comes_first_and_saving_again_makes_it_the_newest(kept: Regressions) -> None:
    places = [kept.save("wrong", numbered(number)).folder for number in range(3)]
    assert [each.folder for each in kept.load("wrong")] == places[::-1]
    assert kept.save("wrong", numbered(0)).folder == places[0]
    assert [each.folder for each in kept.load("wrong")] == [places[0], places[2], places[1]]


@pytest.mark.usefixtures("clock")
def test_of_each_rule_only_the_newest_are_kept(kept: Regressions) -> None:
    kept.save("other", numbered(0))
    places = [kept.save("wrong", numbered(number)).folder for number in range(KEPT + 3)]
    assert [each.folder for each in kept.load("wrong")] == places[:2:-1]
    assert set((kept.folder / "wrong").iterdir()) == set(places[3:])
    assert len(kept.load("other")) == 1


@pytest.mark.usefixtures("clock")
def test_a_file_that_somebody_put_beside_a_counterexample_outlives_it(kept: Regressions) -> None:
    first = kept.save("wrong", numbered(0)).folder
    (first / "notes.md").write_text("mine")
    for number in range(1, KEPT + 1):
        kept.save("wrong", numbered(number))
    assert [path.name for path in first.iterdir()] == ["notes.md"]


@pytest.mark.parametrize("name", ["before.tflite", "inputs.npz"])
@pytest.mark.parametrize("data", [b"", b"nonsense", b"PK\x03\x04", b"\x80\x04."])
def test_a_damaged_one_is_passed_over_told_and_made_whole_by_saving(kept: Regressions, name: str, data: bytes) -> None:
    found = refute(WRONG)
    good, bad = kept.save("wrong", numbered(1)), kept.save("wrong", found)
    (bad.folder / name).write_bytes(data)
    assert [each.folder for each in kept.load("wrong")] == [good.folder]
    (complaint,) = kept.complaints
    assert str(bad.folder) in complaint
    assert kept.save("wrong", found).folder == bad.folder
    assert len(kept.load("wrong")) == 2


@pytest.mark.parametrize("length", [0, 10, 100, 300])
def test_one_that_is_cut_short_is_passed_over(kept: Regressions, length: int) -> None:
    saved = kept.save("wrong", refute(WRONG))
    saved.inputs.write_bytes(saved.inputs.read_bytes()[:length])
    assert kept.load("wrong") == []
    assert len(kept.complaints) == 1


@pytest.mark.parametrize(
    ("arrays", "complaint"),
    [
        ({"input_0": VALUES[0]}, "holds 1 arrays, and the model has 2 inputs"),
        ({"input_0": VALUES[0], "x": VALUES[0]}, "input_1"),
        ({"input_0": VALUES[0], "input_1": VALUES[1].astype(np.int8)}, "holds int8 where the model takes f32"),
        ({"input_0": VALUES[0], "input_1": np.array([None])}, "allow_pickle"),
    ],
)
def test_inputs_that_do_not_belong_to_the_model_are_passed_over(
    kept: Regressions, arrays: dict[str, np.ndarray], complaint: str
) -> None:
    saved = kept.save("wrong", refute(WRONG))
    np.savez(saved.inputs, **arrays)  # type: ignore[arg-type]
    assert kept.load("wrong") == []
    assert complaint in kept.complaints[0]


def test_foreign_files_and_folders_are_left_alone(kept: Regressions) -> None:
    kept.save("wrong", refute(WRONG))
    folder = kept.folder / "wrong"
    (folder / "readme.txt").write_text("mine")
    (folder / "0123456789ab").write_text("a file")
    (folder / "somebody else's").mkdir()
    assert len(kept.load("wrong")) == 1
    assert kept.complaints == []


def test_where_nothing_was_saved_there_is_nothing(kept: Regressions) -> None:
    assert kept.load("wrong") == []
    assert not kept.folder.exists()


@pytest.mark.parametrize("name", ["my rules:4", "../../out", "..", "a/b", "größe.rule", "C:\\x"])
def test_every_name_of_a_rule_has_its_folder_inside(kept: Regressions, name: str) -> None:
    saved = kept.save(name, refute(WRONG))
    assert saved.folder.resolve().parent.parent == kept.folder.resolve()
    assert len(kept.load(name)) == 1


def test_a_folder_that_cannot_be_made_is_a_mistake_of_the_user(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(UsageError, match="cannot be saved there") as raised:
        Regressions(tmp_path / "file").save("wrong", refute(WRONG))
    assert raised.value.hint == "--save DIR for another folder"


def test_a_write_that_fails_leaves_nothing_behind(kept: Regressions, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object, **__: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(np, "savez", fail)
    with pytest.raises(UsageError, match="No space left on device"):
        kept.save("wrong", refute(WRONG))
    assert list((kept.folder / "wrong").iterdir()) == []


@pytest.mark.parametrize(
    "value",
    [
        np.array([[b"a", b"longer"]], object),
        np.array([[0, -(2**40)]], np.int64),
        np.array([[True, False]]),
        np.array([[np.nan, np.inf]], np.float16),
    ],
    ids=["string", "i64", "bool", "f16"],
)
def test_inputs_of_every_type_come_back(kept: Regressions, value: np.ndarray) -> None:
    dtype = {"O": "string", "i": "i64", "b": "bool", "f": "f16"}[value.dtype.kind]
    net = Network()
    model = net.build(net.add("RESHAPE", [net.input("x", value.shape, dtype)], "y", (2,)))
    kept.save("rule", Counterexample(model.to_bytes(), None, (value,), "a reason"))
    (loaded,) = kept.load("rule")
    np.testing.assert_array_equal(loaded.inputs[0], value, strict=True)
    assert read(loaded.before).subgraphs[0].inputs[0].dtype == dtype


def test_a_narrow_float_that_numpy_lacks_comes_back(kept: Regressions) -> None:
    import ml_dtypes

    value = np.array([[1.5, -2.0]], ml_dtypes.bfloat16)
    net = Network()
    model = net.build(net.add("NEG", [net.input("x", (1, 2), "bf16")]))
    kept.save("rule", Counterexample(model.to_bytes(), None, (value,), "a reason"))
    (loaded,) = kept.load("rule")
    assert loaded.inputs[0].dtype == value.dtype
    np.testing.assert_array_equal(loaded.inputs[0].view(np.uint16), value.view(np.uint16))


def test_the_usual_folder_is_under_the_current_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Regressions().save("wrong", refute(WRONG))
    assert (tmp_path / DEFAULT / "wrong").is_dir()
    assert Path(".rewriter") == DEFAULT.parent
