# Conversions between element types: what they keep, and what is lost.

rule convert_before_division
  "A quotient of integers is taken after they became real numbers, though it was rounded before."
  CAST(DIV(x: i32, c: const i32)): f32
  where min(abs(c.value)) > 0
  -> DIV(CAST[out_data_type=FLOAT32](x), cast(c, "f32"))

rule through_i32
  "A conversion there and back does nothing, though what stands behind the point is lost."
  CAST(CAST(x: f32): i32): f32
  -> x

rule through_i8
  "A conversion there and back does nothing, though 8 bits do not hold what 32 do."
  CAST(CAST(x: i32): i8): i32
  -> x

rule through_bool
  "A conversion there and back does nothing, though a bool knows only whether there was something."
  CAST(CAST(x: i32): bool): i32
  -> x

rule through_fewer_bits
  "A conversion there and back does nothing, though 32 bits do not hold what 64 do."
  CAST(CAST(x: i64): i32): i64
  -> x

rule bytes_through_i8
  "Bytes become real numbers at once instead of by way of signed ones, though these are below 0 from 128 on."
  CAST(CAST(x: u8): i8): f32
  -> CAST(x)

rule floor_before_conversion
  "A conversion to integers rounds anyway, though towards 0 and not down."
  CAST(FLOOR(x: f32)): i32
  -> CAST(x)

rule compare_converted
  "Whole numbers are equal where the numbers are, but others may be as well."
  EQUAL(CAST(x: f32): i32, CAST(y: f32): i32)
  -> EQUAL(x, y)

rule either
  "One of two as a number is the sum of both as numbers, though both together come to 2."
  CAST(LOGICAL_OR(x, y)): f32
  -> ADD(CAST[out_data_type=FLOAT32](x), CAST[out_data_type=FLOAT32](y))
