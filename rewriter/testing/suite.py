"""The rules of one source, a pack or a `.pat` file, that are to be tested."""

from __future__ import annotations

import os
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING

from attrs import evolve, frozen

from rewriter import packs
from rewriter.errors import LanguageError, PackError, UsageError
from rewriter.language.rules import Cleanup, Rule, RuleSet
from rewriter.selection import is_called, others, read_rules
from rewriter.source import Diagnostic

if TYPE_CHECKING:
    from rewriter.dialect.declaration import Declaration


UNTESTED = "a cleanup, which has no pattern to make instances of: it is not tested here"
_HINT = "`rewriter verify` compares a model with what became of it"


@frozen
class Suite:
    """Rules to test.

    Attributes:
        source: The pack's name or the file's path, as it was given; empty for rules that came compiled.
        pack: The pack's name; None for a file.
        rules: Each direction by itself, whether the pack uses it or not.
        declarations: The operators that the source declares.
        targets: Whether it holds targets.
        cleanups: The cleanups that it declares, which are not tested here: they have no pattern to make instances of.
    """

    source: str
    pack: str | None
    rules: tuple[Rule, ...]
    declarations: Mapping[str, Declaration]
    targets: bool = False
    cleanups: tuple[Cleanup, ...] = ()


def suites(sources: Iterable[str | os.PathLike[str] | RuleSet], only: Collection[str] = ()) -> list[Suite]:
    """The rules of packs and files.

    Args:
        sources: A file where there is one of this name or it ends in `.pat`, otherwise a pack's name.
        only: Names of rules; where there are any, no others are tested. With or without pack; without a direction
            both are meant. `*` is any letters.

    Raises:
        UsageError: A file cannot be read, a rule is unknown, or there is none to test.
        LanguageError: Files have mistakes; it holds those of all of them.
        PackError: There is no such pack.
    """
    found: dict[str, Suite] = {}
    mistakes: list[Diagnostic] = []
    for source in sources:
        try:
            suite = _suite(source)
        except LanguageError as error:
            mistakes += error.diagnostics
            continue
        if not suite.rules:
            hint = "a rule is PATTERN -> REPLACEMENT, for instance MUL(x, 1.0) -> x"
            if suite.cleanups:
                hint = f"{suite.cleanups[0].qualified} is {UNTESTED}"
            elif suite.targets:
                hint = "rewriter targets MODEL: there are targets here, and they are not tested"
            raise UsageError(f"{suite.source or 'what was given'}: there are no rules to test", hint=hint)
        found.setdefault(suite.source or f"#{len(found)}", suite)
    if mistakes:
        raise LanguageError(mistakes)
    if not only:
        return list(found.values())
    every = [rule for suite in found.values() for rule in suite.rules]
    cleanups = {
        name: each for suite in found.values() for each in suite.cleanups for name in (each.name, each.qualified)
    }
    for name in only:
        if name in cleanups:
            raise UsageError(f"{cleanups[name].qualified} is {UNTESTED}", hint=_HINT)
    wanted = {id(rule) for name in only for rule in _called(every, name)}
    chosen = (
        evolve(each, rules=tuple(rule for rule in each.rules if id(rule) in wanted), cleanups=())
        for each in found.values()
    )
    return [each for each in chosen if each.rules]


def _suite(source: str | os.PathLike[str] | RuleSet) -> Suite:
    if isinstance(source, RuleSet):
        return Suite("", None, source.rules, source.declarations, cleanups=source.cleanups)
    name = os.fspath(source)
    if os.path.isfile(name) or name.endswith(".pat"):
        rules = read_rules(name)
        return Suite(name, None, rules.rules, rules.declarations, bool(rules.targets), rules.cleanups)
    try:
        rules = packs.load(name)
    except PackError as error:
        if os.sep in name:
            raise UsageError(f"{name}: there is no such file", hint="a file FILE.pat, or an installed pack") from None
        pack = name.partition(".")[0]
        if pack != name and pack in packs.installed():
            raise PackError(error.message, hint=f"{pack} --rule {name}") from None
        raise error
    return Suite(name, name, rules.rules, rules.declarations, bool(rules.targets), rules.cleanups)


def _called(rules: Sequence[Rule], name: str) -> Sequence[Rule]:
    exact = [rule for rule in rules if is_called(name, rule.name, rule.qualified)]
    plain = [rule for rule in rules if is_called(name, rule.plain_name, f"{rule.pack}.{rule.plain_name}")]
    found = [*exact, *(rule for rule in plain if rule not in exact)] if "*" in name else exact or plain
    if not found:
        raise UsageError(f"there is no rule {name!r} here", hint=others(rules, name))
    return found
