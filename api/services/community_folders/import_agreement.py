"""Publish the coefficients that the members' list says are in force."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

import numpy as np
from sqlmodel import Session

from api.services.community_folders.import_application import record_stated_application
from api.services.community_folders.import_report import AgreementOutcome
from api.services.community_folders.import_standings import ListedPoint
from loaders.records import MemberRole
from models.repositories.agreements import (
    draft_agreement,
    find_last_stated_agreement,
    group_coefficients,
    publish_agreement,
)
from models.tables import DistributionAgreement, SelfConsumptionInstallation
from planner.coefficients.rules import round_by_largest_remainder

TOLERANCE_PER_MEMBER = 1e-6
"""How far from one a sum of coefficients may be, for each of them: a millionth of rounding."""


def store_stated_agreement(
    session: Session,
    *,
    installations: Sequence[SelfConsumptionInstallation],
    listed: Sequence[ListedPoint],
    file_year: int,
    imported_at: datetime,
) -> AgreementOutcome:
    """Publish the list's current coefficients, unless the list said the same last time.

    An agreement that was accepted from a proposal since then stays in force: importing the same
    list again does not bring the old coefficients back. What the list states counts as applied from
    the first day of the folder's year, up to what is recorded as applied later; where somebody
    recorded otherwise, that stays.

    Parameters
    ----------
    session : Session
        Open transaction.
    installations : sequence of SelfConsumptionInstallation
        The community's installations.
    listed : sequence of ListedPoint
        The list.
    file_year : int
        The folder's year.
    imported_at : datetime
        Instant of the import.

    Returns
    -------
    AgreementOutcome
        The agreement, or why there is none.
    """
    sharing = [point for point in listed if point.record.role is MemberRole.MEMBER]
    reason = _reason_against(installations, sharing)
    if reason is not None:
        return AgreementOutcome(reason=reason)
    (installation,) = installations
    millionths = _round_shares(sharing)
    owner = installation.promoter_id
    last = find_last_stated_agreement(session, promoter_id=owner, installation_id=installation.id)
    if last is not None:
        stored = group_coefficients(session, promoter_id=owner, agreement_ids=[last.id])[last.id]
        if {row.supply_point_id: row.millionths for row in stored} == millionths:
            record_stated_application(
                session, agreement=last, year=file_year, imported_at=imported_at
            )
            return AgreementOutcome(last.id)
    agreement = DistributionAgreement(
        promoter_id=owner,
        installation_id=installation.id,
        file_year=file_year,
        created_at=imported_at,
    )
    draft_agreement(session, agreement, millionths)
    publish_agreement(session, agreement, published_at=imported_at)
    record_stated_application(session, agreement=agreement, year=file_year, imported_at=imported_at)
    return AgreementOutcome(agreement.id, is_new=True)


def _reason_against(
    installations: Sequence[SelfConsumptionInstallation], sharing: Sequence[ListedPoint]
) -> str | None:
    """Say why the list's coefficients make no agreement; None when they do."""
    shares = [point.record.current_beta for point in sharing]
    stated = [share for share in shares if share is not None]
    if not stated:
        return "the list states no current coefficients"
    if len(installations) != 1:
        return (
            f"the community has {len(installations)} installations, and the list does not say"
            " whose coefficients it states"
        )
    if len(stated) < len(shares):
        return f"{len(shares) - len(stated)} of {len(shares)} members have no current coefficient"
    if not all(0.0 <= share <= 1.0 for share in stated):
        return "a current coefficient is not between 0 and 1"
    if not abs(sum(stated) - 1.0) <= TOLERANCE_PER_MEMBER * len(stated):
        return f"the current coefficients sum to {sum(stated):.6f}, not 1"
    return None


def _round_shares(sharing: Sequence[ListedPoint]) -> dict[UUID, int]:
    """Round to millionths that sum to one; equal remainders go up in the order of the CUPS."""
    shares = np.array([point.record.current_beta for point in sharing], dtype=np.float64)
    by_cups = np.argsort(np.argsort([point.supply_point.cups for point in sharing]))
    millionths = round_by_largest_remainder(shares / shares.sum(), by_cups)
    points = [point.supply_point.id for point in sharing]
    return dict(zip(points, millionths.tolist(), strict=True))
