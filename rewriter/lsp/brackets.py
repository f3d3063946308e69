"""What every token of an item stands in: between which brackets, whose brackets these are, and in which clause."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from attrs import define, field, frozen

from rewriter.lsp.items import Item, ends_value

if TYPE_CHECKING:
    from rewriter.lsp.tokens import Token

BracketKind = Literal["operands", "attributes", "shape", "list", "index", "call", "group", "braces"]
Section = Literal["head", "left", "where", "right", "clauses"]

RULE_CLAUSES = ("equal exact", "equal within", "lossy within", "changes interface", "benefit", "phase", "shared")
TARGET_CLAUSES = ("extends", "requires", "accepts", "unpacks", "partitions")
DECLARATION_CLAUSES = (
    "options",
    "shape",
    "kernel",
    "version",
    "where",
    "stored",
    "implied",
    "commutative",
    "side effects",
    "quantization",
)
_RULE_CLAUSES = frozenset(clause.split()[0] for clause in RULE_CLAUSES)
_OP_CLAUSES = frozenset(clause.split()[0] for clause in DECLARATION_CLAUSES)
_CLOSED_BY = {"operands": ")", "call": ")", "group": ")", "attributes": "]", "shape": "]", "list": "]", "index": "]"}
_VERSION = frozenset({"==", "<=", ">="})


@frozen
class Head:
    """An operator as it is named: `CONV_2D`, or CUSTOM with a code."""

    name: str
    code: str | None = None

    def __str__(self) -> str:
        if self.code is None:
            return self.name
        return f"CUSTOM[{self.code}]" if self.code.isidentifier() else f'CUSTOM["{self.code}"]'


@define(eq=False)
class Bracket:
    """An opening bracket.

    Attributes:
        opened: The index of its token.
        around: The bracket that it stands in.
        heads: The operators whose operands or attributes it holds.
        name: What its function, or the capture that it makes `@` again, is called.
        choice: The operators that stand in it without operands, for `(ADD|SUB)(x, y)`.
    """

    kind: BracketKind
    opened: int
    around: Bracket | None
    heads: tuple[Head, ...] = ()
    name: str | None = None
    choice: list[Head] = field(factory=list[Head])


@frozen
class Spot:
    """Where a token stands; `bracket` is the innermost one around it, of a bracket itself the one outside."""

    token: Token
    section: Section
    bracket: Bracket | None


@define
class Reading:
    """The tokens of an item with their places, and the place behind the last one."""

    item: Item
    spots: list[Spot] = field(factory=list[Spot])
    section: Section = "head"
    bracket: Bracket | None = None

    def text(self, index: int) -> str:
        """The token at an index; empty where there is none."""
        return self.spots[index].token.text if 0 <= index < len(self.spots) else ""

    def owner(self, index: int) -> tuple[Head, ...]:
        """The operators at or next behind an index: of a sub-pattern that begins there."""
        spots = self.spots[index : index + 1]
        if spots and spots[0].token.text == "(":
            group = next((each.bracket for each in self.spots[index + 1 : index + 2]), None)
            return tuple(group.choice) if group is not None else ()
        if not spots or spots[0].token.kind != "word":
            return ()
        return _head(self.item.tokens, index)


def read(item: Item) -> Reading:
    """Find the place of every token of an item."""
    return _Reader(Reading(item)).read()


@define
class _Reader:
    """Goes over the tokens; `heads` and `name` are what a bracket that touches would belong to."""

    reading: Reading
    heads: tuple[Head, ...] = ()
    name: str | None = None

    def read(self) -> Reading:
        reading = self.reading
        if not reading.item.keyword:
            reading.section = "left"
        for index, token in enumerate(reading.item.tokens):
            self.section(index, token)
            if token.kind == "sign" and token.text in ")]}":
                closed, reading.bracket = reading.bracket, reading.bracket and reading.bracket.around
                reading.spots.append(Spot(token, reading.section, reading.bracket))
                self.close(closed, token)
                continue
            reading.spots.append(Spot(token, reading.section, reading.bracket))
            if token.kind == "sign" and token.text in "([{":
                reading.bracket = self.open(index, token)
                self.heads, self.name = (), None
            else:
                self.remember(index, token)
        return reading

    def section(self, index: int, token: Token) -> None:
        """Change the section where this token begins another."""
        reading = self.reading
        before = reading.item.tokens[index - 1] if index else None
        match reading.item.kind, token.text:
            case "rule", "->" | "<->":
                self.enter("right")
            case "rule" | "op" | "target", "where" if reading.bracket is None or token.column is not None:
                self.enter("where")
            case "rule", text if reading.section == "right" and text in _RULE_CLAUSES and reading.bracket is None:
                if ends_value(before):
                    self.enter("clauses")
            case "rule", text if reading.section == "head" and index > 1 and token.kind != "string":
                self.enter("left")
            case "op", text if text in _OP_CLAUSES and reading.bracket is None and ends_value(before) and index > 1:
                self.enter("clauses")
            case "target", "accepts" | "unpacks" | "extends" | "partitions":
                self.enter("clauses")
            case "target", "requires":
                self.enter("where")
            case "pattern", "=" if reading.bracket is None and reading.section == "head":
                reading.section = "left"
            case _:
                pass

    def enter(self, section: Section) -> None:
        self.reading.section, self.reading.bracket = section, None
        self.heads, self.name = (), None

    def open(self, index: int, token: Token) -> Bracket:
        """The bracket that this token opens."""
        around = self.reading.bracket
        if token.text == "{":
            return Bracket("braces", index, around)
        before = self.reading.text(index - 1) if index else ""
        if token.text == "(":
            if token.touches and (self.heads or self.name is not None):
                return Bracket("operands" if self.heads else "call", index, around, self.heads, self.name)
            return Bracket("group", index, around)
        if token.touches and self.heads:
            return Bracket("attributes", index, around, self.heads)
        if token.touches and self.name is not None and self.reading.text(index - 2) == "@":
            return Bracket("attributes", index, around, (), self.name)
        in_type = before in (":", "const") or (token.touches and self.is_type(index - 1))
        if in_type:
            return Bracket("shape", index, around)
        return Bracket(
            "index" if token.touches and ends_value(self.reading.item.tokens[index - 1]) else "list", index, around
        )

    def is_type(self, index: int) -> bool:
        """Whether the name at an index is an element type: behind a `:`, `const` or another one's `|`."""
        before = self.reading.text(index - 1)
        if before == "|":
            return self.is_type(index - 2)
        return before in (":", "const") and self.reading.spots[index].token.kind == "name"

    def close(self, closed: Bracket | None, token: Token) -> None:
        self.name = None
        self.heads = ()
        if closed is None or _CLOSED_BY.get(closed.kind) != token.text:
            return
        if closed.kind == "attributes":
            self.heads, self.name = closed.heads, closed.name
            if self.heads:
                self.heads = _with_code(self.heads, self.reading.item.tokens, closed.opened)
        elif closed.kind == "group":
            self.heads = tuple(closed.choice)

    def remember(self, index: int, token: Token) -> None:
        """Keep what a bracket that touches this token would belong to."""
        if token.kind == "word":
            self.name = None
            self.heads = _head(self.reading.item.tokens, index)
            if self.reading.bracket is not None and self.reading.bracket.kind == "group":
                self.reading.bracket.choice += self.heads
        elif token.kind == "name":
            self.heads, self.name = (), token.text
        elif not self.is_version(index, token):
            self.heads, self.name = (), None

    def is_version(self, index: int, token: Token) -> bool:
        """Whether a token belongs to the `@<=2` between an operator and its operands."""
        if not self.heads:
            return False
        before = self.reading.text(index - 1)
        return token.text == "@" or (token.text in _VERSION and before == "@") or before in _VERSION


def _head(tokens: list[Token], index: int) -> tuple[Head, ...]:
    """The operator that the word at an index names."""
    return _with_code((Head(tokens[index].text),), tokens, index + 1)


def _with_code(heads: tuple[Head, ...], tokens: list[Token], opened: int) -> tuple[Head, ...]:
    """The same operators; a single CUSTOM with the code that stands first in the bracket opened at an index."""
    if heads != (Head("CUSTOM"),) or len(tokens) <= opened + 1 or tokens[opened].text != "[":
        return heads
    code, following = tokens[opened + 1], tokens[opened + 2 : opened + 3]
    if code.kind not in ("name", "word", "string") or (following and following[0].text == "="):
        return heads
    return (Head("CUSTOM", code.value),)
