"""One model's part of a run over many: what travels to the process that does it, and the row that comes back.

A row is what the command's JSON document says of the model, and besides `result`, `exit`, `error` and `bytes`; and
`graphs`, which no JSON document has, where the run is to be shown as a page.
"""

from __future__ import annotations

import os
import pickle
import threading
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Protocol

from attrs import frozen

from rewriter import __version__, run
from rewriter.address import is_address, read_address, write_address
from rewriter.bundle import is_bundle, models_of, rewrite_bundle
from rewriter.errors import CheckError, LimitError, ModelError, RewriterError, UsageError
from rewriter.report.bundle import merged
from rewriter.report.zoo import graphs_of

if TYPE_CHECKING:
    from rewriter.language.rules import RuleSet
    from rewriter.many.studies import Choice
    from rewriter.pipeline import Pipeline
    from rewriter.verify import VerifyResult

Row = dict[str, Any]

_own = threading.local()


class Task(Protocol):
    """What is to be done with one model."""

    @property
    def name(self) -> str:
        """The model, as the user wrote it."""
        ...

    @property
    def source(self) -> str:
        """Where it is, for whichever process reads it."""
        ...

    @property
    def version(self) -> str:
        """Of the program that asks."""
        ...

    def run(self, row: Row) -> None:
        """Do it, and say in the row what came of it.

        Raises:
            RewriterError: It cannot be done; what the row has by then stays.
        """
        ...


def perform(task: Task) -> Row:
    """Do a task; whatever its user can act on is in the row."""
    row: Row = {"input": task.name, "output": None, "result": "error", "exit": 0, "error": None}
    try:
        if task.version != __version__:
            raise UsageError(
                f"this worker has rewriter {__version__}, and was asked by {task.version}",
                hint="install one version everywhere",
            )
        task.run(row)
    except MemoryError:
        fail(row, RewriterError("out of memory", hint="fewer --jobs, or a machine with more"))
    except RewriterError as error:
        fail(row, error, task.source)
    return row


def fail(row: Row, error: RewriterError, source: str = "") -> Row:
    """Say in a row what was wrong."""
    if isinstance(error, CheckError):
        row["result"] = "check failed"
    elif isinstance(error, LimitError):
        row["result"] = "limit"
    # The row says which model it is.
    message = str(error)
    for name in ("<bytes>", row["input"], source):
        message = message.removeprefix(f"{name}: ")
    row |= {"exit": error.exit_code, "error": {"message": message, "try": getattr(error, "hint", None)}}
    if isinstance(error, run.FailedCheck):
        row["error"]["lines"] = list(error.lines)
    return row


@frozen
class Apply:
    """Rewrite a model.

    Attributes:
        name: The model, as the user wrote it.
        source: Where it is, for whichever process reads it.
        output: Where it goes; None where nothing is written.
        shown: That place, as the user wrote it.
        pipeline: The pickled pipeline, with all that its files hold.
        recorded: Whether the model's metadata is to say what was done.
        seeds: On how many inputs the check compares.
        graphs: Whether the row is to hold what a page draws.
    """

    name: str
    source: str
    output: str | None
    shown: str | None
    pipeline: bytes
    recorded: bool = False
    seeds: int = 5
    graphs: bool = False
    version: str = __version__

    def run(self, row: Row) -> None:
        data = read_file(self.source)
        reports: dict[str, run.RunReport] = {}
        try:
            whole = self._rewritten(data, reports)
        finally:
            if reports:
                documents = {name: report.to_json() for name, report in reports.items()}
                row |= merged(documents) if len(documents) > 1 else next(iter(documents.values()))
            if self.graphs:
                row["graphs"] = graphs_of(reports)
        if not reports:
            raise ModelError(f"{self.name}: the bundle holds no TFLite model")
        if self.output is not None:
            write_file(self.output, whole)
        row["output"] = self.shown
        row["bytes"] = {"before": len(data), "after": len(whole)}
        row["result"] = "rewritten" if row["rules_applied"] else "unchanged"

    def _rewritten(self, data: bytes, reports: dict[str, run.RunReport]) -> bytes:
        pipeline, rules = _pipeline(self.pipeline)

        def one(inside: bytes, name: str) -> bytes:
            try:
                result = run.apply(inside, rules=[rules], seeds=self.seeds, **pipeline.options())
            except run.FailedCheck as failed:
                reports[name] = failed.report
                raise
            reports[name] = result.report
            if self.recorded:
                pipeline.record(result)
            return result.model.to_bytes()

        return rewrite_bundle(data, self.name, one) if is_bundle(data) else one(data, "")


