# 3:12 E235 a replacement makes one operator; its version follows from its operands
#   try: one operator, without @
RELU(x) -> (NEG|ABS)(x)
