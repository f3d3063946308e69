# 3:23 E207 a literal is given one element type
#   try: f16
RELU(x) -> ADD(x, 2.0:bf16)
