# Group I: notes for devices, which other runtimes pass over.

rule execution_annotation
  "A convolution says on which cores its channels are to be computed."
  c = (CONV_2D|DEPTHWISE_CONV_2D)[custom_options=absent, fused_activation_function=_](
    x,
    w: const [o, ...],
    b?,
  )
  -> @c[custom_options=flexbuffer{device: "cores", channels_per_core: (o + 3) // 4}](x, w, b)
  equal exact

rule execution_annotation_bytes
  "A matrix product carries a mark."
  f = FULLY_CONNECTED[custom_options=absent, fused_activation_function=_](xs...)
  -> @f[custom_options=bytes("\x01mark")](xs...)
  equal exact

rule device_transform_gpu
  "Two tensors stacked are reshaped and joined, which a GPU does."
  PACK[axis=0, values_count=2](a: [n, c], b: [n, c])
  -> CONCATENATION[axis=0](RESHAPE(a, [1, n, c]), RESHAPE(b, [1, n, c]))
  equal exact
