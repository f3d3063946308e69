# 2:11 E101 the character '→' means nothing here
ADD(x, y) → x
