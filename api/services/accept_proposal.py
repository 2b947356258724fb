"""Make an agreement of a proposal."""

from datetime import datetime
from uuid import UUID

from sqlmodel import Session

from api.services.find_energy_subjects import UnknownProposalError
from models.repositories.agreements import (
    draft_agreement,
    find_agreement_of_proposal,
    publish_agreement,
)
from models.repositories.memberships import group_open_memberships
from models.repositories.proposals import group_proposed_coefficients, map_proposals
from models.tables import CoefficientProposal, DistributionAgreement, ProposalState
from models.values.errors import ConflictError, InvalidArgumentError

_FILE_YEARS = range(2000, 2100)


class FileYearError(InvalidArgumentError):
    """A year for which no distributor's file is written."""

    def __init__(self, year: int) -> None:
        super().__init__(
            f"fileYear {year} is not between {_FILE_YEARS.start} and {_FILE_YEARS.stop - 1}"
        )
        self.year = year


class AlreadyAcceptedError(ConflictError):
    """The proposal already became an agreement for another year's file."""

    def __init__(self, file_year: int) -> None:
        super().__init__(
            f"the proposal was accepted for the file of {file_year}; ask for a new proposal"
        )
        self.file_year = file_year


class MembersChangedError(ConflictError):
    """Others share in the installation than when the proposal was made.

    Attributes
    ----------
    joined, left : int
        How many supply points began and ceased to share.
    """

    def __init__(self, joined: int, left: int) -> None:
        super().__init__(
            f"since the proposal was made {joined} supply points joined and {left} left; "
            "ask for a new proposal"
        )
        self.joined = joined
        self.left = left


def accept_proposal(
    session: Session, *, promoter_id: UUID, proposal_id: UUID, file_year: int, now: datetime
) -> DistributionAgreement:
    """Publish a proposal's coefficients in place of those in force.

    Accepting a proposal again for the same year changes nothing.

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
        If it was accepted for another year.
    MembersChangedError
        If others share than when it was made.
    """
    if file_year not in _FILE_YEARS:
        raise FileYearError(file_year)
    found = map_proposals(session, promoter_id=promoter_id, proposal_ids=[proposal_id])
    if proposal_id not in found:
        raise UnknownProposalError(proposal_id)
    proposal = found[proposal_id]
    accepted = find_agreement_of_proposal(session, promoter_id=promoter_id, proposal_id=proposal_id)
    if accepted is not None:
        if accepted.file_year != file_year:
            raise AlreadyAcceptedError(accepted.file_year)
        return accepted
    agreement = DistributionAgreement(
        promoter_id=promoter_id,
        installation_id=proposal.installation_id,
        proposal_id=proposal_id,
        file_year=file_year,
        created_at=now,
    )
    draft_agreement(session, agreement, _read_shares(session, proposal))
    publish_agreement(session, agreement, published_at=now)
    proposal.state = ProposalState.ACCEPTED
    return agreement


def _read_shares(session: Session, proposal: CoefficientProposal) -> dict[UUID, int]:
    """Read the coefficients, if they are still those of all who share."""
    owner = proposal.promoter_id
    coefficients = group_proposed_coefficients(
        session, promoter_id=owner, proposal_ids=[proposal.id]
    )[proposal.id]
    shares = {row.supply_point_id: row.millionths for row in coefficients}
    memberships = group_open_memberships(
        session, promoter_id=owner, installation_ids=[proposal.installation_id]
    )[proposal.installation_id]
    sharing = {row.supply_point_id for row in memberships}
    if sharing != shares.keys():
        raise MembersChangedError(len(sharing - shares.keys()), len(shares.keys() - sharing))
    return shares
