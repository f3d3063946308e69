"""What `--report` asks for, and the file that it becomes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from rewriter import __version__, run
from rewriter.cli.destination import check_outputs
from rewriter.cli.progress import waiting
from rewriter.errors import UsageError
from rewriter.report.file import check_report_name, save_report

if TYPE_CHECKING:
    from rewriter.dialect.declaration import Declaration
    from rewriter.language.rules import RuleSet
    from rewriter.model import Model
    from rewriter.report.pair import Extras
    from rewriter.targets import Target

_EVERY = "all"


class ReportFile:
    """A report that is to be written, to one file or several, or none.

    Args:
        paths: Where to; none for no report.
        targets: Names of delegates whose partitions it is to tell; `all` for every installed one.
        timed: Whether the operators are to be timed for it.
        quiet: Whether nothing is said of how far that has come.

    Raises:
        UsageError: A file is of no known kind or cannot be written, or something is asked for without it.
    """

    def __init__(
        self,
        paths: Sequence[str],
        targets: Sequence[str] = (),
        *,
        timed: bool = False,
        quiet: bool = False,
    ) -> None:
        self.paths = tuple(dict.fromkeys(paths))
        self.targets = targets
        self.timed = timed
        self.quiet = quiet
        self._targets: list[Target] = []
        for path in self.paths:
            check_report_name(path)
        check_outputs(dict.fromkeys(self.paths, "--report"))
        if not self.paths and (targets or timed):
            asked = "--target" if targets else "--time"
            raise UsageError(f"{asked} adds to a report, and none is written", hint="--report report.html")

    def choose(self, rules: RuleSet) -> None:
        """Find the targets that are named, before any work is done.

        Args:
            rules: Those that run; their targets go before installed ones.

        Raises:
            UsageError: There is none of a name.
        """
        self._targets = self._chosen(rules) if self.targets else []

    def demand_rows(self, node_data: str | None) -> None:
        """Make sure that nothing is asked for but what a run over many models writes: a row for each.

        Raises:
            UsageError: Something is.
        """
        for given, option in ((self.targets, "--target"), (self.timed, "--time"), (node_data, "--node-data")):
            if given:
                raise UsageError(f"{option} is for one model, and these are many")

    def write(self, document: Mapping[str, Any], reports: Mapping[str, run.RunReport], rules: RuleSet) -> None:
        """Write what runs on the models of a file came to.

        Args:
            document: What the command prints with `--json`.
            reports: What each run said, by the model's name.
            rules: Those that ran, whose declarations go before those of installed packs.
        """
        if not self.paths:
            return
        from rewriter.report.pair import report_json, run_json

        parts = [
            run_json(name, report.models, report, self._extras(report.models, rules.declarations))
            for name, report in reports.items()
            if report.models is not None
        ]
        whole = report_json(__version__, document["input"], document["output"], parts)
        for path in self.paths:
            save_report(path, whole, document)

    def write_difference(self, names: tuple[str, str], models: tuple[Model, Model]) -> None:
        """Write what two models differ in."""
        if not self.paths:
            return
        from rewriter.report.pair import difference_report_json, report_json

        part = difference_report_json("", models, self._extras(models, {}))
        whole = report_json(__version__, *names, [part])
        for path in self.paths:
            save_report(path, whole)

    def _extras(self, models: tuple[Model, Model], declared: Mapping[str, Declaration]) -> Extras:
        from rewriter import packs
        from rewriter.report.pair import Extras

        find = packs.finder()
        times: Sequence[run.Profile] = ()
        if self.timed:
            with waiting("timing", quiet=self.quiet) as progress:
                times = run.profile(models, declared=declared, progress=progress)
        return Extras(self._targets, lambda code: declared.get(code) or find(code), tuple(times))

    def _chosen(self, rules: RuleSet) -> list[Target]:
        from rewriter.many.studies import near_targets
        from rewriter.targets import installed_targets

        known = installed_targets() | {target.name: target for target in rules.targets}
        if _EVERY in self.targets:
            return list(known.values())
        found: list[Target] = []
        for name in dict.fromkeys(self.targets):
            target = known.get(name) or next((each for each in known.values() if each.qualified == name), None)
            if target is None:
                raise UsageError(f"there is no target {name!r}", hint=near_targets(name, list(known)))
            found.append(target)
        return found


def write_node_data(path: str, reports: Mapping[str, run.RunReport]) -> None:
    """Write which rule made which operator of the rewritten models, as Model Explorer lays it over their graphs.

    Raises:
        UsageError: The file cannot be written, or several models are to share one.
    """
    from rewriter.report.file import write_json
    from rewriter.report.overlay import node_data

    if len(reports) != 1:
        raise UsageError(
            f"{path}: node data is of one model, and there are {len(reports)}", hint="--report report.json"
        )
    (report,) = reports.values()
    write_json(path, node_data(report.document()["models"][0]))
