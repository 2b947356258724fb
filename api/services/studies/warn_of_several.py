"""What a person should know before trusting a plan of several plants."""

import numpy as np

from api.services.proposals.warn_of_plan import warn_of_plan
from api.services.studies.plan_several import PlannedSeveral
from planner.coefficients.linear_program import GAP


def warn_of_several(planned: PlannedSeveral) -> list[str]:
    """List what is odd about a plan of several plants or the data it stands on.

    Parameters
    ----------
    planned : PlannedSeveral
        Assignment, plans and proof.

    Returns
    -------
    list of str
        One sentence each, those of a plant with its CAU; empty when nothing is odd.
    """
    warnings = [
        f"{plan.installation.cau}: {warning}"
        for plan in planned.plans
        for warning in warn_of_plan(plan)
    ]
    unplaced = int(np.isnan(planned.reach.distances_m).any(axis=1).sum())
    if unplaced:
        warnings.append(
            f"the distance to some installation is not known for {unplaced} members: they were"
            " taken to be near enough; fill lat and lon of the members' list and of caus"
        )
    if planned.gap > GAP:
        warnings.append(
            f"a better assignment may exist, by up to {planned.gap:.1e} of the bound: limits"
            " inside the plants, money that is not concave, or the time kept it open"
        )
    return warnings
