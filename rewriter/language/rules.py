"""Checked and compiled rules, and what stands beside them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

from attrs import define, field, frozen

from rewriter.dialect.declaration import Declaration
from rewriter.language.program import Program
from rewriter.language.replacement import Replacement
from rewriter.language.sides import Sides
from rewriter.language.target import Target
from rewriter.source import Diagnostic, Span

_SHOWN = 8  # names of a set


@frozen
class Equality:
    """What a rule says of its two sides.

    Attributes:
        kind: `exact`, `within` (relative to the larger of 1 and the result's largest magnitude), `ulp` or `step`;
            `default` where the rule says nothing.
        bound: The figure; 0 for `exact`.
        lossy: Whether the rule is an approximation.
    """

    kind: str = "default"
    bound: float = 0.0
    lossy: bool = False

    def __str__(self) -> str:
        unit = {"ulp": " ulp", "step": " step"}.get(self.kind, "")
        if self.kind in ("exact", "default"):
            return "equal exact" if self.kind == "exact" else "equal"
        return f"{'lossy' if self.lossy else 'equal'} within {self.bound:g}{unit}"


@frozen(eq=False)
class Rule:
    """A rule in one direction.

    Attributes:
        name: As it is written, with `.forward` or `.backward` where it was written in both directions.
        pack: The pack that it comes from, or None.
        used: Whether its pack or file uses it unasked.
        sides: Its trees, for checks that compare rules.
        captures: What the text calls a tensor, a list of them or an operator of the match, by its register.
    """

    name: str
    pack: str | None
    doc: str
    span: Span
    program: Program
    replacement: Replacement
    equality: Equality
    changes_interface: bool
    benefit: int
    phase: int
    used: bool
    sides: Sides | None = None
    captures: Mapping[int, str] = field(factory=dict[int, str], repr=False)

    @property
    def qualified(self) -> str:
        """`pack.rule`, or the rule's name where it comes from a file."""
        return f"{self.pack}.{self.name}" if self.pack else self.name

    def __repr__(self) -> str:
        return f"Rule({self.qualified})"

    @property
    def plain_name(self) -> str:
        """Its name without a direction."""
        return self.name.removesuffix(".forward").removesuffix(".backward")


@frozen(eq=False)
class Cleanup:
    """Changes to a model that no pattern describes; none of them changes what the model computes.

    Attributes:
        name: As it is written.
        pack: The pack that it comes from, or None.
        function: Takes a `rewriter.changes.View` of a model and gives changes, one after the other.
        used: Whether its pack or file uses it unasked.
    """

    name: str
    pack: str | None
    doc: str
    span: Span
    function: Callable[..., Any]
    used: bool
    equality: Equality = Equality("exact")
    changes_interface: bool = False

    @property
    def qualified(self) -> str:
        """`pack.cleanup`, or the cleanup's name where it comes from a file."""
        return f"{self.pack}.{self.name}" if self.pack else self.name

    @property
    def plain_name(self) -> str:
        """Its name; a cleanup has no direction."""
        return self.name


@define
class RuleSet:
    """Rules, the operators, targets and cleanups that their files declare, and what the checker warned of.

    Iterating gives the rules.

    Attributes:
        serves: The targets that the rules are for; none where they are for every runtime.
        left_out: Packs that should be among them and do not load, each with what is wrong, in one line.
    """

    rules: tuple[Rule, ...] = ()
    declarations: Mapping[str, Declaration] = field(factory=dict[str, Declaration])
    warnings: tuple[Diagnostic, ...] = ()
    doc: str = ""
    serves: tuple[str, ...] = ()
    targets: tuple[Target, ...] = ()
    cleanups: tuple[Cleanup, ...] = ()
    left_out: Mapping[str, str] = field(factory=dict[str, str])

    def __repr__(self) -> str:
        return f"RuleSet({'; '.join(_listed(*each) for each in self._parts() if each[1]) or 'nothing'})"

    def _parts(self) -> Iterator[tuple[str, list[str]]]:
        yield "rule", [rule.qualified for rule in self.rules]
        yield "cleanup", [cleanup.qualified for cleanup in self.cleanups]
        yield "target", [target.name for target in self.targets]
        yield "operator", [declaration.name for declaration in self.declarations.values()]

    def __iter__(self) -> Iterator[Rule]:
        return iter(self.rules)

    def __len__(self) -> int:
        return len(self.rules)

    @classmethod
    def union(cls, sets: Iterable[RuleSet]) -> RuleSet:
        """All rules of several sets, in order."""
        every = list(sets)
        declarations: dict[str, Declaration] = {}
        for each in every:
            declarations |= each.declarations
        return cls(
            tuple(rule for each in every for rule in each.rules),
            declarations,
            tuple(warning for each in every for warning in each.warnings),
            targets=tuple(target for each in every for target in each.targets),
            cleanups=tuple(cleanup for each in every for cleanup in each.cleanups),
            left_out={name: reason for each in every for name, reason in each.left_out.items()},
        )


def _listed(what: str, names: list[str]) -> str:
    """`2 rules: a, b`."""
    more = f" and {len(names) - _SHOWN} more" if len(names) > _SHOWN else ""
    return f"{len(names)} {what}{'s' * (len(names) != 1)}: {', '.join(names[:_SHOWN])}{more}"
