"""What the names of an item are bound to."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from attrs import frozen

from rewriter.lsp.items import OPERATIONS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from rewriter.lsp.brackets import Bracket, Head, Reading
    from rewriter.lsp.tokens import Token

Role = Literal["label", "type", "function", "property", "keyword", "value"]

CONSTANTS = ("true", "false", "absent")
_NO_NAMES = OPERATIONS | {*CONSTANTS, "_", "where"}


@frozen
class Binding:
    """A name and what it stands for.

    Attributes:
        token: Where the name is bound.
        meaning: In words: `tensor`, `dimension 2 of x`, `attribute stride_h of CONV_2D`.
        is_value: Whether it is a number, a word or the like, and not a tensor.
        type: The type that is written for it.
        result_of: The operators whose result it may be.
        attribute: The attribute that it captures, and of which operators.
        place: For an operand, whose it is and how many stand before it.
    """

    token: Token
    meaning: str
    type: str = ""
    is_value: bool = False
    result_of: tuple[Head, ...] = ()
    attribute: tuple[str, tuple[Head, ...]] | None = None
    place: tuple[tuple[Head, ...], int] | None = None


def role(reading: Reading, index: int) -> Role:
    """What kind of thing a name (a token of kind `name`) is, from what stands around it."""
    spot = reading.spots[index]
    before, after = reading.text(index - 1), reading.spots[index + 1 : index + 2]
    kind = spot.bracket.kind if spot.bracket else None
    if before == "." and index:
        return "property"
    if spot.section in ("head", "clauses") and kind is None:
        return "keyword"
    if after and after[0].token.text == "(" and after[0].token.touches and before != "@":
        return "function"
    if kind == "attributes" and (before in ("[", ",") or (after and after[0].token.text == "=")):
        return "label"
    if kind == "braces" and after and after[0].token.text == ":":
        return "label"
    if in_type(reading, index - 1):
        return "keyword" if spot.token.text in ("const", "like") else "type"
    return "keyword" if spot.token.text in _NO_NAMES else "value"


def in_type(reading: Reading, index: int) -> bool:
    """Whether a type begins or goes on behind the token at an index."""
    text = reading.text(index)
    if text == ":":
        spot = reading.spots[index]
        kind = spot.bracket.kind if spot.bracket else None
        # In an index it makes a slice, and in the braces of a flexbuffer a value follows.
        return kind != "index" and not (kind == "braces" and spot.section == "right")
    if text == "const":
        return reading.text(index - 1) == ":"
    return text == "|" and index > 1 and reading.spots[index - 1].token.kind == "name" and in_type(reading, index - 2)


def bindings(reading: Reading, operand: Callable[[tuple[Head, ...], str], bool]) -> dict[str, Binding]:
    """The names of an item with where they are bound first, in the order of the text.

    `operand` says whether operators declare an operand of a name: `NAME = P` then binds nothing.
    """
    found: dict[str, Binding] = {}
    if reading.item.kind == "op":
        every = _declared(reading)
    elif reading.item.kind in ("pattern", "rule"):
        every = _captured(reading, operand)
    else:
        return found
    for binding in every:
        found.setdefault(binding.token.text, binding)
    return found


def names_operand(reading: Reading, index: int, operand: Callable[[tuple[Head, ...], str], bool]) -> bool:
    """Whether the name at an index is that of an operand, for the `=` behind it."""
    spot = reading.spots[index]
    if reading.text(index + 1) != "=" or spot.bracket is None or spot.bracket.kind != "operands":
        return False
    return operand(spot.bracket.heads, spot.token.text)


def _declared(reading: Reading) -> Iterator[Binding]:
    """The operands and results of a declaration, and the fields of its options."""
    for index, spot in enumerate(reading.spots):
        if spot.token.kind != "name" or (spot.bracket is None and reading.text(index - 1) != "->"):
            continue
        if spot.section == "head" and reading.text(index - 1) in ("(", ",", "->"):
            yield Binding(
                spot.token, "result" if _behind_arrow(reading, index) else "operand", _type_of(reading, index)
            )
        elif spot.bracket is not None and spot.bracket.kind == "braces" and reading.text(index + 1) == ":":
            yield Binding(spot.token, "attribute", reading.text(index + 2), is_value=True)


def _behind_arrow(reading: Reading, index: int) -> bool:
    return any(spot.token.text == "->" for spot in reading.spots[:index])


def _captured(reading: Reading, operand: Callable[[tuple[Head, ...], str], bool]) -> Iterator[Binding]:
    """What a left side binds, and the names that a right side gives on its way."""
    for index, spot in enumerate(reading.spots):
        if spot.token.kind != "name" or names_operand(reading, index, operand):
            continue
        if reading.item.kind == "pattern" and spot.section == "head" and spot.bracket is not None:
            yield Binding(spot.token, "parameter")
        elif spot.section == "left" and role(reading, index) == "value" and reading.text(index - 1) != "@":
            yield _capture(reading, index)
        elif spot.section == "right" and reading.text(index + 1) == "=" and spot.bracket is None:
            heads = reading.owner(index + 2)
            yield Binding(spot.token, "tensor" if heads else "constant computed here", result_of=heads)
        elif spot.section == "right" and (result := _result(reading, index)) is not None:
            yield result


def _capture(reading: Reading, index: int) -> Binding:
    spot = reading.spots[index]
    token, bracket = spot.token, spot.bracket
    if reading.text(index + 1) == "=":
        heads = reading.owner(index + 2)
        return Binding(token, "tensor", _type_behind(reading, index + 2), result_of=heads, place=_place(reading, index))
    if bracket is None or bracket.kind in ("operands", "call", "braces", "index"):
        return Binding(token, "tensor", _type_of(reading, index), place=_place(reading, index))
    if bracket.kind == "attributes":
        name = reading.text(_label(reading, index))
        meaning = f"attribute {name} of {spell(bracket.heads)}"
        return Binding(token, meaning, is_value=True, attribute=(name, bracket.heads))
    if bracket.kind == "shape":
        meaning = f"dimension {_position(reading, bracket, index)}{_of_typed(reading, bracket)}"
        return Binding(token, meaning, is_value=True)
    if bracket.kind == "list":
        return Binding(token, f"element {_position(reading, bracket, index)} of a constant", is_value=True)
    result = _result(reading, index)
    if result is not None:
        return result
    return Binding(token, "tensor", _type_of(reading, index), place=_place(reading, index))


def _result(reading: Reading, index: int) -> Binding | None:
    """A name in the brackets before the `=` of an equation: a result, or a list of them."""
    spot = reading.spots[index]
    bracket = spot.bracket
    if bracket is None or bracket.around is not None:
        return None
    behind = _closing(reading, bracket)
    if reading.text(behind + 1) != "=":
        return None
    heads = reading.owner(behind + 2)
    if reading.text(index + 1) == "...":
        return Binding(spot.token, f"list of tensors, results of {spell(heads)}", result_of=heads)
    place = _position(reading, bracket, index)
    return Binding(spot.token, f"tensor, result {place} of {spell(heads)}", result_of=heads)


def declared_by(reading: Reading, index: int) -> tuple[Head, ...]:
    """The operators whose attributes the conditions of a declaration or target name, at an index."""
    if reading.item.kind == "op":
        return reading.owner(1)
    if reading.item.kind != "target":
        return ()
    accepted = (at for at in reversed(range(index)) if reading.spots[at].section == "clauses" and reading.owner(at))
    return next((reading.owner(at) for at in accepted), ())


def spell(heads: tuple[Head, ...]) -> str:
    """Operators as a person writes them; of none, what that means."""
    return " or ".join(str(head) for head in heads) or "an operator"


def _label(reading: Reading, index: int) -> int:
    """The index of the attribute's name that the value at an index belongs to."""
    while index > 0 and reading.text(index) not in ("=", "[", ","):
        index -= 1
    return index - 1 if reading.text(index) == "=" else -1


