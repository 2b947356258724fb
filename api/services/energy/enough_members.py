"""Sums of members are told to whoever may not see each of them where enough share at once."""

from collections.abc import Sequence
from uuid import UUID

import numpy as np

from api.services.energy.find_energy_subjects import CommunityShares
from models.values.aggregates import Counted, are_parts_enough, count_fewest
from models.values.calendar import Step
from models.values.errors import NotFoundError
from planner.dated_shares import find_holding, lay_out_shares


class TooFewMembersError(NotFoundError):
    """A sum would tell of single members to somebody who may not see these.

    Attributes
    ----------
    fewest : int
        How many a sum must hold.
    """

    def __init__(self, fewest: int) -> None:
        super().__init__(f"fewer than {fewest} members share here: their sum is not told")
        self.fewest = fewest


def require_enough_at_once(counted: Counted, owners: Sequence[UUID], fewest: int) -> None:
    """Refuse a sum that some interval makes of too few members: who comes and goes is in it.

    Parameters
    ----------
    counted : ndarray of bool, shape (n_supply_points, n_steps)
        Which supply points count in each interval.
    owners : sequence of UUID, length n_supply_points
        Whose each supply point is.
    fewest : int
        How many members have to count in an interval in which anybody does.

    Raises
    ------
    TooFewMembersError
        If fewer do in one.

    Examples
    --------
    >>> from uuid import UUID
    >>> one, two = UUID(int=1), UUID(int=2)
    >>> require_enough_at_once(np.array([[False, True], [False, True]]), [one, two], 2)
    >>> require_enough_at_once(
    ...     np.array([[False, True], [False, True]]), [one, one], 2
    ... )  # doctest: +ELLIPSIS
    Traceback (most recent call last):
    ...
    api.services.energy.enough_members.TooFewMembersError: fewer than 2 members share here: ...
    """
    if counted.any() and count_fewest(counted, owners, np.arange(counted.shape[1])) < fewest:
        raise TooFewMembersError(fewest)


def require_enough_apart(
    together: CommunityShares, *, year: int, timezone: str, fewest: int
) -> None:
    """Refuse sums of one plant of several that would tell of too few beside the others'.

    Parameters
    ----------
    together : CommunityShares
        Who shares in each plant of the community.
    year : int
        Local calendar year.
    timezone : str
        The community's clock.
    fewest : int
        How many members nobody may tell apart.

    Raises
    ------
    TooFewMembersError
        If in some hour fewer share in the same plants.
    """
    rows = [
        [held.get(point_id, ()) for point_id in together.owners] for held in together.held.values()
    ]
    counted = [
        counts
        for held in rows
        for counts in (
            find_holding(held, year=year, timezone=timezone, step=Step.HOUR),
            lay_out_shares(held, year=year, timezone=timezone, step=Step.HOUR) > 0,
        )
    ]
    if not are_parts_enough(np.stack(counted), [*together.owners.values()], fewest):
        raise TooFewMembersError(fewest)
