"""Complete a community some of whose members have part of a year of readings, or none."""

from dataclasses import replace

import numpy as np

from loaders.records import CommunityYear
from models.values.errors import InvalidDataError
from planner.profiles import Completion, NoProfileError, complete_with_profile


class UnfillableGapsError(InvalidDataError):
    """Somebody lacks readings, and nobody has those that could take their place.

    Attributes
    ----------
    member_id : str
        The first such member.
    """

    def __init__(self, member_id: str) -> None:
        super().__init__(
            f"{member_id} has part of a year or none, and nobody on the list a whole year with"
            " consumption to take a profile from: add the readings of somebody"
        )
        self.member_id = member_id


def complete_community(community: CommunityYear) -> tuple[CommunityYear, tuple[Completion, ...]]:
    """Fill what was not measured with the profile of others of the same tariff.

    Parameters
    ----------
    community : CommunityYear
        A year of a community; consumption is NaN where nothing was measured.

    Returns
    -------
    CommunityYear
        The same one if it has no gaps.
    tuple of Completion, length n_members
        What was known of each on the list, members and reserve alike.

    Raises
    ------
    UnfillableGapsError
        If nobody has a whole year to take a profile from.
    ImpossibleConsumptionError
        If consumption is negative or infinite.

    Notes
    -----
    A profile is scaled to what was measured of the member, otherwise to the yearly consumption
    that it declares, otherwise to its contracted power; see ``complete_with_profile``.
    """
    members = community.members
    if not np.isnan(community.consumption_kwh.sum()):
        return community, (Completion(1.0),) * len(members)
    declared = [np.nan if member.yearly_kwh is None else member.yearly_kwh for member in members]
    try:
        completed = complete_with_profile(
            community.consumption_kwh,
            [member.tariff.value for member in members],
            np.array([member.contracted_kw for member in members]),
            declared_kwh=np.array(declared),
        )
    except NoProfileError as error:
        raise UnfillableGapsError(members[error.member].member_id) from error
    return replace(community, consumption_kwh=completed.consumption_kwh), completed.completions
