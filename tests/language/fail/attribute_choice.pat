# 3:20 E218 a name captures; it is no alternative
#   try: words and numbers, or one name
CONV_2D[stride_h=1|s](x, w) -> x
