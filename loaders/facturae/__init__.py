"""Facturae 3.2.2: electronic invoices for public bodies, and their signature."""
