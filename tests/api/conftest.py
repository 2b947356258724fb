"""Fixtures of the API's tests."""

from tests.support.api import (
    api,
    community_folder,
    filled_database,
    filled_databases,
    filled_url,
)
from tests.support.proposals import neighbours

__all__ = [
    "api",
    "community_folder",
    "filled_database",
    "filled_databases",
    "filled_url",
    "neighbours",
]
