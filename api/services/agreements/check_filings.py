"""Hold several agreements against the rules of filing, each by itself."""

from collections.abc import Collection
from datetime import date
from uuid import UUID

from sqlmodel import Session

from api.services.agreements.file_agreement import FilingCheck, check_filing
from models.values.errors import CommunityError


def check_filings(
    session: Session, *, promoter_id: UUID, agreement_ids: Collection[UUID], filed_on: date
) -> dict[UUID, FilingCheck | CommunityError]:
    """Check what the rules say of filing each of some agreements on a day.

    Parameters
    ----------
    session : Session
        Open transaction.
    promoter_id : UUID
        The tenant.
    agreement_ids : collection of UUID
        The agreements, in any state.
    filed_on : date
        Local day on which they would be complete and correct at the distributor's.

    Returns
    -------
    dict of UUID to FilingCheck or CommunityError
        For each agreement the findings, or why there are none: ``UnknownAgreementError`` or
        ``UnknownFigureError``.
    """
    return {key: _try(session, promoter_id, key, filed_on) for key in agreement_ids}


def _try(
    session: Session, promoter_id: UUID, agreement_id: UUID, filed_on: date
) -> FilingCheck | CommunityError:
    try:
        return check_filing(
            session, promoter_id=promoter_id, agreement_id=agreement_id, filed_on=filed_on
        )
    except CommunityError as error:
        return error
