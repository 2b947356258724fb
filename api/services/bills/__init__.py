"""The retail bill of a supply point: law, contract, readings and prices joined, and simulated."""
