# Arithmetic, comparisons, logic and activations: operators that work element by element.
#
# Where a declaration fixes an operand's element type, a literal in its place takes it. `version` clauses stand in the
# order of the runtime's own rule (GetBuiltinOperatorVersion): the first that holds counts, which need not be the highest.

op ADD(lhs, rhs) -> output
  "Sum, then the activation."
  commutative
  shape broadcast
  quantization chosen
  version 6 where lhs.dtype == "f16"
  version 5 where lhs.dtype == "i16", not lhs.quantized
  version 4 where lhs.dtype == "i64"
  version 3 where lhs.dtype == "i16", output.dtype == "i16", not pot_scale_int16
  version 2 where lhs.dtype == "i8"

op SUB(lhs, rhs) -> output
  "Difference, then the activation."
  shape broadcast
  quantization chosen
  version 5 where lhs.dtype == "i16", output.dtype == "i16", not pot_scale_int16
  version 4 where lhs.dtype == "i64"
  version 3 where lhs.shape != rhs.shape, max(lhs.rank, rhs.rank) > 4
  version 2 where lhs.dtype == "i8"

op MUL(lhs, rhs) -> output
  "Product, then the activation."
  commutative
  shape broadcast
  quantization chosen
  version 8 where lhs.dtype == "f16"
  version 7 where lhs.dtype == "u32" or lhs.dtype == "i16" and not lhs.quantized
  version 6 where lhs.dtype == "c64"
  version 5 where lhs.dtype == "i64"
  version 4 where lhs.dtype == "i16"
  version 3 where lhs.quantized, rhs.quantized, lhs.scale * rhs.scale / output.scale >= 1
  version 2 where lhs.dtype == "i8"

op DIV(lhs, rhs) -> output
  "Quotient, then the activation; integers towards 0."
  shape broadcast
  quantization chosen
  version 2 where lhs.shape != rhs.shape, max(lhs.rank, rhs.rank) > 4

op FLOOR_DIV(lhs, rhs) -> output
  "Quotient, rounded down."
  shape broadcast
  quantization chosen
  version 3 where lhs.dtype in ["i16", "i8"]
  version 2 where lhs.dtype == "f32"

op FLOOR_MOD(lhs, rhs) -> output
  "What FLOOR_DIV leaves, with the divisor's sign."
  shape broadcast
  quantization chosen
  version 2 where lhs.dtype in ["i16", "i8"]

op POW(lhs, rhs) -> output
  "The first operand to the power of the second."
  shape broadcast
  quantization chosen

op ATAN2(lhs, rhs) -> output
  "The angle of the point with ordinate lhs and abscissa rhs, in radians; without broadcasting."
  shape paired
  quantization chosen

op SQUARED_DIFFERENCE(lhs, rhs) -> output
  "The difference times itself."
  commutative
  shape broadcast
  quantization chosen
  version 2 where lhs.dtype == "i8"

op MAXIMUM(lhs, rhs) -> output
  "The larger of two."
  commutative
  shape broadcast
  quantization alike
  version 4 where lhs.dtype == "i16", output.dtype == "i16"
  version 3 where lhs.shape != rhs.shape, max(lhs.rank, rhs.rank) > 4
  version 2 where lhs.dtype == "i8"

op MINIMUM(lhs, rhs) -> output
  "The smaller of two."
  commutative
  shape broadcast
  quantization alike
  version 4 where lhs.dtype == "i16", output.dtype == "i16"
  version 3 where lhs.shape != rhs.shape, max(lhs.rank, rhs.rank) > 4
  version 2 where lhs.dtype == "i8"

op ADD_N(inputs...) -> output
  "The sum of any number of tensors of one shape, added up from the first to the last."
  shape add_n
  quantization chosen

op BITWISE_XOR(lhs, rhs) -> output
  "Exclusive or, bit by bit."
  commutative
  shape broadcast
  quantization unquantized

op RIGHT_SHIFT(lhs, rhs) -> output
  "Bits moved to the right; signed numbers keep their sign."
  shape broadcast
  quantization unquantized

# Comparisons

op EQUAL(lhs, rhs) -> output: bool
  "Whether two are equal."
  commutative
  shape compared
  quantization unquantized
  version 5 where lhs.dtype == "i16"
  version 3 where lhs.dtype == "string"
  version 2 where lhs.dtype == "i8"

op NOT_EQUAL(lhs, rhs) -> output: bool
  "Whether two differ."
  commutative
  shape compared
  quantization unquantized
  version 4 where lhs.dtype == "i16"
  version 3 where lhs.dtype == "string"
  version 2 where lhs.dtype == "i8"

