"""How far a caller may be said to reach."""

from uuid import uuid4

import pytest

from models.values.access import Reach


def test_members_are_reached_within_their_communities() -> None:
    with pytest.raises(ValueError, match="members are reached within their communities"):
        Reach(uuid4(), None, frozenset({uuid4()}))
    assert Reach(uuid4(), frozenset(), frozenset()).member_ids == frozenset()
