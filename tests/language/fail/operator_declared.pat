# 3:4 E201 unknown operator 'CONV_3'
#   try: CONV_3D
op CONV_3(xx) -> output
