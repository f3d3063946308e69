"""Applying rules until none matches any more, and cleanups where they rest: worklist, limits, stop reason, trace."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Sequence
from typing import Literal, NoReturn

from attrs import define, field, frozen

from rewriter.builder import Mismatch
from rewriter.changes import MOVES_TENSORS, PLANNED, Leave, View, has_memory_plan
from rewriter.cleaner import Cleaned, Cleaner
from rewriter.collection import collection_paused
from rewriter.dialect.declaration import Declaration
from rewriter.errors import CycleError, LimitError, PackError, RewriterError
from rewriter.language.evaluation import Evaluator
from rewriter.language.rules import Cleanup, Rule
from rewriter.matcher import Matcher, matcher_of
from rewriter.model import Model, Operator, Subgraph, Tensor
from rewriter.rewriter import Applied, Rewriter

FindDeclaration = Callable[[str], Declaration | None]
StopReason = Literal["fixed point", "step limit", "cycle", "stopped"]

_CROWDED = 32  # a tensor with more readers than this is left to the sweep that ends a phase
_MISSES = 100  # reasons that are kept


@frozen(eq=False)
class Application:
    """One place where a rule fired, or one change that a cleanup made.

    Attributes:
        rule: The rule, or the cleanup.
        subgraph: The subgraph's index in the source; 0 for a change that belongs to none.
        roots: The tensors that the match computed and that were given anew.
        results: The tensors that their readers read now: the roots themselves, or what took their places.
        inputs: Inputs of the subgraph that changed their type, before and after.
        before: The operators that matched, as they stood, the root first; the last are those whose results the
            replacement reads.
        after: The operators that came, and of the others those that the replacement reads, as they stood then: a later
            application may let them read other tensors.
        removed: Those of them that went, in the order in which they ran, and what went with them for want of a reader.
            They still know their operands.
        inserted: The operators that came.
        dropped: Outputs that went, and that the matched operators compute from what the other roots became.
        outputs: Where there are such, the subgraph's outputs before and after.
        name: What the first root was called: a later application may have given its name to another tensor. Where a
            cleanup made a change that no tensor shows, what it changed.
        what: How a cleanup changed it, in words.
    """

    rule: Rule | Cleanup
    subgraph: int
    roots: tuple[Tensor, ...]
    results: tuple[Tensor, ...]
    inputs: tuple[tuple[Tensor, Tensor], ...]
    before: tuple[Operator, ...]
    after: tuple[Operator, ...]
    removed: tuple[Operator, ...]
    inserted: tuple[Operator, ...]
    dropped: tuple[Tensor, ...] = ()
    outputs: tuple[tuple[Tensor, ...], tuple[Tensor, ...]] | None = None
    name: str = ""
    what: str = ""

    def __repr__(self) -> str:
        return f"Application({self.rule.qualified} at {self.place!r})"

    @property
    def root(self) -> Tensor:
        """The first of the tensors that were given anew; only a cleanup's change can be without."""
        return self.roots[0]

    @property
    def place(self) -> str:
        """The first of the tensors that were given anew, by its name, or what else changed."""
        return self.roots[0].name if self.roots else self.name


@frozen
class Miss:
    """A place where a rule matched and its replacement could not stand."""

    rule: str
    subgraph: int
    root: str
    reason: str


@define
class Report:
    """What a run did."""

    applications: list[Application] = field(factory=list[Application])
    misses: list[Miss] = field(factory=list[Miss])
    operators_before: int = 0
    operators_after: int = 0
    stop_reason: StopReason = "fixed point"

    def __repr__(self) -> str:
        applied = ", ".join(f"{name} {count}x" for name, count in self.rules_applied().items())
        operators = f"{self.operators_before} -> {self.operators_after} operators"
        return f"Report({applied or 'no rule applied'}; {operators}; {self.stop_reason})"

    def rules_applied(self) -> dict[str, int]:
        """How often each rule fired, by its qualified name, in the order in which they first did."""
        counts: dict[str, int] = {}
        for application in self.applications:
            name = application.rule.qualified
            counts[name] = counts.get(name, 0) + 1
        return counts


