"""What was shown of rules, remembered: in a file that a pack ships, and in the user's own cache.

An entry belongs to what a rule means, not to its name: a rule that was changed has shown nothing yet, one that was
only laid out anew or commented keeps its badge.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, cast

from attrs import define, field, fields, frozen

from rewriter import cache
from rewriter.errors import ModelError, UsageError
from rewriter.language import syntax
from rewriter.language.constants import CONSTANT_FUNCTIONS
from rewriter.language.expressions import FUNCTIONS
from rewriter.model import write_file
from rewriter.packs import Pack, added_functions, installed
from rewriter.proof.verdict import STRENGTH, Badge, Shown

if TYPE_CHECKING:
    from importlib.resources.abc import Traversable

    from rewriter.dialect.declaration import Declaration
    from rewriter.language.rules import Rule
    from rewriter.proof.verdict import Verdict

Ended = Literal["passed", "refuted"]

FILE = "proved.json"
"""What a pack's own record is called; it stands beside its `.pat` files."""

_COMMENT = re.compile(r"#[^\n]*")
_LENGTH = 32  # of a hash, in digits
_FUNCTIONS = ("shape", "kernel", "quantization")


def shown_named(word: str) -> Shown:
    """What can have been shown, by the word that a user writes; a hyphen may stand for the space.

    Raises:
        UsageError: There is no such word.
    """
    for each in STRENGTH:
        if word.replace("-", " ") == each:
            return each
    raise UsageError(f"nothing that can be shown of a rule is called {word!r}", hint=", ".join(STRENGTH))


@frozen
class Entry:
    """What a run showed of one rule.

    Attributes:
        rule: How it was called then; for people.
        meaning: What it meant then: `meaning_of` the rule.
        status: How the run ended.
        badge: What it showed.
        profile: How much was tried: a profile's name.
        program, runtime: Versions: of this program, and of ai-edge-litert.
    """

    rule: str
    meaning: str
    status: Ended
    badge: Badge
    profile: str
    program: str
    runtime: str

    def to_json(self) -> dict[str, Any]:
        """As the files have it."""
        return {
            "rule": self.rule,
            "meaning": self.meaning,
            "status": self.status,
            "shown": self.badge.shown,
            "examples": self.badge.examples,
            "profile": self.profile,
            "program": self.program,
            "runtime": self.runtime,
        }

    @classmethod
    def from_json(cls, document: object) -> Entry | None:
        """The entry that a file holds; None where it is none."""
        match document:
            case {
                "rule": str(rule),
                "meaning": str(meaning),
                "status": str(status),
                "shown": str(shown),
                "examples": int(examples),
                "profile": str(profile),
                "program": str(program),
                "runtime": str(runtime),
            } if status in ("passed", "refuted") and shown in STRENGTH:
                return cls(rule, meaning, status, Badge(shown, examples), profile, program, runtime)
            case _:
                return None


def entry_for(rule: Rule, verdict: Verdict, profile: str) -> Entry | None:
    """What to remember of a verdict; None where it says nothing of the rule."""
    meaning = meaning_of(rule)
    if meaning is None or verdict.status == "no instance":
        return None
    badge = verdict.badge if verdict.status == "passed" else Badge()
    versions = _version("rewriter"), _version("ai-edge-litert")
    return Entry(rule.qualified, meaning, verdict.status, badge, profile, *versions)


@define
class Records:
    """Knows what was shown of rules; reads each pack's record once."""

    _shipped: dict[str, dict[str, Entry]] = field(factory=dict[str, dict[str, Entry]])

    def badge(self, rule: Rule) -> Badge:
        """The most that was shown of a rule as it is now; `claimed` where that is nothing, or where it was refuted."""
        meaning = meaning_of(rule)
        if meaning is None:
            return Badge()
        own = _remembered(meaning)
        if own is not None and own.status == "refuted":
            return Badge()
        known = [each.badge for each in (own, self._pack(rule.pack).get(meaning)) if each is not None]
        return max(known, key=_weight, default=Badge())

    def _pack(self, name: str | None) -> dict[str, Entry]:
        if name is None or name not in installed():
            return {}
        if name not in self._shipped:
            entries = _read_all(installed()[name].folder / FILE)
            self._shipped[name] = {each.meaning: each for each in entries if each.status == "passed"}
        return self._shipped[name]


def remember(entry: Entry) -> None:
    """Keep an entry in the user's cache. The last run has its say, but a pass does not make an earlier one weaker."""
    place = _place(entry.meaning)
    if place is None:
        return
    old = _remembered(entry.meaning)
    if (
        old is not None
        and old.status == entry.status == "passed"
        and old.runtime == entry.runtime
        and _weight(old.badge) > _weight(entry.badge)
    ):
        return
    try:
        place.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        write_file(place, _json(entry.to_json()))
    except (OSError, ModelError):  # as always with the cache: nobody notices but the clock
        return


def record(pack: Pack, rules: Iterable[Rule], entries: Iterable[Entry]) -> Path:
    """Write what was shown of a pack's rules beside its `.pat` files, for those who install it.

    Args:
        pack: The pack.
        rules: All rules that it has now. Entries of others leave the file.
        entries: What a run showed: those that passed take the places of older ones; refuted ones leave the file.

    Raises:
        UsageError: The pack is not in a folder, or its folder cannot be written.
    """
    if not isinstance(pack.folder, Path):
        raise UsageError(f"pack {pack.name!r} is not in a folder where its record could be written")
    path = pack.folder / FILE
    wanted = {meaning: rule.qualified for rule in rules if (meaning := meaning_of(rule)) is not None}
    known = {each.meaning: each for each in _read_all(path)} | {each.meaning: each for each in entries}
    kept = [known[meaning] for meaning in wanted if meaning in known and known[meaning].status == "passed"]
    try:
        write_file(path, _json({"rules": [each.to_json() for each in kept]}))
    except ModelError as error:
        raise UsageError(error.message, hint="record in a checkout of the pack") from None
    return path


