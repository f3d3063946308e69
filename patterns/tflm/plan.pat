# A memory plan finds tensors by their numbers, so that rules leave them alone while there is one.

pack tflm "TensorFlow Lite Micro and small accelerators: operators and sizes that they have, and notes for them"
  serves tflm
  leaves remove_memory_plan

cleanup remove_memory_plan
  "The runtime plans its memory itself, as it does without a plan made ahead of time."
  by tflm.plan.remove_memory_plan
