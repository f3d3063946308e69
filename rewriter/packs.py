"""Rule packs: importable packages that hold `.pat` files, found through the entry-point group `rewriter.packs`.

The stock packs are found in the same way. Listing packs reads metadata and `.pat` files; a pack's own Python is
imported when a rule needs one of its functions.
"""

from __future__ import annotations

import functools
import importlib
import importlib.util
import os
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar, cast

from attrs import frozen

from rewriter.dialect.declaration import Declaration
from rewriter.errors import LanguageError, PackError
from rewriter.language.check import compile_rules, declarations_of
from rewriter.language.rules import RuleSet
from rewriter.language.target import Target
from rewriter.source import nearest

if TYPE_CHECKING:
    from importlib.metadata import EntryPoint
    from importlib.resources.abc import Traversable

GROUP = "rewriter.packs"
_DECLARES = re.compile(r"\bop\s+CUSTOM\b")
_DECLARED = re.compile(r'\bop\s+CUSTOM\[\s*(?:(\w+)|"([^"\\\n]*)")\s*\]')
_ARROW = "->"  # which every rule has
# What `apply` can use: a rule, or a cleanup, whose word stands where that of `_SERVES` does.
_REWRITES = re.compile(rf"{_ARROW}|^cleanup\s", re.MULTILINE)
# At the beginning of a line, where neither a comment nor what is inside a string can stand.
_SERVES = re.compile(r'^pack\s+\w+\s*("(?:[^"\\\n]|\\.)*"\s*)*serves\s', re.MULTILINE)
_OFF = "REWRITER_NO_PLUGINS"
_OURS = "rewriter"
_MARK = "__rewriter_values_for__"
_FUNCTION = "__rewriter_function__"

Function = TypeVar("Function", bound=Callable[..., Any])


@frozen
class Pack:
    """An installed pack.

    Attributes:
        name: What users call it: the entry point's name.
        package: The importable package.
        distribution: What installed it, and its version.
        folder: Where its `.pat` files are.
    """

    name: str
    package: str
    distribution: str
    version: str
    folder: Traversable

    @property
    def origin(self) -> str:
        """The distribution that brings it, and its version."""
        return f"{self.distribution} {self.version}"

    def files(self) -> list[Traversable]:
        """Its `.pat` files, by name."""
        files = (each for each in self.folder.iterdir() if each.name.endswith(".pat"))
        return sorted(files, key=lambda each: each.name)

    def texts(self) -> list[str]:
        """What its `.pat` files hold; what is not UTF-8 in them is an error of `load` alone."""
        return list(map(_text, self.files()))

    def may_have_rules(self) -> bool:
        """Whether its text can hold rules; it is not read for what it says."""
        return any(_ARROW in text for text in self.texts())

    def may_be_default(self) -> bool:
        """Whether it can be a default pack, as far as its text shows that without being read for what it says."""
        texts = self.texts()
        return any(map(_REWRITES.search, texts)) and not any(map(_SERVES.search, texts))

    def function(self, dotted: str) -> Callable[..., Any] | None:
        """The function that a declaration calls `pack.function` or `pack.module.function`; None if there is none."""
        prefix, _, name = dotted.partition(".")
        if prefix != self.name or not name:
            return None
        found = self.module()
        path = ""
        for part in name.split("."):
            path += f".{part}"
            inside = getattr(found, part, None)
            found = self.module(path) if inside is None and hasattr(found, "__path__") else inside
        return found if callable(found) else None

    def module(self, path: str = "") -> Any:
        """Its Python.

        Args:
            path: A module inside, with a dot before its name. None is returned where there is no such module.

        Raises:
            PackError: It fails to load.
        """
        name = self.package + path
        try:
            if path and importlib.util.find_spec(name) is None:
                return None
            return importlib.import_module(name)
        except Exception as error:  # a pack's module can fail in any way, and must not take others with it
            said = " ".join(str(error).split())
            reason = f"{type(error).__name__}: {said}" if said else type(error).__name__
            raise PackError(f"pack {self.name!r} of {self.origin} fails to load: {reason}") from error

    def added(self) -> dict[str, Callable[..., Any]]:
        """Its functions that `function` marks, by name.

        Raises:
            PackError: Its Python fails to load.
        """
        every = cast("dict[str, Any]", self.module().__dict__)
        return {each.__name__: each for each in every.values() if getattr(each, _FUNCTION, False) is True}

    def defines(self, name: str) -> bool:
        """Whether one of its Python files defines a function of this name: known without importing it."""
        definition = re.compile(rb"^\s*def %s\(" % re.escape(name.encode()), re.MULTILINE)
        return any(definition.search(data) for _, data in self.python())

    def stand_in(self, dotted: str) -> Callable[..., Any] | None:
        """What `function` gives, without importing the pack: something that can be called, and says nothing.

        There is one where the pack's Python files have the name anywhere.
        """
        prefix, _, name = dotted.partition(".")
        word = re.compile(rb"\b%s\b" % re.escape(name.rpartition(".")[2].encode()))
        named = prefix == self.name and name != "" and any(word.search(data) for _, data in self.python())
        return _say_nothing if named else None

    def python(self) -> list[tuple[str, bytes]]:
        """Its Python files, by name, the folders that they stand in before it."""
        return sorted(_python(self.folder, ""))

    def generators(self) -> dict[str, dict[str, Callable[..., Any]]]:
        """Its functions that `values_for` marks: by the rule's name, then by the constant's.

        Raises:
            PackError: Its Python fails to load.
        """
        found: dict[str, dict[str, Callable[..., Any]]] = {}
        for each in cast("dict[str, Any]", self.module().__dict__).values():
            marks: Sequence[tuple[str, str]] = getattr(each, _MARK, ())
            for rule, name in marks:
                found.setdefault(rule, {})[name] = each
        return found


