# 3:18 E205 stride_h cannot be 1.5
#   try: a value of type int
CONV_2D[stride_h=1.5](x, w) -> x
