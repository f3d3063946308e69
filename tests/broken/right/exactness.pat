# What is exact, and what is as close as it says.

rule sum_regrouped
  "A sum can be grouped in another way."
  ADD[pot_scale_int16=_](lhs = ADD[pot_scale_int16=_](lhs=x: f32, rhs=y: f32), rhs=z: f32)
  -> ADD(x, ADD(y, z))

rule division_by_constant
  "A quotient is a product with the inverse, but for rounding."
  DIV(x: f32, c: const f32)
  where 1e-6 < min(abs(c.value)), max(abs(c.value)) < 1e6
  -> MUL(x, 1.0 / c)
  equal within 1e-5

rule division_by_four
  "The inverse of a power of two is not rounded."
  DIV(x: f32, 4.0)
  -> MUL(x, 0.25)
  equal exact

rule third
  "A third is a product with 1 / 3, but for the last place."
  DIV(x: f32, 3.0)
  -> MUL(x, 1 / 3)
  equal within 4 ulp

rule sum_and_difference
  "What is added and taken away again leaves what was there, but for rounding."
  SUB[pot_scale_int16=_](ADD[pot_scale_int16=_](x: f32, y: f32), y)
  -> x

rule product_with_zero
  "A product with 0 adds nothing to what is finite."
  ADD[pot_scale_int16=_](y: f32, MUL(_: f32, 0.0))
  -> y

rule sum_with_zero
  "0 adds nothing, but for a sign that -0.0 loses."
  ADD[pot_scale_int16=_](x: f32, 0.0)
  -> x

rule product_with_one
  "A product of integers with 1 is the value, whatever it is."
  MUL(x: i32|i64, 1)
  -> x
  equal exact

rule quotient_by_minus_one
  "A quotient by -1 is the negative."
  DIV(x: f32, -1.0)
  -> NEG(x)
  equal within 1 ulp

rule maximum_with_zero
  "The larger of a value and 0 is a RELU, where there is no NaN."
  MAXIMUM(x: f32, 0.0)
  -> RELU(x)

rule negative_of_negative
  "The negative of the negative of an integer is the value, whatever it is."
  NEG(NEG(x: i32|i64))
  -> x
  equal exact

rule twice
  "A value and the same value are twice the value."
  ADD[pot_scale_int16=_](x: f32, x)
  -> MUL(x, 2.0)
  equal exact

rule inverse_of_inverse
  "The inverse of an inverse is the value, but for rounding."
  DIV(1.0, DIV(1.0, x: f32))
  -> x