@frozen
class Verify:
    """Compare two models."""

    name: str
    source: str
    other: str
    shown: str
    seeds: int = 5
    version: str = __version__

    def run(self, row: Row) -> None:
        row["other"] = self.shown
        first, second = (models_in(read_file(path), "") for path in (self.source, self.other))
        if first.keys() != second.keys():
            raise UsageError("they do not hold models of the same names", hint="compare models one by one")
        documents: list[dict[str, Any]] = []
        for name, data in first.items():
            document = self._compared(data, second[name]).to_json()
            for part in ("outputs", "kernels"):
                document[part] = [({"model": name} if name else {}) | each for each in document[part]]
            documents.append(document)
        row["equal"] = all(each["equal"] for each in documents)
        for part in ("outputs", "kernels", "failures", "warnings"):
            row[part] = [each for document in documents for each in document[part]]
        words = [each["result"] for each in documents]
        row["result"] = next((word for word in ("different", "not compared") if word in words), "equal")
        row["exit"] = 0 if row["equal"] else 1

    def _compared(self, first: bytes, second: bytes) -> VerifyResult:
        if first != second:
            return run.verify(first, second, seeds=self.seeds)
        from rewriter.verify import VerifyResult

        run.load(first)  # what is no model is not equal to anything
        return VerifyResult(equal=True, warnings=("both hold the same bytes: they were not run",))


@frozen
class Study:
    """Say what delegates take of a model."""

    name: str
    source: str
    choice: bytes
    version: str = __version__

    def run(self, row: Row) -> None:
        from rewriter.report.targets import to_json

        choice = _choice(self.choice)
        row |= {"operators": 0, "targets": []}
        found: dict[str, dict[str, Any]] = {}
        for name, data in models_in(read_file(self.source), "").items():
            model = run.load(data)
            row["operators"] += sum(1 for _ in model.operators())
            for each in choice.study(model):
                document = to_json(each)
                if name:
                    document = {"model": name} | document
                found[f"{name}\0{document['target']}"] = document
        row["targets"] = list(found.values())
        row["result"] = "studied"


def read_file(path: str) -> bytes:
    """All bytes of a file or of what stands at an address.

    Raises:
        ModelError: It cannot be read.
    """
    if is_address(path):
        return read_address(path)
    try:
        with open(path, "rb") as file:
            return file.read()
    except OSError as error:
        raise ModelError(f"{path}: cannot be read: {error.strerror}") from None


def write_file(path: str, data: bytes) -> None:
    """Write a file or to an address, with the folders above it; it is there whole, or as it was before.

    Raises:
        ModelError: It cannot be written.
    """
    from rewriter import model

    if is_address(path):
        write_address(path, data)
        return
    folder = os.path.dirname(path) or "."
    try:
        os.makedirs(folder, exist_ok=True)
    except OSError as error:
        raise ModelError(f"{folder}: cannot be made: {error.strerror}") from None
    model.write_file(path, data)


def models_in(data: bytes, name: str) -> dict[str, bytes]:
    """The models of a file by name; one that is no bundle holds itself, and that has the name given.

    Raises:
        ModelError: It is a damaged bundle, or one without a model.
    """
    if not is_bundle(data):
        return {name: data}
    found = models_of(data, name)
    if not found:
        raise ModelError("the bundle holds no TFLite model")
    return {each.removeprefix(f"{name}/"): inside for each, inside in found.items()}


def _kept(make: Callable[[bytes], Any], data: bytes) -> Any:
    """What `make` gives, made once in each thread: rules and studies are not for two at a time."""
    known: dict[tuple[object, bytes], Any] = _own.__dict__.setdefault("known", {})
    key = (make, data)
    if key not in known:
        # One run has one of a kind.
        for other in [each for each in known if each[0] is make]:
            del known[other]
        known[key] = make(data)
    return known[key]


def _pipeline(data: bytes) -> tuple[Pipeline, RuleSet]:
    return _kept(_unpickled_pipeline, data)


def _unpickled_pipeline(data: bytes) -> tuple[Pipeline, RuleSet]:
    pipeline: Pipeline = pickle.loads(data)
    return pipeline, pipeline.rules()


def _choice(data: bytes) -> Choice:
    return _kept(_unpickled_choice, data)


def _unpickled_choice(data: bytes) -> Choice:
    return pickle.loads(data)
