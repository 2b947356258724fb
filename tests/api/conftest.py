"""Fixtures of the API's tests."""

from tests.support.api import api, community_folder, filled_database
from tests.support.proposals import neighbours

__all__ = ["api", "community_folder", "filled_database", "neighbours"]
