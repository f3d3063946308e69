# 3:14 E201 unknown operator 'RELUU'
#   try: RELU
ADD(x, y) -> RELUU(x)
