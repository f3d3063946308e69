# Recurrent networks, which keep their state in variable operands, and look-ups.

op SVDF(input, weights_feature, weights_time, bias?, state variable) -> output
  "Filters of rank `rank` over a memory of past inputs."
  shape recurrent.svdf
  quantization chosen
  version 3 where input.dtype == "i8"
  version 4 where
    input.dtype == "f32",
    weights_feature.dtype == "i8",
    output.dtype == "f32",
    asymmetric_quantize_inputs
  version 2 where input.dtype == "f32", weights_feature.dtype == "i8", output.dtype == "f32"

op RNN(input, weights, recurrent_weights, bias, hidden_state variable) -> output
  "One step of a plain recurrent cell."
  shape recurrent.rnn
  quantization chosen
  version 3 where weights.dtype == "i8", output.dtype == "f32", asymmetric_quantize_inputs
  version 2 where weights.dtype == "i8", output.dtype == "f32"

op UNIDIRECTIONAL_SEQUENCE_RNN(
  input,
  weights,
  recurrent_weights,
  bias,
  hidden_state variable,
) -> output
  "A plain recurrent cell over a sequence; time comes first where it is `time_major`."
  shape recurrent.sequence_rnn
  quantization chosen
  version 3 where weights.dtype == "i8", output.dtype == "f32", asymmetric_quantize_inputs
  version 2 where weights.dtype == "i8", output.dtype == "f32"

op BIDIRECTIONAL_SEQUENCE_RNN(
  input,
  fw_weights,
  fw_recurrent_weights,
  fw_bias,
  fw_hidden_state variable,
  bw_weights,
  bw_recurrent_weights,
  bw_bias,
  bw_hidden_state variable,
  aux_input?,
  fw_aux_weights?,
  bw_aux_weights?,
) -> (fw_output, bw_output?)
  "Plain recurrent cells over a sequence in both directions; with `merge_outputs` there is one result."
  shape recurrent.bidirectional_rnn
  quantization chosen
  version 3 where fw_weights.dtype == "i8", fw_output.dtype == "f32", asymmetric_quantize_inputs
  version 2 where fw_weights.dtype == "i8", fw_output.dtype == "f32"

# The basic kernel has five operands in the first five places (input, previous activation, weights, biases, previous
# state) and four results; the full one has the operands that the names say, and one result.
op LSTM(
  input,
  input_to_input_weights?,
  input_to_forget_weights,
  input_to_cell_weights,
  input_to_output_weights,
  recurrent_to_input_weights?,
  recurrent_to_forget_weights?,
  recurrent_to_cell_weights?,
  recurrent_to_output_weights?,
  cell_to_input_weights?,
  cell_to_forget_weights?,
  cell_to_output_weights?,
  input_gate_bias?,
  forget_gate_bias?,
  cell_bias?,
  output_gate_bias?,
  projection_weights?,
  projection_bias?,
  input_activation_state? variable,
  input_cell_state? variable,
  input_layer_norm_coefficients?,
  forget_layer_norm_coefficients?,
  cell_layer_norm_coefficients?,
  output_layer_norm_coefficients?,
) -> (output, state?, concatenated?, activations?)
  "One step of a long short-term memory cell."
  shape recurrent.lstm
  quantization chosen
  version 5 where
    kernel_type == FULL,
    input.dtype == "i16",
    input_to_forget_weights.dtype == "i8",
    output.dtype == "i16"
  version 4 where
    kernel_type == FULL,
    input.dtype == "f32",
    input_to_forget_weights.dtype == "i8",
    output.dtype == "f32",
    asymmetric_quantize_inputs
  version 3 where
    kernel_type == FULL,
    input.dtype == "f32",
    input_to_forget_weights.dtype == "i8",
    output.dtype == "f32"
  version 2 where kernel_type == BASIC

