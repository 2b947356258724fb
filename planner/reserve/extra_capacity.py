"""Who should get how much when the plant grows."""

import math
from dataclasses import dataclass, replace
from fractions import Fraction

import numpy as np
from numpy.typing import NDArray

from models.values.coefficient import MILLIONTHS
from models.values.errors import InvalidArgumentError
from planner.coefficients.choose import Choice, choose_within
from planner.coefficients.problem import Millionths
from planner.coefficients.region import Region
from planner.goal import Goal, YearCurves
from planner.sharing_year import SharingYear


class ShrinkingPlantError(InvalidArgumentError):
    """A plant that does not grow has nothing to hand out.

    Attributes
    ----------
    old_kw, new_kw : float
        Inverter power before and after [kW].
    """

    def __init__(self, old_kw: float, new_kw: float) -> None:
        super().__init__(
            f"the plant has {old_kw:g} kW and is to have {new_kw:g} kW: "
            "both must be above 0, and the second the greater"
        )
        self.old_kw = old_kw
        self.new_kw = new_kw


class CurrentSumError(InvalidArgumentError):
    """The coefficients in force do not sum to one.

    Attributes
    ----------
    total : int
        What they sum to [millionths].
    """

    def __init__(self, total: int) -> None:
        super().__init__(
            f"the coefficients in force sum to {total / MILLIONTHS:.6f}, not to 1; "
            "give every member the one that it has"
        )
        self.total = total


@dataclass(frozen=True, slots=True, eq=False)
class ExtraCapacity:
    """The coefficients of the grown plant.

    Attributes
    ----------
    choice : Choice
        Coefficients, value, bound and gap under the grown generation.
    kept : ndarray of int64, shape (n_members,)
        Least coefficients: those that keep each present member's power [millionths].
    added_kw : ndarray, shape (n_members,)
        What each gets beside what it had [kW].
    """

    choice: Choice
    kept: Millionths
    added_kw: NDArray[np.float64]


def share_extra_capacity(
    year: SharingYear, goal: Goal, current: Millionths, old_kw: float, new_kw: float
) -> ExtraCapacity:
    """Share what a plant gains, so that nobody has less power than before.

    Parameters
    ----------
    year : SharingYear
        Members, and candidates as further rows; generation of the plant as it is.
    goal : Goal
        What to make as large as possible.
    current : ndarray of int64, shape (n_members,)
        Coefficients in force [millionths]; 0 for candidates.
    old_kw, new_kw : float
        Inverter power before and after [kW].

    Returns
    -------
    ExtraCapacity
        The optimum under the grown generation.

    Raises
    ------
    ShrinkingPlantError
        If the plant does not grow.
    CurrentSumError
        If the coefficients in force do not sum to one.
    MissingPricesError
        If savings count and there are no prices.

    Notes
    -----
    Generation grows in proportion. ``current x old / new`` is rounded up to the grid, which never
    passes ``current``: so the least coefficients never sum to more than one.
    """
    if not (math.isfinite(new_kw) and 0 < old_kw < new_kw):
        raise ShrinkingPlantError(old_kw, new_kw)
    if current.sum() != MILLIONTHS:
        raise CurrentSumError(int(current.sum()))
    ratio = Fraction(old_kw) / Fraction(new_kw)
    kept = np.array([math.ceil(share * ratio) for share in current.tolist()], dtype=np.int64)
    grown = replace(year, generation_kwh=year.generation_kwh * (new_kw / old_kw))
    region = Region(MILLIONTHS, kept, np.full(kept.size, MILLIONTHS, dtype=np.int64))
    choice = choose_within(YearCurves(grown), goal, region)
    return ExtraCapacity(
        choice=choice,
        kept=kept,
        added_kw=(choice.millionths * new_kw - current * old_kw) / MILLIONTHS,
    )
