"""The page that shows what the stock packs do to real models says what they do."""

from __future__ import annotations

import pytest

from tests.effects.__main__ import load
from tests.effects.jobs import JOBS, MODELS, PAGE, models
from tests.effects.measure import FINE, measure
from tests.effects.page import page

RECORD = load()


def test_every_recorded_check_passed() -> None:
    assert {job.name for job in JOBS} == RECORD.keys()
    checks = [(name, each.check) for effects in RECORD.values() for name, each in effects.items()]
    assert [each for each in checks if each[1] not in FINE] == []


def test_the_page_is_made_from_the_record() -> None:
    if not models():
        pytest.skip(f"no models in {MODELS}, and the page says how many there are")
    assert PAGE.read_text("utf-8") == page(RECORD, models())


@pytest.mark.parametrize("name", sorted({name for effects in RECORD.values() for name in effects}))
def test_the_record_is_of_what_the_packs_do_now(name: str) -> None:
    path = models().get(name) or pytest.skip(f"not in {MODELS}")
    for job in JOBS:
        recorded = RECORD[job.name].get(name)
        if recorded is not None:
            effect = measure(job, path)
            assert effect is not None
            assert effect.checked_as(recorded) == recorded, "`make effects` makes the record anew"
