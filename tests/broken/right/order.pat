# Operands in the right order, signs that are kept, branches that are swapped where they should be.

rule negative_of_difference
  "The negative of a difference is the difference the other way round."
  NEG(SUB[pot_scale_int16=_](x: f32, y: f32))
  -> SUB(y, x)

rule difference_of_difference
  "What is taken away from what is taken away comes back."
  SUB[pot_scale_int16=_](x: f32, SUB[pot_scale_int16=_](y: f32, z: f32))
  -> ADD(SUB(x, y), z)

rule quotient_of_quotient
  "Two divisors in a row are multiplied with each other."
  DIV(DIV(x: f32, y: const f32), z: const f32)
  where min(abs(y.value)) > 1e-2, min(abs(z.value)) > 1e-2
  -> DIV(x, y * z)

rule product_of_sum_and_difference
  "The product of sum and difference is the difference of the squares."
  MUL(SUB[pot_scale_int16=_](x: f32, y: f32), ADD[pot_scale_int16=_](x, y))
  -> SUB(SQUARE(x), SQUARE(y))

rule places_of_places
  "Places of places are places."
  GATHER[axis=a, batch_dims=0](
    GATHER[axis=a, batch_dims=0](x: f32, i: const i32[_]),
    j: const i32[_],
  )
  -> GATHER[axis=a](x, i.value[j.value])
  equal exact

rule choice_by_negation
  "A choice by a condition's negation is a choice by the condition, with the branches swapped."
  SELECT_V2(LOGICAL_NOT(c), a: f32|i32, b)
  -> SELECT_V2(c, b, a)
  equal exact

rule not_less
  "What is not smaller is larger or equal, among integers, which are never NaN."
  LOGICAL_NOT(LESS(x: i32|i64, y))
  -> GREATER_EQUAL(x, y)
  equal exact

rule not_equal
  "What is not equal differs, NaNs included."
  LOGICAL_NOT(EQUAL(x: f32|i32, y))
  -> NOT_EQUAL(x, y)
  equal exact

rule neither
  "Not both is one of them not."
  LOGICAL_NOT(LOGICAL_AND(x, y))
  -> LOGICAL_OR(LOGICAL_NOT(x), LOGICAL_NOT(y))
  equal exact

rule bounds_swapped
  "Two bounds can be kept in either order where the lower one is nowhere above the upper one."
  MINIMUM(MAXIMUM(x: f32, l: const f32), h: const f32)
  where max(l.value) <= min(h.value)
  -> MAXIMUM(MINIMUM(x, h), l)

rule negative_of_maximum
  "The negative of the larger is the smaller of the negatives."
  NEG(MAXIMUM(x: f32, y: f32))
  -> MINIMUM(NEG(x), NEG(y))

rule choice_of_larger
  "A choice of the first where it is larger is the larger one."
  SELECT_V2(GREATER(x: f32, y), x, y)
  -> MAXIMUM(x, y)
