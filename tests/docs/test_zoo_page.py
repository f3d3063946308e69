"""The page that a run over many models is, in a real browser."""

from __future__ import annotations

import io
import json
from typing import TYPE_CHECKING, Any
from zipfile import ZipFile

import pytest

import rewriter
from rewriter.demo import demo_model
from rewriter.report import zoo
from tests.docs.browser import find_browser, opened, started, until
from tests.unit.networks import Network

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

pytest.importorskip("playwright", reason="a browser is driven by playwright: pip install playwright")
if find_browser() is None:
    pytest.skip("there is no Chromium to open the page in: apt-get install chromium", allow_module_level=True)

RULES = """
rule without_bias "Wrong wherever there is a bias." CUSTOM[Convolution2DTransposeBias](x, w, _) -> TRANSPOSE_CONV(x, w)
rule by_product "A negation is a product by minus one." NEG(x: f32) -> MUL(x, -1.0)
"""


def chain(count: int) -> bytes:
    """A model of so many negations, and an ABS before them."""
    network = Network()
    tensor = network.add("ABS", [network.input(shape=(1, 8))], "first")
    for place in range(count):
        tensor = network.add("NEG", [tensor], f"neg/{place}")
    return network.build(tensor).to_bytes()


def bundle(models: dict[str, bytes]) -> bytes:
    """A file that holds several models."""
    out = io.BytesIO()
    with ZipFile(out, "w") as archive:
        for name, data in models.items():
            archive.writestr(name, data)
    return out.getvalue()


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    with started() as found:
        yield found


@pytest.fixture(scope="module")
def result(tmp_path_factory: pytest.TempPathFactory) -> rewriter.ManyResult:
    folder = tmp_path_factory.mktemp("zoo")
    (folder / "rules.pat").write_text(RULES)
    for name, data in {
        "bad.tflite": b"hello",
        "demo.tflite": demo_model().to_bytes(),
        "large.tflite": chain(40),
        "none.tflite": chain(0),
        "pair.task": bundle({"one.tflite": chain(1), "two.tflite": chain(3)}),
    }.items():
        (folder / name).write_bytes(data)
    return rewriter.apply_many(folder, folder / "out", rules=[folder / "rules.pat"], check="rules", graphs=True)