def function(given: Function) -> Function:
    """Make a pack's function one that the pack's rules can call, in conditions and in constants, by its name.

    It takes numbers, strings, lists and NumPy arrays, and gives one of these, the same for the same arguments. A
    ValueError says that it has no answer: the rule does not match there. It stands in the pack's own module, or is
    imported there.
    """
    setattr(given, _FUNCTION, True)
    return given


@frozen(eq=False)
class AddedFunctions(Mapping[str, Callable[..., Any]]):
    """The functions that packs add to expressions, by name.

    A pack is imported only when one of its Python files defines a function of the name that is asked for.

    Attributes:
        packs: Where to look.
    """

    packs: tuple[Pack, ...]

    def __getitem__(self, name: str) -> Callable[..., Any]:
        owner = self.owner(name)
        if owner is None:
            raise KeyError(name)
        return owner.added()[name]

    def __iter__(self) -> Iterator[str]:
        # Asked for a hint after a mistake: a pack that fails to load must not hide that.
        for pack in self.packs:
            with suppress(PackError):
                yield from pack.added()

    def __len__(self) -> int:
        return len(set(self))

    def owner(self, name: str) -> Pack | None:
        """The pack that has the function; None if none has.

        Raises:
            PackError: Two have one of this name; or none has, and one that may fails to load.
        """
        owners: dict[Callable[..., Any], Pack] = {}  # by the function itself: a pack may import another one's
        wrong: list[PackError] = []
        for pack in (each for each in self.packs if each.defines(name)):
            try:
                added = pack.added()
            except PackError as error:
                wrong.append(error)
                continue
            if name in added:
                owners.setdefault(added[name], pack)
        if len(owners) > 1:
            one, other, *_ = owners.values()
            raise PackError(
                f"two packs add a function {name}: {one.name!r} of {one.origin}, and {other.name!r} of {other.origin}",
                hint="a rule that stands in one of them takes that one's",
            )
        if wrong and not owners:
            raise wrong[0]
        return next(iter(owners.values()), None)


@frozen(eq=False)
class UnaskedFunctions(Mapping[str, Callable[..., Any]]):
    """The functions that a pack may add to expressions: stand-ins for all that its Python files define."""

    pack: Pack

    def __getitem__(self, name: str) -> Callable[..., Any]:
        if not self.pack.defines(name):
            raise KeyError(name)
        return _say_nothing

    def __iter__(self) -> Iterator[str]:
        return iter(())  # which of them it adds, only the pack itself can say

    def __len__(self) -> int:
        return 0


def _say_nothing(*_: object, **__: object) -> None:
    """What stands for the functions of a pack that nobody asked for."""


def added_functions(pack: str | None = None) -> AddedFunctions:
    """The functions that a pack adds for its own rules; those of all packs for rules that are in none."""
    return AddedFunctions(tuple(each for each in installed().values() if pack in (None, each.name)))


def _python(folder: Traversable, prefix: str) -> Iterator[tuple[str, bytes]]:
    for each in folder.iterdir():
        if each.is_dir():
            yield from _python(each, f"{prefix}{each.name}/")
        elif each.name.endswith(".py"):
            yield prefix + each.name, each.read_bytes()


