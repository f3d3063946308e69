"""What stands around a pattern in a draft: inputs, operators that hand on what they are given, readers, outputs."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from attrs import define

from rewriter.language.replacement import Made
from rewriter.model import Buffer, Model, Operator, OperatorCode, Subgraph, Tensor
from rewriter.proof.constants import Content
from rewriter.proof.plan import PlanTensor

if TYPE_CHECKING:
    from rewriter.language.rules import Rule
    from rewriter.proof.draft import Drafter


@define(eq=False)
class Draft:
    """A model in which a pattern occurs.

    Attributes:
        model: It stands in memory only; its numbers may be tracked ones.
        root: The operator at which the pattern matches.
        tensors: The model's tensors, by those of the plan.
        feeds: For inputs of the model that are no plain data: what they hold, by name.
    """

    model: Model
    root: Operator
    tensors: dict[PlanTensor, Tensor]
    feeds: dict[str, Content]


def surround(drafter: Drafter, operators: list[Operator]) -> Draft:
    """A draft of a pattern's operators, in the order of their plan."""
    plan, made = drafter.plan, drafter.made
    _name_apart(list(made.values()))
    main = Subgraph(0, list(made.values()), [], [], [], "main")
    feeds: dict[str, Content] = {}
    for planned in plan.leaves:
        tensor = made.get(planned)
        if tensor is None or tensor.is_constant:
            continue
        given = tensor
        if drafter.chance("in front", 35):
            given = _alike(tensor, f"{tensor.name}_given")
            _pass(drafter, main, given, tensor, given)
        main.inputs.append(given)
        held = drafter.held.get(planned)
        if held is not None:
            feeds[given.name] = held
    main.operators += operators
    shared = drafter.rule.sides is not None and drafter.rule.sides.shared
    given_anew = _given_anew(drafter.rule)
    for planned, tensor in made.items():
        spared = shared or planned.name in given_anew
        read_elsewhere = planned.producer is None or (spared and planned not in plan.root.results)
        if read_elsewhere and not tensor.is_constant and drafter.chance(f"{planned.key}.read", 20):
            _read(drafter, main, tensor, "read")
    behind = drafter.chance("behind", _often_behind(drafter.rule))
    for planned in plan.root.results:
        if given_anew and planned.name not in given_anew:
            continue  # nobody may read it
        if behind:
            _read(drafter, main, made[planned], "read")
        else:
            main.outputs.append(made[planned])
    model = Model([main], [], [])
    _settle(drafter, model)
    return Draft(model, operators[plan.operators.index(plan.root)], dict(made), feeds)


def read_also(drafter: Drafter, draft: Draft, planned: PlanTensor) -> None:
    """Have one more tensor of a finished draft read, by an operator whose result is an output."""
    _read(drafter, draft.model.subgraphs[0], draft.tensors[planned], "also")
    _settle(drafter, draft.model)


def _given_anew(rule: Rule) -> set[str]:
    """The names of the results that the right side gives anew; empty where it names none."""
    if rule.sides is None:
        return set()
    left, right = (
        {name.text for equation in side for name in equation.names} for side in (rule.sides.left, rule.sides.right)
    )
    return left & right


def _often_behind(rule: Rule) -> int:
    """In how many of a hundred cases something reads the roots, which then are no outputs."""
    # A capture cannot take the name of an output, and an interface can only change where there is one.
    if rule.replacement.drops_outputs:
        return 0
    if any(not isinstance(root.source, Made) for root in rule.replacement.roots):
        return 85
    return 15 if rule.changes_interface else 40


def _name_apart(tensors: list[Tensor]) -> None:
    names: dict[str, int] = {}
    for tensor in tensors:
        count = names[tensor.name] = names.get(tensor.name, 0) + 1
        if count > 1:
            tensor.name = f"{tensor.name}_{count}"


def _read(drafter: Drafter, main: Subgraph, tensor: Tensor, what: str) -> None:
    """Add a reader of a tensor, and its result to the outputs."""
    after = _alike(tensor, f"{tensor.name}_{what}")
    _pass(drafter, main, tensor, after, after)
    main.outputs.append(after)


def _pass(drafter: Drafter, main: Subgraph, one: Tensor, other: Tensor, new: Tensor) -> None:
    """Add an operator that hands one tensor on as another; `new` is the one of them that is not there yet."""
    sizes = [int(size) for size in one.shape]
    data = np.asarray(sizes, np.int32).tobytes()
    shape = Tensor.make(f"{other.name}_shape", "i32", (len(sizes),), buffer=drafter.buffer(data))
    main.tensors += [new, shape]
    main.operators.append(Operator(OperatorCode("RESHAPE"), [one, shape], [other]))


def _settle(drafter: Drafter, model: Model) -> None:
    """Number everything, and make producers, consumers, operator codes and buffers right."""
    (main,) = model.subgraphs
    for index, tensor in enumerate(main.tensors):
        tensor.index = index
    codes: dict[tuple[str, str | None, int], OperatorCode] = {}
    for index, operator in enumerate(main.operators):
        operator.index = index
        code = operator.code
        operator.code = codes.setdefault((code.builtin, code.custom_code, code.version), code)
    model.operator_codes = list(codes.values())
    model.buffers = [Buffer(0), *drafter.buffers]
    main.connect()


def _alike(tensor: Tensor, name: str) -> Tensor:
    return Tensor.make(
        name, tensor.dtype, tensor.shape, quantization=tensor.quantization, shape_signature=tensor.shape_signature
    )
