"""What all tests share: how many examples property tests draw, where caches go, and material beside the checkout."""

from __future__ import annotations

import os
import tempfile
from typing import TYPE_CHECKING

import pytest
from hypothesis import settings

from tests.shared import SHARED

if TYPE_CHECKING:
    from pathlib import Path

# Examples are drawn anew in each run; a failing one is printed so that it can be replayed. Where a change is judged
# (CI), they are the same each time: what fails there is the change's doing. There is no deadline, since the first
# example of many tests pays for importing a runtime.
_SAME = bool(os.environ.get("CI"))
settings.register_profile("quick", max_examples=30, deadline=None, print_blob=True, derandomize=_SAME)
settings.register_profile("thorough", max_examples=1000, deadline=None, print_blob=True)
settings.load_profile("quick")


def pytest_configure(config: pytest.Config) -> None:
    """Keep the caches of the code under test, and of the commands that tests start, away from the user's own."""
    folder = tempfile.TemporaryDirectory(prefix="rewriter-cache-")
    config.add_cleanup(folder.cleanup)
    environment = pytest.MonkeyPatch()
    environment.setenv("REWRITER_CACHE_DIR", folder.name)
    config.add_cleanup(environment.undo)


@pytest.fixture(scope="session")
def shared() -> Path:
    """Real models, and what their own runtimes computed; a test that needs them is skipped where they are not."""
    if not SHARED.is_dir():
        pytest.skip(f"the models that this test reads are not at hand in {SHARED}; REWRITER_SHARED says where they are")
    return SHARED
