"""The pack `toco`: the graph transformations of the converters, as rules and cleanups."""
