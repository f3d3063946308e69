# Operands in the wrong order, signs that are lost, branches that are swapped.

rule negative_of_difference
  "The negative of a difference is the difference, with its operands as they were."
  NEG(SUB[pot_scale_int16=_](x: f32, y: f32))
  -> SUB(x, y)

rule difference_of_difference
  "A difference from a difference is the difference from the whole, though the last operand has its sign turned twice."
  SUB[pot_scale_int16=_](x: f32, SUB[pot_scale_int16=_](y: f32, z: f32))
  -> SUB(SUB(x, y), z)

rule quotient_of_quotient
  "Two divisors in a row are divided by each other, as if division were associative."
  DIV(DIV(x: f32, y: const f32), z: const f32)
  where min(abs(y.value)) > 1e-2, min(abs(z.value)) > 1e-2
  -> DIV(x, y / z)

rule product_of_sum_and_difference
  "The product of sum and difference is the difference of the squares, the other way round, though."
  MUL(SUB[pot_scale_int16=_](x: f32, y: f32), ADD[pot_scale_int16=_](x, y))
  -> SUB(SQUARE(y), SQUARE(x))

rule places_of_places
  "Places of places are places, looked up in the wrong list."
  GATHER[axis=a, batch_dims=0](
    GATHER[axis=a, batch_dims=0](x: f32, i: const i32[_]),
    j: const i32[_],
  )
  -> GATHER[axis=a](x, j.value[i.value])
  equal exact

rule choice_by_negation
  "A choice by a condition's negation is a choice by the condition, the branches as they were."
  SELECT_V2(LOGICAL_NOT(c), a: f32|i32, b)
  -> SELECT_V2(c, a, b)
  equal exact

rule not_less
  "What is not smaller is larger, or equal, though."
  LOGICAL_NOT(LESS(x: f32|i32, y))
  -> GREATER(x, y)
  equal exact

rule neither
  "Not both is neither."
  LOGICAL_NOT(LOGICAL_AND(x, y))
  -> LOGICAL_AND(LOGICAL_NOT(x), LOGICAL_NOT(y))
  equal exact

rule bounds_swapped
  "Two bounds can be kept in either order, though only where the lower one is lower."
  MINIMUM(MAXIMUM(x: f32, l: const f32), h: const f32)
  -> MAXIMUM(MINIMUM(x, h), l)

rule negative_of_maximum
  "The negative of the larger is the larger of the negatives."
  NEG(MAXIMUM(x: f32, y: f32))
  -> MAXIMUM(NEG(x), NEG(y))

rule choice_of_larger
  "A choice of the smaller one where the first is larger is the larger one."
  SELECT_V2(GREATER(x: f32, y), y, x)
  -> MAXIMUM(x, y)
