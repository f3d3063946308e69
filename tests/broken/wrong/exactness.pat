# What is only close is said to be exact, or closer than it is.

rule sum_regrouped
  "A sum can be grouped in another way, though not to the last bit."
  ADD[pot_scale_int16=_](lhs = ADD[pot_scale_int16=_](lhs=x: f32, rhs=y: f32), rhs=z: f32)
  -> ADD(x, ADD(y, z))
  equal exact

rule division_by_constant
  "A quotient is a product with the inverse, though that is rounded."
  DIV(x: f32, c: const f32)
  where 1e-6 < min(abs(c.value)), max(abs(c.value)) < 1e6
  -> MUL(x, 1.0 / c)
  equal exact

rule third
  "A third is 0.33333, though 4 units in the last place are less than that."
  DIV(x: f32, 3.0)
  -> MUL(x, 0.33333)
  equal within 4 ulp

rule sum_and_difference
  "What is added and taken away again leaves what was there, though rounding does not, and infinity does not."
  SUB[pot_scale_int16=_](ADD[pot_scale_int16=_](x: f32, y: f32), y)
  -> x
  equal exact

rule product_with_zero
  "A product with 0 adds nothing, though NaN times 0 is NaN."
  ADD[pot_scale_int16=_](y: f32, MUL(_: f32, 0.0))
  -> y
  equal exact

rule sum_with_zero
  "0 adds nothing, though -0.0 and 0.0 are 0.0."
  ADD[pot_scale_int16=_](x: f32, 0.0)
  -> x
  equal exact

rule product_with_one
  "A product with 1 is the value, though the plain kernel holds products between the largest numbers, and infinity becomes one of these."
  MUL(x: f32, 1.0)
  -> x
  equal exact

rule negative_of_negative
  "The negative of the negative is the value, though the fast kernel takes negatives from 0, which leaves nothing of the sign of -0.0."
  NEG(NEG(x: f32))
  -> x
  equal exact

rule maximum_with_zero
  "The larger of a value and 0 is a RELU, though not for NaN and -0.0."
  MAXIMUM(x: f32, 0.0)
  -> RELU(x)
  equal exact

rule negative_of_difference
  "The negative of a difference is the difference the other way round, though of equal values the one is -0.0 and the other 0.0."
  NEG(SUB[pot_scale_int16=_](x: f32, y: f32))
  -> SUB(y, x)
  equal exact

rule inverse_of_inverse
  "The inverse of an inverse is the value, though both were rounded."
  DIV(1.0, DIV(1.0, x: f32))
  -> x
  equal exact

rule not_less
  "What is not smaller is larger or equal, though NaN is neither."
  LOGICAL_NOT(LESS(x: f32, y))
  -> GREATER_EQUAL(x, y)
  equal exact

rule equal_to_itself
  "What is equal to itself is chosen always, though NaN is not equal to itself."
  SELECT_V2(EQUAL(x: f32, x), x, _)
  -> x
  equal exact
