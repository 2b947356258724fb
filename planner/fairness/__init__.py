"""How evenly coefficients serve the members, and what evenness costs."""