def label_of(reading: Reading, index: int) -> str:
    """The name before the `=` that the token at an index stands behind, in its brackets; empty where there is none."""
    return reading.text(_label(reading, index))


def _position(reading: Reading, bracket: Bracket, index: int) -> int:
    spots = reading.spots[bracket.opened : index]
    return sum(1 for spot in spots if spot.bracket is bracket and spot.token.text == ",")


def _place(reading: Reading, index: int) -> tuple[tuple[Head, ...], int] | None:
    bracket = reading.spots[index].bracket
    while bracket is not None and bracket.kind == "group":
        bracket = bracket.around
    if bracket is None or bracket.kind != "operands":
        return None
    return bracket.heads, _position(reading, bracket, index)


def _of_typed(reading: Reading, bracket: Bracket) -> str:
    """Of which tensor a shape's dimension is one: ` of x`, or nothing."""
    index = bracket.opened
    while index > 0 and reading.text(index) != ":":
        index -= 1
    index -= 1
    while reading.text(index) in ("?", "..."):
        index -= 1
    typed = index >= 0 and reading.spots[index].token.kind == "name"
    return f" of {reading.text(index)}" if typed else ""


def _closing(reading: Reading, bracket: Bracket) -> int:
    inside = [index for index, spot in enumerate(reading.spots) if spot.bracket is bracket]
    return inside[-1] + 1 if inside else bracket.opened + 1


def _type_of(reading: Reading, index: int) -> str:
    """The type written behind the name at an index."""
    index += 1
    while reading.text(index) in ("?", "..."):
        index += 1
    return _type(reading, index + 1) if reading.text(index) == ":" else ""


def _type_behind(reading: Reading, index: int) -> str:
    """The type written behind the sub-pattern that begins at an index."""
    bracket = reading.spots[index].bracket if index < len(reading.spots) else None
    while index < len(reading.spots):
        spot = reading.spots[index]
        if spot.bracket is bracket and spot.token.text in (":", ",", ")", "->", "<->", ";", "where"):
            return _type(reading, index + 1) if spot.token.text == ":" else ""
        index += 1
    return ""


def _type(reading: Reading, start: int) -> str:
    """The text of the type that begins at an index."""
    spots = reading.spots
    end = start
    while end < len(spots) and (spots[end].token.kind == "name" or spots[end].token.text == "|"):
        if end > start and spots[end].token.kind == "name" and reading.text(end - 1) not in ("const", "|"):
            break
        end += 1
    if reading.text(end) == "[":
        end += 2 + sum(1 for spot in spots[end + 1 :] if _within(spot.bracket, end))
    parts = [" " * (not spot.token.touches) + spot.token.text for spot in spots[start:end]]
    return "".join(parts).strip()


def _within(bracket: Bracket | None, opened: int) -> bool:
    while bracket is not None and bracket.opened != opened:
        bracket = bracket.around
    return bracket is not None