def rewrite(
    model: Model,
    rules: Iterable[Rule | Cleanup],
    *,
    declaration: FindDeclaration | None = None,
    max_steps: int | None = None,
    stop_after: int | None = None,
    evaluator: Evaluator | None = None,
) -> Report:
    """Apply rules to every subgraph of a model until none matches any more. The model is changed in place.

    Cleanups run when the rules have come to rest, and the rules again where cleanups changed operators, until neither
    finds anything to do.

    Args:
        model: The model.
        rules: Rules; phases run in rising order, within one higher benefit first. Cleanups run in their order here.
        declaration: Finds the declaration of a custom operator by its code, for cleanups.
        max_steps: How many applications are allowed; by default ten for each operator, and a thousand; where there are
            cleanups, ten more for each tensor.
        stop_after: After how many applications to end, wherever the rules stand then; the stop reason is `stopped`.
            They are the first ones of every longer run: the same model and rules give the same applications.
        evaluator: Computes what replacements `evaluate`; without one, rules that do so match nowhere.

    Raises:
        CycleError: Rules undo each other; it names them. The model is then half rewritten.
        LimitError: The steps were used up. The model is then half rewritten.
        PackError: A cleanup failed, or asked for a change that would change what the model computes.
    """
    phases: dict[int, list[Rule]] = {}
    cleanups: list[Cleanup] = []
    for rule in rules:
        if isinstance(rule, Cleanup):
            cleanups.append(rule)
        else:
            phases.setdefault(rule.phase, []).append(rule)
    count = sum(len(subgraph.operators) for subgraph in model.subgraphs)
    report = Report(operators_before=count)
    limit = max_steps
    if limit is None:
        tensors = sum(len(subgraph.tensors) for subgraph in model.subgraphs) if cleanups else 0
        limit = 10 * (count + tensors) + 1000
    with collection_paused():
        matchers = [matcher_of(tuple(phases[phase])) for phase in sorted(phases)]
        subgraphs: Sequence[Subgraph] = model.subgraphs
        resting = False
        while not resting:
            _run_phases(model, subgraphs, matchers, report, limit, stop_after, evaluator)
            before = len(report.applications)
            cleaning = _Cleaning(View(model, declaration or _undeclared), report, limit, stop_after)
            subgraphs = cleaning.run(cleanups)
            resting = len(report.applications) == before
    if report.applications:
        used = {operator.code for operator in model.operators()}
        gone = {operator.code for each in report.applications for operator in each.removed}
        model.operator_codes = [code for code in model.operator_codes if code in used or code not in gone]
    if len(report.applications) == stop_after:
        report.stop_reason = "stopped"
    report.operators_after = sum(len(subgraph.operators) for subgraph in model.subgraphs)
    return report


def _undeclared(_: str) -> None:
    """Of a custom operator nothing is known."""


def _run_phases(
    model: Model,
    subgraphs: Iterable[Subgraph],
    matchers: Sequence[Matcher],
    report: Report,
    limit: int,
    stop_after: int | None,
    evaluator: Evaluator | None,
) -> None:
    for subgraph in subgraphs:
        rewriter = Rewriter(model, subgraph, evaluator)
        try:
            for matcher in matchers:
                _Run(rewriter, matcher, report, limit, stop_after).to_fixed_point()
        finally:
            rewriter.finish()


