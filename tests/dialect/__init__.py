"""The declarations of the builtin operators, held to the runtime and to the public rules."""
