pack sample "Operators that undo each other, and one that no runtime knows"

op CUSTOM[SampleSquare](value) -> result
  shape sample.square_shape
  kernel sample.square

rule double_negation
  "Changing the sign twice changes nothing."
  NEG(NEG(x))
  -> x
  equal exact

rule square_as_product
  "A square is a product."
  CUSTOM[SampleSquare](x: f32)
  -> MUL(x, x)
  equal exact
