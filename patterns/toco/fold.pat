# Group C: what is known before the model runs is computed before.

pack toco "The graph transformations of the converters"
  leaves fold_dequantize_const, fold_dequantize_const_steps, fold_fill, fold_tile

rule fold_binary_add
  "The sum of two constants is a constant."
  ADD[pot_scale_int16=_](a: const f32|i32|i64, b: const)
  -> a + b

rule fold_binary_sub
  "The difference of two constants is a constant."
  SUB[pot_scale_int16=_](a: const f32|i32|i64, b: const)
  -> a - b

rule fold_binary_mul
  "The product of two constants is a constant."
  MUL(a: const f32|i32|i64, b: const)
  -> a * b

rule fold_unary_neg
  "A constant's negative is a constant."
  NEG(a: const f32|i32|i64)
  -> -a

rule fold_unary_square
  "A constant's square is a constant."
  SQUARE(a: const f32)
  -> a * a
  equal exact

rule fold_unary_sqrt
  "A constant's root is a constant."
  SQRT(a: const f32)
  -> sqrt(a)

rule fold_unary_rsqrt
  "1 over a constant's root is a constant."
  RSQRT(a: const f32)
  where min(a.value) > 0
  -> rsqrt(a)

rule fold_unary_exp
  "A constant's exponential is a constant."
  EXP(a: const f32)
  -> exp(a)

rule fold_cast
  "A constant's conversion is a constant."
  y = CAST(c: const f32|i32|i64)
  where y.dtype in ["f32", "i64", "f16"]
  -> cast(c, y.dtype)
  equal exact

rule fold_concat
  "Two constants joined are a constant."
  CONCATENATION[axis=k](a: const, b: const)
  -> concat([a, b], axis=k)
  equal exact

rule fold_fill
  "One number in a known shape is a constant."
  y = FILL(_, v: const)
  -> broadcast_to(v, y.shape)
  equal exact

rule fold_gather
  "Known places of a constant are a constant."
  GATHER[axis=0, batch_dims=0](c: const, i: const)
  -> c.value[i.value]
  equal exact

rule fold_range
  "Numbers that count between known ends are a constant."
  RANGE(s: const i32, l: const i32, d: const i32)
  -> cast(arange(max(s.value), max(l.value), max(d.value)), "i32")
  equal exact

rule fold_reshape
  "A constant in another shape is a constant."
  y = RESHAPE(c: const)
  -> reshape(c, y.shape)
  equal exact

rule fold_squeeze
  "A constant without dimensions of 1 is a constant."
  y = SQUEEZE[squeeze_dims=_](c: const)
  -> reshape(c, y.shape)
  equal exact
  benefit 2

rule fold_transpose
  "A transposed constant is a constant."
  TRANSPOSE(c: const, p: const)
  -> transpose(c, p.value)
  equal exact

rule fold_select
  "One of two constants, by a known condition, is a constant."
  y = (SELECT|SELECT_V2)(c: const, a: const, _)
  where all(c.value)
  -> broadcast_to(a, y.shape)
  equal exact

rule fold_slice
  "A part of a constant list is a constant."
  SLICE(c: const [_], b: const [1], s: const [1])
  where s.value[0] >= 0
  -> c.value[b.value[0]:b.value[0] + s.value[0]]
  equal exact

rule fold_tile
  "A constant list twice is a constant."
  TILE(c: const [_], [2])
  -> concat([c, c])
  equal exact

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

rule fold_dequantize_const
  "Constants stored in half precision are stored as they are used."
  DEQUANTIZE(c: const f16)
  -> cast(c, "f32")
  equal exact

rule fold_dequantize_const_steps
  "Constants stored in steps are stored as they are used."
  DEQUANTIZE(c: const i8|u8|i16)
  -> dequantize(c)
