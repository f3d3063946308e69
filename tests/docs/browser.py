"""A real browser without a screen, for what only it can show: the pages that reports are."""

from __future__ import annotations

import shutil
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
# It runs as root in a container, without a graphics card, and has nothing to look for outside.
_FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
_PATIENCE = 60_000  # milliseconds: a busy machine is slow, and nothing here is timed


def find_browser() -> str | None:
    """Where a browser is that can be driven; None where there is none."""
    return next(filter(None, map(shutil.which, BROWSERS)), None)


@contextmanager
def started() -> Iterator[Any]:
    """A browser, and its end."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=find_browser(), args=list(_FLAGS))
        try:
            yield browser
        finally:
            browser.close()


@contextmanager
def opened(
    browser: Any, path: Path, *, dark: bool = False, before: str = "", size: tuple[int, int] = (1280, 800)
) -> Iterator[Any]:
    """A page, as far as its graphs are drawn. Whatever it asks for from elsewhere, or throws, is an error.

    Args:
        browser: The browser.
        path: The page's file.
        dark: What the reader's system prefers.
        before: A script to run before the page's own.
        size: Of the window.
    """
    page = browser.new_page(
        viewport=dict(zip(("width", "height"), size, strict=True)), color_scheme="dark" if dark else "light"
    )
    wrong: list[str] = []
    page.set_default_timeout(_PATIENCE)
    page.on("pageerror", lambda error: wrong.append(str(error)))
    page.on("console", lambda message: message.type == "error" and wrong.append(message.text))
    page.on("dialog", lambda dialog: (wrong.append(dialog.message), dialog.dismiss()))
    page.on("request", lambda request: request.url.startswith(("http", "ws", "ftp")) and wrong.append(request.url))
    if before:
        page.add_init_script(before)
    try:
        page.goto(path.as_uri())
        page.wait_for_selector("html[data-ready]", state="attached")
        yield page
        assert wrong == []
    finally:
        page.close()


def until(page: Any, expression: str) -> None:
    """Wait for an expression to hold. The driver's own way to wait for one needs `eval`, which the pages forbid."""
    for _ in range(_PATIENCE // 50):
        if page.evaluate(expression):
            return
        page.wait_for_timeout(50)
    raise AssertionError(f"does not come to hold: {expression}")
