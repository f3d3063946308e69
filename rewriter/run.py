"""Apply rules to a model, and check what came out: the calls that the command line and other programs make."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Collection, Generator, Iterable, Mapping, Sequence
from contextlib import contextmanager
from functools import partial
from typing import TYPE_CHECKING, Any, Literal

from attrs import define, field

from rewriter import packs as packs_
from rewriter.address import is_address, read_address, what_else
from rewriter.driver import Report, rewrite
from rewriter.errors import CheckError, ModelError
from rewriter.language.rules import Cleanup, Rule, RuleSet
from rewriter.model import Model, read, reread
from rewriter.selection import CheckLevel, check_choices, gather
from rewriter.wellformed import new_complaints

if TYPE_CHECKING:
    from rewriter.dialect.declaration import Declaration
    from rewriter.verify.evaluator import RuntimeEvaluator
    from rewriter.verify.hybrid import KernelCall
    from rewriter.verify.profile_result import Profile
    from rewriter.verify.replay import Replay
    from rewriter.verify.result import CheckResult, VerifyResult

Source = str | os.PathLike[str] | bytes | Model
Progress = Callable[[int, int, str], None]
_NAMED = 3  # rules that a hint names


@define
class RunReport:
    """What `apply` did, and what the check of it found.

    Attributes:
        rewriting: What the rules did.
        check: What the check found; None where none was made.
        seconds: Wall time for `read`, `match`, `check` and, once something is written, `write`.
        not_allowed: Rules that were left out because nobody allowed what they do.
        not_shown: Rules that were left out because less was shown of them than was asked for, each with the reason.
        packs_left_out: Packs that might have been used and do not load, each with what is wrong.
        models: The model as its source has it, and as the rules left it, whatever the check said of that.
    """

    rewriting: Report
    check: CheckResult | None = None
    level: CheckLevel = "model"
    seconds: dict[str, float] = field(factory=dict[str, float])
    not_allowed: tuple[str, ...] = ()
    not_shown: Mapping[str, str] = field(factory=dict[str, str])
    packs_left_out: Mapping[str, str] = field(factory=dict[str, str])
    models: tuple[Model, Model] | None = field(default=None, eq=False, repr=False)

    @property
    def not_used(self) -> dict[str, str]:
        """Rules that were left out, each with the reason."""
        reason = "it is lossy or changes the interface (--allow)"
        return {**dict.fromkeys(self.not_allowed, reason), **self.not_shown}

    def to_json(self) -> dict[str, Any]:
        """The document of `apply --json`, without the names of the files."""
        rewriting = self.rewriting
        check: dict[str, Any] = {"level": self.level, "status": "skipped", "outputs": []}
        return {
            "rules_applied": rewriting.rules_applied(),
            "applications": [
                {
                    "rule": each.rule.qualified,
                    "subgraph": each.subgraph,
                    "root": each.place,
                    "operators_before": [operator.name for operator in each.removed],
                    "operators_after": [operator.name for operator in each.inserted],
                }
                for each in rewriting.applications
            ],
            "operators": {"before": rewriting.operators_before, "after": rewriting.operators_after},
            "stop_reason": rewriting.stop_reason,
            "misses": [
                {"rule": miss.rule, "subgraph": miss.subgraph, "root": miss.root, "reason": miss.reason}
                for miss in rewriting.misses
            ],
            "not_used": [{"rule": rule, "reason": reason} for rule, reason in self.not_used.items()],
            "packs_left_out": [{"pack": pack, "reason": reason} for pack, reason in self.packs_left_out.items()],
            "check": check if self.check is None else self.check.to_json() | {"level": self.level},
            "seconds": {name: round(self.seconds.get(name, 0.0), 6) for name in ("read", "match", "write", "check")},
        }

    def document(self, *, source: str = "", output: str | None = None) -> dict[str, Any]:
        """All that is known of the run: the rules, both graphs, and what each application has to do with in them.

        Args:
            source: What the model is called; by default as the file that it was read from.
            output: The name of the file that was written.
        """
        from rewriter import __version__
        from rewriter.report.pair import report_json, run_json

        assert self.models is not None
        name = source or (self.models[0].binary.name if self.models[0].binary else "")
        return report_json(__version__, name, output, [run_json("", self.models, self)])

    def save(self, path: str | os.PathLike[str], *, source: str = "") -> None:
        """Write the report to a file: a page to look at where it ends in `.html`, the same facts where in `.json`.

        Args:
            path: Where to.
            source: What the model is called in it; by default as the file that it was read from.

        Raises:
            UsageError: The file cannot be written, or ends in something else.
        """
        from rewriter.report.file import save_report

        save_report(path, self.document(source=source), self.to_json())

    def __str__(self) -> str:
        from rewriter.report.text import describe

        return describe(self)


@define
class Result:
    """A rewritten model and the report on it."""

    model: Model
    report: RunReport


def load(source: str | os.PathLike[str] | bytes) -> Model:
    """Read a model from a path, an address that fsspec knows, or from bytes.

    Raises:
        ModelError: It cannot be read, or is no TFLite model.
        UsageError: It is at an address, and fsspec is not installed.
    """
    if isinstance(source, str) and is_address(source):
        return read(read_address(source), source)
    try:
        return read(source)
    except ModelError as error:
        if error.hint is None and not isinstance(source, bytes):
            error.hint = what_else(os.fspath(source))
        raise


def apply(
    source: Source,
    packs: Iterable[str] | None = None,
    rules: Iterable[str | os.PathLike[str] | RuleSet | Rule] = (),
    *,
    only: Collection[str] = (),
    without: Collection[str] = (),
    check: CheckLevel = "model",
    allow: Collection[str] = (),
    require: str | None = None,
    max_steps: int | None = None,
    seeds: int = 5,
    progress: Progress | None = None,
) -> Result:
    """Rewrite a model until no rule matches any more, and check that its results are unchanged.

    Args:
        source: A path, the bytes of a file, or a model, which is left as it is.
        packs: Names of rule packs; the default ones where neither packs nor rules are given.
        rules: `.pat` files, or compiled rules.
        only: Names of the rules to use; all that packs and files use where empty.
        without: Names of rules that are not used.
        check: `model` compares the whole model before and after, and each place by itself; `rules` the places only.
        allow: `lossy` for rules that are approximations, `interface` for those that change inputs or outputs.
        require: `tested`, `identity` or `all values` for rules only of which that much, or more, was shown.
        max_steps: How often rules may fire.
        seeds: On how many inputs the check compares.
        progress: Called with steps done, steps in all, and what is being done.

    Returns:
        The rewritten model, and the report.

    Raises:
        ModelError, LanguageError, PackError, UsageError: Something given is at fault.
        CheckError: A check failed; it carries the report. The model must not be used.
        LimitError: Rules did not come to rest.
    """
    check_choices(allow, check)
    chosen = gather(packs, rules, only, without)
    every = [*chosen.rules, *chosen.cleanups]
    allowed = [rule for rule in every if _is_allowed(rule, allow)]
    not_shown = _not_shown(allowed, require) if require is not None else {}
    usable = [rule for rule in allowed if rule.qualified not in not_shown]
    seconds: dict[str, float] = {}
    with _timed(seconds, "read"):
        model = reread(source) if isinstance(source, Model) else load(source)
    with evaluator(chosen) as evaluating:
        with _timed(seconds, "match"):
            before = None if check == "none" and not usable else reread(model)
            declaration = partial(_declaration, chosen.declarations)
            rewriting = rewrite(model, usable, declaration=declaration, max_steps=max_steps, evaluator=evaluating)
        not_allowed = tuple(rule.qualified for rule in every if rule not in allowed)
        report = RunReport(rewriting, None, check, seconds, not_allowed, not_shown, chosen.left_out)
        report.models = before or model, model
        if rewriting.applications:
            assert before is not None
            complaints = new_complaints(before, model, declaration)
            if complaints:
                raise CheckError(
                    f"the rewritten graph is not well formed: {'; '.join(map(str, complaints[:5]))}",
                    hint="this is a mistake of the program or of a pack's shape function, not of the model",
                )
            if check != "none":
                from rewriter.verify import Replay

                with _timed(seconds, "check"):
                    replay = Replay(before, usable, rewriting.applications, evaluating, declaration)
                    report.check = _check(model, chosen, replay, check, seeds, progress)
                if report.check.status == "failed":
                    raise FailedCheck(report)
    return Result(model, report)


def evaluator(rules: RuleSet) -> RuntimeEvaluator:
    """What computes the constants that rules `evaluate`: a context manager, which starts nothing before it is asked.

    Args:
        rules: Their declarations of custom operators go before those of the installed packs.
    """
    from rewriter.verify import RuntimeEvaluator

    return RuntimeEvaluator(partial(_declaration, rules.declarations))


class FailedCheck(CheckError):
    """The rewritten model was not shown to give the original's results; `report` says where, `lines` why."""

    def __init__(self, report: RunReport) -> None:
        from rewriter.report.text import failed_lines

        assert report.check is not None
        self.lines = tuple(failed_lines(report.check))
        super().__init__(
            "the check failed: " + "; ".join(self.lines), hint=f"nothing was written; {_way_out(report, report.check)}"
        )
        self.report = report


