"""Where the material is that tests and benchmarks use if it is at hand, and that is never part of the checkout."""

from __future__ import annotations

import os
from pathlib import Path

CHECKOUT = Path(__file__).resolve().parents[1]

SHARED = Path(os.environ.get("REWRITER_SHARED", CHECKOUT.parent / "shared"))
"""Real models and what their own runtimes computed: beside the checkout, unless REWRITER_SHARED says where."""
