# 3:9 E212 'like' gives a result its quantisation; a pattern has no results to make
#   try: leave it out
RELU(x: like y) -> x
