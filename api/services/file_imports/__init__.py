"""Files of readings and prices: read them, lay them over what is stored, and report."""
