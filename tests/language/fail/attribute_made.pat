# 3:30 E203 unknown attribute 'strides' of CONV_2D
#   try: stride_w
CONV_2D(x, w, b?) -> CONV_2D[strides=1](x, w, b)
