"""Note what the distributor answered to a filing: refused, or applied."""

from datetime import date, datetime
from uuid import UUID

from sqlmodel import Session

from api.services.agreements.file_agreement import check_past
from api.services.agreements.filing_rules.clocks import find_first_day
from api.services.agreements.find_agreement import check_reason, find_agreement
from api.services.agreements.record_application import list_without_dates, record_application
from models.repositories.filings import get_filing
from models.repositories.installations import lock_installation
from models.tables import DistributionAgreement, Filing, FilingState
from models.values.errors import ConflictError, InvalidArgumentError, NotFoundError


class UnknownFilingError(NotFoundError):
    """There is no such filing for this caller."""

    def __init__(self, filing_id: UUID | None) -> None:
        super().__init__("there is no such filing")
        self.filing_id = filing_id


class FilingStateError(ConflictError):
    """A filing was answered already.

    Attributes
    ----------
    state : FilingState
        What became of it.
    answered_on : date or None
        When.
    """

    def __init__(self, filing: Filing) -> None:
        super().__init__(f"the filing was answered on {filing.answered_on}: it is {filing.state}")
        self.state = filing.state
        self.answered_on = filing.answered_on


class AnswerDayError(InvalidArgumentError):
    """An answer came before the filing.

    Attributes
    ----------
    answered_on, filed_on : date
        The two days.
    """

    def __init__(self, answered_on: date, filed_on: date) -> None:
        super().__init__(f"the answer of {answered_on} is before the filing of {filed_on}")
        self.answered_on = answered_on
        self.filed_on = filed_on


def refuse_filing(
    session: Session,
    *,
    promoter_id: UUID,
    filing_id: UUID,
    answered_on: date,
    reason: str,
    now: datetime,
) -> Filing:
    """Note that the distributor refused a filing; what it applied before stays.

    Parameters
    ----------
    session : Session
        Open writing transaction.
    promoter_id : UUID
        The tenant.
    filing_id : UUID
        In flight.
    answered_on : date
        Local day of the answer.
    reason : str
        What the distributor said, 1 to 500 characters.
    now : datetime
        The present instant.

    Returns
    -------
    Filing
        Refused; its agreement can be filed again, or another one made.

    Raises
    ------
    ReasonError
        If the reason says nothing or too much.
    UnknownFilingError
        If the caller has no such filing.
    FilingStateError
        If it was answered already.
    AnswerDayError
        If the answer came before the filing.
    FutureDayError
        If the day has not come.
    """
    said = check_reason(reason)
    filing, _ = _take(session, promoter_id, filing_id, answered_on, now)
    filing.state = FilingState.REFUSED
    filing.answered_on = answered_on
    filing.refused_because = said
    session.flush()
    return filing


def confirm_filing(
    session: Session,
    *,
    promoter_id: UUID,
    filing_id: UUID,
    answered_on: date,
    now: datetime,
    valid_from: date | None = None,
) -> Filing:
    """Note that the distributor applies a filing to all members that have no dates of it yet.

    Parameters
    ----------
    session : Session
        Open writing transaction.
    promoter_id : UUID
        The tenant.
    filing_id : UUID
        In flight.
    answered_on : date
        Local day of the answer.
    now : datetime
        The present instant.
    valid_from : date, optional
        First local day on which it is applied; the first on which it can hold when None.

    Returns
    -------
    Filing
        Applied.

    Raises
    ------
    UnknownFilingError
        If the caller has no such filing.
    FilingStateError
        If it was answered already.
    AnswerDayError
        If the answer came before the filing.
    FutureDayError
        If the day of the answer has not come.
    AppliedOverlapError
        If a supply point would have two coefficients on a day.
    UnknownFigureError
        If the law of the day of filing is not known.
    """
    filing, agreement = _take(session, promoter_id, filing_id, answered_on, now)
    record_application(
        session,
        promoter_id=promoter_id,
        agreement_id=filing.agreement_id,
        valid_from=valid_from or find_first_day(filing.filed_on),
        supply_point_ids=list_without_dates(session, agreement),
        now=now,
    )
    filing.state = FilingState.APPLIED
    filing.answered_on = answered_on
    session.flush()
    return filing


def _take(
    session: Session, promoter_id: UUID, filing_id: UUID, answered_on: date, now: datetime
) -> tuple[Filing, DistributionAgreement]:
    """Find a filing that waits for its answer, while nobody else answers it."""
    filing = get_filing(session, promoter_id=promoter_id, filing_id=filing_id)
    if filing is None:
        raise UnknownFilingError(filing_id)
    lock_installation(session, promoter_id=promoter_id, installation_id=filing.installation_id)
    session.refresh(filing)
    if filing.state is not FilingState.IN_FLIGHT:
        raise FilingStateError(filing)
    if answered_on < filing.filed_on:
        raise AnswerDayError(answered_on, filing.filed_on)
    agreement = find_agreement(session, promoter_id=promoter_id, agreement_id=filing.agreement_id)
    check_past(session, agreement, answered_on, now)
    return filing, agreement
