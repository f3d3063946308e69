# 3:4 E220 a custom operator is declared as CUSTOM[code], a builtin one by its name
#   try: CUSTOM[code]
op CUSTOM(xx) -> output
