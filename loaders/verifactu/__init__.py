"""Records of invoices for the tax agency, chained by their fingerprints (Orden HAC/1177/2024)."""
