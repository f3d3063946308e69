"""Where declarations are found: those of a file, those of the installed packs, and the builtin ones."""

from __future__ import annotations

import functools
import re
from collections.abc import Callable, Iterator, Mapping
from importlib import import_module

from attrs import define, field

from rewriter.dialect.declaration import Declaration, undeclared
from rewriter.dialect.types import is_list
from rewriter.model import Operator, schema

Elsewhere = Callable[[str], Declaration | None]

# Where a builtin operator's declaration begins, and where the item before it ends.
_ITEM = re.compile(r"^op (\w+)", re.MULTILINE)


@define
class Dialect:
    """The operators that the rules of one file can speak of.

    Attributes:
        custom: Custom operators that the file declares, by code.
        elsewhere: Looks up a custom operator in the installed packs.
    """

    custom: dict[str, Declaration] = field(factory=dict[str, Declaration])
    elsewhere: Elsewhere | None = None
    # Each is asked for at every place where its operator stands, and a pack's files are read for it.
    _found: dict[str, Declaration] = field(init=False, factory=dict[str, Declaration])

    def find(self, name: str, code: str | None) -> Declaration | None:
        """The declaration of an operator; None if the schema has no operator of this name.

        A custom operator that nobody declares has operands as they are written, and no attributes.
        """
        if name == "CUSTOM" and code is not None:
            return self.custom.get(code) or self._elsewhere(code)
        if name not in schema().enums["BuiltinOperator"]:
            return None
        return builtin_declarations().get(name) or undeclared(name)

    def _elsewhere(self, code: str) -> Declaration:
        found = self._found.get(code)
        if found is None:
            found = (self.elsewhere(code) if self.elsewhere else None) or Declaration("CUSTOM", code)
            self._found[code] = found
        return found

    @property
    def names(self) -> list[str]:
        """The builtin operators."""
        return list(schema().enums["BuiltinOperator"])


def bodies_of(operator: Operator) -> list[int]:
    """The indices of the subgraphs that an operator runs."""
    declaration = builtin_declarations().get(operator.code.builtin)
    found: list[int] = []
    for name in declaration.subgraph_attributes if declaration is not None else ():
        value = operator.attribute(name)
        found += [each for each in (value if is_list(value) else [value]) if isinstance(each, int) and each >= 0]
    return found


@functools.cache
def builtin_declarations() -> Mapping[str, Declaration]:
    """The builtin operators that the files of `grammar/` declare, by name; each is made when it is first asked for."""
    from importlib.resources import files

    items: dict[str, _Item] = {}
    folder = files("rewriter.grammar")
    for file in sorted((each for each in folder.iterdir() if each.name.endswith(".pat")), key=lambda each: each.name):
        text = file.read_text(encoding="utf-8")
        starts = [(match.start(), match[1]) for match in _ITEM.finditer(text)]
        ends = [start for start, _ in starts[1:]] + [len(text)]
        for (start, name), end in zip(starts, ends, strict=True):
            items[name] = _Item(file.name, text, start, end)
    # An enum word that the bindings do not have yet is of no use to anybody.
    known = schema().enums["BuiltinOperator"]
    return _Declarations({name: item for name, item in items.items() if name in known})


@define
class _Item:
    """The text of an `op` item: a part of a file's."""

    file: str
    text: str
    start: int
    end: int


class _Declarations(Mapping[str, Declaration]):
    def __init__(self, items: Mapping[str, _Item]) -> None:
        self._items = items
        self._made: dict[str, Declaration] = {}

    def __getitem__(self, name: str) -> Declaration:
        found = self._made.get(name)
        if found is None:
            found = self._made[name] = _declared(self._items[name])
        return found

    def __contains__(self, name: object) -> bool:
        return name in self._items

    def __iter__(self) -> Iterator[str]:
        return iter(self._items)

    def __len__(self) -> int:
        return len(self._items)


def _declared(item: _Item) -> Declaration:
    from rewriter.errors import LanguageError
    from rewriter.language import syntax
    from rewriter.language.declare import declare
    from rewriter.language.parse import parse_kept

    # Lines stay what they are in the file, so that an error in a declaration is shown in its place.
    text = "\n" * item.text.count("\n", 0, item.start) + item.text[item.start : item.end].rstrip()

    (tree,) = parse_kept(text, item.file, text).items
    assert isinstance(tree, syntax.Op)
    declaration, diagnostics = declare(tree, _function)
    if diagnostics:
        raise LanguageError(diagnostics)
    return declaration


def _function(name: str) -> Callable[..., object] | None:
    """The function that a builtin operator's clause names, of a module beside this one."""
    module, dot, plain = name.rpartition(".")
    modules = [module] if dot else ["shapes", "quantization"]
    for each in modules:
        found = getattr(import_module(f"rewriter.dialect.{each}"), plain, None)
        if found is not None:
            return found
    return None
