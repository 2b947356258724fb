"""The coefficients in force of those who share, where a question stands on them."""

from collections.abc import Sequence
from uuid import UUID

import numpy as np
from sqlmodel import Session

from loaders.records import MemberRecord
from models.repositories.agreements import group_coefficients, map_published_agreements
from models.repositories.memberships import group_open_memberships
from models.tables import SelfConsumptionInstallation
from models.values.coefficient import MILLIONTHS
from models.values.errors import InvalidArgumentError
from planner.coefficients.problem import Millionths


class MissingCoefficientsError(InvalidArgumentError):
    """Somebody shares, but with which coefficient is not known.

    Attributes
    ----------
    member_ids : tuple of str
        Members without a coefficient in force.
    """

    def __init__(self, member_ids: tuple[str, ...]) -> None:
        super().__init__(
            f"the members' coefficients in force are needed, but {len(member_ids)} have no "
            f"current_beta: {', '.join(member_ids)}; fill that column of the members' list, or "
            "accept a proposal"
        )
        self.member_ids = member_ids


def read_current(members: Sequence[MemberRecord]) -> Millionths:
    """Read the coefficients in force; everybody has to have one.

    Parameters
    ----------
    members : sequence of MemberRecord, length n_members
        Those who share.

    Returns
    -------
    ndarray of int64, shape (n_members,)
        Rounded to the grid [millionths].

    Raises
    ------
    MissingCoefficientsError
        If somebody has none.
    """
    missing = tuple(member.member_id for member in members if member.current_beta is None)
    if missing:
        raise MissingCoefficientsError(missing)
    current = [round((member.current_beta or 0.0) * MILLIONTHS) for member in members]
    return np.array(current, dtype=np.int64)


def map_current(session: Session, plant: SelfConsumptionInstallation) -> dict[UUID, int | None]:
    """Read the stored coefficients in force of those who share in a plant.

    Parameters
    ----------
    session : Session
        Open transaction.
    plant : SelfConsumptionInstallation
        The plant.

    Returns
    -------
    dict of UUID to int or None
        Millionths by supply point, in the order of the list; None for who has none.
    """
    owner, key = plant.promoter_id, plant.id
    sharing = group_open_memberships(session, promoter_id=owner, installation_ids=[key])[key]
    published = map_published_agreements(session, promoter_id=owner, installation_ids=[key])
    groups = group_coefficients(
        session, promoter_id=owner, agreement_ids=[row.id for row in published.values()]
    )
    shares = {row.supply_point_id: row.millionths for rows in groups.values() for row in rows}
    return {row.supply_point_id: shares.get(row.supply_point_id) for row in sharing}
