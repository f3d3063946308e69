"""TensorFlow's own converter as a host: `TFLiteConverter` objects whose models are rewritten.

    import tensorflow as tf
    from rewriter.integrations.tensorflow import convert

    converter = tf.lite.TFLiteConverter.from_keras_model(model)
    data = convert(converter, packs=["toco", "mediapipe"])

Nothing here imports TensorFlow: a converter brings it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import rewriter

if TYPE_CHECKING:
    import os
    from collections.abc import Iterable

_OWN = ("_converter", "_packs", "_rules", "_options", "report")


def convert(
    converter: Any,
    packs: Iterable[str] | None = None,
    rules: Iterable[str | os.PathLike[str] | rewriter.RuleSet | rewriter.Rule] = (),
    **options: Any,
) -> bytes:
    """Convert a model and rewrite it.

    Args:
        converter: A `tf.lite.TFLiteConverter`, set up as for its own `convert()`.
        packs, rules, options: As for `rewriter.apply`.

    Returns:
        The rewritten model's file; the converter's own bytes where no rule matched.

    Raises:
        UsageError: `converter` is none.
        RewriterError: As `rewriter.apply` raises; what the converter raises comes through as it is.
    """
    return wrap(converter, packs, rules, **options).convert()


def wrap(
    converter: Any,
    packs: Iterable[str] | None = None,
    rules: Iterable[str | os.PathLike[str] | rewriter.RuleSet | rewriter.Rule] = (),
    **options: Any,
) -> RewritingConverter:
    """A converter whose `convert()` rewrites what it converted; all else is the converter's own.

    The class can be given too, and code that goes on to use it stays as it is:

        TFLiteConverter = wrap(tf.lite.TFLiteConverter, packs=["toco"])
        converter = TFLiteConverter.from_keras_model(model)
        converter.optimizations = [tf.lite.Optimize.DEFAULT]
        data = converter.convert()

    Args:
        converter: A `tf.lite.TFLiteConverter`, or that class.
        packs, rules, options: As for `rewriter.apply`.

    Raises:
        UsageError: `converter` is neither.
    """
    if not callable(getattr(converter, "convert", None)):
        given = type(converter).__name__
        raise rewriter.UsageError(
            f"a {given} has no convert()", hint="tf.lite.TFLiteConverter.from_keras_model(model), say"
        )
    return RewritingConverter(converter, packs, tuple(rules), options)


class RewritingConverter:
    """What `wrap` gives. Attributes are read from, and set on, the converter that was wrapped.

    Attributes:
        report: What the last `convert()` did, as `rewriter.apply` reports it; None before.
    """

    report: rewriter.RunReport | None

    def __init__(
        self, converter: Any, packs: Iterable[str] | None, rules: tuple[Any, ...], options: dict[str, Any]
    ) -> None:
        own = (converter, None if packs is None else tuple(packs), rules, options, None)
        for name, value in zip(_OWN, own, strict=True):
            object.__setattr__(self, name, value)

    def convert(self) -> bytes:
        """The converted and rewritten model's file."""
        data: bytes = self._converter.convert()
        result = rewriter.apply(data, self._packs, self._rules, **self._options)
        object.__setattr__(self, "report", result.report)
        return result.model.to_bytes()

    def __getattr__(self, name: str) -> Any:
        value = getattr(self._converter, name)
        if not (isinstance(self._converter, type) and name.startswith("from_")):
            return value

        def made(*arguments: Any, **named: Any) -> RewritingConverter:
            return wrap(value(*arguments, **named), self._packs, self._rules, **self._options)

        return made

    def __setattr__(self, name: str, value: Any) -> None:
        setattr(self._converter, name, value)

    def __dir__(self) -> list[str]:
        return sorted({*dir(self._converter), "report"})
