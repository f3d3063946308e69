"""The layout of what rules are made of: expressions, operators with their operands, types, equations.

Brackets are printed where the tree would be another one without them, and nowhere else; numbers and strings as they
are written.
"""

from __future__ import annotations

from contextlib import contextmanager
from enum import IntEnum
from typing import TYPE_CHECKING, TypeVar

from rewriter.language import syntax
from rewriter.language.comments import CLAUSES
from rewriter.language.layout import CLOSE, OPEN, STEP, Filler, Indent, Line, Soft, Word

if TYPE_CHECKING:
    from collections.abc import Generator, Iterable, Iterator, Sequence

    from rewriter.language.comments import Source
    from rewriter.language.layout import Piece
    from rewriter.language.syntax import Syntax

Tree = TypeVar("Tree")


class Level(IntEnum):
    """The rules of the grammar that an operand's form belongs to, loosest first."""

    OPERAND = 0
    VALUE = 1
    DISJUNCTION = 2
    CONJUNCTION = 3
    NEGATION = 4
    COMPARISON = 5
    SUM = 6
    PRODUCT = 7
    FACTOR = 8
    POWER = 9
    PRIMARY = 10
    POSTFIX = 11


_BINARY = {
    "or": Level.DISJUNCTION,
    "and": Level.CONJUNCTION,
    "+": Level.SUM,
    "-": Level.SUM,
    "*": Level.PRODUCT,
    "/": Level.PRODUCT,
    "//": Level.PRODUCT,
    "%": Level.PRODUCT,
    "**": Level.POWER,
}
_ROOTS = syntax.Operator | syntax.Call | syntax.Alternatives


