# 3:39 E343 'c' has no 'strid_h'
#   try: stride_h
RELU(c = CONV_2D(x, w)) where attr(c, "strid_h") == 1 -> x
