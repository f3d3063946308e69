# 3:16 E236 'output_shape' of TRANSPOSE_CONV has to be written here: nothing fixes it
#   try: TRANSPOSE_CONV(..., output_shape=[...])
RELU(x) -> NEG(TRANSPOSE_CONV(x, x))
