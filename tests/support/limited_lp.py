"""The whole year as one linear or integer program, with every limit: slow, and an oracle."""

from itertools import pairwise

import numpy as np
import pulp

from planner.coefficients.region import Region
from planner.goal import Goal
from planner.sharing_year import SharingYear


def solve_whole_year(year: SharingYear, goal: Goal, region: Region) -> float:
    """Maximise what a goal counts, one variable a member and interval; return the optimum."""
    program = pulp.LpProblem("year", pulp.LpMaximize)
    beta = _add_shares(program, region)
    used = _add_energy(program, year, beta)
    value = [(energy, goal.kwh_weight) for row in used for energy in row]
    if goal.weights.eur:
        value += [(saving, goal.weights.eur) for saving in _add_savings(program, year, beta, used)]
    program.setObjective(pulp.LpAffineExpression(value))
    program.addConstraint(pulp.lpSum(beta) == 1)
    for group in region.groups:
        total = pulp.lpSum(beta[member] for member in np.flatnonzero(group.members))
        program.addConstraint(total >= group.lower / region.grid)
        program.addConstraint(total <= group.upper / region.grid)
    if region.change is not None:
        moved = []
        for share, around in zip(beta, (region.change.around / region.grid).tolist(), strict=True):
            far = program.add_variable(f"far_{len(moved)}", 0)
            program.addConstraint(far >= share - around)
            program.addConstraint(far >= around - share)
            moved.append(far)
        program.addConstraint(pulp.lpSum(moved) <= region.change.most / region.grid)
    program.solve(pulp.HiGHS(msg=False, gapRel=0.0))
    assert program.sol_status == pulp.LpSolutionOptimal
    return float(pulp.value(program.objective))


def _add_shares(program: pulp.LpProblem, region: Region) -> list[pulp.LpAffineExpression]:
    """Add the coefficients, in whole blocks where the region asks for them."""
    cut = region.cut_to_blocks()
    whole = region.blocks is not None
    return [
        program.add_variable(
            f"parts_{member}",
            int(low) if whole else low / cut.grid,
            int(high) if whole else high / cut.grid,
            cat=pulp.LpInteger if whole else pulp.LpContinuous,
        )
        * (1 / cut.grid if whole else 1.0)
        for member, (low, high) in enumerate(zip(cut.lower, cut.upper, strict=True))
    ]


def _add_energy(
    program: pulp.LpProblem, year: SharingYear, beta: list[pulp.LpAffineExpression]
) -> list[list[pulp.LpVariable]]:
    """Add the self-consumed energy of each member and interval."""
    used = []
    for member, share in enumerate(beta):
        row = []
        for step, (generation, consumption) in enumerate(
            zip(year.generation_kwh.tolist(), year.consumption_kwh[member].tolist(), strict=True)
        ):
            energy = program.add_variable(f"used_{member}_{step}", 0, consumption)
            program.addConstraint(energy <= generation * share)
            row.append(energy)
        used.append(row)
    return used


def _add_savings(
    program: pulp.LpProblem,
    year: SharingYear,
    beta: list[pulp.LpAffineExpression],
    used: list[list[pulp.LpVariable]],
) -> list[pulp.LpVariable]:
    """Add each member's saving of each month, capped at what its energy would cost."""
    assert year.prices is not None
    energy_price, surplus_price = year.prices
    borders = [*year.month_starts.tolist(), year.generation_kwh.size]
    savings = []
    for member, share in enumerate(beta):
        for start, end in pairwise(borders):
            cap = float(energy_price[start:end] @ year.consumption_kwh[member, start:end])
            spilled = float(surplus_price[start:end] @ year.generation_kwh[start:end])
            gained = spilled * share + pulp.lpSum(
                float(energy_price[step] - surplus_price[step]) * used[member][step]
                for step in range(start, end)
            )
            saving = program.add_variable(f"saving_{member}_{start}", None, cap)
            program.addConstraint(saving <= gained)
            savings.append(saving)
    return savings
