"""litert-torch as a host: PyTorch modules are converted, and what comes of it is rewritten.

    import litert_torch
    from rewriter.integrations.litert_torch import wrap

    convert = wrap(litert_torch.convert, packs=["toco"])
    model = convert(module.eval(), (sample,))
    model.export("model.tflite")

Nothing here imports litert-torch: its models bring it.
"""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING, Any

import rewriter

if TYPE_CHECKING:
    import os
    from collections.abc import Callable, Iterable


def rewrite(
    model: Any,
    packs: Iterable[str] | None = None,
    rules: Iterable[str | os.PathLike[str] | rewriter.RuleSet | rewriter.Rule] = (),
    **options: Any,
) -> Any:
    """Rewrite a model that litert-torch made.

    Args:
        model: What `litert_torch.convert` and the `convert` of its converters give; it is left as it is.
        packs, rules, options: As for `rewriter.apply`.

    Returns:
        A model of the same class, to call and to export; its attribute `report` says what was done, as
        `rewriter.apply` reports it.

    Raises:
        UsageError: `model` is none of litert-torch's.
        RewriterError: As `rewriter.apply` raises.
    """
    if not callable(getattr(model, "model_content", None)):
        given = type(model).__name__
        raise rewriter.UsageError(
            f"a {given} has no model_content()", hint="litert_torch.convert(module, (sample,)), say"
        )
    result = rewriter.apply(model.model_content(), packs, rules, **options)
    made: Any = type(model)(result.model.to_bytes())
    made.report = result.report
    return made


def wrap(
    convert: Callable[..., Any],
    packs: Iterable[str] | None = None,
    rules: Iterable[str | os.PathLike[str] | rewriter.RuleSet | rewriter.Rule] = (),
    **options: Any,
) -> Callable[..., Any]:
    """A conversion whose model is rewritten; what it takes stays as it is.

    Args:
        convert: `litert_torch.convert`, or the method `convert` of a converter that was given signatures.
        packs, rules, options: As for `rewriter.apply`.

    Raises:
        UsageError: `convert` cannot be called.
    """
    if not callable(convert):
        given = type(convert).__name__
        raise rewriter.UsageError(f"a {given} cannot be called", hint="wrap(litert_torch.convert), say")
    named = None if packs is None else tuple(packs)
    listed = tuple(rules)

    @functools.wraps(convert)
    def converted(*arguments: Any, **more: Any) -> Any:
        return rewrite(convert(*arguments, **more), named, listed, **options)

    return converted
