"""Fixtures of agreements' lives."""

from tests.support.agreements import shared
from tests.support.stored_proposals import proposal

__all__ = ["proposal", "shared"]
