# 3:20 E229 'aa' is declared twice
#   try: another name
op CUSTOM[foo](aa, aa) -> output
