"""Find the proposal that a request is about."""

from uuid import UUID

from sqlmodel import Session

from models.repositories.proposals import map_proposals
from models.tables import CoefficientProposal
from models.values.errors import NotFoundError


class UnknownProposalError(NotFoundError):
    """There is no such proposal for this caller."""

    def __init__(self, proposal_id: UUID | None) -> None:
        super().__init__("there is no such proposal")
        self.proposal_id = proposal_id


def find_proposal(session: Session, *, promoter_id: UUID, proposal_id: UUID) -> CoefficientProposal:
    """Find a proposal by its id.

    Parameters
    ----------
    session : Session
        Open transaction.
    promoter_id : UUID
        The tenant.
    proposal_id : UUID
        The proposal.

    Returns
    -------
    CoefficientProposal
        As it is stored.

    Raises
    ------
    UnknownProposalError
        If the caller has no such proposal.
    """
    found = map_proposals(session, promoter_id=promoter_id, proposal_ids=[proposal_id])
    if proposal_id not in found:
        raise UnknownProposalError(proposal_id)
    return found[proposal_id]
