"""What a retailer bills: every line of a member's bill, with self-consumption and without."""
