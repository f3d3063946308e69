# 13:8 E207 unknown element type 'f33'
#   try: f32
# 13:22 E301 nothing here is called 'z'
#   try: x, y
# 13:38 E301 the left side binds no 'w'
#   try: x, y
# 14:9 E203 unknown attribute 'stride' of CONV_2D
#   try: stride_h, stride_w
# 14:32 E201 unknown operator 'RELUU'
#   try: RELU
# 15:16 E221 operands are declared with names of two letters or more
#   try: a longer name
ADD(x: f33, y) where z > 1 -> SUB(x, w)
CONV_2D[stride=1](x, w, b?) -> RELUU(x)
op CUSTOM[foo](x) -> output
