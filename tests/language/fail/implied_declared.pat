# 10:27 E259 what is 'bb' worth where the file does without it?
#   try: implied bb = EXPRESSION
# 10:31 E259 'dd' is no attribute and no operand here
#   try: aa, bb, output_size
# 10:49 E301 nothing here is called 'ff'
#   try: aa, bb, output, output_size
# 11:43 E225 there is no operand and no function 'cc'
#   try: aa, or pack.function
op CUSTOM[foo](aa, bb) -> output options struct { output_size: i32 }
  stored (bb, aa) implied bb, dd, output_size = ff
op CUSTOM[bar](aa) -> output quantization cc
