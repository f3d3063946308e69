# 3:42 E222 'stored' has to name each operand once
#   try: stored (aa, bb), in the file's order
op CUSTOM[foo](aa, bb) -> output stored (aa)
