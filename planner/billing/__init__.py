"""What a year of shared energy is worth to each member."""
