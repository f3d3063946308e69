# 3:37 E343 'c' has no 'stride'
#   try: stride_w
r = RELU(c = CONV_2D(x, w)) where c.stride == 1 -> @r(c)
