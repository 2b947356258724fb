"""Sums of members are told to whoever may not see each of them where enough share at once."""

from collections.abc import Sequence
from uuid import UUID

import numpy as np
from numpy.typing import NDArray

from models.values.errors import NotFoundError


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


def require_enough_at_once(
    allocated: NDArray[np.float64], owners: Sequence[UUID], fewest: int
) -> None:
    """Refuse energy of which some interval is shared out, but among too few members.

    Parameters
    ----------
    allocated : ndarray of float, shape (n_supply_points, n_steps)
        What each supply point gets in each interval [kWh].
    owners : sequence of UUID, length n_supply_points
        Whose each supply point is.
    fewest : int
        How many members have to share in an interval that anybody shares in.

    Raises
    ------
    TooFewMembersError
        If fewer share in one.

    Examples
    --------
    >>> from uuid import UUID
    >>> one, two = UUID(int=1), UUID(int=2)
    >>> require_enough_at_once(np.array([[0.0, 1.0], [0.0, 2.0]]), [one, two], 2)
    >>> require_enough_at_once(
    ...     np.array([[0.0, 1.0], [0.0, 2.0]]), [one, one], 2
    ... )  # doctest: +ELLIPSIS
    Traceback (most recent call last):
    ...
    api.services.energy.enough_members.TooFewMembersError: fewer than 2 members share here: ...
    """
    n_members = np.zeros(allocated.shape[1], np.int64)
    for owner in set(owners):
        rows = [row for row, each in enumerate(owners) if each == owner]
        n_members += (allocated[rows] > 0.0).any(axis=0)
    if ((n_members > 0) & (n_members < fewest)).any():
        raise TooFewMembersError(fewest)
