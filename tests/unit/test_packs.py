"""Packs are found, loaded and chosen from; one that is broken is named and does not take others with it."""

from __future__ import annotations

import re
import sys
from typing import TYPE_CHECKING

import pytest

from rewriter import packs, selection
from rewriter.errors import LanguageError, PackError, RewriterError, UsageError
from rewriter.language.check import compile_rules
from rewriter.language.rules import RuleSet

if TYPE_CHECKING:
    from pathlib import Path

RULES = """
pack mine "What it is for."
  uses two.backward, one
op CUSTOM[MyOwn](input) -> output options struct { size: i32 } shape mine.same kernel mine.same
rule one RELU6(x) -> RELU(x)
rule two RELU(x) <-> RELU6(x)
rule three NEG(x) -> RELU(x)
"""


@pytest.fixture
def mine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An installed pack called `mine`, in the package `my_rules`."""
    folder = tmp_path / "my_rules"
    folder.mkdir()
    (folder / "__init__.py").write_text("def same(x, **_):\n    return x\nnumber = 5\n")
    (folder / "mine.pat").write_text(RULES)
    installed(tmp_path, monkeypatch, {"mine": "my_rules"})
    return folder


def installed(place: Path, monkeypatch: pytest.MonkeyPatch, points: dict[str, str]) -> None:
    info = place / "my_rules-1.5.dist-info"
    info.mkdir(exist_ok=True)
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: my-rules\nVersion: 1.5\n")
    lines = [f"{name} = {package}" for name, package in points.items()]
    (info / "entry_points.txt").write_text("\n".join(["[rewriter.packs]", *lines, ""]))
    monkeypatch.syspath_prepend(str(place))
    for name in points.values():
        monkeypatch.delitem(__import__("sys").modules, name, raising=False)
    packs._installed.cache_clear()  # pyright: ignore[reportPrivateUsage]


@pytest.fixture(autouse=True)
def forget() -> None:
    packs._installed.cache_clear()  # pyright: ignore[reportPrivateUsage]


def test_an_installed_pack_is_found_with_its_distribution(mine: Path) -> None:
    found = packs.find("mine")
    assert (found.name, found.package, found.distribution, found.version) == ("mine", "my_rules", "my-rules", "1.5")
    assert [path.name for path in found.files()] == [(mine / "mine.pat").name]
    assert {"mine", "mediapipe"} <= packs.installed().keys()


@pytest.mark.usefixtures("mine")
def test_a_loaded_pack_has_its_rules_declarations_and_documentation() -> None:
    rules = packs.load("mine")
    assert {rule.qualified: rule.used for rule in rules} == {
        "mine.one": True,
        "mine.two.forward": False,
        "mine.two.backward": True,
        "mine.three": False,
    }
    assert rules.doc == "What it is for."
    assert set(rules.declarations) == {"MyOwn"}


@pytest.mark.usefixtures("mine")
def test_only_functions_of_the_pack_itself_are_found() -> None:
    found = packs.find("mine")
    same = found.function("mine.same")
    assert same is not None
    assert same(3) == 3
    assert found.function("mine.number") is None
    assert found.function("mine.nothing") is None
    assert found.function("other.same") is None
    assert found.function("mine") is None


@pytest.mark.usefixtures("mine")
def test_declarations_of_installed_packs_serve_other_files() -> None:
    assert len(selection.compile_rules("CUSTOM[MyOwn, size=3](x) -> x")) == 1
    declaration = packs.find_declaration("MyOwn")
    assert declaration is not None
    assert declaration.kernel is not None
    assert packs.find_declaration("MyOwn", besides="mine") is None
    assert packs.find_declaration("Nobody's") is None


def test_an_unknown_pack_is_an_error_with_the_nearest_name() -> None:
    with pytest.raises(PackError, match="there is no pack 'mediapip'") as raised:
        packs.find("mediapip")
    assert raised.value.hint == "mediapipe"


def test_a_pack_with_a_mistake_is_refused_and_is_no_obstacle_to_others(mine: Path) -> None:
    (mine / "mine.pat").write_text("RELUU(x) -> x # MyOwn Convolution2DTransposeBias")
    with pytest.raises(LanguageError, match="unknown operator 'RELUU'"):
        packs.load("mine")
    assert packs.find_declaration("MyOwn") is None
    assert packs.find_declaration("Convolution2DTransposeBias") is not None
    assert packs.load("mediapipe").rules


def test_a_pack_whose_python_fails_is_named(mine: Path) -> None:
    (mine / "__init__.py").write_text("1 / 0\n")
    with pytest.raises(PackError, match=r"pack 'mine' of my-rules 1\.5 fails to load: ZeroDivisionError: .* zero"):
        packs.load("mine")


def test_a_pack_without_rules_is_refused(mine: Path) -> None:
    (mine / "mine.pat").unlink()
    with pytest.raises(PackError, match=r"pack 'mine' of my-rules 1\.5 holds no \.pat file"):
        packs.load("mine")


def test_targets_extend_those_of_other_files_and_packs_and_are_no_rules(mine: Path) -> None:
    (mine / "mine.pat").write_text("target one extends two accepts NEG target three extends xnnpack partitions first")
    (mine / "zwo.pat").write_text("target two accepts RELU")
    one, three, two = packs.load("mine").targets
    assert ([*one.accepts], [*two.accepts], one.qualified) == (["RELU", "NEG"], ["RELU"], "mine.one")
    assert three.accepts.keys() == packs.target_finder()("xnnpack").accepts.keys()  # type: ignore[union-attr]
    assert not packs.find("mine").may_have_rules()
    (mine / "zwo.pat").write_text("target two extends one accepts RELU")
    with pytest.raises(LanguageError, match="there is no target 'two' to extend"):
        packs.load("mine")


def test_a_pack_whose_package_is_gone_is_named_when_it_is_asked_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    installed(tmp_path, monkeypatch, {"gone": "no_such_package"})
    assert "gone" not in packs.installed()
    with pytest.raises(PackError, match=r"pack 'gone' of my-rules 1\.5: there is no package no_such_package"):
        packs.find("gone")


def test_of_two_packs_of_one_name_none_is_used_and_both_are_named(mine: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    installed(mine.parent, monkeypatch, {"mediapipe": "my_rules"})
    assert "mediapipe" not in packs.installed()
    both = r"two packs are called 'mediapipe': one of .*rewriter .*my-rules 1\.5|my-rules 1\.5.*rewriter "
    with pytest.raises(PackError, match=both):
        packs.load("mediapipe")
    assert packs.load("nnapi").rules


BROKEN = {
    "raises": (
        "__init__.py",
        "1 / 0\n",
        r"pack 'mine' of my-rules 1\.5 fails to load: ZeroDivisionError: .* zero",
    ),
    "cannot be read": (
        "mine.pat",
        "rule one RELUX(x) -> x\nrule two RELUU(x) -> x",
        r"pack 'mine' of my-rules 1\.5 has mistakes: mine\.pat:\d+:\d+: .*, and 1 more",
    ),
    "is not UTF-8": (
        "mine.pat",
        b"# \xff\nRELU(x) -> x",
        r"pack 'mine' of my-rules 1\.5 has mistakes: mine\.pat:1:3: .*UTF-8",
    ),
}


@pytest.mark.parametrize("what", BROKEN)
def test_a_broken_pack_is_reported_in_one_line_and_stops_nobody_else(mine: Path, what: str) -> None:
    name, content, reported = BROKEN[what]
    (mine / name).write_bytes(content if isinstance(content, bytes) else content.encode())
    loaded, wrong = packs.load_all()
    assert {"mediapipe", "toco"} <= loaded.keys()
    assert wrong.keys() == {"mine"}
    assert re.fullmatch(reported, wrong["mine"]), wrong
    rules = selection.gather()
    assert {rule.pack for rule in rules} >= {"mediapipe", "toco"}
    assert rules.left_out == wrong
    assert {"mediapipe", "toco"} <= {pack.name for pack in packs.installed().values() if pack.may_be_default()}
    with pytest.raises(RewriterError):
        selection.gather(["mine"])


def test_packs_are_shown_without_importing_those_that_others_installed(mine: Path) -> None:
    (mine / "__init__.py").write_text(
        "import rewriter\n1 / 0\n@rewriter.function\ndef at_least(x):\n    return x\ndef same(x, **_):\n    return x\n"
    )
    with (mine / "mine.pat").open("a") as file:
        file.write("rule four ADD(x: f32, c: const f32[]) where at_least(max(c.value)) -> x\n")
        file.write("rule five CUSTOM[MyOwn](x: f32) -> NEG(x)\n")
        file.write("cleanup six by mine.same\n")
    shown, wrong = packs.load_all(shown=True)
    assert wrong == {}
    assert "my_rules" not in sys.modules
    assert [rule.name for rule in shown["mine"]][-2:] == ["four", "five"]
    assert [each.name for each in shown["mine"].cleanups] == ["six"]
    assert {"mediapipe", "toco"} <= shown.keys()
    _, wrong = packs.load_all()
    assert set(wrong) == {"mine"}


def test_what_a_packs_python_does_not_name_is_a_mistake_when_it_is_shown_too(mine: Path) -> None:
    (mine / "__init__.py").write_text("def other(x, **_):\n    return x\n")
    _, wrong = packs.load_all(["mine"], shown=True)
    assert "there is no function 'mine.same'" in wrong["mine"]


def test_a_function_that_two_packs_add_is_known_by_neither_in_a_file(mine: Path) -> None:
    (name, *_) = packs.find("toco").added()
    text = f"ADD(x: f32, c: const f32[]) where {name}(c.value) -> x"
    (mine / "__init__.py").write_text(f"import rewriter\n@rewriter.function\ndef {name}(x):\n    return True\n")
    both = rf"two packs add a function {name}: '\w+' of [\w-]+ [\d.]+, and '\w+' of [\w-]+ [\d.]+"
    with pytest.raises(PackError, match=both):
        selection.compile_rules(text, "file.pat")
    (mine / "mine.pat").write_text(f'pack mine "Mine."\n{text}')
    assert packs.load("mine").rules
    (mine / "__init__.py").write_text(f"1 / 0\ndef {name}(x):\n    return True\n")
    sys.modules.pop("my_rules")
    assert selection.compile_rules(text, "file.pat").rules


@pytest.mark.usefixtures("mine")
def test_plugins_can_be_switched_off(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("REWRITER_NO_PLUGINS", "1")
    assert "mine" not in packs.installed()
    assert "mediapipe" in packs.installed()


@pytest.mark.parametrize(
    ("clauses", "default"),
    [("", True), ("equal exact", True), ("lossy within 1e-2", False), ("changes interface", False)],
)
def test_a_default_pack_loses_nothing_and_keeps_the_interface(clauses: str, default: bool) -> None:
    assert packs.is_default(compile_rules(f"RELU(x) -> x {clauses}", "d.pat")) == default


def test_the_stock_packs_that_are_used_unasked() -> None:
    assert [name for name in packs.installed() if packs.is_default(packs.load(name))] == ["mediapipe", "toco"]


def test_a_pack_that_uses_no_rule_is_no_default() -> None:
    assert not packs.is_default(RuleSet())


def test_a_pack_that_serves_one_target_is_no_default() -> None:
    rules = compile_rules('pack mine "My rules" serves my_chip, other_chip rule same RELU(x) -> x', "d.pat")
    assert rules.serves == ("my_chip", "other_chip")
    assert not packs.is_default(rules)


def test_a_pack_that_is_left_out_unread_is_no_default_when_it_is_read() -> None:
    every = packs.installed()
    assert {name for name, pack in every.items() if not pack.may_be_default()} >= {"nnapi", "targets"}
    assert all(pack.may_be_default() for name, pack in every.items() if packs.is_default(packs.load(name)))


def names(**options: object) -> list[str]:
    return [rule.qualified for rule in selection.gather(**options)]  # type: ignore[arg-type]


@pytest.mark.usefixtures("mine")
def test_the_rules_of_a_run() -> None:
    assert names(packs=["mine"]) == ["mine.one", "mine.two.backward"]
    assert names(packs=["mine"], only=["three"]) == ["mine.three"]
    assert names(packs=["mine"], only=["mine.two"]) == ["mine.two.backward"]
    assert names(packs=["mine"], only=["two.forward"]) == ["mine.two.forward"]
    assert names(packs=["mine"], only=["two.forward", "one"]) == ["mine.one", "mine.two.forward"]
    given = compile_rules("rule extra RELU(x) -> x", "x.pat")
    assert names(rules=[given]) == ["extra"]
    assert names(packs=["mine"], rules=[given, next(iter(given))]) == [
        "mine.one",
        "mine.two.backward",
        "extra",
        "extra",
    ]
    assert "mine.one" in names()


def test_an_unknown_rule_is_an_error_with_the_nearest_name() -> None:
    with pytest.raises(UsageError, match="there is no rule 'transpose_conv_bia' here") as raised:
        names(packs=["mediapipe"], only=["transpose_conv_bia"])
    assert raised.value.hint is not None
    assert "transpose_conv_bias" in raised.value.hint
    with pytest.raises(UsageError) as raised:
        names(packs=["toco"], only=["zzz"])
    assert raised.value.hint is not None
    assert raised.value.hint.startswith("`rewriter packs toco` lists the ")
    with pytest.raises(UsageError) as raised:
        names(packs=["toco"], only=["detection.cut"])
    assert raised.value.hint == "-p detection"


def test_a_rules_file_that_is_not_there_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"no\.pat: cannot be read: No such file or directory"):
        selection.read_rules(tmp_path / "no.pat")
