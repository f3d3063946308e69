# 3:13 E203 the options of CUSTOM[foo] are not declared
#   try: declare its options: op CUSTOM[foo](...) -> output options struct { alpha: i32 }
CUSTOM[foo, alpha=1](x) -> x
