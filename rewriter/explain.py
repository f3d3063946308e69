"""Why a rule did or did not match: the places where the model came nearest, and what was missing there."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from contextlib import suppress
from typing import Any, cast

from attrs import Factory, field, frozen

from rewriter.builder import Mismatch
from rewriter.language import syntax
from rewriter.language.choices import Divide, Each, Reader, When
from rewriter.language.evaluation import Evaluator
from rewriter.language.expressions import Undefined
from rewriter.language.program import (
    MISSING,
    Absent,
    First,
    Frame,
    HasAttribute,
    HasShape,
    HasType,
    HasValue,
    HasVersion,
    Holds,
    Instruction,
    IsKind,
    Load,
    LoadPart,
    LoadSwapped,
    NoMore,
    Produced,
    Program,
    Replaceable,
    Result,
    Same,
    Settle,
    dimensions_of,
    holds,
    read_attribute,
)
from rewriter.language.rules import Rule
from rewriter.model import Model, Operator, Subgraph, Tensor
from rewriter.rewriter import Rewriter
from rewriter.source import Diagnostic, Span

_ANSWERS = 6  # of the model to one condition
_LISTED = 8  # elements of a list that are shown


@frozen
class Attempt:
    """One root at which a rule was tried.

    Attributes:
        rule: The rule.
        subgraph: The subgraph's index.
        root: The name of the root's first result.
        passed: How many of the rule's tests held, and of how many.
        reason: What was missing; None where the rule matches.
        span: The part of the rule's text that asked for it.
        found: Whether the pattern is there; where the rule does not match all the same, its replacement cannot stand.
        place: The root as a person is told of it: its name in quotes, or its number where it has none.
    """

    rule: Rule
    subgraph: int
    root: str
    passed: int
    tests: int
    reason: str | None
    span: Span | None
    found: bool = False
    place: str = field(default=Factory(lambda self: repr(self.root), takes_self=True), kw_only=True)

    @property
    def matched(self) -> bool:
        """Whether the rule matches here."""
        return self.reason is None

    def render(self) -> str:
        """The attempt with the rule's text marked where it failed."""
        if self.reason is None:
            return f"{self.rule.qualified} matches at {self.place}"
        head = f"{self.rule.qualified} at {self.place}: {self.reason}"
        return head if self.span is None else Diagnostic("", head, self.span).render()


@frozen
class Explanation:
    """What was found for one rule: attempts, nearest first, or why there was nothing to try."""

    rule: Rule
    attempts: tuple[Attempt, ...]
    reason: str | None = None


def explain(model: Model, rule: Rule, at: str | None = None, evaluator: Evaluator | None = None) -> Explanation:
    """Try a rule everywhere in a model, without changing it.

    Args:
        model: The model.
        rule: The rule.
        at: A tensor, as for `tensors_called`; only its operator is tried as a root.
        evaluator: Computes what replacements `evaluate`.
    """
    attempts: list[Attempt] = []
    rewriters: dict[int, Rewriter] = {}
    for index, operator in _roots(model, rule, at):
        if index not in rewriters:
            rewriters[index] = Rewriter(model, model.subgraphs[index], evaluator)
        attempts.append(_attempt(rewriters[index], rule, index, operator))
    if attempts:
        attempts.sort(key=lambda each: (each.matched, -each.passed))
        return Explanation(rule, tuple(attempts))
    return Explanation(rule, (), _nothing(model, rule, at))


def tensors_called(model: Model, wanted: str) -> list[tuple[Subgraph, Tensor]]:
    """The tensors that a user means: by name, or by number: `#8`, or `#1:8` where it is not in the first subgraph."""
    every = [(subgraph, tensor) for subgraph in model.subgraphs for tensor in subgraph.tensors]
    place, colon, index = wanted.removeprefix("#").rpartition(":")
    found = [each for each in every if each[1].name == wanted]
    if not found and index.isdecimal() and (place.isdecimal() or not colon):
        found = [each for each in every if each[0].index == int(place or 0) and each[1].index == int(index)]
    return found


def _roots(model: Model, rule: Rule, at: str | None) -> Iterator[tuple[int, Operator]]:
    heads = rule.program.heads
    meant = {tensor for _, tensor in tensors_called(model, at)} if at is not None else None
    for subgraph in model.subgraphs:
        for operator in subgraph.operators:
            if not operator.outputs or (heads is not None and operator.code.name not in heads):
                continue
            if meant is None or not meant.isdisjoint(operator.outputs):
                yield subgraph.index, operator


def _nothing(model: Model, rule: Rule, at: str | None) -> str:
    wanted = " or ".join(sorted(rule.program.heads or ("any operator",)))
    if at is None:
        return f"the model has no {wanted}, which is the rule's root"
    for _, tensor in tensors_called(model, at):
        return f"{_named(tensor)} {_origin(tensor)}; the rule's root is {wanted}"
    return f"the model has no tensor {at!r}"


