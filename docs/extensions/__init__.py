"""What the pages take from the program while they are built, so that it cannot be out of date."""
