"""What an operator computes from constants, found out by running it: for rules whose replacement says `evaluate`.

The operator becomes a model of its own, and the runtime's reference kernels run it in a child process. They are plain
code, so what they give does not depend on the machine that rewrites; the fast ones take other instructions on each, and
sum up in another order. Only an operator of which the reference kernels lack the version goes to the fast ones, without
the delegate. A custom operator goes to the NumPy kernel of its declaration.

Nothing is started, and NumPy not imported, before the first operator is asked about.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Self

from attrs import define, field

from rewriter.language.expressions import Undefined

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from rewriter.dialect.declaration import Declaration
    from rewriter.model import Model, Operator, Tensor
    from rewriter.verify.protocol import Array
    from rewriter.verify.runtime import Kernels, Runtime

KERNELS: tuple[Kernels, ...] = ("reference", "builtin")
"""In this order, the next only where one refuses."""

_SECONDS = 20.0  # for one operator
_REMEMBERED = 1000

_Asked = tuple["Operator", "tuple[Tensor | None, ...]"]


@define(eq=False)
class RuntimeEvaluator:
    """An `Evaluator` that runs operators. A context manager.

    Attributes:
        find: Finds the declaration of a custom operator by its code.
        runtime: Where operators run; None for one of its own, which is started when it is needed.
    """

    find: Callable[[str], Declaration | None]
    runtime: Runtime | None = None
    _own: Runtime | None = field(default=None, init=False)
    # Sweeps come by again at what was refused, and operators have several results. Neither operators nor constants
    # ever change: who wants others makes new ones.
    _refused: dict[_Asked, str] = field(factory=dict[_Asked, str], init=False)
    _last: tuple[_Asked, Sequence[Array]] | None = field(default=None, init=False)

    def __call__(self, model: Model, operator: Operator) -> Sequence[Array]:
        """Run one operator of a model, all of whose operands are constants.

        Returns:
            Its results, as stored.

        Raises:
            Undefined: It does not run; the message has the runtime's words.
        """
        asked = operator, tuple(operator.inputs)
        if self._last is not None and self._last[0] == asked:
            return self._last[1]
        reason = self._refused.get(asked)
        if reason is None:
            from rewriter.verify.runtime import RuntimeFailure

            try:
                found = self._computed(operator) or self._run(model, operator)
            except RuntimeFailure as failure:
                reason = failure.message
            else:
                self._last = asked, found
                return found
            if len(self._refused) >= _REMEMBERED:
                self._refused.clear()
            self._refused[asked] = reason
        raise Undefined(reason)

    def close(self) -> None:
        """End what was started."""
        self._last = None
        self._refused.clear()
        if self._own is not None:
            self._own.close()
            self._own = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _computed(self, operator: Operator) -> Sequence[Array] | None:
        """What the declared kernel of a custom operator computes; None where there is none."""
        code = operator.code.custom_code
        declaration = self.find(code) if code is not None else None
        if declaration is None or declaration.kernel is None:
            return None
        from rewriter.verify.hybrid import Computed
        from rewriter.verify.kernels import DeclaredKernel

        values: dict[Tensor, Array] = {}
        Computed(operator, DeclaredKernel(declaration), _side(operator), "reference").run(values)
        return [values[tensor] for tensor in operator.outputs]

    def _run(self, model: Model, operator: Operator) -> Sequence[Array]:
        from rewriter.errors import ModelError
        from rewriter.model import extract
        from rewriter.verify.runtime import Runtime, RuntimeFailure

        runtime = self.runtime or self._own
        if runtime is None:
            # On one thread, so that sums are added up in one order.
            runtime = self._own = Runtime(time_limit=_SECONDS, threads=1)
        side = _side(operator)
        try:
            piece = extract([operator], (), operator.outputs, model)
            source = runtime.source(piece)
        except (ModelError, ValueError) as error:
            raise Undefined(f"{side} cannot stand as a model of its own: {error}") from error
        first: RuntimeFailure | None = None
        for kernels in KERNELS:
            try:
                return runtime.run_once(source, kernels, [()], side=side)[0]
            except RuntimeFailure as failure:
                first = first or failure
                if failure.outcome != "refused":
                    break
        assert first is not None
        raise first


def _side(operator: Operator) -> str:
    return f"{operator.name} at {operator.outputs[0].name!r}"
