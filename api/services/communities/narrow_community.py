"""Keep one plant of a community that has several, with those who share in it."""

from collections.abc import Sequence
from dataclasses import replace

from loaders.records import CommunityYear


def narrow_community(community: CommunityYear, plant: int, rows: Sequence[int]) -> CommunityYear:
    """Keep one plant and some of those on the list.

    Parameters
    ----------
    community : CommunityYear
        A year of a community.
    plant : int
        Position of the plant.
    rows : sequence of int
        Positions of those who stay, in their order.

    Returns
    -------
    CommunityYear
        With one installation.
    """
    return replace(
        community,
        installations=(community.installations[plant],),
        members=tuple(replace(community.members[row], caus=()) for row in rows),
        consumption_kwh=community.consumption_kwh[list(rows)],
        generation_kwh=community.generation_kwh[[plant]],
    )
