"""Community invoices: plans and payers, billing runs, corrections, and the chain of records."""
