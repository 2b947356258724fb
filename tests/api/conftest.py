"""Fixtures of the API's tests."""

from tests.support.api import api, community_folder, filled_database

__all__ = ["api", "community_folder", "filled_database"]
