"""A distributor's invoice of access: market message F1."""
