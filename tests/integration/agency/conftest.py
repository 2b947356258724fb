"""Fixtures of sending to the tax agency."""

from tests.support.agency_sending import access, agency, credentials, sender

__all__ = ["access", "agency", "credentials", "sender"]