@pytest.fixture(scope="module")
def written(result: rewriter.ManyResult, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("page") / "report.html"
    result.save(path)
    return path


def names(page: Any) -> list[str]:
    """The models that the table shows."""
    found = page.eval_on_selector_all("#models tbody tr", "rows => rows.map((row) => row.cells[0].textContent)")
    return [name.rpartition("/")[2] for name in found]


def test_all_models_are_in_one_table(browser: Any, written: Path) -> None:
    with opened(browser, written) as page:
        assert page.title() == "5 models · rewriter"
        assert names(page) == ["bad.tflite", "demo.tflite", "large.tflite", "none.tflite", "pair.task"]
        cells = page.eval_on_selector_all("#models tbody td:nth-child(2)", "all => all.map((each) => each.textContent)")
        assert cells == ["error", "check failed", "rewritten", "unchanged", "rewritten"]
        assert page.locator(".rule").count() == 1, "what a rule did in a model that failed was thrown away"
        assert "2 models, 44" in page.inner_text(".rule >> nth=0")


def test_the_table_is_sorted_and_narrowed(browser: Any, written: Path) -> None:
    with opened(browser, written) as page:
        page.click(".sort:has-text('applied')")
        assert names(page)[:2] == ["large.tflite", "pair.task"]
        page.click(".sort:has-text('applied')")
        assert names(page)[-1] == "large.tflite"
        page.click(".sort:has-text('applied')")
        assert names(page)[0] == "bad.tflite"
        page.click(".rule:has-text('by_product')")
        assert names(page) == ["large.tflite", "pair.task"]
        page.fill("#find-model", "LARGE")
        assert names(page) == ["large.tflite"]
        page.click(".rule:has-text('by_product')")
        page.fill("#find-model", "")
        page.select_option("#which-result select", "error")
        assert names(page) == ["bad.tflite"]
        page.select_option("#which-result select", "")
        page.click("#tab-failed")
        page.click(".rule:has-text('the check failed')")
        assert names(page) == ["demo.tflite"]


def test_what_was_wrong_is_beside_the_table(browser: Any, written: Path) -> None:
    with opened(browser, written) as page:
        page.click("tr:has-text('bad.tflite')")
        told = page.inner_text("#details")
        assert "not a TFLite model: it looks like text" in told
        assert "Try: a .tflite file has TFL3" in told
        assert page.locator("#open-model").count() == 0
        page.keyboard.press("Escape")
        assert page.inner_text("#details") == ""
        page.click("tr:has-text('none.tflite')")
        assert "No rule matched" in page.inner_text("#details")


def test_a_model_is_opened_and_left_again(browser: Any, written: Path) -> None:
    with opened(browser, written) as page:
        page.click("tr:has-text('demo.tflite')")
        page.click("#open-model")
        until(page, "document.querySelectorAll('[data-side=after] .item.come').length === 1")
        assert "demo.tflite" in page.inner_text("#title")
        page.click("#tab-checks")
        assert "Check failed" in page.inner_text("#tables")
        assert not page.is_visible("#zoo")
        page.go_back()
        until(page, "!document.getElementById('zoo').hidden")
        assert page.inner_text("#title").startswith("5 models in ")
        assert not page.is_visible("#graphs")
        page.dblclick("tr:has-text('large.tflite')")
        until(page, "document.querySelectorAll('[data-side=before] .item.gone').length > 0")
        page.click("#back")
        until(page, "!document.getElementById('zoo').hidden")
        assert page.get_attribute("tr[aria-selected=true]", "data-row") == "2"


def test_a_bundle_has_a_graph_for_each_of_its_models(browser: Any, written: Path) -> None:
    with opened(browser, written) as page:
        page.focus("tr:has-text('pair.task')")
        page.keyboard.press("Enter")
        page.keyboard.press("Enter")
        until(page, "document.querySelectorAll('[data-side=before] .item.gone').length === 1")
        page.select_option("#which-model select", "1")
        until(page, "document.querySelectorAll('[data-side=before] .item.gone').length === 3")
        assert "two.tflite" in page.inner_text("#title")


def test_what_does_not_fit_is_said(
    browser: Any, result: rewriter.ManyResult, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    sizes = [len(row["graphs"].packed) for row in result.rows if row.get("graphs")]
    monkeypatch.setattr(zoo, "MOST", sum(sizes) - 1)
    result.save(tmp_path / "report.html")
    largest = max((row for row in result.rows if row.get("graphs")), key=lambda row: len(row["graphs"].packed))
    with opened(browser, tmp_path / "report.html") as page:
        page.click(f"tr:has-text('{largest['input'].rpartition('/')[2]}')")
        assert "too large for this page" in page.inner_text("#details")
        page.click("tr:has-text('pair.task')")
        assert page.locator("#open-model").count() == 1


def test_without_graphs_there_is_the_table(browser: Any, result: rewriter.ManyResult, tmp_path: Path) -> None:
    rows = tuple({name: value for name, value in row.items() if name != "graphs"} for row in result.rows)
    rewriter.ManyResult(rows).save(tmp_path / "report.html")
    with opened(browser, tmp_path / "report.html") as page:
        page.click("tr:has-text('large.tflite')")
        assert page.locator("#open-model").count() == 0
        assert "by_product" in page.inner_text("#details")


def test_the_facts_have_no_graphs(result: rewriter.ManyResult, tmp_path: Path) -> None:
    result.save(tmp_path / "report.json")
    document = json.loads((tmp_path / "report.json").read_text())
    assert [row["result"] for row in document["models"]] == [
        "error",
        "check failed",
        "rewritten",
        "unchanged",
        "rewritten",
    ]
    assert all("graphs" not in row for row in document["models"])
