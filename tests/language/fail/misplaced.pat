# 3:19 E232 this cannot stand in a replacement
#   try: a capture, an operator or a constant
RELU(x) -> ADD(x, _)
