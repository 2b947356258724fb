"""Choose the coefficients of one plant: what is asked, what is planned, how it is told."""
