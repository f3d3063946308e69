pack sample "Operators that undo each other, and one that no runtime knows"

op CUSTOM[SampleSquare](value) -> result
  shape sample.square_shape
  kernel sample.square

rule double_negation
  "Changing the sign twice changes nothing."
  NEG(NEG(x))
  -> x

rule square_as_product
  "A square is a product."
  CUSTOM[SampleSquare](x: f32)
  -> MUL(x, x)

rule division_as_product
  "A division by a power of two is a product."
  DIV(x: f32, c: const f32[])
  where is_power_of_two(max(c.value)), 1e-3 < abs(max(c.value)) < 1e3
  -> MUL(x, inverse(c))
  equal exact

rule length_of_one
  "A division by the length of a constant that has length 1 does nothing."
  DIV(x: f32, SQRT(SUM[keep_dims=true](SQUARE(w: const f32[n]), [0])))
  where n > 1, min(abs(w.value)) > 0, abs(sum(w.value * w.value) - 1) < 1e-6
  -> x
