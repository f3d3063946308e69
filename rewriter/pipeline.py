"""Pipelines: which rules run in which order, what is allowed and what is checked, as a TOML file to keep and share.

    # rewriter.toml
    allow = ["interface"]
    check = "model"

    [[phase]]
    packs = ["mediapipe"]

    [[phase]]
    packs = ["toco"]
    rules = ["mine.pat"]
    without = ["toco.global_pool_to_mean"]
    benefits = {"toco.fuse_pad_into_conv_same" = 5}

A file is read whole, or the table `[tool.rewriter]` of a `pyproject.toml`.
"""

from __future__ import annotations

import hashlib
import os
import re
from collections.abc import Collection, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from attrs import evolve, field, frozen

from rewriter import run
from rewriter.errors import UsageError
from rewriter.language.rules import RuleSet
from rewriter.provenance import record
from rewriter.selection import ALLOWANCES, CHECKS, CheckLevel, called, compile_rules, gather, read_text
from rewriter.source import nearest

if TYPE_CHECKING:
    from rewriter.language.rules import Rule
    from rewriter.run import Result, Source

_COMMENT = re.compile(rb"#[^\n]*")
_PROJECT = "pyproject.toml"
_APART = 1 << 32
"""What lies between the phases of a pipeline, so that those that rules ask for have room within each."""


@frozen
class Phase:
    """Rules that run together to their fixed point.

    Attributes:
        packs: Installed packs; the default ones where neither packs nor files are named.
        rules: `.pat` files; relative paths begin where the pipeline's file stands.
        only: The rules to use, directions included; those that packs and files use where empty.
        without: Rules to leave out.
        benefits: Other benefits for some rules.
    """

    packs: tuple[str, ...] = ()
    rules: tuple[str, ...] = ()
    only: tuple[str, ...] = ()
    without: tuple[str, ...] = ()
    benefits: Mapping[str, int] = field(factory=dict[str, int])

    def gather(self, folder: Path, texts: Mapping[str, bytes] | None = None) -> RuleSet:
        """The rules.

        Args:
            folder: Where relative paths begin.
            texts: What files hold that need not be read, by their paths as the phase has them.

        Raises:
            PackError, LanguageError, UsageError: A pack, file or rule is unknown or has mistakes.
        """
        known = texts or {}
        files = [
            compile_rules(known[path], os.fspath(folder / path)) if path in known else folder / path
            for path in self.rules
        ]
        chosen = gather(self.packs or (None if not files else ()), files, self.only, self.without)
        benefits = {rule.qualified: each for name, each in self.benefits.items() for rule in called(chosen.rules, name)}
        chosen.rules = tuple(evolve(rule, benefit=benefits.get(rule.qualified, rule.benefit)) for rule in chosen)
        return chosen


