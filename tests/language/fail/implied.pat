# 3:22 E236 'output_shape' of TRANSPOSE_CONV has to be written here: nothing fixes it
#   try: TRANSPOSE_CONV(..., output_shape=[...])
RELU(x) -> TRANSPOSE(TRANSPOSE_CONV(x, x), [0, 2, 1, 3])
