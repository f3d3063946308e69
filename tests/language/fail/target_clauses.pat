# 15:18 E271 there is no target 'nobodys' to extend
#   try: a target above this one, or of an installed pack
# 16:30 E346 'inputs' is a list of tensors, not a value
#   try: len(inputs), inputs[0].shape, all(inputs.is_const)
# 17:16 E301 nothing here is called 'inptu'
#   try: input
# 18:16 E272 what a target asks of a tensor is a type
#   try: input: f32
# 19:24 E207 unknown element type 'f23'
#   try: f32
# 20:22 E273 a target is given at least one partition
#   try: partitions largest 1
# 21:38 E214 'stride_h' is a dimension here, and AVERAGE_POOL_2D has one of that name
#   try: another name
target a extends nobodys
  requires subset([1], [2]), inputs == 1
  accepts RELU(inptu: f32)
  accepts RELU(input)
  accepts RELU6(input: f23)
  partitions largest 0
  accepts AVERAGE_POOL_2D(input: [_, stride_h, beta, _]) where beta > 2
