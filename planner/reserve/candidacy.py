"""Who may be admitted, who must be, and who goes first where the value leaves a choice."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np
from numpy.typing import NDArray

from models.values.errors import InvalidArgumentError

_DAYS_A_YEAR = 365.25


class NoVacancyError(InvalidArgumentError):
    """There is no place to fill.

    Attributes
    ----------
    vacancies : int
        What was asked for.
    """

    def __init__(self, vacancies: int) -> None:
        super().__init__(f"{vacancies} vacancies: there must be at least one to fill")
        self.vacancies = vacancies


class TooManyPinnedError(InvalidArgumentError):
    """More candidates must be admitted than there are places.

    Attributes
    ----------
    pinned, vacancies : int
        Candidates that must be admitted, and places.
    """

    def __init__(self, pinned: int, vacancies: int) -> None:
        super().__init__(
            f"{pinned} candidates must be admitted, but there are {vacancies} vacancies; "
            "pin fewer or open more"
        )
        self.pinned = pinned
        self.vacancies = vacancies


@dataclass(frozen=True, slots=True, eq=False)
class Candidacy:
    """What is known of the candidates beside their energy.

    Attributes
    ----------
    eligible : ndarray of bool, shape (n_candidates,)
        Who may be admitted: meets the conditions and is not excluded.
    pinned : ndarray of bool, shape (n_candidates,)
        Who must be admitted; eligible, all of them.
    precedence : ndarray of int, shape (n_candidates,)
        Who goes first, lowest number, where the value leaves a choice.
    bonus : ndarray, shape (n_candidates,)
        What an admission counts for beside the energy [unit of the objective].
    """

    eligible: NDArray[np.bool_]
    pinned: NDArray[np.bool_]
    precedence: NDArray[np.intp]
    bonus: NDArray[np.float64]

    def places_in(self, vacancies: int) -> int:
        """Count the vacancies that can be filled."""
        if vacancies < 1:
            raise NoVacancyError(vacancies)
        if self.pinned.sum() > vacancies:
            raise TooManyPinnedError(int(self.pinned.sum()), vacancies)
        return min(vacancies, int(self.eligible.sum()))


def rank_by_seniority(joined_on: Sequence[date | None]) -> NDArray[np.intp]:
    """Rank candidates by how long they have waited, then by their place in the list.

    Parameters
    ----------
    joined_on : sequence of date or None, length n_candidates
        Day on which each joined the pool; those without one come last.

    Returns
    -------
    ndarray of int, shape (n_candidates,)
        0 for the first.

    Examples
    --------
    >>> rank_by_seniority([None, date(2025, 1, 1), date(2024, 1, 1)]).tolist()
    [2, 1, 0]
    """
    order = sorted(range(len(joined_on)), key=lambda place: joined_on[place] or date.max)
    return np.argsort(order)


def weigh_seniority(
    joined_on: Sequence[date | None], today: date, value_per_year: float
) -> NDArray[np.float64]:
    """Count the years waited, each for so much.

    Parameters
    ----------
    joined_on : sequence of date or None, length n_candidates
        Day on which each joined the pool; without one, nothing was waited.
    today : date
        Day up to which the years are counted.
    value_per_year : float
        What a year counts for [unit of the objective], at least 0.

    Returns
    -------
    ndarray, shape (n_candidates,)
        Bonus of each admission [unit of the objective].

    Raises
    ------
    InvalidArgumentError
        If a year counts for less than nothing, or for no number.

    Examples
    --------
    >>> weigh_seniority([date(2020, 1, 1), None], date(2024, 1, 1), 10.0).tolist()
    [40.0, 0.0]
    """
    if not (np.isfinite(value_per_year) and value_per_year >= 0):
        raise InvalidArgumentError(
            f"a year of waiting counts for {value_per_year}: must be a number of at least 0"
        )
    days = [0 if day is None else max(0, (today - day).days) for day in joined_on]
    return value_per_year * np.array(days, dtype=np.float64) / _DAYS_A_YEAR
