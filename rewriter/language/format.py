"""The one layout of `.pat` text.

A line has up to 100 columns. What stands in a bracket is on its line or, where it does not fit, on lines of its own,
one operand a line. A bare rule that fits is one line. In what takes several lines all but the first are indented by
two: documentation, pattern, `where`, the arrow with the replacement, and every clause, in the order in which they are
written. Brackets that say nothing are left out; numbers and strings stay as they are written. Items stay apart by a
blank line where they were apart by any.

Every comment stays where it is: between the same tokens (`comments` says how), and between the same items. After an
item, comments that are indented belong to it, and from the first that begins its line on, to what follows.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from rewriter.language import syntax
from rewriter.language.comments import Source, put_comments
from rewriter.language.format_expression import ExpressionWriter
from rewriter.language.layout import STEP, lay_out
from rewriter.language.parse import parse
from rewriter.language.syntax import children

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from rewriter.language.comments import Token
    from rewriter.language.syntax import Syntax

WIDTH = 100
"""Columns of a line; only a string, a name or a comment may be longer."""

_RULE_CLAUSES = frozenset({"equal", "lossy", "changes", "shared", "benefit", "phase"})
_OP_CLAUSES = frozenset({"shape", "kernel", "quantization", "stored", "implied", "commutative", "side", "where"})


def format_text(text: str | bytes, filename: str) -> str:
    """The text in its layout, which is its own layout; it has the same syntax tree and the same comments.

    Args:
        text: A whole `.pat` file.
        filename: Under what name errors show it.

    Raises:
        LanguageError: The text has syntax errors.
    """
    file = parse(text, filename)
    lines: list[str] = []
    for blank, part in _parts(file, Source(file.span.text.text)):
        if blank and lines:
            lines.append("")
        lines.append(part)
    return "".join(f"{line}\n" for line in lines)


def _parts(file: syntax.File, source: Source) -> Iterator[tuple[bool, str]]:
    """Items, and the comments between them, each with whether a blank line comes before it."""
    end = 0
    for item in file.items:
        yield from _comments(source.between(end, item.span.start), after_item=end > 0)
        tokens = source.between(item.span.start, item.span.end) + source.trailing(item.span.end)
        writer = _ItemWriter(source)
        writer.item(item)
        yield tokens[0].lines_before > 1, lay_out(put_comments(writer.pieces, tokens), WIDTH)
        end = tokens[-1].end
    yield from _comments(source.between(end, file.span.end), after_item=end > 0)


def _comments(comments: Sequence[Token], *, after_item: bool) -> Iterator[tuple[bool, str]]:
    indented = after_item
    for comment in comments:
        indented = indented and not comment.at_margin
        yield comment.lines_before > 1, " " * STEP * indented + comment.text


class _ItemWriter(ExpressionWriter):
    """Writes items."""

    def item(self, tree: syntax.Item) -> None:
        match tree:
            case syntax.Rule():
                self._rule(tree)
            case syntax.NamedPattern():
                self._pattern(tree)
            case syntax.Op():
                self._op(tree)
            case syntax.Pack():
                self._pack(tree)
            case syntax.Target():
                self._target(tree)
            case syntax.Cleanup():
                self._cleanup(tree)

    def _rule(self, tree: syntax.Rule) -> None:
        with self.group():
            if tree.name is None:
                self.equations(tree.left, pattern=True, hanging=STEP)
            else:
                self.words("rule")
                self.word(tree.name.text)
            with self.indented():
                if tree.name is not None:
                    self._doc(tree.doc)
                    self.line(hard=True)
                    self.equations(tree.left, pattern=True)
                if tree.conditions:
                    self.line()
                    self._where(tree.conditions)
                self.line()
                arrow = "<->" if tree.both_ways else "->"
                self.words(arrow)
                self.equations(tree.right, pattern=False, hanging=len(arrow) + 1)
                for word in self.source.words(tree.right[-1].span.end, tree.span.end):
                    if word in _RULE_CLAUSES:
                        self.line()
                        self._rule_clause(word, tree)

    def _rule_clause(self, word: str, tree: syntax.Rule) -> None:
        number = {"benefit": tree.benefit, "phase": tree.phase}.get(word)
        if word == "changes":
            self.words("changes")
            self.word("interface")
        elif number is not None:
            self.words(word)
            self.write(number)
        elif word == "shared" or tree.equality is None:
            self.word(word)
        else:
            *words, last = self.written(tree.equality)
            self.words(*words)
            self.word(last)

    def _where(self, conditions: Sequence[syntax.Expression]) -> None:
        """`where` with its conditions on its line, or else one a line."""
        with self.group():
            self.word("where")
            with self.indented():
                self.line()
                for condition in self.listed(conditions):
                    self.write(condition)

    def _pattern(self, tree: syntax.NamedPattern) -> None:
        with self.group():
            self.words("pattern")
            self.word(tree.name.text)
            with self.bracket("(", ")"):
                for parameter in self.listed(tree.parameters):
                    self.write(parameter)
            with self.indented():
                if tree.doc is None:
                    self.space()
                    self.word("=")
                    self.line()
                else:
                    self._doc(tree.doc)
                    self.line(hard=True)
                    self.words("=")
                self.equations(tree.body, pattern=True)

    def _doc(self, doc: syntax.String | None) -> None:
        if doc is not None:
            self.line(hard=True)
            self.string(doc)

    # Declarations, packs, targets

    def _op(self, tree: syntax.Op) -> None:
        self.words("op")
        self.heads([tree.head], (), choice=False)
        self._parameters(tree.operands)
        self.space()
        self.words("->")
        match tree.results:
            case (syntax.Parameter() as result,) if _stands_alone(result):
                self._parameter(result)
            case results:
                self._parameters(results)
        with self.indented():
            self._doc(tree.doc)
            for clause in self._op_clauses(tree):
                self.line(hard=True)
                self._op_clause(clause, tree)

    def _op_clauses(self, tree: syntax.Op) -> list[str | syntax.Options | syntax.VersionClause]:
        """The clauses in the order of the text, by the words that they begin with where these are not in the tree."""
        clauses: list[tuple[int, str | syntax.Options | syntax.VersionClause]] = [
            (token.start, token.text) for token in self._loose(tree) if token.text in _OP_CLAUSES
        ]
        clauses += ((version.span.start, version) for version in tree.versions)
        if tree.options is not None:
            clauses.append((tree.options.span.start, tree.options))
        return [clause for _, clause in sorted(clauses, key=lambda clause: clause[0])]

    def _loose(self, tree: Syntax) -> Iterator[Token]:
        """The tokens of a tree that are in none of its parts."""
        parts = sorted((part.span.start, part.span.end) for part in children(tree))
        start = tree.span.start
        for until, end in [*parts, (tree.span.end, tree.span.end)]:
            yield from self.source.between(start, until)
            start = max(start, end)

    def _op_clause(self, clause: str | syntax.Options | syntax.VersionClause, tree: syntax.Op) -> None:
        functions = {"shape": tree.shape, "kernel": tree.kernel, "quantization": tree.quantization}
        match clause:
            case syntax.Options():
                self._options(clause)
            case syntax.VersionClause():
                self.words("version")
                self.write(clause.number)
                self.space()
                self._where(clause.conditions)
            case "where":
                self._where(tree.conditions)
            case "stored":
                self.words("stored")
                with self.bracket("(", ")"):
                    for name in self.listed(tree.stored or ()):
                        self.write(name)
            case "implied":
                self._implied(tree.implied)
            case "side":
                self.words("side")
                self.word("effects")
            case _:
                self.word(clause)
                if function := functions.get(clause):
                    self.space()
                    self.write(function)

    def _names(self, word: str, names: Sequence[Syntax]) -> None:
        with self.group():
            self.word(word)
            with self.indented():
                self.line()
                for name in self.listed(names):
                    self.write(name)

    def _implied(self, implications: Sequence[syntax.Implication]) -> None:
        with self.group():
            self.word("implied")
            with self.indented():
                self.line()
                for implication in self.listed(implications):
                    self.word(implication.name.text)
                    if implication.value is not None:
                        self.space()
                        self.words("=")
                        self.write(implication.value)

    def _parameters(self, parameters: Sequence[syntax.Parameter]) -> None:
        if not parameters:
            self.word("(", ")")
            return
        with self.bracket("(", ")"):
            for parameter in self.listed(parameters):
                self._parameter(parameter)

    def _parameter(self, tree: syntax.Parameter) -> None:
        self.word(tree.name.text)
        if tree.optional:
            self.word("?")
        if tree.variadic:
            self.word("...")
        if tree.type is not None:
            self.words(":")
            self.type(tree.type)
        for word in dict.fromkeys(token.text for token in self._loose(tree)):
            if word in ("implied", "variable", "private"):
                self.space()
                self.word(word)

    def _options(self, tree: syntax.Options) -> None:
        self.words("options")
        self.word(tree.kind)
        if tree.kind == "bytes":
            return
        self.space()
        if not tree.fields:
            self.word("{", "}")
            return
        with self.bracket("{", "}", edge=" "):
            for field in self.listed(tree.fields):
                self._field(field)

    def _field(self, tree: syntax.OptionsField) -> None:
        self.word(tree.name.text)
        self.words(":")
        self.word(tree.dtype.text)
        if tree.listed:
            self.word("[")
            if tree.length is not None:
                self.write(tree.length)
            self.word("]")
        if tree.enum is not None:
            self.space()
            self.words("as")
            self.word(tree.enum.text)
        if tree.words:
            with self.bracket("(", ")"):
                for word in self.listed(tree.words):
                    self.word(word.word.text, "=")
                    self.write(word.number)
        if tree.default is not None:
            self.space()
            self.words("=")
            self.write(tree.default)

    def _pack(self, tree: syntax.Pack) -> None:
        self._titled("pack", tree.name, tree.doc)
        with self.indented():
            for word, names in (("serves", tree.serves), ("uses", tree.uses), ("leaves", tree.leaves)):
                if names:
                    self.line(hard=True)
                    self._names(word, names)

    def _target(self, tree: syntax.Target) -> None:
        self._titled("target", tree.name, tree.doc)
        with self.indented():
            if tree.extends:
                self.line(hard=True)
                self._names("extends", tree.extends)
            for clause in tree.clauses:
                self.line(hard=True)
                match clause:
                    case syntax.Accept():
                        self._accept(clause)
                    case syntax.Requires(conditions=conditions):
                        self._names("requires", conditions)
                    case syntax.Limit(largest=largest):
                        self.words("partitions")
                        if largest is None:
                            self.word("first")
                        else:
                            self.words("largest")
                            self.write(largest)

    def _cleanup(self, tree: syntax.Cleanup) -> None:
        self.words("cleanup")
        self.word(tree.name.text)
        with self.indented():
            self._doc(tree.doc)
            self.line(hard=True)
            self.words("by")
            self.write(tree.function)

    def _accept(self, tree: syntax.Accept) -> None:
        self.words("unpacks" if tree.unpacks else "accepts", *["whole"] * tree.whole)
        self.heads(tree.heads, tree.attributes, choice=False)
        self.version(tree.version)
        if tree.types:
            self._parameters(tree.types)
        if tree.conditions:
            self.space()
            self._where(tree.conditions)

    def _titled(self, word: str, name: syntax.Name, doc: syntax.String | None) -> None:
        self.words(word)
        self.word(name.text)
        if doc is not None:
            self.space()
            self.string(doc)


def _stands_alone(result: syntax.Parameter) -> bool:
    """Whether a lone result can do without a bracket."""
    lone_const = result.type is not None and not result.type.dtypes and result.type.shape is None
    return not (result.implied or result.variable or result.private or lone_const)