def _text(path: Traversable) -> str:
    return path.read_bytes().decode(errors="replace")


def values_for(rule: str, name: str) -> Callable[[Function], Function]:
    """Mark a pack's function as one that makes values for a rule, where search would not find any.

    It takes a shape, an element type (`f32`) and a seed, and gives the values; the same again for the same seed. For an
    attribute the shape is ``()``, and it gives one plain number. It stands, or is imported, in the pack's own module.

    Args:
        rule: The rule's name, without pack and direction.
        name: The pattern's name for the constant, or for the attribute; the attribute's own where it has none.
    """

    def mark(function: Function) -> Function:
        setattr(function, _MARK, (*getattr(function, _MARK, ()), (rule, name)))
        return function

    return mark


def installed() -> dict[str, Pack]:
    """The installed packs by name, without those that cannot be told apart or whose package is gone (`unusable`)."""
    return dict(_installed(_ours_only())[0])


def unusable() -> dict[str, PackError]:
    """What is wrong with entry points that lead to no pack, by the packs' names."""
    return dict(_installed(_ours_only())[1])


def no_plugins() -> None:
    """Use the packs of this program alone, from now on."""
    os.environ[_OFF] = "1"


def _ours_only() -> bool:
    return os.environ.get(_OFF, "") not in ("", "0")


@functools.cache
def _installed(ours_only: bool) -> tuple[dict[str, Pack], dict[str, PackError]]:
    from importlib.metadata import entry_points

    packs: dict[str, Pack] = {}
    wrong: dict[str, PackError] = {}
    for point in entry_points(group=GROUP):
        name, distribution = point.name, point.dist
        if ours_only and (distribution is None or distribution.name != _OURS):
            continue
        pack = _pack(point)
        if pack is None:
            of = f"{distribution.name} {distribution.version}" if distribution else "an unknown distribution"
            message = f"pack {name!r} of {of}: there is no package {point.value}"
            wrong.setdefault(name, PackError(message, hint="install that distribution again"))
            continue
        other = packs.get(name)
        if other is not None and other.package != pack.package:
            message = f"two packs are called {name!r}: one of {other.origin}, one of {pack.origin}"
            wrong[name] = PackError(message, hint="uninstall one of them")
        packs.setdefault(name, pack)
    return {name: pack for name, pack in packs.items() if name not in wrong}, wrong


def _pack(point: EntryPoint) -> Pack | None:
    """The pack behind an entry point, without importing it; None where its package is gone."""
    try:
        spec = importlib.util.find_spec(point.value)
    except ModuleNotFoundError:
        return None
    if spec is None or spec.loader is None or not spec.submodule_search_locations:
        return None
    distribution = point.dist
    folder: Traversable = Path(spec.submodule_search_locations[0])
    if not folder.is_dir():
        # In a zip file. The loader's own reader, for `importlib.resources` would import the package; and only here, for
        # pytest's loader can read nothing of a package that it has not imported.
        loader: Any = spec.loader
        folder = loader.get_resource_reader(point.value).files()
    return Pack(
        point.name,
        point.value,
        distribution.name if distribution else "?",
        distribution.version if distribution else "?",
        folder,
    )


def find(name: str) -> Pack:
    """The installed pack of this name.

    Raises:
        PackError: There is none, or two of them.
    """
    packs = installed()
    if (wrong := unusable().get(name)) is not None:
        raise wrong
    if name not in packs:
        hint = nearest(name, packs) or ", ".join(sorted(packs)) or "pip install a distribution that brings it"
        raise PackError(f"there is no pack {name!r}", hint=hint)
    return packs[name]


def load(name: str) -> RuleSet:
    """A pack's rules, checked and compiled.

    Raises:
        PackError: There is no such pack, or it fails to load.
        LanguageError: Its `.pat` files have mistakes.
    """
    pack = find(name)
    return _compiled(pack, pack.function, added_functions(name))


def _compiled(pack: Pack, resolve: Callable[[str], Any], functions: Mapping[str, Callable[..., Any]]) -> RuleSet:
    name = pack.name
    sets = [
        compile_rules(
            path.read_bytes(),
            path.name,
            pack=name,
            elsewhere=finder(name),
            resolve=resolve,
            functions=functions,
            find_target=target_finder(frozenset({(name, path.name)})),
            kept=True,
        )
        for path in pack.files()
    ]
    if not sets:
        raise PackError(f"pack {name!r} of {pack.origin} holds no .pat file")
    whole = RuleSet.union(sets)
    whole.doc = next((each.doc for each in sets if each.doc), "")
    whole.serves = tuple(dict.fromkeys(name for each in sets for name in each.serves))
    return whole


