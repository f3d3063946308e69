"""Rules by which the verifier is tested: `wrong/` has to be refuted, `right/`, their near neighbours, have to pass.

What is wrong with a rule, and when, its documentation says.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from rewriter.selection import compile_rules

if TYPE_CHECKING:
    from rewriter.language.rules import RuleSet

HERE = Path(__file__).parent
FOLDERS = ("wrong", "right")
FILES = sorted(path for folder in FOLDERS for path in (HERE / folder).glob("*.pat"))
LEAST = 75

# Where what the checker warns of is the very mistake.
DELIBERATE: dict[str, list[str]] = {}


@cache
def rules_of(path: Path) -> RuleSet:
    return compile_rules(path.read_text("utf-8"), str(path.relative_to(HERE)))


def named(path: Path) -> str:
    return f"{path.parent.name}/{path.stem}"


@pytest.mark.parametrize("path", FILES, ids=named)
def test_a_file_of_the_corpus_compiles_without_warnings_but_deliberate_ones(path: Path) -> None:
    found = [f"{each.code} {each.message}" for each in rules_of(path).warnings]
    assert found == DELIBERATE.get(named(path), [])


def test_wrong_and_right_rules_stand_in_files_of_the_same_names() -> None:
    wrong, right = ({path.name for path in FILES if path.parent.name == folder} for folder in FOLDERS)
    assert wrong == right


@pytest.mark.parametrize("path", FILES, ids=named)
def test_every_rule_has_a_name_of_its_own_and_a_sentence_for_people(path: Path) -> None:
    rules = list(rules_of(path))
    names = [rule.name for rule in rules]
    assert sorted(set(names)) == sorted(names)
    assert [rule.name for rule in rules if not rule.doc.endswith(".")] == []


@pytest.mark.parametrize("folder", FOLDERS)
def test_there_are_enough_rules_that_no_verifier_passes_by_luck(folder: str) -> None:
    assert sum(len(rules_of(path)) for path in FILES if path.parent.name == folder) >= LEAST


def test_no_right_rule_is_a_wrong_one() -> None:
    """A rule that stands in both folders would be refuted and pass."""

    def said(folder: str) -> set[tuple[object, ...]]:
        rules = [rule for path in FILES if path.parent.name == folder for rule in rules_of(path)]
        sides = [(rule.sides, str(rule.equality)) for rule in rules]
        return {(each.left, each.conditions, each.right, equality) for each, equality in sides if each is not None}

    assert said("wrong") & said("right") == set()
