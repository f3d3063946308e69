# Group C: what is known before the model runs is computed before.
#
# `evaluate` has the runtime's reference kernels compute it. What a rule uses unasked makes the file at most 1 KiB larger at
# a place; rules that store what the file says in fewer bytes are used on request.

pack toco "The graph transformations of the converters"
  leaves
    fold_growing,
    fold_fill,
    fold_tile,
    fold_densify,
    fold_dequantize_const,
    fold_dequantize_const_steps

# All kernels of these agree to the bit.
rule fold_any
  "What only moves, compares, counts or chooses constants is a constant."
  y = (
    RESHAPE|
    SQUEEZE|
    EXPAND_DIMS|
    TRANSPOSE|
    PACK|
    SLICE|
    STRIDED_SLICE|
    GATHER|
    GATHER_ND|
    EMBEDDING_LOOKUP|
    CONCATENATION|
    PAD|
    MIRROR_PAD|
    DEPTH_TO_SPACE|
    SPACE_TO_DEPTH|
    SPACE_TO_BATCH_ND|
    BATCH_TO_SPACE_ND|
    REVERSE_V2|
    REVERSE_SEQUENCE|
    DYNAMIC_UPDATE_SLICE|
    DILATE|
    SCATTER_ND|
    SPARSE_TO_DENSE|
    MATRIX_DIAG|
    ONE_HOT|
    FILL|
    TILE|
    BROADCAST_TO|
    BROADCAST_ARGS|
    ZEROS_LIKE|
    RANGE|
    BITCAST|
    SELECT|
    SELECT_V2|
    EQUAL|
    NOT_EQUAL|
    LESS|
    LESS_EQUAL|
    GREATER|
    GREATER_EQUAL|
    LOGICAL_AND|
    LOGICAL_OR|
    LOGICAL_NOT|
    BITWISE_XOR|
    RIGHT_SHIFT|
    REDUCE_ANY|
    REDUCE_ALL|
    ARG_MAX|
    ARG_MIN|
    BUCKETIZE
  )(_operands...: const)
  where y.growth <= 1024
  -> evaluate(y)
  equal exact

# Of floats the fast kernels compute the last bits in their own way, and round quantised results in their own way.
rule fold_arithmetic
  "What constants come to by arithmetic is a constant."
  y = (
    ADD|
    SUB|
    MUL|
    FLOOR_DIV|
    FLOOR_MOD|
    POW|
    ATAN2|
    SQUARED_DIFFERENCE|
    MAXIMUM|
    MINIMUM|
    ADD_N|
    PRELU|
    ABS|
    NEG|
    SIGN|
    CEIL|
    FLOOR|
    ROUND|
    SQUARE|
    SQRT|
    RSQRT|
    EXP|
    LOG|
    SIN|
    COS|
    RELU|
    RELU6|
    RELU_N1_TO_1|
    RELU_0_TO_1|
    LEAKY_RELU|
    ELU|
    GELU|
    HARD_SWISH|
    LOGISTIC|
    TANH|
    SOFTMAX|
    LOG_SOFTMAX|
    FAKE_QUANT|
    PADV2|
    MEAN|
    SUM|
    REDUCE_PROD|
    REDUCE_MAX|
    REDUCE_MIN|
    CUMSUM|
    SEGMENT_SUM
  )[fused_activation_function=_](_operands...: const)
  where y.growth <= 1024
  -> evaluate(y)
  equal within 1 step

# Over 0 the reference kernel gives the largest number, where the others give infinity.
rule fold_division
  "A quotient of constants is a constant."
  y = DIV[fused_activation_function=_](_: const, b: const)
  where y.growth <= 1024, all(b.value != 0)
  -> evaluate(y)
  equal within 1 step

# What the runtime makes of floats and a quantised filter, each kernel decides for itself.
rule fold_products
  "A convolution or a matrix product of constants is a constant."
  y = (CONV_2D|DEPTHWISE_CONV_2D|CONV_3D|FULLY_CONNECTED|BATCH_MATMUL)[fused_activation_function=_](
    xs...: const,
  )
  where y.growth <= 1024, xs[0].quantized == xs[1].quantized
  -> evaluate(y)
  equal within 1 step

rule fold_pools
  "A pool or a resize of a constant is a constant."
  y = (AVERAGE_POOL_2D|MAX_POOL_2D|RESIZE_BILINEAR|RESIZE_NEAREST_NEIGHBOR)[
    fused_activation_function=_,
  ](_operands...: const)
  where y.growth <= 1024
  -> evaluate(y)
  equal within 1 step

# What an integer becomes that cannot hold the float, each processor decides for itself.
rule fold_cast
  "A constant's conversion is a constant."
  y = CAST(c: const)
  where
    y.growth <= 1024,
    c.dtype not in ["f16", "f32", "f64"]
      or y.dtype in ["f16", "f32", "f64", "bool"]
      or y.dtype in ["i32", "i64"] and max(abs(c.value)) < 2147483648
  -> evaluate(y)
  equal exact

rule fold_quantize_const
  "Constants that the model would quantise are stored in steps."
  y = QUANTIZE(_: const)
  where y.growth <= 1024
  -> evaluate(y)
  equal within 1 step

rule fold_shape_or_rank_shape
  "A shape that does not change is a constant."
  SHAPE(x)
  -> x.shape
  equal exact

rule fold_shape_or_rank_rank
  "How many dimensions there are is a constant."
  RANK(x)
  -> x.rank
  equal exact

rule fold_select_true
  "A choice whose condition holds everywhere is what it chooses."
  y = (SELECT|SELECT_V2)(c: const, a, _)
  where all(c.value), a.shape == y.shape
  -> a
  equal exact

rule fold_select_false
  "A choice whose condition holds nowhere is what it chooses otherwise."
  y = (SELECT|SELECT_V2)(c: const, _, b)
  where not any(c.value), b.shape == y.shape
  -> b
  equal exact

rule fold_growing
  "What only moves, repeats or converts constants is a constant, however much larger."
  y = (
    RESHAPE|
    SQUEEZE|
    EXPAND_DIMS|
    TRANSPOSE|
    SLICE|
    STRIDED_SLICE|
    GATHER|
    GATHER_ND|
    CONCATENATION|
    PACK|
    PAD|
    MIRROR_PAD|
    SCATTER_ND|
    SPARSE_TO_DENSE|
    ONE_HOT|
    BROADCAST_TO|
    RANGE|
    SELECT_V2|
    CAST
  )(xs...: const)
  where
    xs[0].dtype not in ["f16", "f32", "f64"]
      or y.dtype in ["f16", "f32", "f64", "bool"]
      or y.dtype in ["i32", "i64"] and max(abs(xs[0].value)) < 2147483648
  -> evaluate(y)
  equal exact

rule fold_fill
  "One number in a known shape is a constant."
  y = (FILL|ZEROS_LIKE)(_operands...: const)
  -> evaluate(y)
  equal exact

rule fold_tile
  "A constant several times is a constant."
  y = TILE(_: const, _: const)
  -> evaluate(y)
  equal exact

rule fold_densify
  "Constants in the sparse format are stored as they are used."
  y = DENSIFY(_: const)
  -> evaluate(y)
  equal exact

rule fold_dequantize_const
  "Constants stored in half precision are stored as they are used."
  DEQUANTIZE(c: const f16)
  -> cast(c, "f32")
  equal exact

rule fold_dequantize_const_steps
  "Constants stored in steps are stored as they are used."
  y = DEQUANTIZE(_: const i8|u8|i16)
  -> evaluate(y)
