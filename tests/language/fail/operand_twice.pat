# 3:12 E206 'input' is written twice
#   try: once
CONV_2D(x, input=y, filter=w) -> x
