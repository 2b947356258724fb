"""What is asked of the simulator: which days, under which coefficients, contracts and law."""

from dataclasses import dataclass, field
from datetime import date
from uuid import UUID

from api.services.bills.contract_document import ContractsDocument
from api.services.bills.segment_terms import LawChoice
from api.services.energy.energy_question import TwoDocumentsError
from api.services.energy.find_shares import CoefficientBasis, Document


@dataclass(frozen=True, slots=True)
class BillQuestion:
    """Which bills to simulate.

    Attributes
    ----------
    start, end : date
        First local day, and the day after the last.
    contracts : ContractsDocument
        Contracts of the supply points; who is in none has the default contract.
    choice : LawChoice
        Which law, and what is assumed where it is open.
    proposal_id, agreement_id : UUID or None
        Proposal or agreement whose coefficients hold on all days; without either, those that the
        distributor applied.

    Raises
    ------
    TwoDocumentsError
        If both a proposal and an agreement are named.
    """

    start: date
    end: date
    contracts: ContractsDocument = field(default_factory=ContractsDocument)
    choice: LawChoice = field(default_factory=LawChoice)
    proposal_id: UUID | None = None
    agreement_id: UUID | None = None

    def __post_init__(self) -> None:
        if self.proposal_id is not None and self.agreement_id is not None:
            raise TwoDocumentsError

    @property
    def document(self) -> Document | None:
        """Whose coefficients hold; None for what was applied."""
        if self.proposal_id is not None:
            return CoefficientBasis.PROPOSED, self.proposal_id
        if self.agreement_id is not None:
            return CoefficientBasis.STATED, self.agreement_id
        return None
