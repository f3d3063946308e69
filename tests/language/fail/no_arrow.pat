# 2:10 E100 the text ends where '->' and a replacement should follow
ADD(x, y)
