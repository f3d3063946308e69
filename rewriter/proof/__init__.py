"""Rules that prove themselves: instances are made from a rule's own text, both sides run, and differences are shown."""
