"""Coefficients that differ by class of hours: one set a month, an hour of the day, every hour."""
