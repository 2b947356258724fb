"""From which prices, contracts and law a proposal counts euros and makes yearly bills."""

import strawberry

from api.graphql.contract_inputs import MemberContractInput, read_contracts
from api.services.bills.segment_terms import LawChoice
from api.services.proposals.retail_question import RetailQuestion
from models.regulation.assumptions import Assumption


@strawberry.input(description="From which contracts and law yearly bills are made.")
class RetailTermsInput:
    """Contracts, and a choice of law."""

    contracts: list[MemberContractInput] = strawberry.field(
        default_factory=list,
        description="Contracts of members; who is in none has the recorded one, else a default "
        "one, named as such.",
    )
    law_year: int | None = strawberry.field(
        default=None,
        description="Year whose tolls, charges and taxes are taken for the same days; each "
        "day's own by default.",
    )
    assuming: list[Assumption] = strawberry.field(
        default_factory=list, description="What is assumed where the law is open."
    )


def read_retail_terms(given: RetailTermsInput | None) -> RetailQuestion | None:
    """Turn the input into the names of the use case."""
    if given is None:
        return None
    return RetailQuestion(
        contracts=read_contracts(given.contracts),
        choice=LawChoice(frozenset(given.assuming), given.law_year),
    )