op LESS(lhs, rhs) -> output: bool
  "Whether the first is smaller."
  shape compared
  quantization unquantized
  version 3 where lhs.dtype == "i16"
  version 2 where lhs.dtype == "i8"

op LESS_EQUAL(lhs, rhs) -> output: bool
  "Whether the first is smaller or equal."
  shape compared
  quantization unquantized
  version 2 where lhs.dtype == "i8"

op GREATER(lhs, rhs) -> output: bool
  "Whether the first is larger."
  shape compared
  quantization unquantized
  version 2 where lhs.dtype == "i8"

op GREATER_EQUAL(lhs, rhs) -> output: bool
  "Whether the first is larger or equal."
  shape compared
  quantization unquantized
  version 3 where lhs.dtype == "i16"
  version 2 where lhs.dtype == "i8"

# Logic

op LOGICAL_AND(lhs: bool, rhs: bool) -> output: bool
  "Whether both hold."
  commutative
  shape broadcast
  quantization unquantized

op LOGICAL_OR(lhs: bool, rhs: bool) -> output: bool
  "Whether one holds."
  commutative
  shape broadcast
  quantization unquantized

op LOGICAL_NOT(input: bool) -> output: bool
  "Whether it does not hold."
  shape same
  quantization unquantized

op SELECT(condition: bool, on_true, on_false) -> output
  "One of two, by a condition for each element, for each row, or for all."
  shape select
  quantization alike
  version 4 where condition.dtype == "u32"
  version 3 where condition.rank == 5 or on_true.rank == 5 or on_false.rank == 5
  version 2 where condition.dtype == "i8"

op SELECT_V2(condition: bool, on_true, on_false) -> output
  "One of two, by a condition; all three broadcast."
  shape select_v2
  quantization alike
  version 2 where condition.dtype == "u32"

# One operand

op ABS(input) -> output
  "The magnitude."
  shape same
  quantization chosen
  version 5 where input.dtype == "i32"
  version 3 where input.dtype == "i16", input.quantized
  version 4 where input.dtype == "i16"
  version 2 where input.dtype in ["i8", "u8"]

op NEG(input) -> output
  "The other sign."
  shape same
  quantization chosen

op SIGN(input) -> output
  "-1, 0 or 1."
  shape same
  quantization chosen
  version 2 where input.dtype == "i32"

op CEIL(input) -> output
  "Rounded up."
  shape same
  quantization chosen

op FLOOR(input) -> output
  "Rounded down."
  shape same
  quantization chosen

op ROUND(input) -> output
  "Rounded to the nearest, halves to the even one."
  shape same
  quantization chosen

op SQUARE(input) -> output
  "Times itself."
  shape same
  quantization chosen

op SQRT(input) -> output
  "The square root."
  shape same
  quantization chosen
  version 2 where input.dtype in ["i8", "i16"]

op RSQRT(input) -> output
  "1 over the square root."
  shape same
  quantization chosen
  version 3 where input.dtype == "i16"
  version 2 where input.dtype == "i8"

op EXP(input) -> output
  "e to the power of it."
  shape same
  quantization chosen
  version 2 where input.dtype in ["i8", "i16"]

op LOG(input) -> output
  "The natural logarithm."
  shape same
  quantization chosen
  version 2 where input.dtype in ["i8", "i16"]

op SIN(input) -> output
  "The sine, of radians."
  shape same
  quantization chosen
  version 2 where input.dtype == "f16"

op COS(input) -> output
  "The cosine, of radians."
  shape same
  quantization chosen
  version 2 where input.dtype == "f16"

op ZEROS_LIKE(input) -> output
  "Zeros of the input's type and shape."
  shape same
  quantization input

op REAL(input: c64|c128) -> output: f32|f64
  "The real parts."
  shape magnitude
  quantization unquantized

op IMAG(input: c64|c128) -> output: f32|f64
  "The imaginary parts."
  shape magnitude
  quantization unquantized

op COMPLEX_ABS(input: c64|c128) -> output: f32|f64
  "The magnitudes of complex numbers."
  shape magnitude
  quantization unquantized

op BUCKETIZE(input) -> output: i32
  "How many of the rising `boundaries` are not above it."
  shape indexed
  quantization unquantized

# Activations

op RELU(input) -> output
  "At least 0."
  shape same
  quantization chosen
  version 3 where input.dtype == "i16"
  version 2 where input.dtype in ["i8", "u8"]

