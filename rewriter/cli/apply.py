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
from rewriter.address import is_address, read_address, what_else, write_address
from rewriter.bundle import is_bundle, rewrite_bundle
from rewriter.cli import complete, many
from rewriter.cli.destination import check_outputs
from rewriter.cli.output import check_kinds, choosing_rules, common, print_json, print_lines, show_failed, show_warning
from rewriter.cli.progress import Progress, waiting
from rewriter.cli.report_file import ReportFile, write_node_data
from rewriter.errors import ModelError, UsageError
from rewriter.language.rules import Rule
from rewriter.model.reader import IDENTIFIER, read
from rewriter.pipeline import Phase, Pipeline, phase_of, project_pipeline, read_pipeline
from rewriter.report.bundle import merged
from rewriter.report.file import write_text

_STANDARD_INPUT = "standard input"


@click.command("apply")
@click.argument("models", nargs=-1, required=True, metavar="MODEL...", shell_complete=complete.files(*complete.MODELS))
@click.option(
    "-o",
    "--output",
    metavar="OUT",
    shell_complete=complete.files(),
    help="Where to write: a file, - for standard output, with several models a folder. "
    "Default: MODEL.rewritten.tflite beside it.",
)
@choosing_rules(
    "Use the rules of an installed pack. Repeatable.",
    "Use the rules of a file. Repeatable.",
    "Use only this rule; * stands for any letters. Repeatable.",
)
@click.option(
    "--without", multiple=True, shell_complete=complete.rules, metavar="NAME", help="Leave out this rule; as --rule."
)
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
    shell_complete=complete.files(".toml"),
    help="Do what the file says; -p, -r and --rule say it otherwise.",
)
@click.option(
    "--save-pipeline", metavar="FILE.toml", help="Write down what was done, to be done again with --pipeline."
)
@click.option("--record", is_flag=True, help="Note in the model's metadata what was done.")
@click.option(
    "--report",
    "reports",
    multiple=True,
    metavar="FILE.html|FILE.json",
    help="Write the report to a file: a page that shows both graphs, or its facts for a script. Repeatable.",
)
@click.option(
    "--node-data", "node_data", metavar="FILE.json", help="Write which rule made which operator, for Model Explorer."
)
@click.option("--target", "targets", multiple=True, metavar="NAME|all", help="With --report: what this delegate takes.")
@click.option("--time", "timed", is_flag=True, help="With --report: how long each operator takes, before and after.")
@click.option("--dry-run", is_flag=True, help="Do everything but write the model.")
@click.option("--max-steps", type=click.IntRange(min=0), help="How often rules may fire.")
@many.options
@common
def command(
    models: tuple[str, ...],
    output: str | None,
    reports: tuple[str, ...],
    node_data: str | None,
    targets: tuple[str, ...],
    timed: bool,
    save_pipeline: str | None,
    record: bool,
    dry_run: bool,
    jobs: int | None,
    scheduler: str | None,
    *,
    as_json: bool,
    quiet: bool,
    verbose: bool,
    **options: Any,
) -> int:
    """Rewrite MODEL to a fixed point, check that its results are unchanged, and write it.

    MODEL is a .tflite file, a .task bundle, or - for standard input. Several models, and folders, are done in parallel:
    OUT is a folder then, one that fails stops no other, and a table says what became of each. What fsspec knows
    (s3://...) is read and written, too.

    Without -p, -r, --rule, --without and --pipeline it does what [tool.rewriter] of a pyproject.toml in the current
    folder says; where there is none, it uses the default packs: those that lose nothing, change no interface and
    serve every runtime (`rewriter packs` marks them).

    Exit code: 0 done, also where no rule matched; 1 a check failed, and nothing was written; 2 the input or the command
    line is at fault; 3 a limit was reached, or rules undo each other. Of many models the greatest.

    \b
    rewriter apply in.tflite -p mediapipe -o out.tflite
    rewriter apply in.tflite -r my.pat --dry-run
    rewriter apply in.tflite -p mediapipe -o out.tflite --report report.html
    rewriter apply in.tflite --pipeline release.toml --record -o out.tflite
    rewriter apply models/ -p toco -o out/ --jobs 4
    some-converter | rewriter apply - -p mediapipe -o - > out.tflite
    """
    check_kinds(models, options["files"])
    pipeline = _pipeline(**options)
    report = ReportFile(reports, targets, timed=timed, quiet=quiet or as_json)
    besides = {
        path: option for path, option in ((save_pipeline, "--save-pipeline"), (node_data, "--node-data")) if path
    }
    check_outputs(besides)
    if many.are_many(models, scheduler):
        report.demand_rows(node_data)
        result = many.apply_models(
            models,
            output,
            pipeline,
            record=record,
            dry_run=dry_run,
            reports=report.paths,
            jobs=jobs,
            scheduler=scheduler,
            as_json=as_json,
            quiet=quiet,
            verbose=verbose,
        )
        if not quiet and not as_json:
            _warn_of_empty(pipeline)
        if save_pipeline is not None:
            narrowed = pipeline.narrowed({each["rule"] for each in result.rules()})
            _save_pipeline(save_pipeline, narrowed, say=not (quiet or as_json))
        return many.exit_code(result)
    (model,) = models
    job = _Job(model, output, pipeline, dry_run=dry_run, record=record, as_json=as_json, quiet=quiet)
    report.choose(job.rules)
    if not quiet and not as_json:
        _warn_of_empty(pipeline)
    failed: run.FailedCheck | None = None
    try:
        with waiting("rewriting", quiet=quiet or as_json) as progress:
            job.run(progress)
    except run.FailedCheck as failure:
        failed = failure
    document = job.document(written=failed is None and not dry_run)
    report.write(document, job.reports, job.rules)
    if node_data is not None:
        write_node_data(node_data, job.reports)
    if failed is None:
        job.say(document)
        if save_pipeline is not None:
            to_stdout = job.output == "-" and not dry_run
            _save_pipeline(save_pipeline, job.narrowed(), say=not (quiet or as_json), err=to_stdout)
        return 0
    if job.as_json:
        print_json(document)
    show_failed(failed)
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


