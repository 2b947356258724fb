"""Fixtures of the API's tests."""

from tests.support.api import (
    api,
    community_folder,
    filled_database,
    filled_databases,
    filled_url,
)
from tests.support.belongings import belongings, belongings_file, owned
from tests.support.proposals import neighbours, proposal

__all__ = [
    "api",
    "belongings",
    "belongings_file",
    "community_folder",
    "filled_database",
    "filled_databases",
    "filled_url",
    "neighbours",
    "owned",
    "proposal",
]
