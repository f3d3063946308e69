# What quantization parameters carry without need.

pack quant
  leaves strip_min_max, strip_activation_min_max

cleanup strip_min_max
  "Constants lose the range that a converter saw; their scale and zero point say all."
  by quant.baggage.strip_min_max

cleanup strip_activation_min_max
  "Computed tensors lose the range that a converter saw; their scale and zero point say all."
  by quant.baggage.strip_activation_min_max