def _warn_of_empty(pipeline: Pipeline) -> None:
    for path in pipeline.empty_files():
        show_warning(f"{path}: there are no rules in it")


def _save_pipeline(path: str, pipeline: Pipeline, *, say: bool, err: bool = False) -> None:
    """Write down what was done, where something was: without a phase it is no pipeline."""
    if pipeline.phases:
        write_text(path, pipeline.to_toml())
    elif say:
        click.echo(f"no rule fired: {path} was not written", err=err)


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
        self.name = _STANDARD_INPUT if model == "-" else model
        self.dry_run = dry_run
        self.record = record
        self.as_json = as_json
        self.quiet = quiet
        self.output = output or ("-" if model == "-" else _beside(model))
        if self.output == "-" and as_json and not dry_run:
            raise UsageError("the model and the JSON document cannot both go to standard output", hint="-o FILE")
        if not dry_run and (output is not None or os.path.exists(model)):
            check_outputs({self.output: "-o"})
        self.pipeline = pipeline
        self.rules = pipeline.rules()
        self.options: dict[str, Any] = pipeline.options()
        self.reports: dict[str, run.RunReport] = {}

    def run(self, progress: Progress | None) -> None:
        self.options["progress"] = progress
        head, data = _source(self.model)
        if is_bundle(head):
            whole = Path(self.model).read_bytes() if data is None else data
            written = rewrite_bundle(whole, self.name, self.one)
            if not self.reports:
                raise ModelError(f"{self.name}: the bundle holds no TFLite model")
            self.write(written)
            return
        result = self.apply(self.model if data is None else read(_piped(data), self.name), "")
        start = time.perf_counter()
        self.write(result.model)
        result.report.seconds["write"] = time.perf_counter() - start

    def one(self, data: bytes, name: str) -> bytes:
        return self.apply(read(data, name), name).model.to_bytes()

    def apply(self, source: str | run.Model, name: str) -> run.Result:
        try:
            result = run.apply(source, rules=[self.rules], **self.options)
        except run.FailedCheck as failed:
            self.reports[name] = failed.report
            raise
        self.reports[name] = result.report
        if self.record:
            self.pipeline.record(result)
        return result

    def narrowed(self) -> Pipeline:
        """The pipeline with just the rules that fired, each in the phases in which it did."""
        rules = [each.rule for report in self.reports.values() for each in report.rewriting.applications]
        return self.pipeline.narrowed(
            {rule.qualified for rule in rules},
            {(phase_of(rule), rule.qualified) for rule in rules if isinstance(rule, Rule)},
        )

    def write(self, result: run.Model | bytes) -> None:
        if self.dry_run:
            return
        if self.output == "-":
            _print_bytes(result if isinstance(result, bytes) else result.to_bytes())
        elif is_address(self.output):
            write_address(self.output, result if isinstance(result, bytes) else result.to_bytes())
        elif isinstance(result, bytes):
            from rewriter.model import write_file

            write_file(self.output, result)
        else:
            result.save(self.output)

    def document(self, *, written: bool) -> dict[str, Any]:
        names = {"input": self.model, "output": self.output if written else None}
        documents = {name: report.to_json() for name, report in self.reports.items()}
        return names | (merged(documents) if len(documents) > 1 else next(iter(documents.values())))

    def say(self, document: dict[str, Any]) -> None:
        if self.as_json:
            print_json(document)
        elif not self.quiet:
            if self.pipeline.source:
                click.echo(f"pipeline: {self.pipeline.source}", err=self.output == "-")
            for name, report in self.reports.items():
                lines = str(report).splitlines()
                print_lines([f"{name}:", *lines] if name else lines, err=self.output == "-")
            if self.record and not document["rules_applied"]:
                click.echo("not recorded: nothing changed", err=self.output == "-")
            if document["output"] and self.output != "-":
                click.echo(f"written: {self.output}")


