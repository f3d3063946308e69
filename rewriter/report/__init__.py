"""A result as text and JSON."""
