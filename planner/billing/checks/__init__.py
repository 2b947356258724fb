"""Somebody else's bill held against ours: the causes of the difference, to the cent."""