class _Run:
    """One phase on one subgraph."""

    def __init__(
        self, rewriter: Rewriter, matcher: Matcher, report: Report, limit: int, stop_after: int | None
    ) -> None:
        self.rewriter = rewriter
        self.matcher = matcher
        self.report = report
        self.limit = limit
        self.stop_after = stop_after
        self.history = _History()
        self.missed: set[tuple[str, str]] = set()

    def to_fixed_point(self) -> None:
        """Work through what may have changed, then sweep over everything, until a sweep changes nothing.

        What is queued after a change is a guess at what it may have made possible; the sweep makes sure of the rest.
        """
        before = -1
        while before != len(self.report.applications):
            before = len(self.report.applications)
            self.drain(self.rewriter.operators())

    def drain(self, operators: Iterable[Operator]) -> None:
        can_match = self.matcher.can_match
        queue = deque(operator for operator in operators if can_match(operator))
        queued = set(queue)
        gone: set[Operator] = set()
        while queue and not self.enough():
            operator = queue.popleft()
            queued.discard(operator)
            if operator in gone:
                continue
            applied = self.try_rules(operator)
            if applied is None:
                continue
            gone.update(applied.removed)
            for again in self.affected(applied):
                if again not in queued and can_match(again):
                    queued.add(again)
                    queue.append(again)

    def enough(self) -> bool:
        """Whether as many applications were made as were asked for."""
        return self.stop_after is not None and len(self.report.applications) >= self.stop_after

    def try_rules(self, operator: Operator) -> Applied | None:
        """Apply the rule that counts most among those that match here and whose replacement can stand."""
        without: list[Rule] = []
        while (found := self.matcher.match(operator, without)) is not None:
            rule, frame = found
            try:
                built = self.rewriter.build(rule, frame)
            except Mismatch as mismatch:
                self.miss(rule, operator, str(mismatch))
                without.append(rule)
                continue
            if len(self.report.applications) >= self.limit:
                _stop(self.report, self.limit)
            matched = rule.program.matched(frame)
            replaced = rule.program.replaced(frame, matched)
            staying = [each for each in matched if each not in replaced]
            before = _as_they_stand([*replaced, *staying])
            applied = self.rewriter.apply(matched, built)
            self.record(rule, before, _as_they_stand([*applied.inserted, *staying]), applied)
            return applied
        return None

    def record(self, rule: Rule, before: tuple[Operator, ...], after: tuple[Operator, ...], applied: Applied) -> None:
        self.report.applications.append(
            Application(
                rule,
                self.rewriter.subgraph.key,
                tuple(applied.roots),
                tuple(applied.results),
                tuple(applied.inputs),
                before,
                after,
                tuple(reversed(applied.removed)),
                tuple(applied.inserted),
                tuple(applied.dropped),
                applied.outputs,
                applied.roots[0].name,
            )
        )
        cycle = self.history.step(rule, applied)
        if cycle:
            self.report.stop_reason = "cycle"
            names = " and ".join(dict.fromkeys(cycle))
            raise CycleError(
                f"rules undo each other at {applied.roots[0].name!r}: {' -> '.join([*cycle, cycle[0]])}",
                cycle,
                hint=f"leave out one direction, or give {names} conditions that exclude each other",
            )

    def miss(self, rule: Rule, operator: Operator, reason: str) -> None:
        """Keep the reason, once for each place: a sweep comes by again."""
        name = operator.outputs[0].name
        key = (rule.qualified, name)
        if key not in self.missed and len(self.report.misses) < _MISSES:
            self.missed.add(key)
            self.report.misses.append(Miss(rule.qualified, self.rewriter.subgraph.key, name, reason))

    def affected(self, applied: Applied) -> list[Operator]:
        """Operators at which a rule may match now: the new ones, and readers as far down as patterns look up."""
        found: dict[Operator, None] = dict.fromkeys(applied.inserted)
        # Operands that lost a reader may now be an operator's alone.
        tensors = list(applied.results)
        tensors += [tensor for operator in applied.removed for tensor in operator.inputs if tensor and tensor.producer]
        for _ in range(self.matcher.depth - 1):
            readers: list[Operator] = []
            for tensor in tensors:
                if len(tensor.consumers) <= _CROWDED:
                    readers += tensor.consumers
            found |= dict.fromkeys(readers)
            tensors = [tensor for reader in readers for tensor in reader.outputs]
        return list(found)


