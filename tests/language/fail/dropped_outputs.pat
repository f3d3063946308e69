# 9:46 E268 this drops an output
#   try: say 'changes interface'
# 10:38 E268 all results are dropped, and no output is left that they could be computed from
#   try: a capture for one of them
# 11:37 E268 where an output is dropped, the others become what the match captured
#   try: a capture, or absent
# 12:40 E232 this cannot stand in a replacement
#   try: a capture, an operator or a constant
rule unsaid (y, i) = TOPK_V2(x, 2) -> y = x; i = absent
rule every (y, i) = TOPK_V2(x, 2) -> y = absent; i = absent changes interface
rule made (y, i) = TOPK_V2(x, 2) -> y = ABS(x); i = absent changes interface
rule way (y, i) = TOPK_V2(x, 2) -> z = absent; y = x; i = z changes interface
