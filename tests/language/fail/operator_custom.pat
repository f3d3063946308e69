# 3:1 E202 a custom operator needs its code
#   try: CUSTOM[code](...)
CUSTOM(x) -> x
