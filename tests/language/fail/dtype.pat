# 3:9 E207 unknown element type 'f23'
#   try: f32
RELU(x: f23) -> x
