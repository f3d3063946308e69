# 3:17 E205 padding cannot be 0
#   try: SAME, VALID
CONV_2D[padding=0](x, w) -> x
