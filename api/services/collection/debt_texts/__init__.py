"""Texts of letters about debts, a file for each language."""
