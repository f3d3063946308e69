# 2:20 E107 there is no escape \q
ADD(x) -> CUSTOM["a\q"](x)
