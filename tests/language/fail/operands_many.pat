# 3:12 E230 RELU does not take 2 operands
#   try: RELU(input)
RELU(x) -> RELU(x, x)
