"""Use cases: one function, one story; they join the columns and decide nothing about protocols."""
