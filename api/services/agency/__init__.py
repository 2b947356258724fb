"""Sending the records of invoices to the tax agency, and what it answered."""
