# Group H: what one place of a graph can say about functions. Bodies are inlined and dropped by no rule.

rule inline_composite
  "A composite that is known to square its input is one operator."
  STABLEHLO_COMPOSITE[
    name="odml.square",
    version=1,
    decomposition_subgraph_index=_,
    composite_attributes=_,
    composite_attributes_format=_,
  ](x: f32)
  -> SQUARE(x)
