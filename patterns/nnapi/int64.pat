# NNAPI has no int64: no operator with an int64 result is taken.

rule arg_as_int32
  "A place in a dimension fits into 32 bits, and is then made as long as it was."
  (a = ARG_MAX[output_type=INT64](x, d) | a = ARG_MIN[output_type=INT64](x, d))
  -> CAST(@a[output_type=INT32](x, d))
  equal exact
  phase 1

rule output_as_int32
  "An output that was made longer is given as it was."
  y = CAST(x: i32): i64
  where y.is_output
  -> x
  equal exact
  changes interface
  phase 1

rule longer_and_shorter
  "A number that was made longer and shorter again is as it was."
  CAST(CAST(x: i32): i64): i32
  -> x
  equal exact
  phase 1

rule longer_before_floats
  "A number need not be made longer before it becomes a float."
  y = CAST(CAST(x: i32): i64)
  where y.dtype == "f32"
  -> CAST(x)
  equal exact
  phase 1

rule longer_after_reshape
  "A number is made longer after what only moves it."
  r = RESHAPE(CAST(x: i32): i64, s)
  -> CAST(RESHAPE(x, s))
  equal exact
  phase 1

rule longer_indices
  "Places need not be made longer before they are used."
  g = GATHER(x, CAST(i: i32): i64)
  -> @g(x, i)
  equal exact
  phase 1
