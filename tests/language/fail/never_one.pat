# 3:22 E267 'a' is the result of RELU and of RELU6
#   try: two names
ADD(a = RELU(x), a = RELU6(x)) -> x
