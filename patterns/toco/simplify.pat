# Group A, arithmetic: what changes no value goes, and what is computed in two steps is computed in one.

pack toco "The graph transformations of the converters"
  leaves const_splat_to_scalar, expand_broadcast_const, reorder_const_rhs

rule remove_trivial_binary
  "What is added, taken away, multiplied or divided without an effect does nothing."
  y = (
    ADD[pot_scale_int16=_](x: f32|i32|i64, 0.0)
    | SUB[pot_scale_int16=_](x: f32|i32|i64, 0.0)
    | MUL(x: f32|i32|i64, 1.0)
    | DIV(x: f32, 1.0)
  )
  where x.shape == y.shape
  -> x

rule remove_trivial_binary_quantized
  "What is added, taken away or multiplied without an effect does nothing, where the steps stay the same."
  y = (
    ADD[pot_scale_int16=_](x: i8|u8, 0.0)
    | SUB[pot_scale_int16=_](x: i8|u8, 0.0)
    | MUL(x: i8|u8, 1.0)
  )
  where x.shape == y.shape
  -> x
  equal within 1 step

rule remove_add_zeros_like
  "Zeros that are computed add nothing."
  y = (
    ADD[pot_scale_int16=_](x: f32|i32, ZEROS_LIKE(_))
    | SUB[pot_scale_int16=_](x: f32|i32, ZEROS_LIKE(_))
  )
  where x.shape == y.shape
  -> x
  shared

rule add_computed_zero
  "What is taken away from itself adds nothing."
  y = ADD[pot_scale_int16=_](x: f32|i32, SUB[pot_scale_int16=_](z, z))
  where x.shape == y.shape
  -> x

rule reorder_const_rhs
  "The constant of an operator with two equal operands comes second, where every runtime looks for it."
  y = (
    (ADD|MUL)[fused_activation_function=_](lhs=c: const, rhs=x)
    | (MAXIMUM|MINIMUM|EQUAL|NOT_EQUAL)(lhs=c: const, rhs=x)
  )
  where not x.is_const
  -> @y(x, c)

rule sub_const_to_add
  "Taking a constant away is adding its negative."
  SUB[fused_activation_function=a, pot_scale_int16=p](x: f32, c: const f32)
  where not x.is_const
  -> ADD[fused_activation_function=a, pot_scale_int16=p](x, 0.0 - c)

rule div_const_to_mul_recip
  "Dividing by a constant is multiplying by 1 over it."
  DIV[fused_activation_function=a](x: f32, c: const f32)
  where not x.is_const, min(abs(c.value)) > 1e-30, max(abs(c.value)) < 1e30
  -> MUL[fused_activation_function=a](x, 1.0 / c)

rule const_splat_to_scalar
  "A constant whose elements are all one number is that number."
  y = (ADD|SUB|MUL|DIV)[fused_activation_function=_](x: f32, c: const f32)
  where x.shape == y.shape, prod(c.shape) > 1, min(c.value) == max(c.value)
  -> @y(x, min(c.value))

rule expand_broadcast_const
  "A constant is stored as often as it is used in one operator, for runtimes that do not broadcast."
  y = (ADD|SUB|MUL|DIV)[fused_activation_function=_](x: f32, c: const f32)
  where x.shape == y.shape, c.shape != y.shape
  -> @y(x, broadcast_to(c, y.shape))

rule undo_broadcast_bias_add
  "What is added or multiplied for each channel has one dimension, as a bias has."
  y = (ADD|SUB|MUL)[fused_activation_function=_](
    r = (CONV_2D|DEPTHWISE_CONV_2D|FULLY_CONNECTED|TRANSPOSE_CONV)(..),
    c: const f32[..., 1, n],
  )
  where prod(c.shape) == n, r.shape == y.shape
  -> @y(r, reshape(c, [n]))

rule logical_identity
  "And with true, and or with false, change nothing."
  y = (LOGICAL_AND(x, true) | LOGICAL_OR(x, false))
  where x.shape == y.shape
  -> x

