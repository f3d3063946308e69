"""`rewriter apply`."""

from __future__ import annotations

import os
import sys
import time
from pathlib import Path
from typing import Any

import click
from attrs import evolve

from rewriter import run, selection
from rewriter.bundle import is_bundle, rewrite_bundle
from rewriter.cli.output import common, error_text, print_json, progress_line
from rewriter.cli.report_file import ReportFile, write_node_data
from rewriter.errors import ModelError, UsageError
from rewriter.pipeline import Phase, Pipeline, project_pipeline, read_pipeline
from rewriter.report.file import write_text


@click.command("apply")
@click.argument("model")
@click.option(
    "-o",
    "--output",
    metavar="OUT",
    help="Where to write; - for standard output. Default: MODEL.rewritten.tflite beside it.",
)
@click.option("-p", "--pack", "packs", multiple=True, metavar="PACK", help="Use the rules of an installed pack.")
@click.option("-r", "--rules", "files", multiple=True, metavar="FILE.pat", help="Use the rules of a file.")
@click.option("--rule", "only", multiple=True, metavar="NAME", help="Use only this rule.")
@click.option("--without", multiple=True, metavar="NAME", help="Leave out this rule.")
@click.option(
    "--check",
    type=click.Choice(["model", "rules", "none"]),
    help="What is checked before anything is written.  [default: model]",
)
@click.option(
    "--allow",
    multiple=True,
    type=click.Choice(selection.ALLOWANCES),
    help="Allow rules that are lossy, or that change the interface.",
)
@click.option(
    "--require",
    metavar="tested|identity|all-values",
    help="Use only rules of which this much was shown; `rewriter packs` says of which.",
)
@click.option(
    "--pipeline",
    "pipeline_file",
    metavar="FILE.toml",
    help="Do what the file says; -p, -r and --rule say it otherwise.",
)
@click.option(
    "--save-pipeline", metavar="FILE.toml", help="Write down what was done, to be done again with --pipeline."
)
@click.option("--record", is_flag=True, help="Note in the model's metadata what was done.")
@click.option(
    "--report",
    "report_file",
    metavar="FILE.html|FILE.json",
    help="Write the report to a file: a page that shows both graphs, or its facts for a script.",
)
@click.option(
    "--node-data", "node_data", metavar="FILE.json", help="Write which rule made which operator, for Model Explorer."
)
@click.option("--target", "targets", multiple=True, metavar="NAME|all", help="With --report: what this delegate takes.")
@click.option("--time", "timed", is_flag=True, help="With --report: how long each operator takes, before and after.")
@click.option("--dry-run", is_flag=True, help="Do everything but write the model.")
@click.option("--max-steps", type=click.IntRange(min=0), help="How often rules may fire.")
@common
def command(
    model: str,
    output: str | None,
    report_file: str | None,
    node_data: str | None,
    targets: tuple[str, ...],
    timed: bool,
    save_pipeline: str | None,
    record: bool,
    dry_run: bool,
    *,
    as_json: bool,
    quiet: bool,
    verbose: bool,
    **options: Any,
) -> int:
    """Rewrite MODEL to a fixed point, check that its results are unchanged, and write it.

    MODEL is a .tflite file, a .task bundle, or - for standard input.

    \b
    rewriter apply in.tflite -p mediapipe -o out.tflite
    rewriter apply in.tflite -r my.pat --dry-run
    rewriter apply in.tflite -p mediapipe -o out.tflite --report report.html
    rewriter apply in.tflite --pipeline release.toml --record -o out.tflite
    some-converter | rewriter apply - -p mediapipe -o - > out.tflite
    """
    pipeline = _pipeline(**options)
    job = _Job(model, output, pipeline, dry_run=dry_run, record=record, as_json=as_json, quiet=quiet)
    report = ReportFile(report_file, targets, timed=timed, progress=progress_line(quiet or as_json, "timing"))
    report.choose(job.rules)
    failed: run.FailedCheck | None = None
    try:
        job.run()
    except run.FailedCheck as failure:
        failed = failure
    document = job.document(written=failed is None and not dry_run)
    report.write(document, job.reports, job.rules)
    if node_data is not None:
        write_node_data(node_data, job.reports)
    if failed is None:
        if save_pipeline is not None:
            write_text(save_pipeline, pipeline.narrowed(job.fired()).to_toml())
        job.say(document)
        return 0
    if job.as_json:
        print_json(document)
    click.echo(error_text(failed), err=True)
    return failed.exit_code


def _pipeline(
    packs: tuple[str, ...],
    files: tuple[str, ...],
    only: tuple[str, ...],
    without: tuple[str, ...],
    pipeline_file: str | None,
    check: selection.CheckLevel | None,
    allow: tuple[str, ...],
    require: str | None,
    max_steps: int | None,
) -> Pipeline:
    """What the command line asks for, or the file that it names, or the project in the current folder."""
    named = packs or files or only or without
    if named and pipeline_file is not None:
        raise UsageError(
            "a pipeline says which rules are used, and -p, -r, --rule and --without do too", hint="one or the other"
        )
    found = read_pipeline(pipeline_file) if pipeline_file is not None else None if named else project_pipeline()
    pipeline = found or Pipeline((Phase(packs, files, only, without),))
    return evolve(
        pipeline,
        allow=(*pipeline.allow, *allow),
        check=check or pipeline.check,
        require=require or pipeline.require,
        max_steps=pipeline.max_steps if max_steps is None else max_steps,
    )


