"""From what the grammar recognises to the syntax tree: one method for each rule of `grammar/pat.lark`.

The parser calls these while it reads, innermost first. `children` are the parts of the rule in the order of the text,
punctuation included: pieces of the tree, and tokens, which are strings that know their `type` and place.
"""

# Each method is explained by the grammar rule of the same name.

from __future__ import annotations

import re
from math import isinf
from typing import TYPE_CHECKING, Any, TypeVar, cast

from attrs import evolve, frozen

from rewriter.language import syntax
from rewriter.language.syntax import Syntax
from rewriter.source import Diagnostic, Span

if TYPE_CHECKING:
    from rewriter.source import Text

    class Token(str):
        """What the parser's tokens have; its own class is known to `parse` only."""

        type: str
        value: str
        start_pos: int
        end_pos: int


_LONGEST_NUMBER = 64
_ESCAPE = re.compile(r"\\(?:x([0-9a-fA-F]{2})|u([0-9a-fA-F]{4})|U([0-9a-fA-F]{8})|(.))", re.DOTALL)
_ESCAPED = {"n": "\n", "t": "\t", "r": "\r", "0": "\0", "\\": "\\", '"': '"', "'": "'"}
_LAST_CHARACTER = 0x10FFFF

Piece = TypeVar("Piece", bound=Syntax)


@frozen
class _Part(Syntax):
    """Something that the tree has no class for: a clause or a bracketed list, on its way into what it belongs to."""

    kind: str
    value: Any


@frozen
class _Bare(Syntax):
    """An operator's name with brackets but without operands; only `(A | CUSTOM[b])(x)` and `accepts` have such."""

    head: syntax.Head
    attributes: tuple[syntax.OperatorAttribute, ...]


