# 3:20 E301 the left side binds no 'inputt'
#   try: input
RELU(input) -> NEG(inputt)
