"""The page that shows what the stock packs do to real models says what they do."""

from __future__ import annotations

import pytest

from tests.effects.__main__ import load
from tests.effects.jobs import JOBS, MODELS, PAGE, models
from tests.effects.measure import measure
from tests.effects.page import page

RECORD = load()


def test_every_recorded_check_passed() -> None:
    assert {job.name for job in JOBS} == RECORD.keys()
    assert [
        (name, each.check) for effects in RECORD.values() for name, each in effects.items() if each.check != "passed"
    ] == []


def test_the_page_is_made_from_the_record() -> None:
    if not models():
        pytest.skip(f"no models in {MODELS}, and the page says how many there are")
    assert PAGE.read_text("utf-8") == page(RECORD, models())


@pytest.mark.parametrize("name", sorted({name for effects in RECORD.values() for name in effects}))
def test_the_record_is_of_what_the_packs_do_now(name: str) -> None:
    path = models().get(name) or pytest.skip(f"not in {MODELS}")
    for job in JOBS:
        effect = measure(job, path)
        recorded = RECORD[job.name].get(name)
        assert (effect and effect.checked_as(recorded)) == recorded, "`make effects` makes the record anew"
