# 7:8 E255 with its patterns in place this rule has more parts than can be handled
#   try: patterns that use each other less often
pattern two(x) = ADD(x, x)
pattern four(x) = two(two(x))
pattern sixteen(x) = four(four(x))
pattern large(x) = sixteen(sixteen(x))
rule r NEG(large(large(x))) -> x