op UNIDIRECTIONAL_SEQUENCE_LSTM(
  input,
  input_to_input_weights?,
  input_to_forget_weights,
  input_to_cell_weights,
  input_to_output_weights,
  recurrent_to_input_weights?,
  recurrent_to_forget_weights,
  recurrent_to_cell_weights,
  recurrent_to_output_weights,
  cell_to_input_weights?,
  cell_to_forget_weights?,
  cell_to_output_weights?,
  input_gate_bias?,
  forget_gate_bias,
  cell_bias,
  output_gate_bias,
  projection_weights?,
  projection_bias?,
  input_activation_state variable,
  input_cell_state variable,
  input_layer_norm_coefficients?,
  forget_layer_norm_coefficients?,
  cell_layer_norm_coefficients?,
  output_layer_norm_coefficients?,
) -> output
  "A long short-term memory cell over a sequence; time comes first where it is `time_major`."
  shape recurrent.sequence_lstm
  quantization chosen
  version 5 where input.dtype == "i16", input_to_forget_weights.dtype == "i8", output.dtype == "i16"
  version 4 where diagonal_recurrent_tensors
  version 3 where
    input.dtype == "f32",
    input_to_forget_weights.dtype == "i8",
    output.dtype == "f32",
    asymmetric_quantize_inputs
  version 2 where input.dtype == "f32", input_to_forget_weights.dtype == "i8", output.dtype == "f32"

op BIDIRECTIONAL_SEQUENCE_LSTM(
  input,
  fw_input_to_input_weights?,
  fw_input_to_forget_weights,
  fw_input_to_cell_weights,
  fw_input_to_output_weights,
  fw_recurrent_to_input_weights?,
  fw_recurrent_to_forget_weights,
  fw_recurrent_to_cell_weights,
  fw_recurrent_to_output_weights,
  fw_cell_to_input_weights?,
  fw_cell_to_forget_weights?,
  fw_cell_to_output_weights?,
  fw_input_gate_bias?,
  fw_forget_gate_bias,
  fw_cell_bias,
  fw_output_gate_bias,
  fw_projection_weights?,
  fw_projection_bias?,
  bw_input_to_input_weights?,
  bw_input_to_forget_weights,
  bw_input_to_cell_weights,
  bw_input_to_output_weights,
  bw_recurrent_to_input_weights?,
  bw_recurrent_to_forget_weights,
  bw_recurrent_to_cell_weights,
  bw_recurrent_to_output_weights,
  bw_cell_to_input_weights?,
  bw_cell_to_forget_weights?,
  bw_cell_to_output_weights?,
  bw_input_gate_bias?,
  bw_forget_gate_bias,
  bw_cell_bias,
  bw_output_gate_bias,
  bw_projection_weights?,
  bw_projection_bias?,
  fw_input_activation_state variable,
  fw_input_cell_state variable,
  bw_input_activation_state variable,
  bw_input_cell_state variable,
  aux_input?,
  fw_aux_input_to_input_weights?,
  fw_aux_input_to_forget_weights?,
  fw_aux_input_to_cell_weights?,
  fw_aux_input_to_output_weights?,
  bw_aux_input_to_input_weights?,
  bw_aux_input_to_forget_weights?,
  bw_aux_input_to_cell_weights?,
  bw_aux_input_to_output_weights?,
) -> (fw_output, bw_output?)
  "Long short-term memory cells over a sequence in both directions; with `merge_outputs` there is one result."
  shape recurrent.bidirectional_lstm
  quantization chosen
  version 3 where
    fw_input_to_input_weights.dtype == "i8",
    fw_output.dtype == "f32",
    asymmetric_quantize_inputs
  version 2 where fw_input_to_input_weights.dtype == "i8", fw_output.dtype == "f32"

# Look-ups

op EMBEDDING_LOOKUP(lookup: i32, value) -> output
  "A row of `value` for each number."
  shape recurrent.embedding_lookup
  quantization value
  version 4 where value.dtype == "i4" or len(value.scale) > 1
  version 5 where value.dtype == "i2"

op EMBEDDING_LOOKUP_SPARSE(
  ids: i32,
  indices: i32,
  dense_shape: i32,
  weights: f32,
  value: f32,
) -> output: f32
  "Rows of `value`, weighted and added up, or their mean, as `combiner` says."
  shape recurrent.embedding_lookup_sparse
  quantization unquantized

op HASHTABLE_LOOKUP(lookup: i32, key: i32, value) -> (output, hits: u8)
  "The row of `value` that stands where the key is the number, or zeros; and for each whether there was one."
  shape recurrent.hashtable_lookup
  quantization value

op LSH_PROJECTION(hash: f32, input, weight?: f32) -> output: i32
  "Bits that are alike where inputs are, by random projections."
  shape recurrent.lsh_projection
  quantization unquantized

op SKIP_GRAM(input: string) -> output: string
  "Runs of words of a text, with some left out."
  shape recurrent.skip_gram
  quantization unquantized

# No runtime has a kernel for it.
op CONCAT_EMBEDDINGS(inputs...) -> output
  "Embeddings of several channels one behind the other."