class Builder:
    """Builds the trees of one text at a time; mistakes that the grammar cannot see are added to `diagnostics`."""

    def __init__(self) -> None:
        self.diagnostics: list[Diagnostic] = []

    def begin(self, text: Text) -> None:
        """Forget all that was built, and build from `text` next."""
        self._text = text
        self.diagnostics = []

    def _span(self, children: list[Any]) -> Span:
        first, last = children[0], children[-1]
        start = cast("Token", first).start_pos if isinstance(first, str) else first.span.start
        end = cast("Token", last).end_pos if isinstance(last, str) else last.span.end
        return Span(self._text, start, end)

    def _mistake(self, code: str, message: str, span: Span, hint: str | None = None) -> None:
        self.diagnostics.append(Diagnostic(code, message, span, hint))

    def file(self, children: list[Any]) -> syntax.File:
        return syntax.File(Span(self._text, 0, len(self._text.text)), tuple(children))

    # Names and literals

    def name(self, children: list[Any]) -> syntax.Name:
        return syntax.Name(self._span(children), children[0].value)

    def dotted(self, children: list[Any]) -> syntax.DottedName:
        return syntax.DottedName(self._span(children), ".".join(name.text for name in _every(children, syntax.Name)))

    def word(self, children: list[Any]) -> syntax.Word:
        return syntax.Word(self._span(children), children[0].value)

    def wildcard(self, children: list[Any]) -> syntax.Wildcard:
        return syntax.Wildcard(self._span(children))

    def rest(self, children: list[Any]) -> syntax.Rest:
        return syntax.Rest(self._span(children))

    def run(self, children: list[Any]) -> syntax.Run:
        return syntax.Run(self._span(children))

    def literal(self, children: list[Any]) -> syntax.Boolean | syntax.Absent:
        span = self._span(children)
        return syntax.Absent(span) if children[0].type == "ABSENT" else syntax.Boolean(span, children[0] == "true")

    def integer(self, children: list[Any]) -> syntax.Number:
        number = self.number(children[-1:])
        return number if len(children) == 1 else self.unary([children[0], number])

    def number(self, children: list[Any]) -> syntax.Number:
        (token,) = children
        span = self._span(children)
        if len(token) > _LONGEST_NUMBER:
            self._mistake("E106", f"a number of {len(token)} characters is too long", span, "at most 64")
            return syntax.Number(span, 0)
        if token.type == "INT":
            return syntax.Number(span, int(token, 16 if token.startswith("0x") else 10))
        if isinf(value := float(token)):
            self._mistake("E106", "this number is too large for any type", span, "at most about 1.8e308")
        return syntax.Number(span, value)

    def string(self, children: list[Any]) -> syntax.String:
        return syntax.String(self._span(children), "".join(self._unescape(token) for token in children))

    def _unescape(self, token: Any) -> str:
        def character(match: re.Match[str]) -> str:
            short, *numbers = match[4], match[1] or match[2] or match[3]
            if short in _ESCAPED:
                return _ESCAPED[short]
            if short is None and int(numbers[0], 16) <= _LAST_CHARACTER:
                return chr(int(numbers[0], 16))
            start = token.start_pos + 1 + match.start()
            place = Span(self._text, start, start + len(match[0]))
            self._mistake("E107", f"there is no escape {match[0]}", place, r"\\ for a backslash")
            return ""

        return _ESCAPE.sub(character, token[1:-1])

    def list(self, children: list[Any]) -> syntax.List:
        return syntax.List(self._span(children), _pieces(children))

    def flexbuffer(self, children: list[Any]) -> syntax.Flexbuffer:
        return evolve(children[1], span=self._span(children))

    def map(self, children: list[Any]) -> syntax.Flexbuffer:
        return syntax.Flexbuffer(self._span(children), _every(children, syntax.Entry))

    def entry(self, children: list[Any]) -> syntax.Entry:
        key, _, value = children
        if isinstance(key, syntax.Word):
            key = syntax.Name(key.span, key.text)
        return syntax.Entry(self._span(children), key, value)

    # Expressions

    def unary(self, children: list[Any]) -> Any:
        sign, operand = children
        if isinstance(operand, syntax.Number) and sign.value == "-":
            return syntax.Number(self._span(children), -operand.value)
        return syntax.Unary(self._span(children), sign.value, operand)

    def binary(self, children: list[Any]) -> syntax.Binary:
        left, operator, right = children
        return syntax.Binary(self._span(children), operator.value, left, right)

    def compare(self, children: list[Any]) -> syntax.Compare:
        operators: Any = tuple(" ".join(token.split()) for token in children[1::2])
        return syntax.Compare(self._span(children), tuple(children[::2]), operators)

    def attribute_of(self, children: list[Any]) -> syntax.Attribute:
        return syntax.Attribute(self._span(children), children[0], children[2])

    def index(self, children: list[Any]) -> syntax.Index:
        return syntax.Index(self._span(children), children[0], children[2])

    def slice(self, children: list[Any]) -> syntax.Slice:
        colon = next(place for place, child in enumerate(children) if child == ":")
        start, stop = children[:colon], children[colon + 1 :]
        return syntax.Slice(self._span(children), start[0] if start else None, stop[0] if stop else None)

    def call(self, children: list[Any]) -> syntax.Call:
        return syntax.Call(self._span(children), children[0], children[1].value)

    def group(self, children: list[Any]) -> Any:
        _, inner, _ = children
        if isinstance(inner, _Bare):
            inner = self._without_operands(inner)
        # The brackets belong to what is in them, so that an error about it marks all of it.
        return evolve(inner, span=self._span(children))

    # Types

    def type(self, children: list[Any]) -> syntax.Type:
        const = isinstance(children[0], str)
        shapes = _every(children, syntax.Shape)
        return syntax.Type(self._span(children), const, _every(children, syntax.Name), shapes[0] if shapes else None)

    def like(self, children: list[Any]) -> syntax.Like:
        code, changes = self._attributes(children)
        self._refuse_code(code)
        return syntax.Like(self._span(children), children[1], changes)

    def shape(self, children: list[Any]) -> syntax.Shape:
        return syntax.Shape(self._span(children), _pieces(children))

    # Operators and operands

    def operator(self, children: list[Any]) -> syntax.Operator:
        first = children[0]
        code, attributes = self._attributes(children)
        if isinstance(first, syntax.Word):
            heads = (self._head(first, code),)
        else:
            heads = tuple(self._alternative_head(branch) for branch in first.value)
            self._refuse_code(code)
        versions = _every(children, syntax.Version)
        return syntax.Operator(
            self._span(children), heads, attributes, versions[0] if versions else None, children[-1].value
        )

    def again(self, children: list[Any]) -> syntax.Again:
        code, attributes = self._attributes(children)
        self._refuse_code(code)
        return syntax.Again(self._span(children), children[1], attributes, children[-1].value)

    def bare(self, children: list[Any]) -> _Bare:
        code, attributes = self._attributes(children)
        return _Bare(self._span(children), self._head(children[0], code), attributes)

    def _attributes(self, children: list[Any]) -> tuple[syntax.String | None, tuple[syntax.OperatorAttribute, ...]]:
        for child in children:
            if isinstance(child, _Part) and child.kind == "attributes":
                return child.value
        return None, ()

    def _head(self, word: syntax.Word, code: syntax.String | None) -> syntax.Head:
        if code is None:
            return syntax.Head(word.span, word, None)
        if word.text != "CUSTOM":
            self._refuse_code(code)
        return syntax.Head(Span(self._text, word.span.start, code.span.end), word, code)

    def _refuse_code(self, code: syntax.String | None) -> None:
        if code is not None:
            message = "only CUSTOM[...] takes a code; an attribute needs a value"
            self._mistake("E111", message, code.span, f"{code.value}=VALUE")

    def _alternative_head(self, branch: Syntax) -> syntax.Head:
        match branch:
            case syntax.Word():
                return syntax.Head(branch.span, branch, None)
            case _Bare(attributes=()):
                return branch.head
            case _Bare():
                message = "attributes that several operators share stand behind their bracket"
                self._mistake("E112", message, branch.attributes[0].span, "(ADD|SUB)[NAME=VALUE](x, y)")
                return branch.head
            case _:
                message = "only operators' names may stand in a bracket that is followed by operands"
                self._mistake("E112", message, branch.span, "(ADD|SUB)(x, y) or (ADD(x, y) | SUB(x, y))")
                return syntax.Head(branch.span, syntax.Word(branch.span, "ANY"), None)

    def _without_operands(self, bare: _Bare) -> syntax.Word:
        self._mistake("E112", f"{bare.head.name.text} needs its operands", bare.span, "(..) takes whatever there are")
        return bare.head.name

    def attributes(self, children: list[Any]) -> _Part:
        code: syntax.String | None = None
        parts = _pieces(children)
        for place, part in enumerate(parts):
            if not isinstance(part, _Part):
                continue
            if place == 0:
                code = part.value
            else:
                self._refuse_code(part.value)
        return _Part(self._span(children), "attributes", (code, _every(children, syntax.OperatorAttribute)))

    def attribute(self, children: list[Any]) -> syntax.OperatorAttribute:
        return syntax.OperatorAttribute(self._span(children), children[0], tuple(children[2::2]))

    def code(self, children: list[Any]) -> _Part:
        (code,) = children
        if not isinstance(code, syntax.String):
            code = syntax.String(code.span, code.text)
        return _Part(code.span, "code", code)

    def version(self, children: list[Any]) -> syntax.Version:
        return syntax.Version(self._span(children), children[1].value, children[2])

    def choice(self, children: list[Any]) -> _Part:
        return _Part(self._span(children), "choice", _pieces(children))

    def alternatives(self, children: list[Any]) -> syntax.Alternatives:
        branches = (
            self._without_operands(branch) if isinstance(branch, _Bare) else branch for branch in children[0].value
        )
        return syntax.Alternatives(children[0].span, tuple(branches))

    def operands(self, children: list[Any]) -> _Part:
        return _Part(self._span(children), "operands", _pieces(children))

    def named(self, children: list[Any]) -> syntax.Named:
        name, _, value = children
        if isinstance(value, _Bare):
            value = self._without_operands(value)
        return syntax.Named(self._span(children), name, value)

    def typed(self, children: list[Any]) -> syntax.Typed:
        return syntax.Typed(self._span(children), children[0], children[2])

    def optional(self, children: list[Any]) -> syntax.Optional:
        return syntax.Optional(self._span(children), children[0])

    def variadic(self, children: list[Any]) -> syntax.Variadic:
        return syntax.Variadic(self._span(children), children[0])

    # Rules

    def equation(self, children: list[Any]) -> syntax.Equation:
        results: tuple[Any, ...] = ()
        if len(children) > 1:
            label = children[0]
            results = label.value if isinstance(label, _Part) else (label,)
            if not isinstance(results[0], syntax.Name | syntax.Wildcard | syntax.Variadic):
                self._mistake("E113", "only names can stand before '='", label.span, "NAME = ... or (NAME, _) = ...")
        return syntax.Equation(self._span(children), results, children[-1])

    def results(self, children: list[Any]) -> _Part:
        return _Part(self._span(children), "results", _pieces(children))

    def left(self, children: list[Any]) -> _Part:
        return _Part(self._span(children), "left", _pieces(children))

    def right(self, children: list[Any]) -> _Part:
        return _Part(self._span(children), "right", _pieces(children))

    def where(self, children: list[Any]) -> _Part:
        return _Part(self._span(children), "where", _pieces(children))

    def equality(self, children: list[Any]) -> _Part:
        span = self._span(children)
        kind, bound = "exact", None
        if children[1].type == "WITHIN":
            bound = children[2]
            kind = {"ULP": "ulp", "STEP": "step"}[children[3].type] if len(children) > 3 else "within"
        return _Part(span, "equal", syntax.Equality(span, cast("Any", kind), bound, children[0] == "lossy"))

    def benefit(self, children: list[Any]) -> _Part:
        return _Part(self._span(children), "benefit", children[1])

    def phase(self, children: list[Any]) -> _Part:
        return _Part(self._span(children), "phase", children[1])

    def rule(self, children: list[Any]) -> syntax.Rule:
        given = self._clauses(children)
        return syntax.Rule(
            self._span(children),
            name=_first(children, syntax.Name),
            doc=_first(children, syntax.String),
            left=given["left"],
            conditions=given.get("where", ()),
            both_ways="<->" in given,
            right=given["right"],
            equality=given.get("equal"),
            changes_interface="changes" in given,
            benefit=given.get("benefit"),
            phase=given.get("phase"),
            shared="shared" in given,
        )

    def _clauses(self, children: list[Any]) -> dict[str, Any]:
        """What the clauses say, by the word that they begin with; one that is a word only says True."""
        found: dict[str, Any] = {}
        for child in children:
            if isinstance(child, _Part):
                kind, value, span = child.kind, child.value, child.span
            elif isinstance(child, str):
                kind, value, span = str(child), True, self._span([child])
            else:
                continue
            if kind in found:
                self._mistake("E108", f"{kind!r} is said twice here", span, "keep one of the two")
            found[kind] = value
        return found

    def pattern(self, children: list[Any]) -> syntax.NamedPattern:
        name, *parameters = _every(children, syntax.Name)
        doc = _first(children, syntax.String)
        return syntax.NamedPattern(self._span(children), name, tuple(parameters), doc, children[-1].value)

    # Packs, declarations, targets

    def pack(self, children: list[Any]) -> syntax.Pack:
        given = {each.kind: each.value for each in children if isinstance(each, _Part)}
        return syntax.Pack(
            self._span(children),
            children[1],
            _first(children, syntax.String),
            given.get("serves", ()),
            given.get("uses"),
            given.get("leaves", ()),
        )

    def serves(self, children: list[Any]) -> _Part:
        return _Part(self._span(children), "serves", _every(children, syntax.Name))

    def uses(self, children: list[Any]) -> _Part:
        return _Part(self._span(children), "uses", _every(children, syntax.DottedName))

    def leaves(self, children: list[Any]) -> _Part:
        return _Part(self._span(children), "leaves", _every(children, syntax.DottedName))

    def op(self, children: list[Any]) -> syntax.Op:
        _, head, operands, _, results, *rest = children
        given = self._clauses([child for child in rest if child != "effects"])
        return syntax.Op(
            self._span(children),
            head=head,
            operands=operands.value,
            results=results.value if isinstance(results, _Part) else (results,),
            doc=_first(rest, syntax.String),
            options=given.get("options"),
            shape=given.get("shape"),
            kernel=given.get("kernel"),
            quantization=given.get("quantization"),
            stored=given.get("stored"),
            implied=given.get("implied", ()),
            commutative="commutative" in given,
            side_effects="side" in given,
            versions=_every(rest, syntax.VersionClause),
            conditions=given.get("where", ()),
        )

    def head(self, children: list[Any]) -> syntax.Head:
        if len(children) == 1:
            return self._head(children[0], None)
        word, _, code, _ = children
        return evolve(self._head(word, self.code([code]).value), span=self._span(children))

    def parameters(self, children: list[Any]) -> _Part:
        return _Part(self._span(children), "operands", _pieces(children))

    def parameter(self, children: list[Any]) -> syntax.Parameter:
        marks = {cast("Token", child).type for child in children if isinstance(child, str)}
        return syntax.Parameter(
            self._span(children),
            name=children[0],
            type=_first(children, syntax.Type),
            optional="QMARK" in marks,
            variadic="RUN" in marks,
            implied="IMPLIED" in marks,
            variable="VARIABLE" in marks,
            private="PRIVATE" in marks,
        )

    def options(self, children: list[Any]) -> _Part:
        span = self._span(children)
        return _Part(span, "options", syntax.Options(span, children[1].value, _every(children, syntax.OptionsField)))

    def field(self, children: list[Any]) -> syntax.OptionsField:
        name, _, dtype, *_ = children
        length, enum = _first(children, syntax.Number), _first(children, syntax.Word)
        words, default = _every(children, syntax.EnumWord), _first(children, _Part)
        value = default.value if default else None
        return syntax.OptionsField(self._span(children), name, dtype, "[" in children, length, enum, words, value)

    def default(self, children: list[Any]) -> _Part:
        return _Part(self._span(children), "default", children[1])

    def enum_word(self, children: list[Any]) -> syntax.EnumWord:
        return syntax.EnumWord(self._span(children), children[0], children[2])

    def version_clause(self, children: list[Any]) -> syntax.VersionClause:
        return syntax.VersionClause(self._span(children), children[1], children[2].value)

    def function(self, children: list[Any]) -> _Part:
        return _Part(self._span(children), children[0].value, children[1])

    def stored(self, children: list[Any]) -> _Part:
        return _Part(self._span(children), "stored", _pieces(children))

    def implied(self, children: list[Any]) -> _Part:
        return _Part(self._span(children), "implied", _pieces(children))

    def implication(self, children: list[Any]) -> syntax.Implication:
        name, value = children[0], children[2] if len(children) > 1 else None
        return syntax.Implication(self._span(children), name, value)

    def target(self, children: list[Any]) -> syntax.Target:
        _, name, *rest = children
        clauses = tuple(child for child in rest if isinstance(child, syntax.Accept | syntax.Requires | syntax.Limit))
        extends = _every(rest, syntax.Name)
        return syntax.Target(self._span(children), name, _first(rest, syntax.String), extends, clauses)

    def cleanup(self, children: list[Any]) -> syntax.Cleanup:
        return syntax.Cleanup(self._span(children), children[1], _first(children, syntax.String), children[-1])

    def requires(self, children: list[Any]) -> syntax.Requires:
        return syntax.Requires(self._span(children), _pieces(children))

    def limit(self, children: list[Any]) -> syntax.Limit:
        return syntax.Limit(self._span(children), _first(children, syntax.Number))

    def accept(self, children: list[Any]) -> syntax.Accept:
        heads = [child for child in children if isinstance(child, syntax.Word | _Bare)]
        attributes: tuple[syntax.OperatorAttribute, ...] = ()
        match heads:
            case [_Bare() as bare]:
                attributes, heads = bare.attributes, [evolve(bare, attributes=())]
            case _:
                pass
        parts = {child.kind: child.value for child in children if isinstance(child, _Part)}
        return syntax.Accept(
            self._span(children),
            children[0] == "unpacks",
            children[1] == "whole",
            tuple(self._alternative_head(head) for head in heads),
            attributes,
            _first(children, syntax.Version),
            parts.get("operands", ()),
            parts.get("where", ()),
        )


def _pieces(children: list[Any]) -> tuple[Any, ...]:
    """The children that are no punctuation."""
    return tuple(child for child in children if isinstance(child, Syntax))


def _every(children: list[Any], kind: type[Piece]) -> tuple[Piece, ...]:
    return tuple(child for child in children if isinstance(child, kind))


def _first(children: list[Any], kind: type[Piece]) -> Piece | None:
    return next((child for child in children if isinstance(child, kind)), None)
