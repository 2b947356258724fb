"""The options that say which retail contracts and law a plan's euros and bills are made from."""

from collections.abc import Sequence
from pathlib import Path

from api.services.bills.contract_document import ContractsDocument, read_contracts_file
from api.services.bills.segment_terms import LawChoice
from api.services.proposals.retail_question import RetailQuestion
from models.regulation.assumptions import Assumption


def ask_for_retail(
    contract: Path | None, law_year: int | None, assume: Sequence[Assumption] | None
) -> RetailQuestion | None:
    """Put the options together; None where none is given."""
    if contract is None and law_year is None and not assume:
        return None
    return RetailQuestion(
        contracts=ContractsDocument() if contract is None else read_contracts_file(contract),
        choice=LawChoice(frozenset(assume or ()), law_year),
    )