@define(eq=False)
class _Cleaning:
    """Cleanups, where the rules have come to rest."""

    view: View
    report: Report
    limit: int
    stop_after: int | None

    def run(self, cleanups: Iterable[Cleanup]) -> list[Subgraph]:
        """Run each of them once; the subgraphs whose operators changed, which rules may match in again."""
        changed: dict[Subgraph, None] = {}
        for cleanup in cleanups:
            if self.enough():
                break
            changed |= dict.fromkeys(self.clean(cleanup))
        return [each for each in changed if each in self.view.model.subgraphs]

    def enough(self) -> bool:
        """Whether as many applications were made as were asked for."""
        return self.stop_after is not None and len(self.report.applications) >= self.stop_after

    def clean(self, cleanup: Cleanup) -> list[Subgraph]:
        cleaner = Cleaner(self.view, cleanup.qualified)
        try:
            for change in cleanup.function(self.view):
                planned = isinstance(change, MOVES_TENSORS) and has_memory_plan(self.view.model)
                if planned or isinstance(change, Leave):
                    self.leave(cleanup, change if isinstance(change, Leave) else Leave("the model", PLANNED))
                    continue
                if len(self.report.applications) >= self.limit:
                    _stop(self.report, self.limit)
                done = cleaner.make(change)
                if done is None:
                    raise PackError(f"the cleanup {cleanup.qualified} gives {change!r}, which is no change")
                self.record(cleanup, done)
                if self.enough():
                    break
        except RewriterError:
            raise
        except Exception as error:  # a pack's function can fail in any way
            raise PackError(f"the cleanup {cleanup.qualified} fails: {type(error).__name__}: {error}") from error
        finally:
            cleaner.finish()
        return cleaner.changed

    def record(self, cleanup: Cleanup, done: Cleaned) -> None:
        self.report.applications.append(
            Application(
                cleanup,
                done.subgraph,
                done.roots,
                done.results,
                (),
                _as_they_stand([*done.matched, *done.staying]),
                _as_they_stand(done.staying),
                done.matched,
                (),
                name=done.name,
                what=done.what,
            )
        )

    def leave(self, cleanup: Cleanup, left: Leave) -> None:
        miss = Miss(cleanup.qualified, 0, left.what, left.reason)
        if miss not in self.report.misses and len(self.report.misses) < _MISSES:
            self.report.misses.append(miss)


def _as_they_stand(operators: Iterable[Operator]) -> tuple[Operator, ...]:
    return tuple(operator.as_it_stands() for operator in operators)


def _stop(report: Report, limit: int) -> NoReturn:
    report.stop_reason = "step limit"
    counts: dict[str, int] = {}
    for application in report.applications[-100:]:
        counts[application.rule.qualified] = counts.get(application.rule.qualified, 0) + 1
    names = ", ".join(sorted(counts, key=lambda name: -counts[name])[:5]) or "none yet"
    raise LimitError(
        f"the limit of {limit} steps was reached; the rules that fired last: {names}",
        hint="a rule that makes something for itself to match never ends; --max-steps raises the limit",
    )


@define
class _History:
    """Notices when the graph is as it was before.

    An operator of the source that has gone never comes back, so a step that removed one is progress and what came
    before is forgotten.

    Steps that only replace operators made on the way are watched: the operators made so far, each by its
    kind, attributes, operands and results, add up to a state, and a state seen before means that the steps since then
    lead around in a circle.
    """

    state: int = 0
    seen: dict[int, int] = field(factory=lambda: {0: 0})
    trace: list[tuple[str, int]] = field(factory=list[tuple[str, int]])

    def step(self, rule: Rule, applied: Applied) -> Sequence[str]:
        """Take note of a step. Returns the rules of the circle that it closes, or nothing."""
        if any(operator.index >= 0 for operator in applied.removed) or not applied.removed:
            self.state = 0
            self.seen = {0: 0}
            self.trace = []
            return ()
        self.trace.append((rule.qualified, applied.results[0].key))
        for operator in applied.inserted:
            self.state += _signature(operator)
        for operator in applied.removed:
            self.state -= _signature(operator)
        if self.state in self.seen:
            return _circle(self.trace[self.seen[self.state] :])
        self.seen[self.state] = len(self.trace)
        return ()


def _circle(steps: Sequence[tuple[str, int]]) -> Sequence[str]:
    """The rules that lead around, in the order in which they fire at one place, each turn once.

    Places take turns, so the steps of one are picked out, unless some rule fires only at others.
    """
    _, place = steps[-1]
    names = [name for name, at in steps if at == place]
    if set(names) != {name for name, _ in steps}:
        return list(dict.fromkeys(name for name, _ in steps))
    turn = next(size for size in range(1, len(names) + 1) if names == names[:size] * (len(names) // size))
    return names[:turn]


def _signature(operator: Operator) -> int:
    options = tuple(sorted((name, str(value)) for name, value in (operator.options or {}).items()))
    inputs = tuple(-1 if tensor is None else tensor.key for tensor in operator.inputs)
    outputs = tuple(tensor.key for tensor in operator.outputs)
    return hash((operator.code.name, operator.code.version, options, operator.custom, operator.at, inputs, outputs))