def _attempt(rewriter: Rewriter, rule: Rule, index: int, operator: Operator) -> Attempt:
    program = rule.program
    name = operator.outputs[0].name
    place = _named(operator.outputs[0])
    count = len(program.steps)
    way = furthest(program, operator)
    if way.at < count:
        step = _plain(program.steps[way.at])
        reason, span = _reason(step, way.frame)
        return Attempt(rule, index, name, way.passed, count + 1, reason, span or step.span, place=place)
    try:
        rewriter.build(rule, way.frame)
    except Mismatch as mismatch:
        span = _made(rule, str(mismatch)) or rule.span
        return Attempt(rule, index, name, way.passed, count + 1, str(mismatch), span, True, place=place)
    return Attempt(rule, index, name, count + 1, count + 1, None, None, True, place=place)


def _made(rule: Rule, reason: str) -> Span | None:
    """The operator of the right side that a reason begins with; None where there is none, or more than one."""
    name = reason.partition(" ")[0].rstrip(":")
    trees: list[syntax.Syntax] = list(rule.sides.right) if rule.sides is not None else []
    spans: list[Span] = []
    while trees:
        tree = trees.pop()
        if isinstance(tree, syntax.Operator) and tree.heads[0].name.text == name:
            spans.append(tree.span)
        trees += syntax.children(tree)
    return spans[0] if len(spans) == 1 else None


@frozen
class Way:
    """How far one way to match comes: the step that fails, how many held before it, and the frame there."""

    at: int
    passed: int
    frame: Frame


def furthest(program: Program, start: object) -> Way:
    """The way to match that gets furthest. Steps of alternatives that were not chosen do not count."""
    frame: Frame = [None] * program.registers
    frame[0] = start
    best: Way | None = None
    choices: list[tuple[int, int]] = []
    at = passed = 0
    while at < len(program.steps):
        step = program.steps[at]
        if step.run(frame):
            if hasattr(step, "again"):
                choices.append((at, passed))
            passed += not isinstance(step, When) or holds(step.guards, frame)
            at += 1
            continue
        if best is None or passed > best.passed:
            best = Way(at, passed, list(frame))
        while choices:
            at, passed = choices[-1]
            if program.steps[at].again(frame):  # type: ignore[attr-defined]
                at, passed = at + 1, passed + 1
                break
            choices.pop()
        else:
            return best
    return Way(at, passed, frame)


def _plain(step: Instruction) -> Instruction:
    while isinstance(step, When):
        step = step.step
    return step


def _origin(tensor: object) -> str:
    """Where a tensor comes from, in words."""
    if not isinstance(tensor, Tensor):
        return "is absent"
    if tensor.producer is not None:
        return f"comes from {tensor.producer.name}"
    if tensor.is_constant:
        return "is a constant"
    return "is an input" if tensor.is_input else "is computed by nothing"


def _named(tensor: object) -> str:
    if not isinstance(tensor, Tensor):
        return "the operand"
    return repr(tensor.name) if tensor.name else f"#{tensor.index}"


def _reason(step: Instruction, frame: Frame) -> tuple[str, Span | None]:
    """Why a step does not hold, and where the text asks for it, if that is elsewhere than the step says."""
    if isinstance(step, Each):
        return _reason_of_element(step, frame)
    return _plain_reason(step, frame), None


def _reason_of_element(step: Each, frame: Frame) -> tuple[str, Span | None]:
    """What the first element lacks that does not match."""
    for place, tensor in enumerate(frame[step.tensors]):
        if tensor is None:
            return f"operand {place} of the list is absent", None
        way = furthest(step.program, tensor)
        if way.at < len(step.program.steps):
            inner = _plain(step.program.steps[way.at])
            reason, span = _reason(inner, way.frame)
            return reason, span or inner.span
    return "there is no other way to match the list", None


