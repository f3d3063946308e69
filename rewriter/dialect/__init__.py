"""What each operator is: operands, results, attributes, types, versions."""