def meaning_of(rule: Rule) -> str | None:
    """A hash of all that a rule says, and of what its custom operators are declared to be.

    Layout, comments, documentation, name, benefit and phase have no part in it; named patterns count as what they
    stand for. The Python files of a pack count where a declaration names one of its functions. None where the rule's
    text is not kept.
    """
    sides = rule.sides
    if sides is None:
        return None
    found = hashlib.sha256()
    equality = rule.equality
    parts = [
        _written(sides.left),
        _written(sides.right),
        _written(sides.conditions),
        *(f"{name}: {_written(sides.types[name])}" for name in sorted(sides.types)),
        f"{equality.kind} {equality.bound!r} {equality.lossy} {rule.changes_interface} {sides.shared}",
    ]
    trees = (*sides.left, *sides.right, *sides.conditions)
    added = added_functions(rule.pack)
    for name in sorted({name for tree in trees for name in _called(tree)}):
        owner = None if name in FUNCTIONS or name in CONSTANT_FUNCTIONS else added.owner(name)
        parts += _code(owner)
    for code in sorted({code for tree in trees for code in _codes(tree)}):
        declaration = sides.dialect.find("CUSTOM", code)
        if declaration is not None:
            parts += _declared(declaration)
    for part in parts:
        found.update(part.encode() + b"\0")
    return found.hexdigest()[:_LENGTH]


def _written(value: object) -> str:
    """A tree without places in the text; what is not said is not written, so that a new clause changes no old hash."""
    if isinstance(value, tuple):
        return "[" + " ".join(_written(each) for each in cast("tuple[object, ...]", value)) + "]"
    if not isinstance(value, syntax.Syntax):
        return repr(value)
    words = [type(value).__name__]
    for each in fields(type(value)):
        part: object = getattr(value, each.name)
        if each.name != "span" and part is not None and part is not False and part != ():
            words.append(f"{each.name}={_written(part)}")
    return "(" + " ".join(words) + ")"


def _codes(tree: syntax.Syntax) -> Iterator[str]:
    """The codes of the custom operators in a tree."""
    if isinstance(tree, syntax.Head) and tree.code is not None:
        yield tree.code.value
    for part in syntax.children(tree):
        yield from _codes(part)


def _called(tree: syntax.Syntax) -> Iterator[str]:
    """The names of the functions that a tree calls."""
    if isinstance(tree, syntax.Call):
        yield tree.function.text
    for part in syntax.children(tree):
        yield from _called(part)


def _declared(declaration: Declaration) -> Iterator[str]:
    """All that a custom operator's declaration says."""
    yield declaration.name
    yield repr((declaration.operands, declaration.results, declaration.stored))
    for name, spec in sorted(declaration.attributes.items()):
        yield repr((name, spec.kind, spec.enum, sorted(spec.words), spec.default, spec.format))
    yield repr(declaration.codec)
    yield repr((declaration.commutative, declaration.side_effects))
    for name in (declaration.implied_attributes, declaration.implied_values, declaration.operand_values):
        yield repr(sorted(name))
    for rule in declaration.versions:
        yield f"{rule.number} {_bare(rule.text)}"
    yield from (_bare(text) for text, _ in declaration.conditions)
    for clause in _FUNCTIONS:
        name = declaration.clauses.get(clause, "")
        yield f"{clause} {_bare(name)}"
        yield from _code(installed().get(name.partition(".")[0])) if "." in name else ()


def _bare(text: str) -> str:
    return "".join(_COMMENT.sub("", text).split())


def _code(pack: Pack | None) -> Iterator[str]:
    """The Python files of a pack: what its functions do is in there."""
    for name, data in pack.python() if pack is not None else ():
        plain = data.replace(b"\r\n", b"\n")
        yield f"{name} {hashlib.sha256(plain).hexdigest()}"


def _weight(badge: Badge) -> tuple[int, int]:
    return STRENGTH.index(badge.shown), badge.examples


def _place(meaning: str) -> Path | None:
    folder = cache.directory()
    return None if folder is None else folder / f"shown-{meaning}.json"


def _remembered(meaning: str) -> Entry | None:
    place = _place(meaning)
    entry = None if place is None else Entry.from_json(_read(place))
    return entry if entry is not None and entry.meaning == meaning else None


def _read_all(path: Traversable) -> list[Entry]:
    document = _read(path)
    if not isinstance(document, dict):
        return []
    listed = cast("Mapping[str, object]", document).get("rules")
    if not isinstance(listed, list):
        return []
    entries = (Entry.from_json(each) for each in cast("list[object]", listed))
    return [each for each in entries if each is not None]


def _read(path: Traversable) -> object:
    """What a JSON file holds; None where it is missing or damaged."""
    try:
        return json.loads(path.read_bytes())
    except (OSError, ValueError, RecursionError):
        return None


def _json(document: object) -> bytes:
    return (json.dumps(document, indent=2, ensure_ascii=False) + "\n").encode()


def _version(distribution: str) -> str:
    from importlib.metadata import PackageNotFoundError, version

    try:
        return version(distribution)
    except PackageNotFoundError:  # run out of a zip file
        return "unknown"
