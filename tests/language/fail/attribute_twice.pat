# 3:21 E206 'stride_h' is written twice
#   try: once
CONV_2D[stride_h=1, stride_h=2](x, w) -> x
