"""The value of the obvious linear program, as an oracle."""

import numpy as np

from planner.coefficients.hourly_program import HourlySolver, solve_hourly_program
from planner.sharing_year import SharingYear


def solve_hourly_lp(
    year: SharingYear,
    lower: float | np.ndarray = 0.0,
    upper: float | np.ndarray = 1.0,
    solver: HourlySolver = HourlySolver.HIGHS,
) -> float:
    """Maximise self-consumed energy; return its sum [kWh]."""
    return solve_hourly_program(year, bounds=(lower, upper), solver=solver).value
