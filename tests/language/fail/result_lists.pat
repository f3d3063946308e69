# 21:54 E249 'rs' is a list of results
#   try: rs... where an operator reads all of them, in their order
# 22:46 E249 'a' is one result, and no list
#   try: a, or (a...) = where it is made
# 23:50 E256 rs is a list of results, and each is given anew
#   try: (rs...) = ...
# 24:51 E249 'rs' is a list of results on the left
#   try: rs...
# 25:51 E249 'r' is one result on the left
#   try: r
# 26:58 E234 the replacement cannot be made of the result that it replaces
#   try: @rs(...) makes the operator again
# 27:57 E249 a list, element for element, takes the place of one list of results
#   try: (rs...) = xs..., with the results of the left side
# 28:23 E249 a list of results stands before the '='; another name for it there is none
#   try: only the names in brackets
# 29:26 E245 RELU has 1 result, not 2
#   try: output = RELU(...)
# 31:18 E252 'r' names what the pattern matched: the use has to give it a name
#   try: a name of the rule
rule single (rs...) = SPLIT[num_splits=_](d, x); ADD(rs, y) -> CUSTOM[a](d, x)
rule list a = RELU(x); CONCATENATION[axis=_](a...) -> x
rule root (rs...) = SPLIT[num_splits=_](d, x) -> CUSTOM[a](d, x)
rule other (rs...) = SPLIT[num_splits=_](d, x) -> rs = CUSTOM[a](d, x)
rule apart (r, _) = SPLIT[num_splits=_](d, x) -> (r...) = CUSTOM[a](d, x)
rule itself (rs...) = CUSTOM[a](xs...) -> (rs...) = RELU(rs)...
rule pair (a, rs...) = CUSTOM[a](xs...) -> (a, rs...) = xs...
rule named (rs...) = (s = SPLIT[num_splits=_](d, x)) -> (rs...) = CUSTOM[a](d, x)
rule one (a, b, rs...) = RELU(x) -> a = x; b = x
pattern two(r, x) = (r, _) = SPLIT[num_splits=_](_, x); RELU(r)
rule operand two(RELU(x), y) -> CUSTOM[a](x, y)
