# 4:4 E227 CUSTOM[foo] is declared twice
#   try: one declaration
op CUSTOM[foo](aa) -> output
op CUSTOM[foo](aa) -> output
