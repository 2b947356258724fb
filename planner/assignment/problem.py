"""The problem to solve: who may share in which plant, and what a coefficient there is worth."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from models.values.coefficient import MILLIONTHS
from models.values.errors import InfeasibleError
from planner.curves import ValueCurve

Values = NDArray[np.float64]
CauOf = NDArray[np.intp]

NO_CAU = -1
"""Position of the plant of somebody who shares in none."""


@dataclass(frozen=True, slots=True, eq=False)
class Capacity:
    """Least and greatest sum of something over those who share in a plant.

    Attributes
    ----------
    label : str
        What is summed, such as ``members`` or ``kW``; it names the rows of the program.
    size : ndarray, shape (n_members,)
        What each member adds.
    least, most : ndarray, shape (n_caus,)
        Limits of each plant's sum; ``most`` may be infinite.
    """

    label: str
    size: Values
    least: Values
    most: Values


@dataclass(frozen=True, slots=True, eq=False)
class AssignmentProblem:
    """Maximise what all plants bring over assignments, and over coefficients in each plant.

    Attributes
    ----------
    curves : tuple of tuple of ValueCurve, shape (n_caus, n_members)
        What a coefficient in each plant is worth to each member; concave.
    allowed : ndarray of bool, shape (n_members, n_caus)
        Who may share in which plant.
    capacities : tuple of Capacity
        What the members of a plant may add up to.
    lower, upper : int
        Least and greatest coefficient of those who share in a plant [millionths].
    everybody_shares : bool
        Whether nobody may be left without a plant.
    """

    curves: tuple[tuple[ValueCurve, ...], ...]
    allowed: NDArray[np.bool_]
    capacities: tuple[Capacity, ...] = ()
    lower: int = 0
    upper: int = MILLIONTHS
    everybody_shares: bool = True

    @property
    def n_members(self) -> int:
        """Number of members."""
        return len(self.allowed)

    @property
    def n_caus(self) -> int:
        """Number of plants."""
        return len(self.curves)

    def list_capacities(self) -> tuple[Capacity, ...]:
        """List the capacities, and the number of members that a sum of one needs or allows."""
        least = -(-MILLIONTHS // max(self.upper, 1))
        most = MILLIONTHS // self.lower if self.lower else self.n_members
        count = Capacity(
            label="members to share it",
            size=np.ones(self.n_members),
            least=np.full(self.n_caus, float(least)),
            most=np.full(self.n_caus, float(most)),
        )
        return (*self.capacities, count)


class OutOfReachError(InfeasibleError):
    """Some members may share in no plant.

    Attributes
    ----------
    members : tuple of int
        Their positions.
    """

    def __init__(self, members: tuple[int, ...]) -> None:
        listed = ", ".join(str(member + 1) for member in members)
        super().__init__(f"no plant is within reach of members number {listed}")
        self.members = members


class CapacityError(InfeasibleError):
    """No assignment keeps every capacity.

    Attributes
    ----------
    missing : int
        Members for whom no plant has room.
    shortfalls : tuple of (str, int, float)
        Of the plants that cannot fill what they need: what is summed, the plant's position, how
        much is missing.
    """

    def __init__(self, missing: int, shortfalls: tuple[tuple[str, int, float], ...]) -> None:
        facts = [f"{missing} members find no room in any plant within reach"] if missing else []
        facts += [
            f"plant number {cau + 1} is short of {lack:g} {label}"
            for label, cau, lack in shortfalls
        ]
        super().__init__(f"{'; '.join(facts)}: change the capacities or the limits")
        self.missing = missing
        self.shortfalls = shortfalls


def check_reach(problem: AssignmentProblem) -> None:
    """Make sure that everybody who must share may share somewhere.

    Parameters
    ----------
    problem : AssignmentProblem
        Who may share in which plant.

    Raises
    ------
    OutOfReachError
        If a member that must share is allowed in no plant.
    """
    lost = np.flatnonzero(~problem.allowed.any(axis=1))
    if lost.size and problem.everybody_shares:
        raise OutOfReachError(tuple(lost.tolist()))
