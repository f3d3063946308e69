# 3:13 E214 'x' is a tensor and a number
#   try: two names
RELU(x: f32[x]) -> x
