# 5:1 E265 with values_count=2, PACK has not 3 operands
#   try: [values_count=3]
# 6:1 E265 with num=2, UNPACK has not 1 result
#   try: [num=1]
PACK[values_count=2](x, y, z) -> x
UNPACK[num=2](x) -> x
