# 2:5 E111 only CUSTOM[...] takes a code; an attribute needs a value
ADD[foo](x) -> x
