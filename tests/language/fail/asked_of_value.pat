# 3:15 E342 nothing can be asked of this by '.rank'
#   try: ask a capture, as x.shape
RELU(x) where x.shape[0].rank == 1 -> x