rule select_const_cond
  "A choice that is made beforehand is what was chosen."
  y = ((SELECT|SELECT_V2)(true, x, _) | (SELECT|SELECT_V2)(false, _, x))
  where x.shape == y.shape
  -> x

rule select_not
  "A choice by the opposite takes the other branch."
  y = (SELECT|SELECT_V2)(LOGICAL_NOT(c), a, b)
  -> @y(c, b, a)
  equal exact

rule select_bool_identity
  "A choice between true and false is the condition."
  y = (SELECT|SELECT_V2)(c, true: bool, false: bool)
  where c.shape == y.shape
  -> c

rule select_bool_identity_not
  "A choice between false and true is the opposite of the condition."
  y = (SELECT|SELECT_V2)(c, false: bool, true: bool)
  where c.shape == y.shape
  -> LOGICAL_NOT(c)

rule compare_bool_cast_zero
  "A truth value as a number is more than 0, or not 0, where it is true."
  y = (NOT_EQUAL|GREATER)(lhs = CAST(b: bool): f32|i32|i64, rhs=0)
  where b.shape == y.shape
  -> b

rule compare_bool_cast_zero_not
  "A truth value as a number is 0, or not more, where it is false."
  y = (EQUAL|LESS_EQUAL)(lhs = CAST(b: bool), rhs=0)
  where b.shape == y.shape
  -> LOGICAL_NOT(b)

rule remove_redundant_relu
  "What is never below 0 needs no RELU."
  RELU(
    y = (
      (ABS|EXP|LOGISTIC|RELU|RELU6|RELU_0_TO_1|SOFTMAX|SQUARE|SQUARED_DIFFERENCE)(..)
      | (ADD|SUB|MUL|DIV|CONV_2D|DEPTHWISE_CONV_2D|FULLY_CONNECTED|AVERAGE_POOL_2D|MAX_POOL_2D)[
        fused_activation_function=RELU|RELU6,
      ](..)
    ),
  )
  -> y

rule remove_redundant_relu_relu6
  "What is never below 0 or above 6 needs no RELU6."
  RELU6(
    y = (
      (LOGISTIC|RELU6|RELU_0_TO_1|SOFTMAX)(..)
      | (ADD|SUB|MUL|DIV|CONV_2D|DEPTHWISE_CONV_2D|FULLY_CONNECTED|AVERAGE_POOL_2D|MAX_POOL_2D)[
        fused_activation_function=RELU6,
      ](..)
    ),
  )
  -> y

rule fold_max_sub_into_softmax
  "A softmax takes its row's largest value away itself."
  SOFTMAX[beta=1.0](SUB[pot_scale_int16=_](x: f32, REDUCE_MAX[keep_dims=true](x, a: const)))
  where all((a.value + x.rank) % x.rank == x.rank - 1), prod(a.shape) == 1
  -> SOFTMAX[beta=1.0](x)

rule relu_min127
  "What is held below the largest value of its type is not held back."
  y = MINIMUM(x: i8, c: const i8)
  where x.shape == y.shape, min(c.value) >= (126.5 - x.zero_point) * x.scale
  -> x
  equal exact

rule reassoc_add_add
  "Two constants are added as one."
  ADD[fused_activation_function=a, pot_scale_int16=p](
    ADD[pot_scale_int16=_](x: f32, c: const f32),
    d: const f32,
  )
  where not x.is_const
  -> ADD[fused_activation_function=a, pot_scale_int16=p](x, c + d)

rule reassoc_mul_mul
  "Two constants are multiplied with as one."
  MUL[fused_activation_function=a](MUL(x: f32, c: const f32), d: const f32)
  where not x.is_const
  -> MUL[fused_activation_function=a](x, c * d)

rule affine_chain_fold
  "A product of a sum is a sum of products, of which the constants are known."
  MUL[fused_activation_function=f](
    ADD[pot_scale_int16=_](MUL(x: f32, a: const f32), b: const f32),
    c: const f32,
  )
  where not x.is_const
  -> ADD[fused_activation_function=f](MUL(x, a * c), b * c)
  equal within 1e-4

