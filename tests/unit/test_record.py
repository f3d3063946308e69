"""What was shown of a rule is remembered for as long as the rule means the same, and asked for where rules are used."""

from __future__ import annotations

import json
import zipfile
from typing import TYPE_CHECKING

import pytest
from attrs import evolve

from rewriter import apply, cache, packs
from rewriter.cli import main
from rewriter.demo import demo_model
from rewriter.errors import UsageError
from rewriter.language.check import compile_rules
from rewriter.proof.record import FILE, Entry, Records, entry_for, meaning_of, record, remember, shown_named
from rewriter.proof.verdict import Badge, Shown, Verdict
from rewriter.selection import read_rules
from tests.unit.commands import RIGHT, rewriter
from tests.unit.hand_prover import RULES, HandProver, refute
from tests.unit.test_packs import installed

if TYPE_CHECKING:
    from pathlib import Path

    from rewriter.language.rules import Rule

PACK = """\
pack mine "What it is for."
  uses one
op CUSTOM[Own](input: f32) -> output options struct { size: i32 } shape mine.same kernel mine.same
rule one "One." NEG(NEG(x)) -> x equal exact
rule two CUSTOM[Own](x) -> RELU(x)
"""


@pytest.fixture(autouse=True)
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("REWRITER_CACHE_DIR", str(tmp_path / "cache"))
    monkeypatch.setattr("rewriter.proof.prover.Prover", HandProver)
    return tmp_path


