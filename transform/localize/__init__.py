"""Which cell is wrong, and what a blank must be."""
