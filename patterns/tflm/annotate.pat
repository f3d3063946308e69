# Notes for an accelerator, in an operator's custom options. Every runtime passes over those of a builtin operator, so the
# model computes the same everywhere. Cores and memory are the device's: copy a rule into a file of your own, and change
# the 4 and the 65536. As no device is everybody's, all of these are used where they are named, and no others.

pack tflm "TensorFlow Lite Micro and small accelerators: operators and sizes that they have, and notes for them"
  serves tflm
  leaves
    execution_annotation_conv,
    execution_annotation_depthwise,
    execution_annotation_connected,
    execution_annotation_elementwise,
    execution_annotation_pool,
    execution_annotation_bytes,
    execution_annotation_bytes_off,
    execution_annotation_off

rule execution_annotation_conv
  "A convolution says how many channels each of 4 cores has, and how many rows of its result 65536 bytes hold."
  c = CONV_2D[custom_options=absent, fused_activation_function=_](
    x: i8,
    w: const i8[o, _, _, _],
    b?,
  ): [_, height, width, o]
  where height > 0, width > 0
  -> @c[
    custom_options=flexbuffer{
      cores: 4,
      channels_per_core: (o + 3) // 4,
      rows_per_tile: max(1, min(height, 65536 // (width * o))),
      weight_bytes: prod(w.shape),
    },
  ](x, w, b)
  equal exact

rule execution_annotation_depthwise
  "A depthwise convolution says how many channels each of 4 cores has, and how many rows of its result 65536 bytes hold."
  c = DEPTHWISE_CONV_2D[custom_options=absent, fused_activation_function=_](
    x: i8,
    w: const i8[1, _, _, o],
    b?,
  ): [_, height, width, o]
  where height > 0, width > 0
  -> @c[
    custom_options=flexbuffer{
      cores: 4,
      channels_per_core: (o + 3) // 4,
      rows_per_tile: max(1, min(height, 65536 // (width * o))),
      weight_bytes: prod(w.shape),
    },
  ](x, w, b)
  equal exact

rule execution_annotation_connected
  "A matrix product says how many units each of 4 cores has, and how many of them have weights that 65536 bytes hold."
  f = FULLY_CONNECTED[custom_options=absent, fused_activation_function=_](
    x: i8,
    w: const i8[units, features],
    b?,
  )
  where units > 0, features > 0
  -> @f[
    custom_options=flexbuffer{
      cores: 4,
      units_per_core: (units + 3) // 4,
      units_per_tile: max(1, min(units, 65536 // features)),
      weight_bytes: units * features,
    },
  ](x, w, b)
  equal exact

rule execution_annotation_elementwise
  "An addition or a product of two tensors says how many elements each of 4 cores has."
  y = (ADD|MUL|SUB)[custom_options=absent, fused_activation_function=_](x: i8, z: i8)
  -> @y[custom_options=flexbuffer{cores: 4, elements_per_core: (prod(y.shape) + 3) // 4}](x, z)
  equal exact

rule execution_annotation_pool
  "A pool says how many channels each of 4 cores has."
  p = (AVERAGE_POOL_2D|MAX_POOL_2D)[custom_options=absent, fused_activation_function=_](
    x: i8[_, _, _, channels],
  )
  -> @p[custom_options=flexbuffer{cores: 4, channels_per_core: (channels + 3) // 4}](x)
  equal exact

# Where a driver reads plain bytes: a version, then the device. Only what the text says can stand here.
rule execution_annotation_bytes
  "An operator that an accelerator runs carries a mark: version 1, device 2."
  f = (CONV_2D|DEPTHWISE_CONV_2D|FULLY_CONNECTED|ADD|MUL|SUB|AVERAGE_POOL_2D|MAX_POOL_2D)[
    custom_options=absent,
    fused_activation_function=_,
  ](xs...)
  where f.dtype == "i8"
  -> @f[custom_options=bytes("\x01\x02")](xs...)
  equal exact

rule execution_annotation_bytes_off
  "The mark goes again, and other notes stay."
  f = (CONV_2D|DEPTHWISE_CONV_2D|FULLY_CONNECTED|ADD|MUL|SUB|AVERAGE_POOL_2D|MAX_POOL_2D)[
    custom_options=bytes("\x01\x02"),
    fused_activation_function=_,
  ](xs...)
  -> @f[custom_options=absent](xs...)
  equal exact

rule execution_annotation_off
  "Notes of any kind go, of these operators."
  f = (CONV_2D|DEPTHWISE_CONV_2D|FULLY_CONNECTED|ADD|MUL|SUB|AVERAGE_POOL_2D|MAX_POOL_2D)[
    custom_options=o,
    fused_activation_function=_,
  ](xs...)
  where o is not absent
  -> @f[custom_options=absent](xs...)
  equal exact
