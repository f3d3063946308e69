# 10:17 E245 CUSTOM[Two] has several results, and stands in an equation of its own
#   try: (first, second) = CUSTOM[Two](...); OPERATOR(...)
# 11:10 E245 CUSTOM[Two] has 2 results, not 1
#   try: (first, second) = CUSTOM[Two](...)
# 12:23 E245 CUSTOM[Two] has 2 results, not 3
#   try: (first, second) = CUSTOM[Two](...)
# 13:26 E245 CUSTOM[Two] has 2 results, not 1
#   try: (first, second) = CUSTOM[Two](...)
op CUSTOM[Two](xx) -> (first, second)
rule inside ADD(CUSTOM[Two](x), y) -> y
rule few CUSTOM[Two](x) -> x
rule many (a, b, c) = CUSTOM[Two](x) -> a = x; b = x; c = x
rule made NEG(x) -> RELU(CUSTOM[Two](x))
