"""A distributor's curves held against ours: what is found of each supply point."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import NamedTuple

import numpy as np

from models.tables import SupplyPoint
from models.values.errors import CommunityError
from planner.metering.curve_causes import CurveCause, CurveFinding

__all__ = ["CurveCause", "CurveCheck", "CurveTotals", "CurvesCheck", "WorstHour"]


class CurveTotals(NamedTuple):
    """Energy of the hours that both have [Wh]."""

    grid_wh: int
    surplus_wh: int


class WorstHour(NamedTuple):
    """An hour in which the two are far apart."""

    start: np.datetime64
    ours: CurveTotals
    theirs: CurveTotals


@dataclass(frozen=True, slots=True)
class CurveCheck:
    """What was found of one supply point.

    Attributes
    ----------
    point : SupplyPoint
        Whose curve.
    start, end : date
        First local day, and the day after the last.
    n_hours, n_missing, n_differing : int
        Hours of these days, those that the file lacks, and those that differ beyond the tolerance.
    ours, theirs : CurveTotals
        Sums of the hours that both have.
    worst : tuple of WorstHour
        The hours that differ most, the worst first.
    finding : CurveFinding
        The likeliest cause.
    """

    point: SupplyPoint
    start: date
    end: date
    n_hours: int
    n_missing: int
    n_differing: int
    ours: CurveTotals
    theirs: CurveTotals
    worst: tuple[WorstHour, ...]
    finding: CurveFinding

    @property
    def agrees(self) -> bool:
        """Whether it is complete and differs by rounding at most."""
        return not self.n_missing and self.finding.cause in (
            CurveCause.EQUAL,
            CurveCause.ROUNDING,
        )


@dataclass(frozen=True, slots=True)
class CurvesCheck:
    """What was found of a file.

    Attributes
    ----------
    format : str
        What the file is.
    checks : tuple of CurveCheck
        Of each supply point, in the order of the file.
    failed : dict of str to CommunityError
        Codes that cannot be compared, and why.
    notes : tuple of str
        What was decided in reading the file.
    n_rejected : int
        Rows that were not taken.
    """

    format: str
    checks: tuple[CurveCheck, ...]
    failed: dict[str, CommunityError]
    notes: Sequence[str]
    n_rejected: int

    @property
    def agrees(self) -> bool:
        """Whether every curve could be compared, and agrees."""
        return not self.failed and not self.n_rejected and all(each.agrees for each in self.checks)
