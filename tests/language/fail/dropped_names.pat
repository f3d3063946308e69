# 5:14 E201 unknown operator 'SUBB'
#   try: SUB
# 5:22 E301 the left side binds no 'zz'
#   try: x, y
ADD(x, y) -> SUBB(x, zz)
