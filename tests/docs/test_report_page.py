"""The page that a report is, in a real browser: what a reader clicks shows what is to be known."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import pytest

import rewriter
from rewriter.demo import demo_model
from rewriter.run import FailedCheck
from tests.docs.browser import find_browser, opened, started, until
from tests.unit.networks import Network

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from rewriter.model import Model

pytest.importorskip("playwright", reason="a browser is driven by playwright: pip install playwright")
if find_browser() is None:
    pytest.skip("there is no Chromium to open the page in: apt-get install chromium", allow_module_level=True)

NEG = 'rule by_product "A negation is a product by minus one." NEG(x: f32) -> MUL(x, -1.0)'
# Nobody else states this of it, so that nothing was shown of it before.
BIAS = "CUSTOM[Convolution2DTransposeBias](x, w, b) -> ADD(TRANSPOSE_CONV(x, w), b) equal within 3e-5"
OVERFULL = """[...document.querySelectorAll('.item')].filter((item) => {
    const box = item.querySelector('rect').getBBox();
    return [...item.querySelectorAll('text')].some((text) => text.getBBox().width > box.width - 4);
}).map((item) => item.textContent)"""
OVERLAPPING = """Object.values(app.panes).flatMap(({nodes}) => nodes.flatMap((a, i) => nodes.slice(i + 1).filter((b) =>
    Math.abs(a.x - b.x) < (a.width + b.width) / 2 && Math.abs(a.y - b.y) < (a.height + b.height) / 2)))"""


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    with started() as found:
        yield found


def written(folder: Path, model: Model, text: str = NEG, **options: Any) -> Path:
    """The report on a model, as a page."""
    options = {"check": "none", **options}
    path = folder / "report.html"
    try:
        report = rewriter.apply(model, rules=[rewriter.compile_rules(text, "rules.pat")], **options).report
    except FailedCheck as failed:
        report = failed.report
    report.save(path, source="model.tflite")
    return path


def marked(page: Any, side: str, mark: str = "hit") -> list[str]:
    """The names of the items that are marked in a graph."""
    return page.eval_on_selector_all(
        f"[data-side={side}] .item.{mark} > text:not(.kind)", "found => found.map((each) => each.textContent)"
    )


def long(count: int, every: int) -> Model:
    """A chain with shortcuts; each so many-th operator is a NEG."""
    network = Network()
    tensor = old = network.input(shape=(1, 8))
    for place in range(count):
        if place % every == every - 1:
            tensor = network.add("NEG", [tensor], f"neg/{place}")
        elif place % 7 == 6:
            tensor = old = network.add("ADD", [tensor, old], f"add/{place}")
        else:
            tensor = network.add(("ABS", "RELU", "TANH")[place % 3], [tensor], f"t/{place}")
    return network.build(tensor)


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return written(tmp_path_factory.mktemp("small"), demo_model(), BIAS, check="model")


def test_a_rule_that_is_chosen_is_marked_in_both_graphs(browser: Any, small: Path) -> None:
    with opened(browser, small) as page:
        assert marked(page, "before") == marked(page, "after") == []
        page.click(".rule")
        assert marked(page, "before") == ["CUSTOM[Convolution2DTransposeBias]"]
        assert marked(page, "after") == ["TRANSPOSE_CONV", "ADD"]
        assert BIAS in page.inner_text("#details")
        assert page.inner_text(".rule .badge.weak") == "claimed"
        page.click(".application")
        told = page.inner_text("#details")
        assert "at decoder" in told
        assert "By itself: equal" in told
        page.keyboard.press("Escape")
        assert marked(page, "after") == []
        assert page.inner_text("#details") == ""


def test_an_operator_that_is_chosen_says_all_about_itself(browser: Any, small: Path) -> None:
    with opened(browser, small) as page:
        page.click("[data-side=after] [data-operator='1']")
        told = page.inner_text("#details")
        for part in (
            "TRANSPOSE_CONV operator 1 after",
            "Made by right:1",
            "f32[2,2,2,8]",
            "constant, 256 B",
            "stride_h",
        ):
            assert part.replace("right:1", "rules:1") in told
        assert "[1,16,16,2]" in told
        assert marked(page, "before") == ["CUSTOM[Convolution2DTransposeBias]"]
        assert marked(page, "after", "chosen") == ["TRANSPOSE_CONV"]
        page.click("#details .link:has-text('CONV_2D') >> nth=-1")
        assert marked(page, "before", "chosen") == marked(page, "after", "chosen") == ["CONV_2D"]
        assert "Unchanged: operator 0 before" in page.inner_text("#details")


def test_tables_show_sizes_and_checks(browser: Any, small: Path) -> None:
    with opened(browser, small) as page:
        assert "3 → 4" in page.inner_text("#figures")
        page.click("#tab-checks")
        told = page.inner_text("#tables")
        assert "Check passed" in told
        assert re.search(r"mask\s.*equal", told)
        page.keyboard.press("ArrowRight")
        assert page.get_attribute("#tab-sizes", "aria-selected") == "true"
        assert re.search(r"operators\s+3\s+4\s+\+1", page.inner_text("#tables"))


def test_a_check_that_failed_is_seen_at_once(browser: Any, tmp_path: Path) -> None:
    wrong = "rule drops_bias CUSTOM[Convolution2DTransposeBias](x, w, _) -> TRANSPOSE_CONV(x, w)"
    with opened(browser, written(tmp_path, demo_model(), wrong, check="rules")) as page:
        assert "failed" in page.inner_text("#figures .bad")
        page.click("#tab-checks")
        assert "drops_bias at 'decoder'" in page.inner_text("#tables .bad >> nth=1")
        page.click("#tables .link")
        assert "By itself: different" in page.inner_text("#details")


def test_what_did_not_change_is_folded_and_unfolds(browser: Any, tmp_path: Path) -> None:
    with opened(browser, written(tmp_path, long(2500, 60))) as page:
        shown = "[data-side={}] .item:not(.end)"
        assert page.locator(shown.format("before")).count() == page.locator(shown.format("after")).count() == 83
        assert page.evaluate(OVERLAPPING) == []
        page.click("[data-side=before] .box >> nth=0")
        until(page, "app.panes.before.nodes.length > 100 && app.panes.after.nodes.length > 100")
        assert page.locator(shown.format("before")).count() == 83 - 1 + 59
        page.click("#details .link:has-text('Fold the box')")
        until(page, "app.panes.before.nodes.length < 100")
        page.click(".rule")
        page.click(".application >> nth=40")
        assert marked(page, "before") == ["NEG"]
        assert marked(page, "after") == ["MUL"]
        assert page.is_visible("[data-side=after] .item.hit")
        page.fill("#find", "t/1234")
        page.keyboard.press("Enter")
        until(page, "document.querySelectorAll('.item.chosen').length === 2")
        assert "t/1234" in page.inner_text("#details")


def test_where_all_changed_neighbours_are_put_together(browser: Any, tmp_path: Path) -> None:
    with opened(browser, written(tmp_path, long(2500, 2))) as page:
        assert page.evaluate("app.panes.after.nodes.length") < 250
        page.click(".rule")
        page.click(".application >> nth=50")
        until(page, "document.querySelectorAll('.item.hit').length === 2")
        assert marked(page, "before") == ["NEG"]


def test_names_from_the_model_are_shown_and_do_nothing(browser: Any, tmp_path: Path) -> None:
    name = "</script><img src=x onerror=alert(1)><b>"
    network = Network()
    inner = network.add("NEG", [network.input(f"{name}x")], f"{name}y")
    path = written(tmp_path, network.build(network.add("ABS", [inner], "{{data}}")))
    with opened(browser, path) as page:
        page.click(".rule")
        assert f"{name}y" in page.inner_text(".application")
        page.click("[data-side=after] [data-operator='0']")
        assert f"{name}x" in page.inner_text("#details")
        assert page.locator("img").count() == 0


def test_it_is_used_by_keyboard(browser: Any, small: Path) -> None:
    with opened(browser, small) as page:
        page.focus("[data-side=after] svg")
        page.keyboard.press("ArrowDown")
        assert marked(page, "after", "chosen") == ["CONV_2D"]
        page.keyboard.press("ArrowDown")
        page.keyboard.press("ArrowDown")
        assert marked(page, "after", "chosen") == ["ADD"]
        page.keyboard.press("ArrowUp")
        assert marked(page, "after", "chosen") == ["TRANSPOSE_CONV"]
        page.focus(".rule")
        page.keyboard.press("Enter")
        assert marked(page, "before") == ["CUSTOM[Convolution2DTransposeBias]"]
        page.keyboard.press("?")
        assert "MIT licence" in page.inner_text("dialog")


@pytest.mark.parametrize("dark", [False, True])
def test_it_is_light_or_dark_as_the_reader_likes(browser: Any, small: Path, dark: bool) -> None:
    with opened(browser, small, dark=dark) as page:

        def lightness() -> int:
            colour = page.evaluate("getComputedStyle(document.body).backgroundColor")
            return sum(map(int, re.findall(r"\d+", colour)[:3]))

        first = lightness()
        page.click("#theme")
        assert (first < 200, lightness() < 200) == (dark, not dark)
        assert page.evaluate(OVERFULL) == []
        picture = page.screenshot()
        assert picture.startswith(b"\x89PNG")


def test_it_is_laid_out_where_no_worker_may_start(browser: Any, small: Path) -> None:
    with opened(browser, small, before="delete window.Worker") as page:
        assert page.locator("[data-side=after] .item").count() == 6
        assert page.evaluate(OVERLAPPING) == []


def test_a_narrow_window_has_all_of_it(browser: Any, small: Path) -> None:
    with opened(browser, small, size=(480, 800)) as page:
        assert page.evaluate("document.documentElement.scrollWidth") <= 480
        page.click(".rule")
        assert marked(page, "after") == ["TRANSPOSE_CONV", "ADD"]


def test_subgraphs_are_shown_one_at_a_time(browser: Any, tmp_path: Path) -> None:
    network, body = Network(), Network()
    inner = body.add("NEG", [body.input("b")], "c")
    model = network.build(network.add("ABS", [network.input()], "y"), others=[(body, [inner])])
    with opened(browser, written(tmp_path, model)) as page:
        assert page.locator("[data-side=after] .item.come").count() == 1
        page.select_option("#which-subgraph select", "0")
        page.wait_for_selector("[data-side=after] .item:has-text('ABS')")
        page.click(".rule")
        page.click(".application")
        page.wait_for_selector("[data-side=after] .item.hit:has-text('MUL')")


def test_a_real_model_of_a_thousand_operators(browser: Any, shared: Path, tmp_path: Path) -> None:
    model = shared / "models" / "mediapipe" / "face_landmark_with_attention.tflite"
    if not model.exists():
        pytest.skip(f"{model.name} is not at hand in {shared}")
    path = tmp_path / "report.html"
    rewriter.apply(model, packs=["mediapipe"], check="none").report.save(path)
    assert path.stat().st_size < 5_000_000
    with opened(browser, path) as page:
        assert page.locator(".rule").count() == 3
        assert page.evaluate(OVERFULL) == []
        page.click(".rule:has-text('transform_landmarks_2d')")
        page.click(".application >> nth=0")
        until(page, "document.querySelectorAll('[data-side=after] .item.hit').length === 10")
        assert sorted(marked(page, "after")) == sorted(["TRANSPOSE", *["SLICE"] * 5, "MUL", "MUL", "ADD", "ADD"])
        assert marked(page, "before") == ["CUSTOM[TransformLandmarks]"]
        assert page.evaluate(OVERLAPPING) == []
