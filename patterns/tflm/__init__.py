"""The pack `tflm`: what TensorFlow Lite Micro and small accelerators need."""

from __future__ import annotations

from rewriter.patterns.tflm.slices import slice_begin, slice_size

__all__ = ["slice_begin", "slice_size"]
