"""onnx2tf as a host: the files that it writes are rewritten where they stand.

    import onnx2tf
    from rewriter.integrations.onnx2tf import wrap

    convert = wrap(onnx2tf.convert, packs=["toco"])
    convert(input_onnx_file_path="model.onnx", output_folder_path="out")

Nothing here imports onnx2tf: it is brought along, or has been run by its own command.
"""

from __future__ import annotations

import os
import warnings
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any

from attrs import define, field, frozen

import rewriter
from rewriter.model import write_file

_FOLDER = "saved_model"  # where onnx2tf writes unless it is told


@frozen
class Rewritten:
    """What became of the files of a folder, by their names.

    Attributes:
        reports: What was done to each, as `rewriter.apply` reports it.
        left: Those that stay as onnx2tf wrote them, each with the check that failed. Files in half precision are among
            them where the runtime here does not run them, and a rule matched.
    """

    reports: Mapping[str, rewriter.RunReport] = field(factory=dict[str, rewriter.RunReport])
    left: Mapping[str, rewriter.CheckError] = field(factory=dict[str, rewriter.CheckError])


def rewrite(
    folder: str | os.PathLike[str],
    packs: Iterable[str] | None = None,
    rules: Iterable[str | os.PathLike[str] | rewriter.RuleSet | rewriter.Rule] = (),
    **options: Any,
) -> Rewritten:
    """Rewrite the `.tflite` files of a folder that onnx2tf wrote: one for each precision.

    A file whose check fails stays as it is, and a warning says so. Nothing is written before all files have been read
    and rewritten.

    Args:
        folder: Where they are.
        packs, rules, options: As for `rewriter.apply`.

    Raises:
        UsageError: The folder holds no such file.
        RewriterError: As `rewriter.apply` raises, but for a check that failed.
    """
    paths = sorted(_files(folder))
    if not paths:
        raise rewriter.UsageError(
            f"{os.fspath(folder)}: there is no .tflite file", hint="the folder that onnx2tf wrote to"
        )
    return _rewrite(paths, packs, rules, options)


def wrap(
    convert: Callable[..., Any],
    packs: Iterable[str] | None = None,
    rules: Iterable[str | os.PathLike[str] | rewriter.RuleSet | rewriter.Rule] = (),
    **options: Any,
) -> RewritingConversion:
    """A conversion whose files are rewritten, as by `rewrite`; it is called as before, and gives what it gave.

    Args:
        convert: `onnx2tf.convert`.
        packs, rules, options: As for `rewriter.apply`.

    Raises:
        UsageError: `convert` cannot be called.
    """
    if not callable(convert):
        given = type(convert).__name__
        raise rewriter.UsageError(f"a {given} cannot be called", hint="wrap(onnx2tf.convert), say")
    return RewritingConversion(convert, None if packs is None else tuple(packs), tuple(rules), options)


@define
class RewritingConversion:
    """What `wrap` gives.

    Attributes:
        rewritten: What became of the files that the last call wrote.
    """

    _convert: Callable[..., Any]
    _packs: tuple[str, ...] | None
    _rules: tuple[Any, ...]
    _options: Mapping[str, Any]
    rewritten: Rewritten = field(factory=Rewritten, init=False)

    def __call__(self, **arguments: Any) -> Any:
        """Convert, and rewrite what was written.

        Args:
            arguments: onnx2tf's own, by name.
        """
        folder = arguments.get("output_folder_path") or _FOLDER
        before = _files(folder)
        given = self._convert(**arguments)
        written = sorted(path for path, state in _files(folder).items() if before.get(path) != state)
        self.rewritten = _rewrite(written, self._packs, self._rules, self._options)
        return given


def _files(folder: str | os.PathLike[str]) -> dict[Path, tuple[int, int]]:
    """The models in a folder, and what changes when one is written anew."""
    states = {path: path.stat() for path in Path(folder).glob("*.tflite")}
    return {path: (state.st_mtime_ns, state.st_ino) for path, state in states.items()}


def _rewrite(paths: Iterable[Path], packs: Any, rules: Any, options: Mapping[str, Any]) -> Rewritten:
    results: dict[Path, rewriter.Result] = {}
    left: dict[str, rewriter.CheckError] = {}
    for path in paths:
        try:
            # From its bytes: the file is replaced while the model may still be in use.
            results[path] = rewriter.apply(path.read_bytes(), packs, rules, **options)
        except rewriter.CheckError as error:
            left[path.name] = error
            warnings.warn(f"{path} stays as it was converted: {error.message}", stacklevel=3)
    for path, result in results.items():
        if result.report.rewriting.applications:
            write_file(path, result.model.to_bytes())
    return Rewritten({path.name: result.report for path, result in results.items()}, left)
