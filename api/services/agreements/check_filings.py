"""Hold several agreements against the rules of filing, each by itself."""

from collections.abc import Collection
from datetime import date
from uuid import UUID

from sqlmodel import Session

from api.services.agreements.file_agreement import FilingCheck
from api.services.agreements.filing_rules.findings import FilingCase
from api.services.agreements.find_agreement import UnknownAgreementError
from api.services.agreements.read_filing_cases import read_filing_cases
from models.regulation.dated_figures import UnknownFigureError
from models.repositories.agreements import map_agreements
from models.values.errors import CommunityError


def check_filings(
    session: Session, *, promoter_id: UUID, agreement_ids: Collection[UUID], filed_on: date
) -> dict[UUID, FilingCheck | CommunityError]:
    """Check what the rules say of filing each of some agreements on a day.

    However many agreements there are, it takes the same few queries.

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
    agreements = map_agreements(session, promoter_id=promoter_id, agreement_ids=agreement_ids)
    cases = read_filing_cases(
        session, promoter_id=promoter_id, agreements=agreements, filed_on=filed_on
    )
    return {
        key: _try(cases[key]) if key in cases else UnknownAgreementError(key)
        for key in agreement_ids
    }


def _try(case: FilingCase) -> FilingCheck | CommunityError:
    try:
        return FilingCheck.of(case)
    except UnknownFigureError as error:
        return error