def _piped(data: bytes) -> bytes:
    """What came on standard input, where it can be a model.

    Raises:
        ModelError: Nothing came, or a model with something else before it.
    """
    if not data:
        raise ModelError(
            f"{_STANDARD_INPUT} is empty", hint="see what the program before this one says: it wrote no model"
        )
    start = data.find(IDENTIFIER) - len(IDENTIFIER)  # which stands behind the first word of a file
    if start > 0 and data[4:8] != IDENTIFIER:
        raise ModelError(
            f"{_STANDARD_INPUT}: {start:,} bytes stand before the model; they begin with {data[: min(start, 40)]!r}",
            hint="what else the program before prints has to go to standard error, or the model through a file",
        )
    return data


def _print_bytes(data: bytes) -> None:
    try:
        sys.stdout.buffer.write(data)
        sys.stdout.buffer.flush()
    except BrokenPipeError:
        raise
    except OSError as error:
        # Python tries once more when it ends, and would complain of it.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        raise UsageError(f"standard output: cannot be written: {error.strerror}") from None


def _beside(model: str) -> str:
    stem, suffix = os.path.splitext(model)
    return f"{stem}.rewritten{suffix}"


def _source(model: str) -> tuple[bytes, bytes | None]:
    """The first bytes of the model, and all of them where they do not stand in a file."""
    if model == "-":
        data = sys.stdin.buffer.read()
        return data[:8], data
    if is_address(model):
        data = read_address(model)
        return data[:8], data
    try:
        with open(model, "rb") as file:
            return file.read(8), None
    except OSError as error:
        raise ModelError(f"{model}: cannot be read: {error.strerror}", hint=what_else(model)) from None
