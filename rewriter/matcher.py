"""Which rules can match at an operator, and running them there."""

from __future__ import annotations

from collections.abc import Iterable

from rewriter.language.program import Frame
from rewriter.language.rules import Rule
from rewriter.model import Operator, OperatorCode


class Matcher:
    """The rules of one phase, by the name of their root operator.

    Rules of higher benefit come first, then in the order in which they were given.
    """

    def __init__(self, rules: Iterable[Rule]) -> None:
        ordered = sorted(rules, key=lambda rule: -rule.benefit)
        named: dict[str, list[Rule]] = {}
        for rule in ordered:
            for name in rule.program.heads or ():
                named.setdefault(name, [])
        for name, chosen in named.items():
            chosen += [rule for rule in ordered if rule.program.heads is None or name in rule.program.heads]
        self._any = [rule for rule in ordered if rule.program.heads is None]
        self._named = named
        self._by_code: dict[OperatorCode, list[Rule]] = {}
        self.depth = max((rule.program.depth for rule in ordered), default=0)

    def candidates(self, operator: Operator) -> list[Rule]:
        """The rules whose root this operator can be, in the order in which they count."""
        found = self._by_code.get(operator.code)
        if found is None:
            found = self._by_code[operator.code] = self._named.get(operator.code.name, self._any)
        return found

    def match(self, rule: Rule, operator: Operator) -> Frame | None:
        """The first way in which the rule matches with its root here, or None."""
        return rule.program.run(operator)
