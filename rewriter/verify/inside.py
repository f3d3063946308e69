"""Looking into a model: the values that tensors really take in it, and what becomes of them up to its outputs."""

from __future__ import annotations

from typing import TYPE_CHECKING

from attrs import define

from rewriter.verify.arrays import convert
from rewriter.verify.region import region_between
from rewriter.verify.response import responds
from rewriter.verify.rounding import rounding, wider
from rewriter.verify.runtime import Kernels, RuntimeFailure
from rewriter.verify.whole import stated

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from rewriter.model import Model, Tensor
    from rewriter.verify.compare import Slack
    from rewriter.verify.equality import Equality
    from rewriter.verify.hybrid import Execution, Executor
    from rewriter.verify.place import Place
    from rewriter.verify.protocol import Array

# The default kernels are many times faster, and here both serve: no two of these values are ever compared.
_EITHER: tuple[Kernels, ...] = ("default", "reference")


@define(eq=False)
class Inside:
    """Looks into the two models of a check, in their main subgraphs.

    Attributes:
        executor: What runs them.
        models: The model before, and the one after.
    """

    executor: Executor
    models: tuple[Model, Model]

    def values(self, tensors: Iterable[Tensor], inputs: Sequence[Sequence[Array]]) -> list[dict[Tensor, Array]]:
        """The values that tensors of the model before take, for each of several inputs of it.

        There are none where no kernel set runs the model as far as these tensors.
        """
        before = self.models[0]
        main = before.subgraphs[0]
        region = region_between(before, main, main.inputs, dict.fromkeys(tensors))
        for kernels in _EITHER:
            try:
                with self.executor.region(region, kernels, "the model before") as execution:
                    results = [execution.run(each) for each in inputs]
            except RuntimeFailure:
                continue
            return [dict(zip(region.outputs, result, strict=True)) for result in results]
        return []

    def responds(self, place: Place, inputs: Sequence[Sequence[Array]], equality: Equality) -> bool | None:
        """Whether an output of the model after shows a disturbance of a place's result, on any of several inputs.

        None where that cannot be tried: what follows the place runs under no kernel set.
        """
        equalities = [stated(equality, tensor) for tensor in self.models[1].subgraphs[0].outputs]
        known = self.values(place.roots, inputs) if place.kept else []
        if not known:
            return None
        roots = range(len(place.before.outputs))
        for kernels in _EITHER:
            try:
                with self._rest(place, 1, kernels) as rest:
                    return any(
                        any(responds(rest, self._feed(place, 1, values, given), roots, equalities))
                        for values, given in zip(known, inputs, strict=True)
                    )
            except RuntimeFailure:
                continue
        return None

    def slacks(self, places: Sequence[Place], inputs: Sequence[Array]) -> list[Slack]:
        """How far rounding of each place's result moves the outputs of the model before, a few times over."""
        found: list[Slack] = []
        for place in places:
            for values in self.values(place.roots, [inputs]):
                try:
                    with self._rest(place, 0, "default") as rest:
                        slacks = rounding(rest, self._feed(place, 0, values, inputs))
                except RuntimeFailure:
                    continue
                found = wider(found, slacks) if found else slacks
        return found

    def _rest(self, place: Place, side: int, kernels: Kernels) -> Execution:
        """What follows a place in one of the models; its inputs are the place's results, then the model's own."""
        model = self.models[side]
        main = model.subgraphs[0]
        roots = (place.roots, place.after.outputs)[side]
        given = [*roots, *(tensor for tensor in main.inputs if tensor not in roots)]
        region = region_between(model, main, given, main.outputs)
        return self.executor.region(region, kernels, f"what follows {place.name}")

    def _feed(self, place: Place, side: int, values: dict[Tensor, Array], inputs: Sequence[Array]) -> list[Array]:
        befores, afters = self.models[0].subgraphs[0].inputs, self.models[side].subgraphs[0].inputs
        roots = (place.roots, place.after.outputs)[side]
        pairs = [
            *zip(place.roots, roots, (values[root] for root in place.roots), strict=True),
            *(each for each in zip(befores, afters, inputs, strict=True) if each[1] not in roots),
        ]
        return [convert(value, source, target) for source, target, value in pairs]
