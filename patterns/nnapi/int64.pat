# NNAPI has no int64: no operator with an int64 result is taken.

rule arg_as_int32
  "A place in a dimension fits into 32 bits, and is then made as long as it was."
  (a = ARG_MAX[output_type=INT64](x, d) | a = ARG_MIN[output_type=INT64](x, d))
  -> CAST(@a[output_type=INT32](x, d))
  equal exact

rule output_as_int32
  "An output that was made longer is given as it was."
  y = CAST(x: i32): i64
  where y.is_output
  -> x
  equal exact
  changes interface
