"""What the runtime's default delegate takes is read from the runtime itself."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from rewriter.verify import Runtime, RuntimeFailure
from rewriter.verify.delegated import Delegated, delegated
from tests.unit.networks import Network

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture(scope="module")
def runtime() -> Iterator[Runtime]:
    with Runtime(threads=1) as found:
        yield found


def test_operators_of_the_delegate_are_inside_and_those_between_them_outside(runtime: Runtime) -> None:
    network = Network()
    y = network.add("RELU", [network.input("x")], "a")
    y = network.add("SIGN", [y], "b")
    y = network.add("RELU", [y], "c")
    model = network.build(network.add("RELU6", [y], "d"))
    assert delegated(runtime, model) == Delegated(2, (1,))


def test_what_no_output_depends_on_is_not_counted(runtime: Runtime) -> None:
    network = Network()
    x = network.input("x")
    network.add("SIGN", [x], "unread")
    assert delegated(runtime, network.build(network.add("SIGN", [x], "y"))) == Delegated(0, (1,))


def test_a_model_that_the_runtime_refuses_is_cut_in_no_way(runtime: Runtime) -> None:
    network = Network()
    model = network.build(network.add("CUSTOM[Unknown]", [network.input("x")], "y"))
    with pytest.raises(RuntimeFailure, match="Unknown"):
        delegated(runtime, model)
