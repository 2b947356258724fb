"""What a solver hands to the rounding: coefficients, the price of the sum, a proven bound."""

from dataclasses import dataclass

from planner.coefficients.multipliers import Multipliers
from planner.coefficients.problem import Shares


@dataclass(frozen=True, slots=True, eq=False)
class ContinuousSolution:
    """Coefficients before rounding.

    Attributes
    ----------
    beta : ndarray, shape (n_members,)
        Coefficients within the limits that sum to one [1].
    multipliers : Multipliers
        Dual prices that prove the bound: of the sum, of groups, of the change in total.
    upper_bound : float
        Value that no feasible coefficients pass [kWh or EUR].
    solver, method : str
        What solved it, and how.
    """

    beta: Shares
    multipliers: Multipliers
    upper_bound: float
    solver: str
    method: str

    @property
    def price(self) -> float:
        """Value of one more unit of coefficient for all members together."""
        return self.multipliers.total
