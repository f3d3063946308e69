"""Which rules a run uses: those of packs and files, all of them or those that are named."""

from __future__ import annotations

import os
from collections.abc import Collection, Iterable, Sequence
from fnmatch import fnmatchcase
from typing import Literal, cast

from attrs import evolve

from rewriter import packs as packs_
from rewriter.errors import UsageError
from rewriter.language.check import compile_rules as _compile_rules
from rewriter.language.rules import Cleanup, Rule, RuleSet
from rewriter.model.reader import IDENTIFIER

CheckLevel = Literal["model", "rules", "none"]
CHECKS: tuple[CheckLevel, ...] = ("model", "rules", "none")
ALLOWANCES = ("lossy", "interface")
_LISTED = 8  # rules that an error names
_NEAR = 3  # of more, those that are named as the nearest


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
        UsageError: The file cannot be read, or is a model.
        LanguageError: It has mistakes.
    """
    return compile_rules(read_text(path), os.fspath(path))


def read_text(path: str | os.PathLike[str]) -> bytes:
    """What a `.pat` file holds.

    Raises:
        UsageError: The file cannot be read, or is a model.
    """
    name = os.fspath(path)
    try:
        with open(path, "rb") as file:
            text = file.read()
    except OSError as error:
        hint = f"-p {name}" if name in packs_.installed() else None
        raise UsageError(f"{name}: cannot be read: {error.strerror}", hint=hint) from None
    if text[4:8] == IDENTIFIER:
        raise UsageError(f"{name}: this is a model, not rules", hint="a .pat file; `rewriter inspect` shows a model")
    return text


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
    for argument, names in (("packs", packs), ("only", only), ("without", without)):
        check_list(argument, names)
    check_list("rules", rules, of="files and rules")
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
        elif isinstance(each, str) and "->" in each and not os.path.exists(each):
            message = f"{each!r} is a rule's text, and a file of that name there is not"
            raise UsageError(message, hint="a file; in Python also rewriter.compile_rules(text)")
        else:
            sets.append(read_rules(each))
    whole = RuleSet.union(sets)
    every = (*whole.rules, *whole.cleanups)
    left_out = {each.qualified for name in without for each in called(every, name)}
    named = {each.qualified for name in only for each in called(every, name)}
    used = {each.qualified for each in every if (each.qualified in named if only else each.used)}
    return narrowed(whole, used - left_out)


def narrowed(rules: RuleSet, names: Collection[str]) -> RuleSet:
    """The rules and cleanups of a set that have one of these names, and all else that it holds.

    They count as used: whoever names a rule uses it, whatever its pack prefers.
    """
    return evolve(
        rules,
        rules=tuple(evolve(rule, used=True) for rule in rules.rules if rule.qualified in names),
        cleanups=tuple(evolve(cleanup, used=True) for cleanup in rules.cleanups if cleanup.qualified in names),
    )


def check_choices(allow: Collection[str], check: str) -> None:
    """Refuse an allowance or a level of checking that there is not.

    Raises:
        UsageError: There is none of this name.
    """
    check_list("allow", allow)
    for name in allow:
        if name not in ALLOWANCES:
            raise UsageError(f"allow takes {' and '.join(ALLOWANCES)}, not {name!r}")
    if check not in CHECKS:
        raise UsageError(f"check takes {', '.join(map(repr, CHECKS))}, not {check!r}")


def check_list(argument: str, given: object, *, of: str = "names") -> None:
    """Refuse a name where a list of names is meant: its letters would be taken for names.

    Raises:
        UsageError: It is one name.
    """
    if isinstance(given, str | os.PathLike):
        name = os.fspath(cast("str | os.PathLike[str]", given))
        raise UsageError(f"{argument} takes a list of {of}, not {name!r}", hint=f"{argument}=[{name!r}]")


def called(rules: Sequence[Rule | Cleanup], name: str) -> Sequence[Rule | Cleanup]:
    """The rules and cleanups that a user means by `name`: with or without pack and direction; `*` is any letters.

    Without direction the one is meant that the pack uses, and forward where it uses none.
    """
    plain = [rule for rule in rules if is_called(name, rule.plain_name, f"{rule.pack}.{rule.plain_name}")]
    if "*" in name:
        names = dict.fromkeys(rule.plain_name for rule in plain)
        found = [each for plain_name in names for each in called(plain, plain_name)]
    else:
        exact = [rule for rule in rules if is_called(name, rule.name, rule.qualified)]
        used = [rule for rule in plain if rule.used]
        found = exact or used or [rule for rule in plain if rule.name.endswith(".forward")]
    if not found:
        raise UsageError(f"there is no rule {name!r} here", hint=others(rules, name))
    return found


def others(rules: Sequence[Rule | Cleanup], name: str) -> str:
    """What to try where no rule is called `name`."""
    known = [rule.qualified for rule in rules]
    if not known:
        return "name a pack or a file: -p PACK, -r FILE.pat"
    pack = name.partition(".")[0]
    if pack != name and pack in packs_.installed() and all(rule.pack != pack for rule in rules):
        return f"-p {pack}"
    close = _close(name, rules)
    if close or len(known) <= _LISTED:
        return ", ".join(close or known)
    listing = dict.fromkeys(
        f"rewriter packs {rule.pack}" if rule.pack else f"rewriter check --explain {rule.span.text.name}"
        for rule in rules
    )
    return f"{' or '.join(f'`{each}`' for each in list(listing)[:_NEAR])} lists the {len(known)} that there are"


def _close(name: str, rules: Sequence[Rule | Cleanup]) -> list[str]:
    """The few rules whose names are nearest to one, or have it in them."""
    from difflib import get_close_matches

    word = name.strip("*").casefold()
    called: dict[str, str] = {}
    for rule in rules:
        for each in (rule.plain_name, rule.name, rule.qualified):
            called.setdefault(each.casefold(), rule.qualified)
    near = get_close_matches(word, called, n=_NEAR)
    near += [each for each in called if word and word in each]
    return list(dict.fromkeys(called[each] for each in near))[:_NEAR]


def is_called(name: str, *names: str) -> bool:
    """Whether one of some names is the one that a user gave; `*` in that is any letters."""
    return any(fnmatchcase(each, name) for each in names) if "*" in name else name in names
