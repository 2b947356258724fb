"""What can be asked about a year of energy."""

from dataclasses import dataclass
from enum import StrEnum
from uuid import UUID

from api.services.energy.find_shares import CoefficientBasis, Document
from models.values.errors import ConflictError, InvalidArgumentError
from models.values.resolution import Resolution

YEARS = range(2000, 2100)
"""Years that a meter can have recorded."""


class Measure(StrEnum):
    """Which energy is asked for."""

    GENERATION = "generation"
    CONSUMPTION = "consumption"
    ALLOCATED = "allocated"
    SELF_CONSUMED = "self-consumed"
    SURPLUS = "surplus"
    GRID_IMPORT = "grid import"


class YearOutOfRangeError(InvalidArgumentError):
    """A year that no meter can have recorded."""

    def __init__(self, year: int) -> None:
        super().__init__(f"year {year} is not between {YEARS.start} and {YEARS.stop - 1}")
        self.year = year


class TwoDocumentsError(InvalidArgumentError):
    """Both a proposal and an agreement were named."""

    def __init__(self) -> None:
        super().__init__("name a proposal or an agreement, not both")


class SharedElsewhereError(ConflictError):
    """Who shares in a plant shares in others too, and is settled for all together.

    Attributes
    ----------
    cau : str
        The plant.
    """

    def __init__(self, cau: str) -> None:
        super().__init__(
            f"some who share in {cau} share in other plants too, and what they use and save is "
            "settled for all together: ask their community"
        )
        self.cau = cau


@dataclass(frozen=True, slots=True)
class EnergyQuestion:
    """What is asked: which energy, of which local year, summed how, under which coefficients.

    Attributes
    ----------
    measure : Measure
        Which energy.
    year : int
        Local calendar year, 2000 to 2099.
    resolution : Resolution
        Interval over which it is summed.
    proposal_id, agreement_id : UUID or None
        Proposal or agreement whose coefficients apply to the whole year; without either, those
        that the distributor applied, each on its days.
    fewest : int
        How many members a sum must hold to be told; one for whoever may see each of them.

    Raises
    ------
    YearOutOfRangeError
        If no meter can have recorded the year.
    TwoDocumentsError
        If both a proposal and an agreement are named.
    """

    measure: Measure
    year: int
    resolution: Resolution
    proposal_id: UUID | None = None
    agreement_id: UUID | None = None
    fewest: int = 1

    def __post_init__(self) -> None:
        if self.year not in YEARS:
            raise YearOutOfRangeError(self.year)
        if self.proposal_id is not None and self.agreement_id is not None:
            raise TwoDocumentsError

    @property
    def document(self) -> Document | None:
        """Whose coefficients apply; None for what was applied."""
        if self.proposal_id is not None:
            return CoefficientBasis.PROPOSED, self.proposal_id
        if self.agreement_id is not None:
            return CoefficientBasis.STATED, self.agreement_id
        return None
