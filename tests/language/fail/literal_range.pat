# 3:23 E205 i8 cannot hold 300
#   try: another type, or another number
RELU(x) -> ADD(x, [1, 300]:i8)
