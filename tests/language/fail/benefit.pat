# 3:22 E243 this number is too large
#   try: at most 2147483648
RELU(x) -> x benefit 99999999999