def _plain_reason(step: Instruction, frame: Frame) -> str:
    match step:
        case IsKind(operator=register, names=names):
            return f"{_operator(frame[register])} is not {' or '.join(sorted(names))}"
        case Divide(operator=register, parts=parts, results=results):
            least = sum(number for number, _ in parts)
            more = "at least " if any(more for _, more in parts) else ""
            has = frame[register].outputs if results else frame[register].inputs
            what = "results" if results else "operands"
            return f"{_operator(frame[register])} has {len(has)} {what}, and the pattern takes {more}{least}"
        case First():
            return "there is no operand here, and the pattern reads a list of results"
        case Result(operator=register, count=count):
            return f"{_operator(frame[register])} has {len(frame[register].outputs)} results, not {count}"
        case Reader(tensor=register, names=names):
            wanted = " or ".join(sorted(names)) if names is not None else "operator"
            readers = frame[register].consumers if isinstance(frame[register], Tensor) else ()
            matched_already = any(names is None or reader.code.name in names for reader in readers)
            return f"{_named(frame[register])} is read by no {'other ' * matched_already}{wanted}"
        case Load() | LoadSwapped() | LoadPart():
            return f"{_operator(frame[step.operator])} has no such operand"
        case Absent(tensor=register):
            return f"{_named(frame[register])} is there, and the pattern does not name it"
        case NoMore(count=count):
            found = len(frame[step.operator].inputs)
            return f"{_operator(frame[step.operator])} has {found} operands, and the pattern takes {count}"
        case Produced(tensor=register, names=names):
            wanted = " or ".join(sorted(names)) if names is not None else "any operator"
            tensor = frame[register]
            producer = tensor.producer if isinstance(tensor, Tensor) else None
            if producer is not None and (names is None or producer.name in names):
                many = f"result {producer.outputs.index(tensor)} of {len(producer.outputs)}"
                return f"{_named(tensor)} is {many} of {_operator(producer)}, not result {step.index} of {step.count}"
            return f"{_named(tensor)} {_origin(tensor)}, not from {wanted}"
        case Same(tensor=one, other=other):
            return f"{_named(frame[one])} and {_named(frame[other])} are not the same"
        case Settle(one=one, other=other) if other is not None:
            return f"this is {frame[other]} here, and {frame[one]} at an operand before"
        case HasType(tensor=register):
            return _type_reason(step, frame[register])
        case HasShape(tensor=register):
            shown = [f"{_named(tensor)} has shape {_shape(tensor)}" for tensor in _tensors(frame[register])]
            return ", ".join(shown)
        case HasAttribute(operator=register, name=name):
            operator = frame[register]
            assert isinstance(operator, Operator)
            value = read_attribute(step.declarations, operator, name)
            shown = "has no value that a rule can name" if value is MISSING else f"is {value}"
            return f"{name} of {_operator(operator)} {shown}"
        case HasValue(tensor=register):
            tensor = frame[register]
            if isinstance(tensor, Tensor) and tensor.is_constant:
                return f"{_named(tensor)} holds other values"
            return f"{_named(tensor)} is not a constant: it {_origin(tensor)}"
        case HasVersion(operator=register):
            operator = frame[register]
            assert isinstance(operator, Operator)
            return f"{_operator(operator)} has version {operator.code.version}"
        case Holds(condition=condition):
            try:
                condition(frame)
            except Undefined as undefined:
                return str(undefined)
            return ": ".join(["the condition does not hold", *filter(None, [_answers(step, frame)])])
        case Replaceable():
            return _replaceable_reason(step, frame)
        case _:
            return "this does not hold"


def _answers(step: Holds, frame: Frame) -> str:
    """What the match answers to a condition."""
    found: dict[str, str] = {}
    for text, evaluate in step.asked():
        with suppress(Undefined, IndexError, TypeError):
            value = _shown(evaluate(frame))
            if value is not None:
                found[text] = value
    return ", ".join(f"{text} is {value}" for text, value in list(found.items())[:_ANSWERS])


def _shown(value: Any) -> str | None:
    """A value as a rule would write it; None for one that is too long to read."""
    if hasattr(value, "tolist"):
        value = value.tolist() if value.size <= _LISTED else None
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, float):
        return f"{value:.6g}"
    if isinstance(value, str):
        return json.dumps(value, ensure_ascii=False)
    if isinstance(value, list | tuple):
        several = cast("Sequence[object]", value)
        parts = [_shown(each) for each in several[: _LISTED + 1]]
        return None if len(several) > _LISTED or None in parts else f"[{', '.join(filter(None, parts))}]"
    return None if value is None else str(value)


def _operator(operator: object) -> str:
    assert isinstance(operator, Operator)
    return f"{operator.name} {_named(operator.outputs[0])}" if operator.outputs else operator.name


def _tensors(value: object) -> list[Tensor]:
    """A tensor, or the first few of a list."""
    values = cast("list[object]", value) if isinstance(value, list) else [value]
    return [each for each in values if isinstance(each, Tensor)][:4]


def _shape(tensor: Tensor) -> str:
    return "[" + ", ".join("?" if size is None else str(size) for size in dimensions_of(tensor)) + "]"


def _type_reason(step: HasType, value: object) -> str:
    tensors = _tensors(value)
    wrong = [each for each in tensors if (step.constant and not each.is_constant) or each.dtype not in step.dtypes]
    tensor = (wrong or tensors)[0]
    if step.constant and not tensor.is_constant:
        return f"{_named(tensor)} is not a constant: it {_origin(tensor)}"
    return f"{_named(tensor)} is {tensor.dtype}"


def _replaceable_reason(step: Replaceable, frame: Frame) -> str:
    if not step.anew(frame):
        return "the list of results that the rule gives anew is empty"
    found = step.obstacle(frame)
    assert found is not None
    operator, tensor, reader = found
    if tensor is None:
        return f"{_operator(operator)} has side effects or touches a variable tensor"
    if not any(tensor.is_read for tensor in step.anew(frame)):
        return f"nothing reads what the rule would give anew; {_operator(operator)} is there for {_named(tensor)}"
    if reader is None:
        return f"{_named(tensor)} is an output of its subgraph, and the rule would remove it"
    return f"{_named(tensor)} is also read by {_operator(reader)}, so it cannot go"