@frozen
class Pipeline:
    """What a run does.

    Attributes:
        phases: They run one after the other, each to its fixed point.
        allow: `lossy`, `interface`.
        check: What is checked.
        require: How much must have been shown of a rule; None for nothing.
        max_steps: How often rules may fire; None for as often as the size of the model suggests.
        folder: Where relative paths begin.
        source: The file that it was read from; empty for one made here.
        texts: What its rules' files hold, by their paths; `carried` fills it in.
    """

    phases: tuple[Phase, ...] = (Phase(),)
    allow: tuple[str, ...] = ()
    check: CheckLevel = "model"
    require: str | None = None
    max_steps: int | None = None
    folder: Path = field(factory=Path)
    source: str = ""
    text: bytes | None = field(default=None, repr=False, eq=False)
    texts: Mapping[str, bytes] = field(factory=dict[str, bytes], repr=False, eq=False)

    def carried(self) -> Pipeline:
        """This pipeline with all that its files hold, for a process that may not see them.

        Raises:
            UsageError: A file cannot be read.
        """
        paths = dict.fromkeys(path for phase in self.phases for path in phase.rules)
        return evolve(self, texts={path: self.texts.get(path) or read_text(self.folder / path) for path in paths})

    def empty_files(self) -> list[str]:
        """The files of rules in which there is nothing but comments.

        Raises:
            UsageError: A file cannot be read.
        """
        return [path for path, text in self.carried().texts.items() if not _COMMENT.sub(b"", text).strip()]

    @property
    def digest(self) -> str:
        """The SHA-256 of its file, in hex; of what `to_toml` gives where it has none of its own."""
        return hashlib.sha256(self.to_toml().encode() if self.text is None else self.text).hexdigest()

    def rules(self) -> RuleSet:
        """The rules of all phases, each set to run in its own.

        Raises:
            PackError, LanguageError, UsageError: A pack, file or rule is unknown or has mistakes.
        """
        sets = [phase.gather(self.folder, self.texts) for phase in self.phases]
        for number, each in enumerate(sets):
            each.rules = tuple(evolve(rule, phase=_within(rule, number)) for rule in each)
        whole = RuleSet.union(sets)
        # They run when all rules have come to rest, and once is enough.
        whole.cleanups = tuple({cleanup.qualified: cleanup for cleanup in whole.cleanups}.values())
        return whole

    def apply(self, source: Source, *, recorded: bool = False, **options: Any) -> Result:
        """Run it on a model.

        Args:
            source: A path, the bytes of a file, or a model, which is left as it is.
            recorded: Whether the model's metadata is to say what was done, if anything was.
            options: `seeds` and `progress`, as for `rewriter.apply`.

        Raises:
            RewriterError: As `rewriter.apply` does.
        """
        result = run.apply(source, rules=[self.rules()], **self.options(), **options)
        if recorded:
            self.record(result)
        return result

    def record(self, result: Result) -> None:
        """Note in a rewritten model that this was done to it, if anything was."""
        from rewriter import __version__

        rules = result.report.rewriting.rules_applied()
        if rules:
            record(result.model, version=__version__, pipeline=self.digest, rules=rules)

    def options(self) -> dict[str, Any]:
        """What it says besides the rules, as keywords of `rewriter.apply`."""
        return {"allow": self.allow, "check": self.check, "require": self.require, "max_steps": self.max_steps}

    def to_toml(self) -> str:
        """The pipeline as the text of a file."""
        import tomli_w

        whole: dict[str, Any] = {"allow": list(self.allow), "check": self.check}
        whole |= {} if self.require is None else {"require": self.require}
        whole |= {} if self.max_steps is None else {"max-steps": self.max_steps}
        whole["phase"] = [
            {name: _plain(value) for name in _PHASE if (value := getattr(phase, name))} for phase in self.phases
        ]
        return tomli_w.dumps(whole)

    def narrowed(self, fired: Collection[str], places: Collection[tuple[int, str]] | None = None) -> Pipeline:
        """What is left of it if each phase uses just the rules that fired in a run: what was done, to be done again.

        Args:
            fired: The names of rules and cleanups that fired.
            places: In which phases rules did: their numbers, the first 0, each with a name. None where that is not
                known; then a rule that fired is kept in every phase that has it.
        """
        phases: list[Phase] = []
        for number, phase in enumerate(self.phases):
            chosen = phase.gather(self.folder, self.texts)
            rules = [each.qualified for each in chosen if places is None or (number, each.qualified) in places]
            names = tuple(each for each in (*rules, *(each.qualified for each in chosen.cleanups)) if each in fired)
            if names:
                phases.append(evolve(phase, only=names, without=()))
        return evolve(self, phases=tuple(phases), source="", text=None)


def _plain(value: object) -> object:
    return list(cast("tuple[object, ...]", value)) if isinstance(value, tuple) else dict(cast("dict[str, int]", value))