class _Job:
    """One call of the command."""

    def __init__(
        self,
        model: str,
        output: str | None,
        pipeline: Pipeline,
        *,
        dry_run: bool,
        record: bool,
        as_json: bool,
        quiet: bool,
    ) -> None:
        self.model = model
        self.dry_run = dry_run
        self.record = record
        self.as_json = as_json
        self.quiet = quiet
        self.output = output or ("-" if model == "-" else _beside(model))
        if self.output == "-" and as_json and not dry_run:
            raise UsageError("the model and the JSON document cannot both go to standard output", hint="-o FILE")
        self.pipeline = pipeline
        self.rules = pipeline.rules()
        self.options: dict[str, Any] = pipeline.options() | {"progress": progress_line(quiet or as_json)}
        self.reports: dict[str, run.RunReport] = {}

    def run(self) -> None:
        head, data = _source(self.model)
        if is_bundle(head):
            whole = Path(self.model).read_bytes() if data is None else data
            written = rewrite_bundle(whole, self.model, self.one)
            if not self.reports:
                raise ModelError(f"{self.model}: the bundle holds no TFLite model")
            self.write(written)
            return
        result = self.apply(self.model if data is None else data, "")
        start = time.perf_counter()
        self.write(result.model)
        result.report.seconds["write"] = time.perf_counter() - start

    def one(self, data: bytes, name: str) -> bytes:
        return self.apply(data, name).model.to_bytes()

    def apply(self, source: str | bytes, name: str) -> run.Result:
        try:
            result = run.apply(source, rules=[self.rules], **self.options)
        except run.FailedCheck as failed:
            self.reports[name] = failed.report
            raise
        self.reports[name] = result.report
        if self.record:
            self.pipeline.record(result)
        return result

    def fired(self) -> set[str]:
        """The rules that fired."""
        return {rule for report in self.reports.values() for rule in report.rewriting.rules_applied()}

    def write(self, result: run.Model | bytes) -> None:
        if self.dry_run:
            return
        if self.output == "-":
            sys.stdout.buffer.write(result if isinstance(result, bytes) else result.to_bytes())
            sys.stdout.buffer.flush()
        elif isinstance(result, bytes):
            from rewriter.model import write_file

            write_file(self.output, result)
        else:
            result.save(self.output)

    def document(self, *, written: bool) -> dict[str, Any]:
        names = {"input": self.model, "output": self.output if written else None}
        documents = {name: report.to_json() for name, report in self.reports.items()}
        return names | (_merged(documents) if len(documents) > 1 else next(iter(documents.values())))

    def say(self, document: dict[str, Any]) -> None:
        if self.as_json:
            print_json(document)
        elif not self.quiet:
            if self.pipeline.source:
                click.echo(f"pipeline: {self.pipeline.source}", err=self.output == "-")
            for name, report in self.reports.items():
                click.echo(f"{name}:\n{report}" if name else str(report), err=self.output == "-")
            if document["output"] and self.output != "-":
                click.echo(f"written: {self.output}")


def _beside(model: str) -> str:
    stem, suffix = os.path.splitext(model)
    return f"{stem}.rewritten{suffix}"


def _source(model: str) -> tuple[bytes, bytes | None]:
    """The first bytes of the model, and all of them where they do not stand in a file."""
    if model == "-":
        data = sys.stdin.buffer.read()
        return data[:8], data
    try:
        with open(model, "rb") as file:
            return file.read(8), None
    except OSError as error:
        raise ModelError(f"{model}: cannot be read: {error.strerror}") from None


def _merged(documents: dict[str, dict[str, Any]]) -> dict[str, Any]:
    """One document for the models of a bundle, each named in what it contributed."""
    merged: dict[str, Any] = {
        "rules_applied": {},
        "applications": [],
        "operators": {"before": 0, "after": 0},
        "stop_reason": "fixed point",
        "misses": [],
        "not_used": [],
        "packs_left_out": [],
        "check": {"level": "", "status": "skipped", "outputs": [], "blamed": []},
        "seconds": {"read": 0.0, "match": 0.0, "write": 0.0, "check": 0.0},
    }
    for name, document in documents.items():
        for rule, count in document["rules_applied"].items():
            merged["rules_applied"][rule] = merged["rules_applied"].get(rule, 0) + count
        for part in ("applications", "misses"):
            merged[part] += [{"model": os.path.basename(name), **each} for each in document[part]]
        # Of the same rules, so the same for each model.
        merged["not_used"] = document["not_used"]
        merged["packs_left_out"] = document["packs_left_out"]
        for side in ("before", "after"):
            merged["operators"][side] += document["operators"][side]
        for step in merged["seconds"]:
            merged["seconds"][step] += document["seconds"][step]
        check = document["check"]
        merged["check"]["level"] = check["level"]
        for part in ("outputs", "blamed"):
            merged["check"][part] += [{"model": os.path.basename(name), **each} for each in check.get(part, ())]
    statuses = {document["check"]["status"] for document in documents.values()}
    merged["check"]["status"] = next(each for each in ("failed", "passed", "skipped") if each in statuses)
    return merged
