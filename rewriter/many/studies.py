"""Which targets are asked about, and which rules are tried for them."""

from __future__ import annotations

import functools
from collections.abc import Mapping, Sequence

from attrs import frozen

from rewriter import packs as installed
from rewriter import run, selection
from rewriter.errors import UsageError
from rewriter.language.rules import RuleSet
from rewriter.language.target import Target
from rewriter.model import Model
from rewriter.source import nearest
from rewriter.targets import Study, study


@frozen
class _Compiled:
    """What was chosen, compiled."""

    targets: Sequence[Target]
    sets: Sequence[RuleSet]
    given: RuleSet
    left_out: Mapping[str, str]


@frozen(slots=False)
class Choice:
    """What is asked about; it can travel to another process.

    Attributes:
        names: Targets; where there are none, those of the files, or else all installed ones.
        packs: The packs whose rules are tried; all where there are none.
        files: Their names, and what they hold: targets, and rules that are tried.
        only: Names of rules. Where there are any, no others are tried, and these are, whatever their pack prefers.
    """

    names: tuple[str, ...] = ()
    packs: tuple[str, ...] = ()
    files: tuple[tuple[str, bytes], ...] = ()
    only: tuple[str, ...] = ()

    def __getstate__(self) -> dict[str, object]:
        # What is compiled holds functions, and stays where it was compiled.
        return {"names": self.names, "packs": self.packs, "files": self.files, "only": self.only}

    @property
    def targets(self) -> Sequence[Target]:
        """The targets.

        Raises:
            UsageError, PackError, LanguageError: A target or a pack is unknown, or has mistakes.
        """
        return self._compiled.targets

    @property
    def left_out(self) -> Mapping[str, str]:
        """The packs that do not load, each with what is wrong, in one line."""
        return self._compiled.left_out

    def study(self, model: Model) -> list[Study]:
        """What the targets take of a model."""
        chosen = self._compiled
        declared, find = chosen.given.declarations, installed.finder()
        with run.evaluator(chosen.given) as evaluator:
            return study(model, chosen.targets, chosen.sets, lambda code: declared.get(code) or find(code), evaluator)

    @functools.cached_property
    def _compiled(self) -> _Compiled:
        given = [selection.compile_rules(text, name) for name, text in self.files]
        # One that has mistakes takes no others with it, unless it is asked for.
        asked = {name: installed.load(name) for name in dict.fromkeys(self.packs)}
        others, wrong = installed.load_all()
        known = asked | others
        targets = _chosen(self.names, given, list(known.values()))
        sets = [*given, *(rules for name, rules in known.items() if not self.packs or name in self.packs)]
        if self.only:
            every = [each for rules in sets for each in (*rules.rules, *rules.cleanups)]
            named = {each.qualified for name in self.only for each in selection.called(every, name)}
            sets = [selection.narrowed(rules, named) for rules in sets]
        return _Compiled(targets, sets, RuleSet.union(given), wrong)


def near_targets(name: str, known: Sequence[str]) -> str:
    """What to try where there is no target of a name: those whose names begin with it, else the nearest, else all."""
    levels = [each for each in dict.fromkeys(known) if each.startswith(name.casefold())]
    return ", ".join(levels) or nearest(name, known) or ", ".join(sorted(set(known)))


def _chosen(names: tuple[str, ...], given: Sequence[RuleSet], known: Sequence[RuleSet]) -> list[Target]:
    """The targets that are asked for; a file's before installed ones of the same name."""
    own = [target for rules in given for target in rules.targets]
    every = [*own, *(target for rules in known for target in rules.targets)]
    if not names:
        if not every:
            raise UsageError("there are no targets", hint="-r FILE.pat with a `target` item")
        return own or every
    found: list[Target] = []
    for name in dict.fromkeys(names):
        target = next((each for each in every if name in (each.name, each.qualified)), None)
        if target is None:
            hint = near_targets(name, [each.name for each in every])
            raise UsageError(f"there is no target {name!r}", hint=hint or "-r FILE.pat with a `target` item")
        found.append(target)
    return found
