# Integers and conversions: what rounds, what wraps, what is lost.

rule remainder
  "What a division that rounds down leaves is FLOOR_MOD."
  SUB[pot_scale_int16=_](x: i32, MUL(FLOOR_DIV(x, c: const i32), c))
  where min(c.value) > 0
  -> FLOOR_MOD(x, c)

rule divisors_joined
  "Two divisors in a row are one, where it can be held."
  FLOOR_DIV(FLOOR_DIV(x: i32, a: const i32), b: const i32)
  where min(a.value) > 0, min(b.value) > 0, max(a.value) < 10000, max(b.value) < 10000
  -> FLOOR_DIV(x, a * b)

rule division_and_product
  "What is divided and multiplied again is there again, among real numbers."
  MUL(DIV(x: f32, c: const f32), c)
  where min(abs(c.value)) > 1e-2
  -> x

rule half_by_shift
  "Half of an integer, rounded down, is its bits moved to the right by one."
  FLOOR_DIV(x: i32, 2)
  -> RIGHT_SHIFT(x, 1)

rule sum_regrouped
  "A sum of integers can be grouped in another way, for they wrap alike."
  ADD[pot_scale_int16=_](lhs = ADD[pot_scale_int16=_](lhs=x: i32, rhs=y: i32), rhs=z: i32)
  -> ADD(x, ADD(y, z))

rule sum_and_difference
  "What is added to an integer and taken away again leaves what was there, for it wraps back."
  SUB[pot_scale_int16=_](ADD[pot_scale_int16=_](x: i32, y: i32), y)
  -> x

rule magnitude
  "A value times its sign is its magnitude."
  MUL(x: f32, SIGN(x))
  -> ABS(x)

rule twice
  "An integer and the same integer are twice the integer."
  ADD[pot_scale_int16=_](x: i32|i64, x)
  -> MUL(x, 2)

rule counted_down
  "A maximum of integers with 0 twice is one."
  MAXIMUM(MAXIMUM(x: i32|i64, 0), 0)
  -> MAXIMUM(x, 0)