def _way_out(report: RunReport, check: CheckResult) -> str:
    """What to try after a check that failed."""
    from rewriter.report.text import unshown

    wrong = list(dict.fromkeys(each.rule for each in check.blamed))
    if not wrong and all(unshown(check, sentence) for sentence in check.failures):
        # Nothing differs: that is not shown, though, and no other choice of rules would change it.
        ran = check.level == "rules" or any(each.ran for each in check.kernels)
        compared = ", and then `rewriter verify` compares the files on inputs" if ran else ""
        return f"nothing differs, but that is not shown; --check none writes it all the same{compared}"
    if not wrong:
        return "use only some of the rules (--rule) to find the one to blame"
    others = [name for name in report.rewriting.rules_applied() if name not in wrong]
    named = " ".join(f"--without {name}" for name in wrong[:_NAMED])
    more = f" and {len(wrong) - _NAMED} more" if len(wrong) > _NAMED else ""
    leave = f"leave out what is to blame: {named}{more}; " if others else ""
    rule = next(each.rule for each in report.rewriting.applications if each.rule.qualified == wrong[0])
    if isinstance(rule, Cleanup):
        return f"leave out what is to blame: {named}{more}"
    tried = f"`rewriter test {rule.pack or rule.span.text.name} --rule {wrong[0]}`"
    return f"{leave}{tried} tries it on models of its own text"


