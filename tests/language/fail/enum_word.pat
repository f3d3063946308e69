# 3:17 E204 padding has no value SAMEE
#   try: SAME
CONV_2D[padding=SAMEE](x, w) -> x