@pytest.fixture
def mine(place: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An installed pack called `mine`."""
    folder = place / "my_rules"
    folder.mkdir()
    (folder / "__init__.py").write_text("def same(x, **_):\n    return x\n")
    (folder / "mine.pat").write_text(PACK)
    installed(place, monkeypatch, {"mine": "my_rules"})
    return folder


def rule(text: str) -> Rule:
    return compile_rules(text, "my.pat", resolve=lambda _: lambda *__, **___: None).rules[0]


def passed(one: Rule, shown: Shown = "tested", examples: int = 200) -> Entry:
    entry = entry_for(one, Verdict(one.qualified, "passed", examples, Badge(shown, examples)), "ci")
    assert entry is not None
    return entry


def refuted(one: Rule) -> Entry:
    entry = entry_for(one, Verdict(one.qualified, "refuted", 3, Badge("tested", 3)), "ci")
    assert entry is not None
    return entry


# What a rule means

BASE = "rule a s = ADD[fused_activation_function=RELU](x: f32[n, 2], y) where n > 2 -> SUB(x, y) equal within 1e-4\n"


@pytest.mark.parametrize(
    "text",
    [
        BASE.replace(", ", " ,\n    "),
        "# a comment\n" + BASE.replace(" -> ", "\n  # another\n  -> "),
        BASE.replace("rule a", "rule b"),
        BASE.replace("rule a", 'rule a "What it is for."'),
        BASE.replace("1e-4", "0.0001"),
        BASE.replace("where n > 2", "where (n > 2)"),
        BASE.strip() + " benefit 3 phase 2",
        "rule other ABS(x) -> x\n" + BASE,
        "pattern add(x, y) = ADD[fused_activation_function=RELU](x, y)\n" + BASE.replace("\n", ""),
    ],
)
def test_a_rule_means_the_same_however_it_is_written(text: str) -> None:
    rules = compile_rules(text, "my.pat").rules
    assert meaning_of(rule(BASE)) in [meaning_of(each) for each in rules]


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("ADD", "MUL"),
        ("RELU", "RELU6"),
        ("f32", "f16"),
        ("[n, 2]", "[n, 3]"),
        ("[n, 2]", "[n, _]"),
        ("n > 2", "n >= 2"),
        (" where n > 2", ""),
        ("SUB(x, y)", "SUB(y, x)"),
        ("1e-4", "1e-3"),
        ("equal within 1e-4", "equal exact"),
        ("equal within", "lossy within"),
        ("1e-4", "1e-4 shared"),
        ("1e-4", "1e-4 changes interface"),
    ],
)
def test_a_rule_that_says_something_else_means_something_else(old: str, new: str) -> None:
    assert old in BASE
    assert meaning_of(rule(BASE.replace(old, new, 1))) != meaning_of(rule(BASE))


def test_zero_false_and_nothing_are_told_apart() -> None:
    texts = [f"MUL(x, {value}) -> x" for value in ("0", "0.0", "-0.0", "[]", "_")]
    texts += [f"ADD[pot_scale_int16={value}](x, y) -> x" for value in ("true", "false")] + ["ADD(x, y) -> x"]
    assert len({meaning_of(rule(text)) for text in texts}) == len(texts)


def test_named_patterns_count_as_what_they_stand_for() -> None:
    plain = rule("ABS(NEG(x)) -> ABS(x)")
    named = compile_rules("pattern minus(x) = NEG(x)\nrule a ABS(minus(x)) -> ABS(x)", "my.pat").rules[0]
    other = compile_rules("pattern minus(x) = ABS(x)\nrule a ABS(minus(x)) -> ABS(x)", "my.pat").rules[0]
    assert meaning_of(named) == meaning_of(plain)
    assert meaning_of(other) != meaning_of(plain)


def test_the_directions_of_a_rule_mean_different_things() -> None:
    one, other = compile_rules("rule a ABS(x: f32) <-> SQRT(SQUARE(x: f32))", "my.pat").rules
    assert meaning_of(one) != meaning_of(other)


OP = "op CUSTOM[Own](input: f32, more?) -> output options struct { size: i32 } where input.rank == 4\n"
USE = "rule a CUSTOM[Own](x) -> RELU(x)\n"


@pytest.mark.parametrize(
    "declared",
    [
        OP.replace(" -> ", "\n  # a comment\n  -> ").replace("input.rank == 4", "input.rank==4"),
        OP.replace("-> output", '-> output "What it does."'),
        OP + "op CUSTOM[Other](input) -> output\n",
    ],
)
def test_declarations_that_say_the_same_change_nothing(declared: str) -> None:
    assert meaning_of(rule(declared + USE)) == meaning_of(rule(OP + USE))


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("f32", "i8"),
        (", more?", ""),
        ("i32", "i64"),
        ("size", "sizes"),
        ("== 4", "== 3"),
        ("where", "commutative where"),
        ("options", "shape my.same options"),
        ("options", "kernel my.same options"),
    ],
)
def test_a_custom_operator_that_is_declared_otherwise_makes_another_rule(old: str, new: str) -> None:
    assert old in OP
    declared = OP.replace(old, new, 1)
    assert meaning_of(rule(declared + USE)) != meaning_of(rule(OP + USE))


def test_the_code_of_a_packs_functions_is_part_of_what_its_operators_are(mine: Path) -> None:
    one, two = packs.load("mine").rules
    before = meaning_of(one), meaning_of(two)
    (mine / "__init__.py").write_text("def same(x, **_):\n    return -x\n")
    one, two = packs.load("mine").rules
    assert meaning_of(one) == before[0]
    assert meaning_of(two) != before[1]


# The user's cache


def test_nothing_is_known_of_a_rule_that_was_never_tested() -> None:
    assert Records().badge(rule(BASE)) == Badge("claimed", 0)


def test_what_was_shown_is_remembered_for_the_rule_and_not_for_another() -> None:
    remember(passed(rule(BASE), "identity"))
    assert Records().badge(rule("# anew\n" + BASE)) == Badge("identity", 200)
    assert Records().badge(rule(BASE.replace("1e-4", "1e-5"))).shown == "claimed"


def test_a_refuted_rule_is_only_claimed_whatever_was_shown_before() -> None:
    remember(passed(rule(BASE), "all values"))
    remember(refuted(rule(BASE)))
    assert Records().badge(rule(BASE)) == Badge()
    remember(passed(rule(BASE)))
    assert Records().badge(rule(BASE)) == Badge("tested", 200)


def test_a_short_run_does_not_make_a_long_one_forgotten() -> None:
    remember(passed(rule(BASE), "tested", 5000))
    remember(passed(rule(BASE), "tested", 50))
    assert Records().badge(rule(BASE)).examples == 5000
    remember(passed(rule(BASE), "identity", 50))
    assert Records().badge(rule(BASE)) == Badge("identity", 50)


def test_what_another_runtime_gave_gives_way_to_what_this_one_gives() -> None:
    remember(evolve(passed(rule(BASE), "tested", 5000), runtime="1.0"))
    remember(passed(rule(BASE), "tested", 50))
    assert Records().badge(rule(BASE)).examples == 50


def test_a_rule_without_an_instance_is_not_remembered() -> None:
    assert entry_for(rule(BASE), Verdict("a", "no instance"), "ci") is None


@pytest.mark.parametrize("data", [b"", b"{", b"[]", b"\xff", b'{"rules": 3}', b'{"shown": "identity"}', b"[" * 100_000])
def test_a_damaged_file_in_the_cache_is_as_none(place: Path, data: bytes) -> None:
    remember(passed(rule(BASE)))
    (file,) = (place / "cache").glob("shown-*")
    file.write_bytes(data)
    assert Records().badge(rule(BASE)) == Badge()
    remember(passed(rule(BASE)))
    assert Records().badge(rule(BASE)).shown == "tested"


def test_an_entry_in_the_place_of_another_is_not_taken_for_it(place: Path) -> None:
    remember(passed(rule(BASE)))
    (file,) = (place / "cache").glob("shown-*")
    file.write_text(json.dumps(passed(rule("NEG(NEG(x)) -> x"), "identity").to_json()))
    assert Records().badge(rule(BASE)) == Badge()


def test_a_cache_that_cannot_be_written_is_no_mistake(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (place / "file").write_text("")
    monkeypatch.setenv("REWRITER_CACHE_DIR", str(place / "file"))
    remember(passed(rule(BASE)))
    assert Records().badge(rule(BASE)) == Badge()
    assert cache.directory() == place / "file"


# The record that a pack ships


def test_a_pack_ships_what_was_shown_of_its_rules(mine: Path, place: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["test", "mine", "--record"]) == 0
    assert capsys.readouterr().out.endswith(f"2 rules: 2 passed\nwritten: {mine / FILE}\n")
    for file in (place / "cache").glob("shown-*"):
        file.unlink()
    assert [Records().badge(each) for each in packs.load("mine")] == [Badge("tested", 200)] * 2
    first = json.loads((mine / FILE).read_text())["rules"][0]
    assert first.keys() == {"rule", "meaning", "status", "shown", "examples", "profile", "program", "runtime"}
    assert (first["rule"], first["profile"], first["examples"]) == ("mine.one", "ci", 200)


def test_a_shipped_record_is_worth_nothing_for_a_rule_that_was_changed_since(mine: Path) -> None:
    pack = packs.find("mine")
    rules = packs.load("mine").rules
    record(pack, rules, [passed(each) for each in rules])
    (mine / "mine.pat").write_text(PACK.replace("RELU", "RELU6"))
    assert [Records().badge(each).shown for each in packs.load("mine")] == ["tested", "claimed"]


def test_recording_some_rules_keeps_the_others_and_drops_what_is_gone_or_refuted(mine: Path) -> None:
    pack = packs.find("mine")
    one, two = packs.load("mine").rules
    record(pack, [one, two], [passed(one), passed(two)])
    record(pack, [one, two], [passed(two, "identity")])
    assert [each["shown"] for each in json.loads((mine / FILE).read_text())["rules"]] == ["tested", "identity"]
    record(pack, [one, two], [refuted(one)])
    assert [each["rule"] for each in json.loads((mine / FILE).read_text())["rules"]] == ["mine.two"]
    record(pack, [one], [passed(one)])
    assert [each["rule"] for each in json.loads((mine / FILE).read_text())["rules"]] == ["mine.one"]


def test_the_stronger_of_both_records_counts_and_a_refutation_more_than_either(mine: Path) -> None:
    one, two = packs.load("mine").rules
    record(packs.find("mine"), [one, two], [passed(one, "identity"), passed(two)])
    remember(passed(one))
    remember(passed(two, "all values"))
    assert [Records().badge(each).shown for each in (one, two)] == ["identity", "all values"]
    remember(refuted(one))
    assert Records().badge(one) == Badge()


def test_a_damaged_record_of_a_pack_is_as_none(mine: Path) -> None:
    for text in ("nonsense", "[]", '{"rules": {}}', '{"rules": [{}, 3]}'):
        (mine / FILE).write_text(text)
        assert {Records().badge(each).shown for each in packs.load("mine")} == {"claimed"}


def test_a_pack_in_a_zip_file_has_its_record_read_and_not_written(place: Path, mine: Path) -> None:
    pack = packs.find("mine")
    one, two = packs.load("mine").rules
    record(pack, [one, two], [passed(one), passed(two)])
    with zipfile.ZipFile(place / "mine.zip", "w") as archive:
        archive.write(mine / FILE, FILE)
    zipped = evolve(pack, folder=zipfile.Path(place / "mine.zip"))
    assert json.loads((zipped.folder / FILE).read_text())["rules"]
    with pytest.raises(UsageError, match="not in a folder"):
        record(zipped, [one, two], [])


# Where it is shown and asked for


def test_packs_shows_what_was_shown_behind_what_is_stated(mine: Path, capsys: pytest.CaptureFixture[str]) -> None:
    one, _ = packs.load("mine").rules
    remember(passed(one, "tested", 123))
    assert main(["packs", "mine"]) == 0
    text = capsys.readouterr().out
    assert "  mine.one: equal exact, tested (123)\n" in text
    assert "  mine.two: equal, claimed  (only where asked for)\n" in text
    assert main(["packs", "mine", "--json"]) == 0
    (found,) = json.loads(capsys.readouterr().out)["packs"]
    assert [(each["shown"], each["examples"]) for each in found["rules"]] == [("tested", 123), ("claimed", 0)]


@pytest.mark.parametrize("word", ["tested", "identity", "all values", "all-values", "claimed"])
def test_what_can_be_shown_has_its_words(word: str) -> None:
    assert shown_named(word) == word.replace("-", " ")


def test_weaker_rules_are_left_out_and_named(place: Path) -> None:
    demo_model().save(place / "in.tflite")
    (place / "right.pat").write_text(RIGHT)
    (chosen,) = read_rules("right.pat")
    found = rewriter("apply", "in.tflite", "-r", "right.pat", "--require", "tested", "-o", "out.tflite", cwd=place)
    assert (found.code, found.err) == (0, "")
    assert "right:1 was left out: it is claimed, and tested is asked for (--require; `rewriter test` shows more)\n" in (
        found.text
    )
    remember(passed(chosen, "identity"))
    enough = rewriter("apply", "in.tflite", "-r", "right.pat", "--require", "tested", "--json", cwd=place).document
    assert (enough["rules_applied"], enough["not_used"]) == ({"right:1": 1}, [])
    weak = rewriter("apply", "in.tflite", "-r", "right.pat", "--require", "all-values", "--json", cwd=place)
    assert weak.code == 0
    assert weak.document["rules_applied"] == {}
    reason = "it is identity, and all values is asked for (--require; `rewriter test` shows more)"
    assert weak.document["not_used"] == [{"rule": "right:1", "reason": reason}]
    assert (place / "out.tflite").read_bytes() == (place / "in.tflite").read_bytes()


def test_an_unknown_word_is_refused(place: Path) -> None:
    demo_model().save(place / "in.tflite")
    found = rewriter("apply", "in.tflite", "-p", "mediapipe", "--require", "proved", cwd=place)
    assert (found.code, found.out) == (2, b"")
    assert found.err == (
        "error: nothing that can be shown of a rule is called 'proved'\n"
        "  = try: claimed, tested, identity, all values\n"
    )


def test_the_python_surface_asks_in_the_same_way(place: Path) -> None:
    model = demo_model()
    (place / "right.pat").write_text(RIGHT)
    result = apply(model, rules=["right.pat"], require="identity", check="none")
    assert result.report.rewriting.applications == []
    assert list(result.report.not_used) == ["right:1"]
    (chosen,) = read_rules("right.pat")
    remember(passed(chosen, "all values"))
    result = apply(model, rules=["right.pat"], require="identity", check="none")
    assert result.report.rewriting.rules_applied() == {"right:1": 1}


def test_rules_that_are_not_allowed_are_among_those_that_were_not_used(place: Path) -> None:
    (place / "lossy.pat").write_text("rule loses NEG(x) -> ABS(x) lossy within 1\n")
    report = apply(demo_model(), rules=["lossy.pat"]).report.to_json()
    reason = "it is lossy or changes the interface (--allow)"
    assert report["not_used"] == [{"rule": "loses", "reason": reason}]


def test_every_run_of_the_command_is_remembered(place: Path) -> None:
    (place / "my.pat").write_text(RULES)
    right, wrong, never = compile_rules(RULES, "my.pat").rules
    remember(passed(wrong))
    assert main(["test", "my.pat", "-q"]) == 1
    assert [Records().badge(each).shown for each in (right, wrong, never)] == ["tested", "claimed", "claimed"]
    assert refute(wrong).output == "result"
