"""Publish a draft in place of the agreement in force, or close it: withdrawn or rejected."""

from datetime import datetime
from uuid import UUID

from sqlmodel import Session

from api.services.agreements.draft_agreement import check_sharing
from api.services.agreements.find_agreement import check_reason, take_agreement
from api.services.proposals.find_proposal import find_proposal
from models.repositories import agreements
from models.tables import AgreementState, DistributionAgreement, ProposalState

_ONLY_DRAFTS = (AgreementState.DRAFT,)


def publish_agreement(
    session: Session, *, promoter_id: UUID, agreement_id: UUID, now: datetime
) -> DistributionAgreement:
    """Seal a draft and let it take the place of the agreement in force.

    Publishing the agreement in force again changes nothing.

    Parameters
    ----------
    session : Session
        Open writing transaction.
    promoter_id : UUID
        The tenant.
    agreement_id : UUID
        The draft, or the agreement that is in force already.
    now : datetime
        The present instant.

    Returns
    -------
    DistributionAgreement
        The published agreement; nothing of it is applied before the distributor does so.

    Raises
    ------
    UnknownAgreementError
        If the caller has no such agreement.
    AgreementStateError
        If it was superseded, withdrawn or rejected.
    MembersChangedError
        If others share than when it was drafted.
    """
    agreement = take_agreement(
        session,
        promoter_id=promoter_id,
        agreement_id=agreement_id,
        act="published",
        allowed=_ONLY_DRAFTS,
        done=AgreementState.PUBLISHED,
    )
    if agreement.state is AgreementState.PUBLISHED:
        return agreement
    coefficients = agreements.group_coefficients(
        session, promoter_id=promoter_id, agreement_ids=[agreement_id]
    )[agreement_id]
    check_sharing(
        session,
        promoter_id=promoter_id,
        installation_id=agreement.installation_id,
        supply_point_ids=[row.supply_point_id for row in coefficients],
    )
    agreements.publish_agreement(session, agreement, published_at=now)
    if agreement.proposal_id is not None:
        proposal = find_proposal(
            session, promoter_id=promoter_id, proposal_id=agreement.proposal_id
        )
        proposal.state = ProposalState.ACCEPTED
    return agreement


def withdraw_agreement(
    session: Session, *, promoter_id: UUID, agreement_id: UUID, reason: str, now: datetime
) -> DistributionAgreement:
    """Take a draft back; another can be drafted of the same proposal.

    Parameters
    ----------
    session : Session
        Open writing transaction.
    promoter_id : UUID
        The tenant.
    agreement_id : UUID
        The draft.
    reason : str
        Why, 1 to 500 characters.
    now : datetime
        The present instant.

    Returns
    -------
    DistributionAgreement
        The withdrawn agreement, which is kept.

    Raises
    ------
    ReasonError
        If the reason says nothing or too much.
    UnknownAgreementError
        If the caller has no such agreement.
    AgreementStateError
        If it is not a draft.
    """
    return _close(session, promoter_id, agreement_id, AgreementState.WITHDRAWN, reason, now)


def reject_agreement(
    session: Session, *, promoter_id: UUID, agreement_id: UUID, reason: str, now: datetime
) -> DistributionAgreement:
    """Note that those who share did not agree to a draft.

    Parameters
    ----------
    session : Session
        Open writing transaction.
    promoter_id : UUID
        The tenant.
    agreement_id : UUID
        The draft.
    reason : str
        Why, 1 to 500 characters.
    now : datetime
        The present instant.

    Returns
    -------
    DistributionAgreement
        The rejected agreement, which is kept.

    Raises
    ------
    ReasonError
        If the reason says nothing or too much.
    UnknownAgreementError
        If the caller has no such agreement.
    AgreementStateError
        If it is not a draft.
    """
    return _close(session, promoter_id, agreement_id, AgreementState.REJECTED, reason, now)


def _close(
    session: Session,
    promoter_id: UUID,
    agreement_id: UUID,
    state: AgreementState,
    reason: str,
    now: datetime,
) -> DistributionAgreement:
    said = check_reason(reason)
    agreement = take_agreement(
        session,
        promoter_id=promoter_id,
        agreement_id=agreement_id,
        act=state.value,
        allowed=_ONLY_DRAFTS,
    )
    agreements.close_agreement(session, agreement, state, closed_at=now, reason=said)
    return agreement
