# 3:9 E203 unknown attribute 'stride' of CONV_2D
#   try: stride_h, stride_w
CONV_2D[stride=2](x, w) -> x
