"""Where the items of a text begin, whether it parses or not."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from attrs import define, field

from rewriter.lsp.tokens import Token

if TYPE_CHECKING:
    from collections.abc import Iterable

ItemKind = Literal["pack", "op", "pattern", "rule", "target", "cleanup"]

KEYWORDS: tuple[ItemKind, ...] = ("pack", "op", "pattern", "rule", "target", "cleanup")
OPERATIONS = frozenset({"and", "or", "not", "in", "is"})
# After one of these words something has to follow, so that what follows begins no item.
_OPEN = OPERATIONS | {
    *KEYWORDS,
    *(
        "accepts",
        "as",
        "benefit",
        "by",
        "changes",
        "const",
        "equal",
        "extends",
        "implied",
        "leaves",
        "like",
        "lossy",
        "phase",
        "requires",
        "serves",
        "stored",
        "unpacks",
        "uses",
    ),
    *("version", "where", "whole", "within"),
}
_CLOSING = frozenset(")]}")


@define
class Item:
    """An item, or what there is of it so far.

    Attributes:
        tokens: Its tokens, without comments.
        keyword: Whether it begins with its keyword; a bare rule does not.
    """

    kind: ItemKind
    keyword: bool
    tokens: list[Token] = field(factory=list[Token])

    @property
    def name(self) -> Token | None:
        """Its name: the token after its keyword; for an `op` its operator, or the code of a custom one."""
        if not self.keyword or len(self.tokens) < 2:
            return None
        if self.kind == "op" and len(self.tokens) > 3 and self.tokens[2].text == "[":
            return self.tokens[3]
        return self.tokens[1]

    @property
    def start(self) -> int:
        """Where its first token begins."""
        return self.tokens[0].start

    @property
    def end(self) -> int:
        """Where its last token ends."""
        return self.tokens[-1].end


def ends_value(token: Token | None) -> bool:
    """Whether a pattern, an expression or a clause may be complete with this token."""
    if token is None or token.kind == "sign":
        return token is not None and (token.text in _CLOSING or token.text in ("?", "..."))
    return token.text not in _OPEN


def split(tokens: Iterable[Token]) -> list[Item]:
    """The items of a text; what comes before the first is one too.

    No expression goes on with an operator, an opening bracket apart from it, or a name before `=` or `(`: where one of
    these follows a complete right side, an item begins. In a text with brackets that do not close, the margin decides.
    """
    items: list[Item] = []
    depth = 0
    complete = True
    before: Token | None = None
    waiting = [token for token in tokens if token.kind != "comment"]
    for token, after in zip(waiting, [*waiting[1:], None], strict=False):
        keyword = _keyword(token, after, before)
        at_margin = token.column == 0
        bare = complete and (depth == 0 or at_margin) and ends_value(before) and _begins_rule(token, after)
        if before is None or keyword or bare:
            items.append(Item(keyword or "rule", keyword is not None))
            depth, complete = 0, keyword in ("pack", "target", "cleanup")
        items[-1].tokens.append(token)
        if token.text in ("(", "[", "{"):
            depth += 1
        elif token.text in _CLOSING:
            depth = max(depth - 1, 0)
        elif token.text in ("->", "<->") or (token.text == "=" and items[-1].kind == "pattern" and depth == 0):
            complete = True
        before = token
    return items


def _keyword(token: Token, after: Token | None, before: Token | None) -> ItemKind | None:
    """The item that begins with this token, if it is a keyword and stands like one."""
    if token.kind != "name" or token.column is None:
        return None
    if after is None:
        stands = before is None or ends_value(before)
    else:
        stands = after.kind in ("word", "name") and after.text not in OPERATIONS
    return next((word for word in KEYWORDS if stands and word == token.text), None)


def _begins_rule(token: Token, after: Token | None) -> bool:
    if token.kind == "name":
        called = after is not None and after.text == "(" and after.touches and token.text != "stored"
        return called or (after is not None and after.text == "=")
    return token.kind == "word" or (token.text == "(" and not token.touches)
