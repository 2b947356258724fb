"""What may be asked when vacancies are filled."""

from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from api.services.proposals.limits_document import cut_down, cut_up
from api.services.proposals.plan_request import OutOfRangeError
from models.values.coefficient import MILLIONTHS
from models.values.errors import InvalidArgumentError
from planner.goal import MAX_MIN, Goal
from planner.reserve.candidacy import NoVacancyError

_GRID = Decimal("0.000001")
_MOST_VACANCIES = 2**31 - 1
_MOST_PER_YEAR = 1_000_000
_NO_LIMIT = (Decimal(0), Decimal(1))


class FillRequestError(InvalidArgumentError):
    """Two parts of the request contradict each other."""


@dataclass(frozen=True, slots=True)
class FillRequest:
    """Which vacancies to fill, for what, and with whose wishes.

    Attributes
    ----------
    on : date
        Local day whose limits hold, and up to which the years of waiting count.
    vacancies : int or None
        Places to fill with all coefficients chosen anew; or else ``freed``.
    freed : tuple of Decimal
        Coefficients to assign while the members keep theirs.
    goal : Goal
        What the admitted should bring; a sum, not the worst-off first.
    min_beta, max_beta : Decimal
        Least and greatest coefficient of everybody, 0 to 1; not with ``freed``.
    pinned, excluded : tuple of str
        Ids of candidates who must, and who must not, be admitted.
    value_per_year : float or None
        What a year of waiting counts for [unit of the goal]; None: seniority settles ties only.
    time_limit_s : float
        After which the search ends with the bound that is proven by then [s].

    Raises
    ------
    NoVacancyError
        If there is nothing to fill.
    OutOfRangeError
        If a limit is not between 0 and 1, or the least passes the greatest; if a freed
        coefficient is not above 0 and at most 1, or has more than six decimals.
    FillRequestError
        If both or neither of vacancies and freed coefficients are given, limits come with freed
        ones, somebody is pinned and excluded, or the goal is not a sum.
    """

    on: date
    vacancies: int | None = None
    freed: tuple[Decimal, ...] = ()
    goal: Goal = field(default_factory=Goal)
    min_beta: Decimal = Decimal(0)
    max_beta: Decimal = Decimal(1)
    pinned: tuple[str, ...] = ()
    excluded: tuple[str, ...] = ()
    value_per_year: float | None = None
    time_limit_s: float = 20.0

    def __post_init__(self) -> None:
        if (self.vacancies is None) != bool(self.freed):
            raise FillRequestError("give either a number of vacancies or the freed coefficients")
        if self.vacancies is not None and self.vacancies < 1:
            raise NoVacancyError(self.vacancies)
        if self.vacancies is not None and self.vacancies > _MOST_VACANCIES:
            raise FillRequestError(
                f"{self.vacancies} vacancies are too many; fill at most {_MOST_VACANCIES:,} at once"
            )
        if self.value_per_year is not None and not 0 <= self.value_per_year <= _MOST_PER_YEAR:
            raise FillRequestError(
                f"a year of waiting cannot count for {self.value_per_year:g}; from 0 to "
                f"{_MOST_PER_YEAR:,} kWh or EUR"
            )
        self._check_freed()
        self._check_limits()
        if both := sorted(set(self.pinned) & set(self.excluded)):
            raise FillRequestError(f"both pinned and excluded: {', '.join(both)}; choose one")
        if self.goal.objective in MAX_MIN:
            raise FillRequestError(
                f"{self.goal.objective} is not a sum; admissions are chosen for a sum, such as "
                "self-consumption or savings"
            )

    def _check_freed(self) -> None:
        """Make sure that freed coefficients lie on the grid."""
        for beta in self.freed:
            if not (beta.is_finite() and 0 < beta <= 1):
                raise OutOfRangeError("freed", beta, "must be above 0 and at most 1")
            if beta != beta.quantize(_GRID):
                raise OutOfRangeError("freed", beta, "must have at most six decimals")

    def _check_limits(self) -> None:
        """Make sure that limits make sense, and are of use."""
        for name, value in (("min-beta", self.min_beta), ("max-beta", self.max_beta)):
            if not (value.is_finite() and 0 <= value <= 1):
                raise OutOfRangeError(name, value, "must be between 0 and 1")
        if self.min_beta > self.max_beta:
            raise OutOfRangeError("min-beta", self.min_beta, f"above max-beta {self.max_beta}")
        if self.freed and (self.min_beta, self.max_beta) != _NO_LIMIT:
            raise FillRequestError(
                "freed coefficients are what they are; leave min-beta and max-beta out"
            )

    @property
    def limits(self) -> tuple[int, int]:
        """Least and greatest coefficient on the grid, cut inwards [millionths]."""
        return cut_up(self.min_beta), cut_down(self.max_beta)

    @property
    def places(self) -> int:
        """How many could be admitted."""
        return self.vacancies or len(self.freed)

    @property
    def freed_millionths(self) -> list[int]:
        """The freed coefficients [millionths]."""
        return [int(beta * MILLIONTHS) for beta in self.freed]