def phase_of(rule: Rule) -> int:
    """The number of the phase of a pipeline that a rule runs in; the first is 0."""
    return (rule.phase + _APART // 2) // _APART


def _within(rule: Rule, number: int) -> int:
    return number * _APART + min(max(rule.phase, -_APART // 2), _APART // 2 - 1)


_PHASE = ("packs", "rules", "only", "without", "benefits")
_WHOLE = ("allow", "check", "require", "max-steps", "phase")


def read_pipeline(path: str | os.PathLike[str]) -> Pipeline:
    """Read a pipeline from a TOML file, or from the table `[tool.rewriter]` of a `pyproject.toml`.

    Raises:
        UsageError: The file cannot be read, is no TOML, or says what a pipeline does not say.
    """
    found = _read(Path(path))
    if found is None:
        raise UsageError(f"{os.fspath(path)} has no [tool.rewriter]")
    return found


def project_pipeline(folder: str | os.PathLike[str] = ".") -> Pipeline | None:
    """The pipeline of the `pyproject.toml` in a folder; None where there is none.

    Raises:
        UsageError: It cannot be read, or says what a pipeline does not say.
    """
    path = Path(folder) / _PROJECT
    return _read(path) if path.is_file() else None


def _read(path: Path) -> Pipeline | None:
    import tomllib

    try:
        data = path.read_bytes()
    except OSError as error:
        raise UsageError(f"{path}: cannot be read: {error.strerror}") from None
    try:
        whole = tomllib.loads(data.decode())
    except UnicodeDecodeError:
        raise UsageError(f"{path} is not UTF-8") from None
    except tomllib.TOMLDecodeError as error:
        raise UsageError(f"{path} is no TOML: {error}") from None
    if path.name == _PROJECT:
        table = whole.get("tool", {}).get("rewriter")
        return None if table is None else _pipeline(table, str(path), path.parent)
    return evolve(_pipeline(whole, str(path), path.parent), text=data)


def _pipeline(table: Any, where: str, folder: Path) -> Pipeline:
    reader = _Reader(where)
    values = reader.table(table, "", _WHOLE)
    phases = values.get("phase", [{}])
    if not isinstance(phases, list) or not phases:
        raise reader.error("phase", "one or more tables, each [[phase]]")
    check = values.get("check", "model")
    if check not in CHECKS:
        raise reader.error("check", " or ".join(map(repr, CHECKS)))
    allow = reader.words(values, "allow")
    if not set(allow) <= set(ALLOWANCES):
        raise reader.error("allow", f"a list of {' and '.join(map(repr, ALLOWANCES))}")
    require, steps = values.get("require"), values.get("max-steps")
    if require is not None and not isinstance(require, str):
        raise reader.error("require", "a word")
    if steps is not None and (not isinstance(steps, int) or isinstance(steps, bool) or steps < 0):
        raise reader.error("max-steps", "a number, 0 or more")
    return Pipeline(
        tuple(reader.phase(each, number) for number, each in enumerate(cast("list[Any]", phases), start=1)),
        allow,
        check,
        require,
        steps,
        folder,
        where,
    )


@frozen
class _Reader:
    """Says of each mistake in a file where it stands and what is wanted there."""

    where: str

    def error(self, key: str, wanted: str) -> UsageError:
        return UsageError(f"{self.where}: {key} takes {wanted}")

    def table(self, given: Any, key: str, known: Sequence[str]) -> dict[str, Any]:
        if not isinstance(given, dict):
            raise self.error(key, "a table")
        values = cast("dict[str, Any]", given)
        for name in values:
            if name not in known:
                of = f" of {key}" if key else ""
                hint = nearest(name, known) or ", ".join(known)
                raise UsageError(f"{self.where}: there is no {name!r}{of} in a pipeline", hint=hint)
        return values

    def words(self, values: Mapping[str, Any], key: str, of: str = "") -> tuple[str, ...]:
        given = values.get(key, [])
        if not isinstance(given, list) or not all(isinstance(each, str) for each in cast("list[Any]", given)):
            raise self.error(f"{of}{key}", "a list of strings")
        return tuple(cast("list[str]", given))

    def phase(self, given: Any, number: int) -> Phase:
        of = f"phase {number}: "
        values = self.table(given, f"phase {number}", _PHASE)
        benefits = self.table(values.get("benefits", {}), f"{of}benefits", list(values.get("benefits", {})))
        if not all(isinstance(each, int) and not isinstance(each, bool) for each in benefits.values()):
            raise self.error(f"{of}benefits", "a number for each rule")
        packs, rules, only, without = (self.words(values, name, of) for name in _PHASE[:-1])
        return Phase(packs, rules, only, without, cast("dict[str, int]", benefits))
