# 3:18 E205 stride_h cannot be a list
#   try: a value of type int
CONV_2D[stride_h=[1, 2]](x, w) -> x
