"""What unseen data can be judged by: an objective that is a sum, not the worst-off member's."""

from models.values.errors import InvalidArgumentError
from planner.goal import MAX_MIN, Goal, Objective


class UnsummedGoalError(InvalidArgumentError):
    """An objective raises the worst-off member, so that no sum over other data can judge it.

    Attributes
    ----------
    objective : Objective
        What was asked for.
    """

    def __init__(self, objective: Objective) -> None:
        super().__init__(
            f"{objective.value} is no sum; judge unseen data by {Objective.SELF_CONSUMPTION.value},"
            f" {Objective.SAVINGS.value}, {Objective.CO2.value} or {Objective.MIX.value}"
        )
        self.objective = objective


def require_sum(goal: Goal) -> None:
    """Refuse an objective that is no sum over members.

    Parameters
    ----------
    goal : Goal
        What counts.

    Raises
    ------
    UnsummedGoalError
        If it raises the worst-off member.
    """
    if goal.objective in MAX_MIN:
        raise UnsummedGoalError(goal.objective)
