"""The choice of constant distribution coefficients, with a proof of how good they are."""