def peruse(name: str) -> RuleSet:
    """A pack's rules to be shown, not to be run: of a pack that another distribution brings, no Python is imported.

    Only where its text cannot be checked without its functions, or has mistakes, `load` decides.

    Raises:
        PackError, LanguageError: As `load` does.
    """
    pack = find(name)
    if pack.distribution != _OURS:
        with suppress(LanguageError):
            return _compiled(pack, pack.stand_in, UnaskedFunctions(pack))
    return load(name)


def load_all(names: Iterable[str] | None = None, *, shown: bool = False) -> tuple[dict[str, RuleSet], dict[str, str]]:
    """Packs' rules, of as many as load.

    Args:
        names: Which packs; all that are installed where None.
        shown: Whether the rules are only shown, as `peruse` gives them.

    Returns:
        The rules by pack; and what is wrong with the packs that do not load, in one line each.
    """
    found: dict[str, RuleSet] = {}
    wrong: dict[str, str] = {}
    for name in [*installed(), *unusable()] if names is None else names:
        try:
            found[name] = peruse(name) if shown else load(name)
        except LanguageError as error:
            first, *more = error.diagnostics
            others = f", and {len(more)} more" if more else ""
            place = f"{first.span.text.name}:{first.span.line}:{first.span.column}"
            wrong[name] = f"pack {name!r} of {find(name).origin} has mistakes: {place}: {first.message}{others}"
        except PackError as error:
            wrong[name] = " ".join(error.message.split())
    return found, wrong


def find_declaration(code: str, besides: str | None = None) -> Declaration | None:
    """The declaration of a custom operator in the installed packs.

    A pack whose text has mistakes has no say here; who asks for the pack itself hears of them.
    """
    return finder(besides)(code)


def finder(besides: str | None = None) -> Callable[[str], Declaration | None]:
    """`find_declaration` for many codes: what it returns reads the packs' files once, when it is first asked."""

    @functools.cache
    def texts() -> list[tuple[Pack, str, str]]:
        packs = (pack for pack in installed().values() if pack.name != besides)
        return [
            (pack, path.name, text) for pack in packs for path, text in zip(pack.files(), pack.texts(), strict=True)
        ]

    def find(code: str) -> Declaration | None:
        for pack, name, text in texts():
            if code not in text or not _DECLARES.search(text):
                continue
            try:
                found = declarations_of(text, name, pack.function).get(code)
            except (LanguageError, PackError):
                continue
            if found is not None:
                return found
        return None

    return find


def declared_codes() -> list[str]:
    """The codes of the custom operators that the installed packs declare, as their texts have them."""
    return [
        plain or quoted
        for pack in installed().values()
        for text in pack.texts()
        for plain, quoted in _DECLARED.findall(text)
    ]


def target_finder(besides: frozenset[tuple[str, str]] = frozenset()) -> Callable[[str], Target | None]:
    """Finds targets of the installed packs by name, for those that extend them.

    Args:
        besides: Files that are not looked at, each as pack and name: those that are being read already.
    """

    def find(name: str) -> Target | None:
        begins = re.compile(rf"\btarget\s+{re.escape(name)}\b")
        for pack in installed().values():
            for path in pack.files():
                here = (pack.name, path.name)
                text = "" if here in besides else _text(path)
                if not begins.search(text):
                    continue
                try:
                    found = compile_rules(
                        text,
                        path.name,
                        pack=pack.name,
                        elsewhere=finder(pack.name),
                        resolve=pack.function,
                        find_target=target_finder(besides | {here}),
                        kept=True,
                    )
                except (LanguageError, PackError):
                    continue  # who asks for the pack itself hears of it
                for target in found.targets:
                    if target.name == name:
                        return target
        return None

    return find


def find_function(dotted: str) -> Callable[..., Any] | None:
    """The function that a `shape` or `kernel` clause names as `pack.function`; None if no installed pack has it."""
    pack = installed().get(dotted.partition(".")[0])
    return pack.function(dotted) if pack is not None else None


def is_default(rules: RuleSet) -> bool:
    """Whether `apply` uses a pack unasked: it loses nothing, changes no interface and serves every runtime."""
    used = [each for each in (*rules, *rules.cleanups) if each.used]
    return bool(used) and not rules.serves and not any(each.equality.lossy or each.changes_interface for each in used)
