"""Assemble the year of one plant: those who share in it, and all who wait."""

from dataclasses import replace
from uuid import UUID

from sqlmodel import Session

from api.services.communities.current_coefficients import map_current
from api.services.communities.find_plant import find_plant
from api.services.communities.load_community_year import load_community_year
from api.services.communities.narrow_community import narrow_community
from loaders.records import CommunityYear, MemberRole
from models.repositories.supply_points import map_supply_points
from models.values.coefficient import MILLIONTHS


def load_reserve_year(
    session: Session, *, promoter_id: UUID, installation_id: UUID, year: int
) -> CommunityYear:
    """Assemble the year of a plant, of those who share in it and of those who wait.

    Parameters
    ----------
    session : Session
        Open transaction.
    promoter_id : UUID
        The tenant.
    installation_id : UUID
        The plant.
    year : int
        Local calendar year.

    Returns
    -------
    CommunityYear
        With this plant alone and the coefficients in force; of a community with several, without
        those who share in others only. Consumption that was not measured is NaN.

    Raises
    ------
    UnknownInstallationError
        If the promoter has no such plant.
    MissingYearError, MissingMonthsError, MissingPricesError, MixedStepsError, DamagedMonthError
        If the year cannot be assembled.
    """
    plant = find_plant(session, promoter_id=promoter_id, installation=installation_id)
    community = load_community_year(
        session,
        promoter_id=promoter_id,
        community_id=plant.community_id,
        year=year,
        accepts_gaps=True,
    )
    if len(community.installations) == 1:
        return community
    current = map_current(session, plant)
    points = map_supply_points(session, promoter_id=promoter_id, supply_point_ids=current)
    shares = {point.cups: current[key] for key, point in points.items()}
    rows = [
        row
        for row, member in enumerate(community.members)
        if member.role is MemberRole.RESERVE or member.cups in shares
    ]
    caus: list[str] = [installation.cau for installation in community.installations]
    narrowed = narrow_community(community, caus.index(plant.cau), rows)
    members = tuple(
        replace(member, current_beta=None if share is None else share / MILLIONTHS)
        for member in narrowed.members
        for share in [shares.get(member.cups)]
    )
    return replace(narrowed, members=members)
