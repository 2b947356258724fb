"""Fixtures of community invoices."""

from tests.support.billing import billed

__all__ = ["billed"]
