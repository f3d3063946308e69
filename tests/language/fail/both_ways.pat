# 3:8 E301 the left side binds no 'y'
#   try: x
ADD(x, y) <-> RELU(x)
