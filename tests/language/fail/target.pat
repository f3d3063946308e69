# 17:11 E201 unknown operator 'RESIZE'
#   try: RESIZE_BILINEAR, RESIZE_NEAREST_NEIGHBOR
# 18:25 E346 'output' is a tensor, not a value
#   try: output.value, output.shape, output is absent
# 19:22 E301 nothing here is called 'align'
#   try: constants, input, inputs, output, outputs
# 20:27 E204 padding has no value SAMY
#   try: SAME
# 21:19 E203 unknown attribute 'pad' of CONV_2D
#   try: padding
op CUSTOM[foo](xx) -> output
target mine "what mine takes"
  accepts AVERAGE_POOL_2D where filter_height * filter_width <= 256
  accepts CONV_2D|DEPTHWISE_CONV_2D where filter.is_const, stride_h == stride_w
  accepts CONV_2D[padding=SAME]
  accepts CUSTOM[foo] where xx.rank == 4
  accepts RESIZE where not align_corners
  accepts ARG_MAX where output == INT32
  accepts RELU where align == 2
  accepts CONV_2D[padding=SAMY]
  accepts CONV_2D[pad=SAME]
