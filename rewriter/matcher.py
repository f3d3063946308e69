"""Which rule matches at an operator."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from functools import lru_cache

from rewriter.language.decision import Decision
from rewriter.language.program import Frame
from rewriter.language.rules import Rule
from rewriter.model import Operator


class Matcher:
    """The rules of one phase, those that can match at one kind of root in one decision structure.

    Rules of higher benefit come first, then in the order in which they were given. A structure is made when the first
    operator of its kind is met.

    Attributes:
        depth: How many operators deep the deepest pattern is.
    """

    def __init__(self, rules: Iterable[Rule]) -> None:
        self._rules = sorted(rules, key=lambda rule: -rule.benefit)
        self._any: list[int] = []
        self._named: dict[str, list[int]] = {}
        for order, rule in enumerate(self._rules):
            if rule.program.heads is None:
                self._any.append(order)
            for name in rule.program.heads or ():
                self._named.setdefault(name, []).append(order)
        self._decisions: dict[str, Decision | None] = {}
        self.depth = max((rule.program.depth for rule in self._rules), default=0)

    def decisions(self) -> Iterator[tuple[str, Decision, list[Rule]]]:
        """For each kind of root that the rules name, its structure, and the rules in the order of their places."""
        for name in [*self._named, *(["any other"] if self._any else [])]:
            orders = sorted([*self._any, *self._named.get(name, ())])
            yield name, Decision([(order, self._rules[order].program) for order in orders]), self._rules

    def can_match(self, operator: Operator) -> bool:
        """Whether there is a rule whose root can be an operator of this kind."""
        return self._decision(operator.code.name) is not None

    def match(self, operator: Operator, without: Collection[Rule] = ()) -> tuple[Rule, Frame] | None:
        """The rule that counts most among those that match with their root here, and the first way in which it does.

        Args:
            operator: The root.
            without: Rules that are left out.
        """
        decision = self._decision(operator.code.name)
        if decision is None:
            return None
        found = decision.search(operator, [self._rules.index(rule) for rule in without])
        return None if found is None else (self._rules[found[0]], found[1])

    def _decision(self, name: str) -> Decision | None:
        if name not in self._decisions:
            orders = sorted([*self._any, *self._named.get(name, ())])
            programs = [(order, self._rules[order].program) for order in orders]
            self._decisions[name] = Decision(programs) if programs else None
        return self._decisions[name]


@lru_cache(maxsize=16)
def matcher_of(rules: tuple[Rule, ...]) -> Matcher:
    """The matcher of some rules, the same one again for the next model: to make its structures takes longer than to
    search a small model with them.
    """
    return Matcher(rules)
