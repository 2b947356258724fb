"""Cut those who share out of a community's year, in the form that the planner takes."""

import numpy as np
from numpy.typing import NDArray

from loaders.records import CommunityYear
from models.values.calendar import month_starts
from planner.sharing_year import SharingYear


def build_sharing_year(community: CommunityYear, rows: NDArray[np.intp]) -> SharingYear:
    """Build the year of some of those on a community's list.

    Parameters
    ----------
    community : CommunityYear
        A year of a community; its first installation is the one that is shared.
    rows : ndarray of int, shape (n_members,)
        Who shares, by position in the list.

    Returns
    -------
    SharingYear
        In the order of the rows; without current coefficients where nobody has one.
    """
    members = [community.members[row] for row in rows]
    current = [member.current_beta for member in members]
    invested = [member.investment_eur for member in members]
    prices = None
    if community.energy_eur_per_kwh is not None and community.surplus_eur_per_kwh is not None:
        prices = (community.energy_eur_per_kwh, community.surplus_eur_per_kwh)
    return SharingYear(
        generation_kwh=community.generation_kwh[0],
        consumption_kwh=np.ascontiguousarray(community.consumption_kwh[rows]),
        contracted_power_kw=np.array([member.contracted_kw for member in members]),
        precedence=np.argsort(np.argsort([member.cups for member in members])),
        month_starts=month_starts(community.year, community.timezone, community.step),
        current_beta=_fill_with_zero(current),
        investment_eur=_fill_with_zero(invested),
        prices=prices,
    )


def _fill_with_zero(figures: list[float | None]) -> NDArray[np.float64] | None:
    """Take a missing figure for zero, unless all are missing."""
    if all(figure is None for figure in figures):
        return None
    return np.array([figure or 0.0 for figure in figures])
