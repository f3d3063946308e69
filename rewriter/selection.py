"""Which rules a run uses: those of packs and files, all of them or those that are named."""

from __future__ import annotations

import os
from collections.abc import Collection, Iterable, Sequence
from typing import Literal

from attrs import evolve

from rewriter import packs as packs_
from rewriter.errors import UsageError
from rewriter.language.check import compile_rules as _compile_rules
from rewriter.language.rules import Rule, RuleSet
from rewriter.source import nearest

CheckLevel = Literal["model", "rules", "none"]
CHECKS: tuple[CheckLevel, ...] = ("model", "rules", "none")
ALLOWANCES = ("lossy", "interface")


def compile_rules(text: str | bytes, filename: str = "<rules>") -> RuleSet:
    """Check `.pat` text and compile its rules.

    Args:
        text: The text.
        filename: What errors call it, and what bare rules are named after.

    Raises:
        LanguageError: The text has mistakes; it holds all of them.
    """
    return _compile_rules(
        text,
        filename,
        elsewhere=packs_.finder(),
        resolve=packs_.find_function,
        functions=packs_.added_functions(),
        find_target=packs_.target_finder(),
    )


def read_rules(path: str | os.PathLike[str]) -> RuleSet:
    """Compile the rules of a `.pat` file.

    Raises:
        UsageError: The file cannot be read.
        LanguageError: It has mistakes.
    """
    name = os.fspath(path)
    try:
        with open(name, "rb") as file:
            text = file.read()
    except OSError as error:
        raise UsageError(f"{name}: cannot be read: {error.strerror}") from None
    return compile_rules(text, name)


def gather(
    packs: Iterable[str] | None = None,
    rules: Iterable[str | os.PathLike[str] | RuleSet | Rule] = (),
    only: Collection[str] = (),
    without: Collection[str] = (),
) -> RuleSet:
    """The rules that a run uses.

    Args:
        packs: Names of installed packs; None for the default ones, where no rules are given either. Of these, one that
            does not load is left out; one that is named has to load.
        rules: `.pat` files, or rules that are compiled already.
        only: Names of rules; where there are any, no others are used, and those named are, whatever their pack prefers.
        without: Names of rules that are not used.

    Raises:
        PackError, LanguageError, UsageError: A pack, file or rule is unknown or has mistakes.
    """
    given = list(rules)
    sets: list[RuleSet] = []
    if packs is None and not given:
        # Rules and targets take time to compile, and those of most packs are not wanted here.
        wanted = [name for name, pack in packs_.installed().items() if pack.may_be_default()]
        loaded, wrong = packs_.load_all([*wanted, *packs_.unusable()])
        sets += [each for each in loaded.values() if packs_.is_default(each)]
        sets.append(RuleSet(left_out=wrong))
    sets += [packs_.load(name) for name in packs or ()]
    for each in given:
        if isinstance(each, RuleSet):
            sets.append(each)
        elif isinstance(each, Rule):
            sets.append(RuleSet((each,)))
        else:
            sets.append(read_rules(each))
    whole = RuleSet.union(sets)
    left_out = {rule.qualified for name in without for rule in called(whole.rules, name)}
    named = {rule.qualified for name in only for rule in called(whole.rules, name)}
    # Whoever names a rule uses it, whatever its pack prefers.
    whole.rules = tuple(
        evolve(rule, used=True)
        for rule in whole.rules
        if (rule.qualified in named if only else rule.used) and rule.qualified not in left_out
    )
    return whole


def called(rules: Sequence[Rule], name: str) -> Sequence[Rule]:
    """The rules that a user means by `name`: with or without pack, and with or without direction.

    Without direction the one is meant that the pack uses, and forward where it uses none.
    """
    exact = [rule for rule in rules if name in (rule.name, rule.qualified)]
    plain = [rule for rule in rules if name in (rule.plain_name, f"{rule.pack}.{rule.plain_name}")]
    found = exact or [rule for rule in plain if rule.used] or [rule for rule in plain if rule.name.endswith(".forward")]
    if not found:
        known = [rule.qualified for rule in rules]
        hint = nearest(name, [*known, *(rule.name for rule in rules)]) or ", ".join(known)
        raise UsageError(f"there is no rule {name!r} here", hint=hint or "name a pack or a file: -p PACK, -r FILE.pat")
    return found
