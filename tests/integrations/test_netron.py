"""Netron itself opens what is written, and shows the names that are given to new tensors."""

from __future__ import annotations

import socket
from typing import TYPE_CHECKING, Any

import pytest

import rewriter
from rewriter.demo import demo_model
from tests.docs.browser import find_browser, started, until
from tests.unit.commands import RIGHT

if TYPE_CHECKING:
    from pathlib import Path

netron: Any = pytest.importorskip(
    "netron", reason="Netron opens what is written where it is installed: pip install netron"
)
pytest.importorskip("playwright", reason="a browser is driven by playwright: pip install playwright")
if find_browser() is None:
    pytest.skip("there is no Chromium to open Netron in: apt-get install chromium", allow_module_level=True)

# It takes `eval` away, by which the driver works.
KEEP_EVAL = "(() => { const kept = window.eval; Object.defineProperty(window, 'eval', {get: () => kept, set() {}}) })()"


def free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return found.getsockname()[1]


def test_new_operators_and_the_names_of_their_results_are_shown(tmp_path: Path) -> None:
    path = tmp_path / "out.tflite"
    rewriter.apply(demo_model(), rules=[rewriter.compile_rules(RIGHT)], check="none").model.save(path)
    address = ("127.0.0.1", free_port())
    netron.start(str(path), address=address, browse=False)
    try:
        with started() as browser:
            page = browser.new_page()
            page.add_init_script(KEEP_EVAL)
            page.goto(f"http://{address[0]}:{address[1]}/")
            page.click("text=Accept")
            texts = "[...document.querySelectorAll('#canvas text')].map((each) => each.textContent)"
            until(page, f"{texts}.includes('TransposeConv')")
            shown = page.evaluate(texts)
            assert [each for each in ("Conv2D", "TransposeConv", "Add", "Logistic") if each not in shown] == []
            assert {"image", "mask"} <= set(shown)
            page.click("#canvas text:text-is('TransposeConv')")
            sidebar = "[document.body.innerText, ...[...document.querySelectorAll('input')].map((each) => each.value)]"
            until(page, f"{sidebar}.some((each) => each.includes('decoder/2'))")
            page.close()
    finally:
        netron.stop(address)
