"""Global ids of communities, as inputs name them."""

from uuid import UUID

from api.graphql.node import read_key
from api.services.communities.find_community import UnknownCommunityError
from models import tables


def read_community(text: str) -> UUID:
    """Open the global id of a community."""
    key = read_key(tables.Community, text)
    if key is None:
        raise UnknownCommunityError(text)
    return key
