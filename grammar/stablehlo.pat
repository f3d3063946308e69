# StableHLO's operators. Their attributes stand in the file, where the older operators have operands.

op STABLEHLO_ABS(operand) -> output
  "The magnitude."
  shape same
  quantization chosen

op STABLEHLO_ADD(lhs, rhs) -> output
  "Sum; of booleans, whether one holds."
  commutative
  shape paired
  quantization chosen

op STABLEHLO_AND(lhs, rhs) -> output
  "And, bit by bit."
  commutative
  shape paired
  quantization chosen

op STABLEHLO_BROADCAST_IN_DIM(operand) -> output
  "Broadcast to the result's shape, which its tensor says; `broadcast_dimensions` say where each dimension goes."
  quantization operand

op STABLEHLO_CASE(index: i32, inputs...) -> outputs...
  "One of several subgraphs, by an index."
  side effects

op STABLEHLO_CBRT(operand) -> output
  "The cube root."
  shape same
  quantization chosen

op STABLEHLO_CLAMP(minimum, operand, maximum) -> output
  "Held between two bounds."
  shape stablehlo.clamp
  quantization chosen

op STABLEHLO_COMPARE(lhs, rhs) -> output: bool
  "Compared as `comparison_direction` says."
  shape stablehlo.compare
  quantization unquantized

op STABLEHLO_COMPOSITE(inputs...) -> outputs...
  "An operator by name, with a subgraph that computes the same."

op STABLEHLO_CONCATENATE(inputs...) -> output
  "One behind the other along a dimension."
  shape stablehlo.concatenate
  quantization alike

op STABLEHLO_CONVERT(operand) -> output
  "Converted to the result's element type, which its tensor says."
  quantization unquantized

op STABLEHLO_CONVOLUTION(lhs, rhs) -> output
  "Convolution, with every dimension where the attributes say."
  shape stablehlo.convolution
  quantization chosen

op STABLEHLO_COSINE(operand) -> output
  "The cosine, of radians."
  shape same
  quantization chosen

op STABLEHLO_CUSTOM_CALL(inputs...) -> outputs...
  "An operator that the target knows by name."
  side effects

op STABLEHLO_DIVIDE(lhs, rhs) -> output
  "Quotient; integers towards 0."
  shape paired
  quantization chosen

op STABLEHLO_DOT_GENERAL(lhs, rhs) -> output
  "Products summed over the contracting dimensions, for each place of the batching ones."
  shape stablehlo.dot_general
  quantization chosen

op STABLEHLO_DYNAMIC_SLICE(operand, start_indices...) -> output
  "A part of the sizes `slice_sizes`, from the start indices on, one for each dimension."
  shape stablehlo.dynamic_slice
  quantization operand

op STABLEHLO_DYNAMIC_UPDATE_SLICE(operand, update, start_indices...) -> output
  "The operand, with the update written over a part of it."
  shape stablehlo.dynamic_update_slice
  quantization alike

op STABLEHLO_EXPONENTIAL(operand) -> output
  "e to the power of it."
  shape same
  quantization chosen

op STABLEHLO_FLOOR(operand) -> output
  "Rounded down."
  shape same
  quantization chosen

op STABLEHLO_GATHER(operand, start_indices) -> output
  "Slices of the operand, at places that the indices name."
  shape stablehlo.gather
  quantization operand

op STABLEHLO_IOTA() -> output
  "Numbers from 0 on along `iota_dimension` of the result's shape, which its tensor says."

op STABLEHLO_LOG(operand) -> output
  "The natural logarithm."
  shape same
  quantization chosen

op STABLEHLO_LOGISTIC(operand) -> output
  "1 over 1 and the exponential of its negative."
  shape same
  quantization chosen

op STABLEHLO_MAXIMUM(lhs, rhs) -> output
  "The larger of two."
  commutative
  shape paired
  quantization alike

op STABLEHLO_MINIMUM(lhs, rhs) -> output
  "The smaller of two."
  commutative
  shape paired
  quantization alike

op STABLEHLO_MULTIPLY(lhs, rhs) -> output
  "Product; of booleans, whether both hold."
  commutative
  shape paired
  quantization chosen

op STABLEHLO_NEGATE(operand) -> output
  "The other sign."
  shape same
  quantization chosen

op STABLEHLO_OR(lhs, rhs) -> output
  "Or, bit by bit."
  commutative
  shape paired
  quantization chosen

op STABLEHLO_PAD(operand, padding_value) -> output
  "A value before, behind and between; negative edges cut off."
  shape stablehlo.pad
  quantization alike

op STABLEHLO_POWER(lhs, rhs) -> output
  "The first operand to the power of the second."
  shape paired
  quantization chosen

op STABLEHLO_REDUCE(inputs...) -> outputs...
  "Tensors reduced together over some dimensions, by a subgraph; the second half of the operands are initial values."
  shape stablehlo.reduce
  quantization chosen

op STABLEHLO_REDUCE_WINDOW(inputs...) -> outputs...
  "Windows reduced to one value each, by a subgraph; the second half of the operands are initial values."
  shape stablehlo.reduce_window
  quantization chosen

op STABLEHLO_REMAINDER(lhs, rhs) -> output
  "What a division leaves, with the dividend's sign."
  shape paired
  quantization chosen

op STABLEHLO_RESHAPE(operand) -> output
  "The same elements in the result's shape, which its tensor says."
  quantization reshaped

op STABLEHLO_RNG_BIT_GENERATOR(initial_state) -> (output_state, output)
  "Random bits, and the state for the next ones; how many, the result's tensor says."
  side effects
  shape stablehlo.random_bits
  quantization unquantized

op STABLEHLO_RSQRT(operand) -> output
  "1 over the square root."
  shape same
  quantization chosen

op STABLEHLO_SCATTER(inputs...) -> outputs...
  "The inputs, with updates brought in by a subgraph at places that indices name: inputs, indices, then updates."
  shape stablehlo.scatter
  quantization chosen

op STABLEHLO_SELECT(pred: bool, on_true, on_false) -> output
  "One of two, by a condition for each element or for all."
  shape stablehlo.select
  quantization alike

op STABLEHLO_SHIFT_LEFT(lhs, rhs) -> output
  "Bits moved to the left."
  shape paired
  quantization chosen

op STABLEHLO_SLICE(operand) -> output
  "Every stride-th place from the start indices to the limits."
  shape stablehlo.slice_
  quantization operand

op STABLEHLO_SORT(inputs...) -> outputs...
  "Tensors sorted together along a dimension, by a subgraph that compares."
  shape stablehlo.sort
  quantization chosen

op STABLEHLO_SUBTRACT(lhs, rhs) -> output
  "Difference."
  shape paired
  quantization chosen

op STABLEHLO_TANH(operand) -> output
  "The hyperbolic tangent."
  shape same
  quantization chosen

op STABLEHLO_TRANSPOSE(operand) -> output
  "Dimension i of the result is dimension `permutation[i]` of the operand."
  shape stablehlo.transpose
  quantization transposed

op STABLEHLO_WHILE(inputs...) -> outputs...
  "A subgraph again and again, while another one says so."
  side effects
