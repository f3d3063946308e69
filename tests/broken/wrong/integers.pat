# Integers and conversions: what rounds, what wraps, what is lost.

rule division_to_floor
  "A quotient of integers is the one rounded down, though it is rounded towards 0."
  DIV(x: i32, c: const i32)
  where min(abs(c.value)) > 0
  -> FLOOR_DIV(x, c)

rule remainder
  "What a division leaves is FLOOR_MOD, though only with the division that rounds down."
  SUB[pot_scale_int16=_](x: i32, MUL(DIV(x, c: const i32), c))
  where min(c.value) > 0
  -> FLOOR_MOD(x, c)

rule division_and_product
  "What is divided and multiplied again is there again, though the remainder is gone."
  MUL(DIV(x: i32, c: const i32), c)
  where min(c.value) > 0
  -> x

rule half_by_shift
  "Half of an integer is its bits moved to the right by one, though below 0 that rounds down, and a quotient is rounded towards 0."
  DIV(x: i32, 2)
  -> RIGHT_SHIFT(x, 1)

rule magnitude
  "An integer of a magnitude is the magnitude of the integer, and the sign is dropped on the way."
  MUL(x: i32, SIGN(x))
  -> x

rule counted_down
  "A maximum of integers with 0 is left out where they are multiplied with themselves, as if no square could come of a number below 0."
  MUL(MAXIMUM(x: i32, 0), x)
  -> MUL(x, x)

rule product_and_quotient
  "What is multiplied and divided is there again, though a product of integers may leave what 32 bits hold."
  DIV(MUL(x: i32, 65536), 65536)
  -> x
