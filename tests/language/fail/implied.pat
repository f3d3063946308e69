# 3:20 E236 'output_shape' of TRANSPOSE_CONV has to be written here: nothing fixes it
#   try: TRANSPOSE_CONV(..., output_shape=[...])
RELU(x) -> SQUEEZE(TRANSPOSE_CONV(x, x))
