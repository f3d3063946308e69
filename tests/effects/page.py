"""The page of `docs/` that shows what the stock packs do to real models, made from the record."""

from __future__ import annotations

from collections import Counter, defaultdict
from typing import TYPE_CHECKING

from tests.effects.jobs import JOBS
from tests.effects.measure import PASSED, REFUSED

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from tests.effects.measure import Effect, Job

Record = dict[str, dict[str, "Effect"]]
"""By a job's name, then by model, what the job did; a model that no rule fired on is not there."""

_HEAD = """# What the stock packs do to real models

`make effects` makes this page from the models that the tests read. The check of each ran as a user's does: the whole
model before and after on the same two inputs, under the runtime's reference and default kernels, and each place by
itself. Operators and bytes are sums over the models that a rule fired on. A model that the runtime refuses as it is
cannot be checked: those that were checked are counted in the last column.
"""


def page(record: Record, models: Iterable[str]) -> str:
    """The page's text."""
    counted = Counter(map(family_of, models))
    return (
        "\n".join(_HEAD.splitlines() + [line for job in JOBS for line in _section(job, record[job.name], counted)])
        + "\n"
    )


def family_of(model: str) -> str:
    """The folder that a model stands in."""
    return model.partition("/")[0]


def _section(job: Job, effects: dict[str, Effect], models: Counter[str]) -> Iterator[str]:
    yield from ("", f"## {job.name}", "", job.about, "")
    yield from ("<!-- excerpt: MODEL is each of the models -->", "", f"    {job.command}", "")
    families = defaultdict[str, list["Effect"]](list)
    for model, effect in effects.items():
        families[family_of(model)].append(effect)
    yield "| family | models | changed | operators | bytes | check passed |"
    yield "|---|---|---|---|---|---|"
    for family in sorted(models):
        yield _row(family, models[family], families[family])
    yield _row("all", models.total(), list(effects.values()))
    yield from ("", "| rule | places | models |", "|---|---|---|")
    places, found = Counter[str](), Counter[str]()
    for effect in effects.values():
        places.update(effect.rules)
        found.update(effect.rules.keys())
    for rule, count in sorted(places.items(), key=lambda each: (-each[1], each[0])):
        yield f"| `{rule}` | {count:,} | {found[rule]} |"


def _row(family: str, models: int, effects: list[Effect]) -> str:
    passed = sum(each.check == PASSED for each in effects)
    run = sum(each.check != REFUSED for each in effects)
    figures = [_change([getattr(each, what) for each in effects]) for what in ("operators", "bytes")]
    return f"| {family} | {models} | {len(effects)} | {figures[0]} | {figures[1]} | {passed} of {run} |"


def _change(pairs: list[tuple[int, int]]) -> str:
    before, after = (sum(pair[side] for pair in pairs) for side in (0, 1))
    if not pairs:
        return ""
    return f"{before:,} → {after:,} ({(after - before) / before:+.1%})"
