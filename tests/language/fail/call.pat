# 3:15 E344 unknown function 'mx'
#   try: max
RELU(x) where mx(x.shape) == 1 -> x
