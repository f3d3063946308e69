# 3:19 E233 types are written on the left
#   try: the type there
RELU(x) -> NEG(x: f32)
