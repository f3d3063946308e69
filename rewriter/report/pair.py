"""A model before and after as one document: what the page shows and what `--report FILE.json` holds.

Everything that either of them says is said here; the page only draws it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from attrs import frozen

from rewriter.language.rules import Cleanup
from rewriter.proof.record import Records
from rewriter.proof.verdict import Badge
from rewriter.report.difference import compare_models, difference_json
from rewriter.report.graph import graphs_json, sizes_json
from rewriter.report.profile import profile_json
from rewriter.report.touched import Pairing, pair_applications, pair_difference
from rewriter.targets import predict

if TYPE_CHECKING:
    from rewriter.driver import Application
    from rewriter.language.rules import Rule
    from rewriter.model import Model
    from rewriter.report.touched import Touched, Where
    from rewriter.run import RunReport
    from rewriter.targets import Prediction, Target
    from rewriter.targets.prediction import FindCustom
    from rewriter.verify.profile_result import Profile

FORMAT = 1
"""Raised when a reader of the old document would misread a new one."""


@frozen
class Extras:
    """What a report holds only where it was asked for.

    Attributes:
        targets: Delegates whose partitions are told.
        custom: Finds the declarations of custom operators for them; None for those of the installed packs.
        times: How long the operators took before and after.
    """

    targets: Sequence[Target] = ()
    custom: FindCustom | None = None
    times: tuple[Profile, ...] = ()


def run_json(name: str, models: tuple[Model, Model], report: RunReport, extras: Extras | None = None) -> dict[str, Any]:
    """All that is known of a run on one model.

    Args:
        name: What the model is called; within a bundle, its name there.
        models: As the source has it, and as the run left it, its own objects.
        report: What the run said.
        extras: What was asked for besides.
    """
    applications = report.rewriting.applications
    pairing = pair_applications(*models, applications)
    said = report.to_json()
    places = {(place["rule"], place["subgraph"], place["root"]): place for place in said["check"].get("places", ())}
    return {
        "name": name,
        "rules": rules_json(each.rule for each in applications),
        "applications": [
            _application(each, told, touched, places)
            for each, told, touched in zip(applications, said["applications"], pairing.touched, strict=True)
        ],
        **{part: said[part] for part in ("stop_reason", "misses", "not_used", "packs_left_out", "check", "seconds")},
        "remarks": [],
        **_sides(models, pairing, extras or Extras()),
    }


def difference_report_json(name: str, models: tuple[Model, Model], extras: Extras | None = None) -> dict[str, Any]:
    """All that two models differ in, in the form of `run_json`: places take the part of applications."""
    found = compare_models(*models)
    pairing = pair_difference(found)
    told = difference_json(found)
    return {
        "name": name,
        "rules": [],
        "applications": [
            {
                "rule": None,
                "subgraph": place["subgraph"],
                "root": _root(place),
                "operators_before": [each["operator"] for each in place["before"]],
                "operators_after": [each["operator"] for each in place["after"]],
                "what": "; ".join(place["remarks"]),
                **_touched(touched),
            }
            for place, touched in zip(told["places"], pairing.touched, strict=True)
        ],
        "remarks": told["remarks"],
        **_sides(models, pairing, extras or Extras()),
    }


def report_json(program: str, source: str, output: str | None, models: Iterable[Mapping[str, Any]]) -> dict[str, Any]:
    """The whole document.

    Args:
        program: The version of this program.
        source: The name of the file that was read.
        output: The name of the one that was written, or that was compared with; None where none was written.
        models: What `run_json` or `difference_report_json` gave, for each model of a bundle.
    """
    return {"format": FORMAT, "program": program, "input": source, "output": output, "models": list(models)}


def rules_json(rules: Iterable[Rule | Cleanup]) -> list[dict[str, Any]]:
    """Rules in the order in which they are first named: how often that is, their texts, and what was shown of them."""
    records = Records()
    counts: dict[str, tuple[Rule | Cleanup, int]] = {}
    for rule in rules:
        _, count = counts.get(rule.qualified, (rule, 0))
        counts[rule.qualified] = rule, count + 1
    return [
        {
            "rule": name,
            "kind": "cleanup" if isinstance(rule, Cleanup) else "rule",
            "doc": rule.doc,
            "equal": str(rule.equality),
            "lossy": rule.equality.lossy,
            "changes_interface": rule.changes_interface,
            **_badge(Badge() if isinstance(rule, Cleanup) else records.badge(rule)),
            "count": count,
            "file": rule.span.text.name,
            "line": rule.span.line,
            "text": rule.span.content,
        }
        for name, (rule, count) in counts.items()
    ]


def _badge(badge: Badge) -> dict[str, Any]:
    return {"shown": badge.shown, "examples": badge.examples}


def _application(
    each: Application,
    told: Mapping[str, Any],
    touched: Touched,
    places: Mapping[tuple[str, int, str], Mapping[str, Any]],
) -> dict[str, Any]:
    place = places.get((told["rule"], told["subgraph"], told["root"]))
    kept = ("max_abs", "max_rel", "limit", "equal", "varied", "responds", "ran", "reason")
    return {
        **told,
        "what": each.what,
        **_touched(touched),
        "check": None if place is None else {name: place[name] for name in kept},
    }


def _touched(touched: Touched) -> dict[str, Any]:
    def wheres(several: Sequence[Where]) -> list[list[int]]:
        return [list(each) for each in several]

    return {
        "before": wheres(touched.before),
        "after": wheres(touched.after),
        "reads": wheres(touched.reads),
        "tensors_before": wheres(touched.tensors_before),
        "tensors_after": wheres(touched.tensors_after),
    }


def _root(place: Mapping[str, Any]) -> str:
    named = [name for each in (place["before"] or place["after"])[::-1] for name in each["results_named"][:1]]
    return named[0] if named else ""


def _sides(models: tuple[Model, Model], pairing: Pairing, extras: Extras) -> dict[str, Any]:
    """The graphs, their sizes, what targets take of them and how long they take, each before and after."""
    before, after = models
    graphs = {"before": graphs_json(before), "after": graphs_json(after)}
    for (subgraph, index), (other, twin) in pairing.same.items():
        graphs["before"][subgraph]["operators"][index]["same"] = [other, twin]
        graphs["after"][other]["operators"][twin]["same"] = [subgraph, index]
    return {
        "sizes": {
            "before": sizes_json(before, before.binary.size if before.binary else len(before.to_bytes())),
            "after": sizes_json(after, len(after.to_bytes())),
        },
        "graphs": graphs,
        "targets": [
            {
                "target": target.name,
                "doc": target.doc,
                "before": _prediction(predict(before, target, extras.custom)),
                "after": _prediction(predict(after, target, extras.custom)),
            }
            for target in extras.targets
        ],
        "times": {side: profile_json(each) for side, each in zip(("before", "after"), extras.times, strict=False)},
    }


def _prediction(found: Prediction) -> dict[str, Any]:
    return {
        "partitions": [[list(partition) for partition in each] for each in found.partitions],
        "blocked": [
            {"subgraph": each.subgraph, "index": each.index, "operator": each.operator.name, "reason": each.reason}
            for each in found.blocked
        ],
    }
