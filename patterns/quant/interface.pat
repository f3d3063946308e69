# Steps or real values at the inputs and outputs of a model. What adds a conversion there is used on request: it is the
# other direction of what takes one away.

pack quant
  leaves
    remove_final_requantize,
    remove_input_requantize,
    input_as_int8,
    input_as_uint8,
    output_as_int8,
    output_as_uint8,
    image_input,
    signed_image_input,
    float_input,
    float_output

rule remove_final_dequantize
  "Who reads the output takes its steps."
  y = DEQUANTIZE(x: i8|u8|i16)
  where y.is_output
  -> x
  changes interface

rule remove_input_quantize
  "Who gives the input gives it in steps."
  QUANTIZE(x: f32)
  where x.is_input
  -> x
  changes interface

rule remove_final_requantize
  "Who reads the output takes its bytes from the end that they count from inside."
  y = QUANTIZE(x: i8|u8)
  where
    y.is_output,
    y.dtype in ["i8", "u8"],
    y.scale == x.scale,
    y.zero_point - lowest(y.dtype) == x.zero_point - lowest(x.dtype)
  -> x
  changes interface

rule remove_input_requantize
  "Who gives the input gives bytes that count from the end that they count from inside."
  y = QUANTIZE(x: i8|u8)
  where
    x.is_input,
    y.dtype in ["i8", "u8"],
    y.scale == x.scale,
    y.zero_point - lowest(y.dtype) == x.zero_point - lowest(x.dtype)
  -> x
  changes interface

rule input_as_int8
  "Bytes that count from 0 come in as bytes that count from -128."
  y = ANY[fused_activation_function=_](x: u8, more...)
  where x.is_input, x.quantized
  -> @y(QUANTIZE(x: like x[dtype="i8", zero_point=x.zero_point - 128]): like x, more...): like y
  changes interface

rule input_as_uint8
  "Bytes that count from -128 come in as bytes that count from 0."
  y = ANY[fused_activation_function=_](x: i8, more...)
  where x.is_input, x.quantized
  -> @y(QUANTIZE(x: like x[dtype="u8", zero_point=x.zero_point + 128]): like x, more...): like y
  changes interface

rule output_as_int8
  "Bytes that count from 0 go out as bytes that count from -128."
  y = ANY[fused_activation_function=_](x: u8, more...)
  where y.is_output, y.dtype == "u8", y.quantized
  -> QUANTIZE(@y(x, more...): like y): like y[dtype="i8", zero_point=y.zero_point - 128]
  changes interface

rule output_as_uint8
  "Bytes that count from -128 go out as bytes that count from 0."
  y = ANY[fused_activation_function=_](x: i8, more...)
  where y.is_output, y.dtype == "i8", y.quantized, y.scale > 0
  -> QUANTIZE(@y(x, more...): like y): like y[dtype="u8", zero_point=y.zero_point + 128]
  changes interface

# An operator of real values that has weights of 8 bits makes steps of its input as it runs: these can fall otherwise where
# the input's last bit does.
rule image_input
  "A picture of real values from 0 to 1 comes in as bytes."
  y = ANY[fused_activation_function=_](x: f32, more...)
  where x.is_input, not "i8" in more.dtype
  -> @y(DEQUANTIZE(x: like x[dtype="u8", scale=1 / 255, zero_point=0]), more...): like y
  changes interface

rule signed_image_input
  "A picture of real values from -1 to 1 comes in as bytes."
  y = ANY[fused_activation_function=_](x: f32, more...)
  where x.is_input, not "i8" in more.dtype
  -> @y(DEQUANTIZE(x: like x[dtype="u8", scale=1 / 127.5, zero_point=128]), more...): like y
  changes interface

rule float_input
  "Who gives the input gives real values, which become steps inside."
  y = ANY[fused_activation_function=_](x: i8|u8|i16, more...)
  where x.is_input, x.quantized
  -> @y(QUANTIZE(x: like x[dtype="f32"]): like x, more...): like y
  changes interface

rule float_output
  "Who reads the output gets real values."
  y = ANY[fused_activation_function=_](x: i8|u8|i16, more...)
  where y.is_output, y.dtype in ["i8", "u8", "i16"], y.quantized
  -> DEQUANTIZE(@y(x, more...): like y): like y[dtype="f32"]
  changes interface
