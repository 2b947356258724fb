"""Find supply points, and what was applied to them, by CUPS."""

from collections.abc import Collection
from uuid import UUID

from sqlmodel import Session

from api.services.agreements.find_agreement import find_agreement
from models.repositories.applied_coefficients import group_agreement_applied
from models.repositories.supply_points import (
    list_community_supply_points,
    map_supply_points_by_cups,
)
from models.tables import AppliedCoefficient
from models.values.errors import NotFoundError

_NAMED_AT_MOST = 5


class UnknownCupsError(NotFoundError):
    """Some supply points are not known where they were named.

    Attributes
    ----------
    cups : tuple of str
        Those.
    """

    def __init__(self, cups: Collection[str]) -> None:
        named = sorted(cups)
        more = len(named) - _NAMED_AT_MOST
        rest = f" and {more} more" if more > 0 else ""
        super().__init__(f"there is no {', '.join(named[:_NAMED_AT_MOST])}{rest} here")
        self.cups = tuple(named)


def find_points(session: Session, *, promoter_id: UUID, cups: Collection[str]) -> list[UUID]:
    """Find supply points by CUPS.

    Parameters
    ----------
    session : Session
        Open transaction.
    promoter_id : UUID
        The tenant.
    cups : collection of str
        Their codes.

    Returns
    -------
    list of UUID
        Their ids, in the order of the codes.

    Raises
    ------
    UnknownCupsError
        If the promoter has no such supply point.
    """
    found = map_supply_points_by_cups(session, promoter_id=promoter_id, cups=cups)
    if unknown := set(cups) - found.keys():
        raise UnknownCupsError(unknown)
    return [found[code].id for code in cups]


def list_points(session: Session, *, promoter_id: UUID, community_id: UUID) -> dict[UUID, str]:
    """List the supply points of all of a community's members.

    Parameters
    ----------
    session : Session
        Open transaction.
    promoter_id : UUID
        The tenant.
    community_id : UUID
        The community.

    Returns
    -------
    dict of UUID to str
        Their codes, in the order of these.
    """
    points = list_community_supply_points(
        session, promoter_id=promoter_id, community_id=community_id
    )
    return {point.id: point.cups for point in points}


def find_latest_applied(
    session: Session,
    *,
    promoter_id: UUID,
    agreement_id: UUID,
    cups: Collection[str] | None = None,
) -> list[AppliedCoefficient]:
    """Find the last period of each supply point in which an agreement was applied to it.

    Parameters
    ----------
    session : Session
        Open transaction.
    promoter_id : UUID
        The tenant.
    agreement_id : UUID
        The agreement.
    cups : collection of str, optional
        Of which supply points; of all to which it was applied when None.

    Returns
    -------
    list of AppliedCoefficient
        In the order of the distributor's file.

    Raises
    ------
    UnknownAgreementError
        If the caller has no such agreement.
    UnknownCupsError
        If it was never applied to one of the supply points.
    """
    find_agreement(session, promoter_id=promoter_id, agreement_id=agreement_id)
    rows = group_agreement_applied(session, promoter_id=promoter_id, agreement_ids=[agreement_id])
    latest = {row.supply_point_id: row for row in rows[agreement_id]}
    if cups is None:
        return list(latest.values())
    wanted = find_points(session, promoter_id=promoter_id, cups=cups)
    names = dict(zip(wanted, cups, strict=True))
    if never := [names[key] for key in names if key not in latest]:
        raise UnknownCupsError(never)
    return [row for key, row in latest.items() if key in names]
