"""Why a rule did or did not match: the places where the model came nearest, and what was missing there."""

from __future__ import annotations

from collections.abc import Iterator

from attrs import frozen

from rewriter.builder import Mismatch
from rewriter.language.expressions import Undefined
from rewriter.language.program import (
    MISSING,
    Absent,
    Frame,
    HasAttribute,
    HasShape,
    HasType,
    HasValue,
    HasVersion,
    Holds,
    Instruction,
    Load,
    LoadSwapped,
    NoMore,
    Produced,
    Program,
    Replaceable,
    Same,
    Swap,
    dimensions_of,
    read_attribute,
)
from rewriter.language.rules import Rule
from rewriter.model import Model, Operator, Tensor
from rewriter.rewriter import Rewriter
from rewriter.source import Diagnostic, Span


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
    """

    rule: Rule
    subgraph: int
    root: str
    passed: int
    tests: int
    reason: str | None
    span: Span | None

    @property
    def matched(self) -> bool:
        """Whether the rule matches here."""
        return self.reason is None

    def render(self) -> str:
        """The attempt with the rule's text marked where it failed."""
        if self.reason is None:
            return f"{self.rule.qualified} matches at {self.root!r}"
        head = f"{self.rule.qualified} at {self.root!r}: {self.reason}"
        return head if self.span is None else Diagnostic("", head, self.span).render()


@frozen
class Explanation:
    """What was found for one rule: attempts, nearest first, or why there was nothing to try."""

    rule: Rule
    attempts: tuple[Attempt, ...]
    reason: str | None = None


def explain(model: Model, rule: Rule, at: str | None = None) -> Explanation:
    """Try a rule everywhere in a model, without changing it.

    Args:
        model: The model.
        rule: The rule.
        at: The name of a tensor; only its operator is tried as a root.
    """
    attempts: list[Attempt] = []
    rewriters: dict[int, Rewriter] = {}
    for index, operator in _roots(model, rule, at):
        if index not in rewriters:
            rewriters[index] = Rewriter(model, model.subgraphs[index])
        attempts.append(_attempt(rewriters[index], rule, index, operator))
    if attempts:
        attempts.sort(key=lambda each: (each.matched, -each.passed))
        return Explanation(rule, tuple(attempts))
    return Explanation(rule, (), _nothing(model, rule, at))


def _roots(model: Model, rule: Rule, at: str | None) -> Iterator[tuple[int, Operator]]:
    heads = rule.program.heads
    for subgraph in model.subgraphs:
        for operator in subgraph.operators:
            if not operator.outputs or (heads is not None and operator.code.name not in heads):
                continue
            if at is None or any(tensor.name == at for tensor in operator.outputs):
                yield subgraph.index, operator


def _nothing(model: Model, rule: Rule, at: str | None) -> str:
    wanted = " or ".join(sorted(rule.program.heads or ("any operator",)))
    if at is None:
        return f"the model has no {wanted}, which is the rule's root"
    for subgraph in model.subgraphs:
        for tensor in subgraph.tensors:
            if tensor.name == at:
                return f"{at!r} {_origin(tensor)}; the rule's root is {wanted}"
    return f"the model has no tensor {at!r}"


def _attempt(rewriter: Rewriter, rule: Rule, index: int, operator: Operator) -> Attempt:
    program = rule.program
    passed, frame = _furthest(program, operator)
    name = operator.outputs[0].name
    count = len(program.steps)
    if passed < count:
        step = program.steps[passed]
        return Attempt(rule, index, name, passed, count + 1, _reason(step, frame), step.span)
    try:
        rewriter.build(rule, frame)
    except Mismatch as mismatch:
        return Attempt(rule, index, name, passed, count + 1, str(mismatch), rule.span)
    return Attempt(rule, index, name, count + 1, count + 1, None, None)


def _furthest(program: Program, root: Operator) -> tuple[int, Frame]:
    """How many steps hold in the way to match that gets furthest, and its frame."""
    frame: Frame = [None] * program.registers
    frame[0] = root
    best, best_frame = -1, frame
    choices: list[int] = []
    at = 0
    while at < len(program.steps):
        step = program.steps[at]
        if step.run(frame):
            if isinstance(step, Swap):
                choices.append(at)
            at += 1
            continue
        if at > best:
            best, best_frame = at, list(frame)
        while choices:
            at = choices.pop()
            if program.steps[at].again(frame):  # type: ignore[attr-defined]
                break
        else:
            return best, best_frame
        at += 1
    return at, frame


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
    return repr(tensor.name) if isinstance(tensor, Tensor) else "the operand"


def _reason(step: Instruction, frame: Frame) -> str:
    match step:
        case Load() | LoadSwapped():
            return f"{_operator(frame[step.operator])} has no such operand"
        case Absent(tensor=register):
            return f"{_named(frame[register])} is there, and the pattern does not name it"
        case NoMore(count=count):
            return f"{_operator(frame[step.operator])} has more than {count} operands"
        case Produced(tensor=register, names=names):
            wanted = " or ".join(sorted(names)) if names is not None else "any operator"
            return f"{_named(frame[register])} {_origin(frame[register])}, not from {wanted}"
        case Same(tensor=one, other=other):
            return f"{_named(frame[one])} and {_named(frame[other])} are not the same"
        case HasType(tensor=register):
            return _type_reason(step, frame[register])
        case HasShape(tensor=register):
            tensor = frame[register]
            assert isinstance(tensor, Tensor)
            sizes = ", ".join("?" if size is None else str(size) for size in dimensions_of(tensor))
            return f"{_named(tensor)} has shape [{sizes}]"
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
            return "the condition does not hold"
        case Replaceable():
            return _replaceable_reason(step, frame)
        case _:
            return "this does not hold"


def _operator(operator: object) -> str:
    assert isinstance(operator, Operator)
    return f"{operator.name} {operator.outputs[0].name!r}" if operator.outputs else operator.name


def _type_reason(step: HasType, tensor: object) -> str:
    assert isinstance(tensor, Tensor)
    if step.constant and not tensor.is_constant:
        return f"{_named(tensor)} is not a constant: it {_origin(tensor)}"
    return f"{_named(tensor)} is {tensor.dtype}"


def _replaceable_reason(step: Replaceable, frame: Frame) -> str:
    gone = [frame[register] for register in step.going]
    gone.append(frame[0])
    for operator in gone[:-1]:
        assert isinstance(operator, Operator)
        for tensor in operator.outputs:
            if tensor.is_output:
                return f"{_named(tensor)} is an output of its subgraph, and the rule would remove it"
            for reader in tensor.consumers:
                if reader not in gone:
                    return f"{_named(tensor)} is also read by {_operator(reader)}, so it cannot go"
    return "an operator of the match has side effects or touches a variable tensor"
