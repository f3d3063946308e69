# What no pattern describes: operators that nobody reads, and what a file carries without need.

pack toco
  leaves
    remove_duplicate_constants,
    remove_unused_parts,
    eliminate_dead_subgraph,
    strip_names,
    shorten_variable_names

cleanup remove_dead_operators
  "Operators whose results nobody reads are left out."
  by toco.operators.remove_dead_operators

cleanup common_subexpression_elimination
  "Of operators that do the same with the same operands the first one serves all readers."
  by toco.operators.common_subexpression_elimination

cleanup remove_duplicate_constants
  "Equal constants are stored once."
  by toco.baggage.remove_duplicate_constants

cleanup remove_unused_parts
  "Tensors, buffers and operator codes that nothing refers to are left out."
  by toco.baggage.remove_unused_parts

cleanup eliminate_dead_subgraph
  "Subgraphs that no operator runs and no signature names are left out."
  by toco.baggage.eliminate_dead_subgraph

cleanup strip_names
  "Tensors that are no input and no output lose their names."
  by toco.baggage.strip_names

cleanup shorten_variable_names
  "Variables get the shortest names that keep them apart."
  by toco.baggage.shorten_variable_names
