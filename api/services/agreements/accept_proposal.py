"""Make an agreement of a proposal and publish it at once."""

from datetime import datetime
from uuid import UUID

from sqlmodel import Session

from api.services.agreements.draft_agreement import check_file_year, draft_of_proposal
from api.services.agreements.publish_agreement import publish_agreement
from api.services.proposals.find_proposal import find_proposal
from models.repositories.agreements import find_agreement_of_proposal
from models.repositories.installations import lock_installation
from models.tables import AgreementState, CoefficientMode, DistributionAgreement
from models.values.errors import ConflictError


class AlreadyAcceptedError(ConflictError):
    """The proposal already became an agreement for another file.

    Attributes
    ----------
    file_year : int
        Year of that file.
    mode : CoefficientMode
        Its coefficients.
    """

    def __init__(self, file_year: int, mode: CoefficientMode) -> None:
        super().__init__(
            f"the proposal was accepted for the file of {file_year} with {mode} coefficients; "
            "ask for a new proposal"
        )
        self.file_year = file_year
        self.mode = mode


def accept_proposal(
    session: Session,
    *,
    promoter_id: UUID,
    proposal_id: UUID,
    file_year: int,
    now: datetime,
    mode: CoefficientMode = CoefficientMode.CONSTANT,
) -> DistributionAgreement:
    """Publish a proposal's coefficients in place of those in force.

    Accepting a proposal again for the same year and mode changes nothing. A draft of the same is
    published; one that was withdrawn or rejected does not stand in the way.

    Parameters
    ----------
    session : Session
        Open transaction.
    promoter_id : UUID
        The tenant.
    proposal_id : UUID
        What to accept.
    file_year : int
        Year of the distributor's file, 2000 to 2099.
    now : datetime
        The present instant.
    mode : CoefficientMode
        ``HOURLY`` takes the proposal's coefficients by class of hours.

    Returns
    -------
    DistributionAgreement
        The agreement that came from the proposal.

    Raises
    ------
    FileYearError
        If no file is written for the year.
    UnknownProposalError
        If the caller has no such proposal.
    AlreadyAcceptedError
        If it was accepted for another year or mode.
    AlreadyDraftedError
        If it was drafted for another year or mode.
    NoClassesError
        If hourly coefficients are asked of a proposal that has constant ones only.
    MembersChangedError
        If others share than when it was made.
    """
    check_file_year(file_year)
    proposal = find_proposal(session, promoter_id=promoter_id, proposal_id=proposal_id)
    lock_installation(session, promoter_id=promoter_id, installation_id=proposal.installation_id)
    standing = find_agreement_of_proposal(session, promoter_id=promoter_id, proposal_id=proposal_id)
    if standing is not None and standing.state is not AgreementState.DRAFT:
        if (standing.file_year, standing.mode) != (file_year, mode):
            raise AlreadyAcceptedError(standing.file_year, standing.mode)
        return standing
    draft = draft_of_proposal(
        session,
        promoter_id=promoter_id,
        proposal_id=proposal_id,
        file_year=file_year,
        now=now,
        mode=mode,
    )
    return publish_agreement(session, promoter_id=promoter_id, agreement_id=draft.id, now=now)
