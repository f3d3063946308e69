# Conversions between element types: what they keep, and what is lost.

rule convert_before_maximum
  "The larger of two integers is found after they were given more bits."
  CAST(MAXIMUM(x: i32, y: i32)): i64
  -> MAXIMUM(CAST[out_data_type=INT64](x), CAST[out_data_type=INT64](y))

rule through_i32
  "A conversion of bools there and back does nothing."
  CAST(CAST(x: bool): i32): bool
  -> x

rule through_i64
  "A conversion to more bits and back does nothing."
  CAST(CAST(x: i32): i64): i32
  -> x

rule bytes_through_i32
  "Bytes become real numbers at once instead of by way of wider integers."
  CAST(CAST(x: u8): i32): f32
  -> CAST(x)

rule floor_after_conversion
  "What comes from integers is whole already."
  FLOOR(CAST(x: i32): f32)
  -> CAST(x)

rule compare_converted
  "Integers are equal where they are with more bits."
  EQUAL(CAST(x: i32): i64, CAST(y: i32): i64)
  -> EQUAL(x, y)

rule both
  "Both of two as a number is the product of both as numbers."
  CAST(LOGICAL_AND(x, y)): f32
  -> MUL(CAST[out_data_type=FLOAT32](x), CAST[out_data_type=FLOAT32](y))
