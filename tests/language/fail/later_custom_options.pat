# 3:17 E390 custom_options other than absent cannot be used yet
#   try: a rule without it; the reference lists what works
c = CUSTOM[foo, custom_options=bytes("a")](x) -> x
