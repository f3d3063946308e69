"""The pack `tflm`: what TensorFlow Lite Micro and small accelerators need. All of it is rules; no rule needs a function."""
