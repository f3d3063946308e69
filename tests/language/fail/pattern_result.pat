# 5:18 E252 the pattern 'two' stands for several results
#   try: an expression as its last equation
# 8:18 E252 'c' names what the pattern matched: the use has to give it a name
#   try: a name of the rule
pattern two(x) = (a, b) = SPLIT(axis, x)
pattern named(c, x) = c = RELU(x)
rule r ADD(two(x), y) -> y
rule s NEG(named(ABS(x), y)) -> y
