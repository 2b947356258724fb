"""Which prices count for savings, and from which contracts and law yearly bills are made."""

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Self

from api.services.bills.contract_document import ContractsDocument
from api.services.bills.segment_terms import LawChoice
from api.services.energy.energy_question import YEARS
from models.regulation.assumptions import Assumption
from models.values.errors import InvalidArgumentError


class LawYearError(InvalidArgumentError):
    """No year whose law could be taken.

    Attributes
    ----------
    year : int
        What was asked for.
    first, last : int
        Years whose law is known.
    """

    def __init__(self, year: int) -> None:
        super().__init__(f"{year} is no year of law from {YEARS.start} to {YEARS.stop - 1}")
        self.year = year
        self.first = YEARS.start
        self.last = YEARS.stop - 1


class PriceBasis(StrEnum):
    """Which prices a plan counts euros by."""

    STORED = "stored"
    """The community's own hourly prices: energy terms only, before taxes."""
    RETAIL = "retail"
    """What a kWh changes on each member's retail bill, tolls and taxes included."""


@dataclass(frozen=True, slots=True)
class RetailQuestion:
    """From what yearly bills are made.

    Attributes
    ----------
    contracts : ContractsDocument
        Contracts of members; who is in none has the recorded one, else the default one.
    choice : LawChoice
        Which law, and what is assumed where it is open.

    Raises
    ------
    LawYearError
        If the law of an impossible year is chosen.
    """

    contracts: ContractsDocument = field(default_factory=ContractsDocument)
    choice: LawChoice = field(default_factory=LawChoice)

    def __post_init__(self) -> None:
        if self.choice.year is not None and self.choice.year not in YEARS:
            raise LawYearError(self.choice.year)

    def to_json(self) -> dict[str, Any]:
        """Give it as a job and a proposal keep it."""
        return {
            "contracts": self.contracts.model_dump(mode="json", exclude_unset=True),
            "law_year": self.choice.year,
            "assumed": sorted(each.value for each in self.choice.assumed),
        }

    @classmethod
    def read(cls, stored: dict[str, Any]) -> Self:
        """Read back what ``to_json`` gave."""
        assumed = frozenset(map(Assumption, stored["assumed"]))
        return cls(
            ContractsDocument.model_validate(stored["contracts"]),
            LawChoice(assumed, stored["law_year"]),
        )


def choose_price_basis(wanted: PriceBasis | None, retail: RetailQuestion | None) -> PriceBasis:
    """Count euros by contracts where some are named, unless told otherwise.

    Parameters
    ----------
    wanted : PriceBasis or None
        What was asked for.
    retail : RetailQuestion or None
        Contracts, if any were named.

    Returns
    -------
    PriceBasis
        Which prices count.

    Examples
    --------
    >>> choose_price_basis(None, RetailQuestion()).value
    'stored'
    """
    if wanted is not None:
        return wanted
    has_contracts = retail is not None and bool(retail.contracts.contract)
    return PriceBasis.RETAIL if has_contracts else PriceBasis.STORED
