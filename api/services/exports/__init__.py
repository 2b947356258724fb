"""Energy, savings, CO2, members and invoices as files that other programs read."""