rule move_binary_const_before_reshape
  "What is the same for each row is done before a reshape that leaves the rows as they are."
  y = (
    (ADD|SUB|MUL|DIV)[fused_activation_function=_](r = RESHAPE(x: f32), c: const f32)
    | (MAXIMUM|MINIMUM)(r = RESHAPE(x: f32), c: const f32)
  )
  where
    x.rank <= 4,
    c.rank <= x.rank,
    c.rank <= r.rank,
    r.shape == y.shape,
    x.shape[x.rank - c.rank:] == c.shape,
    r.shape[r.rank - c.rank:] == c.shape
  -> RESHAPE(@y(x, c))

rule move_binary_before_two_reshapes
  "Two tensors that are reshaped alike are joined element by element before, and reshaped once."
  y = (
    (ADD|SUB|MUL|DIV)[fused_activation_function=_](r = RESHAPE(a: f32), s = RESHAPE(b: f32))
    | (MAXIMUM|MINIMUM)(r = RESHAPE(a: f32), s = RESHAPE(b: f32))
  )
  where a.rank <= 4, a.shape == b.shape, r.shape == s.shape
  -> RESHAPE(@y(a, b))

rule remove_broadcasting_reshape_operand
  "A reshape that puts dimensions of 1 in front is not needed where the operator does that itself."
  y = (
    (ADD|SUB|MUL|DIV)[fused_activation_function=_](r = RESHAPE(x), z)
    | (MAXIMUM|MINIMUM)(r = RESHAPE(x), z)
  )
  where
    0 < x.rank < r.rank,
    r.rank <= z.rank,
    prod(x.shape) == prod(r.shape),
    r.shape[r.rank - x.rank:] == x.shape
  -> @y(x, z)

rule reduce_fold_reshape_keepdims
  "A reduction keeps the dimensions as 1 itself where a reshape put them back."
  RESHAPE(
    m = (MEAN|SUM|REDUCE_PROD|REDUCE_MAX|REDUCE_MIN|REDUCE_ANY|REDUCE_ALL)[keep_dims=false](
      x: f32|i8|u8|i32|i64|bool,
      a: const,
    ),
  )
  -> @m[keep_dims=true](x, a)

rule fuse_mean_with_mean
  "A mean of means over other dimensions is a mean over all of them."
  MEAN[keep_dims=true](MEAN[keep_dims=true](x: f32, a: const i32[_]), b: const i32[_])
  -> MEAN[keep_dims=true](x, concat([a, b]))

rule topk_reduce_k
  "Of the largest values only so many are looked for as are taken."
  (v, _) = TOPK_V2(x, _); y = SLICE(v, 0, _)
  where y.shape[:y.rank - 1] == v.shape[:v.rank - 1]
  -> (y, _) = TOPK_V2(x, y.shape[y.rank - 1])
  equal exact

rule topk_reduce_k_indices
  "Of the largest values, and of their places, only so many are looked for as are taken."
  (v, i) = TOPK_V2(x, _); j = SLICE(i, 0, _); y = SLICE(v, 0, _)
  where y.shape[:y.rank - 1] == v.shape[:v.rank - 1], y.shape == j.shape
  -> (y, j) = TOPK_V2(x, y.shape[y.rank - 1])
  equal exact

rule addn2_to_add
  "A sum of two is what ADD gives."
  ADD_N(a: f32|i32, b)
  -> ADD(a, b)

rule push_down_dequantize
  "Only those values are converted that are taken."
  SLICE(DEQUANTIZE(x: i8|u8|i16), b, s)
  where x.scale > 0
  -> DEQUANTIZE(SLICE(x, b, s))

rule push_down_dequantize_gather
  "Only those rows are converted that are taken."
  GATHER[axis=a, batch_dims=n](DEQUANTIZE(x: i8|u8|i16), i)
  where x.scale > 0
  -> DEQUANTIZE(GATHER[axis=a, batch_dims=n](x, i))
