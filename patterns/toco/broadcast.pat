# Group B: what is repeated or broadcast first is computed before, or not at all.

rule fuse_tile_into_binary
  "What is repeated only to have the shape of the other operand need not be."
  y = (
    ADD|
    SUB|
    MUL|
    DIV|
    MAXIMUM|
    MINIMUM|
    SQUARED_DIFFERENCE|
    FLOOR_DIV|
    FLOOR_MOD|
    EQUAL|
    NOT_EQUAL|
    LESS|
    LESS_EQUAL|
    GREATER|
    GREATER_EQUAL
  )[fused_activation_function=_](TILE(x, _), c)
  where x.rank <= 4, c.rank <= 4
  -> @y(x, c)

rule fuse_tile_into_binary_rhs
  "A second operand that is repeated only to have the shape of the first need not be."
  y = (SUB|DIV|FLOOR_DIV|FLOOR_MOD|LESS|LESS_EQUAL|GREATER|GREATER_EQUAL)[
    fused_activation_function=_,
  ](c, TILE(x, _))
  where x.rank <= 4, c.rank <= 4
  -> @y(c, x)

rule fuse_broadcast_to_into_binary
  "What is broadcast only to have the shape of the other operand need not be."
  y = (
    ADD|
    SUB|
    MUL|
    DIV|
    MAXIMUM|
    MINIMUM|
    SQUARED_DIFFERENCE|
    FLOOR_DIV|
    FLOOR_MOD|
    EQUAL|
    NOT_EQUAL|
    LESS|
    LESS_EQUAL|
    GREATER|
    GREATER_EQUAL|
    LOGICAL_AND|
    LOGICAL_OR
  )[fused_activation_function=_](BROADCAST_TO(x, _), c)
  where x.rank <= 4, c.rank <= 4
  -> @y(x, c)

rule fuse_broadcast_to_into_binary_rhs
  "A second operand that is broadcast only to have the shape of the first need not be."
  y = (SUB|DIV|FLOOR_DIV|FLOOR_MOD|LESS|LESS_EQUAL|GREATER|GREATER_EQUAL)[
    fused_activation_function=_,
  ](c, BROADCAST_TO(x, _))
  where x.rank <= 4, c.rank <= 4
  -> @y(c, x)

rule fuse_broadcast_to_into_bmm
  "Matrices that are broadcast only to be as many as the others need not be."
  a = BATCH_MATMUL(BROADCAST_TO(x: f32, _), y: f32)
  where x.rank >= 2, x.rank <= 4, y.rank <= 4
  -> @a(x, y)

rule fuse_broadcast_to_into_bmm_rhs
  "Second matrices that are broadcast only to be as many as the first need not be."
  a = BATCH_MATMUL(x: f32, BROADCAST_TO(y: f32, _))
  where y.rank >= 2, x.rank <= 4, y.rank <= 4
  -> @a(x, y)

rule reorder_broadcast_to_unary
  "Each value is computed once, before it is broadcast."
  u = (
    ABS|
    NEG|
    EXP|
    LOG|
    SQRT|
    RSQRT|
    SQUARE|
    SIN|
    COS|
    TANH|
    LOGISTIC|
    RELU|
    RELU6|
    RELU_N1_TO_1|
    RELU_0_TO_1|
    FLOOR|
    CEIL|
    ROUND|
    ELU|
    GELU|
    HARD_SWISH|
    LEAKY_RELU
  )(BROADCAST_TO(x: f32, s))
  -> BROADCAST_TO(@u(x), s)

rule reorder_broadcast_to_unary_cast
  "Each value is converted once, before it is broadcast."
  y = CAST(BROADCAST_TO(x: f32|i32|i64|bool, s))
  where y.dtype in ["f32", "i32", "i64", "bool"]
  -> BROADCAST_TO(@y(x), s)
  equal exact

rule reorder_broadcast_to_sum
  "What is broadcast along other dimensions is added up before."
  r = SUM(t = BROADCAST_TO(x: f32|i32, _), a: const)
  where
    x.rank == t.rank,
    x.rank <= 4,
    sizes_at(x.shape, a.value) == sizes_at(t.shape, a.value),
    r.rank > 0
  -> BROADCAST_TO(@r(x, a), r.shape)

rule broadcast_sum_to_mul
  "The sum of a value that was broadcast is a multiple of it."
  y = SUM[keep_dims=true](t = BROADCAST_TO(x: f32, _), _)
  where x.shape == y.shape
  -> MUL(x, cast([prod(t.shape) / prod(x.shape)], "f32"))

pattern repeated(x) = (BROADCAST_TO(x, _) | FILL(_, x))

rule fuse_broadcast_into_select
  "A condition that is broadcast only to have the shape of the branches need not be."
  SELECT_V2(BROADCAST_TO(c, _), a, b)
  where c.rank <= 4, a.rank <= 4, b.rank <= 4
  -> SELECT_V2(c, a, b)
  equal exact

rule fuse_broadcast_into_select_lhs
  "Values that are broadcast only to be chosen need not be."
  SELECT_V2(c, repeated(a), b)
  where c.rank <= 4, a.rank <= 4, b.rank <= 4
  -> SELECT_V2(c, a, b)
  equal exact

rule fuse_broadcast_into_select_rhs
  "Values that are broadcast only to be chosen where a condition does not hold need not be."
  SELECT_V2(c, a, repeated(b))
  where c.rank <= 4, a.rank <= 4, b.rank <= 4
  -> SELECT_V2(c, a, b)
  equal exact

# SELECT takes a list of conditions for rows of any rank, SELECT_V2 does not: here the conditions have the result's shape.
rule fuse_broadcast_into_select_old
  "A selection from values that are broadcast is one by the operator that broadcasts itself."
  y = SELECT(c, repeated(a), b)
  where c.shape == y.shape, y.rank <= 4
  -> SELECT_V2(c, a, b)
  equal exact

rule fuse_broadcast_into_select_old_rhs
  "A selection from second values that are broadcast is one by the operator that broadcasts itself."
  y = SELECT(c, a, repeated(b))
  where c.shape == y.shape, y.rank <= 4
  -> SELECT_V2(c, a, b)
  equal exact

rule equal_to_onehot
  "Comparing with 0, 1, 2 and so on puts a one in the place that a number names."
  EQUAL(x: i32[..., 1], c: const i32[n])
  where all(c.value == range(n))
  -> ONE_HOT[axis=-1](RESHAPE(x, x.shape[:-1]), n, true: bool, false: bool)
  equal exact

rule fuse_onehot_cast
  "Rows of two values are made in the type that is wanted."
  y = CAST(ONE_HOT[axis=a](i, d, on: const i32|i64|f32, off: const i32|i64|f32))
  where y.dtype in ["f32", "i32", "i64"], max(abs(on.value)) < 2e9, max(abs(off.value)) < 2e9
  -> ONE_HOT[axis=a](i, d, cast(on, y.dtype), cast(off, y.dtype))
  equal exact
