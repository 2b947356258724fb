"""Collecting what invoices ask for: the books, payments, mandates, debits, reminders, debts."""