def verify(first: Source, second: Source, *, seeds: int = 5, progress: Progress | None = None) -> VerifyResult:
    """Run two models on the same inputs and compare their outputs.

    Custom operators that an installed pack declares are computed by their reference kernels.

    Args:
        first, second: Paths, bytes or models.
        seeds: On how many inputs.
        progress: Called with steps done, steps in all, and what is being done.

    Raises:
        ModelError: One cannot be read.
        UsageError: They do not have the same inputs and outputs.
    """
    from rewriter.verify import verify_models

    one, other = (source if isinstance(source, Model) else load(source) for source in (first, second))
    return verify_models(one, other, seeds=seeds, kernels=_kernels((one, other), {}), progress=progress)


def profile(
    models: Sequence[Source], *, declared: Mapping[str, Declaration] | None = None, **options: Any
) -> list[Profile]:
    """Time the operators of a model, or of a model and of what became of it, whose runs alternate.

    Args:
        models: Paths, bytes or models; one, or two.
        declared: Declarations of custom operators that come with rules; those of installed packs are found anyway.
        options: As for `rewriter.verify.profile_models`.

    Raises:
        ModelError: One cannot be read, or nothing of it can be timed.
        LimitError: An operator does not finish.
    """
    from rewriter.verify import profile_models

    read_in = [source if isinstance(source, Model) else load(source) for source in models]
    return profile_models(read_in, calls=_kernels(tuple(read_in), declared or {}), **options)


def apply_bytes(
    data: bytes,
    packs: Iterable[str] | None = None,
    rules: Iterable[str | os.PathLike[str] | RuleSet | Rule] = (),
    **options: Any,
) -> bytes:
    """A converter's post-pass: the bytes of a model in, the bytes of the rewritten one out.

    Takes what `apply` takes. Where no rule matches, the bytes that come back are those that went in.
    """
    return apply(data, packs, rules, **options).model.to_bytes()


def _declaration(declared: Mapping[str, Declaration], code: str) -> Declaration | None:
    """A custom operator's declaration: the one that came with the rules, or else an installed pack's."""
    return declared.get(code) or packs_.find_declaration(code)


def _is_allowed(rule: Rule | Cleanup, allow: Collection[str]) -> bool:
    if rule.equality.lossy and "lossy" not in allow:
        return False
    return not rule.changes_interface or "interface" in allow


def _not_shown(rules: Iterable[Rule | Cleanup], require: str) -> dict[str, str]:
    """The rules of which less was shown than is asked for, each with what to know about that."""
    from rewriter.proof.record import Records, shown_named

    wanted = shown_named(require)
    records = Records()
    listed = list(rules)
    badges = {rule.qualified: records.badge(rule) for rule in listed if isinstance(rule, Rule)}
    reason = "it is a cleanup, of which `rewriter test` shows nothing (--require)"
    return {each.qualified: reason for each in listed if isinstance(each, Cleanup)} | {
        name: f"it is {badge}, and {wanted} is asked for (--require; `rewriter test` shows more)"
        for name, badge in badges.items()
        if not badge.covers(wanted)
    }


@contextmanager
def _timed(seconds: dict[str, float], name: str) -> Generator[None]:
    start = time.perf_counter()
    try:
        yield
    finally:
        seconds[name] = time.perf_counter() - start


def _check(
    after: Model,
    rules: RuleSet,
    replay: Replay,
    level: Literal["model", "rules"],
    seeds: int,
    progress: Progress | None,
) -> CheckResult:
    from rewriter.verify import check_model, places_of

    before = replay.before
    places = places_of(before, after, replay.applications)
    kernels = _kernels((before, after), rules.declarations)
    return check_model(
        before, after, places, level=level, seeds=seeds, kernels=kernels, progress=progress, replay=replay
    )


def _kernels(models: tuple[Model, ...], declared: Mapping[str, Declaration]) -> dict[str, KernelCall]:
    """The reference kernels of the custom operators in some models, by operator name.

    Declarations that came with the rules go before those of the installed packs.
    """
    from rewriter.verify.kernels import kernel_calls

    codes = dict.fromkeys(code.custom_code for model in models for code in model.operator_codes if code.custom_code)
    found = (_declaration(declared, code) for code in codes)
    return kernel_calls(declaration for declaration in found if declaration is not None)
