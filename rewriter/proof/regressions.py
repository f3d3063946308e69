"""Counterexamples kept as files, so that later runs try them first.

Each has a folder of its own under that of its rule: `before.tflite`, `after.tflite` (unless there is none),
`inputs.npz`, and `report.txt` for people. Nobody else's files are touched, and what is damaged is passed over.
"""

from __future__ import annotations

import hashlib
import io
import os
import re
import shutil
import tempfile
import zipfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

from attrs import define, field, frozen

from rewriter.errors import ModelError, UsageError
from rewriter.model import read

if TYPE_CHECKING:
    from collections.abc import Iterator

    from rewriter.proof.verdict import Counterexample
    from rewriter.verify.protocol import Array

DEFAULT = Path(".rewriter", "counterexamples")
"""Under the current directory: counterexamples belong to the rules that are worked on there, and are worth committing
with them, which nothing in a cache would be."""

_FLOATS = ("f16", "f32", "f64")
KEPT = 10
"""How many are kept for each rule; the oldest go first."""

_BEFORE, _AFTER, _INPUTS, _REPORT = "before.tflite", "after.tflite", "inputs.npz", "report.txt"
_OURS = re.compile(r"[0-9a-f]{12}")
_UNFIT = re.compile(r"[^\w.-]")


@frozen
class Saved:
    """Where a counterexample was saved; `after` is None where the rule made no model."""

    folder: Path
    before: Path
    after: Path | None
    inputs: Path


@frozen(eq=False)
class Regression:
    """A model on which a rule was refuted once.

    Attributes:
        folder: Where it is kept.
        before: The model in which the pattern occurs, as the bytes of its file; it can be read.
        inputs: One array for each of its inputs, in their order.
    """

    folder: Path
    before: bytes
    inputs: tuple[Array, ...]

    def is_finite(self) -> bool:
        """Whether there is no NaN and no infinity in it: only `equal exact` speaks of these.

        Raises:
            ModelError, ValueError: The model cannot be read.
        """
        import numpy as np

        from rewriter.dialect.values import stored_values

        tensors = (tensor for subgraph in read(self.before).subgraphs for tensor in subgraph.tensors)
        constants = (stored_values(tensor) for tensor in tensors if tensor.is_constant and tensor.dtype in _FLOATS)
        floats = (value for value in (*self.inputs, *constants) if value.dtype.kind == "f")
        return all(bool(np.isfinite(value).all()) for value in floats)


@define
class Regressions:
    """The counterexamples in a folder.

    Attributes:
        folder: Made when the first one is saved.
        complaints: What was found there and could not be read, a sentence each.
    """

    folder: Path = field(default=DEFAULT, converter=Path)
    complaints: list[str] = field(factory=list[str], init=False)

    def save(self, rule: str, counterexample: Counterexample) -> Saved:
        """Keep a counterexample; one that is there already becomes the newest.

        Args:
            rule: The rule's qualified name.
            counterexample: What refutes it.

        Raises:
            UsageError: The folder cannot be written.
        """
        place = self._folder(rule) / _digest(counterexample)
        try:
            if place.is_dir() and _complete(place):
                os.utime(place / _BEFORE)
            else:
                self._write(place, rule, counterexample)
            self._thin(place)
        except OSError as error:
            raise UsageError(
                f"{self.folder}: the counterexample cannot be saved there: {error.strerror}",
                hint="--save DIR for another folder",
            ) from None
        after = place / _AFTER
        return Saved(place, place / _BEFORE, after if after.exists() else None, place / _INPUTS)

    def load(self, rule: str) -> list[Regression]:
        """What was saved for a rule of this qualified name, the newest first.

        What cannot be read is passed over, and told in `complaints`.
        """
        found: list[Regression] = []
        for place in self._places(self._folder(rule)):
            try:
                found.append(_read(place))
            except (OSError, ValueError, ModelError, zipfile.BadZipFile, EOFError, KeyError) as error:
                what = error.message if isinstance(error, ModelError) else str(error) or type(error).__name__
                self.complaints.append(f"{place} is passed over: {what}")
        return found

    def _folder(self, rule: str) -> Path:
        return self.folder / (_UNFIT.sub("-", rule).lstrip(".") or "rule")

    def _places(self, folder: Path) -> list[Path]:
        """The folders of counterexamples, the newest first."""
        try:
            found = [(_age(each), each) for each in folder.iterdir() if _OURS.fullmatch(each.name) and each.is_dir()]
        except OSError:
            return []
        return [place for _, place in sorted(found, key=lambda each: (-each[0], each[1].name))]

    def _write(self, place: Path, rule: str, counterexample: Counterexample) -> None:
        """Fill a folder beside the place and rename it: nobody ever finds half a counterexample."""
        place.parent.mkdir(parents=True, exist_ok=True)
        made = Path(tempfile.mkdtemp(prefix=".new-", dir=place.parent))
        try:
            made.chmod(0o755)
            (made / _BEFORE).write_bytes(counterexample.before)
            if counterexample.after is not None:
                (made / _AFTER).write_bytes(counterexample.after)
            _write_inputs(made / _INPUTS, counterexample.inputs)
            (made / _REPORT).write_text("\n".join(_report(rule, counterexample)) + "\n", encoding="utf-8")
            if place.exists():  # damaged, or it would have been left alone
                shutil.rmtree(place)
            made.replace(place)
        finally:
            shutil.rmtree(made, ignore_errors=True)

    def _thin(self, newest: Path) -> None:
        for place in [each for each in self._places(newest.parent) if each != newest][KEPT - 1 :]:
            for name in (_BEFORE, _AFTER, _INPUTS, _REPORT):
                (place / name).unlink(missing_ok=True)
            if not any(place.iterdir()):
                place.rmdir()


