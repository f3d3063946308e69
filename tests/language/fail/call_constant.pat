# 3:19 E344 unknown function 'fill'
#   try: FILL, full
RELU(x) -> ADD(x, fill(2.0))
