"""From `.pat` text to checked rules and the programs that match them."""