def _complete(place: Path) -> bool:
    try:
        _read(place)
    except (OSError, ValueError, ModelError, zipfile.BadZipFile, EOFError, KeyError):
        return False
    return True


def _age(place: Path) -> int:
    try:
        return (place / _BEFORE).stat().st_mtime_ns
    except OSError:
        return 0


def _digest(counterexample: Counterexample) -> str:
    found = hashlib.sha256(counterexample.before)
    for array in counterexample.inputs:
        found.update(f"{array.dtype} {array.shape}".encode())
        found.update(repr(array.tolist()).encode() if array.dtype.kind == "O" else array.tobytes())
    return found.hexdigest()[:12]


def _read(place: Path) -> Regression:
    import numpy as np

    data = (place / _BEFORE).read_bytes()
    model = read(data)
    if not model.subgraphs:
        raise ValueError("the model has no subgraph")
    tensors = model.subgraphs[0].inputs
    # From memory: NumPy leaves a damaged file open.
    with np.load(io.BytesIO((place / _INPUTS).read_bytes()), allow_pickle=False) as archive:
        if not isinstance(archive, np.lib.npyio.NpzFile):
            raise ValueError(f"{_INPUTS} is no archive of arrays")
        if len(archive.files) != len(tensors):
            raise ValueError(f"{_INPUTS} holds {len(archive.files)} arrays, and the model has {len(tensors)} inputs")
        arrays: list[Array] = [archive[f"input_{number}"] for number in range(len(tensors))]
    inputs = tuple(_restored(array, tensor.dtype) for array, tensor in zip(arrays, tensors, strict=True))
    return Regression(place, data, inputs)


def _write_inputs(path: Path, inputs: tuple[Array, ...]) -> None:
    import numpy as np

    # Strings as bytes of one length: as objects they could only be pickled, and a pickle can hold anything.
    plain = [array.astype(np.bytes_) if array.dtype.kind == "O" else array for array in inputs]
    named: dict[str, Any] = {f"input_{number}": array for number, array in enumerate(plain)}
    np.savez(path, allow_pickle=False, **named)


def _restored(array: Array, dtype: str) -> Array:
    """An array in the form in which a runtime takes it. What NumPy has no name for comes back as mere bytes."""
    from rewriter.verify.arrays import numpy_dtype

    wanted = numpy_dtype(dtype)
    if array.dtype.kind == "S":
        array = array.astype(object)
    elif array.dtype.kind == "V" and array.dtype.itemsize == wanted.itemsize:
        array = array.view(wanted)
    if array.dtype != wanted:
        raise ValueError(f"{_INPUTS} holds {array.dtype} where the model takes {dtype}")
    return array


def _report(rule: str, counterexample: Counterexample) -> Iterator[str]:
    under = f" under the runtime's {counterexample.kernels} kernels" if counterexample.kernels else ""
    yield f"{rule} is refuted{under}: {counterexample.reason}"
    comparison = counterexample.comparison
    if counterexample.output is not None and comparison is not None and comparison.index is not None:
        assert counterexample.left is not None
        assert counterexample.right is not None
        values = counterexample.left[comparison.index], counterexample.right[comparison.index]
        yield f"{counterexample.output!r} at {list(comparison.index)}: {values[0]} became {values[1]}"
    for title, lines in (("before", counterexample.model), ("after", counterexample.replaced)):
        if lines:
            yield ""
            yield title
            yield from (f"  {line}" for line in lines)
