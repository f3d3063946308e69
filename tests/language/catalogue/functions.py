"""Where the rules of group H fire, and where they must not."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from rewriter.dialect.options import flexbuffer
from tests.language.catalogue.sample import Group

if TYPE_CHECKING:
    from tests.unit.networks import Network

FUNCTIONS = Group("functions")

# The runtime asks for the table of attributes, also where there are none.
NO_ATTRIBUTES = {"composite_attributes": list(flexbuffer({}))}


def square(net: Network) -> Any:
    x = net.input("bx")
    return net.add("MUL", [x, x], "by")


@FUNCTIONS.sample(
    "inline_composite",
    ["y = SQUARE(x)", "by = MUL(bx, bx)"],
    {"it is another": {"name": "odml.cube"}, "its version is another": {"version": 2}},
    body=square,
)
def _(net: Network, name: str = "odml.square", version: int = 1) -> Any:
    given = {"name": name, "version": version, "decomposition_subgraph_index": 1} | NO_ATTRIBUTES
    return net.add("STABLEHLO_COMPOSITE", [net.input()], attributes=given)
