"""Other values for variables, so that a comparison comes out otherwise and those before it as they did."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from attrs import define, field

from rewriter.proof.tracked import Comparison, Trace, evaluate

# Comparisons before the last, counted from the end, that are tried to be turned.
_BACK = 24
_PAIRS = 8
# For so many changes of a comparison that would undo equalities others are looked for that mend them, in so many steps.
_MENDED = 4
# Numbers beyond are limits of the program's own, which no instance has to reach.
_LARGEST = 1 << 12
_TRIED = 33


@define
class Variable:
    """A number that can be chosen.

    Attributes:
        domain: The values to choose from, the simplest first.
        open: Whether other whole numbers from the least of these on will do as well where a comparison asks for them.
    """

    name: str
    value: int
    domain: tuple[int, ...]
    open: bool = False


@define
class Repairs:
    """Looks for repairs of one draft, and never proposes the same values twice."""

    seen: set[tuple[tuple[str, int], ...]] = field(factory=set[tuple[tuple[str, int], ...]])

    def repair(self, trace: Trace, variables: Mapping[str, Variable], start: int = 0, *, empty: bool = False) -> bool:
        """Change values so that one of the last comparisons comes out otherwise; False where nothing is found.

        Args:
            trace: What was compared on the way to where it failed.
            variables: All of them. Those that a repair changes get their new values.
            start: The first comparison of the step that failed; earlier ones led to steps that did not.
            empty: Whether sizes may become 0, which none does unless it is asked for.
        """
        comparisons = trace.comparisons
        values = {name: each.value for name, each in variables.items()}
        self.seen.add(_state(values))
        last = len(comparisons) - 1
        recent = range(last, max(last - _BACK, start - 1, -1), -1)
        # Most of what does not fit is two numbers that should be equal; these are tried before all else.
        apart = [at for at in recent if comparisons[at].apart]
        for order in (apart, [at for at in recent if at not in apart]):
            least: tuple[int, dict[str, int]] | None = None
            for at in order:
                target = comparisons[at]
                if (not empty and target.with_nothing) or not any(name in variables for name in target.variables()):
                    continue
                tried = 0
                for change in _changes(target, values, variables, empty=empty):
                    changed = {**values, **change}
                    if _state(changed) in self.seen:
                        continue
                    broken = _broken(comparisons[:at], changed, change)
                    if not broken:
                        self._take(changed, change, variables)
                        return True
                    if least is None or broken < least[0]:
                        least = broken, change
                    if target.apart and tried < _MENDED:
                        tried += 1
                        more = self._mended(comparisons[: at + 1], changed, change, variables)
                        if more is not None:
                            self._take({**changed, **more}, {**change, **more}, variables)
                            return True
            if least is not None:
                self._take({**values, **least[1]}, least[1], variables)
                return True
        return False

    def _mended(
        self,
        comparisons: Sequence[Comparison],
        values: Mapping[str, int],
        change: Mapping[str, int],
        variables: Mapping[str, Variable],
    ) -> dict[str, int] | None:
        """More changes, with which the comparisons before the last come out as they did, and the last does not."""
        *before, target = comparisons
        more: dict[str, int] = {}
        for _ in range(_MENDED):
            together = {**values, **more}
            broken = next((each for each in before if not _holds(each, together, {**change, **more})), None)
            if broken is None:
                return None if _state(together) in self.seen else more
            if broken.sign != ("==" if broken.outcome else "!="):
                return None
            found = next(
                (
                    {name: value}
                    for name in broken.variables()
                    if name in variables and name not in change and name not in more
                    for value in _candidates(broken, variables[name], together, empty=False)
                    if broken.holds({**together, name: value}) and target.holds({**together, name: value}) is False
                ),
                None,
            )
            if found is None:
                return None
            more |= found
        return None

    def _take(self, values: Mapping[str, int], change: Mapping[str, int], variables: Mapping[str, Variable]) -> None:
        self.seen.add(_state(values))
        for name, value in change.items():
            variables[name].value = value


def _state(values: Mapping[str, int]) -> tuple[tuple[str, int], ...]:
    return tuple(sorted(values.items()))


def _broken(before: Sequence[Comparison], values: Mapping[str, int], change: Mapping[str, int]) -> int:
    """How many of the comparisons before come out otherwise after a change; numbers that part count more."""
    return sum(1 if each.apart else 4 for each in before if not _holds(each, values, change))


def _holds(comparison: Comparison, values: Mapping[str, int], change: Mapping[str, int]) -> bool:
    """Whether a comparison that a change may touch comes out as it did."""
    return change.keys().isdisjoint(comparison.variables()) or bool(comparison.holds(values))


def _changes(
    target: Comparison, values: Mapping[str, int], variables: Mapping[str, Variable], *, empty: bool
) -> list[dict[str, int]]:
    """Changes of one variable, or of two, that turn a comparison; the smallest first."""
    names = [name for name in target.variables() if name in variables]
    found: list[dict[str, int]] = []
    for name in names:
        for value in _candidates(target, variables[name], values, empty=empty):
            change = {name: value}
            if target.holds({**values, **change}) is False:
                found.append(change)
    found.sort(key=lambda change: sum(abs(value - values[name]) for name, value in change.items()))
    if found or len(names) < 2:
        return found
    for place, one in enumerate(names):
        for other in names[place + 1 :]:
            for first in variables[one].domain[:_PAIRS]:
                for second in variables[other].domain[:_PAIRS]:
                    change = {one: first, other: second}
                    if target.holds({**values, **change}) is False:
                        found.append(change)
    return found


def _candidates(target: Comparison, variable: Variable, values: Mapping[str, int], *, empty: bool) -> list[int]:
    """Values of a variable to try: its domain, and the numbers that it is compared with."""
    domain = list(variable.domain)
    if variable.open:
        domain += range(min(variable.domain), _TRIED)
        for side in (target.left, target.right):
            try:
                number = evaluate(side, values)
            except ZeroDivisionError:
                continue
            domain += [each for each in (number, number + 1, number - 1) if min(variable.domain) <= each <= _LARGEST]
        if empty and target.with_nothing:
            domain.append(0)
    return [value for value in dict.fromkeys(domain) if value != variable.value]
