"""A condition that would exclude a counterexample: guessed from the instances that differ and those that agree."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence

from rewriter.driver import rewrite
from rewriter.errors import RewriterError
from rewriter.language.check import compile_rules
from rewriter.language.evaluation import zeros
from rewriter.language.rules import Rule
from rewriter.language.terms import Term, TermTensor
from rewriter.model import read
from rewriter.packs import find_declaration

# How many instances have to agree for a guess to say more than that one rule does not fire.
_LEAST = 4
_SECONDS = 2.0
_TYPES = ("f32", "i8", "u8", "i32", "bool")
_NUMBERS = (1, 2, 0)


def guess(rule: Rule, differing: Sequence[bytes], agreeing: Sequence[bytes]) -> str | None:
    """A condition under which a rule does not match any instance that differs, and still all those that agree.

    Args:
        rule: The rule. One whose file needs a pack's functions is not guessed at.
        differing: Models in which the pattern occurs and both sides differ; the smallest first.
        agreeing: Models in which they agree.
    """
    if rule.sides is None or len(agreeing) < _LEAST:
        return None
    until = time.monotonic() + _SECONDS
    for condition in dict.fromkeys(_candidates(rule)):
        if time.monotonic() > until:
            return None
        narrower = _with(rule, condition)
        if narrower is None:
            continue
        if not any(_fires(narrower, each) for each in differing) and all(_fires(narrower, each) for each in agreeing):
            return condition
    return None


def _fires(rule: Rule, model: bytes) -> bool:
    made = read(model)
    try:
        return bool(rewrite(made, [rule], stop_after=1, evaluator=zeros).applications)
    except RewriterError:
        return False


def _with(rule: Rule, condition: str) -> Rule | None:
    """The rule with one condition more, from its own text; None where that makes no rule."""
    sides = rule.sides
    assert sides is not None
    text = rule.span.text
    if sides.conditions:
        end = max(each.span.end for each in sides.conditions)
        added = f", {condition}"
    else:
        # A rule is used from right to left by its other side's text; where it is written is all the same.
        written = [each for each in (*sides.left, *sides.right) if each.span.text is text]
        first = min((sides.left, sides.right), key=lambda side: side[0].span.start) if written else sides.left
        end = first[-1].span.end
        added = f"\n  where {condition}\n  "
    changed = text.text[:end] + added + text.text[end:]
    try:
        rules = compile_rules(changed, text.name, pack=rule.pack, elsewhere=find_declaration)
    except RewriterError:
        return None
    return next((each for each in rules if each.name == rule.name), None)


def _candidates(rule: Rule) -> Iterator[str]:
    """Conditions on what the pattern names, the plainest first."""
    assert rule.sides is not None
    for term in rule.sides.terms:
        yield from _of_term(term)


def _of_term(term: Term) -> Iterator[str]:
    tensors = {name: each for name, each in term.names.items() if each.presence == "present"}
    runs = set(term.runs)
    plain = {name: each for name, each in tensors.items() if each not in runs}
    names = list(plain)
    for name, each in plain.items():
        yield from (f'{name}.dtype == "{dtype}"' for dtype in _TYPES if each.kinds is None or len(each.kinds) > 1)
        yield from (f"not {name}.quantized", f"{name}.is_const", f"not {name}.is_const")
        yield from _of_operator(name, each)
    numbers = _numbers(term)
    for number in numbers:
        yield from (f"{number} == {value}" for value in _NUMBERS)
        yield from (f"{number} > 1", f"{number} >= 0")
    for place, one in enumerate(names):
        for other in names[place + 1 :]:
            yield f"{one}.shape == {other}.shape"
            yield f"{one}.rank == {other}.rank"
            yield f"{one}.scale == {other}.scale"
    for place, one in enumerate(numbers):
        yield from (f"{one} == {other}" for other in numbers[place + 1 :])
    for name, each in plain.items():
        yield from (f"{name}.rank == {rank}" for rank in (4, 2, 1, 3))
        yield from (f"{name}.rank >= 1", f"{name}.rank <= 1", f"prod({name}.shape) == 1", f"{name}.shape[0] == 1")
        if each.const:
            yield from (
                f"{name}.value {sign} 0" if each.contents else f"all({name}.value {sign} 0)"
                for sign in ("==", ">", ">=", "!=")
            )


def _of_operator(name: str, tensor: TermTensor) -> Iterator[str]:
    """Conditions on the attributes of the operator whose result has this name."""
    if tensor.producer is None:
        return
    operator = tensor.producer[0]
    for declaration in operator.declarations.values():
        for attribute, spec in declaration.attributes.items():
            if attribute in operator.settings and operator.settings[attribute].values is not None:
                continue
            if spec.kind == "bool":
                yield from (f"not {name}.{attribute}", f"{name}.{attribute}")
            elif spec.enum and len(spec.words) < 6:
                yield from (f"{name}.{attribute} == {word}" for word in sorted(spec.words))
            elif spec.kind == "int":
                yield from (f"{name}.{attribute} == {value}" for value in (1, 0))


def _numbers(term: Term) -> list[str]:
    """The names of sizes and attributes."""
    found: dict[str, None] = {}
    for operator in term.operators:
        found |= {each.key: None for each in operator.settings.values() if isinstance(each.key, str)}
        for tensor in (*operator.reads(), *operator.results):
            for shape in tensor.shapes:
                found |= {each: None for each in (*shape.front, *(shape.back or ())) if isinstance(each, str)}
    return list(found)
