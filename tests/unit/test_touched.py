"""Which operators each application has to do with, before and after, whatever was made and replaced on the way."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rewriter import run
from rewriter.report.difference import compare_models
from rewriter.report.touched import Pairing, pair_applications, pair_difference
from tests.unit.networks import Network

if TYPE_CHECKING:
    from rewriter.model import Model


def rewritten(model: Model, text: str, **options: object) -> tuple[Pairing, run.Result]:
    import rewriter

    result = run.apply(model, rules=[rewriter.compile_rules(text)], check="none", **options)  # type: ignore[arg-type]
    assert result.report.models is not None
    before, after = result.report.models
    return pair_applications(before, after, result.report.rewriting.applications), result


def chain(*names: str) -> Model:
    network = Network()
    tensor = network.input()
    for place, name in enumerate(names):
        tensor = network.add(name, [tensor], f"t{place}")
    return network.build(tensor)


def names(model: Model, wheres: tuple[tuple[int, int], ...]) -> list[str]:
    return [model.subgraphs[subgraph].operators[index].name for subgraph, index in wheres]


def test_an_application_is_told_by_what_went_and_what_came() -> None:
    pairing, result = rewritten(chain("ABS", "NEG", "EXP"), "NEG(x: f32) -> MUL(SQUARE(x), -1.0)")
    (touched,) = pairing.touched
    assert touched.before == ((0, 1),)
    assert names(result.model, touched.after) == ["SQUARE", "MUL"]
    assert touched.reads == ()
    assert pairing.same == {(0, 0): (0, 0), (0, 2): (0, 3)}


def test_what_is_made_and_replaced_again_is_followed_to_both_ends() -> None:
    text = "rule first NEG(x) -> ABS(EXP(x)) phase 1\nrule second ABS(EXP(x)) -> SQUARE(x) phase 2"
    pairing, result = rewritten(chain("TANH", "NEG", "RELU"), text)
    assert [each.rule.name for each in result.report.rewriting.applications] == ["first", "second"]
    for touched in pairing.touched:
        assert touched.before == ((0, 1),)
        assert names(result.model, touched.after) == ["SQUARE"]


def test_where_nothing_comes_the_tensors_show_the_place() -> None:
    pairing, result = rewritten(chain("TANH", "NEG", "NEG", "RELU"), "NEG(NEG(x)) -> x")
    (touched,) = pairing.touched
    assert touched.before == ((0, 1), (0, 2))
    assert touched.after == ()
    ((subgraph, tensor),) = touched.tensors_after
    assert result.model.subgraphs[subgraph].tensors[tensor].producer is result.model.subgraphs[0].operators[0]
    assert pairing.same == {(0, 0): (0, 0), (0, 3): (0, 1)}


def test_an_operator_that_others_read_too_belongs_to_the_match_and_stays() -> None:
    network = Network()
    inner = network.add("EXP", [network.input()], "inner")
    model = network.build(network.add("NEG", [inner], "a"), network.add("ABS", [inner], "b"))
    pairing, _ = rewritten(model, "NEG(e = EXP(x)) -> MUL(e, -1.0)")
    (touched,) = pairing.touched
    assert touched.before == ((0, 1),)
    assert touched.reads == ((0, 0),)
    assert (0, 0) in pairing.same


def test_an_operator_made_from_the_attributes_of_one_of_the_source_is_not_that_one() -> None:
    network = Network()
    left, right = network.input("l"), network.input("r")
    attributes = {"fused_activation_function": "NONE"}
    total = network.add("ADD", [left, right], "total", attributes=attributes)
    model = network.build(network.add("NEG", [total], "y"))
    pairing, result = rewritten(model, "NEG(s = ADD(x, y)) -> SIN(ABS(@s(y, x)))")
    assert pairing.touched[0].before == ((0, 0), (0, 1))
    assert names(result.model, pairing.touched[0].after) == ["ADD", "ABS", "SIN"]
    assert pairing.same == {}


def test_two_models_are_paired_by_the_names_of_their_tensors() -> None:
    before, after = chain("ABS", "NEG", "EXP"), chain("ABS", "SQUARE", "EXP")
    found = compare_models(before, after)
    pairing = pair_difference(found)
    assert [(each.before, each.after) for each in pairing.touched] == [(((0, 1),), ((0, 1),))]
    assert pairing.same == {(0, 0): (0, 0), (0, 2): (0, 2)}
