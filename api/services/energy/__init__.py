"""A year of energy as measured and as shared out, and the months that are settled exactly."""