op RELU6(input) -> output
  "At least 0, at most 6."
  shape same
  quantization chosen
  version 3 where input.dtype == "i16"
  version 2 where input.dtype == "i8"

op RELU_N1_TO_1(input) -> output
  "At least -1, at most 1."
  shape same
  quantization chosen

op RELU_0_TO_1(input) -> output
  "At least 0, at most 1."
  shape same
  quantization chosen

op LEAKY_RELU(input) -> output
  "Below 0 times `alpha`."
  shape same
  quantization chosen
  version 2 where input.dtype == "i16"

op PRELU(input, alpha) -> output
  "Below 0 times `alpha`, which broadcasts to the input."
  shape prelu
  quantization chosen

op ELU(input) -> output
  "Below 0 its exponential less 1."
  shape same
  quantization chosen

op GELU(input) -> output
  "Times the normal distribution's integral up to it; `approximate` by tanh."
  shape same
  quantization chosen
  version 3 where input.dtype == "f16"
  version 2 where input.dtype in ["i8", "u8"]

op HARD_SWISH(input) -> output
  "Times what it and 3 make of 6, held between 0 and 1."
  shape same
  quantization chosen

op LOGISTIC(input) -> output
  "1 over 1 and the exponential of its negative."
  shape same
  quantization logistic
  version 3 where input.dtype == "i16", output.dtype == "i16"
  version 2 where input.dtype == "i8"

op TANH(input) -> output
  "The hyperbolic tangent."
  shape same
  quantization tanh
  version 3 where input.dtype == "i16", output.dtype == "i16"
  version 2 where input.dtype == "i8"

op SOFTMAX(input) -> output
  "Shares of 1 along the last dimension, by the exponentials of `beta` times the input."
  shape same
  quantization softmax
  version 4 where input.dtype == "f16"
  version 3 where input.dtype == "i16"
  version 2 where input.dtype == "i8"

op LOG_SOFTMAX(input) -> output
  "The logarithm of SOFTMAX."
  shape same
  quantization log_softmax
  version 2 where input.dtype == "i8"

op L2_NORMALIZATION(input) -> output
  "Rows of the last dimension brought to length 1."
  shape same
  quantization l2_normalization
  version 2 where output.dtype == "i8"

op LOCAL_RESPONSE_NORMALIZATION(input) -> output
  "Over a power of what `radius` neighbours in the last dimension sum up to, squared."
  shape same
  quantization chosen

op FAKE_QUANT(input) -> output
  "Rounded to the steps that `num_bits` between `min` and `max` would have."
  shape same
  quantization unquantized
  version 2 where narrow_range

# Between types

op CAST(input) -> output
  "Converted to another element type; the kernel reads the type off the result."
  shape converted
  quantization unquantized
  implied in_data_type = input.dtype, out_data_type = output.dtype
  version 9 where
    input.dtype in ["float8_e4m3fn", "float8_e5m2"]
      or output.dtype in ["float8_e4m3fn", "float8_e5m2"]
  version 8 where input.dtype in ["i2", "u4"] or output.dtype in ["i2", "u4"]
  version 7 where input.dtype == "bf16" or output.dtype == "bf16"
  version 6 where input.dtype == "i4", output.dtype == "f32"
  version 5 where input.dtype in ["f64", "f16"] or output.dtype in ["f64", "f16"]
  version 4 where input.dtype == "u16" or output.dtype == "u16"
  version 3 where input.dtype == "i8" or output.dtype == "i8"
  version 2 where input.dtype == "u32" or output.dtype == "u32"

# The result's element type and parameters are the operator's only say; they stand on its tensor.
op QUANTIZE(input) -> output
  "Real values, or steps of other parameters, as steps of the result's."
  version 5 where input.dtype == "u4" or output.dtype == "u4"
  version 4 where input.dtype == "i4" or output.dtype == "i4"
  version 3 where len(output.scale) > 1
  version 2 where output.dtype == "i16"

op DEQUANTIZE(input) -> output
  "Steps as real values."
  shape dequantized
  quantization unquantized
  version 9 where input.dtype in ["float8_e4m3fn", "float8_e5m2"]
  version 8 where input.dtype == "u4"
  version 7 where input.dtype == "i2"
  version 6 where input.dtype == "i4"
  version 3 where input.dtype in ["i16", "f16"]
  version 5 where input.dtype == "i8", len(input.scale) > 1
  version 2 where input.dtype == "i8"

op BITCAST(input) -> output
  "The same bytes as another element type, which stands on the result's tensor."
  quantization unquantized

op DENSIFY(input) -> output
  "A constant stored in a sparse format, as a plain one."
  shape same
  quantization input
