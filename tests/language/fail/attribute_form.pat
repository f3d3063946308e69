# 3:18 E219 an attribute's value is a word, a number, a list or a name
#   try: [stride_h=value]
CONV_2D[stride_h=RELU(x)](x, w) -> x
