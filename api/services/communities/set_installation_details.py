"""Enter what the rules of filing ask of a plant and of those who share in it."""

from collections.abc import Collection
from typing import TypedDict
from uuid import UUID

from sqlmodel import Session

from api.services.agreements.file_profiles import check_profile
from api.services.communities.find_plant import find_plant
from api.services.communities.find_points import UnknownCupsError
from models.repositories.installations import lock_installation
from models.repositories.memberships import group_open_memberships
from models.repositories.supply_points import map_supply_points
from models.tables import Membership, SelfConsumptionInstallation
from models.values.modality import Modality
from planner.places import Place


class InstallationDetails(TypedDict, total=False):
    """What is to be entered of a plant; what is left out stays as it is, None is not known."""

    modality: Modality | None
    """What becomes of its surplus."""
    is_internal: bool | None
    """Whether it is joined to its members' own network."""
    file_profile: str | None
    """How its distributor wants the file of coefficients."""
    place: tuple[float, float] | None
    """Latitude and longitude [degrees]."""


def set_installation_details(
    session: Session,
    *,
    promoter_id: UUID,
    installation: UUID | str,
    details: InstallationDetails,
) -> SelfConsumptionInstallation:
    """Enter details of a plant; entering them again changes nothing.

    Parameters
    ----------
    session : Session
        Open writing transaction.
    promoter_id : UUID
        The tenant.
    installation : UUID or str
        Id or CAU of the plant.
    details : InstallationDetails
        What to enter.

    Returns
    -------
    SelfConsumptionInstallation
        As it stands now.

    Raises
    ------
    UnknownInstallationError
        If the promoter has no such plant.
    UnknownChoiceError
        If there is no such profile.
    InvalidPlaceError
        If the place is nowhere on Earth.
    """
    plant = find_plant(session, promoter_id=promoter_id, installation=installation)
    lock_installation(session, promoter_id=promoter_id, installation_id=plant.id)
    check_profile(details.get("file_profile"))
    if "place" in details:
        place = None if details["place"] is None else Place(*details["place"])
        plant.lat, plant.lon = (None, None) if place is None else (place.lat, place.lon)
    plant.modality = details.get("modality", plant.modality)
    plant.is_internal = details.get("is_internal", plant.is_internal)
    plant.file_profile = details.get("file_profile", plant.file_profile)
    session.flush()
    return plant


def set_membership_modality(
    session: Session,
    *,
    promoter_id: UUID,
    installation: UUID | str,
    modality: Modality | None,
    cups: Collection[str] | None = None,
) -> SelfConsumptionInstallation:
    """Enter the modality of the access contracts of those who share in a plant.

    Parameters
    ----------
    session : Session
        Open writing transaction.
    promoter_id : UUID
        The tenant.
    installation : UUID or str
        Id or CAU of the plant.
    modality : Modality or None
        Theirs; None where it is not known.
    cups : collection of str, optional
        Whose contracts; all who share when None.

    Returns
    -------
    SelfConsumptionInstallation
        The plant.

    Raises
    ------
    UnknownInstallationError
        If the promoter has no such plant.
    UnknownCupsError
        If somebody does not share in it.
    """
    plant = find_plant(session, promoter_id=promoter_id, installation=installation)
    lock_installation(session, promoter_id=promoter_id, installation_id=plant.id)
    sharing = group_open_memberships(session, promoter_id=promoter_id, installation_ids=[plant.id])
    chosen = sharing[plant.id]
    if cups is not None:
        chosen = _choose(session, plant, chosen, cups)
    for membership in chosen:
        membership.modality = modality
    session.flush()
    return plant


def _choose(
    session: Session,
    plant: SelfConsumptionInstallation,
    memberships: list[Membership],
    cups: Collection[str],
) -> list[Membership]:
    """Pick the memberships of some supply points."""
    ids = [row.supply_point_id for row in memberships]
    points = map_supply_points(session, promoter_id=plant.promoter_id, supply_point_ids=ids)
    if unknown := set(cups) - {point.cups for point in points.values()}:
        raise UnknownCupsError(unknown)
    return [row for row in memberships if points[row.supply_point_id].cups in cups]
