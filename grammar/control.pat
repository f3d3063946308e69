# Subgraphs, variables, tables and chance.

op IF(cond: bool, inputs...) -> outputs...
  "One of two subgraphs, by a condition."
  side effects

op WHILE(inputs...) -> outputs...
  "A subgraph again and again, while another one says so."
  side effects

op CALL(inputs...) -> outputs...
  "A subgraph."
  side effects

op CALL_ONCE() -> ()
  "A subgraph that sets variables and tables up, the first time only."
  side effects
  shape recurrent.nothing
  quantization unquantized

op DELEGATE(inputs...) -> outputs...
  "What a delegate took over while the model was loaded; no file has it."
  side effects

# No operator: where the code's old field holds this, the newer field has the code.
op PLACEHOLDER_FOR_GREATER_OP_CODES(inputs...) -> outputs...
  "The code is larger than the old field can hold."

op VAR_HANDLE() -> output: resource
  "The variable called `shared_name`."
  side effects
  shape recurrent.variable
  quantization unquantized

op READ_VARIABLE(resource_id: resource) -> output
  "A variable's value."
  side effects

op ASSIGN_VARIABLE(resource_id: resource, value) -> ()
  "Gives a variable a value."
  side effects
  shape recurrent.nothing
  quantization unquantized

op HASHTABLE() -> output: resource
  "The table with this `table_id`."
  side effects
  shape recurrent.hashtable
  quantization unquantized

op HASHTABLE_IMPORT(hash_table: resource, keys, values) -> ()
  "Fills a table."
  side effects
  shape recurrent.nothing
  quantization unquantized

op HASHTABLE_FIND(hash_table: resource, keys, default_value) -> output
  "The values of some keys, or the default."
  shape recurrent.hashtable_find
  quantization unquantized

op HASHTABLE_SIZE(hash_table: resource) -> output: i64
  "How many keys a table has."
  shape recurrent.hashtable_size
  quantization unquantized

op RANDOM_UNIFORM(shape: i32) -> output: f32
  "Numbers between 0 and 1, others each time."
  side effects
  shape random
  quantization unquantized

op RANDOM_STANDARD_NORMAL(shape: i32) -> output: f32
  "Numbers around 0 with a deviation of 1, others each time."
  side effects
  shape random
  quantization unquantized

# Whether the results are i32 or i64, their tensor says.
op MULTINOMIAL(logits: f32, num_samples: i32) -> output: i32|i64
  "Classes drawn by their odds, others each time."
  side effects
  quantization unquantized