class ExpressionWriter:
    """Writes trees as a stream of text and of places where a line may break."""

    def __init__(self, source: Source) -> None:
        self.pieces: list[Piece] = []
        self.source = source

    # The stream

    def word(self, *texts: str) -> None:
        """Tokens with nothing between them."""
        self.pieces += map(Word, texts)

    def words(self, *texts: str) -> None:
        """Tokens with white space between them, and after the last one."""
        for text in texts:
            self.pieces += (Word(text), Filler())

    def space(self) -> None:
        """White space where no line may end."""
        self.pieces.append(Filler())

    def line(self, flat: str = " ", *, hard: bool = False) -> None:
        """A place where the line may end."""
        self.pieces.append(Line(flat, hard))

    @contextmanager
    def group(self) -> Generator[None]:
        """What is printed on one line if it fits."""
        self.pieces.append(OPEN)
        yield
        self.pieces.append(CLOSE)

    @contextmanager
    def indented(self, by: int = STEP) -> Generator[None]:
        """Lines that begin further to the right."""
        self.pieces.append(Indent(by))
        yield
        self.pieces.append(Indent(-by))

    @contextmanager
    def bracket(self, opening: str, closing: str, *, edge: str = "", comma: bool = True) -> Generator[None]:
        """A bracket on one line, with `edge` inside its ends, or with its content on lines of their own."""
        with self.group():
            self.word(opening)
            with self.indented():
                self.line(edge)
                yield
                if comma:
                    self.pieces.append(Soft(","))
            self.line(edge)
            self.word(closing)

    def listed(self, trees: Iterable[Tree], separator: str = ",") -> Iterator[Tree]:
        """The trees, with a separator and a place for a line end written between them."""
        for place, tree in enumerate(trees):
            if place:
                self.word(separator)
                self.line()
            yield tree

    def _choice(self, trees: Iterable[Tree]) -> Iterator[Tree]:
        """The trees, with a `|` written between them."""
        for place, tree in enumerate(trees):
            if place:
                self.word("|")
            yield tree

    # Expressions

    def write(self, tree: Syntax, level: Level = Level.OPERAND) -> None:
        """A tree where the grammar takes what is at least of this level; in brackets if it is of a lower one."""
        if self._level(tree) < level:
            with self.bracket("(", ")", comma=False):
                self._plain(tree)
        else:
            self._plain(tree)

    def _level(self, tree: Syntax) -> Level:
        match tree:
            case syntax.Named() | syntax.Typed() | syntax.Optional() | syntax.Variadic() | syntax.Rest():
                return Level.OPERAND
            case syntax.Wildcard() | syntax.Run():
                return Level.VALUE
            case syntax.Binary(operator=operator):
                return _BINARY[operator]
            case syntax.Compare():
                return Level.COMPARISON
            case syntax.Unary(operator=operator):
                return Level.NEGATION if operator == "not" else Level.FACTOR
            case syntax.Number():
                return Level.FACTOR if self.written(tree)[0] == "-" else Level.PRIMARY
            case syntax.Name() | syntax.Call() | syntax.Attribute() | syntax.Index():
                return Level.POSTFIX
            case _:
                return Level.PRIMARY

    def written(self, tree: Syntax) -> list[str]:
        """The tokens of a tree that holds no other, without brackets around it."""
        return [word for word in self.source.words(tree.span.start, tree.span.end) if word not in ("(", ")")]

    def _plain(self, tree: Syntax) -> None:
        match tree:
            case syntax.Name() | syntax.Word():
                self.word(tree.text)
            case syntax.Number() | syntax.DottedName():
                self.word(*self.written(tree))
            case syntax.String():
                self.string(tree)
            case syntax.Boolean(value=value):
                self.word("true" if value else "false")
            case syntax.Absent():
                self.word("absent")
            case syntax.Wildcard():
                self.word("_")
            case syntax.Rest():
                self.word("..")
            case syntax.Run():
                self.word("...")
            case syntax.List(elements=elements):
                self._list(elements)
            case syntax.Flexbuffer():
                self.word("flexbuffer")
                self._map(tree)
            case syntax.Unary():
                self._unary(tree)
            case syntax.Binary(operator="**"):
                self.write(tree.left, Level.PRIMARY)
                self.space()
                self.words("**")
                self.write(tree.right, Level.FACTOR)
            case syntax.Binary():
                self._binary(tree)
            case syntax.Compare(operands=(first, *rest), operators=operators):
                self._chain(
                    first, [(words.split(), tree) for words, tree in zip(operators, rest, strict=True)], Level.SUM
                )
            case _:
                self._postfix(tree)

    def _postfix(self, tree: Syntax) -> None:
        match tree:
            case syntax.Attribute():
                self.write(tree.value, Level.POSTFIX)
                self.word(".", tree.name.text)
            case syntax.Index():
                self.write(tree.value, Level.POSTFIX)
                with self.bracket("[", "]", comma=False):
                    self._index(tree.index)
            case syntax.Call():
                self.word(tree.function.text)
                self._operands(tree.operands)
            case syntax.Operator():
                self._operator(tree)
            case syntax.Again():
                self.word("@", tree.name.text)
                self.attributes(None, tree.attributes)
                self._operands(tree.operands)
            case syntax.Alternatives():
                self._alternatives(tree)
            case _:
                self._operand(tree)

    def string(self, tree: syntax.String) -> None:
        """A string; its parts, if there are several, on a line each where they do not fit on one."""
        with self.group():
            for place, part in enumerate(self.written(tree)):
                if place:
                    self.line()
                self.word(part)

    def _list(self, elements: Sequence[Syntax]) -> None:
        """A list, one element a line where it does not fit on one; but numbers as many a line as fit."""
        if not elements:
            self.word("[", "]")
            return
        numbers = all(isinstance(element, syntax.Number) for element in elements)
        with self.bracket("[", "]"):
            for place, element in enumerate(elements):
                if place:
                    self.word(",")
                    if numbers:
                        with self.group():
                            self.line()
                    else:
                        self.line()
                self.write(element, Level.VALUE)

    def _map(self, tree: syntax.Flexbuffer) -> None:
        if not tree.entries:
            self.word("{", "}")
            return
        with self.bracket("{", "}"):
            for entry in self.listed(tree.entries):
                self.write(entry.key)
                self.words(":")
                if isinstance(entry.value, syntax.Flexbuffer):
                    self._map(entry.value)
                else:
                    self.write(entry.value, Level.VALUE)

    def _unary(self, tree: syntax.Unary) -> None:
        if tree.operator == "not":
            self.words("not")
            self.write(tree.operand, Level.NEGATION)
        else:
            self.word(tree.operator)
            self.write(tree.operand, Level.FACTOR)

    def _binary(self, tree: syntax.Binary) -> None:
        """Operations of one level in a row, which are nested to the left, as one chain."""
        level = _BINARY[tree.operator]
        links: list[tuple[list[str], syntax.Expression]] = []
        first: syntax.Expression = tree
        while isinstance(first, syntax.Binary) and _BINARY[first.operator] == level:
            links.append(([first.operator], first.right))
            first = first.left
        self._chain(first, links[::-1], level, Level(level + 1))

    def _chain(
        self, first: Syntax, links: Sequence[tuple[Sequence[str], Syntax]], level: Level, then: Level | None = None
    ) -> None:
        with self.group():
            self.write(first, level)
            with self.indented():
                for operator, operand in links:
                    self.line()
                    self.words(*operator)
                    self.write(operand, level if then is None else then)

    def _index(self, index: syntax.Expression | syntax.Slice) -> None:
        if not isinstance(index, syntax.Slice):
            self.write(index, Level.DISJUNCTION)
            return
        if index.start is not None:
            self.write(index.start, Level.DISJUNCTION)
        self.word(":")
        if index.stop is not None:
            self.write(index.stop, Level.DISJUNCTION)

    # Operators and operands

    def _operator(self, tree: syntax.Operator) -> None:
        self.heads(tree.heads, tree.attributes, choice=True)
        self.version(tree.version)
        self._operands(tree.operands)

    def heads(
        self, heads: Sequence[syntax.Head], attributes: Sequence[syntax.OperatorAttribute], *, choice: bool
    ) -> None:
        """One operator's name with code and attributes, or several; in brackets where they are a `choice`."""
        if len(heads) == 1:
            (head,) = heads
            self.word(head.name.text)
            self.attributes(head.code, attributes)
        elif choice:
            with self.bracket("(", ")", comma=False):
                self._head_names(heads)
            self.attributes(None, attributes)
        else:
            with self.group(), self.indented():
                self._head_names(heads)

    def _head_names(self, heads: Sequence[syntax.Head]) -> None:
        for place, head in enumerate(heads):
            if place:
                self.word("|")
                self.line("")
            self.word(head.name.text)
            self.attributes(head.code, ())

    def attributes(self, code: syntax.String | None, attributes: Sequence[syntax.OperatorAttribute]) -> None:
        """A custom operator's code and attributes in their bracket; nothing where there are none."""
        parts = [*([code] if code else []), *attributes]
        if not parts:
            return
        with self.bracket("[", "]", comma=bool(attributes)):
            for part in self.listed(parts):
                if isinstance(part, syntax.String):
                    self.string(part)
                    continue
                self.word(part.name.text, "=")
                for value in self._choice(part.values):
                    self.write(value, Level.VALUE)

    def version(self, version: syntax.Version | None) -> None:
        """`@<=2`, or nothing."""
        if version is not None:
            self.word("@", version.operator, *self.written(version.number))

    def _operands(self, operands: Sequence[syntax.Operand]) -> None:
        if not operands:
            self.word("(", ")")
            return
        with self.bracket("(", ")"):
            for operand in self.listed(operands):
                self.write(operand)

    def _alternatives(self, tree: syntax.Alternatives) -> None:
        with self.bracket("(", ")", comma=False):
            for place, branch in enumerate(tree.branches):
                if place:
                    self.line()
                    self.words("|")
                self.write(branch)

    def _operand(self, tree: Syntax) -> None:
        match tree:
            case syntax.Optional():
                self.write(tree.value, Level.DISJUNCTION)
                self.word("?")
            case syntax.Variadic():
                self.write(tree.value, Level.DISJUNCTION)
                last = next(piece for piece in reversed(self.pieces) if isinstance(piece, Word))
                if last.text.endswith("."):  # `2.`: three more points that touch it would be something else
                    self.space()
                self.word("...")
            case syntax.Typed(value=value):
                bare = isinstance(value, syntax.Optional | syntax.Variadic)
                self.write(value, Level.OPERAND if bare else Level.VALUE)
                self._type_after(value, tree.type)
            case syntax.Named():
                self._named(tree)
            case _:
                raise TypeError(f"{type(tree).__name__} has no layout")

    def _type_after(self, value: Syntax, type_: syntax.Type | syntax.Like) -> None:
        """`: f32[n]`, `: like y`; `:f16` after a literal."""
        literal = isinstance(value, syntax.Number | syntax.List)
        if isinstance(type_, syntax.Like):
            self.words(":", "like")
            self.word(type_.name.text)
            self.attributes(None, type_.changes)
        elif literal and not type_.const and type_.dtypes:
            self.word(":")
            self.type(type_)
        else:
            self.words(":")
            self.type(type_)

    def type(self, type_: syntax.Type) -> None:
        """`const f32[o, i]`."""
        if type_.const:
            self.word("const")
            if type_.dtypes or type_.shape:
                self.space()
        for dtype in self._choice(type_.dtypes):
            self.word(dtype.text)
        if type_.shape is not None:
            self._list(type_.shape.dimensions)

    def _named(self, tree: syntax.Named) -> None:
        """`input=x` where an operand gets its name, `c = CONV_2D(x, w)` where a pattern does."""
        value: Syntax = tree.value
        while isinstance(value, syntax.Typed | syntax.Optional | syntax.Variadic):
            value = value.value
        self.word(tree.name.text)
        if isinstance(value, syntax.Named | syntax.Again | _ROOTS):
            self.space()
            self.words("=")
        else:
            self.word("=")
        self.write(tree.value)

    # Equations

    def equations(self, equations: Sequence[syntax.Equation], *, pattern: bool, hanging: int = 0) -> None:
        """One side of a rule; all lines but the first hang. On the left only patterns stand without brackets."""
        with self.group(), self.indented(hanging):
            for equation in self.listed(equations, ";"):
                with self.indented(-hanging if equation is equations[0] else 0):
                    self._equation(equation, pattern)

    def _equation(self, tree: syntax.Equation, pattern: bool) -> None:
        self._results(tree.results)
        value = tree.value
        if isinstance(value, syntax.Typed):
            self._side(value.value, pattern)
            self._type_after(value.value, value.type)
        else:
            self._side(value, pattern)

    def _results(self, results: Sequence[syntax.Result]) -> None:
        match results:
            case ():
                return
            case (syntax.Name(text=text),):
                self.word(text)
            case (syntax.Wildcard(),):
                self.word("(", "_", ")")
            case _:
                with self.bracket("(", ")"):
                    for result in self.listed(results):
                        if isinstance(result, syntax.Variadic) and isinstance(result.value, syntax.Wildcard):
                            self.word("_", "...")  # which needs brackets where it is an operand
                        else:
                            self.write(result)
        self.space()
        self.words("=")

    def _side(self, tree: Syntax, pattern: bool) -> None:
        if pattern and (not isinstance(tree, _ROOTS) or _like_a_clause(tree)):
            with self.bracket("(", ")", comma=False):
                self._plain(tree)
        else:
            self.write(tree, Level.OPERAND if isinstance(tree, syntax.Variadic) else Level.DISJUNCTION)


def _like_a_clause(tree: Syntax) -> bool:
    """Whether a pattern is written in brackets because it would go on with the item before it without them."""
    written = tree.span.text.text[tree.span.start]
    return isinstance(tree, syntax.Call) and tree.function.text in CLAUSES and written == "("
