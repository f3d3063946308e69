# 3:1 E390 a pattern of several roots cannot be used yet
#   try: a rule without it; the reference lists what works
(y, i) = CUSTOM[foo](x) -> y = NEG(x); i = ABS(x)
