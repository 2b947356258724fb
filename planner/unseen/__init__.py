"""Coefficients and the data that they have not seen: other weather, other weeks, other years."""
