"""What a solver hands to the rounding: coefficients, the price of the sum, a proven bound."""

from dataclasses import dataclass

from planner.coefficients.problem import Shares


@dataclass(frozen=True, slots=True, eq=False)
class ContinuousSolution:
    """Coefficients before rounding.

    Attributes
    ----------
    beta : ndarray, shape (n_members,)
        Coefficients within the limits that sum to one [1].
    price : float
        Dual price of the sum: value of one more unit of coefficient [kWh or EUR].
    upper_bound : float
        Value that no feasible coefficients pass [kWh or EUR].
    solver, method : str
        What solved it, and how.
    """

    beta: Shares
    price: float
    upper_bound: float
    solver: str
    method: str
